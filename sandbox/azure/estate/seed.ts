import type { World } from '../../kernel/world';
import { key } from '../arm';
import { compute, emptyCompute } from '../compute/section';
import { policies } from '../policy/section';
import { seedGuests } from './guests';
import { galleryResources } from './images';
import { addSyntheticPolicies } from './synthetic-policies';

/**
 * Replaces the estate with a synthetic one: the same gallery, and VMs that are computed from the seed and never stored.
 * The same parameters make the same estate.
 */
export function seedEstate(world: World, options: { vms: number; teams: number; seed?: number }) {
  const { vms, teams, seed = 1 } = options;
  const startMs = world.clock.nowMs();
  const section = compute(world);
  const resources = Object.fromEntries(galleryResources(startMs).map((r) => [key(r.id), r]));
  Object.assign(section, emptyCompute(), {
    resources,
    seed: { vms, teams: Math.max(teams, 1), seed, startMs },
    guestsSeeded: false,
  });
  addSyntheticPolicies(policies(world), startMs);
  seedGuests(world);
  world.touch();
  return { vms, teams: Math.max(teams, 1), seed };
}
