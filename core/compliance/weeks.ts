import { byText } from '../collections';
import { foreignLineage } from '../images';
import { days } from '../time';
import type { ComplianceFigures, VersionFigures } from './figures';
import type { Gap, GapFigure } from './gaps';
import type { Exemption } from './inventory';

/*
 * Figures from week to week: how they are stored, and how two weeks differ.
 */

/** How many entries of a list are kept; what is cut off becomes a gap. */
const listLimit = 200;

const dates: ReadonlySet<string> = new Set(['asOf', 'endOfLife', 'newest', 'oldest', 'expiresAt', 'retiresAt']);

/** Figures as they are stored: of bounded size, with a gap for what was cut off. */
export function packFigures(figures: ComplianceFigures): ComplianceFigures {
  const { versions, foreign, exemptions, retiring } = figures;
  const cuts = [
    ...cutOf('versions', versions),
    ...cutOf('foreign images', foreign),
    ...cutOf('exemptions', exemptions),
    ...cutOf('marketplace images', retiring?.images ?? []),
  ];
  return {
    ...figures,
    versions: versions.slice(0, listLimit),
    foreign: foreign.slice(0, listLimit),
    exemptions: exemptions.slice(0, listLimit),
    ...(retiring && {
      retiring: {
        ...retiring,
        images: retiring.images.slice(0, listLimit),
        unknown: retiring.unknown.slice(0, listLimit),
      },
    }),
    gaps: [...cuts, ...figures.gaps].slice(0, listLimit),
  };
}

/** From JSON as `packFigures` left it, or as versions before 0.1.0 did, which stored sentences in `missing`. */
export function unpackFigures(json: unknown): ComplianceFigures {
  const { missing = [], ...figures } = revived(json) as ComplianceFigures & { readonly missing?: readonly string[] };
  const recorded = missing.map((sentence): Gap => ({ figure: 'recorded', reason: 'recorded', sentence }));
  return { ...figures, gaps: [...recorded, ...(figures.gaps ?? [])] };
}

function cutOf(figure: GapFigure, { length }: readonly unknown[]): readonly Gap[] {
  return length > listLimit ? [{ figure, reason: 'not kept', first: listLimit, total: length }] : [];
}

function revived(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revived);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [
    key,
    dates.has(key) && typeof inner === 'string' ? new Date(inner) : revived(inner),
  ]);
  return Object.fromEntries(entries);
}

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
  /** Which direction is good news; absent where neither is. */
  readonly better?: 'more' | 'fewer';
  readonly of: (figures: ComplianceFigures) => number | undefined;
}

const rules: Readonly<Record<Figure, Rule>> = {
  machines: { of: (f) => f.machines },
  onLatest: { better: 'more', of: (f) => f.lineage.latest },
  behind: { better: 'fewer', of: (f) => f.lineage.behind + f.lineage.farBehind },
  pastEnd: { better: 'fewer', of: (f) => f.lineage.pastEnd },
  notGolden: { better: 'fewer', of: (f) => f.lineage.marketplace + f.lineage.otherGallery },
  nonCompliant: { better: 'fewer', of: (f) => f.policy?.machines.NonCompliant },
  notEvaluated: { better: 'fewer', of: (f) => f.policy?.notEvaluated },
  guestNonCompliant: { better: 'fewer', of: (f) => f.guest?.machines.NonCompliant },
  behindModel: { better: 'fewer', of: (f) => f.behindModel },
  undecided: { better: 'fewer', of: (f) => f.models.undecided },
};

/** Net: machines that left are offset by others that came. */
export interface Delta {
  readonly figure: Figure;
  readonly before: number;
  readonly after: number;
}

/** What needs doing, and how many machines it is about: as many as the list of them has. */
export type Offender =
  | ({ readonly kind: 'version' } & VersionFigures)
  /** On no golden image; `sources` are theirs, most machines first. */
  | { readonly kind: 'not golden'; readonly machines: number; readonly sources: readonly string[] }
  /** Non-compliant by policies, or by guest configuration; nobody has said whether they are pets or cattle. */
  | { readonly kind: 'policy' | 'guest' | 'undecided'; readonly machines: number };

/** What is different from an earlier week. */
export interface Deltas {
  /** When the earlier figures were counted; absent: there are none to compare with. */
  readonly since?: Date;
  readonly wins: readonly Delta[];
  readonly setbacks: readonly Delta[];
  /** Neither good nor bad: more or fewer machines. */
  readonly others: readonly Delta[];
  /** Cannot be compared, because one of the two weeks does not have them. */
  readonly incomparable: readonly Figure[];
  readonly offenders: readonly Offender[];
  readonly exemptions: {
    readonly granted: readonly Exemption[];
    /** In force before, but no longer. */
    readonly ended: readonly Exemption[];
    /** Ending within the requested number of days. */
    readonly ending: readonly Exemption[];
  };
}

/** How a team's figures differ from earlier ones, whose dates may be strings as a database keeps them. */
export function deltas(before: ComplianceFigures | undefined, after: ComplianceFigures, endingWithinDays = 14): Deltas {
  const compared = before ? compare(before, after) : { deltas: [], incomparable: [] };
  const until = time(after.asOf) + days(endingWithinDays);
  const ids = (figures: ComplianceFigures) => new Set(figures.exemptions.map(({ id }) => id));
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
      ended: before ? before.exemptions.filter(({ id }) => !now.has(id)).map(withDate) : [],
      ending: after.exemptions.filter(({ expiresAt }) => expiresAt !== undefined && time(expiresAt) <= until),
    },
  };
}

function compare(before: ComplianceFigures, after: ComplianceFigures) {
  const both = figureNames.map((figure) => ({ figure, was: rules[figure].of(before), is: rules[figure].of(after) }));
  return {
    deltas: both.flatMap(({ figure, was, is }): Delta[] => {
      if (was === undefined || is === undefined || was === is) return [];
      return [{ figure, before: was, after: is }];
    }),
    incomparable: both.flatMap(({ figure, was, is }) => ((was === undefined) === (is === undefined) ? [] : [figure])),
  };
}

function isBetter({ figure, before, after }: Delta): boolean | undefined {
  const { better } = rules[figure];
  return better && (better === 'more') === after > before;
}

/** Worst first; among equals, those with most machines. */
const worstFirst = ['policy', 'pastEnd', 'guest', 'not golden', 'farBehind', 'behind', 'unknown', 'undecided'] as const;

function offendersOf({ versions, foreign, lineage, policy, guest, models }: ComplianceFigures): readonly Offender[] {
  const sources = foreign.map(({ source }) => source).filter((source) => foreignLineage(source) !== 'unknown');
  const all: readonly Offender[] = [
    { kind: 'policy', machines: policy?.machines.NonCompliant ?? 0 },
    { kind: 'guest', machines: guest?.machines.NonCompliant ?? 0 },
    { kind: 'not golden', machines: lineage.marketplace + lineage.otherGallery, sources },
    { kind: 'undecided', machines: models.undecided },
    ...versions.filter((v) => v.lineage !== 'latest').map((version) => ({ kind: 'version' as const, ...version })),
  ];
  const rank = (offender: Offender) =>
    worstFirst.findIndex((kind) => kind === (offender.kind === 'version' ? offender.lineage : offender.kind));
  const name = (offender: Offender) => (offender.kind === 'version' ? `${offender.image} ${offender.version}` : '');
  return all
    .filter(({ machines }) => machines > 0)
    .sort((a, b) => rank(a) - rank(b) || b.machines - a.machines || byText(name(a), name(b)));
}

function withDate(exemption: Exemption): Exemption {
  const { expiresAt } = exemption;
  return expiresAt === undefined ? exemption : { ...exemption, expiresAt: new Date(expiresAt) };
}

function time(at: Date | string): number {
  return new Date(at).getTime();
}
