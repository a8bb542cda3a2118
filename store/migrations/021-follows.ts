/** Which channel of an image a team is measured against, because somebody of it chose so; without a row, Azure's latest. */
export const follows = `
create table follow (
  team text not null,
  image text not null,
  channel text not null,
  by_oid text not null,
  by_name text not null,
  since timestamptz not null,
  primary key (team, image)
);
`;
