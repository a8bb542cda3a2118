/**
 * Groups that decide one after the other: for which of them, from 0, a decision counts. A replica of the release before
 * writes none, and knows neither such rules nor change numbers: its approvals of those requests are refused, so that
 * nothing is approved while two releases run that the rule does not allow. The person decides again.
 */
export const turnsOfGroups = `
alter table decision add column turn smallint;

create function decision_of_this_release() returns trigger language plpgsql as $$
begin
  if new.turn is null and new.verdict = 'approve'
      and exists (select 1 from approval where id = new.approval_id and jsonb_exists_any(rule, array['first', 'changeNumber']))
  then
    raise exception 'a replica of an earlier release does not know the rule of %', new.approval_id;
  end if;
  return new;
end $$;

create trigger decision_of_this_release before insert or update on decision
  for each row execute function decision_of_this_release();
`;
