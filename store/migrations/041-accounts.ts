/** Signed accounts of alterations of the audit, appended to alone, as its checkpoints are. */
export const accounts = `
create table audit_account (
  id bigint generated always as identity primary key,
  at timestamptz not null,
  payload text not null,
  key_id text not null,
  signature text not null
);
create trigger audit_account_stays before update or delete or truncate on audit_account
  for each statement execute function audit_checkpoint_stays();
`;
