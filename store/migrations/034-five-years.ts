/** What a few years of use would else read whole: the newest runs, those that missed their day, entries by what they are about. */
export const fiveYears = `
create index run_newest on run (created_at desc, id) where kind <> 'digest';
create index run_missed on run (created_at)
  where kind = 'publish' and outcome in ('failed', 'cancelled', 'expired') and plan -> 'schedule' is not null;
create index standing_of_team on standing (team, week desc, counted_at desc);
create index contents_newest on contents (read_at desc);
create index audit_at on audit (at);
create index audit_subject on audit ((substring(entry from '"subject":"([^"]*)","who":')), seq);
create index audit_who on audit ((substring(entry from '"oid":"([^"]*)"}}$')), seq);
`;
