import { tenantId } from '../../entra/people';
import type { Json } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { key } from '../arm';
import type { JsonObject, Resource } from '../compute/resource';
import { compute } from '../compute/section';
import { vmType } from '../compute/vm-shared';
import { powerOf, powerStatus } from '../compute/vm-view';
import { guestAssignments, policyRows } from '../estate/compliance';
import { syntheticAfter, syntheticAt } from '../estate/synthetic';
import type { Row } from './kql/values';

/** A table of Resource Graph: rows in the order of their lower-case ids. */
export interface Table {
  readonly columns: readonly string[];
  /** Rows with their lower-case ids; the next page begins after the last one's. */
  readonly rows: (after: string) => Iterable<readonly [id: string, row: Row]>;
}

const columns = [
  'id',
  'name',
  'type',
  'tenantId',
  'kind',
  'location',
  'resourceGroup',
  'subscriptionId',
  'managedBy',
  'sku',
  'plan',
  'properties',
  'tags',
  'identity',
  'zones',
  'extendedLocation',
] as const;

/** Resources that Azure Resource Graph does not show in the table `resources`. */
const hidden: ReadonlySet<string> = new Set(['Microsoft.Compute/virtualMachineScaleSets/virtualMachines']);

/** @returns undefined when there is no such table. `wanted` decides by lower-case subscription id. */
export function tableNamed(world: World, name: string, wanted: (subscriptionId: string) => boolean): Table | undefined {
  switch (name.toLowerCase()) {
    case 'resources':
      return { columns, rows: (after) => resourceRows(world, wanted, after) };
    case 'policyresources':
      return fixed(policyRows(world), wanted);
    case 'guestconfigurationresources':
      return fixed(guestAssignments(world), wanted);
    default:
      return undefined;
  }
}

function fixed(all: readonly Resource[], wanted: (subscriptionId: string) => boolean): Table {
  const list = inOrder(all.filter((r) => wanted(subscriptionOf(r.id))));
  return {
    columns,
    rows: function* (after) {
      for (const { id, resource } of list) if (id > after) yield [id, row(resource)];
    },
  };
}

type Identified = { readonly id: string; readonly resource: Resource };

/** Live resources and, merged by id, the VMs of a synthetic estate that nobody touched. */
function* resourceRows(
  world: World,
  wanted: (subscriptionId: string) => boolean,
  after: string,
): Generator<[string, Row]> {
  const live = inOrder(Object.values(compute(world).resources).filter((r) => !hidden.has(r.type)));
  const rest = syntheticRows(world, after);
  let next = rest.next();
  for (const item of live) {
    if (item.id <= after) continue;
    for (; !next.done && next.value.id < item.id; next = rest.next()) {
      if (wanted(subscriptionOf(next.value.id))) yield [next.value.id, row(withPower(world, next.value.resource))];
    }
    if (wanted(subscriptionOf(item.id))) yield [item.id, row(withPower(world, item.resource))];
  }
  for (; !next.done; next = rest.next()) {
    if (wanted(subscriptionOf(next.value.id))) yield [next.value.id, row(withPower(world, next.value.resource))];
  }
}

function* syntheticRows(world: World, after: string): Generator<Identified> {
  const { seed, resources, gone } = compute(world);
  if (!seed) return;
  for (let n = syntheticAfter(seed, after); n < seed.vms; n += 1) {
    const resource = syntheticAt(seed, n);
    const id = key(resource.id);
    if (!resources[id] && !gone[id]) yield { id, resource };
  }
}

const inOrder = (resources: Resource[]): Identified[] =>
  resources
    .map((resource) => ({ resource, id: key(resource.id) }))
    .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));

export const subscriptionOf = (id: string): string => (id.split('/')[2] ?? '').toLowerCase();

/** Resource Graph knows whether a VM runs, which ARM tells only when asked for the instance view. */
function withPower(world: World, resource: Resource): Resource {
  if (resource.type !== vmType) return resource;
  const instanceView = { powerState: powerStatus(powerOf(world, resource)) };
  return { ...resource, properties: { ...resource.properties, extended: { instanceView } } };
}

/** Types, groups and locations are in lower case there; ids, names and tags as they were written. */
function row(resource: Resource): Row {
  const values: Record<(typeof columns)[number], Json> = {
    id: resource.id,
    name: resource.name,
    type: resource.type.toLowerCase(),
    tenantId,
    kind: resource.kind?.toLowerCase() ?? '',
    location: resource.location.toLowerCase(),
    resourceGroup: (resource.id.split('/')[4] ?? '').toLowerCase(),
    subscriptionId: subscriptionOf(resource.id),
    managedBy: resource.managedBy ?? '',
    sku: resource.sku ?? null,
    plan: null,
    properties: resource.properties,
    tags: (resource.tags ?? null) as JsonObject | null,
    identity: resource.identity ?? null,
    zones: resource.zones ?? null,
    extendedLocation: null,
  };
  return columns.map((name) => values[name]);
}
