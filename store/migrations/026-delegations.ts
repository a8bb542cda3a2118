/** Who decides in whose place, until when (world time); an empty image is every image. And in whose place a decision was made. */
export const delegations = `
create table delegation (
  from_oid text not null,
  from_name text not null,
  to_oid text not null,
  to_name text not null,
  image text not null,
  until timestamptz not null,
  at timestamptz not null,
  primary key (from_oid, image)
);
alter table decision add column for_oid text, add column for_name text;
`;
