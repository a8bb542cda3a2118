import type { Person } from '../../core/access';
import type { AuditRecord } from '../../core/audit';
import type { Clock } from '../../core/time';
import type { ImageEvent, Subscription } from '../../core/webhooks';
import {
  appendAudit,
  type Database,
  deleteSubscriptions,
  lockSubscription,
  takeIntent,
  writeSubscription,
} from '../../store';

interface Asked {
  /** Where it is told. */
  readonly conversationId: string;
  readonly person: Person;
  /** Unique to one act of a person. */
  readonly intent: string;
}

export interface SubscribeRequest extends Asked {
  readonly image: string;
  readonly events: readonly ImageEvent[];
  /** The conversation is the person's own chat: they hear of it as long as they may look at the image. */
  readonly own: boolean;
}

export interface SubscriptionControl {
  /**
   * Sets what the conversation hears of the image, in place of what it heard before, which is the answer; whether the
   * person may has been checked before. Done once per intent.
   *
   * @throws UserError `DATABASE_SILENT`.
   */
  subscribe(request: SubscribeRequest): Promise<Subscription | undefined>;
  /** Ends what the conversation hears of the image, or of every one; answers what that was. A repeat finds nothing. */
  unsubscribe(request: Asked & { readonly image?: string }): Promise<readonly Subscription[]>;
}

interface ControlDeps {
  readonly database: Database;
  readonly clock: Clock;
}

export const createSubscriptionControl = (deps: ControlDeps): SubscriptionControl => ({
  subscribe: (request) => subscribe(deps, request),
  unsubscribe: (request) => unsubscribe(deps, request),
});

function subscribe({ database, clock }: ControlDeps, request: SubscribeRequest): Promise<Subscription | undefined> {
  const { conversationId, image, events, own, person, intent } = request;
  return database.transaction(async (tx) => {
    const isDone = (await takeIntent(tx, intent)) !== undefined;
    const before = await lockSubscription(tx, { conversationId, image });
    if (isDone) return before;
    const at = clock.now();
    const by = { oid: person.oid, name: person.name };
    await writeSubscription(tx, { conversationId, image, events, person: own ? person.oid : null, by, since: at });
    const detail = { conversation: conversationId, events, before: before?.events ?? null };
    await appendAudit(tx, [{ at, who: by, action: 'subscribe', subject: image, detail }]);
    return before;
  });
}

function unsubscribe(
  { database, clock }: ControlDeps,
  { conversationId, image, person, intent }: Asked & { readonly image?: string },
): Promise<readonly Subscription[]> {
  return database.transaction(async (tx) => {
    if ((await takeIntent(tx, intent)) !== undefined) return [];
    const gone = await deleteSubscriptions(tx, { conversationId, ...(image !== undefined && { image }) });
    const base = { at: clock.now(), who: { oid: person.oid, name: person.name }, action: 'unsubscribe' } as const;
    const records = gone.map((one): AuditRecord => {
      return { ...base, subject: one.image, detail: { conversation: conversationId, before: one.events } };
    });
    await appendAudit(tx, records);
    return gone;
  });
}
