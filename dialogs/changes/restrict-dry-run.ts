import { count, gapWords, list } from '../../cards';
import { teamFinder, teamTags } from '../../core/access';
import type { Catalogue } from '../../core/catalogue';
import { sumOf } from '../../core/collections';
import {
  dryRunDays,
  type Gap,
  galleryId,
  groupsAbove,
  type MachineCount,
  partial,
  type Stopped,
  stoppedBy,
} from '../../core/compliance';
import type { Deps } from '../conversation';
import type { Restricted } from './restrict-scope';

/** Rows that are read; more are said to be missing. */
const mostRows = 1_000;
const dayMs = 24 * 3_600_000;

export interface DryRun {
  readonly stopped: readonly Stopped[];
  readonly deployments: number;
  /** Machines on foreign images that exist now, old ones too: Azure refuses changes to them. */
  readonly existing: number;
  readonly gaps: readonly Gap[];
  readonly asOf: Date;
}

/** Who would have been stopped in the last days, by the machines that are still there. */
export async function dryRun(meant: Restricted, now: Date, deps: Deps): Promise<DryRun> {
  const { scope } = meant;
  const catalogue = deps.catalogue();
  const foreign = { notGolden: { gallery: galleryId(catalogue.azure) }, ...(scope && { scope }) };
  const createdSince = new Date(now.getTime() - dryRunDays * dayMs);
  const [recent, all, above] = await Promise.all([
    deps.read.machineList({ ...foreign, createdSince }, mostRows),
    deps.read.machineCounts(teamTags(catalogue.teams)),
    groupsAbove(deps.read, catalogue),
  ]);
  const find = teamFinder(catalogue.teams, above);
  const stopped = stoppedBy(recent.rows, (machine) => find(machine).team);
  const cut: Gap = { figure: 'recent machines', reason: 'not read', first: recent.rows.length, total: recent.total };
  return {
    stopped,
    deployments: stopped.reduce((sum, { deployments }) => sum + deployments, 0),
    existing: sumOf(all.rows.filter(concerned(meant, catalogue, (row) => find(row).team)), (row) => row.machines),
    gaps: [
      ...(recent.total > recent.rows.length ? [cut] : []),
      ...partial('recent machines', recent),
      ...partial('machines', all),
      { figure: 'machines', reason: 'deleted since' },
    ],
    asOf: recent.asOf,
  };
}

/** Machines on other images that lie in what is restricted; Arc machines and attached disks no policy looks at. */
function concerned({ team, scope }: Restricted, { azure }: Catalogue, teamOf: (row: MachineCount) => string | null) {
  const gallery = `${galleryId(azure)}/images/`.toLowerCase();
  const subscriptions = scope && 'subscriptions' in scope ? scope.subscriptions : undefined;
  return (row: MachineCount): boolean =>
    row.type !== 'arc' &&
    row.source !== '' &&
    !row.source.startsWith(gallery) &&
    (team === null ? (subscriptions?.includes(row.subscription) ?? true) : teamOf(row) === team);
}

/** For deciders, each a sentence. */
export function dryRunSentences({ stopped, deployments, existing, gaps }: DryRun): readonly string[] {
  const who = stopped.map(({ team, deployments: n }) => `${team ?? 'no team'} ${n}`);
  const recent =
    deployments === 0
      ? `Nobody would have been stopped in the last ${dryRunDays} days.`
      : `${count(deployments, 'deployment')} in the last ${dryRunDays} days would have been affected: ${list(who, 6)}.`;
  const old = `${count(existing, 'machine')} on other images ${existing === 1 ? 'exists' : 'exist'}: with deny, Azure refuses changes to them, such as another size.`;
  return [recent, ...(existing === 0 ? [] : [old]), ...gaps.map(gapWords)];
}
