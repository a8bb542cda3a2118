/** Who has written to goldbot or was mentioned to it, as Teams calls them: it may not read Entra's list of people. World time. */
export const people = `
create table person (
  oid text primary key,
  name text not null,
  at timestamptz not null
);
`;
