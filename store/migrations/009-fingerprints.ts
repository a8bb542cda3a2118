/**
 * Approval requests are bound to what they are about. Those that are open, or decided and not yet used, were not: their
 * runs look again at once and ask anew.
 */
export const fingerprints = `
alter table approval add column fingerprint jsonb, add column void_reason jsonb;

update run set due_at = least(due_at, created_at)
where kind = 'publish' and stage in ('approve', 'publish') and ended_at is null;
`;
