import type { World } from '../../kernel/world';
import { key } from '../arm';
import type { Resource } from '../compute/resource';
import { compute } from '../compute/section';
import { vmType } from '../compute/vm-shared';
import { powerOf, powerStatus } from '../compute/vm-view';
import { templates } from '../image-builder/section';
import { view } from '../image-builder/view';
import { syntheticUnder } from '../policy-insights/synthetic-states';
import { authorizationResources } from './authorization-rows';
import { containers } from './containers';
import { guestRows } from './guest-rows';
import { guestScan } from './guest-scan';
import type { Row } from './kql/values';
import { extensionTypes, ruleAssociations, standingExtensions } from './part-rows';
import { policyRows } from './policy-rows';
import { policyScan } from './policy-scan';
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
      return { columns, together: ['id'], rows: (after) => resourceRows(world, asked, after) };
    case 'resourcecontainers':
      return fixed(containers(world), asked);
    case 'computeresources':
      return fixed(Object.values(compute(world).resources).filter(isInstance), asked);
    case 'insightsresources':
      return fixed(ruleAssociations(world), asked);
    case 'authorizationresources':
      return fixed(authorizationResources(world), asked);
    case 'policyresources':
      return {
        columns,
        together: ['properties.resourceId', 'id'],
        rows: (after) => policyRows(world, asked, after),
        oneRow: () => policyScan(world, asked),
      };
    case 'guestconfigurationresources':
      return {
        columns,
        together: ['properties.targetResourceId', 'id'],
        rows: (after) => guestRows(world, asked, after),
        oneRow: () => guestScan(world, asked),
      };
    default:
      return undefined;
  }
}

/** Instances of uniform scale sets are in a table of their own, `computeresources`. */
const isInstance = ({ type }: Resource): boolean => type === instanceType;

/** Live resources and, merged by id, the VMs of a synthetic estate that nobody touched. */
function* resourceRows(world: World, { wanted, types }: Wanted, after: string): Generator<[string, Row]> {
  const parts = extensionTypes.some((type) => isOf(types, type)) ? standingExtensions(world) : [];
  const all = [...Object.values(compute(world).resources), ...imageTemplates(world), ...parts];
  const live = inOrder(all.filter((r) => !isInstance(r) && isOf(types, r.type)));
  const rest = isOf(types, vmType) ? syntheticRows(world, after) : [].values();
  for (const { id, resource } of merged<Identified>(
    live.map((one) => powered(world, one)),
    rest,
  )) {
    if (id > after && wanted(subscriptionOf(id))) yield [id, row(resource)];
  }
}

/** Image templates live in Image Builder's own section. */
function imageTemplates(world: World): Resource[] {
  return Object.values(templates(world)).map((t) => view(t, world.clock.nowMs()) as unknown as Resource);
}

/** Objects of their own: what Resource Graph adds is written into them. */
function* syntheticRows(world: World, after: string): Generator<Identified> {
  const stopped = new Set(Object.keys(compute(world).power));
  const running = { instanceView: { powerState: powerStatus('running') } };
  for (const { resource } of syntheticUnder(world, '', after)) {
    const id = key(resource.id);
    if (stopped.has(id)) yield powered(world, { id, resource });
    else {
      resource.properties['extended'] = running;
      yield { id, resource };
    }
  }
}

/** Resource Graph knows whether a VM is running, which ARM reports only when asked for the instance view. */
function powered(world: World, { id, resource }: Identified): Identified {
  if (resource.type !== vmType) return { id, resource };
  const instanceView = { powerState: powerStatus(powerOf(world, resource)) };
  return { id, resource: { ...resource, properties: { ...resource.properties, extended: { instanceView } } } };
}
