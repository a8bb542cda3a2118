import { type ManagementGroups, placeKey, teamFinder } from '../access';
import type { Catalogue } from '../catalogue';
import { byText, each, grouped, sumOf } from '../collections';
import {
  type BaseAnswers,
  compareVersions,
  type Followed,
  goldenGallery,
  lineageOf,
  type Origin,
  type VersionChannel,
} from '../images';
import {
  type AgentFigure,
  agentGaps,
  agentsOfTeams,
  type LackingMachine,
  type MachineTotals,
  unseenParts,
} from './agents';
import {
  attributed,
  countsOf,
  exemptionsOfTeams,
  isAttributable,
  leftOver,
  machinesOf,
  type Share,
  scopesOf,
  shareGaps,
  sharesOfTeams,
  withRead,
} from './attribution';
import { type Gap, partial } from './gaps';
import {
  type AzureShare,
  type Counted,
  type Exemption,
  type GuestCount,
  type GuestStatus,
  guestStatuses,
  type MachineCount,
  type MachineCounts,
  type MachineType,
  type Place,
  type PolicyCount,
  type PolicyState,
  type PublishedVersion,
  policyStates,
} from './inventory';
import { type Retiring, retiringOf } from './retiring';
import { type Spelling, spelling } from './spelling';

/**
 * How a machine compares with golden images. `pastEnd`: its version is past its end of life, whatever else is true.
 * `farBehind`: by two versions or more.
 */
export const lineages = ['latest', 'behind', 'farBehind', 'pastEnd', 'otherGallery', 'marketplace', 'unknown'] as const;
export type Lineage = (typeof lineages)[number];

/** Machines of one golden version. */
export interface VersionFigures {
  /** Name in the catalogue. */
  readonly image: string;
  readonly version: string;
  readonly lineage: Lineage;
  /** Newer versions that can be deployed in the machines' own regions; the maximum over the regions. */
  readonly versionsBehind: number;
  /** Days since the first newer version could be deployed there, the maximum over the regions; absent when not known. */
  readonly daysBehind?: number;
  readonly endOfLife?: Date;
  /** The channel that the team's machines of the image are measured against; absent: Azure's latest. */
  readonly follows?: VersionChannel;
  readonly machines: number;
  /** How many of them are instances of uniform scale sets; absent when none is, and in what earlier versions stored. */
  readonly instances?: number;
}

export interface PolicyFigures {
  /** VMs and Arc machines by their worst state. With `notEvaluated` and the scale set instances they are all machines. */
  readonly machines: Readonly<Record<PolicyState, number>>;
  /** VMs and Arc machines of the team without any state: never counted as compliant. */
  readonly notEvaluated: number;
  /** As Azure's portal counts; absent in figures that earlier versions stored. */
  readonly azure?: AzureShare;
  readonly newest?: Date;
  readonly oldest?: Date;
}

export interface GuestFigures {
  /** Machines by their worst status. */
  readonly machines: Readonly<Record<GuestStatus, number>>;
  /** Machines without any assignment. */
  readonly none: number;
  readonly newest?: Date;
  readonly oldest?: Date;
}

/** What is counted for one team, as of one moment. */
export interface ComplianceFigures {
  /** Null: machines that belong to no team of `teams.yaml`. */
  readonly team: string | null;
  readonly machines: number;
  readonly types: Readonly<Record<MachineType, number>>;
  readonly lineage: Readonly<Record<Lineage, number>>;
  /** Channels that decide what `latest` and `behind` mean for machines of these images; absent: Azure's latest does. */
  readonly follows?: readonly { readonly image: string; readonly channel: VersionChannel }[];
  /** Golden versions that its machines run, most machines first. */
  readonly versions: readonly VersionFigures[];
  /**
   * What is not golden, most machines first: `Canonical:…` or a definition of another gallery, as people read it; lower
   * case in figures of versions before 0.2.0.
   */
  readonly foreign: readonly { readonly source: string; readonly machines: number }[];
  readonly models: { readonly pet: number; readonly cattle: number; readonly undecided: number };
  /** Marketplace images of its machines that are retired; absent where nobody looked, as in older figures. */
  readonly retiring?: Retiring;
  /** Scale set instances that lag behind their own model. */
  readonly behindModel: number;
  /** Absent when none of it is known; a gap then says why. */
  readonly policy?: PolicyFigures;
  readonly guest?: GuestFigures;
  /** What is missing on its machines; absent when it is not known, and in figures that earlier versions stored. */
  readonly agents?: readonly AgentFigure[];
  /** Soonest to end first; those without an end last. */
  readonly exemptions: readonly Exemption[];
  readonly gaps: readonly Gap[];
  /** World time of the count. */
  readonly asOf: Date;
}

/** What is known about the machines of all teams, and the rules for counting it. */
export interface Inventory {
  readonly catalogue: Pick<Catalogue, 'azure' | 'images' | 'teams'>;
  readonly managementGroups: ManagementGroups;
  readonly machines: MachineCounts;
  readonly versions: Counted<PublishedVersion>;
  /** Absent, like the two below, when Azure did not say; a gap then says why. */
  readonly policies?: Counted<PolicyCount>;
  readonly guests?: Counted<GuestCount>;
  readonly exemptions?: Counted<Exemption>;
  /** The VMs and Arc machines that lack something. */
  readonly agents?: Counted<LackingMachine>;
  /** Of everybody, where `machines` are those of some places; what these add up to when absent. */
  readonly totals?: MachineTotals;
  /** Those of `placesToAsk`: policies and guest results there are told machine by machine. */
  readonly singly?: readonly Place[];
  /** What the marketplace said, for whoever wants to know which images are retired. */
  readonly bases?: BaseAnswers;
  /** Those that concern all teams alike. */
  readonly gaps?: readonly Gap[];
  /** Which channels teams follow; none when absent. */
  readonly follows?: Followed;
  /** World time, which decides what has ended and how long a machine has been behind. */
  readonly now: Date;
}

/** Machines that are alike, and what the rules make of them. */
interface Row {
  readonly count: MachineCount;
  readonly team: string | null;
  readonly claimedBy?: readonly string[];
  readonly origin: Origin;
}

/**
 * The figures of every team of `teams.yaml`, in its order, then, if there are any, those of machines without a team.
 * Machine figures add up to the whole inventory; policy and guest figures leave out what the gaps name. A figure that
 * Azure did not give is absent, never zero: silence must not pass for compliance.
 */
export function countTeams(input: Inventory): readonly ComplianceFigures[] {
  const rows = judged(input);
  const find = teamFinder(input.catalogue.teams, input.managementGroups);
  const shares = sharesOfTeams(rows, input.machines.members, find);
  const mixed = attributed(
    {
      places: input.singly ?? [],
      members: input.machines.members,
      policies: input.policies?.rows ?? [],
      guests: input.guests?.rows ?? [],
    },
    find,
  );
  const reached = withRead(shares, mixed.places);
  const unseen = unseenParts(input.totals ?? totalsOf(input.machines.rows), input.agents?.rows ?? []);
  const members = new Map(input.machines.members.map((member) => [member.id, find(member).team]));
  const counting = {
    input,
    agents: input.agents && agentsOfTeams(input.agents.rows, unseen, { shares: reached, members }),
    mixed,
    policies: byPlace(input.policies),
    guests: byPlace(input.guests),
    lost: joined(leftOver(input, reached), mixed.lost),
    exemptions: exemptionsOfTeams(input, reached, mixed.teams),
    everybodys: [...(input.gaps ?? []), ...partialAnswers(input), ...agentGaps(unseen)],
  };
  const byTeam = grouped(rows, (row) => row.team);
  const orphans = byTeam.has(null) || (input.policies && reached.has(null)) || counting.lost.has(null) ? [null] : [];
  return [...input.catalogue.teams.keys(), ...orphans].map((team) =>
    figuresOf({ team, rows: byTeam.get(team) ?? [], shares: reached.get(team) ?? [] }, counting),
  );
}

function totalsOf(rows: readonly Pick<MachineCount, 'type' | 'machines'>[]): MachineTotals {
  const of = (type: MachineCount['type']) => sumOf(rows, (row) => (row.type === type ? row.machines : 0));
  return { vm: of('vm'), arc: of('arc') };
}

interface Counting {
  readonly input: Inventory;
  readonly mixed: ReturnType<typeof attributed>;
  readonly policies: ByPlace<PolicyCount>;
  readonly guests: ByPlace<GuestCount>;
  readonly lost: ReadonlyMap<string | null, readonly Gap[]>;
  readonly exemptions: ReturnType<typeof exemptionsOfTeams>;
  readonly agents: ReturnType<typeof agentsOfTeams> | undefined;
  readonly everybodys: readonly Gap[];
}

interface Own {
  readonly team: string | null;
  readonly rows: readonly Row[];
  readonly shares: readonly Share[];
}

function figuresOf({ team, rows, shares }: Own, counting: Counting): ComplianceFigures {
  const { input, mixed, lost } = counting;
  const isPartial = (answer: Counted<unknown> | undefined) => answer?.partial !== undefined;
  const said = countsOf(shares, counting.policies, mixed.policies.get(team));
  const policy = policyFigures(shares, said, isPartial(input.policies));
  const reported = countsOf(shares, counting.guests, mixed.guests.get(team));
  const guest = guestFigures(shares, reported, isPartial(input.guests));
  const exempt = counting.exemptions.get(team);
  return {
    team,
    ...machineFigures(rows, spelling(input.catalogue.images)),
    ...(input.bases && { retiring: retiringIn(rows, input, input.bases) }),
    ...(policy.figure && input.policies && { policy: policy.figure }),
    ...(guest.figure && input.guests && { guest: guest.figure }),
    ...(counting.agents && { agents: counting.agents.get(team) ?? [] }),
    exemptions: exempt?.rows ?? [],
    gaps: [
      ...counting.everybodys,
      ...claims(rows),
      ...doubts(rows),
      ...shareGaps(shares),
      ...policy.gaps,
      ...guest.gaps,
      ...(lost.get(team) ?? []),
      ...(exempt?.gaps ?? []),
    ],
    asOf: input.machines.asOf,
  };
}

function judged(input: Inventory): readonly Row[] {
  const find = teamFinder(input.catalogue.teams, input.managementGroups);
  const gallery = goldenGallery(input.catalogue, input.versions.rows, input.follows);
  const known = new Map<string, Origin>();
  return input.machines.rows.map((count) => {
    const found = find(count);
    const follows = input.follows ? (found.team ?? '') : '';
    const alike = `${count.source} ${count.version} ${count.location} ${follows}`;
    const origin = known.get(alike) ?? lineageOf(count, gallery, input.now, found.team);
    known.set(alike, origin);
    return { count, origin, ...found };
  });
}

function machineFigures(rows: readonly Row[], written: Spelling) {
  const sum = (matches: (row: Row) => boolean) => total(rows.filter(matches));
  return {
    machines: total(rows),
    types: each<MachineType>(['vm', 'instance', 'arc'], (type) => sum(({ count }) => count.type === type)),
    lineage: each<Lineage>(lineages, (lineage) => sum(({ origin }) => origin.lineage === lineage)),
    ...followsOf(rows),
    versions: versionsOf(rows),
    foreign: foreignOf(rows, written),
    models: {
      pet: sum(({ count }) => count.model === 'pet'),
      cattle: sum(({ count }) => count.model === 'cattle'),
      undecided: sum(({ count }) => count.model === undefined),
    },
    behindModel: sum(({ count }) => count.behindModel),
  };
}

function followsOf(rows: readonly Row[]): Pick<ComplianceFigures, 'follows'> {
  const followed = new Map(
    rows.flatMap(({ origin: { image, follows } }) =>
      image !== undefined && follows ? [[image, follows] as const] : [],
    ),
  );
  const follows = [...followed].map(([image, channel]) => ({ image, channel }));
  return follows.length === 0 ? {} : { follows };
}

/** Best first: a version that differs from region to region counts as the worst of them. */
const fromBest: readonly Lineage[] = ['latest', 'unknown', 'behind', 'farBehind', 'pastEnd'];

function versionsOf(rows: readonly Row[]): readonly VersionFigures[] {
  const golden = rows.filter(({ count, origin }) => origin.image !== undefined && count.version !== '');
  const groups = grouped(golden, ({ count, origin }) => `${origin.image} ${count.version}`);
  const found = [...groups.values()].map((alike): VersionFigures => {
    const origins = alike.map(({ origin }) => origin);
    const most = (of: (origin: Origin) => number) => origins.reduce((max, origin) => Math.max(max, of(origin)), 0);
    const dated = origins.some(({ daysBehind }) => daysBehind !== undefined);
    const worst = most(({ lineage }) => fromBest.indexOf(lineage));
    const { endOfLife, follows } = origins[0] ?? {};
    const instances = total(alike.filter(({ count }) => count.type === 'instance'));
    return {
      image: origins[0]?.image ?? '',
      version: alike[0]?.count.version ?? '',
      lineage: fromBest[worst] ?? 'unknown',
      versionsBehind: most((o) => o.versionsBehind),
      ...(dated && { daysBehind: most((o) => o.daysBehind ?? 0) }),
      ...(endOfLife && { endOfLife }),
      ...(follows && { follows }),
      machines: total(alike),
      ...(instances > 0 && { instances }),
    };
  });
  return found.sort(
    (a, b) => b.machines - a.machines || byText(a.image, b.image) || compareVersions(b.version, a.version),
  );
}

function foreignOf(rows: readonly Row[], written: Spelling): ComplianceFigures['foreign'] {
  const foreign = rows.filter(({ count, origin }) => origin.image === undefined && count.source !== '');
  const groups = grouped(foreign, ({ count }) => count.source);
  const found = [...groups.values()].map((alike) => ({
    source: written(alike.map(({ count }) => count)),
    machines: total(alike),
  }));
  return found.sort((a, b) => b.machines - a.machines || byText(a.source, b.source));
}

function retiringIn(rows: readonly Row[], { catalogue, now }: Inventory, bases: BaseAnswers): Retiring {
  const own = rows.filter(({ origin }) => origin.lineage === 'marketplace').map(({ count }) => count);
  return retiringOf(own, bases, catalogue, now);
}

/** What is not known about golden machines, stated once for each version. */
function doubts(rows: readonly Row[]): readonly Gap[] {
  const doubted = rows.flatMap(({ count, origin: { doubt, image = '' } }) =>
    doubt === undefined ? [] : [{ machines: count.machines, image, version: count.version, reason: doubt }],
  );
  const groups = grouped(doubted, ({ image, version, reason }) => `${image} ${version} ${reason}`);
  return [...groups.values()].flatMap((alike) => {
    const [first] = alike;
    return first ? [{ ...first, figure: 'origin' as const, machines: sumOf(alike, ({ machines }) => machines) }] : [];
  });
}

function claims(rows: readonly Row[]): readonly Gap[] {
  const claimed = rows.flatMap((row) => (row.claimedBy ? [{ ...row, teams: row.claimedBy }] : []));
  const groups = grouped(claimed, ({ teams }) => teams.join(' '));
  return [...groups.values()].map((alike) => ({
    figure: 'machines',
    reason: 'claimed twice',
    teams: alike[0]?.teams ?? [],
    machines: total(alike),
  }));
}

/** Which of the answers about all teams are incomplete. */
export function partialAnswers({
  machines,
  versions,
  policies,
  guests,
  exemptions,
  agents,
}: Inventory): readonly Gap[] {
  return [
    ...partial('machines', machines),
    ...partial('versions', versions),
    ...partial('policy', policies),
    ...partial('guest', guests),
    ...partial('exemptions', exemptions),
    ...partial('agents', agents),
  ];
}

function total(rows: readonly Row[]): number {
  return sumOf(rows, ({ count }) => count.machines);
}

function joined(...maps: readonly (ReadonlyMap<string | null, readonly Gap[]> | undefined)[]) {
  const entries = maps.flatMap((map) => [...(map ?? [])]);
  return new Map([...grouped(entries, ([team]) => team)].map(([team, own]) => [team, own.flatMap(([, gaps]) => gaps)]));
}

function byPlace<Count extends PolicyCount | GuestCount>(answer: Counted<Count> | undefined): ByPlace<Count> {
  const whole = answer?.rows.filter(({ machine }) => machine === undefined) ?? [];
  return new Map(whole.map((row) => [placeKey(row), row]));
}

interface Figure<Figures> {
  readonly figure?: Figures;
  readonly gaps: readonly Gap[];
}

type ByPlace<Count> = ReadonlyMap<string, Count>;

function policyFigures(
  shares: readonly Share[],
  counts: ByPlace<PolicyCount>,
  isPartial: boolean,
): Figure<PolicyFigures> {
  const known = reachedBy(shares, counts, 'policy');
  if (isSilent(shares, known, isPartial)) return { gaps: known.gaps };
  return {
    gaps: known.gaps,
    figure: {
      machines: each(policyStates, (state) => sumOf(known.own, (count) => count.machines[state])),
      notEvaluated: known.without,
      azure: { good: sumOf(known.own, ({ azure }) => azure.good), all: sumOf(known.own, ({ azure }) => azure.all) },
      ...clocks(known.own),
    },
  };
}

function guestFigures(shares: readonly Share[], counts: ByPlace<GuestCount>, isPartial: boolean): Figure<GuestFigures> {
  const known = reachedBy(shares, counts, 'guest');
  if (isSilent(shares, known, isPartial)) return { gaps: known.gaps };
  const machines = each(guestStatuses, (status) => sumOf(known.own, (count) => count.machines[status]));
  return { gaps: known.gaps, figure: { machines, none: known.without, ...clocks(known.own) } };
}

interface Reached<Count> {
  /** From resource groups that are the team's alone, and from its machines that were read one by one. */
  readonly own: readonly Count[];
  /** Machines counted there that have no row. */
  readonly without: number;
  readonly gaps: readonly Gap[];
}

function reachedBy<Count extends PolicyCount | GuestCount>(
  shares: readonly Share[],
  counts: ByPlace<Count>,
  figure: 'policy' | 'guest',
): Reached<Count> {
  const reached = shares.filter(isAttributable).map((share) => {
    const count = counts.get(placeKey(share));
    return { share, count, machines: count ? machinesOf(count) : 0 };
  });
  const excess = reached.filter(({ share, machines }) => machines > share.judged);
  return {
    own: reached.flatMap(({ count }) => count ?? []),
    without: sumOf(reached, ({ share, machines }) => Math.max(0, share.judged - machines)),
    gaps: excess.length === 0 ? [] : [excessOf(figure, excess)],
  };
}

function excessOf(
  figure: 'policy' | 'guest',
  excess: readonly { readonly share: Share; readonly machines: number }[],
): Gap {
  return {
    figure,
    reason: 'more than counted',
    scopes: scopesOf(excess.map(({ share }) => share)),
    machines: sumOf(excess, ({ machines }) => machines),
    counted: sumOf(excess, ({ share }) => share.judged),
  };
}

/** Nothing is known: none of its groups is its own, or Azure's answer is partial and holds nothing of this team. */
function isSilent(shares: readonly Share[], known: Reached<PolicyCount | GuestCount>, isPartial: boolean): boolean {
  if (known.own.some((count) => machinesOf(count) > 0)) return false;
  const judgedOnes = shares.filter((share) => share.judged > 0);
  return judgedOnes.some(isAttributable) ? isPartial : judgedOnes.length > 0;
}

function clocks(counts: readonly { readonly newest?: Date; readonly oldest?: Date }[]) {
  const newest = counts.flatMap((c) => c.newest?.getTime() ?? []);
  const oldest = counts.flatMap((c) => c.oldest?.getTime() ?? []);
  return {
    ...(newest.length > 0 && { newest: new Date(newest.reduce((a, b) => Math.max(a, b))) }),
    ...(oldest.length > 0 && { oldest: new Date(oldest.reduce((a, b) => Math.min(a, b))) }),
  };
}
