import type { InventoryRead } from '../../core/azure';
import type { Catalogue } from '../../core/catalogue';
import { type ComplianceFigures, countInventory, type GapFigure } from '../../core/compliance';
import { againOf } from '../../core/errors';
import { type Database, endCounting, freshCount, takeCounting, writeCounts } from '../../store';

/** Longer than the questions of a large inventory take; then somebody else may count. Machine time. */
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

/** Without these the figures of some team would be wrong. */
const needed: readonly GapFigure[] = ['management groups', 'versions'];

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
  const lease = await takeCounting(database, { owner: `digest of ${team}`, leaseMs: deps.countingMs ?? countingMs });
  if (!lease) return undefined;
  // Between the look and the lease somebody may have finished.
  const figures = (await freshCount(database, team, since)) ?? (await countNow(read, wanted, deps));
  await endCounting(database, lease);
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
 * Counts for all teams. Without management groups or versions no team's figures can be trusted, so they are never missing;
 * nor is anything that asking again may bring, as long as the run is patient.
 *
 * @throws UserError `AZ_…` when the machines cannot be counted, or when asking again may help.
 */
export async function countEverybody(
  read: InventoryRead,
  catalogue: Catalogue,
  { now, patient }: Pick<Wanted, 'now' | 'patient'>,
): Promise<readonly ComplianceFigures[]> {
  const { figures } = await countInventory(
    read,
    { catalogue, now },
    {
      mayLack: (figure, error) => !needed.includes(figure) && !(patient && againOf(error) === 'later'),
      bounded: (reading) => reading,
    },
  );
  return figures;
}
