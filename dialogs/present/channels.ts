import { moment } from '../../cards';
import { call, line } from '../../core/command-call';
import type { Approval, Missing, MissingWhy } from '../../core/runs';
import type { ChannelState } from '../../store/reads';

/** Where goldbot speaks without being asked, and what to do when it cannot: the words for cards, lists and the start. */

/** How to mend it, or what happens by itself. */
const remedies: Readonly<Record<MissingWhy, (channel: string) => string>> = {
  'unknown channel': (channel) =>
    `goldbot is in no channel called "${channel}". Add goldbot to its team; if it has another name, ${sayThere(channel)}.`,
  'same name': (channel) => `Several channels are called "${channel}". To say which is meant, ${sayThere(channel)}.`,
  closed: (channel) =>
    `goldbot may not write in "${channel}" any more. Add it to that team again, or mention it there.`,
  waiting: (channel) =>
    `Teams takes no messages at the moment. goldbot posts the card in "${channel}" as soon as it does.`,
  silent: (channel) => `Teams did not say whether it took the card for "${channel}". goldbot posts it again by itself.`,
  refused: (channel) =>
    `Teams does not take the card for "${channel}"; its answer is in goldbot's log. goldbot keeps trying.`,
  'given up': (channel) =>
    `Teams never said whether it took the card for "${channel}", and goldbot does not post it again. Look there.`,
  deleted: (channel) => `Somebody deleted it in "${channel}" twice, and goldbot does not post it a third time.`,
};

/** Nobody knows a channel better than somebody who is in it: the command counts for where it is sent. */
function sayThere(channel: string): string {
  return `an admin mentions goldbot in it with “${line(call('channels', { name: channel, here: true }))}”`;
}

/** Why a card is not in Teams, and what to do about it: whole sentences. */
export function missingWords({ why, channel }: Pick<Missing, 'why' | 'channel'>): string {
  return remedies[why](channel);
}

/** It may be in Teams all the same. */
export function isDoubtful(missing: Pick<Missing, 'why'> | undefined): boolean {
  return missing?.why === 'silent' || missing?.why === 'given up';
}

/** The same for a list. */
export function unaskedShort(missing: Pick<Missing, 'why'> | undefined) {
  if (missing?.why === 'deleted') return 'its card was deleted';
  return isDoubtful(missing) ? 'perhaps nobody asked yet' : 'nobody asked yet';
}

/** Of a request whose card is missing; undefined when people have been asked. */
export function unaskedWords({ id, unasked }: Pick<Approval, 'id' | 'unasked'>): string | undefined {
  if (!unasked) return undefined;
  const doubtful = isDoubtful(unasked) ? 'Perhaps nobody has been asked' : 'Nobody could be asked';
  const head = unasked.why === 'deleted' ? 'Its card has been gone' : doubtful;
  return `${head} since ${moment(unasked.since)}: ${missingWords(unasked)} No card is needed for “${line(call('approve', { request: id }))}”.`;
}

/** Of a request that stands in Teams for the second time; undefined when its first message is there. */
export function deletedWords({ deletedAt }: Pick<Approval, 'deletedAt'>): string | undefined {
  if (!deletedAt) return undefined;
  return `Posted again: somebody deleted the earlier message of this request in Teams; goldbot noticed on ${moment(deletedAt)}. Decisions made there count.`;
}

/** What keeps goldbot from speaking in a channel of the catalogue; undefined when nothing does. */
export function channelTrouble({ name, conversationId, parkedWhy, others }: ChannelState): string | undefined {
  if (parkedWhy !== null) return missingWords({ why: 'closed', channel: name });
  // One that is alone is bound as soon as something goes there.
  if (conversationId !== null || others === 1) return undefined;
  return missingWords({ why: others > 1 ? 'same name' : 'unknown channel', channel: name });
}

/** A channel that works, with what people may be surprised by. */
export function channelWords({ name, conversationId, calledNow, others }: ChannelState): string {
  const called = calledNow !== null && calledNow !== name ? ` and is called "${calledNow}" in Teams now` : '';
  const same = conversationId === null ? others - 1 : others;
  const also =
    same === 0
      ? ''
      : ` Of the same name ${same === 1 ? 'is another channel' : `are ${same} other channels`}, where nothing is posted.`;
  return `"${name}" is known${called}.${also}`;
}
