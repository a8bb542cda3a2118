import type { World } from '../../kernel/world';
import { compute } from '../compute/section';
import { catchUp } from './evaluation';
import { type Member, membersOf } from './members';
import type { Placed, PolicyState, Which } from './records';
import { policyInsights, rawStates } from './section';
import { syntheticStates } from './synthetic-states';

/** States in the order of their ids. */
export function* statesOf(world: World, which: Which = {}): Generator<PolicyState> {
  catchUp(world);
  const members = membersOf(world);
  const live = liveStates(world, members, which);
  let next = live.next();
  for (const one of syntheticStates(world, members, which)) {
    while (!next.done && next.value.place < one.place) {
      yield next.value.state;
      next = live.next();
    }
    yield one.state;
  }
  for (; !next.done; next = live.next()) yield next.value.state;
}

function* liveStates(world: World, members: readonly Member[], { scope = '', after = '' }: Which): Generator<Placed> {
  const { told } = policyInsights(world);
  const { resources } = compute(world);
  const places = Object.keys(told).map((id) => `${id}/`);
  const wanted = places.filter((place) => (scope === '' || place.startsWith(`${scope}/`)) && place >= after);
  for (const place of wanted.sort()) {
    const id = place.slice(0, -1);
    const [resource, states] = [resources[id], told[id]];
    if (!resource || !states) continue;
    for (const member of members) {
      const found = states[member.key];
      const state = found && rawStates[found[0]];
      if (state) yield { place, state: { resource, member, state, atMs: found[1] } };
    }
  }
}
