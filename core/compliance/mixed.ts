import { type Mapped, type Ownership, placeKey, placeOf } from '../access';
import { byText, each, grouped, sumOf } from '../collections';
import { many } from '../phrases';
import {
  type GuestCount,
  guestStatuses,
  type MachineGuest,
  type MachinePolicies,
  type MachineStates,
  type Place,
  type PlacedMachine,
  type PolicyCount,
  policyStates,
} from './inventory';

/**
 * Machines in resource groups of several teams that are read one by one at most: three questions of three pages. Beside
 * the six that count everybody that is all that Resource Graph answers in 5 seconds.
 */
export const mostRead = 3_000;

type Team = string | null;

/** What the machines of resource groups of several teams come to for each team. */
export interface Attributed {
  readonly policies: ReadonlyMap<Team, ReadonlyMap<string, PolicyCount>>;
  readonly guests: ReadonlyMap<Team, ReadonlyMap<string, GuestCount>>;
  /** By the lower-case id of the machine. */
  readonly teams: ReadonlyMap<string, Team>;
  /** Keys of the places that were read. */
  readonly places: ReadonlySet<string>;
  /** What Azure told in part, for every team that has machines there; absent: the whole. */
  readonly partial?: string;
  /** States of what is not among the machines, as sentences for the team that has the group; null for nobody. */
  readonly lost: ReadonlyMap<Team, readonly string[]>;
}

/** Those of these places that are read one by one, small ones first, until they hold too many machines. */
export function placesToRead<Held extends Place & { readonly judged: number }>(
  mixed: readonly Held[],
): readonly Held[] {
  let sum = 0;
  return mixed
    .filter(({ judged }) => judged > 0)
    .toSorted((a, b) => a.judged - b.judged || byText(placeKey(a), placeKey(b)))
    .filter(({ judged }) => {
      sum += judged;
      return sum <= mostRead;
    });
}

/** Joins the rows by the id of the machine. `find` tells whose a machine is. */
export function attributed(
  { places, machines, policies, guests }: MachineStates,
  find: (machine: Mapped) => Ownership,
): Attributed {
  const known = new Map(machines.rows.map((machine) => [machine.id, { machine, team: find(machine).team }]));
  const [said, reported] = [joined(policies.rows, known), joined(guests.rows, known)];
  const partial = [
    ...partOf('machines', machines.partial),
    ...partOf('policy states', policies.partial),
    ...partOf('guest configuration', guests.partial),
  ].join(' ');
  const lost = [
    ...sentences('Azure Policy has states', said.lost, find),
    ...sentences('Guest configuration has results', reported.lost, find),
  ];
  return {
    policies: said.counts(policyCount),
    guests: reported.counts(guestCount),
    teams: new Map([...known].map(([id, { team }]) => [id, team])),
    places: new Set(places.map(placeKey)),
    ...(partial && { partial: `Of resource groups of several teams: ${partial}` }),
    lost: new Map([...grouped(lost, ({ team }) => team)].map(([team, own]) => [team, own.map(({ text }) => text)])),
  };
}

type Known = ReadonlyMap<string, { readonly machine: PlacedMachine; readonly team: Team }>;

function joined<Row extends { readonly machine: string }>(rows: readonly Row[], known: Known) {
  const owned = rows.flatMap((row) => {
    const found = known.get(row.machine);
    return found ? [{ row, team: found.team, place: found.machine }] : [];
  });
  return {
    lost: rows.filter(({ machine }) => !known.has(machine)),
    counts: <Count>(countOf: (place: Place, rows: readonly Row[]) => Count) =>
      new Map(
        [...grouped(owned, ({ team }) => team)].map(([team, own]) => {
          const places = grouped(own, ({ place }) => placeKey(place));
          const counts = [...places].map(
            ([key, here]) =>
              [
                key,
                countOf(
                  placeOf(here[0]?.row.machine ?? ''),
                  here.map(({ row }) => row),
                ),
              ] as const,
          );
          return [team, new Map(counts)] as const;
        }),
      ),
  };
}

function policyCount(place: Place, rows: readonly MachinePolicies[]): PolicyCount {
  return {
    ...place,
    states: each(policyStates, (state) => sumOf(rows, (row) => row.states[state])),
    machines: each(policyStates, (state) => rows.filter(({ worst }) => worst === state).length),
    newest: latest(rows.map((row) => row.newest)),
    oldest: earliest(rows.map((row) => row.oldest)),
  };
}

function guestCount(place: Place, rows: readonly MachineGuest[]): GuestCount {
  const newest = rows.flatMap((row) => row.newest ?? []);
  const oldest = rows.flatMap((row) => row.oldest ?? []);
  return {
    ...place,
    machines: each(guestStatuses, (status) => rows.filter(({ worst }) => worst === status).length),
    ...(newest.length > 0 && { newest: latest(newest) }),
    ...(oldest.length > 0 && { oldest: earliest(oldest) }),
  };
}

const latest = (times: readonly Date[]): Date =>
  new Date(times.reduce((max, time) => Math.max(max, time.getTime()), Number.NEGATIVE_INFINITY));
const earliest = (times: readonly Date[]): Date =>
  new Date(times.reduce((min, time) => Math.min(min, time.getTime()), Number.POSITIVE_INFINITY));

function sentences(
  what: string,
  lost: readonly { readonly machine: string }[],
  find: (machine: Mapped) => Ownership,
): readonly { readonly team: Team; readonly text: string }[] {
  const places = grouped(lost, ({ machine }) => placeKey(placeOf(machine)));
  return [...places.values()].map((here) => {
    const place = placeOf(here[0]?.machine ?? '');
    const text = `${what} of ${many(here.length, 'machine')} in ${place.resourceGroup} that are not among those counted there: deleted since, scale set instances, or hidden from goldbot.`;
    return { team: find({ ...place, tags: {} }).team, text };
  });
}

function partOf(what: string, partial: string | undefined): readonly string[] {
  return partial === undefined ? [] : [`${what}: ${partial}`];
}
