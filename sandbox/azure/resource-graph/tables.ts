import { tenantId } from '../../entra/people';
import type { World } from '../../kernel/world';
import { key } from '../arm';
import { resourceGroups, subscriptionIds } from '../compute/groups';
import type { Resource } from '../compute/resource';
import { compute } from '../compute/section';
import { vmType } from '../compute/vm-shared';
import { powerOf, powerStatus } from '../compute/vm-view';
import { guestAssignments, policyRows } from '../estate/compliance';
import { syntheticAfter, syntheticAt } from '../estate/synthetic';
import { templates } from '../image-builder/section';
import { view } from '../image-builder/view';
import type { Columns } from './kql/schema';
import type { Row } from './kql/values';

/** A table of Resource Graph: rows in the order of their lower-case ids. */
export interface Table {
  readonly columns: Columns;
  /** Rows with their lower-case ids; the next page begins after the last one's. */
  readonly rows: (after: string) => Iterable<readonly [id: string, row: Row]>;
}

const texts = ['id', 'name', 'type', 'tenantId', 'kind', 'location', 'resourceGroup', 'subscriptionId', 'managedBy'];
const bags = ['sku', 'plan', 'properties', 'tags', 'identity', 'zones', 'extendedLocation'];

/** In the order in which `row` fills them. */
const columns: Columns = [
  ...texts.map((name) => ({ name, type: 'string' as const })),
  ...bags.map((name) => ({ name, type: 'dynamic' as const })),
];

/** Resources that Azure Resource Graph does not show in the table `resources`. */
const hidden: ReadonlySet<string> = new Set(['Microsoft.Compute/virtualMachineScaleSets/virtualMachines']);

export interface Wanted {
  readonly name: string;
  /** Decides by lower-case subscription id. */
  readonly wanted: (subscriptionId: string) => boolean;
  /** The only types, in lower case, that the query can let through; any when absent. */
  readonly types: readonly string[] | undefined;
}

/** @returns undefined when there is no such table. */
export function tableNamed(world: World, { name, wanted, types }: Wanted): Table | undefined {
  switch (name.toLowerCase()) {
    case 'resources':
      return { columns, rows: (after) => resourceRows(world, { name, wanted, types }, after) };
    case 'resourcecontainers':
      return fixed(containers(world), wanted);
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

/** Subscriptions, with the names that ARM has for them, and resource groups. */
function containers(world: World): Resource[] {
  const subscriptions = subscriptionIds(world).map((id) => ({
    id: `/subscriptions/${id}`,
    name: `contoso-${id.slice(-4)}`,
    type: 'Microsoft.Resources/subscriptions',
    location: '',
    properties: { state: 'Enabled' },
  }));
  const groups = Object.values(resourceGroups(world)).map((group) => ({
    ...group,
    type: 'Microsoft.Resources/subscriptions/resourceGroups',
  }));
  return [...subscriptions, ...groups];
}

type Identified = { readonly id: string; readonly resource: Resource };

/** Live resources and, merged by id, the VMs of a synthetic estate that nobody touched. */
function* resourceRows(world: World, { wanted, types }: Wanted, after: string): Generator<[string, Row]> {
  const all = [...Object.values(compute(world).resources), ...imageTemplates(world)];
  const live = inOrder(all.filter((r) => !hidden.has(r.type) && (!types || types.includes(r.type.toLowerCase()))));
  const rest = !types || types.includes(vmType.toLowerCase()) ? syntheticRows(world, after) : [].values();
  for (const { id, resource } of merged(live, rest)) {
    if (id > after && wanted(subscriptionOf(id))) yield [id, row(withPower(world, resource))];
  }
}

/** Image templates live in Image Builder's own section. */
function imageTemplates(world: World): Resource[] {
  return Object.values(templates(world)).map((t) => view(t, world.clock.nowMs()) as unknown as Resource);
}

function* merged(live: readonly Identified[], rest: Iterator<Identified>): Generator<Identified> {
  let next = rest.next();
  for (const item of live) {
    for (; !next.done && next.value.id < item.id; next = rest.next()) yield next.value;
    yield item;
  }
  for (; !next.done; next = rest.next()) yield next.value;
}

function* syntheticRows(world: World, after: string): Generator<Identified> {
  const { seed, resources, gone } = compute(world);
  if (!seed) return;
  // A set, because looking a million fresh strings up as property names would keep every one of them.
  const touched = new Set([...Object.keys(resources), ...Object.keys(gone)]);
  for (let n = syntheticAfter(seed, after); n < seed.vms; n += 1) {
    const resource = syntheticAt(seed, n);
    const id = key(resource.id);
    if (!touched.has(id)) yield { id, resource };
  }
}

const inOrder = (resources: Resource[]): Identified[] =>
  resources
    .map((resource) => ({ resource, id: key(resource.id) }))
    .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));

const subscriptionOf = (id: string): string => (id.split('/', 3)[2] ?? '').toLowerCase();

/** Resource Graph knows whether a VM runs, which ARM tells only when asked for the instance view. */
function withPower(world: World, resource: Resource): Resource {
  if (resource.type !== vmType) return resource;
  const instanceView = { powerState: powerStatus(powerOf(world, resource)) };
  return { ...resource, properties: { ...resource.properties, extended: { instanceView } } };
}

/** Types, groups and locations are in lower case there; ids, names and tags as they were written. */
function row(resource: Resource): Row {
  return [
    resource.id,
    resource.name,
    resource.type.toLowerCase(),
    tenantId,
    resource.kind?.toLowerCase() ?? '',
    resource.location.toLowerCase(),
    (resource.id.split('/', 5)[4] ?? '').toLowerCase(),
    subscriptionOf(resource.id),
    resource.managedBy ?? '',
    resource.sku ?? null,
    null,
    resource.properties,
    resource.tags ?? null,
    resource.identity ?? null,
    resource.zones ?? null,
    null,
  ];
}
