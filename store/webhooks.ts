import type { NewWebhook, WebhookKind } from '../core/webhooks';
import { type Queryable, storable } from './database';
import { claim, givesBack, type Lease, type LeaseTerms, updateHeld } from './leases';

/** Events on their way to other programs. */

export interface LeasedWebhook {
  readonly eventId: string;
  readonly receiver: string;
  readonly body: string;
  /** World time: when it happened, or was last asked to be sent again. */
  readonly since: Date;
  /** How often it was tried. */
  readonly looks: number;
  readonly lease: Lease;
}

/** How a receiver is doing. */
export interface WebhookState {
  readonly receiver: string;
  /** Not sent yet. */
  readonly waiting: number;
  readonly lost: number;
  /** The newest of those that were given up or failed last; absent when all was sent. */
  readonly trouble?: { readonly kind: WebhookKind; readonly subject: string; readonly said: string; readonly at: Date };
}

/** In the transaction of what happened; the same event for the same receiver again changes nothing. */
export async function keepWebhooks(tx: Queryable, all: readonly NewWebhook[]): Promise<void> {
  for (const { eventId, receiver, kind, subject, body, at } of all) {
    await tx.query(
      `insert into webhook (id, event_id, receiver, kind, subject, body, at, due_at)
       values ($1, $2, $3, $4, $5, $6, $7, $7) on conflict (id) do nothing`,
      [`${eventId} ${receiver}`, eventId, receiver, kind, subject, body, at],
    );
  }
}

/** Leases the one that has waited longest. */
export async function claimWebhook(db: Queryable, now: Date, terms: LeaseTerms): Promise<LeasedWebhook | undefined> {
  const row = await claim<Omit<LeasedWebhook, 'lease'> & { id: string; token: number }>(db, 'webhook', terms, {
    where: 'due.due_at <= $3',
    values: [now],
    order: 'due.due_at',
    returning: `webhook.id, webhook.event_id as "eventId", webhook.receiver, webhook.body, webhook.at as since,
      webhook.looks, webhook.lease_token as token`,
  });
  if (!row) return undefined;
  const { id, token, ...webhook } = row;
  return { ...webhook, lease: { of: 'webhook', id, token } };
}

export function writeSent(db: Queryable, lease: Lease, at: Date): Promise<boolean> {
  const set = `sent_at = $3, due_at = null, said = null, tries = 0, last_error = null, ${givesBack}`;
  return updateHeld(db, lease, set, [at]);
}

/** `dueAt`: the next try. */
export function writeDelayed(db: Queryable, lease: Lease, said: string, dueAt: Date): Promise<boolean> {
  const set = `said = $3, due_at = $4, looks = looks + 1, tries = 0, last_error = null, ${givesBack}`;
  return updateHeld(db, lease, set, [storable(said), dueAt]);
}

/** Not tried any more until somebody asks for it. */
export function writeLost(tx: Queryable, lease: Lease, said: string, at: Date): Promise<boolean> {
  const set = `said = $3, lost_at = $4, due_at = null, looks = looks + 1, tries = 0, last_error = null, ${givesBack}`;
  return updateHeld(tx, lease, set, [storable(said), at]);
}

/** Receivers that have something to be sent, or did not get something. */
export async function webhookStates(db: Queryable): Promise<readonly WebhookState[]> {
  const rows = await db.query<{
    receiver: string;
    waiting: number;
    lost: number;
    trouble: { kind: WebhookKind; subject: string; said: string; at: string } | null;
  }>(
    `select receiver, (count(*) filter (where due_at is not null))::int as waiting,
       (count(*) filter (where lost_at is not null))::int as lost,
       (array_agg(jsonb_build_object('kind', kind, 'subject', subject, 'said', said, 'at', at) order by at desc)
         filter (where said is not null))[1] as trouble
     from webhook where due_at is not null or lost_at is not null group by receiver order by receiver`,
  );
  return rows.map(({ trouble, ...state }) => ({
    ...state,
    ...(trouble && { trouble: { ...trouble, at: new Date(trouble.at) } }),
  }));
}

/** What a receiver did not get is due again, under the ids that it had; returns how many. */
export async function sendLostAgain(tx: Queryable, receiver: string, now: Date): Promise<number> {
  const rows = await tx.query(
    `update webhook set due_at = $2, at = $2, lost_at = null, looks = 0, not_before = '-infinity'
     where receiver = $1 and lost_at is not null returning id`,
    [receiver, now],
  );
  return rows.length;
}
