/**
 * What conversations hear of images, and what they are to be told: a notice for each event and conversation, written with
 * what happened. `at` and `due_at` are world time; `due_at` is null once its card is asked for, or once it is passed over,
 * of which `said` tells why. `person`: whose own chat it is.
 */
export const subscriptions = `
create table subscription (
  conversation_id text not null,
  image text not null,
  events text[] not null,
  person text,
  by_oid text not null,
  by_name text not null,
  since timestamptz not null,
  primary key (conversation_id, image)
);
create index subscription_image on subscription (image);
create table notice (
  id text primary key,
  event_id text not null,
  conversation_id text not null,
  image text not null,
  person text,
  happening jsonb not null,
  at timestamptz not null,
  due_at timestamptz,
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
create index notice_due on notice (due_at) where due_at is not null;
create index notice_event on notice (event_id);
`;
