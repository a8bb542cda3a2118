import { listed, many } from '../core/phrases';
import { galleryId } from '../core/restriction';
import { dryRunDays, type Stopped, stoppedBy } from '../core/restriction-dry-run';
import { teamFinder } from '../core/teams';
import type { Deps } from './define';
import { groupsAbove } from './estate-look';
import type { Restricted } from './restrict-scope';

/** Rows that are read; more are said to be missing. */
const mostRows = 1_000;
const dayMs = 24 * 3_600_000;

export interface DryRun {
  readonly stopped: readonly Stopped[];
  readonly deployments: number;
  /** Machines on foreign images that exist now, old ones too: Azure refuses changes to them. */
  readonly existing: number;
  readonly missing: readonly string[];
  readonly asOf: Date;
}

/** Who would have been stopped in the last days, by the machines that are still there. */
export async function dryRun({ scope }: Restricted, now: Date, deps: Deps): Promise<DryRun> {
  const catalogue = deps.catalogue();
  const foreign = { notGolden: { gallery: galleryId(catalogue.azure) }, ...(scope && { scope }) };
  const createdSince = new Date(now.getTime() - dryRunDays * dayMs);
  const [recent, all, above] = await Promise.all([
    deps.looks.machineList({ ...foreign, createdSince }, mostRows),
    deps.looks.machineList(foreign, 1),
    groupsAbove(deps, catalogue),
  ]);
  const find = teamFinder(catalogue.teams, above);
  const stopped = stoppedBy(recent.rows, (machine) => find(machine).team);
  const cut = recent.total > recent.rows.length;
  return {
    stopped,
    deployments: stopped.reduce((sum, { deployments }) => sum + deployments, 0),
    existing: all.total,
    missing: [
      ...(cut ? [`Only the first ${recent.rows.length} of ${recent.total} machines were looked at.`] : []),
      ...(recent.partial ? [recent.partial] : []),
      'Machines that were deleted since are not counted.',
    ],
    asOf: recent.asOf,
  };
}

/** For deciders, each a sentence. */
export function dryRunSentences({ stopped, deployments, existing }: DryRun): readonly string[] {
  const who = stopped.map(({ team, deployments: n }) => `${team ?? 'no team'} ${n}`);
  const recent =
    deployments === 0
      ? `Nobody would have been stopped in the last ${dryRunDays} days.`
      : `In the last ${dryRunDays} days ${many(deployments, 'deployment')} would have been concerned: ${listed(who, 6)}.`;
  const old = `${many(existing, 'machine')} on other images exist: with deny Azure refuses changes to them, such as another size.`;
  return existing === 0 ? [recent] : [recent, old];
}
