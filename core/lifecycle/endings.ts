import type { GalleryVersion } from '../azure';
import type { RestrictionEffect } from '../compliance';
import { hashOf } from '../hash';
import { channelsOf, compareVersions, isCandidate } from '../images';
import { dayOf } from '../time';
import { type Consumer, consumerWords, type ImageUsers } from './consumers';
import { isShown, latestIn } from './latest';
import type { ParityFound } from './parity';
import { type BlastRadius, blastRadius } from './radius';

/**
 * Which versions goldbot proposes to take away by itself: those whose life is over and that are still offered, and the oldest
 * ones beyond those that an image keeps. Azure enforces neither: an end of life is a date for people.
 */

/** The gallery as it is, and everybody who uses the image. */
export interface Estate {
  readonly all: readonly GalleryVersion[];
  readonly users: Pick<ImageUsers, 'consumers' | 'gaps'>;
  /** World time. */
  readonly now: Date;
}

/** A version past its end of life that nothing keeps out of latest. */
export interface Ended {
  readonly version: string;
  readonly ended: Date;
  /** Why it cannot be taken out of latest: sentences. Empty: it can. */
  readonly against: readonly string[];
}

const isPast = ({ endOfLife }: Pick<GalleryVersion, 'endOfLife'>, now: Date): boolean =>
  endOfLife !== undefined && endOfLife <= now;

/** Whether its life is over and it is still offered somewhere. */
function isOverdue(version: GalleryVersion, now: Date): boolean {
  return isPast(version, now) && isShown(version) && version.provisioningState !== 'Deleting';
}

/** Lowest number first: what stands above it is its successor as long as that is not past its own end. */
export function overdue({ all, users, now }: Estate): readonly Ended[] {
  return [...all].sort(byNumber).flatMap((one) => {
    const { version, endOfLife: ended } = one;
    if (!ended || !isOverdue(one, now)) return [];
    const radius = blastRadius({ act: 'revoke', versions: [version], all, users, now });
    return [{ version, ended, against: againstEnding(radius) }];
  });
}

const byNumber = (a: GalleryVersion, b: GalleryVersion): number => compareVersions(a.version, b.version);

/**
 * Why a version that is past its end of life has to stay in latest all the same: something would break, or what would be
 * latest instead is past its own end, or there is nothing. Who asked for it themselves may decide otherwise.
 */
export function againstEnding({ breaks, latest, gaps, now }: BlastRadius): readonly string[] {
  const [first] = breaks;
  const left = latest.flatMap(({ region, before, after, afterEnds }): readonly string[] => {
    if (before === undefined || before === after) return [];
    if (after === undefined) return [`no version would be latest in ${region}`];
    if (!afterEnds || afterEnds > now) return [];
    return [`${after} would be latest in ${region}, and its own life ended on ${dayOf(afterEnds)}`];
  });
  const [place] = left;
  const others = left.length > 1 ? `; the same goes for ${left.length - 1} more` : '';
  return [
    ...(first ? [`${consumerWords(first.consumer)} ${first.why}.`] : []),
    ...(place === undefined ? [] : [`${place.charAt(0).toUpperCase()}${place.slice(1)}${others}.`]),
    ...(gaps.length > 0 ? ['Azure did not tell everybody who uses it.'] : []),
  ];
}

/** A version that has to stay in latest although its life is over, as people are told of it each day. */
export interface HeldVersion {
  readonly image: string;
  readonly version: string;
  /** ISO 8601. */
  readonly ended: string;
  /** Why it stays: sentences. */
  readonly why: readonly string[];
  /** Where that is told: the channel in which people decide about the image. */
  readonly channel: string;
}

/** What the daily look found. */
export interface EndingsFound {
  /** ISO 8601, world time. */
  readonly asOf: string;
  readonly held: readonly HeldVersion[];
  /** ISO 8601: ends of life up to then were told to those who have subscribed. Absent: none was. */
  readonly toldUpTo?: string;
  /** Where a restriction follows the ends of life; absent in what earlier versions wrote. */
  readonly refused?: readonly RefusedThere[];
  /** Of the second gallery, once a week; absent where there is none, and in what earlier versions kept. */
  readonly parity?: ParityFound;
}

/** What a restriction that follows the ends of life does to versions that are past theirs. */
export interface RefusedThere {
  /** As it was asked for: a team, a subscription, `all`. */
  readonly target: string;
  /** Null when it is of no single team. */
  readonly team: string | null;
  readonly effect: RestrictionEffect;
  /** The request by which people decided so. */
  readonly decided: string;
  readonly refused: readonly { readonly image: string; readonly version: string }[];
  /** `why`: a clause. */
  readonly spared: readonly { readonly image: string; readonly version: string; readonly why: string }[];
}

/** The card of one channel and day. */
export type EndingsTopic = `ends:${string}:${string}`;

/** One message a channel and day, whatever it has to say. */
export function endingsTopic(channel: string, now: Date): EndingsTopic {
  return `ends:${placeOf(channel)}:${now.toISOString().slice(0, 10)}`;
}

/** What of it belongs on the card of this topic. */
export function heldOn(topic: EndingsTopic, { held }: EndingsFound): readonly HeldVersion[] {
  const [, place] = topic.split(':');
  return held.filter(({ channel }) => placeOf(channel) === place);
}

const placeOf = (channel: string): string => hashOf(channel).slice(0, 16);

/** What would become of the published versions of an image that keeps the highest few. Each is in one of the three. */
interface Retention {
  /** Highest first. */
  readonly kept: readonly string[];
  /** Oldest first: nobody uses them and none is latest. */
  readonly goes: readonly string[];
  /** Beyond those kept, and why they stay: a clause. Oldest first. */
  readonly stays: readonly { readonly version: string; readonly why: string }[];
}

/** `keep`: at least 1, so that the only version never goes. */
export function retention({ all, users, now }: Estate, keep: number): Retention {
  const published = all
    .filter((one) => !isCandidate(one) && one.provisioningState !== 'Failed' && one.provisioningState !== 'Deleting')
    .sort(byNumber);
  const beyond = published.slice(0, Math.max(0, published.length - keep));
  const judged = beyond.map((one) => ({ version: one.version, why: whyStays(one, { all, users, now }) }));
  return {
    kept: published
      .slice(beyond.length)
      .map(({ version }) => version)
      .reverse(),
    goes: judged.flatMap(({ version, why }) => (why === undefined ? [version] : [])),
    stays: judged.flatMap(({ version, why }) => (why === undefined ? [] : [{ version, why }])),
  };
}

/** Why they go, as approvers and the tags of the versions tell it. */
export function retentionReason(image: string, keep: number, { goes }: Pick<Retention, 'goes'>): string {
  return `${image} keeps ${keep === 1 ? '1 version' : `${keep} versions`}, and nobody uses ${goes.length === 1 ? 'this one' : 'these'}`;
}

/** Undefined: nothing stands against deleting it. */
function whyStays(one: GalleryVersion, { all, users, now }: Estate): string | undefined {
  const { version, regions, endOfLife, blockDeletionBeforeEndOfLife: blocks, provisioningState } = one;
  const latest = regions.filter(({ name }) => latestIn(all, name)?.version === version).map(({ name }) => name);
  if (latest.length > 0) return `it is latest in ${latest.join(', ')}`;
  const [channel] = channelsOf(one);
  if (channel) return `it is the ${channel} version`;
  if (blocks && endOfLife && endOfLife > now) return `its life goes on until ${dayOf(endOfLife)}`;
  const using = users.consumers.filter((consumer) => consumer.version === version && needs(consumer));
  const [first] = using;
  if (first) return `${usingWords(first)}${using.length > 1 ? `, and ${using.length - 1} more` : ''}`;
  if (users.gaps.length > 0) return 'Azure did not tell everybody who uses it';
  return provisioningState === 'Succeeded' ? undefined : 'Azure is working on it';
}

/** A disk and what was built from a version have copies of their own. */
const needs = ({ kind }: Consumer): boolean => kind !== 'disk' && kind !== 'descendant';

function usingWords(consumer: Consumer): string {
  const { kind, machines = 0, team } = consumer;
  if (kind !== 'machines') return `${consumerWords(consumer)} names it`;
  return `${machines} ${machines === 1 ? 'machine' : 'machines'} of ${team ?? 'no team'} ${machines === 1 ? 'runs' : 'run'} it`;
}
