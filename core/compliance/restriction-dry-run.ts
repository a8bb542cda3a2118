import { grouped } from '../collections';
import type { Machine } from './inventory';

/** How far back a dry run looks. */
export const dryRunDays = 30;

/** What a team deployed that would have been stopped. */
export interface Stopped {
  /** Null: no team has the machines. */
  readonly team: string | null;
  readonly deployments: number;
  /** What they came from, most deployments first. */
  readonly sources: readonly string[];
  readonly last?: Date;
}

/**
 * Machines of the last days that a restriction would have stopped, by team, most first. A scale set is one deployment,
 * however many instances it has; machines without an image were attached or lie in other clouds, which no policy stops.
 */
export function stoppedBy(
  machines: readonly Machine[],
  teamOf: (machine: Machine) => string | null,
): readonly Stopped[] {
  const stoppable = machines.filter(({ type, source }) => type !== 'arc' && source !== '');
  return [...grouped(stoppable, teamOf)]
    .map(([team, rows]) => {
      const last = rows.flatMap(({ createdAt }) => createdAt ?? []).sort((a, b) => b.getTime() - a.getTime())[0];
      return { team, deployments: deploymentsOf(rows), sources: sourcesOf(rows), ...(last && { last }) };
    })
    .sort((a, b) => b.deployments - a.deployments || String(a.team ?? '~').localeCompare(String(b.team ?? '~')));
}

export function deploymentsOf(machines: readonly Machine[]): number {
  return new Set(
    machines.map((m) => (m.scaleSet === undefined ? m.id : `${m.subscription}/${m.resourceGroup}/${m.scaleSet}`)),
  ).size;
}

function sourcesOf(machines: readonly Machine[]): readonly string[] {
  return [...grouped(machines, ({ source }) => source)]
    .sort(([, a], [, b]) => deploymentsOf(b) - deploymentsOf(a))
    .map(([source]) => source);
}
