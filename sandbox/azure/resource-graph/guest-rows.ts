import type { World } from '../../kernel/world';
import { compute } from '../compute/section';
import { assignable, assignmentsOf, resourceOf } from '../guest-configuration/assignments';
import { Inspector } from '../guest-configuration/checks';
import { syntheticAssignments } from '../guest-configuration/synthetic';
import type { Row } from './kql/values';
import { type Identified, inOrder, merged, row, subscriptionOf, type Wanted } from './rows';

/** The table `guestconfigurationresources`: what agents reported from inside machines. */
export function* guestRows(
  world: World,
  { wanted }: Wanted,
  after: string,
  which: 'all' | 'live' = 'all',
): Generator<[string, Row]> {
  const inspector = new Inspector(world);
  const live = assignable(world).flatMap((machine) => assignmentsOf(world, machine, inspector).map(resourceOf));
  const place = after.slice(0, Math.max(after.lastIndexOf('/providers/microsoft.guestconfiguration/'), 0));
  const rest = compute(world).seed && which === 'all' ? syntheticAssignments(world, place) : [].values();
  for (const { id, resource } of merged<Identified>(inOrder(live), rest)) {
    if (id > after && wanted(subscriptionOf(id))) yield [id, row(resource)];
  }
}
