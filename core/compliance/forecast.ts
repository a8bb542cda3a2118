import { byText, grouped, sumOf } from '../collections';
import type { BaseDeprecation } from '../runs';
import { days } from '../time';
import type { ComplianceFigures } from './figures';
import type { Exemption } from './inventory';

/** The marketplace image that builds start from. */
export interface BaseOutlook {
  /** Name in the catalogue. */
  readonly image: string;
  /** `Canonical:…:22_04-lts-gen2`. */
  readonly base: string;
  /** Exact version that the latest published version was built from; absent when nothing has been published yet. */
  readonly used?: string;
  /** The newest in the marketplace that is not deprecated. */
  readonly newest?: string;
  /** Present when the publisher has announced that the base in use will be deprecated. */
  readonly deprecation?: BaseDeprecation;
}

export interface OpenApproval {
  readonly request: string;
  /** `publish ubuntu-22 1.6.0`. */
  readonly what: string;
  readonly expiresAt: Date;
}

export interface ForecastInput {
  readonly figures: readonly ComplianceFigures[];
  readonly bases: readonly BaseOutlook[];
  readonly approvals: readonly OpenApproval[];
  readonly now: Date;
}

type Team = string | null;

/** Something that is coming or, without a date, that has come already or has been announced without one. */
export type ForecastEntry = { readonly at?: Date } & (
  | {
      readonly kind: 'endOfLife';
      readonly image: string;
      readonly version: string;
      readonly machines: number;
      /** Most machines first. */
      readonly teams: readonly { readonly team: Team; readonly machines: number }[];
    }
  | { readonly kind: 'deprecation'; readonly image: string; readonly base: string; readonly alternative?: string }
  | {
      readonly kind: 'newerBase';
      readonly image: string;
      readonly base: string;
      readonly used: string;
      readonly newest: string;
    }
  | { readonly kind: 'exemption'; readonly exemption: Exemption; readonly teams: readonly Team[] }
  | { readonly kind: 'approval'; readonly request: string; readonly what: string }
);

/** What comes within this many days after `now`, in order of time; entries without a date come last. */
export function forecast(input: ForecastInput, ahead: number): readonly ForecastEntry[] {
  const until = new Date(input.now.getTime() + days(ahead));
  const isAhead = ({ at }: ForecastEntry) => at === undefined || (at > input.now && at <= until);
  const all = [...endsOfLife(input), ...exemptions(input), ...approvals(input), ...bases(input)];
  return all.filter(isAhead).sort((a, b) => time(a) - time(b) || byText(nameOf(a), nameOf(b)));
}

function endsOfLife({ figures }: ForecastInput): readonly ForecastEntry[] {
  const used = figures.flatMap(({ team, versions }) => versions.map((version) => ({ team, ...version })));
  const byVersion = grouped(used, ({ image, version }) => `${image} ${version}`);
  return [...byVersion.values()].flatMap((teams): ForecastEntry[] => {
    const [first] = teams;
    if (first?.endOfLife === undefined) return [];
    const sorted = teams.toSorted((a, b) => b.machines - a.machines || byText(a.team ?? '', b.team ?? ''));
    return [
      {
        kind: 'endOfLife',
        at: first.endOfLife,
        image: first.image,
        version: first.version,
        machines: sumOf(teams, (t) => t.machines),
        teams: sorted.map(({ team, machines }) => ({ team, machines })),
      },
    ];
  });
}

/** One that concerns several teams is listed once. */
function exemptions({ figures }: ForecastInput): readonly ForecastEntry[] {
  const held = figures.flatMap(({ team, exemptions: own }) => own.map((exemption) => ({ team, exemption })));
  return [...grouped(held, ({ exemption }) => exemption.id).values()].flatMap((own): ForecastEntry[] => {
    const [first] = own;
    if (first?.exemption.expiresAt === undefined) return [];
    const { exemption } = first;
    return [{ kind: 'exemption', at: first.exemption.expiresAt, exemption, teams: own.map(({ team }) => team) }];
  });
}

function approvals(input: ForecastInput): readonly ForecastEntry[] {
  return input.approvals.map(({ request, what, expiresAt }) => ({ kind: 'approval', at: expiresAt, request, what }));
}

function bases(input: ForecastInput): readonly ForecastEntry[] {
  return input.bases.flatMap(({ image, base, used, newest, deprecation }): ForecastEntry[] => [
    ...(deprecation ? [deprecationOf(image, base, deprecation)] : []),
    ...(used !== undefined && newest !== undefined && used !== newest
      ? [{ kind: 'newerBase' as const, image, base, used, newest }]
      : []),
  ]);
}

function deprecationOf(image: string, base: string, { at, alternative }: BaseDeprecation): ForecastEntry {
  return {
    kind: 'deprecation',
    ...(at !== undefined && { at: new Date(at) }),
    image,
    base,
    ...(alternative !== undefined && { alternative }),
  };
}

function time({ at }: ForecastEntry): number {
  return at?.getTime() ?? Number.MAX_SAFE_INTEGER;
}

function nameOf(entry: ForecastEntry): string {
  switch (entry.kind) {
    case 'endOfLife':
      return `${entry.image} ${entry.version}`;
    case 'exemption':
      return entry.exemption.id;
    case 'approval':
      return entry.request;
    case 'deprecation':
    case 'newerBase':
      return entry.image;
  }
}
