import {
  eventIdOf,
  type Happening,
  type ImageEvent,
  imageEvents,
  isOfImage,
  type Subscription,
} from '../core/webhooks';
import { jsonb, type Queryable, storable } from './database';
import { claim, givesBack, type Lease, type LeaseTerms, updateHeld } from './leases';

/** What conversations hear of images, and the notices of what happened that are on their way to them. */

interface Row extends Record<string, unknown> {
  readonly conversationId: string;
  readonly image: string;
  readonly events: readonly string[];
  readonly person: string | null;
  readonly oid: string;
  readonly name: string;
  readonly since: Date;
}

const columns = `conversation_id as "conversationId", image, events, person, by_oid as oid, by_name as name, since`;

/** Events that this version does not know are heard by nobody. */
function toSubscription({ oid, name, events, ...same }: Row): Subscription {
  return { ...same, events: imageEvents.filter((event) => events.includes(event)), by: { oid, name } };
}

export interface HeardBy {
  readonly conversationId?: string;
  /** Object id of the person whose own chat counts too. */
  readonly person?: string;
}

/** What the conversation, and the person in their own chat, hear of; by image. */
export async function subscriptionsOf(db: Queryable, { conversationId, person }: HeardBy): Promise<Subscription[]> {
  const rows = await db.query<Row>(
    `select ${columns} from subscription where conversation_id = $1 or person = $2 order by image, conversation_id`,
    [conversationId ?? null, person ?? null],
  );
  return rows.map(toSubscription);
}

type Key = Pick<Subscription, 'conversationId' | 'image'>;

/** Which nobody else changes before this transaction is over. */
export async function lockSubscription(tx: Queryable, key: Key): Promise<Subscription | undefined> {
  const rows = await tx.query<Row>(
    `select ${columns} from subscription where conversation_id = $1 and image = $2 for update`,
    [key.conversationId, key.image],
  );
  return rows.map(toSubscription)[0];
}

/** It takes the place of the one that the conversation may have of the image. */
export async function writeSubscription(tx: Queryable, subscription: Subscription): Promise<void> {
  const { conversationId, image, events, person, by, since } = subscription;
  await tx.query(
    `insert into subscription (conversation_id, image, events, person, by_oid, by_name, since)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (conversation_id, image) do update set events = excluded.events, person = excluded.person,
       by_oid = excluded.by_oid, by_name = excluded.by_name, since = excluded.since`,
    [conversationId, image, events, person, by.oid, storable(by.name), since],
  );
}

/** `image` absent: all of the conversation's. Returns what is gone, by image. */
export async function deleteSubscriptions(
  tx: Queryable,
  { conversationId, image }: Pick<Key, 'conversationId'> & { readonly image?: string },
): Promise<Subscription[]> {
  const rows = await tx.query<Row>(
    `delete from subscription where conversation_id = $1 and ($2::text is null or image = $2) returning ${columns}`,
    [conversationId, image ?? null],
  );
  return rows.map(toSubscription).sort((a, b) => (a.image < b.image ? -1 : 1));
}

/** The chat of a person with goldbot in which it was last heard from them; undefined when goldbot knows none. */
export async function ownChat(db: Queryable, person: string): Promise<string | undefined> {
  const [row] = await db.query<{ id: string }>(
    `select id from conversation where reference ->> 'person' = $1 and parked_why is null order by id limit 1`,
    [person],
  );
  return row?.id;
}

/** A notice for each conversation that hears of it; the same again changes nothing. In the transaction of what happened. */
export async function keepNotices(tx: Queryable, happened: readonly Happening[], at: Date): Promise<void> {
  for (const happening of happened) {
    const { kind, data } = happening;
    if (!isOfImage(kind) || data.image === undefined) continue;
    await tx.query(
      `insert into notice (id, event_id, conversation_id, image, person, happening, at, due_at)
       select $1 || ' ' || conversation_id, $1, conversation_id, image, person, $2, $3, $3
         from subscription where image = $4 and $5 = any (events) order by conversation_id
       on conflict (id) do nothing`,
      [eventIdOf(happening), jsonb(happening), at, data.image, kind],
    );
  }
}

/** What happened as a notice carries it. */
export interface Noticed {
  readonly happening: Happening & { readonly kind: ImageEvent };
  /** World time. */
  readonly at: Date;
}

export interface LeasedNotice extends Noticed, Key {
  readonly eventId: string;
  readonly person: string | null;
  /** How often it was tried. */
  readonly looks: number;
  readonly lease: Lease;
}

/** Leases the one that has waited longest. `now`: world time. */
export async function claimNotice(db: Queryable, now: Date, terms: LeaseTerms): Promise<LeasedNotice | undefined> {
  const row = await claim<Omit<LeasedNotice, 'lease'> & { id: string; token: number }>(db, 'notice', terms, {
    where: 'due.due_at <= $3',
    values: [now],
    order: 'due.due_at, due.id',
    returning: `notice.id, notice.event_id as "eventId", notice.conversation_id as "conversationId", notice.image,
      notice.person, notice.happening, notice.at, notice.looks, notice.lease_token as token`,
  });
  if (!row) return undefined;
  const { id, token, ...notice } = row;
  return { ...notice, lease: { of: 'notice', id, token } };
}

/** It is on its way: false when another replica holds it, which then asks for its card. */
export function writeNoticed(tx: Queryable, lease: Lease): Promise<boolean> {
  return updateHeld(tx, lease, `due_at = null, said = null, tries = 0, last_error = null, ${givesBack}`);
}

/** It is told to nobody there; `why`: for engineers and the audit. */
export function writePassedOver(tx: Queryable, lease: Lease, why: string): Promise<boolean> {
  const set = `due_at = null, said = $3, tries = 0, last_error = null, ${givesBack}`;
  return updateHeld(tx, lease, set, [storable(why)]);
}

/** `dueAt`: the next try, world time. */
export function writeNoticeDelayed(db: Queryable, lease: Lease, said: string, dueAt: Date): Promise<boolean> {
  const set = `said = $3, due_at = $4, looks = looks + 1, tries = 0, last_error = null, ${givesBack}`;
  return updateHeld(db, lease, set, [storable(said), dueAt]);
}

/** What happened, for the message that tells it; undefined once it is forgotten. */
export async function noticed(db: Queryable, eventId: string): Promise<Noticed | undefined> {
  const [row] = await db.query<Noticed & Record<string, unknown>>(
    'select happening, at from notice where event_id = $1 order by id limit 1',
    [eventId],
  );
  return row;
}
