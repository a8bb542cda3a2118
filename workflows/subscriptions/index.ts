/**
 * People and channels that hear of an image: a notice is kept for each of them in the transaction in which something
 * happens (engine/commit.ts, change/endings.ts); whichever replica leases it asks whether the person may still look at the
 * image, and for the one message that tells it. control.ts: what people set by command.
 */
import { rightsOf, roleGroups } from '../../core/access';
import type { Directory } from '../../core/azure';
import type { Catalogue } from '../../core/catalogue';
import { isUserError } from '../../core/errors';
import { type Clock, days, hours, minutes, seconds } from '../../core/time';
import {
  appendAudit,
  claimNotice,
  type Database,
  findConversation,
  goldbot,
  type Held,
  type LeasedNotice,
  subscriptionsOf,
  type Work,
  wantCard,
  writeNoticeDelayed,
  writeNoticed,
  writePassedOver,
} from '../../store';
import type { Wait } from '../engine';

export { createSubscriptionControl, type SubscriptionControl } from './control';

export interface NoticeDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly catalogue: () => Catalogue;
  readonly directory: Pick<Directory, 'memberOf'>;
}

/** How long goldbot asks whether somebody may hear of something: later it would be no news. */
export const asking: Wait = {
  waitsFor: 'Microsoft Graph to say whether a subscriber may still look at the image',
  ms: days(1),
  afterwards: 'That event is not told to this person, and the audit says so; the next one is asked about again.',
};

/** A person who was taken out of the groups hears nothing from a minute later on. Machine time. */
const freshMs = minutes(1);

/** World time between two tries: half a minute, 1 minute, 2 … at most an hour. */
const spacingMs = (looks: number): number => Math.min(seconds(30) * 2 ** Math.min(looks, 12), hours(1));

export function notices(deps: NoticeDeps): Work {
  return {
    name: 'notices',
    atOnce: 2,
    pollMs: seconds(1),
    unhurried: true,
    claim: async (terms) => {
      const notice = await claimNotice(deps.database, deps.clock.now(), terms);
      return notice && { lease: notice.lease, work: (held) => tell(deps, notice, held) };
    },
  };
}

async function tell(deps: NoticeDeps, notice: LeasedNotice, held: Held): Promise<void> {
  const { database, clock } = deps;
  const against = await whyNot(deps, notice).catch((error: unknown) => {
    if (isUserError(error) && error.code === 'DIRECTORY_SILENT') return silent;
    throw error;
  });
  if (against === silent) {
    const dueAt = new Date(clock.now().getTime() + spacingMs(notice.looks));
    if (dueAt.getTime() - notice.at.getTime() > asking.ms) return lose(deps, notice);
    return void (await writeNoticeDelayed(database, notice.lease, silent, dueAt));
  }
  if (against !== undefined) return void (await writePassedOver(database, notice.lease, against));
  if (!(await held.confirm())) return;
  const { conversationId, eventId, lease } = notice;
  await database.transaction(async (tx) => {
    // The card is a row of its own, one for each event and conversation: however often this comes about, it is one message.
    if (await writeNoticed(tx, lease)) await wantCard(tx, { topic: `told:${eventId}`, conversationId, kind: 'told' });
  });
}

const silent = 'Microsoft Graph did not say which groups the person is in';

/** Undefined: it is told. @throws UserError `DIRECTORY_SILENT`, `DATABASE_SILENT`. */
async function whyNot(deps: NoticeDeps, notice: LeasedNotice): Promise<string | undefined> {
  const { database, catalogue, directory } = deps;
  const { conversationId, image, person, happening } = notice;
  const heard = await subscriptionsOf(database, { conversationId });
  const still = heard.find((one) => one.image === image && one.conversationId === conversationId);
  if (!still?.events.includes(happening.kind)) return 'it was unsubscribed meanwhile';
  const conversation = await findConversation(database, conversationId);
  if (!conversation || conversation.parkedWhy !== null) return 'goldbot cannot write there any more';
  if (person === null) return undefined;
  const groups = await directory.memberOf(person, roleGroups(catalogue()), freshMs);
  return rightsOf(catalogue(), groups).has('viewer', image)
    ? undefined
    : 'the person may not look at the image any more';
}

async function lose({ database, clock }: NoticeDeps, { lease, eventId, image, person }: LeasedNotice): Promise<void> {
  await database.transaction(async (tx) => {
    if (!(await writePassedOver(tx, lease, silent))) return;
    const detail = { event: eventId, person: person ?? '', why: silent };
    await appendAudit(tx, [{ at: clock.now(), who: goldbot, action: 'notice-lost', subject: image, detail }]);
  });
}
