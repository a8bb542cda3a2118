import type { Resource } from '../../../sandbox/azure/compute/resource';

export const is = (type: string) => (r: Resource) => r.type.toLowerCase() === type;
export const isVm = is('microsoft.compute/virtualmachines');
export const isArc = is('microsoft.hybridcompute/machines');
export const isInstance = is('microsoft.compute/virtualmachinescalesets/virtualmachines');
export const byId = (a: Resource, b: Resource): number => (a.id.toLowerCase() < b.id.toLowerCase() ? -1 : 1);
export const json = (value: unknown): string => JSON.stringify(value, (_, v) => (isPlain(v) ? inOrder(v) : v));
const isPlain = (v: unknown): v is object => typeof v === 'object' && v !== null && !Array.isArray(v);
const inOrder = (v: object) => Object.fromEntries(Object.entries(v).sort(([a], [b]) => (a < b ? -1 : 1)));

/** A resource's own text at a path of properties; empty when there is none. */
export function at(resource: Resource, ...path: readonly string[]): string {
  const found = path.reduce<unknown>(
    (of, name) => (of as Record<string, unknown> | null | undefined)?.[name],
    resource,
  );
  return found === undefined || found === null ? '' : String(found);
}

export const place = (id: string) => {
  const [, , subscription = '', , resourceGroup = ''] = id.toLowerCase().split('/');
  return { subscription, resourceGroup };
};

/** Subscription and resource group, as the head of an id. */
export const placeOf = (id: string): string => id.toLowerCase().split('/').slice(0, 5).join('/');

export function grouped<Item>(items: readonly Item[], keyOf: (item: Item) => string): [key: string, items: Item[]][] {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}
