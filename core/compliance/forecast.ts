import { sourceInText, sourceText } from '../build-source';
import { byText, grouped, sumOf } from '../collections';
import type { Retirement } from '../images';
import { days } from '../time';
import type { ComplianceFigures } from './figures';
import type { Exemption } from './inventory';
import { type RetiringBase, type RetiringMachines, retiringMachines } from './retiring';

/** The marketplace image that builds start from. */
export interface BaseOutlook {
  /** Name in the catalogue. */
  readonly image: string;
  /** `Canonical:…:22_04-lts-gen2`. */
  readonly base: string;
  /** Exact version that the latest published version was built from; absent when nothing has been published yet. */
  readonly used?: string;
  /** The newest that can be built from, where it is newer than the one that was used. */
  readonly newest?: string;
  /** Present when the next build cannot start from it, or not for long. */
  readonly retirement?: Retirement;
}

export interface OpenApproval {
  readonly request: string;
  /** `publish ubuntu-22 1.6.0`. */
  readonly what: string;
  readonly expiresAt: Date;
}

/** A right to an image or a share of its gallery, which goldbot takes back. */
export interface GivenUntil {
  /** `the right of payments-owners to view ubuntu-22`. */
  readonly what: string;
  readonly image: string;
  readonly at: Date;
}

export interface ForecastInput {
  readonly figures: readonly ComplianceFigures[];
  readonly bases: readonly BaseOutlook[];
  /** Those of versions that were published. */
  readonly published: readonly RetiringBase[];
  readonly approvals: readonly OpenApproval[];
  readonly given: readonly GivenUntil[];
  readonly now: Date;
}

type Team = string | null;

/** The base of an image or of versions of it that share its fate. */
interface RetiringBaseEntry extends Retirement {
  readonly kind: 'retiringBase';
  /** Name in the catalogue. */
  readonly image: string;
  /** `Canonical:offer:sku`, with its exact version where it is one. */
  readonly base: string;
  /** Published ones that were built from it, and the machines that run them. */
  readonly versions: readonly string[];
  readonly machines: number;
  /** The next build would start from it. */
  readonly next: boolean;
  /** As of `RetiringBase`. */
  readonly bought?: true;
}

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
  | RetiringBaseEntry
  | ({ readonly kind: 'retiringMachines' } & RetiringMachines)
  | {
      readonly kind: 'newerBase';
      readonly image: string;
      readonly base: string;
      readonly used: string;
      readonly newest: string;
    }
  | { readonly kind: 'exemption'; readonly exemption: Exemption; readonly teams: readonly Team[] }
  | { readonly kind: 'approval'; readonly request: string; readonly what: string }
  /** Without a date: its end has passed, and it is being taken back. */
  | { readonly kind: 'given'; readonly image: string; readonly what: string }
);

/** What comes within this many days after `now`, in order of time; entries without a date come last. */
export function forecast(input: ForecastInput, ahead: number): readonly ForecastEntry[] {
  const until = new Date(input.now.getTime() + days(ahead));
  const isAhead = ({ at }: { readonly at?: Date }) => at === undefined || (at > input.now && at <= until);
  const all = [
    ...[...endsOfLife(input), ...exemptions(input), ...approvals(input), ...newerBases(input)],
    ...given(input),
    ...[...retiringBases(input), ...retiringOfTeams(input, isAhead)],
  ];
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

function given({ given: all, now }: ForecastInput): readonly ForecastEntry[] {
  return all.map(({ what, image, at }) => ({ kind: 'given', image, what, ...(at > now && { at }) }));
}

function newerBases(input: ForecastInput): readonly ForecastEntry[] {
  return input.bases.flatMap(({ image, base, used, newest }): ForecastEntry[] =>
    used !== undefined && newest !== undefined && used !== newest
      ? [{ kind: 'newerBase', image, base, used, newest }]
      : [],
  );
}

/** What is to come has a date; what is over already has none, and is listed as being so now. */
const dated = ({ state, retiresAt }: Retirement): { readonly at?: Date } =>
  state === 'scheduled' && retiresAt ? { at: retiresAt } : {};

function retiringBases({ bases, published, figures }: ForecastInput): readonly ForecastEntry[] {
  const next = bases.flatMap(({ image, base, retirement }) =>
    retirement ? [{ ...retirement, image, base, version: undefined }] : [],
  );
  const fate = ({ image, base, state, retiresAt, alternative }: (typeof next)[number] | RetiringBase) =>
    [image, skuOf(base), state, retiresAt?.toISOString(), alternative].join(' ');
  return [...grouped([...published, ...next], fate).values()].flatMap((alike): ForecastEntry[] => {
    const [first] = alike;
    if (!first) return [];
    const { version: _, ...shared } = first;
    const versions = alike.flatMap(({ version }) => version ?? []);
    const exact = new Set(alike.map(({ base }) => base));
    const running = figures.flatMap((team) => team.versions).filter((v) => v.image === first.image);
    return [
      {
        ...{ kind: 'retiringBase', ...shared, ...dated(first), versions },
        base: exact.size === 1 ? first.base : skuOf(first.base),
        machines: sumOf(running, (v) => (versions.includes(v.version) ? v.machines : 0)),
        next: alike.some(({ version }) => version === undefined),
      },
    ];
  });
}

function skuOf(base: string): string {
  const found = sourceInText(base);
  return found ? sourceText(found.source) : base;
}

/** Versions that are retired later do not count among those that are retired in time. */
function retiringOfTeams(
  { figures }: ForecastInput,
  isAhead: (entry: { readonly at?: Date }) => boolean,
): readonly ForecastEntry[] {
  const ahead = figures.map(({ team, retiring }) => ({
    team,
    retiring: { images: (retiring?.images ?? []).filter((image) => isAhead(dated(image))) },
  }));
  return retiringMachines(ahead).map((machines) => ({ kind: 'retiringMachines', ...machines, ...dated(machines) }));
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
    case 'given':
      return entry.what;
    case 'retiringMachines':
      return entry.source;
    case 'retiringBase':
    case 'newerBase':
      return entry.image;
  }
}
