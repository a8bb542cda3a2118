import type { Catalogue } from '../../core/catalogue';
import { imageRef } from '../../core/planning';
import type { EstateLooks } from '../../core/ports';
import type { TeamStanding } from '../../core/standing';
import { standings } from '../../core/standings';
import { teamTags } from '../../core/teams';
import type { Database } from '../../store/database';
import { endCounting, freshCount, takeCounting, writeCounts } from '../../store/digests';

/** Longer than the questions of a large estate take; then somebody else may count. Machine time. */
const countingMs = 30_000;

export interface SnapshotDeps {
  readonly database: Database;
  readonly catalogue: () => Catalogue;
  readonly countingMs?: number;
}

export interface Wanted {
  readonly team: string;
  /** World time: an older count does not do. */
  readonly since: Date;
  /** World time. */
  readonly now: Date;
}

/**
 * A team's standing out of a count that everybody shares: whoever comes first asks Azure for all teams at once, and the
 * others of any replica find the answer. Undefined: somebody is counting, look again soon.
 */
export async function sharedStanding(
  deps: SnapshotDeps,
  looks: EstateLooks,
  wanted: Wanted,
): Promise<TeamStanding | undefined> {
  const { database } = deps;
  const { team, since } = wanted;
  const known = await freshCount(database, team, since);
  if (known) return known;
  if (!(await takeCounting(database, deps.countingMs ?? countingMs))) return undefined;
  // Between the look and the lease somebody may have finished.
  const standing = (await freshCount(database, team, since)) ?? (await countNow(looks, wanted, deps));
  await endCounting(database);
  return standing;
}

/** When Azure does not answer, the lease goes on until it is over: the others need not find out one by one. */
async function countNow(
  looks: EstateLooks,
  { team, now }: Wanted,
  deps: SnapshotDeps,
): Promise<TeamStanding | undefined> {
  const counted = await countEverybody(looks, deps.catalogue(), now);
  await writeCounts(deps.database, counted);
  return counted.find((standing) => standing.team === team);
}

/** Six questions to Resource Graph, whatever the number of teams and machines; more where answers come in pages. */
export async function countEverybody(
  looks: EstateLooks,
  catalogue: Catalogue,
  now: Date,
): Promise<readonly TeamStanding[]> {
  const [managementGroups, machines, versions, policies, guests, exemptions] = await Promise.all([
    looks.managementGroups(),
    looks.machineCounts(teamTags(catalogue.teams)),
    looks.publishedVersions(catalogue.images.map((image) => imageRef(catalogue.azure, image))),
    looks.policyCounts(),
    looks.guestCounts(),
    looks.exemptions(),
  ]);
  return standings({ catalogue, managementGroups, machines, versions, policies, guests, exemptions, now });
}
