import { teamTags } from '../../core/access';
import type { InventoryRead } from '../../core/azure';
import type { Catalogue } from '../../core/catalogue';
import { type ComplianceFigures, countTeams, mostRead, placesToAsk } from '../../core/compliance';
import { againOf, isUserError } from '../../core/errors';
import { imageRef } from '../../core/images';
import { type Database, endCounting, freshCount, takeCounting, writeCounts } from '../../store';

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
  /** Whether to wait until Azure says everything; otherwise what it does not say is missing. */
  readonly patient: boolean;
}

/**
 * A team's figures out of a count that everybody shares: whoever comes first asks Azure for all teams at once, and the
 * others of any replica find the answer. Undefined: somebody is counting, look again soon.
 */
export async function sharedFigures(
  deps: SnapshotDeps,
  read: InventoryRead,
  wanted: Wanted,
): Promise<ComplianceFigures | undefined> {
  const { database } = deps;
  const { team, since } = wanted;
  const known = await freshCount(database, team, since);
  if (known) return known;
  if (!(await takeCounting(database, deps.countingMs ?? countingMs))) return undefined;
  // Between the look and the lease somebody may have finished.
  const figures = (await freshCount(database, team, since)) ?? (await countNow(read, wanted, deps));
  await endCounting(database);
  return figures;
}

/** When Azure does not answer, the lease goes on until it is over: the others need not find out one by one. */
async function countNow(
  read: InventoryRead,
  wanted: Wanted,
  deps: SnapshotDeps,
): Promise<ComplianceFigures | undefined> {
  const counted = await countEverybody(read, deps.catalogue(), wanted);
  await writeCounts(deps.database, counted);
  return counted.find((figures) => figures.team === wanted.team);
}

/**
 * At most six questions to Resource Graph, whatever the number of teams and machines, and three more where teams share
 * resource groups; more where answers come in pages.
 * What Azure refuses to say about policies and the like is missing then, and said to be, never zero.
 *
 * @throws UserError `AZ_…` when the machines cannot be counted, or when asking again may help and `patient` says so.
 */
export async function countEverybody(
  read: InventoryRead,
  catalogue: Catalogue,
  { now, patient }: Pick<Wanted, 'now' | 'patient'>,
): Promise<readonly ComplianceFigures[]> {
  const { teams, images, azure } = catalogue;
  const untold: string[] = [];
  const told = <T>(what: string, look: Promise<T>, to = untold): Promise<T | undefined> =>
    look.catch((error: unknown) => {
      if (!isUserError(error) || (patient && againOf(error) === 'later')) throw error;
      to.push(`Azure did not say ${what}: ${error.message}`);
      return undefined;
    });
  const byGroup = [...teams.values()].some(({ scope }) => 'managementGroup' in scope);
  const first = Promise.all([
    byGroup ? read.managementGroups() : new Map<string, readonly string[]>(),
    read.machineCounts(teamTags(teams)),
  ]);
  const readOneByOne = async () => {
    const [managementGroups, machines] = await first;
    const places = placesToAsk({ catalogue, managementGroups, machines });
    return places.length === 0 ? undefined : read.machineStates(places, teamTags(teams), mostRead);
  };
  const unread: string[] = [];
  const [[managementGroups, machines], mixed, versions, policies, guests, exemptions] = await Promise.all([
    first,
    told('what concerns single machines there', readOneByOne(), unread),
    read.publishedVersions(images.map((image) => imageRef(azure, image))),
    told('what policies say', read.policyCounts()),
    told('what machines report from inside', read.guestCounts()),
    told('what is exempt', read.exemptions()),
  ]);
  const none = { rows: [], asOf: machines.asOf };
  const known = { policies: policies ?? none, guests: guests ?? none, exemptions: exemptions ?? none };
  const oneByOne = { ...(mixed && { mixed }), ...(unread[0] && { unread: unread[0] }) };
  const all = countTeams({ catalogue, managementGroups, machines, versions, ...known, ...oneByOne, now });
  return all.map(({ policy, guest, missing, ...figures }) => ({
    ...figures,
    ...(policy && policies && { policy }),
    ...(guest && guests && { guest }),
    missing: [...untold, ...missing],
  }));
}
