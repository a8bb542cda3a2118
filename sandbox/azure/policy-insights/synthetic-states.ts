import type { World } from '../../kernel/world';
import { key } from '../arm';
import type { Resource } from '../compute/resource';
import { compute } from '../compute/section';
import { syntheticSubscription, vmsPerSubscription } from '../estate/shape';
import { syntheticAfter, syntheticAt } from '../estate/synthetic';
import type { Member } from './members';
import type { Placed, Which } from './records';
import { SyntheticJudge } from './synthetic-judge';

/** The VMs of a synthetic estate that nobody touched, from an id on and under a scope, with their numbers. */
export function* syntheticUnder(world: World, scope: string, after = ''): Generator<{ n: number; resource: Resource }> {
  const { seed, resources, gone } = compute(world);
  if (!seed) return;
  // A set, because looking a million fresh strings up as property names would keep every one of them.
  const touched = new Set([...Object.keys(resources), ...Object.keys(gone)]);
  const begins = `${scope}/`;
  const only = /^\/subscriptions\/[^/]+/.exec(scope)?.[0];
  for (let n = syntheticAfter(seed, after); n < seed.vms; n += 1) {
    const subscription = Math.floor(n / vmsPerSubscription);
    if (only !== undefined && only !== `/subscriptions/${syntheticSubscription(subscription)}`) {
      n = (subscription + 1) * vmsPerSubscription - 1;
      continue;
    }
    const resource = syntheticAt(seed, n);
    const id = key(resource.id);
    if (touched.has(id) || (scope !== '' && id !== scope && !id.startsWith(begins))) continue;
    yield { n, resource };
  }
}

/** States of the VMs of a synthetic estate. */
export function* syntheticStates(world: World, members: readonly Member[], which: Which): Generator<Placed> {
  const { seed } = compute(world);
  if (!seed || which.which === 'live') return;
  const { scope = '', after = '' } = which;
  const judge = new SyntheticJudge(world, seed, members);
  // One character less: the VM that the last page ended in may have more.
  for (const { n, resource } of syntheticUnder(world, scope, after.slice(0, -1))) {
    const [place, atMs] = [`${key(resource.id)}/`, judge.atMs(n)];
    for (const [at, state] of judge.statesOf(n, resource)) {
      const member = members[at];
      if (member) yield { place, state: { resource, member, state, atMs } };
    }
  }
}
