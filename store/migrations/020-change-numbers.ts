/** Under which change of the enterprise's own records a request is approved. */
export const changeNumbers = `
alter table approval add column change_number text;
`;
