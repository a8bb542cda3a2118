import type { AuditRecord } from '../core/audit';
import type { ChannelMessage } from '../core/cloud';
import { calledAbout, isCall, type Mentioned } from '../core/mentions';
import type { MissingWhy } from '../core/runs';
import { appendAudit } from './audit';
import { type Database, jsonb, type Queryable, storable } from './database';
import { claim, givesBack, type Lease, type LeaseTerms, updateHeld } from './leases';

/** Live cards; the conversations in which they appear stand in conversations.ts. */

/** Topics are `run:<id>`, `approval:<id>`, `requests:<key>`, `digest:<id>` and `news:<id>:<word>`. */
interface Addressed {
  readonly topic: string;
  /** What renders it: `run`, `approval`, … */
  readonly kind: string;
  readonly threadId?: string | undefined;
  /** The message that this card answers, when the topic has a card in the conversation already. */
  readonly question?: string | undefined;
}

/** A card in a conversation that is known by its id. */
export interface CardInConversation extends Addressed {
  readonly conversationId: string;
}

/** A card for a channel as the catalogue has it: by its name (`Team / Channel`) or its id. */
export interface CardInChannel extends Addressed {
  readonly channel: string;
}

export type CardAddress = CardInConversation | CardInChannel;

/** One message that follows a topic. `shown < wanted`: it is due to be rendered from the current state and sent. */
export interface Card {
  readonly id: number;
  readonly topic: string;
  /** Where it is, may be, or is to go; null while only the channel's name is known. */
  readonly conversationId: string | null;
  /** The channel that the catalogue names; null for a card that was addressed by id. */
  readonly conversationName: string | null;
  readonly kind: string;
  /** Empty for the topic's own card of the conversation. */
  readonly question: string;
  readonly threadId: string | null;
  readonly activityId: string | null;
  readonly wanted: number;
  readonly shown: number;
  /** Machine time. With `activityId` null: a create whose outcome is unknown; it must not be repeated blindly. */
  readonly createStartedAt: Date | null;
  /** Whether a create whose outcome is unknown is to be posted once more, or has been. Null: neither. */
  readonly secondPost: 'promised' | 'made' | null;
  /** Creates of which nobody knows whether Teams took them, since the card was last known to be in Teams. */
  readonly unclearPosts: number;
  /** Why the card is not in Teams; null as long as nothing is wrong with it. */
  readonly missingWhy: MissingWhy | null;
  /** World time. Somebody had deleted its message in Teams, and it was posted anew; null as long as nobody did. */
  readonly deletedAt: Date | null;
  /** Hash of what Teams has, as far as that is known. */
  readonly look: string | null;
  /** Whom it mentioned as it was posted; null: nobody was to be. */
  readonly mentioned: Mentioned | null;
  readonly tries: number;
  /** How the last try failed; null since the last that did not. */
  readonly lastError: string | null;
  readonly leaseToken: number;
}

const columns = `card.id, card.topic, card.conversation_id as "conversationId", card.conversation_name as "conversationName",
  card.kind, card.question, card.thread_id as "threadId", card.activity_id as "activityId", card.wanted, card.shown,
  card.create_announced_at as "createStartedAt", card.second_post as "secondPost", card.unclear_posts as "unclearPosts",
  card.missing_why as "missingWhy", card.deleted_at as "deletedAt",
  case when card.look_of = card.shown then card.look end as look, card.mentioned, card.tries, card.last_error as "lastError", card.lease_token as "leaseToken"`;

const leaseOf = ({ id, leaseToken }: Pick<Card, 'id' | 'leaseToken'>): Lease => ({ of: 'card', id, token: leaseToken });

export { leaseOf as leaseOfCard };

/** Teams' ids have a kind and no spaces (`19:…@thread.tacv2`, `a:…`); channel names have a slash between spaces. */
const conversationId = /^\w+:\S+$/;

function placeOf(address: CardAddress): { readonly id: string | null; readonly name: string | null } {
  if ('conversationId' in address) return { id: address.conversationId, name: null };
  const { channel } = address;
  return conversationId.test(channel) ? { id: channel, name: null } : { id: null, name: channel };
}

/** The topic of the card on which a row of `approval` asks people: one that it shares with others, or its own. */
export const askingTopic = `coalesce(approval.card_topic, 'approval:' || approval.id)`;

/** A reminder waits for the same as the card beside which it stands. */
export async function waitedFor(db: Queryable, topic: string): Promise<string> {
  if (isCall(topic)) return calledAbout(topic);
  const request = /^news:[^:]+:(?:remind|turn|asked)-(R-\w{5})/.exec(topic)?.[1];
  if (request === undefined) return topic;
  const [home] = await db.query<{ topic: string }>(`select ${askingTopic} as topic from approval where id = $1`, [
    request,
  ]);
  return home?.topic ?? topic;
}

/** In an `update`: what a card shows has changed. It has been behind since the first change that it does not show. */
const wants = (card: string): string =>
  `wanted = ${card}.wanted + 1,
   wanted_at = case when ${card}.wanted > ${card}.shown then ${card}.wanted_at else clock_timestamp() end`;

/** Of a card that is a copy of another one, in the own chat of somebody who is not where that is. */
export const copyKind = 'copy';

/**
 * The request of a message (`topic`) in the own chats of people who are not where the message is posted, each once. Whoever
 * has the request already gets the message.
 */
export async function wantCopies(tx: Queryable, topic: string, oids: readonly string[]): Promise<void> {
  if (oids.length === 0) return;
  await tx.query(
    `with chat as (select min(id) as id from conversation
         where reference ->> 'person' = any ($3) and parked_why is null group by reference ->> 'person'),
       begun as (insert into card (topic, conversation_id, kind) select $1, id, '${copyKind}' from chat order by id
         on conflict do nothing returning conversation_id)
     insert into card (topic, conversation_id, kind) select $2, id, '${copyKind}' from chat
       where $1 <> $2 and id not in (select conversation_id from begun) order by id
     on conflict do nothing`,
    [await waitedFor(tx, topic), topic, oids],
  );
}

/**
 * In an `update`: the cards (of this condition), locked in the order of their ids, so that two transactions cannot
 * deadlock. As an array: of a subquery the server takes each row for a share of the table, and reads that whole.
 */
const inOrder = (which: string): string =>
  `id = any (array(select id from card where ${which} order by id for update))`;

/** Asks for a card to exist and be up to date; repeated calls only bring it up to date. */
export async function wantCard(tx: Queryable, card: CardAddress): Promise<void> {
  const { id, name } = placeOf(card);
  await tx.query(
    `insert into card (topic, conversation_id, conversation_name, kind, question, thread_id)
     values ($1, $2, $3, $4, $5, $6)
     on conflict (topic, (coalesce(conversation_name, conversation_id)), kind, question)
       do update set ${wants('card')}`,
    [card.topic, id, name, card.kind, card.question ?? '', card.threadId ?? null],
  );
}

/** The state behind these topics changed. After run, approval and signal, before the audit. */
export async function bumpTopics(tx: Queryable, topics: readonly string[]): Promise<void> {
  await tx.query(`update card set ${wants('card')} where ${inOrder('topic = any ($1)')}`, [topics]);
}

/**
 * Runs changed, or what people said about them: every card that shows one is drawn anew, be it the run's own, that of an
 * approval request (open or not, alone or with others) or a message beside it. Whoever changes a run calls this and names
 * no card, so that none is forgotten. After run, approval and signal, before the audit, and once for all runs of the
 * transaction: some share a card.
 */
export async function redrawRun(tx: Queryable, ...runIds: readonly string[]): Promise<void> {
  await tx.query(`update card set ${wants('card')} where ${cardsOfRuns}`, [runIds]);
}

/** Topics that begin with one of these (a query for texts) and a colon. The comparisons are those of the index. */
const topicsUnder = (beginnings: string): string =>
  `select c.topic from (${beginnings}) about (beginning), card c
   where c.topic ~>=~ (beginning || ':') and c.topic ~<~ (beginning || ';')`;

/** In an `update` or `delete`: the cards that show one of these runs (`$1`), as `inOrder`. */
export const cardsOfRuns: string = inOrder(`topic = any (array(
  select unnest(array['run:' || run.id, 'digest:' || run.id]) from unnest($1::text[]) run (id)
  union all select unnest(array['approval:' || id, card_topic]) from approval where run_id = any ($1)
  union all ${topicsUnder(`select unnest(array['news:' || run.id, 'call:news:' || run.id]) from unnest($1::text[]) run (id)
    union all select unnest(array['call:approval:' || id, 'call:' || card_topic]) from approval where run_id = any ($1)`)}))`);

/** What these topics are about has changed, which is known to whoever wants their cards: so have the messages that call about it. */
export async function redrawCalls(tx: Queryable, topics: readonly string[]): Promise<void> {
  await tx.query(
    `update card set ${wants('card')} where ${inOrder(`topic = any (array(
       ${topicsUnder(`select 'call:' || topic from unnest($1::text[]) topic`)}))`)}`,
    [topics],
  );
}

/** The digests of a team's newest week changed; earlier ones tell what was so then. Before the audit. */
export async function redrawDigests(tx: Queryable, team: string): Promise<void> {
  await tx.query(
    `update card set ${wants('card')} where ${inOrder(`topic = any (array(
       select 'digest:' || run_id from standing
       where team = $1 and week = (select max(week) from standing where team = $1)))`)}`,
    [team],
  );
}

/** Posts a message of its own (`topic`) wherever the card of `home` shows. */
export async function wantBeside(tx: Queryable, home: string, news: { topic: string; kind: string }): Promise<void> {
  await tx.query(
    `insert into card (topic, conversation_id, conversation_name, kind, thread_id)
     select $2, conversation_id, conversation_name, $3, thread_id from card
     where topic = $1 and kind = split_part($1, ':', 1) and question = '' order by id
     on conflict (topic, (coalesce(conversation_name, conversation_id)), kind, question)
       do update set ${wants('card')}`,
    [home, news.topic, news.kind],
  );
}

/**
 * One more asks on a card that may be in Teams already. Nobody is notified of an edit, so a message in its thread says so;
 * none while the card is still to be posted: it shows them all then. One that was given up gets its chances anew: this
 * one has asked nobody yet. `channel`: in this one alone.
 */
export async function joinCard(
  tx: Queryable,
  home: string,
  news: { readonly topic: string; readonly kind: string; readonly channel?: string | undefined },
): Promise<void> {
  await tx.query(
    `insert into card (topic, conversation_id, conversation_name, kind, thread_id)
     select $2, conversation_id, conversation_name, $3, coalesce(thread_id, activity_id) from card
     where topic = $1 and question = '' and not unclear
       and (kind = split_part($1, ':', 1) or (kind = '${copyKind}' and $4::text is not null))
       and (activity_id is not null or create_announced_at is not null)
       and coalesce(conversation_name, conversation_id) = coalesce($4, conversation_name, conversation_id) order by id
     on conflict (topic, (coalesce(conversation_name, conversation_id)), kind, question)
       do update set ${wants('card')}`,
    [home, news.topic, news.kind, news.channel ?? null],
  );
  await tx.query(
    `update card set unclear = false, create_announced_at = null, second_post = null, unclear_posts = 0, tries = 0,
       deleted_at = null, not_before = '-infinity'
     where ${inOrder('topic = $1 and unclear')}`,
    [home],
  );
}

export async function cardsOfTopic(db: Queryable, topic: string): Promise<Card[]> {
  return db.query<Card & Record<string, unknown>>(`select ${columns} from card where topic = $1 order by id`, [topic]);
}

/** One card by its address in a conversation. */
export async function findCard(db: Queryable, address: CardInConversation): Promise<Card | undefined> {
  const [card] = await db.query<Card & Record<string, unknown>>(
    `select ${columns} from card where topic = $1 and conversation_id = $2 and kind = $3 and question = $4 limit 1`,
    [address.topic, address.conversationId, address.kind, address.question ?? ''],
  );
  return card;
}

/**
 * The cards of the conversation `$1`. One that the version before addressed by name may be without an id; it belongs to
 * the conversation to which the name is bound, and to no other that is called the same.
 */
const ofConversation = `(conversation_id = $1 or (conversation_id is null
  and conversation_name in (select ch.name from channel ch where ch.conversation_id = $1)))`;

/** The topic under which goldbot posted a message of this conversation as a live card; null when it did not. */
export async function topicOfMessage(db: Queryable, conversation: string, activityId: string): Promise<string | null> {
  const [card] = await db.query<{ topic: string }>(
    `select topic from card where ${ofConversation} and activity_id = $2 order by id desc limit 1`,
    [conversation, activityId],
  );
  return card?.topic ?? null;
}

/** Whether a card of these topics is on its way to this conversation: its id is about to be known. */
export async function isBeingPosted(db: Queryable, conversation: string, topics: readonly string[]): Promise<boolean> {
  const rows = await db.query(
    `select 1 from card where ${ofConversation} and topic = any ($2) and activity_id is null
       and create_announced_at is not null and leased_until > clock_timestamp() limit 1`,
    [conversation, topics],
  );
  return rows.length > 0;
}

/**
 * Adopts a clicked message for the card whose create had an unknown outcome: somebody clicked it, so it exists. Returns
 * the topic of the adopted card, or null when no card of these topics was missing its message.
 */
export async function adoptMessage(
  db: Queryable,
  conversation: string,
  clicked: { readonly activityId: string; readonly topics: readonly string[] },
): Promise<string | null> {
  const [card] = await db.query<{ topic: string }>(
    `update card set activity_id = $2, conversation_id = $1, look = null, unclear = false, create_announced_at = null,
       not_before = '-infinity', tries = 0, unclear_posts = 0, missing_why = null, missing_at = null
     where id = (select id from card where ${ofConversation} and topic = any ($3) and activity_id is null
       and (create_announced_at is not null or unclear_posts > 0) and (leased_until is null or leased_until < clock_timestamp())
       order by id limit 1 for update skip locked)
     returning topic`,
    [conversation, clicked.activityId, clicked.topics],
  );
  return card?.topic ?? null;
}

/**
 * The topic of a card of this conversation that was posted again because nobody knew whether Teams had taken it: a
 * message that is not known and carries its request is then the earlier one. Null when there is none.
 */
export async function topicOfCopy(
  db: Queryable,
  conversation: string,
  topics: readonly string[],
): Promise<string | null> {
  const [card] = await db.query<{ topic: string }>(
    `select topic from card where ${ofConversation} and topic = any ($2) and activity_id is not null
       and second_post = 'made' order by id limit 1`,
    [conversation, topics],
  );
  return card?.topic ?? null;
}

/** Condition of a row of `card`, called `due`, that is to be posted or edited as soon as somebody has the time. */
export const cardBehind = `due.wanted > due.shown and not due.unclear
  and (due.activity_id is null or not exists (select from conversation c where c.id = due.conversation_id
    and (c.parked_why is not null or c.edit_not_before > clock_timestamp())))`;

/**
 * Leases a card that is behind its topic; undefined when there is none. Leaves out creates that were given up, and edits in
 * conversations that are parked or were edited too recently. A create is looked at wherever it is to go: only then is
 * it known where that is.
 */
export async function claimCard(db: Queryable, terms: LeaseTerms): Promise<Card | undefined> {
  return claim<Card>(db, 'card', terms, {
    where: cardBehind,
    values: [],
    order: 'due.not_before, due.id',
    returning: columns,
  });
}

/**
 * Must be committed before a create is sent to a conversation, with those whom it mentions there. False: the lease is lost,
 * send nothing.
 */
export async function cardCreating(
  db: Queryable,
  card: Card,
  to: { readonly conversation: string; readonly mentioned?: Mentioned | undefined },
): Promise<boolean> {
  // A promise is kept by this: if the process dies now, that is another death.
  const set = `create_announced_at = clock_timestamp(), conversation_id = $3, mentioned = $4,
    second_post = case when second_post is not null then 'made' end`;
  return updateHeld(db, leaseOf(card), set, [to.conversation, to.mentioned ? jsonb(to.mentioned) : null]);
}

/** Takes the announcement back, if nobody else holds the card: nothing was sent. The card is free again at once. */
export async function cardNotPosted(db: Queryable, card: Card): Promise<void> {
  const set = `create_announced_at = null, second_post = $3, ${givesBack}`;
  await updateHeld(db, leaseOf(card), set, [card.secondPost]);
}

/**
 * Records that what was sent shows the state of `card.wanted`, and what it looks like; absent: unknown. `editPauseMs`: no edit in this conversation before that
 * (machine time).
 */
export async function cardShown(
  db: Database,
  card: Card,
  sent: {
    readonly conversationId: string;
    readonly activityId: string;
    readonly editPauseMs: number;
    readonly look?: string;
  },
): Promise<boolean> {
  return db.transaction(async (tx) => {
    if (card.missingWhy !== null) await redrawRunOf(tx, card);
    const set = `activity_id = $4, conversation_id = $5, shown = greatest(shown, $3), look = $6,
      look_of = greatest(shown, $3), create_announced_at = null, tries = 0,
      last_error = null, not_before = '-infinity', unclear_posts = 0, missing_why = null, missing_at = null, ${givesBack}`;
    const kept = await updateHeld(tx, leaseOf(card), set, [
      ...[card.wanted, sent.activityId, sent.conversationId, sent.look ?? null],
    ]);
    await tx.query(
      `update conversation set edit_not_before = greatest(edit_not_before, clock_timestamp() + $2 * interval '1 ms')
       where id = $1`,
      [sent.conversationId, sent.editPauseMs],
    );
    return kept;
  });
}

/**
 * Records that a message without the card stands in its place, and what it looks like. The card is behind as before, and
 * rests on, as if its holder had died just now.
 */
export async function cardStoodIn(
  db: Database,
  card: Card,
  sent: { readonly conversationId: string; readonly activityId: string; readonly look: string },
): Promise<boolean> {
  return db.transaction(async (tx) => {
    if (card.missingWhy !== null) await redrawRunOf(tx, card);
    const set = `activity_id = $3, conversation_id = $4, look = $5, look_of = shown, create_announced_at = null,
      unclear_posts = 0, missing_why = null, missing_at = null, leased_until = clock_timestamp()`;
    return updateHeld(tx, leaseOf(card), set, [sent.activityId, sent.conversationId, sent.look]);
  });
}

/** Why people do not see a card, and since when as far as they are told (world time). */
export interface NotSeen {
  readonly why: MissingWhy;
  readonly at: Date;
}

/**
 * Records that Teams definitely did not take it. Retried after `retryMs` of machine time, with the channel looked up
 * again by name. `missing`: told to those who wait for the card; absent when it will pass by itself.
 */
export async function cardFailed(
  db: Database,
  card: Card,
  failure: { readonly error: string; readonly retryMs: number; readonly missing?: NotSeen | undefined },
): Promise<boolean> {
  const set = `create_announced_at = null, last_error = $3, not_before = clock_timestamp() + $4 * interval '1 ms',
    conversation_id = case when activity_id is null and conversation_name is not null then null else conversation_id end,
    ${givesBack}`;
  return leave(db, card, { set, values: [storable(failure.error), failure.retryMs], missing: failure.missing });
}

/**
 * Schedules the repeat of a create whose outcome is unknown, in `afterMs` of machine time, and releases the card. The
 * first of them is told in the audit (`record`).
 */
export async function promiseSecondPost(
  db: Database,
  card: Card,
  promise: { readonly afterMs: number; readonly missing: NotSeen; readonly record?: AuditRecord },
): Promise<boolean> {
  const { afterMs, missing, record } = promise;
  const set = `second_post = 'promised', unclear_posts = unclear_posts + 1,
    not_before = clock_timestamp() + $3 * interval '1 ms', ${givesBack}`;
  return leave(db, card, { set, values: [afterMs], missing, record });
}

/**
 * Looks at once at what waits for a conversation, by its id or a name of it. A create that may be in Teams keeps its time:
 * whoever sees it may click it first.
 */
export async function releaseCards(
  db: Queryable,
  { conversation, name }: { readonly conversation: string; readonly name: string | null },
): Promise<void> {
  await db.query(
    `update card set not_before = '-infinity' where ${inOrder(`wanted > shown and not_before > clock_timestamp()
       and create_announced_at is null and (conversation_id = $1 or conversation_name = $2
         or conversation_name in (select ch.name from channel ch where ch.conversation_id = $1))`)}`,
    [conversation, name],
  );
}

/** Records that the repeat is being made now. False: the lease is lost, send nothing. */
export async function makeSecondPost(db: Queryable, card: Card): Promise<boolean> {
  return updateHeld(db, leaseOf(card), `second_post = 'made'`);
}

/** Nobody is to see it any more, and nobody has: it is as if it had never been wanted. */
export async function dropUnposted(db: Queryable, { id, leaseToken }: Card): Promise<void> {
  await db.query(
    `delete from card where id = $1 and lease_token = $2 and leased_until is not null
       and activity_id is null and create_announced_at is null`,
    [id, leaseToken],
  );
}

/** Gives up on a card because Teams may or may not have taken its create, and says so in the audit. */
export async function cardUnclear(
  db: Database,
  card: Card,
  { record, missing }: { readonly record: AuditRecord; readonly missing: NotSeen },
): Promise<boolean> {
  return leave(db, card, { set: `unclear = true, ${givesBack}`, values: [], missing, record });
}

/**
 * Somebody deleted the message in Teams. While people are to act on it, it is posted anew the first time, where its
 * channel is now; the second time it is given up, and those who wait are told. Returns what becomes of it; `nothing`:
 * nobody is waited for, and no row was changed.
 */
export async function cardDeleted(
  db: Database,
  card: Card,
  record: AuditRecord<'card-deleted'>,
): Promise<'anew' | 'given up' | 'nothing'> {
  return db.transaction(async (tx) => {
    const asks = await tx.query(`select 1 from approval where ${askingTopic} = $1 and status = 'pending'`, [
      card.topic,
    ]);
    if (asks.length === 0 || card.kind === copyKind) return 'nothing';
    const again = card.deletedAt === null;
    if (!again) await redrawRunOf(tx, card);
    const set = again
      ? `deleted_at = $3, conversation_id = case when conversation_name is null then conversation_id end,
         thread_id = case when thread_id <> activity_id then thread_id end, not_before = '-infinity'`
      : `deleted_at = $3, missing_why = 'deleted', missing_at = $3, unclear = true`;
    const kept = await updateHeld(
      tx,
      leaseOf(card),
      `${set}, activity_id = null, look = null, create_announced_at = null, second_post = null, tries = 0, ${givesBack}`,
      [record.at],
    );
    if (kept) await appendAudit(tx, [{ ...record, detail: { ...record.detail, ...(again && { again }) } }]);
    return again ? 'anew' : 'given up';
  });
}

interface Leaving {
  /** Parameters begin with `$3`. */
  readonly set: string;
  readonly values: readonly unknown[];
  readonly missing: NotSeen | undefined;
  readonly record?: AuditRecord | undefined;
}

/** Leaves a card that is not in Teams for later, and draws the run anew that waits for an answer to it. */
async function leave(db: Database, card: Card, { set, values, missing, record }: Leaving): Promise<boolean> {
  return db.transaction(async (tx) => {
    const isNew = card.activityId === null && missing !== undefined && missing.why !== card.missingWhy;
    if (isNew) await redrawRunOf(tx, card);
    const [why, at] = [`$${values.length + 3}`, `$${values.length + 4}`];
    // From the first trouble on: people have been waiting since then, whatever came in the way later.
    const told = isNew ? `, missing_why = ${why}, missing_at = coalesce(missing_at, ${at})` : '';
    const all = isNew ? [...values, missing.why, missing.at] : values;
    const kept = await updateHeld(tx, leaseOf(card), set + told, all);
    if (kept && record) await appendAudit(tx, [record]);
    return kept;
  });
}

/**
 * The run's own cards say whether somebody could be asked. Locks them and this card in the one order of all cards, so that
 * no transaction that draws both anew can deadlock with it.
 */
async function redrawRunOf(tx: Queryable, { id, topic }: Card): Promise<void> {
  if (!/^(approval|requests):/.test(topic)) return;
  await tx.query(
    `update card set ${wants('card')} where id <> $1 and ${inOrder(`id = $1
       or topic = any (array(select 'run:' || run_id from approval where ${askingTopic} = $2))`)}`,
    [id, topic],
  );
}

/** The card of a topic in a channel, where a link can lead to it; undefined when there is none. */
export async function shownAt(db: Queryable, topic: string): Promise<ChannelMessage | undefined> {
  const [found] = await db.query<ChannelMessage & Record<string, unknown>>(
    `select c.conversation_id as "conversationId", c.activity_id as "activityId", c.thread_id as "threadId",
       v.group_id as "groupId", v.tenant_id as "tenantId"
     from card c join conversation v on v.id = c.conversation_id
     where c.topic = $1 and c.kind = split_part($1, ':', 1) and c.question = '' and c.activity_id is not null
       and v.group_id is not null and v.parked_why is null
     order by c.id limit 1`,
    [topic],
  );
  return found;
}

/** Whether some card about the topic is in Teams. */
export async function isShown(db: Queryable, topic: string): Promise<boolean> {
  const found = await db.query('select from card where topic = $1 and activity_id is not null limit 1', [topic]);
  return found.length > 0;
}

/** What the cards of a thread are about: of its first message, and of the answers. */
export async function topicsIn(db: Queryable, conversationId: string, threadId: string): Promise<readonly string[]> {
  const rows = await db.query<{ topic: string }>(
    'select distinct topic from card where conversation_id = $1 and (activity_id = $2 or thread_id = $2) order by topic',
    [conversationId, threadId],
  );
  return rows.map(({ topic }) => topic);
}
