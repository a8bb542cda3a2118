import { placeKey } from '../../core/access';
import type { AzureRead } from '../../core/azure';
import { nameOfId } from '../../core/azure-id';
import {
  type Counted,
  type Gap,
  type GuestStatus,
  type Judged,
  type Machine,
  type MachineTraits,
  type PolicyState,
  partial,
} from '../../core/compliance';
import { type Ground, mostListed as most } from './ground';

/** Part of a list. */
export interface Slice {
  /** How many stand before it. */
  readonly skip: number;
  readonly take: number;
}

/** Machines of a slice, in the order of their ids, and what is behind them. */
export interface Found {
  readonly machines: readonly Machine[];
  readonly total: number;
  readonly gaps: readonly Gap[];
}

/** What policies or guest configuration were asked for; undefined: machines of which they say nothing. */
export type Verdict =
  | { readonly of: 'policy'; readonly is: PolicyState | undefined }
  | { readonly of: 'guest'; readonly is: GuestStatus | undefined };

/** Rows of one page of Resource Graph. */
const page = 1_000;

/** Machines that are wanted, whatever is said of them. */
export async function wantedMachines(read: AzureRead, ground: Ground, { skip, take }: Slice): Promise<Found> {
  const { machines, gaps } = await listed(read, ground, skip + take);
  return { machines: machines.slice(skip, skip + take), total: ground.total, gaps };
}

/** Machines that are wanted and of which this is said; of several policies the worst counts. */
export async function judgedMachines(
  read: AzureRead,
  ground: Ground,
  verdict: Verdict,
  slice: Slice & { readonly narrowed: boolean },
): Promise<Found> {
  if (ground.places.length === 0) return { machines: [], total: 0, gaps: [] };
  const shared = ground.shares.some(({ read }) => read);
  if (verdict.is !== undefined && !slice.narrowed && !shared) return pageOfVerdicts(read, ground, verdict, slice);
  const [said, { machines, gaps }] = await Promise.all([
    verdicts(read, ground, verdict, most),
    listed(read, ground, most),
  ]);
  const ids = new Set(said.rows.map((row) => row.machine));
  const places = new Set(ground.places.map(placeKey));
  const judged = (machine: Machine) => ids.has(machine.id.toLowerCase());
  const silent = (machine: Machine) => machine.type !== 'instance' && places.has(placeKey(machine)) && !judged(machine);
  const found = machines.filter(verdict.is === undefined ? silent : judged);
  return {
    machines: found.slice(slice.skip, slice.skip + slice.take),
    total: found.length,
    gaps: [...gaps, ...cutShort(said, said.total), ...partial(verdict.of, said)],
  };
}

/** Azure gives the rows in order and counts them: only those that are shown are looked at. */
async function pageOfVerdicts(
  read: AzureRead,
  ground: Ground,
  verdict: Verdict,
  { skip, take }: Slice,
): Promise<Found> {
  const said = await verdicts(read, ground, verdict, skip + take);
  const ids = said.rows.slice(skip, skip + take).map((row) => row.machine);
  const known = ids.length === 0 ? [] : (await read.machineList({ ids }, ids.length)).rows;
  const byId = new Map(known.map((machine) => [machine.id.toLowerCase(), machine]));
  const names = ids.filter((id) => !byId.has(id)).map(nameOfId);
  return {
    machines: ids.flatMap((id) => byId.get(id) ?? []),
    total: said.total,
    gaps: [
      ...partial(verdict.of, said),
      ...(names.length > 0 ? [{ figure: 'machines', reason: 'gone', names } as const] : []),
    ],
  };
}

function verdicts(
  read: AzureRead,
  { places }: Ground,
  verdict: Verdict,
  limit: number,
): Promise<Counted<Judged<string>> & { readonly total: number }> {
  return verdict.of === 'policy'
    ? read.policyMachines(places, verdict.is, limit)
    : read.guestMachines(places, verdict.is, limit);
}

async function listed(read: AzureRead, ground: Ground, upTo: number) {
  const limit = Math.min(most, Math.ceil(upTo / page) * page);
  const lists = await Promise.all(ground.filters.map((filter) => read.machineList(filter, limit)));
  const rows = new Map(lists.flatMap(({ rows }) => rows).map((machine) => [machine.id.toLowerCase(), machine]));
  const machines = [...rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, machine]) => machine);
  return {
    machines: machines.filter((machine: MachineTraits) => ground.wants(machine)),
    gaps: lists.flatMap((list) => [
      ...(upTo > limit || limit >= most ? cutShort(list, list.total) : []),
      ...partial('machines', list),
    ]),
  };
}

function cutShort({ rows }: Counted<unknown>, total: number): readonly Gap[] {
  return rows.length < total ? [{ figure: 'machines', reason: 'not read', first: rows.length, total }] : [];
}
