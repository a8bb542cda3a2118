import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AzureRead, AzureWrite } from '../../core/azure';
import { isUserError } from '../../core/errors';
import { sleep } from '../../core/time';
import { createDatabaseIfMissing, type Database, migrate, openDatabase } from '../../store';
import { type EmbeddedServer, startEmbedded } from '../../store/embedded';
import { createReads } from '../../store/reads';
import { createEngine, type Worker } from '../../workflows/engine';
import { createRunControl, type RunControl } from '../../workflows/start';
import { sizeOf } from '../chaos/matrix';
import { seeded } from '../chaos/random';
import {
  ada,
  grace,
  HandClock,
  HandDirectory,
  rule,
  type ToyContext,
  type ToyStep,
  toyWorkflow,
} from '../engine/bench';
import { isFull } from '../support/size';
import { noAdmins } from '../support/unheld';
import { until } from '../support/until';
import { Cable } from './cable';

/** A database server that dies while a commit is under way: nobody knows whether it was done. */

const [failovers, seconds] = [sizeOf('failover', 'commits'), sizeOf('database down', 'seconds')];
/** Two of them are under way whenever the server dies. */
const subjects = ['image-a', 'image-b'];
/** For what hangs. */
const patienceMs = 120_000;

(isFull ? describe : describe.skip)('the database server', () => {
  let folder: string;
  let server: EmbeddedServer;
  let cable: Cable;
  let database: Database;
  let engines: Worker[];
  let control: RunControl;
  /** What was done outside, by run; nothing here forgives a second time. */
  const effects = new Map<string, number>();
  const clock = new HandClock();

  const start = (port = 5_760) => startEmbedded({ dataDir: join(folder, 'postgres'), log: () => {}, port });
  const port = () => Number(new URL(server.url('goldbot')).port);
  /** As a crash, or a failover to another machine: every connection is gone, what was not on disk is lost. */
  const dies = () => {
    if (!server.lives()) return;
    const [pid] = readFileSync(join(folder, 'postgres/cluster/data/postmaster.pid'), 'utf8').split('\n');
    process.kill(Number(pid), 'SIGQUIT');
  };
  const comesBack = async () => {
    await until(() => !server.lives());
    server = await start(port());
  };

  const workflow = toyWorkflow({
    build: ({ run }: ToyContext): ToyStep => {
      // Azure is asked first: what a step did whose commit nobody knows of is there.
      if (!effects.has(run.id)) effects.set(run.id, 1);
      return { kind: 'to', stage: 'approve', plan: { value: {}, hash: 'plan' } };
    },
    approve: ({ approval }: ToyContext): ToyStep => {
      if (!approval) return { kind: 'ask', rule, ttlMs: 3_600_000, channel: 'approvals' };
      return approval.status === 'approved' ? { kind: 'to', stage: 'publish' } : { kind: 'again', ms: 3_600_000 };
    },
    publish: ({ run }: ToyContext): ToyStep => {
      effects.set(`${run.id} published`, (effects.get(`${run.id} published`) ?? 0) + 1);
      return { kind: 'end', outcome: 'published' };
    },
  });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'goldbot-failover-'));
    // Made 0700, which the server's user could not pass through.
    chmodSync(folder, 0o711);
    server = await start();
    const url = server.url('goldbot');
    await createDatabaseIfMissing(url);
    cable = await Cable.to(url);
    database = openDatabase({ url: cable.url, poolSize: 8 });
    await migrate(database);
    const nothing = {} as AzureRead & AzureWrite;
    const deps = { database, clock, workflows: [workflow] };
    control = createRunControl({ ...deps, directory: new HandDirectory(), catalogue: noAdmins });
    engines = ['one', 'other'].map((owner) =>
      createEngine({
        ...{ ...deps, sleep, read: nothing, write: () => nothing, owner },
        settings: { leaseMs: 3_000, renewMs: 1_000, pollMs: 20, backOffMs: 20 },
      }),
    );
    for (const engine of engines) engine.start();
  }, 60_000);
  afterAll(async () => {
    await Promise.all(engines.map((engine) => engine.drain()));
    await database.close();
    await cable.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Asks again under the same intent until there is an answer, as a person does. */
  async function answered<T>(ask: () => Promise<T>): Promise<T> {
    for (const end = Date.now() + patienceMs; ; await sleep(50)) {
      try {
        return await ask();
      } catch (error) {
        if (!isUserError(error) || error.code !== 'DATABASE_SILENT' || Date.now() > end) throw error;
      }
    }
  }

  let count = 0;
  const begun = (subject: string) => {
    const request = { kind: 'publish', subject, plan: {}, person: ada, intent: `start-${++count}` } as const;
    return answered(() => control.startOrJoin(request));
  };
  /** Starts, decides and waits, as people do, until each of these runs has ended. */
  async function lived(runs: readonly string[]): Promise<void> {
    const reads = createReads(database);
    for (const end = Date.now() + patienceMs; ; await sleep(20)) {
      for (const { id, planHash } of await answered(() => reads.approvalsPending(clock.now()))) {
        const decision = { request: id, hash: planHash, person: grace, verdict: 'approve', via: 'button' } as const;
        await answered(() => control.decide({ ...decision, intent: `decide-${id}` })).catch((error: unknown) => {
          // The first attempt got through without an answer.
          if (!isUserError(error) || error.code !== 'APPROVAL_CLOSED') throw error;
        });
      }
      const open = await answered(() => reads.openRuns());
      if (!open.some(({ id }) => runs.includes(id))) return;
      if (Date.now() > end) throw new Error(`do not go on: ${JSON.stringify(open)}`);
    }
  }

  it(`that dies in mid-commit leaves nothing undone and nothing done twice: ${failovers} times`, async () => {
    const random = seeded(7);
    const asked: string[] = [];
    for (let n = 0; n < failovers; n += 1) {
      let isDead = () => {};
      const death = new Promise<void>((done) => (isDead = done));
      // Whichever commit it is: of a start, a claim, a step, a decision or an end.
      const after = Math.floor(random() * 6);
      const arm = (left: number): void =>
        cable.atNextCommit(() => {
          if (left > 0) return arm(left - 1);
          dies();
          isDead();
        });
      arm(after);
      const life = Promise.all(subjects.map(begun)).then(async (all) => {
        const ids = all.map(({ run }) => run.id as string);
        asked.push(...ids);
        await lived(ids);
      });
      await Promise.race([death, life]);
      // All was over before so many commits.
      cable.atNextCommit(() => {});
      dies();
      await comesBack();
      await life;
    }

    const reads = createReads(database);
    const runs = await reads.runs({ limit: 10_000 });
    const ends = (await reads.audit({ limit: 100_000 })).filter(({ action }) => action === 'end');
    expect(runs.map(({ id }) => id).sort()).toEqual([...asked].sort());
    expect(runs.filter(({ outcome }) => outcome !== 'published')).toEqual([]);
    expect(ends.map(({ runId }) => runId).sort()).toEqual([...asked].sort());
    expect(await database.query('select approval_id from decision group by approval_id having count(*) <> 1')).toEqual(
      [],
    );
    expect(asked.filter((id) => effects.get(id) !== 1 || !effects.has(`${id} published`))).toEqual([]);
    expect(await reads.verifyAudit()).toMatchObject({ intact: true });
  });

  it(`that is down for ${seconds} s is said to be, takes nothing meanwhile, and all goes on when it is back`, async () => {
    const before = (await createReads(database).runs({ limit: 10_000 })).length;
    dies();
    await until(() => !server.lives());
    const end = Date.now() + seconds * 1_000;
    const request = { kind: 'publish', plan: {}, person: ada } as const;
    let refused = 0;
    while (Date.now() < end) {
      const asked = control.startOrJoin({ ...request, subject: `lost-${refused}`, intent: `lost-${refused}` });
      await expect(asked).rejects.toMatchObject({ code: 'DATABASE_SILENT' });
      refused += 1;
      await sleep(250);
    }
    server = await start(port());
    const { run } = await begun('image-a');
    await lived([run.id]);

    expect(refused).toBeGreaterThan(0);
    expect(await createReads(database).runs({ limit: 10_000 })).toHaveLength(before + 1);
  });
});
