import type { World } from '../../kernel/world';
import { key } from '../arm';
import type { Resource } from '../compute/resource';
import { compute } from '../compute/section';
import { vmType } from '../compute/vm-shared';
import { powerOf, powerStatus } from '../compute/vm-view';
import { templates } from '../image-builder/section';
import { view } from '../image-builder/view';
import { syntheticUnder } from '../policy-insights/synthetic-states';
import { containers } from './containers';
import { guestRows } from './guest-rows';
import type { Row } from './kql/values';
import { policyRows } from './policy-rows';
import {
  columns,
  fixed,
  type Identified,
  inOrder,
  isOf,
  merged,
  row,
  subscriptionOf,
  type Table,
  type Wanted,
} from './rows';

export type { Table, Wanted } from './rows';

const instanceType = 'Microsoft.Compute/virtualMachineScaleSets/virtualMachines';

/** @returns undefined when there is no such table. */
export function tableNamed(world: World, asked: Wanted): Table | undefined {
  switch (asked.name.toLowerCase()) {
    case 'resources':
      return { columns, rows: (after) => resourceRows(world, asked, after) };
    case 'resourcecontainers':
      return fixed(containers(world), asked);
    case 'computeresources':
      return fixed(Object.values(compute(world).resources).filter(isInstance), asked);
    case 'policyresources':
      return { columns, rows: (after) => policyRows(world, asked, after) };
    case 'guestconfigurationresources':
      return { columns, rows: (after) => guestRows(world, asked, after) };
    default:
      return undefined;
  }
}

/** Instances of uniform scale sets are in a table of their own, `computeresources`. */
const isInstance = ({ type }: Resource): boolean => type === instanceType;

/** Live resources and, merged by id, the VMs of a synthetic estate that nobody touched. */
function* resourceRows(world: World, { wanted, types }: Wanted, after: string): Generator<[string, Row]> {
  const all = [...Object.values(compute(world).resources), ...imageTemplates(world)];
  const live = inOrder(all.filter((r) => !isInstance(r) && isOf(types, r.type)));
  const rest = isOf(types, vmType) ? syntheticRows(world, after) : [].values();
  for (const { id, resource } of merged<Identified>(live, rest)) {
    if (id > after && wanted(subscriptionOf(id))) yield [id, row(withPower(world, resource))];
  }
}

/** Image templates live in Image Builder's own section. */
function imageTemplates(world: World): Resource[] {
  return Object.values(templates(world)).map((t) => view(t, world.clock.nowMs()) as unknown as Resource);
}

function* syntheticRows(world: World, after: string): Generator<Identified> {
  for (const { resource } of syntheticUnder(world, '', after)) yield { id: key(resource.id), resource };
}

/** Resource Graph knows whether a VM runs, which ARM tells only when asked for the instance view. */
function withPower(world: World, resource: Resource): Resource {
  if (resource.type !== vmType) return resource;
  const instanceView = { powerState: powerStatus(powerOf(world, resource)) };
  return { ...resource, properties: { ...resource.properties, extended: { instanceView } } };
}
