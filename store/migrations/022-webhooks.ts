/**
 * What other programs are told: one row for each event and receiver, written with what happened and kept until it is
 * sent. `at` and `due_at` are world time; `due_at` is null once it was sent (`sent_at`) or given up (`lost_at`), of which
 * `said` tells why.
 */
export const webhooks = `
create table webhook (
  id text primary key,
  event_id text not null,
  receiver text not null,
  kind text not null,
  subject text not null,
  body text not null,
  at timestamptz not null,
  due_at timestamptz,
  sent_at timestamptz,
  lost_at timestamptz,
  said text,
  looks integer not null default 0,
  machine_at timestamptz not null default clock_timestamp(),
  lease_token bigint not null default 0,
  lease_owner text,
  leased_until timestamptz,
  tries integer not null default 0,
  last_error text,
  not_before timestamptz not null default '-infinity'
);
create index webhook_due on webhook (due_at) where due_at is not null;
create index webhook_lost on webhook (receiver) where lost_at is not null;
`;
