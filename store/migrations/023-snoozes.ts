/** Rows of digests that somebody has set aside: by whom, why, and until when (world time). */
export const snoozes = `
create table snooze (
  team text not null,
  row_name text not null,
  machines integer not null,
  until timestamptz not null,
  reason text not null,
  by_oid text not null,
  by_name text not null,
  at timestamptz not null,
  primary key (team, row_name)
);
`;
