/**
 * Webhooks: what happened is kept in the transaction in which it happened (engine/commit.ts), and sent by whichever
 * replica leases it, at least once and under the same id, until it is taken, its receiver is gone, or three days are over.
 */
import type { Catalogue } from '../../core/catalogue';
import { believedMs, type Clock, days, hours, seconds } from '../../core/time';
import { secretProblem, signatureOf } from '../../core/webhooks';
import {
  appendAudit,
  claimWebhook,
  type Database,
  goldbot,
  type Held,
  type LeasedWebhook,
  type Work,
  writeDelayed,
  writeLost,
  writeSent,
} from '../../store';
import type { Wait } from '../engine';

export { createWebhookControl, type WebhookControl } from './control';

export interface WebhookDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly catalogue: () => Catalogue;
  /** What an environment variable holds, by its name in the catalogue. */
  readonly secret: (name: string) => string | undefined;
  /** This machine's clock in milliseconds, which receivers hold against theirs. */
  readonly machineMs: () => number;
  /** One POST. @throws Error without an answer. */
  readonly deliver: (delivery: {
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  }) => Promise<{ readonly status: number; readonly retryAfterMs?: number }>;
}

/** How long goldbot tries to hand an event over. */
export const delivering: Wait = {
  waitsFor: 'the receiver of a webhook to take an event',
  ms: days(3),
  afterwards: 'It is given up, and `webhooks` shows it: fix the receiver, then `webhooks <receiver> --resend`.',
};

/** World time between two tries: half a minute, 1 minute, 2 … at most six hours. */
const spacingMs = (looks: number): number => Math.min(seconds(30) * 2 ** Math.min(looks, 12), hours(6));

/** Sends what is due. Where the catalogue has no receivers, nobody looks. */
export function webhooks(deps: WebhookDeps): Work {
  return {
    name: 'webhooks',
    atOnce: 2,
    pollMs: seconds(1),
    unhurried: true,
    claim: async (terms) => {
      if ((deps.catalogue().programs?.webhooks ?? []).length === 0) return undefined;
      const webhook = await claimWebhook(deps.database, deps.clock.now(), terms);
      return webhook && { lease: webhook.lease, work: (held) => send(deps, webhook, held) };
    },
  };
}

async function send(deps: WebhookDeps, webhook: LeasedWebhook, held: Held): Promise<void> {
  const { catalogue, secret: secretOf, deliver, database, clock } = deps;
  const receiver = catalogue().programs?.webhooks.find(({ name }) => name === webhook.receiver);
  if (!receiver) return lost(deps, webhook, 'the catalogue has no such receiver any more');
  const secret = secretOf(receiver.secret) ?? '';
  const problem = secretProblem(secret);
  if (problem) return later(deps, webhook, `the secret ${receiver.secret} ${problem}`);
  // Whoever took it over meanwhile sends it.
  if (!(await held.confirm())) return;
  const { eventId: id, body } = webhook;
  const at = Math.floor(deps.machineMs() / 1_000);
  const headers = {
    'content-type': 'application/cloudevents+json; charset=utf-8',
    'webhook-id': id,
    'webhook-timestamp': String(at),
    'webhook-signature': signatureOf(secret, { id, at, body }),
  };
  const answer = await deliver({ url: receiver.url, headers, body }).catch((error: Error) => error);
  if (answer instanceof Error) return later(deps, webhook, `no answer: ${answer.message}`);
  const { status, retryAfterMs } = answer;
  if (status >= 200 && status < 300) return void (await writeSent(database, webhook.lease, clock.now()));
  if (status === 410) return lost(deps, webhook, 'it answered 410: it wants no more');
  await later(deps, webhook, said(status), believedMs(retryAfterMs ?? 0));
}

function said(status: number): string {
  const isRedirect = status >= 300 && status < 400;
  return isRedirect ? `it answered ${status}, and goldbot follows no redirect` : `it answered ${status}`;
}

async function later(deps: WebhookDeps, webhook: LeasedWebhook, why: string, leastMs = 0): Promise<void> {
  const { since, looks, lease } = webhook;
  const dueAt = new Date(deps.clock.now().getTime() + Math.max(spacingMs(looks), leastMs));
  if (dueAt.getTime() - since.getTime() > delivering.ms) return lost(deps, webhook, why);
  await writeDelayed(deps.database, lease, why, dueAt);
}

async function lost({ database, clock }: WebhookDeps, webhook: LeasedWebhook, why: string): Promise<void> {
  const { lease, eventId, receiver } = webhook;
  await database.transaction(async (tx) => {
    const at = clock.now();
    if (!(await writeLost(tx, lease, why, at))) return;
    const detail = { receiver, event: eventId, why };
    await appendAudit(tx, [{ at, who: goldbot, action: 'webhook-lost', detail }]);
  });
}
