/**
 * Signed checkpoints of the audit, appended to alone: `payload` is the text that is signed (how many entries, the hash of
 * the last, when). A table's owner can take the trigger away, so it is against accidents; against owners there is the
 * copy of a checkpoint that somebody else holds.
 */
export const checkpoints = `
create table audit_checkpoint (
  entries bigint primary key,
  head text not null,
  at timestamptz not null,
  payload text not null,
  key_id text not null,
  signature text not null
);
create function audit_checkpoint_stays() returns trigger language plpgsql as $$
begin
  raise exception 'checkpoints of the audit are appended to alone';
end $$;
create trigger audit_checkpoint_stays before update or delete or truncate on audit_checkpoint
  for each statement execute function audit_checkpoint_stays();
`;
