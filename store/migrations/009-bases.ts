/**
 * What the marketplace last said of the images that builds start from, so that no question has to ask it: `found` stays
 * while asking again fails, `failed` says why nothing is known. `due_at` is world time.
 */
export const bases = `
create table base (
  id text primary key,
  found jsonb,
  failed jsonb,
  due_at timestamptz not null,
  lease_token bigint not null default 0,
  lease_owner text,
  leased_until timestamptz,
  tries integer not null default 0,
  last_error text,
  not_before timestamptz not null default '-infinity'
);
`;
