/** Whose message it is and how it is paced: nobody waits behind what somebody else asks, and no decision behind questions. */
export const fairTurns = `
alter table delivery add column person text, add column pace text;
create index delivery_person on delivery (person, first_at) where answered_at is null and activity is not null;
`;
