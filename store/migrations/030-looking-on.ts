/**
 * A rollout that only looks on while owners replace machines leaves its subject to the next version: nobody has to cancel
 * it first. Whatever else is over but open stays as it was.
 */
export const lookingOn = `
drop index run_open;
create unique index run_open on run (kind, subject)
  where ended_at is null and not (kind = 'change' and stage in ('track', 'review', 'close'));
`;
