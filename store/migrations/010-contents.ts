/**
 * What is inside each version that goldbot tested, as a CycloneDX document. The index finds those that have a package by
 * its name among hundreds of them.
 */
export const contents = `
create table contents (
  image text not null,
  version text not null,
  run_id text not null,
  read_at timestamptz not null,
  document jsonb not null,
  primary key (image, version)
);
create index contents_document on contents using gin (document jsonb_path_ops);
`;
