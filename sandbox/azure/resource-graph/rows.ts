import { tenantId } from '../../entra/people';
import { key } from '../arm';
import type { Resource } from '../compute/resource';
import type { Columns } from './kql/schema';
import type { Row } from './kql/values';

/** A table of Resource Graph: rows in the order of their lower-case ids. */
export interface Table {
  readonly columns: Columns;
  /** Rows with their lower-case ids; the next page begins after the last one's. */
  readonly rows: (after: string) => Iterable<readonly [id: string, row: Row]>;
  /** Paths whose equal values follow each other, whatever their casing: `properties.resourceId`. */
  readonly together?: readonly string[];
  /** All rows as one that changes, for callers that keep only plain values of it; in no particular order. */
  readonly oneRow?: () => Iterable<Row>;
}

export interface Wanted {
  readonly name: string;
  /** Decides by lower-case subscription id; by an empty text for what is in no subscription. */
  readonly wanted: (subscriptionId: string) => boolean;
  /** The only types, in lower case, that the query can let through; any when absent. */
  readonly types: readonly string[] | undefined;
}

const texts = ['id', 'name', 'type', 'tenantId', 'kind', 'location', 'resourceGroup', 'subscriptionId', 'managedBy'];
const bags = ['sku', 'plan', 'properties', 'tags', 'identity', 'zones', 'extendedLocation'];

/** In the order in which `row` fills them. */
export const columns: Columns = [
  ...texts.map((name) => ({ name, type: 'string' as const })),
  ...bags.map((name) => ({ name, type: 'dynamic' as const })),
];

export function fixed(all: readonly Resource[], { wanted, types }: Wanted): Table {
  const list = inOrder(all.filter((r) => isOf(types, r.type) && wanted(subscriptionOf(r.id))));
  return {
    columns,
    rows: function* (after) {
      for (const { id, resource } of list) if (id > after) yield [id, row(resource)];
    },
  };
}

export const isOf = (types: readonly string[] | undefined, type: string): boolean =>
  !types || types.includes(type.toLowerCase());

export type Identified = { readonly id: string; readonly resource: Resource };

export const inOrder = (resources: readonly Resource[]): Identified[] =>
  resources
    .map((resource) => ({ resource, id: key(resource.id) }))
    .sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));

/** Merges two lists in the order of their ids. */
export function* merged<T extends { readonly id: string }>(live: Iterable<T>, rest: Iterator<T>): Generator<T> {
  let next = rest.next();
  for (const item of live) {
    for (; !next.done && next.value.id < item.id; next = rest.next()) yield next.value;
    yield item;
  }
  for (; !next.done; next = rest.next()) yield next.value;
}

/** Empty for what is in no subscription. */
export const subscriptionOf = (id: string): string => {
  const [, head = '', subscription = ''] = id.split('/', 3);
  return head.toLowerCase() === 'subscriptions' ? subscription.toLowerCase() : '';
};

const groupOf = (id: string): string => {
  const [, , , head = '', group = ''] = id.split('/', 5);
  return head.toLowerCase() === 'resourcegroups' ? group.toLowerCase() : '';
};

/** Types, groups and locations are in lower case there; ids, names and tags as they were written. */
export function row(resource: Resource): Row {
  return [
    resource.id,
    resource.name,
    resource.type.toLowerCase(),
    tenantId,
    resource.kind?.toLowerCase() ?? '',
    resource.location.toLowerCase(),
    groupOf(resource.id),
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
