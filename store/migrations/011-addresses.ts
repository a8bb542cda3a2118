/**
 * A channel that the catalogue names is bound to one conversation, whatever that is called later and whoever else calls a
 * channel so. A card that is not in Teams says why, since when people wait for it (world time), and how often it was
 * posted without an answer.
 *
 * Cards of open approval requests that the version before gave up on are posted once more.
 */
export const addresses = `
create table channel (
  name text primary key,
  conversation_id text not null,
  bound_at timestamptz not null,
  bound_by text
);
create index channel_conversation on channel (conversation_id);

insert into channel (name, conversation_id, bound_at)
  select c.name, min(c.id), now() from conversation c
  where c.parked_why is null and c.name in (select conversation_name from card)
  group by c.name having count(distinct split_part(c.id, ';', 1)) = 1;

alter table card
  add column missing_why text,
  add column missing_at timestamptz,
  add column unclear_posts integer not null default 0;

update card set unclear = false, second_post = 'promised', unclear_posts = 1,
    not_before = clock_timestamp() + interval '1 minute'
  where unclear and activity_id is null
    and topic in (select 'approval:' || id from approval where status = 'pending');
`;
