/**
 * What goldbot says is so: why requests ended and what they are bound to, who somebody is, how long a wait may take and
 * what Azure would not delete, where a channel is, in which order messages are answered.
 */

/** Why an approval request was withdrawn or became void, as its card tells those who were asked. */
const whyClosed = `
alter table approval add column closed_why text;
`;

/**
 * Four eyes are compared by Entra object id: an id in capitals would be a second person. A person who stands twice on a run
 * or decision under two spellings keeps the first entry.
 */
const tables = [
  { table: 'run_actor', column: 'oid', key: 'run_id' },
  { table: 'decision', column: 'oid', key: 'approval_id' },
];

const lowerCaseIds = `
${tables
  .map(
    ({ table, column, key }) => `
delete from ${table} a using ${table} b
  where a.${key} = b.${key} and a.${column} <> b.${column} and lower(a.${column}) = lower(b.${column})
    and (a.at, a.${column}) > (b.at, b.${column});
update ${table} set ${column} = lower(${column}) where ${column} <> lower(${column});
alter table ${table} add constraint ${table}_${column}_lower check (${column} = lower(${column}));`,
  )
  .join('\n')}
update signal set by_oid = lower(by_oid) where by_oid <> lower(by_oid);
alter table signal add constraint signal_by_oid_lower check (by_oid = lower(by_oid));
`;

/**
 * Approval requests are bound to what they are about. Those that are open, or decided and not yet used, were not: their
 * runs look again at once and ask anew.
 */
const fingerprints = `
alter table approval add column fingerprint jsonb, add column void_reason jsonb;

update run set due_at = least(due_at, created_at)
where kind = 'publish' and stage in ('approve', 'publish') and ended_at is null;
`;

/**
 * No wait without an end. A run knows since when it has been in its stage (`entered`: `InStage` with stage and
 * attempt; a replica of the version before leaves it stale, which they show) and since when every try has failed.
 * What Azure would not delete in time outlives its run as a row, and is leased like everything else.
 */
const limits = `
alter table run add column entered jsonb, add column failing_since timestamptz;

create table leftover (
  id text primary key,
  kind text not null check (kind in ('template', 'machine', 'version', 'unread')),
  name text not null,
  run_id text not null references run,
  place jsonb not null,
  since timestamptz not null,
  answer text not null,
  looks integer not null default 0,
  due_at timestamptz not null,
  gone_at timestamptz,
  lease_token bigint not null default 0,
  lease_owner text,
  leased_until timestamptz,
  tries integer not null default 0,
  last_error text,
  not_before timestamptz not null default '-infinity'
);
create index leftover_due on leftover (due_at) where gone_at is null;
create index leftover_of_run on leftover (run_id);
`;

/**
 * A channel that the catalogue names is bound to one conversation, whatever that is called later and whoever else calls a
 * channel so. A card that is not in Teams says why, since when people wait for it (world time), and how often it was
 * posted without an answer.
 *
 * Cards of open approval requests that the version before gave up on are posted once more.
 */
const addresses = `
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

/** Messages of one person in one conversation are answered in order; null in rows of earlier versions. */
const lanes = `
alter table delivery add column lane text;
create index delivery_lane on delivery (lane, first_at) where answered_at is null and activity is not null;
`;

/** Every step of a run looks for the messages about it by the beginning of their topic, whatever the collation. */
const cardTopics = `
create index card_topic on card (topic text_pattern_ops);
`;

export const whatIsSaid = [whyClosed, lowerCaseIds, fingerprints, limits, addresses, lanes, cardTopics].join('');
