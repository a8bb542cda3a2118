import type { World } from '../../kernel/world';
import { key } from '../arm';
import type { Condition, ConditionKind } from '../conditions';
import { regionName } from './regions';
import { type JsonObject, list, object, type Resource, text } from './resource';
import { compute } from './section';

/** How many network cards have an address in a subnet. */
export function cardsIn(world: World, subnet: string): number {
  return Object.values(compute(world).resources).filter(
    (r) => r.type === 'Microsoft.Network/networkInterfaces' && subnetsOf(r.properties).includes(key(subnet)),
  ).length;
}

const subnetsOf = (card: JsonObject): string[] =>
  list(card['ipConfigurations']).map((ip) => key(text(object(object(object(ip)['properties'])['subnet'])['id']) ?? ''));

const instanceType = 'Microsoft.Compute/virtualMachineScaleSets/virtualMachines';

/** A virtual machine, or an instance of a uniform scale set. */
export const isMachine = ({ type }: Resource): boolean =>
  type === 'Microsoft.Compute/virtualMachines' || type === instanceType;

/** An instance of a uniform scale set has its size as its SKU. */
export const machineSize = ({ type, sku, properties }: Resource): string =>
  text(type === instanceType ? sku?.['name'] : object(properties['hardwareProfile'])['vmSize']) ?? '';

/** How many machines there are of what a capacity is about: a size, a region, a zone. */
export function machinesIn(world: World, place: Condition): number {
  return Object.values(compute(world).resources).filter((r) => {
    if (!isMachine(r)) return false;
    const size = key(machineSize(r));
    const facts: Condition = { location: regionName(r.location), size, zone: r.zones?.[0] ?? null };
    return ['location', 'size', 'zone'].every((name) => place[name] === undefined || place[name] === facts[name]);
  }).length;
}

/** What there is of a condition that says how much more there may be. */
export function inUse(world: World, kind: ConditionKind, entry: Condition): number {
  if (kind === 'network') return cardsIn(world, String(entry['subnet']));
  return kind === 'capacity' ? machinesIn(world, entry) : 0;
}
