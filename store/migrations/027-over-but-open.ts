/**
 * A change that is over but for its review, or for the last word about it, leaves its subject to the next: what was
 * revoked and restored may have to be revoked again before anybody has looked back at the first time.
 */
export const overButOpen = `
drop index run_open;
create unique index run_open on run (kind, subject)
  where ended_at is null and not (kind = 'change' and stage in ('review', 'close'));
`;
