import type { AzureRead } from '../azure';
import { byText, grouped } from '../collections';
import type { Machine, TeamOf } from '../compliance';
import { compareVersions } from '../images';
import { days, hours } from '../time';
import type { Inside } from './inside';
import type { Model } from './rollout';

/**
 * Machines that stand alone on their way to a version: their owners replace them, and goldbot looks on. It tells cattle's
 * owners which, keeps appointments for the others, and counts a machine once Azure says that it was made from the version.
 */

/** A machine that was behind when people agreed. */
export interface Single {
  /** Resource id. */
  readonly id: string;
  readonly name: string;
  readonly model: Model;
  /** What it ran then. */
  readonly version: string;
}

/** A time at which a machine's owner means to replace it. World times, ISO 8601. */
export interface Appointment {
  readonly at: string;
  readonly madeAt: string;
  /** Name of who made it. */
  readonly by: string;
  /** Which reminder told of it; absent until one has. */
  readonly reminder?: number;
  /** Why it could not be then when it was told: a freeze that came later. A clause that follows the time. */
  readonly barred?: string;
}

/** `gone`: Azure has no such machine on this image any more, which is what becomes of cattle. */
export interface SingleSeen {
  readonly state: 'behind' | 'there' | 'gone';
  readonly version: string;
  /** Of what is there; absent: nobody looked. */
  readonly inside?: Inside;
}

/** What a run keeps of machines that stand alone; both by lower-case id. */
export interface Tracked {
  readonly seen: Readonly<Record<string, SingleSeen>>;
  readonly appointments: Readonly<Record<string, Appointment>>;
  /** How many there were. */
  readonly reminders: number;
  /** World time (ISO) since which it is looked on, and as of which the inventory was read. */
  readonly since: string;
  readonly asOf?: string;
  /** Earlier rollouts whose appointments stand here as well. */
  readonly took?: readonly string[];
}

/** How many machines a run keeps by name: what it is agreed to with must fit in a row, and in an event. */
export const mostSingles = 500;
const mostRows = 5_000;

/** World time that owners have, unless an appointment is later. */
export const trackMs = days(30);
export const furthestAppointmentDays = 90;
/** World time after an appointment that a replacement may take, and the inventory to show it. */
const afterMs = days(1);
const remindMs = days(1);
/** For what is appointed within a day. */
const lateRemindMs = hours(1);
const lookMs = hours(1);

interface Which {
  /** Lower-case id of the definition. */
  readonly source: string;
  readonly version: string;
  readonly team: string | null;
  readonly teamOf: TeamOf;
}

const modelOrder: readonly Model[] = ['pet', 'undecided', 'cattle'];

/**
 * A team's machines that stand alone and are behind the version, pets first; `total` of them, of which at most
 * `mostSingles` are named. One question to the inventory.
 *
 * @throws UserError `AZ_…`
 */
export async function readSingles(
  read: Pick<AzureRead, 'machineList'>,
  { source, version, team, teamOf }: Which,
): Promise<{ readonly singles: readonly Single[]; readonly total: number }> {
  const listed = await read.machineList({ source, type: 'vm' }, mostRows);
  const own = listed.rows.filter(
    (machine) =>
      machine.scaleSet === undefined && compareVersions(machine.version, version) < 0 && teamOf(machine) === team,
  );
  const sorted = own
    .map(({ id, name, model, version: runs }): Single => ({ id, name, model: model ?? 'undecided', version: runs }))
    .sort((a, b) => modelOrder.indexOf(a.model) - modelOrder.indexOf(b.model) || byText(a.name + a.id, b.name + b.id));
  return { singles: sorted.slice(0, mostSingles), total: sorted.length + (listed.total - listed.rows.length) };
}

export const singleKey = ({ id }: Pick<Single, 'id'>): string => id.toLowerCase();

/**
 * What became of each, by one question to the inventory, and the machines of the image by lower-case id. Where that answered only in part, a machine that is not in its
 * answer stays what it was: nobody is told that something is gone which Azure did not say.
 *
 * @throws UserError `AZ_…`
 */
export async function seeSingles(
  read: Pick<AzureRead, 'machineList'>,
  {
    singles,
    source,
    version,
    before,
  }: Pick<Which, 'source' | 'version'> & {
    readonly singles: readonly Single[];
    readonly before: Tracked['seen'];
  },
): Promise<Pick<Tracked, 'seen'> & { readonly found: ReadonlyMap<string, Machine>; readonly asOf: Date }> {
  const listed = await read.machineList({ source, type: 'vm' }, mostRows);
  const isWhole = !listed.partial && listed.rows.length >= listed.total;
  const found = new Map(listed.rows.map((machine) => [singleKey(machine), machine]));
  const seen = singles.map((single) => {
    const key = singleKey(single);
    const was = before[key] ?? { state: 'behind' as const, version: single.version };
    return [key, seenOf(found.get(key), { was, version, isWhole })] as const;
  });
  return { seen: Object.fromEntries(seen), found, asOf: listed.asOf };
}

function seenOf(
  found: Machine | undefined,
  { was, version, isWhole }: { readonly was: SingleSeen; readonly version: string; readonly isWhole: boolean },
): SingleSeen {
  if (!found) return isWhole ? { state: 'gone', version: was.version } : was;
  const isThere = compareVersions(found.version, version) >= 0;
  return { state: isThere ? 'there' : 'behind', version: found.version };
}

/** What each machine is now; `behind` until it has been looked at. */
export const stateOf = (tracked: Tracked | undefined, single: Single): SingleSeen =>
  tracked?.seen[singleKey(single)] ?? { state: 'behind', version: single.version };

export const appointmentOf = (tracked: Tracked | undefined, single: Single): Appointment | undefined =>
  tracked?.appointments[singleKey(single)];

/** The machines by what became of them. */
export function singlesBy(
  singles: readonly Single[],
  tracked: Tracked | undefined,
): Readonly<Record<SingleSeen['state'], readonly Single[]>> {
  const by = grouped(singles, (single) => stateOf(tracked, single).state);
  return { behind: by.get('behind') ?? [], there: by.get('there') ?? [], gone: by.get('gone') ?? [] };
}

/** Makes an appointment, moves it, or takes it back (no `at`); a moved one is reminded of anew. */
export function appointed(
  tracked: Tracked,
  { id, at, by, madeAt }: { readonly id: string; readonly at?: string; readonly by: string; readonly madeAt: string },
): Tracked {
  const { [id.toLowerCase()]: _, ...others } = tracked.appointments;
  if (at === undefined) return { ...tracked, appointments: others };
  return { ...tracked, appointments: { ...others, [id.toLowerCase()]: { at, by, madeAt } } };
}

/** Appointments of a rollout that ends because a newer one follows the same machines; both with the machines that they are of. */
export interface HandedOver {
  /** They hold for the newer one. */
  readonly moved: Tracked['appointments'];
  /** Of machines that are not behind any more or that the newer one does not follow, and those whose time is past. */
  readonly lapsed: readonly Single[];
}

/** What becomes of the appointments of machines `from` one rollout once another one follows machines `to`. */
export function handOver(
  tracked: Tracked,
  { from, to }: { readonly from: readonly Single[]; readonly to: readonly Single[] },
  now: Date,
): HandedOver {
  const followed = new Set(to.map(singleKey));
  const moves = (key: string, { at }: Appointment) => followed.has(key) && isOpen(tracked, key) && new Date(at) > now;
  const moved = Object.entries(tracked.appointments).filter(([key, one]) => moves(key, one));
  const kept = new Set(moved.map(([key]) => key));
  const lapsed = from.filter((single) => appointmentOf(tracked, single) && !kept.has(singleKey(single)));
  return { moved: Object.fromEntries(moved), lapsed };
}

/**
 * With the appointments of an earlier rollout, once. What somebody has appointed here holds; owners are reminded of the rest
 * anew, because it is about another version now.
 */
export function takeOver(
  tracked: Tracked,
  { id, appointments }: { readonly id: string } & Pick<Tracked, 'appointments'>,
): Tracked {
  const { took = [] } = tracked;
  if (took.includes(id)) return tracked;
  const anew = Object.entries(appointments).map(([key, { at, by, madeAt }]) => [key, { at, by, madeAt }] as const);
  return {
    ...tracked,
    appointments: { ...Object.fromEntries(anew), ...tracked.appointments },
    took: [...took, id],
  };
}

/** A day before, or an hour before what was appointed later than that. */
function remindAt({ at, madeAt }: Appointment): number {
  const [when, made] = [new Date(at).getTime(), new Date(madeAt).getTime()];
  return when - made > remindMs ? when - remindMs : when - lateRemindMs;
}

const isOpen = (tracked: Tracked, key: string): boolean => (tracked.seen[key]?.state ?? 'behind') === 'behind';

/**
 * With the appointments that are due marked as told by one more reminder; undefined: none is due. `whyBarred`: why nothing
 * may be replaced at a time.
 */
export function reminded(
  tracked: Tracked,
  now: Date,
  whyBarred: (at: Date) => string | undefined = () => undefined,
): Tracked | undefined {
  const due = Object.entries(tracked.appointments).filter(
    ([key, one]) => one.reminder === undefined && isOpen(tracked, key) && remindAt(one) <= now.getTime(),
  );
  if (due.length === 0) return undefined;
  const reminders = tracked.reminders + 1;
  const told = Object.fromEntries(
    due.map(([key, one]) => {
      const barred = whyBarred(new Date(one.at));
      return [key, { ...one, reminder: reminders, ...(barred !== undefined && { barred }) }];
    }),
  );
  return { ...tracked, reminders, appointments: { ...tracked.appointments, ...told } };
}

/** When nobody looks on any more, whatever is left. */
export function trackEnd({ since, appointments }: Pick<Tracked, 'since' | 'appointments'>): Date {
  const ends = Object.values(appointments).map(({ at }) => new Date(at).getTime() + afterMs);
  return new Date(Math.max(new Date(since).getTime() + trackMs, ...ends));
}

/** World time until there is something to do, unless somebody says something. */
export function nextTrackMs(tracked: Tracked, now: Date): number {
  const times = Object.entries(tracked.appointments)
    .filter(([key, { reminder }]) => reminder === undefined && isOpen(tracked, key))
    .map(([, one]) => remindAt(one));
  const next = Math.min(trackEnd(tracked).getTime(), ...times) - now.getTime();
  return Math.max(1_000, Math.min(lookMs, next));
}
