import type { GoldenVersion, Judgement, OriginName, RecordedJudgement, TattooVerdict } from '../images';
import { days } from '../time';
import type { AgentPart } from './agents';
import type { GuestStatus, Machine } from './inventory';

/**
 * Why a golden machine is not known to be what its version says, worst first. `drift`: something inside was changed.
 * `unknown`: nobody has looked. `stale`: the last look found nothing, but is too old to count. `upgraded`: it was brought
 * to another version in place, which is no drift.
 */
export const driftCauses = ['drift', 'unknown', 'stale', 'upgraded'] as const;
export type DriftCause = (typeof driftCauses)[number];

/** An agent looks every quarter of an hour: one that has been silent for a day says nothing about today. */
export const staleAfterMs = days(1);

/** One guest configuration assignment of a machine, and what its agent last reported. */
export interface GuestLook {
  readonly name: string;
  readonly status: GuestStatus;
  /** Absent: never. */
  readonly checkedAt?: Date;
  /** What each failed check says; empty unless something failed. */
  readonly reasons: readonly string[];
}

/** What the agent of one machine reported. */
export interface GuestReport {
  /** Lower-case id of the machine. */
  readonly machine: string;
  readonly looks: readonly GuestLook[];
}

/** The last time that goldbot read the tattoo inside a machine. */
export interface TattooReading {
  /** Lower-case id of the machine. */
  readonly machine: string;
  /** World time. */
  readonly at: Date;
  readonly verdict: TattooVerdict;
  /** What the image reference named then, and what really ran; each absent where that was not a golden version. */
  readonly reference?: GoldenVersion;
  readonly runs?: GoldenVersion;
  /** What the tattoo inside says; `isBare`: there was none. */
  readonly inside?: GoldenVersion;
  readonly isBare?: true;
}

/** Why nobody knows what is inside a machine: no assignment looks at it, or its agent has never reported. */
export type Unlooked = 'no assignment' | 'no report';

/** What is the matter with a machine. */
export type DriftFinding =
  | { readonly cause: 'drift'; readonly looks: readonly GuestLook[] }
  | { readonly cause: 'drift'; readonly reading: TattooReading }
  | { readonly cause: 'unknown'; readonly why: Unlooked; readonly lacks?: readonly AgentPart[] }
  | { readonly cause: 'stale'; readonly look: GuestLook & { readonly checkedAt: Date } }
  | { readonly cause: 'upgraded'; readonly reading: TattooReading };

/** What is known about one machine beside its own row. */
export interface DriftEvidence {
  /** Name in the catalogue of the image that it was made from. */
  readonly image: string;
  readonly report?: GuestReport;
  readonly reading?: TattooReading;
  /** What is missing on it, of what guest configuration needs; absent where nobody looked. */
  readonly lacks?: readonly AgentPart[];
}

/** Undefined: as far as somebody has looked within the last day, it is what its version says. */
export function driftOf(machine: Machine, known: DriftEvidence, now: Date): DriftFinding | undefined {
  const looks = known.report?.looks ?? [];
  const failing = looks.filter(({ status }) => status === 'NonCompliant');
  const reading = known.reading && stillHolds(machine, known.image, known.reading) ? known.reading : undefined;
  const moved = reading && isMoved(reading);
  // The check of the tattoo cannot know that a person brought the machine to another version.
  const changed = moved ? failing.filter(({ name }) => !isTattooCheck(name)) : failing;
  if (changed.length > 0) return { cause: 'drift', looks: changed };
  if (moved) return { cause: 'upgraded', reading };
  if (reading && isChanged(reading.verdict)) return { cause: 'drift', reading };
  const finding = looks.length === 0 ? ({ cause: 'unknown', why: 'no assignment' } as const) : unlooked(looks, now);
  return finding?.cause === 'unknown' && known.lacks ? { ...finding, lacks: known.lacks } : finding;
}

function unlooked(looks: readonly GuestLook[], now: Date): DriftFinding | undefined {
  const looked = looks.flatMap((look) => (look.checkedAt ? [{ ...look, checkedAt: look.checkedAt }] : []));
  const [oldest] = looked.toSorted((a, b) => a.checkedAt.getTime() - b.checkedAt.getTime());
  if (!oldest || looked.length < looks.length) return { cause: 'unknown', why: 'no report' };
  const isStale = now.getTime() - oldest.checkedAt.getTime() > staleAfterMs;
  return isStale ? { cause: 'stale', look: oldest } : undefined;
}

/** A reading of a machine that has been made anew since says nothing about the one that is there. */
export function stillHolds({ createdAt, version }: Machine, image: string, { at, reference }: TattooReading): boolean {
  if (createdAt && createdAt > at) return false;
  return reference === undefined || (reference.image === image && reference.version === version);
}

export const isTattooCheck = (name: string): boolean => /tattoo/i.test(name);

/** A disk of another golden version is a move, one of anything else a change. */
function isMoved({ verdict, runs }: TattooReading): boolean {
  return verdict === 'upgraded in place' || (verdict === 'reimaged' && runs !== undefined);
}

const isChanged = (verdict: TattooVerdict): boolean =>
  verdict === 'rebranded' || verdict === 'forged' || verdict === 'reimaged';

/** What a judgement means here, whichever version of goldbot kept it. */
export function readingOf(judgement: Judgement | RecordedJudgement): Omit<TattooReading, 'machine' | 'at'> {
  const { verdict } = judgement;
  if (!('made' in judgement)) return { verdict };
  const [reference, made] = [golden(judgement.reference), golden(judgement.made)];
  const runs = judgement.inside ?? (verdict === 'reimaged' ? made : undefined);
  const { inside, unread } = judgement;
  return {
    ...{ verdict, ...(reference && { reference }), ...(runs && { runs }), ...(inside && { inside }) },
    ...(unread?.why === 'no tattoo' && { isBare: true }),
  };
}

const golden = (name: OriginName): GoldenVersion | undefined => ('image' in name ? name : undefined);
