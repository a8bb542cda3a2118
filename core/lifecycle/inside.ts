import type { AzureRead } from '../azure';
import { grouped } from '../collections';
import {
  type GuestReport,
  isTattooCheck,
  type Machine,
  type Place,
  staleAfterMs,
  stillHolds,
  type TattooReading,
} from '../compliance';
import { compareVersions } from '../images';
import { type Single, type SingleSeen, stateOf, type Tracked } from './singles';

/**
 * What is known of the inside of machines that stand alone, beside the image that Azure says they were made from: by what
 * goldbot read when somebody asked for it, and by what guest configuration reports. Nothing is run on a machine for it.
 */

/**
 * `confirmed`: its tattoo was read, and names the version or a newer one. `checked`: guest configuration finds a tattoo that
 * nobody changed, and does not say of which version. `differs`: it is not what its version says.
 */
export type Inside = 'confirmed' | 'checked' | 'differs';

interface Known {
  /** Name in the catalogue. */
  readonly image: string;
  readonly version: string;
  readonly reading?: TattooReading | undefined;
  readonly report?: GuestReport | undefined;
}

/** Undefined: nobody looked, or not since the machine was made. */
function insideOf(machine: Machine, known: Known, now: Date): Inside | undefined {
  const { reading, report } = known;
  if (reading && stillHolds(machine, known.image, reading)) {
    const read = readAs(reading, known, machine);
    if (read) return read;
  }
  const check = report?.looks.find(({ name }) => isTattooCheck(name));
  const at = check?.checkedAt;
  const isNew = at && now.getTime() - at.getTime() <= staleAfterMs && !(machine.createdAt && machine.createdAt > at);
  if (!isNew) return undefined;
  if (check?.status === 'NonCompliant') return 'differs';
  return check?.status === 'Compliant' ? 'checked' : undefined;
}

/** Undefined: it was read, and nothing follows from it. */
function readAs(
  { verdict, runs, inside, isBare }: TattooReading,
  { image, version }: Known,
  machine: Machine,
): Inside | undefined {
  if (isBare || verdict === 'rebranded' || verdict === 'forged') return 'differs';
  // All agree: the tattoo of a copy has the number of what it is a copy of.
  if (verdict === 'verified') return compareVersions(machine.version, version) >= 0 ? 'confirmed' : undefined;
  if (verdict === 'unknown') return undefined;
  const isThere = (one: typeof runs) => one?.image === image && compareVersions(one.version, version) >= 0;
  if (isThere(inside)) return 'confirmed';
  // What the disk was made from is no look inside.
  return isThere(runs) || !runs ? undefined : 'differs';
}

interface Looked extends Pick<Known, 'image' | 'version'> {
  readonly seen: Tracked['seen'];
  /** As the inventory has them, by lower-case id. */
  readonly found: ReadonlyMap<string, Machine>;
  /** What goldbot read inside machines, by their ids. */
  readonly readings: (machines: readonly string[]) => Promise<readonly TattooReading[]>;
}

/**
 * With what is known of their insides. A machine that its owner brought to the version in place counts as there once its
 * tattoo was read. At most one question to the inventory.
 *
 * @throws UserError `AZ_…`
 */
export async function lookInside(
  read: Pick<AzureRead, 'guestReports'>,
  { seen, found, readings, image, version }: Looked,
  now: Date,
): Promise<Tracked['seen']> {
  const ids = Object.keys(seen).filter((id) => found.has(id));
  const known = new Map((ids.length === 0 ? [] : await readings(ids)).map((one) => [one.machine, one]));
  const isRead = (id: string, machine: Machine) =>
    insideOf(machine, { image, version, reading: known.get(id) }, now) === 'confirmed';
  const machines = [...found].filter(([id]) => seen[id]);
  const unread = machines.flatMap(([id, one]) => (seen[id]?.state === 'there' && !isRead(id, one) ? [one] : []));
  const places = [...new Map(unread.map((one) => [`${one.subscription}/${one.resourceGroup}`, placeOf(one)])).values()];
  const { rows } = unread.length === 0 ? { rows: [] } : await read.guestReports({ places }, mostReports);
  const reports = new Map(rows.map((one) => [one.machine, one]));
  const looked = machines.map(([id, machine]) => {
    const reading = known.get(id);
    const inside = insideOf(machine, { image, version, reading, report: reports.get(id) }, now);
    return [id, withInside(seen[id], inside, reading)] as const;
  });
  return { ...seen, ...Object.fromEntries(looked.flatMap(([id, one]) => (one ? [[id, one]] : []))) };
}

/** By where machines are: the names of hundreds would not fit in a question. */
const mostReports = 5_000;
const placeOf = ({ subscription, resourceGroup }: Machine): Place => ({ subscription, resourceGroup });

function withInside(seen: SingleSeen | undefined, inside: Inside | undefined, reading: TattooReading | undefined) {
  if (!seen) return undefined;
  const { inside: _, ...before } = seen;
  if (seen.state === 'there') return { ...before, ...(inside && { inside }) };
  // Of what is behind by its image only that it is not counts: what was read inside.
  if (inside !== 'confirmed' || !reading?.inside) return before;
  return { ...before, state: 'there' as const, version: reading.inside.version, inside };
}

const mostNames = 3;

/** How it is known of the machines that are there that they are, in clauses; they add up. */
export function insideWords(there: readonly Single[], tracked: Tracked | undefined): readonly string[] {
  const by = grouped(there, (single) => stateOf(tracked, single).inside ?? 'alone');
  const words = (how: Inside | 'alone', said: (one: boolean) => string): readonly string[] => {
    const own = by.get(how) ?? [];
    return own.length === 0 ? [] : [`${own.length} ${said(own.length === 1)} (${namesOf(own)})`];
  };
  return [
    ...words('confirmed', () => 'confirmed inside'),
    ...words('checked', () => 'whose tattoo is unchanged, and whose version nobody read there'),
    ...words('differs', (one) => `whose inside is not what ${one ? 'its version says' : 'their versions say'}`),
    ...words('alone', (one) => `by ${one ? 'its image' : 'their images'} alone: nobody looked inside`),
  ];
}

function namesOf(singles: readonly Single[]): string {
  const names = singles.slice(0, mostNames).map(({ name }) => name);
  const rest = singles.length - names.length;
  return rest > 0 ? `${names.join(', ')} and ${rest} more` : names.join(', ');
}

/** A machine that is there and whose tattoo nobody read. */
export const unreadOf = (there: readonly Single[], tracked: Tracked | undefined): Single | undefined =>
  there.find((single) => (stateOf(tracked, single).inside ?? 'checked') === 'checked');
