/**
 * The daily look after versions whose life is over: one row. `found` is what has to stay in latest although it is past its
 * end, and why, so that the card that says so can be drawn without asking Azure. `due_at` is world time.
 */
export const endings = `
create table ending (
  id text primary key,
  found jsonb,
  due_at timestamptz not null,
  lease_token bigint not null default 0,
  lease_owner text,
  leased_until timestamptz,
  tries integer not null default 0,
  last_error text,
  not_before timestamptz not null default '-infinity'
);
`;
