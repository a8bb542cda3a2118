/**
 * Times ending in `_at` are world time; `lease_until`, `not_before`, `create_started_at` and all of `bucket` and
 * `inbound` are machine time by the database's clock.
 */
export const first = `
create table request (
  id text primary key,
  kind text not null check (kind in ('run', 'approval'))
);

create table run (
  id text primary key references request (id),
  kind text not null,
  subject text not null,
  plan jsonb not null,
  plan_hash text,
  stages text[] not null,
  stage text not null,
  attempt integer not null default 1,
  data jsonb not null default '{}',
  due_at timestamptz not null,
  not_before timestamptz not null default '-infinity',
  lease_token bigint not null default 0,
  lease_owner text,
  lease_until timestamptz,
  signal_seq integer not null default 0,
  version integer not null default 0,
  tries integer not null default 0,
  last_error text,
  created_at timestamptz not null,
  ended_at timestamptz,
  outcome text
);
create unique index run_open on run (kind, subject) where ended_at is null;
create index run_due on run (due_at) where ended_at is null;
create index run_of_subject on run (subject, created_at desc);

create table run_actor (
  run_id text not null references run (id),
  oid text not null,
  name text not null,
  did text not null,
  at timestamptz not null,
  primary key (run_id, oid)
);

create table signal (
  id bigint generated always as identity primary key,
  run_id text not null references run (id),
  kind text not null,
  by_oid text not null,
  by_name text not null,
  body jsonb not null,
  at timestamptz not null,
  consumed_version integer
);
create index signal_open on signal (run_id, id) where consumed_version is null;

create table approval (
  id text primary key references request (id),
  run_id text not null references run (id),
  plan_hash text not null,
  rule jsonb not null,
  channel text not null,
  status text not null,
  asked_at timestamptz not null,
  expires_at timestamptz not null,
  closed_at timestamptz,
  closed_by text,
  seq bigint generated always as identity
);
create unique index approval_pending on approval (run_id) where status = 'pending';
create index approval_of_run on approval (run_id, seq desc);

create table decision (
  approval_id text not null references approval (id),
  oid text not null,
  name text not null,
  verdict text not null,
  reason text,
  via text not null,
  at timestamptz not null,
  seq bigint generated always as identity,
  primary key (approval_id, oid)
);

create table intent (
  key text primary key,
  request text,
  outcome text,
  machine_at timestamptz not null default clock_timestamp()
);

create table conversation (
  id text primary key,
  tenant_id text not null,
  service_url text not null,
  reference jsonb not null,
  name text,
  parked_why text,
  edit_not_before timestamptz not null default '-infinity'
);

create table card (
  id bigint generated always as identity primary key,
  topic text not null,
  conversation_id text not null,
  kind text not null,
  thread_id text,
  activity_id text,
  wanted integer not null default 1,
  shown integer not null default 0,
  create_started_at timestamptz,
  gap boolean not null default false,
  tries integer not null default 0,
  last_error text,
  not_before timestamptz not null default '-infinity',
  lease_token bigint not null default 0,
  lease_until timestamptz,
  unique (topic, conversation_id, kind)
);
create index card_stale on card (not_before) where wanted > shown;

create table inbound (
  id text primary key,
  answer jsonb,
  at timestamptz not null default clock_timestamp()
);
create index inbound_age on inbound (at);

create table bucket (
  key text primary key,
  tokens double precision not null,
  at timestamptz not null
);

create table audit (
  seq bigint primary key,
  at timestamptz not null,
  entry text not null,
  prev text not null,
  hash text not null
);
create table audit_head (
  id integer primary key check (id = 1),
  seq bigint not null,
  hash text not null
);
insert into audit_head values (1, 0, '');
`;
