/**
 * A column means one thing. Everything leased has the same columns (leases.ts); a card's conversation is an id, the
 * name it is addressed by and the question it answers have their own columns, and its second post is a word instead of
 * hundreds of tries; deliveries, acts and the pace of threads have a table each.
 *
 * Replicas of the previous version cannot claim anything after this: their statements name columns that are gone.
 */
export const oneMeaning = `
alter table run rename column lease_until to leased_until;

alter table counting rename column until to leased_until;
alter table counting alter column leased_until drop not null;
alter table counting
  add column lease_token bigint not null default 0,
  add column lease_owner text,
  add column tries integer not null default 0,
  add column last_error text,
  add column not_before timestamptz not null default '-infinity';

alter table card rename column lease_until to leased_until;
alter table card rename column gap to unclear;
alter table card
  add column lease_owner text,
  add column conversation_name text,
  add column question text not null default '',
  add column second_post text check (second_post in ('promised', 'made'));
alter table card alter column conversation_id drop not null;
alter table card drop constraint card_topic_conversation_id_kind_key;

update card set kind = split_part(kind, ' ', 1), question = substr(kind, strpos(kind, ' ') + 1) where kind like '% %';

-- A card that was addressed by name is bound to the conversation where its message stands, or may stand.
update card set conversation_name = conversation_id, conversation_id = (
  select case when count(distinct split_part(c.id, ';', 1)) = 1 then min(c.id) end from conversation c
  where c.name = card.conversation_id and (card.activity_id is not null or card.create_started_at is not null))
where conversation_id !~ '^[[:alnum:]]+:[^[:space:]]+$' and not exists (select from conversation c where c.id = card.conversation_id);

-- The hundreds of tries meant a second post; hundreds of failed tries looked the same. The audit knows which is which.
update card set second_post = case when tries < 200 then 'promised' else 'made' end, tries = tries % 100
where activity_id is null and tries >= 100 and exists (
  select from audit a where a.entry like '%card-unclear%' and a.entry::jsonb ->> 'action' = 'card-unclear'
    and a.entry::jsonb #> '{detail,again}' = 'true' and a.entry::jsonb #>> '{detail,topic}' = card.topic
    and a.entry::jsonb #>> '{detail,conversation}' in (card.conversation_id, card.conversation_name));

alter table card add check (conversation_id is not null or conversation_name is not null);
create unique index card_address on card (topic, (coalesce(conversation_name, conversation_id)), kind, question);
create index card_message on card (activity_id);

create table delivery (
  id text primary key,
  first_at timestamptz not null default clock_timestamp(),
  answered_at timestamptz,
  answer jsonb,
  lease_token bigint not null default 0,
  lease_owner text,
  leased_until timestamptz,
  tries integer not null default 0,
  last_error text,
  not_before timestamptz not null default '-infinity'
);
create index delivery_age on delivery (first_at);

create table act (like delivery including all);

create table thread_pace (
  thread text primary key,
  slots timestamptz[] not null default '{}',
  next_slot timestamptz,
  held_until timestamptz,
  touched_at timestamptz not null default clock_timestamp()
);
create index thread_pace_age on thread_pace (touched_at);

insert into delivery (id, first_at, answered_at, answer)
  select id, at, case when answer ? 'value' then at end, answer -> 'value' from inbound
  where id like 'message %' or id like 'click %';
insert into act (id, first_at, answered_at, answer)
  select id, at, case when answer ? 'value' then at end, answer -> 'value' from inbound where id like 'act %';
insert into thread_pace (thread, slots, held_until, touched_at)
  select substr(id, 6), array(select to_timestamp(t::float8 / 1000) from jsonb_array_elements_text(answer -> 'times') t),
    to_timestamp((answer ->> 'held')::float8 / 1000), at from inbound where id like 'pace %' and answer ? 'times';
drop table inbound;
`;
