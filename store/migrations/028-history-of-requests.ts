/** What happened to the requests of a run stands on their cards, which are drawn often: without this, the whole audit is read. */
export const historyOfRequests = `
create index audit_run on audit ((substring(entry from '"runId":"(R-[A-Z0-9]{5})"')));
`;
