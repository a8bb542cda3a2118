import { byText } from '../collections';
import { foreignLineage } from '../images';
import { many } from '../phrases';
import type { ComplianceFigures, Lineage } from './figures';
import type { Exemption } from './inventory';

const day = 86_400_000;

export const figureNames = [
  'machines',
  'onLatest',
  'behind',
  'pastEnd',
  'notGolden',
  'nonCompliant',
  'notEvaluated',
  'guestNonCompliant',
  'behindModel',
  'undecided',
] as const;
export type Figure = (typeof figureNames)[number];

interface Rule {
  readonly noun: string;
  /** Which way is good news; absent where neither is. */
  readonly better?: 'more' | 'fewer';
  readonly of: (standing: ComplianceFigures) => number | undefined;
}

const rules: Readonly<Record<Figure, Rule>> = {
  machines: { noun: 'machine', of: (s) => s.machines },
  onLatest: { noun: 'machine on the latest version', better: 'more', of: (s) => s.lineage.latest },
  behind: {
    noun: 'machine behind the latest version',
    better: 'fewer',
    of: (s) => s.lineage.behind + s.lineage.farBehind,
  },
  pastEnd: { noun: 'machine on a version past its end', better: 'fewer', of: (s) => s.lineage.pastEnd },
  notGolden: {
    noun: 'machine on no golden image',
    better: 'fewer',
    of: (s) => s.lineage.marketplace + s.lineage.otherGallery,
  },
  nonCompliant: {
    noun: 'machine that policies find not compliant',
    better: 'fewer',
    of: (s) => s.policy?.machines.NonCompliant,
  },
  notEvaluated: { noun: 'machine that no policy evaluated', better: 'fewer', of: (s) => s.policy?.notEvaluated },
  guestNonCompliant: {
    noun: 'machine not compliant inside',
    better: 'fewer',
    of: (s) => s.guest?.machines.NonCompliant,
  },
  behindModel: { noun: "instance behind the scale set's own model", better: 'fewer', of: (s) => s.behindModel },
  undecided: { noun: 'machine neither pet nor cattle yet', better: 'fewer', of: (s) => s.models.undecided },
};

/** Net: machines that left and others that came are not told apart. */
export interface Delta {
  readonly figure: Figure;
  readonly before: number;
  readonly after: number;
  /** `8 more machines on the latest version: 50 instead of 42`. */
  readonly sentence: string;
}

/** What most needs doing. */
export interface Offender {
  /** `ubuntu-22 1.3.0`, or where foreign machines come from. */
  readonly what: string;
  readonly lineage: Lineage;
  readonly machines: number;
}

export interface Deltas {
  /** When the earlier standing was counted; absent: there is none to compare with. */
  readonly since?: Date;
  readonly wins: readonly Delta[];
  readonly setbacks: readonly Delta[];
  /** Neither good nor bad: more or fewer machines. */
  readonly others: readonly Delta[];
  /** Cannot be compared, because one of the two standings does not have them. */
  readonly incomparable: readonly Figure[];
  readonly offenders: readonly Offender[];
  readonly exemptions: {
    readonly granted: readonly Exemption[];
    /** Were in force before and are not any more. */
    readonly ended: readonly Exemption[];
    /** End within the days that were asked for. */
    readonly ending: readonly Exemption[];
  };
}

/** What became of a team since its earlier standing, whose dates may be the text that a database keeps. */
export function deltas(before: ComplianceFigures | undefined, after: ComplianceFigures, endingWithinDays = 14): Deltas {
  const compared = before ? compare(before, after) : { deltas: [], incomparable: [] };
  const until = time(after.asOf) + endingWithinDays * day;
  const ids = (standing: ComplianceFigures) => new Set(standing.exemptions.map(({ id }) => id));
  const [old, now] = [before && ids(before), ids(after)];
  return {
    ...(before && { since: new Date(before.asOf) }),
    wins: compared.deltas.filter((c) => isBetter(c) === true),
    setbacks: compared.deltas.filter((c) => isBetter(c) === false),
    others: compared.deltas.filter((c) => isBetter(c) === undefined),
    incomparable: compared.incomparable,
    offenders: offendersOf(after),
    exemptions: {
      granted: old ? after.exemptions.filter(({ id }) => !old.has(id)) : [],
      ended: before ? before.exemptions.filter(({ id }) => !now.has(id)).map(revived) : [],
      ending: after.exemptions.filter(({ expiresAt }) => expiresAt !== undefined && time(expiresAt) <= until),
    },
  };
}

function compare(before: ComplianceFigures, after: ComplianceFigures) {
  const both = figureNames.map((figure) => ({ figure, was: rules[figure].of(before), is: rules[figure].of(after) }));
  return {
    deltas: both.flatMap(({ figure, was, is }): Delta[] => {
      if (was === undefined || is === undefined || was === is) return [];
      return [{ figure, before: was, after: is, sentence: sentenceOf(figure, was, is) }];
    }),
    incomparable: both.flatMap(({ figure, was, is }) => ((was === undefined) === (is === undefined) ? [] : [figure])),
  };
}

function isBetter({ figure, before, after }: Delta): boolean | undefined {
  const { better } = rules[figure];
  return better && (better === 'more') === after > before;
}

function sentenceOf(figure: Figure, was: number, is: number): string {
  const [first = '', ...rest] = rules[figure].noun.split(' ');
  const [amount = '', noun = ''] = many(Math.abs(is - was), first).split(' ');
  const number = (n: number) => n.toLocaleString('en-US');
  return `${[amount, is > was ? 'more' : 'fewer', noun, ...rest].join(' ')}: ${number(is)} instead of ${number(was)}`;
}

/** Worst first; of equal ones those with most machines. */
const worstFirst: readonly Lineage[] = ['pastEnd', 'marketplace', 'otherGallery', 'farBehind', 'behind', 'unknown'];

function offendersOf({ versions, foreign }: ComplianceFigures): readonly Offender[] {
  const golden = versions
    .filter(({ lineage }) => lineage !== 'latest')
    .map(({ image, version, lineage, machines }) => ({ what: `${image} ${version}`, lineage, machines }));
  const others = foreign.map(({ source, machines }) => ({ what: source, lineage: foreignLineage(source), machines }));
  const rank = (offender: Offender) => worstFirst.indexOf(offender.lineage);
  return [...golden, ...others]
    .sort((a, b) => rank(a) - rank(b) || b.machines - a.machines || byText(a.what, b.what))
    .slice(0, 5);
}

function revived(exemption: Exemption): Exemption {
  const { expiresAt } = exemption;
  return expiresAt === undefined ? exemption : { ...exemption, expiresAt: new Date(expiresAt) };
}

function time(at: Date | string): number {
  return new Date(at).getTime();
}
