/**
 * How often in a row a step of a run failed, beside `tries`, which counts the claims: how long a failed step waits must
 * not depend on how often replicas died over the run before. It may have been another run that they died of.
 */
export const failures = `
alter table run add column failures integer not null default 0;
`;
