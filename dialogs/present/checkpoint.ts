import { count, moment, noticeCard, type Reply } from '../../cards';
import { call } from '../../core/command-call';
import { openCheckpoint } from '../../core/provenance';
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
