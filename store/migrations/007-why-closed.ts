/** Why an approval request was withdrawn or became void, as its card tells those who were asked. */
export const whyClosed = `
alter table approval add column closed_why text;
`;
