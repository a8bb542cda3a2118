/**
 * Which run may change versions of an image: the one that took it last and is not over. Two that each look who uses the
 * image and then hide a version could together hide the last one.
 */
export const turns = `
create table image_turn (
  image text primary key,
  run_id text not null
);
`;
