import { type ManagementGroups, placeKey, teamFinder } from '../access';
import type { Catalogue } from '../catalogue';
import { byText, each, grouped, sumOf } from '../collections';
import { compareVersions, goldenGallery, lineageOf, type Origin } from '../images';
import { listed, many } from '../phrases';
import { exemptionsOfTeams } from './exempted';
import { type ComplianceFigures, type Lineage, lineages, type VersionFigures } from './figures';
import type {
  Counted,
  Exemption,
  GuestCount,
  MachineCount,
  MachineStates,
  MachineType,
  Place,
  PolicyCount,
  PublishedVersion,
} from './inventory';
import { attributed } from './mixed';
import {
  countsOf,
  guestFigures,
  leftOver,
  mixedPlaces,
  policyFigures,
  type Share,
  shareRemarks,
  sharesOfTeams,
  withRead,
} from './shares';

/** What is known of everybody's machines, and by what rules it is told. */
export interface Inventory {
  readonly catalogue: Pick<Catalogue, 'azure' | 'images' | 'teams'>;
  readonly managementGroups: ManagementGroups;
  readonly machines: Counted<MachineCount>;
  readonly versions: Counted<PublishedVersion>;
  readonly policies: Counted<PolicyCount>;
  readonly guests: Counted<GuestCount>;
  readonly exemptions: Counted<Exemption>;
  /** Of `placesToAsk`, machine by machine; absent when nothing was asked or answered. */
  readonly mixed?: MachineStates;
  /** Why they were asked and nothing was answered, for people. */
  readonly unread?: string;
  /** World time: what has ended, and how long something has been behind. */
  readonly now: Date;
}

/** Machines that are alike, with what the rules make of them. */
interface Row {
  readonly count: MachineCount;
  readonly team: string | null;
  readonly claimedBy?: readonly string[];
  readonly origin: Origin;
}

/**
 * Where every team of `teams.yaml` stands, in its order, and at the end, if there are any, what no team has. Machine
 * figures of all of them add up to the whole estate; policy and guest figures leave out what `missing` names.
 */
export function countTeams(input: Inventory): readonly ComplianceFigures[] {
  const rows = judged(input);
  const mixed = attributed(input.mixed ?? nothingRead, teamFinder(input.catalogue.teams, input.managementGroups));
  const shares = withRead(sharesOfTeams(rows), mixed.places);
  const policies = byPlace(input.policies.rows);
  const guests = byPlace(input.guests.rows);
  const lost = joinedBy([...leftOver(input, shares), ...mixed.lost]);
  const exemptions = exemptionsOfTeams(input, shares, mixed.teams);
  const byTeam = grouped(rows, (row) => row.team);
  const orphans = byTeam.has(null) || lost.has(null) ? [null] : [];
  const partials = partialAnswers(input);
  return [...input.catalogue.teams.keys(), ...orphans].map((team): ComplianceFigures => {
    const own = byTeam.get(team) ?? [];
    const mine: readonly Share[] = shares.get(team) ?? [];
    const partial = mine.some(({ read }) => read) ? mixed.partial : undefined;
    const said = countsOf(mine, policies, mixed.policies.get(team));
    const policy = policyFigures(mine, said, partial ?? input.policies.partial);
    const reported = countsOf(mine, guests, mixed.guests.get(team));
    const guest = guestFigures(mine, reported, partial ?? input.guests.partial);
    const exempt = exemptions.get(team);
    return {
      team,
      ...machineFigures(own),
      ...(policy.figure && { policy: policy.figure }),
      ...(guest.figure && { guest: guest.figure }),
      exemptions: exempt?.rows ?? [],
      missing: [
        ...partials,
        ...claims(own),
        ...doubts(own),
        ...shareRemarks(mine),
        ...(partial === undefined ? [] : [partial]),
        ...(input.unread && mine.some(({ few, judged }) => few && judged > 0) ? [input.unread] : []),
        ...policy.missing,
        ...guest.missing,
        ...(lost.get(team) ?? []),
        ...(exempt?.missing ?? []),
      ],
      asOf: input.machines.asOf,
    };
  });
}

function judged(input: Inventory): readonly Row[] {
  const find = teamFinder(input.catalogue.teams, input.managementGroups);
  const gallery = goldenGallery(input.catalogue, input.versions.rows);
  const known = new Map<string, Origin>();
  return input.machines.rows.map((count) => {
    const alike = `${count.source} ${count.version} ${count.location}`;
    const origin = known.get(alike) ?? lineageOf(count, gallery, input.now);
    known.set(alike, origin);
    return { count, origin, ...find(count) };
  });
}

function machineFigures(rows: readonly Row[]) {
  const sum = (matches: (row: Row) => boolean) => total(rows.filter(matches));
  return {
    machines: total(rows),
    types: each<MachineType>(['vm', 'instance', 'arc'], (type) => sum(({ count }) => count.type === type)),
    lineage: each<Lineage>(lineages, (lineage) => sum(({ origin }) => origin.lineage === lineage)),
    versions: versionsOf(rows),
    foreign: foreignOf(rows),
    models: {
      pet: sum(({ count }) => count.model === 'pet'),
      cattle: sum(({ count }) => count.model === 'cattle'),
      undecided: sum(({ count }) => count.model === undefined),
    },
    behindModel: sum(({ count }) => count.behindModel),
  };
}

/** Best first: a version whose machines stand differently, region by region, is told by the worst. */
const fromBest: readonly Lineage[] = ['latest', 'unknown', 'behind', 'farBehind', 'pastEnd'];

function versionsOf(rows: readonly Row[]): readonly VersionFigures[] {
  const golden = rows.filter(({ count, origin }) => origin.image !== undefined && count.version !== '');
  const groups = grouped(golden, ({ count, origin }) => `${origin.image} ${count.version}`);
  const found = [...groups.values()].map((alike): VersionFigures => {
    const origins = alike.map(({ origin }) => origin);
    const most = (of: (origin: Origin) => number) => origins.reduce((max, origin) => Math.max(max, of(origin)), 0);
    const worst = most(({ lineage }) => fromBest.indexOf(lineage));
    const endOfLife = origins[0]?.endOfLife;
    return {
      image: origins[0]?.image ?? '',
      version: alike[0]?.count.version ?? '',
      lineage: fromBest[worst] ?? 'unknown',
      versionsBehind: most((o) => o.versionsBehind),
      daysBehind: most((o) => o.daysBehind),
      ...(endOfLife && { endOfLife }),
      machines: total(alike),
    };
  });
  return found.sort(
    (a, b) => b.machines - a.machines || byText(a.image, b.image) || compareVersions(b.version, a.version),
  );
}

function foreignOf(rows: readonly Row[]): ComplianceFigures['foreign'] {
  const foreign = rows.filter(({ count, origin }) => origin.image === undefined && count.source !== '');
  const groups = grouped(foreign, ({ count }) => count.source);
  const found = [...groups].map(([source, alike]) => ({ source, machines: total(alike) }));
  return found.sort((a, b) => b.machines - a.machines || byText(a.source, b.source));
}

/** What cannot be told of golden machines, a sentence for each version. */
function doubts(rows: readonly Row[]): readonly string[] {
  const doubted = rows.filter(({ origin }) => origin.doubt !== undefined);
  const groups = grouped(doubted, ({ count, origin }) => {
    const version = count.version === '' ? '' : ` ${count.version}`;
    return `${origin.image}${version}, ${origin.doubt}.`;
  });
  return [...groups].map(([what, alike]) => {
    const machines = total(alike);
    return `${many(machines, 'machine')} ${machines === 1 ? 'runs' : 'run'} ${what}`;
  });
}

function claims(rows: readonly Row[]): readonly string[] {
  const claimed = rows.filter(({ claimedBy }) => claimedBy !== undefined);
  const groups = grouped(claimed, ({ claimedBy }) => listed(claimedBy ?? [], 4));
  return [...groups].map(([teams, alike]) => {
    const machines = many(total(alike), 'machine');
    return `${machines} carry tags of ${teams} at once: nobody has them until one of the tags goes.`;
  });
}

function partialAnswers(input: Inventory): readonly string[] {
  const told = [
    ['Machines', input.machines.partial, ''],
    ['Golden versions', input.versions.partial, ' Machines may be further behind than is shown.'],
    ['Policy states', input.policies.partial, ' Fewer machines are without a state than is shown.'],
    ['Guest configuration', input.guests.partial, ' Fewer machines are without a check than is shown.'],
    ['Exemptions', input.exemptions.partial, ''],
  ] as const;
  return told.flatMap(([what, partial, so]) => (partial === undefined ? [] : [`${what}: ${partial}${so}`]));
}

function total(rows: readonly Row[]): number {
  return sumOf(rows, ({ count }) => count.machines);
}

const noneRead = { rows: [], asOf: new Date(0) };
const nothingRead: MachineStates = { places: [], machines: noneRead, policies: noneRead, guests: noneRead };

/**
 * Resource groups that these teams (all, when absent) share with others: their machines are to be read one by one before
 * everything can be told. None: nothing is to be asked.
 */
export function placesToAsk(
  input: Pick<Inventory, 'managementGroups' | 'machines'> & { readonly catalogue: Pick<Catalogue, 'teams'> },
  teams?: readonly (string | null)[],
): readonly Place[] {
  const find = teamFinder(input.catalogue.teams, input.managementGroups);
  return mixedPlaces(sharesOfTeams(input.machines.rows.map((count) => ({ count, team: find(count).team }))), teams);
}

function joinedBy(told: readonly (readonly [team: string | null, sentences: readonly string[]])[]) {
  return new Map([...grouped(told, ([team]) => team)].map(([team, own]) => [team, own.flatMap(([, all]) => all)]));
}

function byPlace<Count extends PolicyCount | GuestCount>(rows: readonly Count[]): ReadonlyMap<string, Count> {
  return new Map(rows.map((row) => [placeKey(row), row]));
}
