/**
 * No wait without an end. A run knows since when it has been in its stage (`entered`: `InStage` with stage and
 * attempt; a replica of the version before leaves it stale, which they show) and since when every try has failed.
 * What Azure would not delete in time outlives its run as a row, and is leased like everything else.
 */
export const limits = `
alter table run add column entered jsonb, add column failing_since timestamptz;

create table leftover (
  id text primary key,
  kind text not null check (kind in ('template', 'machine', 'version', 'unread')),
  name text not null,
  run_id text not null references run,
  place jsonb not null,
  since timestamptz not null,
  answer text not null,
  looks integer not null default 0,
  due_at timestamptz not null,
  gone_at timestamptz,
  lease_token bigint not null default 0,
  lease_owner text,
  leased_until timestamptz,
  tries integer not null default 0,
  last_error text,
  not_before timestamptz not null default '-infinity'
);
create index leftover_due on leftover (due_at) where gone_at is null;
create index leftover_of_run on leftover (run_id);
`;
