/**
 * Names alone, so that a replica of the version before neither fires a schedule nor announces a create beside a new one: it
 * could not store what it had posted.
 */
export const firesAt = `
alter table schedule rename column next_at to fires_at;
alter table card rename column create_started_at to create_announced_at;
`;
