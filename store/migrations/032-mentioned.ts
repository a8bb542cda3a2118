/** Whom a card has mentioned where it was posted (`Mentioned` of core/mentions.ts): an edit says the same. */
export const mentioned = `
alter table card add column mentioned jsonb;
`;
