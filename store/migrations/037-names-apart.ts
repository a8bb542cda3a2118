/**
 * Entries of the audit hold object ids; names stand in `person`, where somebody who must be forgotten is taken out, and
 * `forgotten` says who was: entries of earlier versions hold their name, which is hashed and stays. Whom only those name is
 * put into `person` by its newest entry, one look into the index for each person. And `looked`: who was shown which teams
 * by what within the hour, which the audit tells once.
 */
export const namesApart = `
create table forgotten (
  oid text primary key,
  at timestamptz not null
);
create table looked (
  key text primary key,
  at timestamptz not null
);
create index looked_at on looked (at);
with recursive known (oid) as (
  (select substring(entry from '"oid":"([^"]*)"}}$') from audit
    where substring(entry from '"oid":"([^"]*)"}}$') is not null
    order by substring(entry from '"oid":"([^"]*)"}}$'), seq limit 1)
  union all
  select (select substring(entry from '"oid":"([^"]*)"}}$') from audit
    where substring(entry from '"oid":"([^"]*)"}}$') > known.oid
    order by substring(entry from '"oid":"([^"]*)"}}$'), seq limit 1)
  from known where known.oid is not null
)
insert into person (oid, name, at)
select known.oid, newest.entry::jsonb #>> '{who,name}', newest.at
from known, lateral (
  select a.entry, a.at from audit a where substring(a.entry from '"oid":"([^"]*)"}}$') = known.oid order by a.seq desc limit 1
) newest
where known.oid is not null and newest.entry::jsonb #>> '{who,name}' is not null
on conflict (oid) do nothing;
`;
