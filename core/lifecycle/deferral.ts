import { days, hours } from '../time';
import type { UpgradeQuestion } from './sets';

/** What a team has put off: until then goldbot brings none of its scale sets to another version of the image. */
export interface Deferral {
  /** Of the run that keeps it. */
  readonly id: `R-${string}`;
  readonly team: string;
  /** Name in the catalogue. */
  readonly image: string;
  /** World time. */
  readonly until: Date;
  /** In the words of the person. */
  readonly reason: string;
  /** Who said so. */
  readonly by: string;
}

/** Goldbot's own limit, for what Azure names none of: a rollout that waits longer was meant never to come. */
export const longestDeferralDays = 90;

/** Azure's limit of a lifecycle hook before an upgrade: from the moment in which it asks. */
const longestHookMs = days(2);

/** World time that people have to answer once they are asked again, where Azure leaves as much. */
export const againMs = hours(1);

/** A scale set whose owner Azure asks, with what it asks now. */
export interface AskedSet {
  readonly name: string;
  readonly asks: 'hook' | 'deferral';
  /** Empty for a deferral by policy: Azure shows no question, and names no end. */
  readonly questions: readonly UpgradeQuestion[];
}

/** Until when something can be put off at most, and what makes it so: a clause. */
export interface DeferralLimit {
  readonly at: Date;
  readonly why: string;
}

/**
 * The earliest of all ends. A hook that asks nothing yet may begin to at any moment, and waits for two days from then;
 * Azure names no end for what a set's policy defers.
 */
export function deferralLimit(sets: readonly AskedSet[], now: Date): DeferralLimit {
  const own = {
    at: new Date(now.getTime() + days(longestDeferralDays)),
    why: `goldbot puts off nothing for more than ${longestDeferralDays} days`,
  };
  const limits = sets.flatMap(({ name, asks, questions }): readonly DeferralLimit[] => {
    if (asks === 'deferral') return [];
    if (questions.length > 0) {
      return questions.map(({ latest }) => ({ at: latest, why: `Azure waits with ${name} no longer` }));
    }
    return [
      { at: new Date(now.getTime() + longestHookMs), why: `Azure waits for the hook of ${name} two days at most` },
    ];
  });
  return [own, ...limits].reduce((first, one) => (one.at < first.at ? one : first));
}
