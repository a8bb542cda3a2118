import { day, list, moment, noticeCard, type Reply, showButton, versionsButton } from '../../cards';
import { call } from '../../core/command-call';
import { isVersionPlan } from '../../core/runs';
import type { Noticed, Reads } from '../../store/reads';

/**
 * One event, as those who have subscribed to an image are told it, once.
 *
 * @throws Error when nothing is known of the event any more.
 */
export async function presentTold(eventId: string, reads: Pick<Reads, 'noticed' | 'run'>): Promise<Reply> {
  const found = await reads.noticed(eventId);
  if (!found) throw new Error(`no event ${eventId} to tell`);
  const { happening, at } = found;
  const { image = '', version = '' } = happening.data;
  const { message, details } = wordsOf(found);
  const isGone = happening.kind === 'retired';
  return noticeCard({
    message,
    details: [
      ...details,
      ...(await reasonFor(found, reads)),
      `It happened on ${moment(at)}. This conversation is subscribed to ${image}.`,
    ],
    buttons: isGone ? [versionsButton(image)] : [showButton(image, version), versionsButton(image)],
    next: [call('unsubscribe', { image })],
  });
}

interface Words {
  readonly message: string;
  readonly details: readonly string[];
}

const goOn = 'Machines that run it go on.';

function wordsOf({ happening: { kind, data }, at }: Noticed): Words {
  const { image, version, regions = [], hidden = [], endOfLife } = data;
  const name = `${image} ${version}`;
  const where = list(regions, 6);
  switch (kind) {
    case 'published':
      return { message: `${name} is published`, details: [`Machines may start from it in ${where}.`] };
    case 'promoted':
      if (hidden.length === 0) return { message: `${name} was promoted to latest`, details: [promotedIn(where)] };
      return {
        message: `${image} went back to ${version}`,
        details: [`${list(hidden, 6)} ${hidden.length === 1 ? 'was' : 'were'} taken out of latest in every region.`],
      };
    case 'revoked': {
      const details = [
        `It was taken out of latest in every region: what takes latest no longer starts from it. ${goOn}`,
      ];
      return { message: `${name} is revoked`, details };
    }
    case 'retired':
      return { message: `${name} is retired`, details: [`It was deleted: nothing new starts from it. ${goOn}`] };
    case 'end-of-life':
      return endingWords(name, endOfLife ?? null, at);
  }
}

const promotedIn = (where: string): string =>
  where === '' ? 'Wherever it has a copy and no higher version is offered.' : `In ${where}.`;

function endingWords(name: string, end: string | null, at: Date): Words {
  if (end === null) return { message: `${name} has no end of life any more`, details: [] };
  if (new Date(end) > at) {
    const details = ['Machines that run it are to move to a later version by then.'];
    return { message: `The life of ${name} ends on ${day(end)}`, details };
  }
  const details = [`It ended on ${day(end)}. Machines that still run it are to move to a later version.`];
  return { message: `The life of ${name} has ended`, details };
}

/** In the words of whoever asked. */
async function reasonFor({ happening: { runId } }: Noticed, reads: Pick<Reads, 'run'>): Promise<readonly string[]> {
  const run = runId && (await reads.run(runId));
  if (run?.kind !== 'change' || !isVersionPlan(run.plan) || run.plan.reason === undefined) return [];
  return [`Reason: “${run.plan.reason}”.`];
}
