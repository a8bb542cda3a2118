import type { Sleep } from '../core/time';
import { type Card, cardShown, type Database, type Queryable } from '../store';
import type { Log } from './log';

const here =
  'conversation_id in (select c.id from conversation c where c.id = $1 union select c.name from conversation c where c.id = $1)';

/** The topic under which goldbot posted a message of this conversation as a live card; null when it did not. */
export async function topicOfMessage(
  db: Queryable,
  conversationId: string,
  activityId: string,
): Promise<string | null> {
  const rows = await db.query<{ topic: string }>(
    `select topic from card where ${here} and activity_id = $2 order by id desc limit 1`,
    [conversationId, activityId],
  );
  return rows[0]?.topic ?? null;
}

/**
 * Takes a message for the card whose create nobody knew the end of: somebody clicked it, so it is there. Gives the topic
 * of the adopted card, null when no card of these topics was missing its message.
 */
export async function adoptMessage(
  db: Queryable,
  conversationId: string,
  clicked: { readonly activityId: string; readonly topics: readonly string[] },
): Promise<string | null> {
  const rows = await db.query<{ topic: string }>(
    `update card set activity_id = $2, gap = false, create_started_at = null, not_before = '-infinity', tries = 0
     where id = (select id from card where ${here} and topic = any ($3) and activity_id is null
       and create_started_at is not null and (lease_until is null or lease_until < clock_timestamp())
       order by id limit 1 for update skip locked)
     returning topic`,
    [conversationId, clicked.activityId, clicked.topics],
  );
  return rows[0]?.topic ?? null;
}

/** One card by its address. */
export async function findCard(
  db: Queryable,
  address: Pick<Card, 'topic' | 'conversationId' | 'kind'>,
): Promise<{ readonly activityId: string | null; readonly createStartedAt: Date | null } | undefined> {
  const rows = await db.query<{ activityId: string | null; createStartedAt: Date | null }>(
    `select activity_id as "activityId", create_started_at as "createStartedAt" from card
     where topic = $1 and conversation_id = $2 and kind = $3`,
    [address.topic, address.conversationId, address.kind],
  );
  return rows[0];
}

const secondChance = 100;

/**
 * What is known of a create that a process died over: `first` — nothing was done about it; `waiting` — it is to be posted
 * once more; `over` — that was tried too.
 */
export function chanceOf({ tries }: Pick<Card, 'tries'>): 'first' | 'waiting' | 'over' {
  if (tries < secondChance) return 'first';
  return tries < 2 * secondChance ? 'waiting' : 'over';
}

/** The next step of `chanceOf`, keeping the lease, or giving the card back until `afterMs` of machine time are over. */
export async function nextChance(db: Queryable, card: Card, afterMs: number | null): Promise<boolean> {
  const rows = await db.query(
    `update card set tries = tries + ${secondChance},
       lease_until = case when $3::float8 is null then lease_until end,
       not_before = clock_timestamp() + coalesce($3::float8, 0) * interval '1 ms'
     where id = $1 and lease_token = $2 returning id`,
    [card.id, card.leaseToken, afterMs],
  );
  return rows.length > 0;
}

/**
 * Notes that a card stands in Teams. It must never look like one that may be posted again, so this does not throw: when the
 * database stays silent, lease and `create_started_at` remain, and the card goes on as one that a process died over.
 */
export async function storePosted(
  { database, sleep, log }: { readonly database: Database; readonly sleep: Sleep; readonly log: Log },
  card: Card,
  sent: Parameters<typeof cardShown>[2],
): Promise<void> {
  for (const waitMs of [200, 1_000, 3_000, 5_000, undefined]) {
    try {
      await cardShown(database, card, sent);
      return;
    } catch (err) {
      if (waitMs === undefined) log.error({ topic: card.topic, err }, 'a card was posted; its id could not be stored');
      else await sleep(waitMs);
    }
  }
}

/** One text for the address of a card. */
export function keyOf({ topic, conversationId, kind }: Pick<Card, 'topic' | 'conversationId' | 'kind'>): string {
  return `${topic} ${conversationId} ${kind}`;
}
