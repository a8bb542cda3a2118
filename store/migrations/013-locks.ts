/** Images that somebody has locked: who, why and since when (world time). */
export const locks = `
create table image_lock (
  image text primary key,
  by_oid text not null,
  by_name text not null,
  reason text not null,
  since timestamptz not null
);
`;
