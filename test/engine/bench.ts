import { setTimeout as pause } from 'node:timers/promises';
import type { Person } from '../../core/access';
import type { AzureRead, AzureWrite, Directory } from '../../core/azure';
import type { Catalogue } from '../../core/catalogue';
import type { RequestId, Run } from '../../core/runs';
import { type Clock, days, type Sleep } from '../../core/time';
import { type AllReads, createReads, type Reads } from '../../store/reads';
import type { EngineOptions, Worker } from '../../workflows/engine';
import {
  createEngine,
  type Stage,
  type StageContext,
  type StageLimit,
  type Step,
  type Workflow,
} from '../../workflows/engine';
import { createRunControl, type RunControl } from '../../workflows/start';
import { type TestDatabase, testDatabase } from '../store/database';

export type ToyData = Readonly<Record<string, unknown>>;
export type ToyContext = StageContext<ToyData, ToyData>;
export type ToyStep = Step<ToyData, ToyData>;
export type ToyStages = Record<string, (context: ToyContext) => ToyStep | Promise<ToyStep>>;

export const ada: Person = { oid: 'oid-ada', name: 'Ada' };
export const grace: Person = { oid: 'oid-grace', name: 'Grace' };
export const heidi: Person = { oid: 'oid-heidi', name: 'Heidi' };
export const approvers = 'group-approvers';
export const rule = { group: approvers, groupName: 'Approvers', quorum: 1 };

/** Who may approve by their role; who decides about a run says its rule. */
const oneRole = { roles: [{ role: 'approver', group: 'role-approvers', name: 'Role' }] } as unknown as Catalogue;

/** World time that a test moves by hand. */
export class HandClock implements Clock {
  constructor(private ms = Date.UTC(2026, 10, 23, 9)) {}

  now(): Date {
    return new Date(this.ms);
  }

  advance(ms: number): void {
    this.ms += ms;
  }
}

/** Groups that a test may change; `silent` is Graph that does not answer. */
export class HandDirectory implements Pick<Directory, 'membersNow'> {
  readonly members = new Set([grace.oid, heidi.oid]);
  /** Of groups that have other members than the approvers. */
  readonly others = new Map<string, ReadonlySet<string>>();
  asked = 0;
  silent: boolean | Error = false;

  async membersNow(group: string, people: Iterable<string>): Promise<ReadonlySet<string>> {
    this.asked += 1;
    if (this.silent) throw this.silent === true ? new Error('Graph is silent') : this.silent;
    return new Set([...people].filter((person) => (this.others.get(group) ?? this.members).has(person)));
  }
}

export const sleep: Sleep = async (ms, signal) => {
  await pause(ms, undefined, signal ? { signal } : {}).catch(() => {});
};

/** For tests that are not about limits. */
const endless: StageLimit<ToyData, ToyData> = {
  waitsFor: 'the test',
  ms: days(10_000),
  afterwards: 'Never.',
  past: async () => undefined,
};

/** A workflow of one's own; every stage takes what `takes` says, or cancel and decided. */
export function toyWorkflow(
  stages: ToyStages,
  takes: Record<string, string[]> = {},
  limit: Stage<ToyData, ToyData>['limit'] = endless,
): Workflow<ToyData, ToyData> {
  return {
    kind: 'publish',
    first: Object.keys(stages)[0] ?? 'first',
    stages: Object.entries(stages).map(([name, run]) => ({
      name,
      limit,
      takes: (takes[name] ?? ['cancel', 'decided', 'withdraw']) as Workflow<
        ToyData,
        ToyData
      >['stages'][number]['takes'],
      run: async (context) => run(context),
    })),
    refuse: (signal, run) => new Error(`${run.stage} does not take ${signal}`),
  };
}

export interface Bench {
  readonly db: TestDatabase;
  readonly clock: HandClock;
  readonly directory: HandDirectory;
  readonly control: RunControl;
  readonly reads: AllReads;
  /** Another replica; started. */
  replica(options?: Partial<EngineOptions>): Worker;
  start(subject?: string, person?: Person): Promise<Run>;
  /** Through a replica of another release. */
  startedBy(workflow: Workflow<ToyData, ToyData>): (subject: string) => Promise<Run>;
  /** Polls until the run is as described; fails after half a minute with what it is. */
  until(id: RequestId, what: (run: Run) => boolean): Promise<Run>;
  close(): Promise<void>;
}

let intents = 0;
export const intent = (): string => `intent-${process.pid}-${++intents}`;

export const fast = { leaseMs: 1_000, renewMs: 300, pollMs: 10, backOffMs: 20 };

/** A store, its people and as many engines as a test wants. */
export async function bench(workflow: Workflow<ToyData, ToyData>): Promise<Bench> {
  const db = await testDatabase({ poolSize: 20 });
  const [clock, directory] = [new HandClock(), new HandDirectory()];
  const deps = { database: db.database, clock, directory, workflows: [workflow], catalogue: () => oneRole };
  const [control, reads, engines] = [createRunControl(deps), createReads(db.database), [] as Worker[]];
  const nothing = {} as AzureRead & AzureWrite;
  return {
    db,
    clock,
    directory,
    control,
    reads,
    replica(options = {}) {
      const owner = `replica-${engines.length}`;
      const engine = createEngine({
        ...{
          database: db.database,
          clock,
          sleep,
          read: nothing,
          write: () => nothing,
          workflows: [workflow],
          owner,
        },
        ...options,
        settings: { ...fast, ...options.settings },
      });
      engines.push(engine);
      engine.start();
      return engine;
    },
    start: async (subject = 'ubuntu-22', person = ada) =>
      (await control.startOrJoin({ kind: 'publish', subject, plan: {}, person, intent: intent() })).run,
    startedBy: (other) => async (subject) => {
      const there = createRunControl({ ...deps, workflows: [other] });
      return (await there.startOrJoin({ kind: 'publish', subject, plan: {}, person: ada, intent: intent() })).run;
    },
    until: (id, what) => until(reads, id, what),
    async close() {
      await Promise.all(engines.map((engine) => engine.drain()));
      await db.close();
    },
  };
}

async function until(reads: Reads, id: RequestId, what: (run: Run) => boolean): Promise<Run> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const run = await reads.run(id);
    if (run && what(run)) return run;
    if (Date.now() > deadline) throw new Error(`still ${JSON.stringify(run)}`);
    await pause(10);
  }
}
