import { writeSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { Sleep } from '../../core/time';
import { type Database, openDatabase } from '../../store';
import { createEngine, type Stage, type Workflow } from '../../workflows/engine';
import { reaper as leftoverReaper } from '../../workflows/publish';
import { seeded } from './random';
import type { EngineScenario, ReplicaConfig } from './scenario';

/** One replica that kills or freezes itself, for real, at points chosen by its seed. The engine is the product's own. */

export type Reach = (point: string) => Promise<void>;

export function reaper(config: ReplicaConfig): Reach {
  const random = seeded(config.seed);
  const covered = new Set(config.covered);
  return async (point) => {
    const known = covered.has(point);
    if (!config.killing || random() >= (known ? 0.01 : 0.3)) return;
    covered.add(point);
    const how = random() < config.freezes ? 'SIGSTOP' : 'SIGKILL';
    // Synchronous: nothing is left in a buffer that dies with the process.
    writeSync(1, `${how} ${point}\n`);
    process.kill(process.pid, how);
    // The signal arrives before anything else goes on.
    await pause(0);
  };
}

/** Every call of looks and effects becomes two points. */
function probed<T extends object>(target: T, reach: Reach, label: string): T {
  return new Proxy(target, {
    get(object, name, receiver) {
      const member: unknown = Reflect.get(object, name, receiver);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]): Promise<unknown> => {
        await reach(`${label} ${String(name)}: before`);
        const result: unknown = await member.apply(object, args);
        await reach(`${label} ${String(name)}: after`);
        return result;
      };
    },
  });
}

/** Whoever takes over a step works long enough for its frozen twin to be thawed beside it. */
async function inheriting(): Promise<void> {
  writeSync(1, 'INHERIT\n');
  await pause(150);
}

function probedStage(stage: Stage<unknown, unknown>, reach: Reach): Stage<unknown, unknown> {
  return {
    ...stage,
    run: async (context) => {
      if (context.run.tries > 1) await inheriting();
      return stage.run({
        ...context,
        read: probed(context.read, reach, `${stage.name} / look`),
        write: probed(context.write, reach, `${stage.name} / effect`),
      });
    },
  };
}

/** The moment when all is written and nothing is committed. */
function probedDatabase(database: Database, reach: Reach): Database {
  return {
    ...database,
    transaction: (work) =>
      database.transaction(async (tx) => {
        const result = await work(tx);
        if (result) await reach('any transaction: written, not committed');
        return result;
      }),
  };
}

const sleep: Sleep = async (ms, signal) => {
  await pause(ms, undefined, signal ? { signal } : {}).catch(() => {});
};

/** `config` as the process got it. */
export async function runReplica(scenario: EngineScenario, config: ReplicaConfig): Promise<void> {
  const parts = await scenario.replica(config.worldUrl, config.databaseUrl);
  const reach = reaper(config);
  const workflows = parts.workflows.map(
    (w): Workflow<unknown, unknown> => ({ ...w, stages: w.stages.map((stage) => probedStage(stage, reach)) }),
  );
  const { leaseMs, killing } = config;
  // In peace there is no heir to wait for: the product's own lease, since a short one may be over before a busy machine
  // has answered, however often that is tried.
  const lease = killing ? { leaseMs, renewMs: leaseMs / 3 } : {};
  const database = probedDatabase(openDatabase({ url: config.databaseUrl, poolSize: 6 }), reach);
  const engine = createEngine({
    ...parts,
    workflows,
    sleep,
    database,
    owner: config.owner,
    work: [leftoverReaper({ ...parts, database })],
    settings: { ...lease, pollMs: 20, backOffMs: 50 },
    at: (boundary, { run }) => reach(`${run.stage} / ${boundary}`),
    log: (message, { error }) => {
      if (!killing) writeSync(2, `${config.owner}: ${message} ${String(error)}\n`);
    },
  });
  engine.start();
  process.on('SIGTERM', () => {
    void engine.drain().then(() => process.exit(0));
  });
}
