import { createHmac } from 'node:crypto';
import type { Catalogue } from '../catalogue';
import type { RequestId } from '../runs';

/** What a receiver may ask for, and what each tells besides the run. Data: schema, docs and tests read it. */
export const happenings = {
  published: { type: 'goldbot.version.published', means: 'A version was published: machines may start from it.' },
  revoked: { type: 'goldbot.version.revoked', means: 'A version was taken out of latest in every region at once.' },
  retired: { type: 'goldbot.version.retired', means: 'A version was deleted.' },
  digest: { type: 'goldbot.digest.made', means: 'The weekly digest of a team was made.' },
} as const satisfies Readonly<Record<string, { readonly type: string; readonly means: string }>>;

export type WebhookKind = keyof typeof happenings;
export const webhookKinds = Object.keys(happenings) as [WebhookKind, ...WebhookKind[]];

/** Something that others are told. Nothing secret: what it says leaves the house. */
export interface Happening {
  readonly kind: WebhookKind;
  /** `ubuntu-22/1.6.0`, `payments`. */
  readonly subject: string;
  readonly runId: RequestId;
  readonly data: {
    readonly image?: string;
    readonly version?: string;
    /** Resource id. */
    readonly id?: string;
    /** As Azure displays them. */
    readonly regions?: readonly string[];
    readonly team?: string;
    /** ISO week. */
    readonly week?: string;
  };
}

/** One event for one receiver, as it is kept until it is sent. */
export interface NewWebhook {
  /** The same however often it is sent: receivers know by it what they have had. */
  readonly eventId: string;
  /** Its name in the catalogue. */
  readonly receiver: string;
  readonly kind: WebhookKind;
  readonly subject: string;
  /** The CloudEvent, byte for byte as it is signed. */
  readonly body: string;
  /** World time. */
  readonly at: Date;
}

/** What happened, once for each receiver of the catalogue in force that asks for its kind and image. */
export function webhooksOf(
  { programs }: Pick<Catalogue, 'programs'>,
  happened: readonly Happening[],
  at: Date,
): readonly NewWebhook[] {
  return happened.flatMap(({ kind, subject, runId, data }) => {
    const { image } = data;
    const receivers = (programs?.webhooks ?? []).filter(
      ({ events, images }) => events.includes(kind) && (!images || (image !== undefined && images.includes(image))),
    );
    if (receivers.length === 0) return [];
    const eventId = [runId, kind, data.version ?? data.team].filter((part) => part !== undefined).join('-');
    const body = JSON.stringify({
      ...{ specversion: '1.0', id: eventId, source: 'goldbot', type: happenings[kind].type, subject },
      ...{ time: at.toISOString(), datacontenttype: 'application/json', data: { ...data, run: runId } },
    });
    return receivers.map(({ name }) => ({ eventId, receiver: name, kind, subject, body, at }));
  });
}

/** As the Standard Webhooks specification writes secrets: `whsec_` and 24 to 64 bytes in base64. */
function keyIn(secret: string): Buffer | undefined {
  const text = /^whsec_([A-Za-z0-9+/]+={0,2})$/.exec(secret)?.[1];
  const key = text === undefined ? undefined : Buffer.from(text, 'base64');
  return key && key.length >= 24 && key.length <= 64 ? key : undefined;
}

/** What is wrong with a secret, as the end of a sentence and without any part of it; undefined when nothing is. */
export function secretProblem(secret: string | undefined): string | undefined {
  if (secret === undefined || secret === '') return 'is not set';
  return keyIn(secret) ? undefined : 'must be whsec_ and 24 to 64 bytes in base64';
}

/**
 * The value of `webhook-signature`: HMAC-SHA256 of `id.timestamp.body`. `at`: seconds since 1970, of the machine's clock.
 *
 * @throws Error for a secret that `secretProblem` finds wrong.
 */
export function signatureOf(secret: string, { id, at, body }: { id: string; at: number; body: string }): string {
  const key = keyIn(secret);
  if (!key) throw new Error('the secret of a webhook was not checked');
  return `v1,${createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')}`;
}
