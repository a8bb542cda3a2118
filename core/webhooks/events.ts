import { createHmac } from 'node:crypto';
import type { Catalogue } from '../catalogue';
import type { RequestId } from '../runs';

/**
 * What programs and people may be told, and what each event tells besides the run: the one table of events. Data: schema,
 * `subscribe`, docs and tests read it. `of`: what it is about; only what is about an image has subscribers.
 */
export const happenings = {
  published: {
    type: 'goldbot.version.published',
    of: 'image',
    means: 'A version was published: machines may start from it.',
  },
  promoted: {
    type: 'goldbot.version.promoted',
    of: 'image',
    means: 'A version was made latest by hand, or gone back to by a rollback.',
  },
  revoked: {
    type: 'goldbot.version.revoked',
    of: 'image',
    means: 'A version was taken out of latest in every region at once.',
  },
  retired: { type: 'goldbot.version.retired', of: 'image', means: 'A version was deleted.' },
  'end-of-life': {
    type: 'goldbot.version.end-of-life',
    of: 'image',
    means: 'The end of life of a version was set, moved or taken away, or has come.',
  },
  redeploy: {
    type: 'goldbot.rollout.redeploy',
    of: 'team',
    means: 'A version is rolled out to a team whose cattle stand alone and are behind: they may be redeployed from it.',
  },
  digest: { type: 'goldbot.digest.made', of: 'team', means: 'The weekly digest of a team was made.' },
} as const satisfies Readonly<
  Record<string, { readonly type: string; readonly of: 'image' | 'team'; readonly means: string }>
>;

export type WebhookKind = keyof typeof happenings;
export const webhookKinds = Object.keys(happenings) as [WebhookKind, ...WebhookKind[]];

/** Events of an image, which people and channels subscribe to. */
export type ImageEvent = { [K in WebhookKind]: (typeof happenings)[K]['of'] extends 'image' ? K : never }[WebhookKind];
export const imageEvents: readonly ImageEvent[] = webhookKinds.filter((kind): kind is ImageEvent => isOfImage(kind));

export function isOfImage(kind: WebhookKind): kind is ImageEvent {
  return happenings[kind].of === 'image';
}

/** Something that others are told. Nothing secret: what it says leaves the house. */
export interface Happening {
  readonly kind: WebhookKind;
  /** `ubuntu-22/1.6.0`, `payments`. */
  readonly subject: string;
  /** Absent: no run did it, time has come. */
  readonly runId?: RequestId;
  readonly data: {
    readonly image?: string;
    readonly version?: string;
    /** Resource id. */
    readonly id?: string;
    /** As Azure displays them. */
    readonly regions?: readonly string[];
    /** `promoted`: what a rollback took out of latest. */
    readonly hidden?: readonly string[];
    /** ISO 8601; null: it has none any more. */
    readonly endOfLife?: string | null;
    readonly team?: string;
    /** Resource ids of those that may be redeployed. */
    readonly machines?: readonly string[];
    /** ISO week. */
    readonly week?: string;
  };
}

/** The same however often it is told: whoever hears of it knows by this what they have heard. */
export function eventIdOf({ kind, runId, data: { image, version, team, endOfLife } }: Happening): string {
  const about = runId ?? `${image}-${(endOfLife ?? '').slice(0, 10)}`;
  return [about, kind, version ?? team].filter((part) => part !== undefined).join('-');
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

/** What happened, for people who have subscribed, and once for each receiver among programs. */
export interface Told {
  readonly happened: readonly Happening[];
  readonly webhooks: readonly NewWebhook[];
  /** World time. */
  readonly at: Date;
}

/** By the receivers of the catalogue in force that ask for its kind and image; who has subscribed stands in the store. */
export function toldOf({ programs }: Pick<Catalogue, 'programs'>, happened: readonly Happening[], at: Date): Told {
  const webhooks = happened.flatMap((happening) => {
    const { kind, subject, runId, data } = happening;
    const { image } = data;
    const receivers = (programs?.webhooks ?? []).filter(
      ({ events, images }) => events.includes(kind) && (!images || (image !== undefined && images.includes(image))),
    );
    if (receivers.length === 0) return [];
    const eventId = eventIdOf(happening);
    const body = JSON.stringify({
      ...{ specversion: '1.0', id: eventId, source: 'goldbot', type: happenings[kind].type, subject },
      ...{
        time: at.toISOString(),
        datacontenttype: 'application/json',
        data: { ...data, ...(runId && { run: runId }) },
      },
    });
    return receivers.map(({ name }) => ({ eventId, receiver: name, kind, subject, body, at }));
  });
  return { happened, webhooks, at };
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

/** What a conversation hears of an image: one message an event. A conversation has at most one for each image. */
export interface Subscription {
  /** Of Teams: a channel, a group, or somebody's chat with goldbot. */
  readonly conversationId: string;
  readonly image: string;
  /** In the order of the table of events; never empty. */
  readonly events: readonly ImageEvent[];
  /**
   * Object id of the person whose own chat it is: each event is told as long as they may look at the image. Null: the
   * conversation's, whoever comes and goes there.
   */
  readonly person: string | null;
  /** Who asked for it. */
  readonly by: { readonly oid: string; readonly name: string };
  /** World time. */
  readonly since: Date;
}
