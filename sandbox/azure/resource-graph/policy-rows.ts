import { tenantId } from '../../entra/people';
import type { World } from '../../kernel/world';
import { key } from '../arm';
import type { Resource } from '../compute/resource';
import { policies, policyTypes } from '../policy/section';
import { type PolicyState, recordOf, stateWeights } from '../policy-insights/records';
import { statesOf } from '../policy-insights/states';
import type { Row } from './kql/values';
import { inOrder, isOf, merged, row, subscriptionOf, type Wanted } from './rows';

export const stateType = 'microsoft.policyinsights/policystates';

type Placed = { readonly id: string; readonly row: () => Row };

/** The table `policyresources`: what Azure Policy was told to evaluate, and what it said about each resource. */
export function* policyRows(
  world: World,
  { wanted, types }: Wanted,
  after: string,
  which: 'all' | 'live' = 'all',
): Generator<[string, Row]> {
  const objects = inOrder(policyObjects(world).filter((r) => isOf(types, r.type)));
  const live = objects.map(({ id, resource }): Placed => ({ id, row: () => row(resource) }));
  const rest = isOf(types, stateType) ? stateRows(world, after, which) : [].values();
  for (const one of merged<Placed>(live, rest)) {
    const subscription = subscriptionOf(one.id);
    // Definitions and assignments of management groups are visible to anybody who sees a subscription below.
    if (one.id > after && (subscription === '' || wanted(subscription))) yield [one.id, one.row()];
  }
}

function policyObjects(world: World): Resource[] {
  const all = policies(world);
  return policyTypes.flatMap((type) =>
    Object.values(all[type]).map((one) => ({ ...one, location: one.location ?? '' }) as unknown as Resource),
  );
}

function* stateRows(world: World, after: string, which: 'all' | 'live'): Generator<Placed> {
  const place = after.slice(0, Math.max(after.lastIndexOf('/providers/microsoft.policyinsights/'), 0));
  for (const one of statesOf(world, { after: place, which })) {
    const id = `${key(one.resource.id)}/providers/${stateType}/${one.member.guid}`;
    yield { id, row: () => stateRow(one) };
  }
}

function stateRow(one: PolicyState): Row {
  const { resource, member, state } = one;
  const properties = { ...recordOf(one), stateWeight: stateWeights[state] };
  const [, , subscription = '', , group = ''] = resource.id.split('/', 5);
  return [
    `${resource.id}/providers/Microsoft.PolicyInsights/policyStates/${member.guid}`,
    member.guid,
    stateType,
    tenantId,
    '',
    resource.location.toLowerCase(),
    group.toLowerCase(),
    subscription.toLowerCase(),
    '',
    null,
    null,
    properties,
    null,
    null,
    null,
    null,
  ];
}
