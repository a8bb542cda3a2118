/**
 * Schedules and digests. Times ending in `_at` are world time; `counting.until` is machine time by the database's
 * clock.
 */
export const digests = `
alter table run add column dedupe text unique;
create index run_digest on run ((plan ->> 'team'), created_at desc) where kind = 'digest';

create table schedule (
  key text primary key,
  kind text not null,
  spec jsonb not null,
  next_at timestamptz not null,
  paused_at timestamptz
);
create index schedule_due on schedule (kind, next_at) where paused_at is null;

create table digest_setting (
  team text primary key,
  setting jsonb not null,
  by_name text not null,
  set_at timestamptz not null
);

create table standing (
  run_id text primary key references run (id),
  team text not null,
  week text not null,
  extra boolean not null,
  counted_at timestamptz not null,
  body jsonb not null
);
create unique index standing_of_week on standing (team, week) where not extra;

create table team_count (
  team text primary key,
  counted_at timestamptz not null,
  body jsonb not null
);
create table counting (
  id integer primary key check (id = 1),
  until timestamptz not null
);
insert into counting values (1, '-infinity');
`;
