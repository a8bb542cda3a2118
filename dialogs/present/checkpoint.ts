import { count, moment, noticeCard, number, type Reply } from '../../cards';
import { call } from '../../core/command-call';
import { type Account, openCheckpoint } from '../../core/provenance';
import type { Reads } from '../../store/reads';

/** So long that it stands in a few lines, and no detail is cut. */
const lineLength = 300;

/**
 * A checkpoint of the audit in the channel of those who keep it: what it says, and the envelope as `npm run audit:verify`
 * takes it. @throws Error when there is none over so many entries, or what is kept is none.
 */
export async function presentCheckpoint(
  entries: number,
  { checkpoint: of }: Pick<Reads, 'checkpoint'>,
): Promise<Reply> {
  const envelope = await of(entries);
  if (!envelope) throw new Error(`no checkpoint over ${entries} entries is kept`);
  const opened = openCheckpoint(envelope, []);
  if (!('checkpoint' in opened)) throw new Error(`what is kept as the checkpoint over ${entries} entries is none`);
  const { at, head } = opened.checkpoint;
  return noticeCard({
    message: `Checkpoint of the audit: ${count(entries, 'entry', 'entries')}`,
    details: [
      `Signed ${moment(new Date(at))} by ${envelope.signatures[0]?.keyid}. Hash of the last entry: ${head}.`,
      'Whoever has this message can hold the audit against it later: save what follows for npm run audit:verify.',
      ...(JSON.stringify(envelope).match(new RegExp(`.{1,${lineLength}}`, 'g')) ?? []),
    ],
    isList: true,
    next: [call('audit')],
  });
}

/** Each day, in the same channel, while the record is not as it was written; and once when it is again. */
export async function presentAlteration({
  alteration,
  accounts,
}: Pick<Reads, 'alteration' | 'accounts'>): Promise<Reply> {
  const found = await alteration();
  const account = (await accounts()).at(-1);
  if (!found && account) return presentAccount(account);
  if (!found) {
    return noticeCard({
      message: 'The audit is as it was written again',
      details: ['The check of the whole record found nothing wrong with it. Checkpoints are signed again.'],
      next: [call('audit')],
    });
  }
  return noticeCard({
    message: 'The audit has been altered',
    details: [
      `! ${firstWrong(found)}.`,
      found.fits
        ? `The record fits the checkpoint of ${moment(new Date(found.fits.at))} over its first ${count(found.fits.entries, 'entry', 'entries')}: what is wrong was done to what came after it.`
        : 'The record fits no checkpoint.',
      `Found on ${moment(new Date(found.since))}. No checkpoint is signed over it, and this is said each day until the record is whole again.`,
      'Find out who can write to the database, compare with its copies, and run npm run audit:verify with a checkpoint from this channel: it names what is wrong by what nobody could alter.',
    ],
    isList: true,
    next: [call('audit')],
  });
}

/** Whoever keeps the audit sees who answers, and for what: nobody does so unseen. */
function presentAccount({ altered, by, at, reason, entries }: Account): Reply {
  return noticeCard({
    message: 'Somebody answers for what was altered in the audit',
    details: [
      `! ${firstWrong(altered)}.`,
      `${by} answered for it on ${moment(new Date(at))}, with the key that signs checkpoints: ${reason}`,
      `The first ${count(entries, 'entry', 'entries')} stand as they were then, and what came since is as it was written. Checkpoints are signed again; npm run audit:verify names the alteration for ever.`,
    ],
    isList: true,
    next: [call('audit')],
  });
}

function firstWrong({ firstBroken: from, upTo, why }: Account['altered']): string {
  return upTo === undefined
    ? `Entry ${number(from)} is the first that is wrong or missing: ${why}`
    : `One of the entries ${number(from)} to ${number(upTo)} is the first that is wrong or missing: ${why}`;
}
