import { type AuditRecord, appendAudit } from './audit';
import type { Database, Queryable } from './database';
import { storable } from './json';

/** Topics are `run:<id>` and `approval:<id>`. */
export interface CardAddress {
  readonly topic: string;
  /** Id of the conversation, or its name as the catalogue has it. */
  readonly conversationId: string;
  /** What renders it: `run`, `approval`, … */
  readonly kind: string;
  readonly threadId?: string | undefined;
}

/** One message that follows a topic. `shown < wanted`: it is to be rendered from the present state and sent. */
export interface Card {
  readonly id: number;
  readonly topic: string;
  readonly conversationId: string;
  readonly kind: string;
  readonly threadId: string | null;
  readonly activityId: string | null;
  readonly wanted: number;
  readonly shown: number;
  /** Machine time. With `activityId` null: a create whose answer nobody knows; it must not be repeated blindly. */
  readonly createStartedAt: Date | null;
  readonly tries: number;
  readonly leaseToken: number;
}

const columns = `card.id, card.topic, card.conversation_id as "conversationId", card.kind, card.thread_id as "threadId",
  card.activity_id as "activityId", card.wanted, card.shown, card.create_started_at as "createStartedAt", card.tries,
  card.lease_token as "leaseToken"`;

/** A card that is to exist and be up to date; repeated calls only bring it up to date. */
export async function wantCard(tx: Queryable, card: CardAddress): Promise<void> {
  await tx.query(
    `insert into card (topic, conversation_id, kind, thread_id) values ($1, $2, $3, $4)
     on conflict (topic, conversation_id, kind) do update set wanted = card.wanted + 1`,
    [card.topic, card.conversationId, card.kind, card.threadId ?? null],
  );
}

/** The state behind these topics changed. After run, approval and signal, before the audit. */
export async function bumpTopics(tx: Queryable, topics: readonly string[]): Promise<void> {
  if (topics.length === 0) return;
  // In one order, so that two transactions cannot wait for each other.
  await tx.query(
    `update card set wanted = wanted + 1 where id in (select id from card where topic = any ($1) order by id for update)`,
    [topics],
  );
}

/** What people were told about a run besides its card. */
export async function bumpNews(tx: Queryable, runId: string): Promise<void> {
  await tx.query(
    `update card set wanted = wanted + 1 where id in (select id from card where topic like $1 order by id for update)`,
    [`news:${runId}:%`],
  );
}

export async function cardsOfTopic(db: Queryable, topic: string): Promise<Card[]> {
  return db.query<Card & Record<string, unknown>>(`select ${columns} from card where topic = $1 order by id`, [topic]);
}

/**
 * Leases a card that is behind its topic; undefined when there is none. Parked conversations, cards with a gap, and edits
 * in conversations that had one too recently are left out.
 */
export async function claimCard(db: Queryable, leaseMs: number): Promise<Card | undefined> {
  const [card] = await db.query<Card & Record<string, unknown>>(
    `update card set lease_token = lease_token + 1, lease_until = clock_timestamp() + $1 * interval '1 ms'
     where id = (
       select k.id from card k
       where k.wanted > k.shown and not k.gap and k.not_before <= clock_timestamp()
         and (k.lease_until is null or k.lease_until < clock_timestamp())
         and (exists (select from conversation c where (c.id = k.conversation_id or c.name = k.conversation_id)
                and c.parked_why is null and (k.activity_id is null or c.edit_not_before <= clock_timestamp()))
           or not exists (select from conversation c where c.id = k.conversation_id or c.name = k.conversation_id))
       order by k.not_before, k.id limit 1 for update of k skip locked)
     returning ${columns}`,
    [leaseMs],
  );
  return card;
}

/** To be committed before a create leaves the process. False: the lease is lost, send nothing. */
export async function cardCreating(db: Queryable, card: Card): Promise<boolean> {
  return held(db, card, 'create_started_at = clock_timestamp()');
}

/** What was sent shows the state of `card.wanted`. `editPauseMs`: no edit in this conversation before that (machine time). */
export async function cardShown(
  db: Database,
  card: Card,
  sent: { readonly activityId: string; readonly editPauseMs: number },
): Promise<boolean> {
  return db.transaction(async (tx) => {
    const set = `activity_id = $4, shown = greatest(shown, $3), create_started_at = null, tries = 0, last_error = null,
      not_before = '-infinity', lease_until = null`;
    const kept = await held(tx, card, set, [card.wanted, sent.activityId]);
    await tx.query(
      `update conversation set edit_not_before = clock_timestamp() + $2 * interval '1 ms' where id = $1 or name = $1`,
      [card.conversationId, sent.editPauseMs],
    );
    return kept;
  });
}

/** Teams certainly did not take it. Tried again after `retryMs` of machine time. */
export async function cardFailed(
  db: Queryable,
  card: Card,
  failure: { readonly error: string; readonly retryMs: number },
): Promise<boolean> {
  const set = `create_started_at = null, tries = tries + 1, last_error = $3, lease_until = null,
    not_before = clock_timestamp() + $4 * interval '1 ms'`;
  return held(db, card, set, [storable(failure.error), failure.retryMs]);
}

/** Teams may or may not have taken a create: the card is given up, and the audit says so. */
export async function cardGap(db: Database, card: Card, record: AuditRecord): Promise<void> {
  await db.transaction(async (tx) => {
    if (await held(tx, card, 'gap = true, lease_until = null')) await appendAudit(tx, [record]);
  });
}

async function held(db: Queryable, card: Card, set: string, values: readonly unknown[] = []): Promise<boolean> {
  const rows = await db.query(`update card set ${set} where id = $1 and lease_token = $2 returning id`, [
    card.id,
    card.leaseToken,
    ...values,
  ]);
  return rows.length > 0;
}
