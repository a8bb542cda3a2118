import { type ManagementGroups, placeKey, teamFinder } from '../access';
import type { Catalogue } from '../catalogue';
import { each, grouped, sumOf } from '../collections';
import { listed, many } from '../phrases';
import type { GuestFigures, PolicyFigures } from './figures';
import {
  type Counted,
  type GuestCount,
  guestStatuses,
  type MachineCount,
  type Place,
  type PolicyCount,
  policyStates,
} from './inventory';
import { mostRead, placesToRead } from './mixed';

/**
 * Policy states and guest configuration carry no tags: a team gets those of the resource groups that hold its machines
 * alone, and of others only what is read machine by machine. A share is what a team has in one resource group.
 */
export interface Share extends Place {
  /** No other team, and no orphan, has a machine there. */
  readonly alone: boolean;
  /** Not alone, but few enough machines lie there to be read one by one. */
  readonly few: boolean;
  /** They were read: their figures can be told. */
  readonly read?: boolean;
  /** VMs and Arc machines: what Azure Policy and guest configuration speak of. */
  readonly judged: number;
}

interface Figure<Standing> {
  readonly figure?: Standing;
  readonly missing: readonly string[];
}

type ByPlace<Count> = ReadonlyMap<string, Count>;

export function sharesOfTeams(
  rows: readonly { readonly count: MachineCount; readonly team: string | null }[],
): ReadonlyMap<string | null, readonly Share[]> {
  const places = [...grouped(rows, ({ count }) => placeKey(count)).values()].map((here) => {
    const counts = here.map(({ count }) => count);
    return { ...placeIn(counts), judged: judgedOf(counts), teams: grouped(here, ({ team }) => team) };
  });
  const few = new Set(placesToRead(places.filter(({ teams }) => teams.size > 1)).map(placeKey));
  const shares = places.flatMap(({ teams, ...place }) =>
    [...teams].map(([team, own]) => {
      const judged = judgedOf(own.map(({ count }) => count));
      return { team, share: { ...place, alone: teams.size === 1, few: few.has(placeKey(place)), judged } };
    }),
  );
  return new Map([...grouped(shares, ({ team }) => team)].map(([team, own]) => [team, own.map((o) => o.share)]));
}

function placeIn(counts: readonly MachineCount[]): Place {
  const { subscription = '', resourceGroup = '' } = counts[0] ?? {};
  return { subscription, resourceGroup };
}

function judgedOf(counts: readonly MachineCount[]): number {
  return sumOf(counts, (c) => (c.type === 'instance' ? 0 : c.machines));
}

/** Resource groups of several teams, of these among them, whose machines are to be read one by one. */
export function mixedPlaces(
  shares: ReadonlyMap<string | null, readonly Share[]>,
  teams: readonly (string | null)[] = [...shares.keys()],
): readonly Place[] {
  const mixed = teams.flatMap((team) => shares.get(team) ?? []).filter(({ few, judged }) => few && judged > 0);
  const byKey = new Map(
    mixed.map(({ subscription, resourceGroup }) => [
      `${subscription}/${resourceGroup}`,
      { subscription, resourceGroup },
    ]),
  );
  return [...byKey.values()];
}

/** The same with what was read machine by machine, by the keys of the places. */
export function withRead(shares: ReadonlyMap<string | null, readonly Share[]>, places: ReadonlySet<string>) {
  const marked = (share: Share): Share =>
    !share.alone && places.has(placeKey(share)) ? { ...share, read: true } : share;
  return new Map([...shares].map(([team, own]) => [team, own.map(marked)]));
}

/** Of each of the shares: what is said of the whole group, or of the team's machines there. */
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

/** What policies and guest configuration say there can be told to the team. */
export function isTold({ alone, read }: Share): boolean {
  return alone || read === true;
}

export function policyFigures(
  shares: readonly Share[],
  counts: ByPlace<PolicyCount>,
  partial: string | undefined,
): Figure<PolicyFigures> {
  const told = tell(shares, counts, 'Azure Policy has states');
  if (silent(shares, told, partial)) return { missing: told.missing };
  const states = each(policyStates, (state) => sumOf(told.own, (count) => count.states[state]));
  const all = sumOf(Object.values(states), (n) => n);
  const good = states.Compliant + states.Exempt + states.Unknown;
  return {
    missing: told.missing,
    figure: {
      states,
      machines: each(policyStates, (state) => sumOf(told.own, (count) => count.machines[state])),
      notEvaluated: told.without,
      ...(all > 0 && { azurePercent: wholePercent(good, all) }),
      ...clocks(told.own),
    },
  };
}

export function guestFigures(
  shares: readonly Share[],
  counts: ByPlace<GuestCount>,
  partial: string | undefined,
): Figure<GuestFigures> {
  const told = tell(shares, counts, 'Guest configuration has results');
  if (silent(shares, told, partial)) return { missing: told.missing };
  const machines = each(guestStatuses, (status) => sumOf(told.own, (count) => count.machines[status]));
  return { missing: told.missing, figure: { machines, none: told.without, ...clocks(told.own) } };
}

/** What both figures leave out, once. */
export function shareRemarks(shares: readonly Share[]): readonly string[] {
  const mixed = shares.filter((share) => !isTold(share) && share.judged > 0);
  const tooMany = `, and in all too many to be read one by one (more than ${mostRead.toLocaleString('en-US')}).`;
  return [...grouped(mixed, ({ few }) => few)].map(([few, own]) => {
    const machines = many(
      sumOf(own, (s) => s.judged),
      'machine',
    );
    const theirs = own.length === 1 ? 'holds' : 'hold';
    const why = `${groupNames(own)} also ${theirs} machines of other teams or of none`;
    return `Policy states and guest configuration of ${machines} cannot be told: ${why}${few ? '.' : tooMany}`;
  });
}

/**
 * States in resource groups where no machine is counted, as a sentence for the team that has the group or the
 * subscription; null for nobody.
 */
export function leftOver(
  input: {
    readonly catalogue: Pick<Catalogue, 'teams'>;
    readonly managementGroups: ManagementGroups;
    readonly machines: Counted<MachineCount>;
    readonly policies: Counted<PolicyCount>;
    readonly guests: Counted<GuestCount>;
  },
  shares: ReadonlyMap<string | null, readonly Share[]>,
): ReadonlyMap<string | null, readonly string[]> {
  const known = new Set([...shares.values()].flat().map(placeKey));
  const find = teamFinder(input.catalogue.teams, input.managementGroups);
  const told = [
    ['Azure Policy has states', input.policies.rows],
    ['Guest configuration has results', input.guests.rows],
  ] as const;
  const sentences = told.flatMap(([what, counts]) => {
    const lost = counts.filter((count) => !known.has(placeKey(count)) && machinesOf(count) > 0);
    const byTeam = grouped<Place & { machines: object }, string | null>(lost, (c) => find({ ...c, tags: {} }).team);
    return [...byTeam].map(([team, here]) => {
      const machines = many(sumOf(here, machinesOf), 'machine');
      const where = `${groupNames(here)}, where none is counted`;
      return { team, text: `${what} of ${machines} in ${where}: deleted since, or hidden from goldbot.` };
    });
  });
  return new Map([...grouped(sentences, (s) => s.team)].map(([team, own]) => [team, own.map((s) => s.text)]));
}

interface Told<Count> {
  /** Of resource groups that the team has alone, and of its machines that were read one by one. */
  readonly own: readonly Count[];
  /** Machines there that are counted and have no row. */
  readonly without: number;
  readonly missing: readonly string[];
}

function tell<Count extends PolicyCount | GuestCount>(
  shares: readonly Share[],
  counts: ByPlace<Count>,
  what: string,
): Told<Count> {
  const told = shares.filter(isTold).map((share) => {
    const count = counts.get(placeKey(share));
    return { share, count, machines: count ? machinesOf(count) : 0 };
  });
  const excess = told.filter(({ share, machines }) => machines > share.judged);
  const named = many(
    sumOf(excess, (e) => e.machines),
    'machine',
  );
  const counted = sumOf(excess, (e) => e.share.judged);
  const where = groupNames(excess.map((e) => e.share));
  return {
    own: told.flatMap(({ count }) => count ?? []),
    without: sumOf(told, ({ share, machines }) => Math.max(0, share.judged - machines)),
    missing:
      excess.length === 0
        ? []
        : [
            `${what} of ${named} in ${where}, where only ${counted} VMs and Arc machines are counted: the others were deleted since, or are scale set instances.`,
          ],
  };
}

/** Nothing can be told: none of its groups can, or Azure answered in part and nothing of this team. */
function silent(shares: readonly Share[], told: Told<unknown>, partial: string | undefined): boolean {
  if (told.own.length > 0) return false;
  const judged = shares.filter((share) => share.judged > 0);
  return judged.some(isTold) ? partial !== undefined : judged.length > 0;
}

function clocks(counts: readonly { readonly newest?: Date; readonly oldest?: Date }[]) {
  const newest = counts.flatMap((c) => c.newest?.getTime() ?? []);
  const oldest = counts.flatMap((c) => c.oldest?.getTime() ?? []);
  return {
    ...(newest.length > 0 && { newest: new Date(newest.reduce((a, b) => Math.max(a, b))) }),
    ...(oldest.length > 0 && { oldest: new Date(oldest.reduce((a, b) => Math.min(a, b))) }),
  };
}

/** Rounded, but 100 only when all of them are good. */
function wholePercent(good: number, all: number): number {
  return good === all ? 100 : Math.min(99, Math.round((good / all) * 100));
}

function machinesOf({ machines }: { readonly machines: object }): number {
  return sumOf(Object.values(machines) as number[], (n) => n);
}

function groupNames(places: readonly Place[]): string {
  return listed(places.map((p) => p.resourceGroup).sort());
}
