import { hashOf } from '../hash';
import { days } from '../time';
import type { Deferral } from './deferral';

/**
 * What Azure asks the owners of scale sets, and whom goldbot has told of it. Each question is told of once, in the team's
 * own channel; once more when a deferral of it has come to its end.
 */

/** A scale set that waits for its owner, as a look found it. */
export interface AskSeen {
  /** Resource id of the scale set. */
  readonly set: string;
  readonly name: string;
  readonly team: string;
  /** The team's own. */
  readonly channel: string;
  /** Name in the catalogue. */
  readonly image: string;
  /** What it would come to: the latest where it is. */
  readonly version: string;
  /** The name that Azure gave it, or `deferral` where the set's policy defers, of which Azure shows no question. */
  readonly question: string;
  /** Instances that are older. */
  readonly behind: number;
  /** When Azure goes on without an answer, until when that can be put off, and what it does then; ISO 8601, world time. */
  readonly until?: string;
  readonly latest?: string;
  readonly otherwise?: 'approve' | 'reject';
}

/** A question, and where it was told. */
export interface Ask extends AskSeen {
  /** Of the card that tells of it; absent: nobody was told, because it is put off or a rollout of the team answers it. */
  readonly topic?: AsksTopic;
  /** The deferral that holds it back, and its end (ISO 8601). */
  readonly deferred?: { readonly id: string; readonly until: string };
  /** Since when Azure does not wait any more. */
  readonly over?: string;
}

/** What the last look found. */
export interface AsksFound {
  /** ISO 8601, world time. */
  readonly asOf: string;
  readonly asks: readonly Ask[];
}

export type AsksTopic = `asks:${string}`;

/** What holds questions back, or answers them. */
export interface AsksHeld {
  readonly deferrals: readonly Deferral[];
  /** What open rollouts bring to which version, as `rolled` has it. */
  readonly rolledOut: ReadonlySet<string>;
  /** Ids of scale sets of which Azure did not tell now, in lower case. */
  readonly silent: ReadonlySet<string>;
}

/** A rollout may look on for weeks: about a newer version it answers nothing. */
export const rolled = (set: string, version: string): string => `${set.toLowerCase()} ${version}`;

/** A batch of an upgrade that was asked about lately is no news. */
const newsMs = days(1);
/** What is over stays known, so that its card can be drawn. */
const keptMs = days(30);

const isSame = (one: AskSeen, other: AskSeen): boolean =>
  one.set === other.set && one.question === other.question && one.version === other.version;

/** What is known after a look. A topic that was not there before is a card to be posted. */
export function nextAsks(before: readonly Ask[], seen: readonly AskSeen[], held: AsksHeld, now: Date): readonly Ask[] {
  const open = seen.map((one) => askOf(one, before, held, now));
  const gone = before.filter((old) => !seen.some((one) => isSame(one, old)));
  return [...open, ...gone.flatMap((old) => overOf(old, held, now))];
}

function overOf(old: Ask, { silent }: AsksHeld, now: Date): readonly Ask[] {
  if (old.over === undefined) return silent.has(old.set.toLowerCase()) ? [old] : [{ ...old, over: now.toISOString() }];
  return now.getTime() - Date.parse(old.over) < keptMs ? [old] : [];
}

function askOf(one: AskSeen, before: readonly Ask[], { deferrals, rolledOut }: AsksHeld, now: Date): Ask {
  const last = before.find((old) => isSame(one, old));
  const topic = last?.topic;
  const deferral = deferrals.find(({ team, image }) => team === one.team && image === one.image);
  if (deferral) {
    const deferred = { id: deferral.id, until: deferral.until.toISOString() };
    return { ...one, ...(topic && { topic }), deferred };
  }
  if (topic && !cameToItsEnd(last?.deferred, now)) return { ...one, topic };
  if (rolledOut.has(rolled(one.set, one.version))) return { ...one, ...(topic && { topic }) };
  return { ...one, topic: (!last && toldLately(one, before, now)) || newTopic(one, now) };
}

/** Somebody who takes a deferral back before knows that the question is open again. */
const cameToItsEnd = (deferred: Ask['deferred'], now: Date): boolean =>
  deferred !== undefined && Date.parse(deferred.until) <= now.getTime();

/** The card that tells of the same upgrade already: Azure asks about each of its batches anew. */
function toldLately(one: AskSeen, before: readonly Ask[], now: Date): AsksTopic | undefined {
  const told = before.find(
    ({ set, version, topic, over }) =>
      topic !== undefined &&
      set === one.set &&
      version === one.version &&
      (over === undefined || now.getTime() - Date.parse(over) < newsMs),
  );
  return told?.topic;
}

/** One card for what is found for a team and an image in one look. */
const newTopic = ({ team, image, version }: AskSeen, now: Date): AsksTopic =>
  `asks:${hashOf({ team, image, version, at: now.toISOString() }).slice(0, 16)}`;

/** What of it belongs on the card of this topic. */
export function asksOn(topic: AsksTopic, { asks }: Pick<AsksFound, 'asks'>): readonly Ask[] {
  return asks.filter((one) => one.topic === topic);
}

/** The cards on which a team was asked about an image and still is, each once. */
export function cardsAbout(
  { asks }: Pick<AsksFound, 'asks'>,
  { team, image }: Pick<Ask, 'team' | 'image'>,
): readonly Required<Pick<Ask, 'topic' | 'channel'>>[] {
  const own = asks.filter((one) => one.team === team && one.image === image && one.over === undefined);
  const cards = new Map(own.flatMap(({ topic, channel }) => (topic ? [[topic, channel] as const] : [])));
  return [...cards].map(([topic, channel]) => ({ topic, channel }));
}

/** Cards to be posted or drawn anew: those of which something is different. */
export function changedTopics(
  before: readonly Ask[],
  after: readonly Ask[],
): readonly Required<Pick<Ask, 'topic' | 'channel'>>[] {
  const topics = new Map(
    [...before, ...after].flatMap(({ topic, channel }) => (topic ? [[topic, channel] as const] : [])),
  );
  const drawn = (topic: AsksTopic, asks: readonly Ask[]) => hashOf(asksOn(topic, { asks }));
  return [...topics]
    .filter(([topic]) => drawn(topic, before) !== drawn(topic, after))
    .map(([topic, channel]) => ({ topic, channel }));
}
