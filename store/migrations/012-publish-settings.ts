/** What people have set for the schedule of an image; it wins over the catalogue, field by field. `set_at` is world time. */
export const publishSettings = `
create table publish_setting (
  image text primary key,
  setting jsonb not null,
  by_name text not null,
  set_at timestamptz not null
);
`;
