import { type ManagementGroups, type Mapped, type Ownership, placeKey, placeOf, teamFinder } from '../access';
import { parseAzureId } from '../azure-id';
import type { Catalogue } from '../catalogue';
import { byText, each, grouped, sumOf } from '../collections';
import type { Gap, Scopes } from './gaps';
import {
  type Counted,
  type Exemption,
  type GuestCount,
  guestStatuses,
  type MachineCount,
  type MachineCounts,
  type Place,
  type PlacedMachine,
  type PolicyCount,
  policyStates,
} from './inventory';

/*
 * Which team policy states, guest results and exemptions belong to. They carry no tags: a team gets those of the
 * resource groups that hold only its machines and, in groups that it shares, those of the machines that were read one
 * by one.
 */

type Team = string | null;

/**
 * How many machines in shared resource groups are told of one by one, at most: they come with the counts, whose answers
 * must stay readable; and of how many Azure lists the names in one group, beyond which it cuts its lists.
 */
export const mostRead = 3_000;
export const mostTogether = 1_000;

/** What a team has in one resource group. */
export interface Share extends Place {
  /** No machine there belongs to another team or to none. */
  readonly alone: boolean;
  /** Shared, but with few enough machines to read them one by one. */
  readonly few: boolean;
  /** Azure named the machines there, so that each can be told of. */
  readonly named: boolean;
  /** They were read, so their figures are known. */
  readonly read?: boolean;
  /** VMs and Arc machines: those that Azure Policy and guest configuration judge. */
  readonly judged: number;
}

/** `find` says which team owns a machine. */
export function sharesOfTeams(
  rows: readonly { readonly count: MachineCount; readonly team: Team }[],
  members: readonly PlacedMachine[],
  find: (machine: Mapped) => Ownership,
): ReadonlyMap<Team, readonly Share[]> {
  const named = new Set(members.map(placeKey));
  // A scale set without instances is in no count, and Azure Policy judges it all the same.
  const uncounted = members.map((member) => ({ place: member, judged: 0, team: find(member).team }));
  const counted = rows.map(({ count, team }) => ({ place: count, judged: judgedOf([count]), team }));
  const all = grouped<{ place: Place; judged: number; team: Team }, string>([...counted, ...uncounted], ({ place }) =>
    placeKey(place),
  );
  const places = [...all.values()].map((here) => ({
    place: placeIn(here.map(({ place }) => place)),
    rows: sumOf(here, ({ judged }) => judged),
    teams: grouped(here, ({ team }) => team),
  }));
  const few = new Set(placesToRead(places.filter(({ teams }) => teams.size > 1)).map(({ place }) => placeKey(place)));
  const shares = places.flatMap(({ teams, place }) =>
    [...teams].map(([team, own]) => {
      const judged = sumOf(own, (one) => one.judged);
      const key = placeKey(place);
      return { team, share: { ...place, alone: teams.size === 1, few: few.has(key), named: named.has(key), judged } };
    }),
  );
  return new Map([...grouped(shares, ({ team }) => team)].map(([team, own]) => [team, own.map((o) => o.share)]));
}

function placeIn(counts: readonly Place[]): Place {
  const { subscription = '', resourceGroup = '' } = counts[0] ?? {};
  return { subscription, resourceGroup };
}

function judgedOf(counts: readonly MachineCount[]): number {
  return sumOf(counts, (c) => (c.type === 'instance' ? 0 : c.machines));
}

/** Shared resource groups whose machines are to be told of one by one, in one order: people who ask share the answer. */
function mixedPlaces(shares: ReadonlyMap<Team, readonly Share[]>): readonly Place[] {
  const mixed = [...shares.values()].flat().filter(({ few, named }) => few && named);
  const byKey = new Map(
    mixed.map(({ subscription, resourceGroup }) => [
      placeKey({ subscription, resourceGroup }),
      { subscription, resourceGroup },
    ]),
  );
  return [...byKey].sort(([a], [b]) => byText(a, b)).map(([, place]) => place);
}

/** The shares, marked where their machines were read one by one; by the keys of the places. */
export function withRead(shares: ReadonlyMap<Team, readonly Share[]>, places: ReadonlySet<string>) {
  const marked = (share: Share): Share =>
    !share.alone && places.has(placeKey(share)) ? { ...share, read: true } : share;
  return new Map([...shares].map(([team, own]) => [team, own.map(marked)]));
}

/** The counts of each share: of the whole group, or of the team's machines in it. */
export function countsOf<Count>(
  shares: readonly Share[],
  whole: ReadonlyMap<string, Count>,
  read: ReadonlyMap<string, Count> | undefined,
): ReadonlyMap<string, Count> {
  return new Map(
    shares.flatMap((share) => {
      const count = (share.alone ? whole : read)?.get(placeKey(share));
      return count ? [[placeKey(share), count] as const] : [];
    }),
  );
}

/** Which of these places are read one by one: the small ones first, until they hold too many machines. */
function placesToRead<Held extends { readonly place: Place; readonly rows: number }>(
  mixed: readonly Held[],
): readonly Held[] {
  let sum = 0;
  return mixed
    .filter(({ rows }) => rows <= mostTogether)
    .toSorted((a, b) => a.rows - b.rows || byText(placeKey(a.place), placeKey(b.place)))
    .filter(({ rows }) => {
      sum += rows;
      return sum <= mostRead;
    });
}

/**
 * Resource groups that teams share with others or with nobody: unless their machines are told of one by one the figures
 * are incomplete. None: there is nothing to ask.
 */
export function placesToAsk(input: {
  readonly catalogue: Pick<Catalogue, 'teams'>;
  readonly managementGroups: ManagementGroups;
  readonly machines: MachineCounts;
}): readonly Place[] {
  const { rows, members } = input.machines;
  const find = teamFinder(input.catalogue.teams, input.managementGroups);
  return mixedPlaces(
    sharesOfTeams(
      rows.map((count) => ({ count, team: find(count).team })),
      members,
      find,
    ),
  );
}

/** Whether what policies and guest configuration say there can be attributed to the team. */
export function isAttributable({ alone, read }: Share): boolean {
  return alone || read === true;
}

/** What policy and guest figures leave out, stated once. */
export function shareGaps(shares: readonly Share[]): readonly Gap[] {
  const mixed = shares.filter((share) => !isAttributable(share) && share.judged > 0);
  return [...grouped(mixed, ({ few }) => few)].map(([few, own]) => ({
    figure: 'verdicts',
    reason: few ? 'shared' : 'too many to join',
    scopes: scopesOf(own),
    machines: sumOf(own, (share) => share.judged),
  }));
}

/**
 * States in resource groups where no machine is counted, for the team that owns the group or the subscription; under
 * null where none does.
 */
export function leftOver(
  input: {
    readonly catalogue: Pick<Catalogue, 'teams'>;
    readonly managementGroups: ManagementGroups;
    readonly machines: Counted<MachineCount>;
    readonly policies?: Counted<PolicyCount>;
    readonly guests?: Counted<GuestCount>;
  },
  shares: ReadonlyMap<Team, readonly Share[]>,
): ReadonlyMap<Team, readonly Gap[]> {
  const known = new Set([...shares.values()].flat().map(placeKey));
  const find = teamFinder(input.catalogue.teams, input.managementGroups);
  const answers = [
    ['policy', input.policies?.rows ?? []],
    ['guest', input.guests?.rows ?? []],
  ] as const;
  const gaps = answers.flatMap(([figure, counts]) => {
    const lost = counts.filter((count) => !known.has(placeKey(count)) && machinesOf(count) > 0);
    const byTeam = grouped<Place & { machines: object }, Team>(lost, (c) => find({ ...c, tags: {} }).team);
    return [...byTeam].map(([team, here]) => {
      const scopes = scopesOf(here);
      return { team, gap: { figure, reason: 'none counted', scopes, machines: sumOf(here, machinesOf) } satisfies Gap };
    });
  });
  return gapsByTeam(gaps);
}

/** What the machines of shared resource groups add up to for each team. */
export interface Attributed {
  readonly policies: ReadonlyMap<Team, ReadonlyMap<string, PolicyCount>>;
  readonly guests: ReadonlyMap<Team, ReadonlyMap<string, GuestCount>>;
  /** By the lower-case id of the machine. */
  readonly teams: ReadonlyMap<string, Team>;
  /** Keys of the places that were told of machine by machine. */
  readonly places: ReadonlySet<string>;
  /** States of machines that are not among those named, for the team that owns the group; under null where none does. */
  readonly lost: ReadonlyMap<Team, readonly Gap[]>;
}

/** What was told of single machines, and where. */
interface Singly {
  readonly places: readonly Place[];
  readonly members: readonly PlacedMachine[];
  readonly policies: readonly PolicyCount[];
  readonly guests: readonly GuestCount[];
}

/** Joins the rows by the id of the machine. `find` says which team owns a machine. */
export function attributed(
  { places, members, policies, guests }: Singly,
  find: (machine: Mapped) => Ownership,
): Attributed {
  const asked = new Set(places.map(placeKey));
  const known = new Map(members.filter((m) => asked.has(placeKey(m))).map((m) => [m.id, find(m).team]));
  const [said, reported] = [joined(policies, known), joined(guests, known)];
  return {
    policies: said.counts(policyCount),
    guests: reported.counts(guestCount),
    teams: known,
    places: asked,
    lost: gapsByTeam([...lostOf('policy', said.lost, find), ...lostOf('guest', reported.lost, find)]),
  };
}

interface Single extends Place {
  readonly machine?: string;
  readonly machines: object;
}

function joined<Row extends Single>(rows: readonly Row[], known: ReadonlyMap<string, Team>) {
  const single = rows.flatMap((row) => (row.machine === undefined ? [] : [{ row, team: known.get(row.machine) }]));
  const owned = single.flatMap(({ row, team }) => (team === undefined ? [] : [{ row, team }]));
  return {
    // A scale set is no machine: nobody misses it.
    lost: single.filter(({ row, team }) => team === undefined && machinesOf(row) > 0).map(({ row }) => row),
    counts: (countOf: (place: Place, rows: readonly Row[]) => Row) =>
      new Map(
        [...grouped(owned, ({ team }) => team)].map(([team, own]) => {
          const rowsOfPlaces = grouped(
            own.map(({ row }) => row),
            placeKey,
          );
          return [team, new Map([...rowsOfPlaces].map(([key, here]) => [key, countOf(placeIn(here), here)]))] as const;
        }),
      ),
  };
}

function policyCount(place: Place, rows: readonly PolicyCount[]): PolicyCount {
  return {
    ...place,
    machines: each(policyStates, (state) => sumOf(rows, (row) => row.machines[state])),
    azure: { good: sumOf(rows, ({ azure }) => azure.good), all: sumOf(rows, ({ azure }) => azure.all) },
    newest: latest(rows.map((row) => row.newest)),
    oldest: earliest(rows.map((row) => row.oldest)),
  };
}

function guestCount(place: Place, rows: readonly GuestCount[]): GuestCount {
  const newest = rows.flatMap((row) => row.newest ?? []);
  const oldest = rows.flatMap((row) => row.oldest ?? []);
  return {
    ...place,
    machines: each(guestStatuses, (status) => sumOf(rows, (row) => row.machines[status])),
    ...(newest.length > 0 && { newest: latest(newest) }),
    ...(oldest.length > 0 && { oldest: earliest(oldest) }),
  };
}

const latest = (times: readonly Date[]): Date =>
  new Date(times.reduce((max, time) => Math.max(max, time.getTime()), Number.NEGATIVE_INFINITY));
const earliest = (times: readonly Date[]): Date =>
  new Date(times.reduce((min, time) => Math.min(min, time.getTime()), Number.POSITIVE_INFINITY));

function lostOf(
  figure: 'policy' | 'guest',
  lost: readonly Place[],
  find: (machine: Mapped) => Ownership,
): readonly TeamGap[] {
  const places = grouped(lost, placeKey);
  return [...places.values()].map((here) => {
    const place = placeIn(here);
    const gap = { figure, reason: 'not among the counted', scopes: scopesOf([place]), machines: here.length } as const;
    return { team: find({ ...place, tags: {} }).team, gap };
  });
}

interface Exempted {
  /** Soonest to end first; those without an end last. */
  readonly rows: readonly Exemption[];
  readonly gaps: readonly Gap[];
}

interface Held extends Place {
  readonly alone: boolean;
}

type Teams = ReadonlySet<Team>;

const managementGroup = 'Microsoft.Management/managementGroups';
const subscription = 'Microsoft.Resources/subscriptions';
const group = 'Microsoft.Resources/resourceGroups';

/** The lower-case id of the machine, if this is the id of a machine or of something on one. */
function machineIn(id: string): string | undefined {
  return machineId.exec(id.toLowerCase())?.[0];
}

const machineId =
  /^.*?\/providers\/(?:microsoft\.compute\/virtualmachines|microsoft\.compute\/virtualmachinescalesets|microsoft\.hybridcompute\/machines)\/[^/]+/;

/**
 * The exemptions in force at `now` that concern a team's machines: one on a resource group or above concerns every team
 * with machines there; one on a machine in a shared group may concern any of them, unless `known` says who owns the
 * machine.
 */
export function exemptionsOfTeams(
  input: {
    readonly exemptions?: Counted<Exemption>;
    readonly managementGroups: ManagementGroups;
    readonly now: Date;
  },
  shares: ReadonlyMap<Team, readonly Held[]>,
  known: ReadonlyMap<string, Team> = new Map(),
): ReadonlyMap<Team, Exempted> {
  const holders = [...shares].flatMap(([team, held]) => held.map((share) => ({ team, ...share })));
  const byGroup = teamsBy(holders, (h) => [placeKey(h)]);
  const bySubscription = teamsBy(holders, (h) => [h.subscription]);
  const byManagementGroup = teamsBy(holders, ({ subscription }) =>
    (input.managementGroups.get(subscription) ?? []).map((name) => name.toLowerCase()),
  );
  const concerned = ({ scope }: Exemption): Teams | undefined => {
    const id = parseAzureId(scope);
    if (id?.isA(managementGroup)) return byManagementGroup.get(id.name.toLowerCase());
    const owner = known.get(machineIn(scope) ?? '');
    if (owner !== undefined) return new Set([owner]);
    if (id?.isA(subscription)) return bySubscription.get(id.subscription.toLowerCase());
    return id?.isA(group) || machineIn(scope) !== undefined ? byGroup.get(placeKey(placeOf(scope))) : undefined;
  };
  const given = (input.exemptions?.rows ?? [])
    .filter(({ expiresAt }) => expiresAt === undefined || expiresAt > input.now)
    .flatMap((row) => {
      const teams = concerned(row) ?? new Set();
      const unsure = teams.size > 1 && machineIn(row.scope) !== undefined;
      return [...teams].map((team) => ({ team, row, unsure }));
    });
  return new Map([...grouped(given, ({ team }) => team)].map(([team, own]) => [team, exempted(own)]));
}

function exempted(own: readonly { readonly row: Exemption; readonly unsure: boolean }[]): Exempted {
  const end = (row: Exemption) => row.expiresAt?.getTime() ?? Number.POSITIVE_INFINITY;
  const rows = own.map(({ row }) => row);
  const unsure = own.filter((o) => o.unsure).length;
  return {
    rows: rows.sort((a, b) => (end(a) === end(b) ? byText(a.id, b.id) : end(a) - end(b))),
    gaps: unsure === 0 ? [] : [{ figure: 'exemptions', reason: 'shared', exemptions: unsure }],
  };
}

function teamsBy(
  holders: readonly (Held & { readonly team: Team })[],
  keysOf: (holder: Held) => readonly string[],
): ReadonlyMap<string, Teams> {
  const entries = holders.flatMap((holder) => keysOf(holder).map((key) => ({ key, team: holder.team })));
  return new Map([...grouped(entries, (e) => e.key)].map(([key, own]) => [key, new Set(own.map((e) => e.team))]));
}

interface TeamGap {
  readonly team: Team;
  readonly gap: Gap;
}

function gapsByTeam(gaps: readonly TeamGap[]): ReadonlyMap<Team, readonly Gap[]> {
  return new Map([...grouped(gaps, ({ team }) => team)].map(([team, own]) => [team, own.map(({ gap }) => gap)]));
}

export function machinesOf({ machines }: { readonly machines: object }): number {
  return sumOf(Object.values(machines) as number[], (n) => n);
}

/** How many are named, so that a gap stays bounded. */
const mostNamed = 5;

export function scopesOf(places: readonly Place[]): Scopes {
  const sorted = places
    .map(({ subscription, resourceGroup }) => ({ subscription, resourceGroup }))
    .sort((a, b) => byText(a.resourceGroup, b.resourceGroup) || byText(a.subscription, b.subscription));
  return { first: sorted.slice(0, mostNamed), total: sorted.length };
}
