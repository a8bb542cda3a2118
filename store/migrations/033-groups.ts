/** Of a channel: its team's group of Entra (`aadGroupId` of Teams), without which no link leads to a message there. */
export const groups = `
alter table conversation add column group_id text;
`;
