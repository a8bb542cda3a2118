import type { AzureRead, AzureWrite, Directory, Fence } from '../../core/azure';
import type { Run, RunKind } from '../../core/runs';
import type { Clock } from '../../core/time';
import type { Reads } from '../../store/reads';
import type { Workflow } from '../../workflows/engine';
import type { RunControl } from '../../workflows/start';

/**
 * What the kill harness needs to know of a workflow. A module exports one as `scenario`; the harness calls `world` in its
 * own process and `replica` in each process that it will kill.
 */
export interface Scenario {
  /** Each replica runs the program of this name. */
  readonly name: 'toy' | 'publish' | 'house';
  /** Machine time for which a replica holds a lease while the killing goes on; the harness knows one that fits most. */
  readonly leaseMs?: number;
  world(seed: number, databaseUrl: string): Promise<ScenarioWorld>;
}

/** One whose replica is an engine that the harness puts together from these parts. */
export interface EngineScenario extends Scenario {
  replica(worldUrl: string, databaseUrl: string): Promise<ReplicaParts>;
}

export interface ReplicaParts {
  readonly clock: Clock;
  readonly read: AzureRead;
  readonly write: (fence: Fence) => AzureWrite;
  readonly workflows: readonly Workflow<unknown, unknown>[];
}

/** What somebody asks for. */
export interface Wanted {
  readonly kind: RunKind;
  readonly subject: string;
  readonly plan: object;
}

/** One of each of these that is not open. */
export const eachOf =
  (subjects: readonly string[], plan: object): ScenarioWorld['next'] =>
  (open) =>
    subjects.filter((subject) => !open.has(subject)).map((subject) => ({ kind: 'publish', subject, plan }));

/** The outside world and the people in it; lives as long as the harness. */
export interface ScenarioWorld {
  /** Handed to each replica. */
  readonly url: string;
  readonly clock: Clock;
  readonly directory: Pick<Directory, 'membersNow'>;
  readonly workflows: readonly Workflow<unknown, unknown>[];
  /** What to start next; runs of different subjects are open at the same time. */
  next(open: ReadonlySet<string>): readonly Wanted[];
  /** Called again and again: people click on what waits for them. Throws nothing; a lost answer is clicked again. */
  people(desk: { readonly control: RunControl; readonly reads: Reads }): Promise<void>;
  /** After all runs have ended: mistakes by name, each to be zero. */
  judge(runs: readonly Run[]): Promise<Readonly<Record<string, number>>>;
  /** What went between goldbot and the world about whatever was done twice, a line each, for whoever has to find out why. */
  evidence?(): readonly string[];
  close(): Promise<void>;
}

/** Given to a replica as JSON in its first argument. */
export interface ReplicaConfig {
  readonly databaseUrl: string;
  readonly worldUrl: string;
  readonly owner: string;
  readonly seed: number;
  /** Points at which some replica has died; empty probabilities when the killing is over. */
  readonly covered: readonly string[];
  readonly killing: boolean;
  /** Freezing (SIGSTOP) instead of killing, as a share. */
  readonly freezes: number;
  readonly leaseMs: number;
}
