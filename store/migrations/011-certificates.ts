/**
 * The birth certificates of published versions, and the keys that goldbot has signed them with. A certificate is written
 * before its version is published, and signed as soon as there is a key that answers: `due_at` (world time) says when
 * that is tried next, `said` how the last try failed. `id` is the id of the gallery version in lower case.
 */
export const certificates = `
create table signing_key (
  id text primary key,
  kind text not null,
  public jsonb not null,
  since timestamptz not null
);
create table certificate (
  id text primary key,
  run_id text not null references run (id),
  payload text not null,
  digest text not null,
  made_at timestamptz not null,
  signature text,
  key_id text,
  signed_at timestamptz,
  said text,
  looks integer not null default 0,
  due_at timestamptz,
  lease_token bigint not null default 0,
  lease_owner text,
  leased_until timestamptz,
  tries integer not null default 0,
  last_error text,
  not_before timestamptz not null default '-infinity'
);
create index certificate_due on certificate (due_at) where signature is null;
create index certificate_run on certificate (run_id);
`;
