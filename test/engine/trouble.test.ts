import type { AzureWrite } from '../../core/azure';
import { openDatabase } from '../../store';
import { checkFence, createFence, instant, type MachineTime } from '../../store/holding';
import { createReads } from '../../store/reads';
import { again } from '../../workflows/engine';
import { createRunControl } from '../../workflows/start';
import { Cable } from '../store/cable';
import { noAdmins } from '../support/unheld';
import { ada, type Bench, bench, fast, intent, sleep, type ToyContext, type ToyStep, toyWorkflow } from './bench';

const done: ToyStep = { kind: 'end', outcome: 'published' };

/** A machine whose clocks a test moves. */
class HandMachine implements MachineTime {
  monotonic = 0;
  wall = 0;
  monotonicMs = (): number => this.monotonic;
  wallMs = (): number => this.wall;
}

describe('a fence', () => {
  it.each([
    ['the monotonic clock', { monotonic: 1_000 }],
    ['the wall clock, after the machine slept', { wall: 1_000 }],
    ['both clocks', { monotonic: 1_000, wall: 1_000 }],
  ])('falls when the lease is over by %s', (_which, passed) => {
    const machine = new HandMachine();
    const fence = createFence(1_000, instant(machine), machine);
    expect(() => checkFence(fence)).not.toThrow();

    Object.assign(machine, passed);

    expect(() => checkFence(fence)).toThrow(expect.objectContaining({ code: 'FENCED' }));
  });

  it('falls a little before the database gives the run away', () => {
    const machine = new HandMachine();

    expect(createFence(25_000, instant(machine), machine).leftMs()).toBe(24_000);
  });

  it('stands longer after a renewal, counted from when the renewal left', () => {
    const machine = new HandMachine();
    const fence = createFence(1_000, instant(machine), machine);
    machine.monotonic = 500;
    const left = instant(machine);
    machine.monotonic = 900;
    fence.extend(left);
    expect(fence.leftMs()).toBe(560);
  });

  it('never rises again: a renewal that comes back too late does not help', () => {
    const machine = new HandMachine();
    const fence = createFence(1_000, instant(machine), machine);
    machine.monotonic = 990;
    const left = instant(machine);
    machine.monotonic = 1_100;

    fence.extend(left);

    expect(fence.leftMs()).toBeLessThanOrEqual(0);
  });
});

/** Opened once, by somebody else. */
function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { opened, open };
}

describe('the engine in trouble', () => {
  let opened: Bench | undefined;
  let cable: Cable | undefined;
  const open = async (...args: Parameters<typeof bench>): Promise<Bench> => {
    opened = await bench(...args);
    return opened;
  };
  afterEach(async () => {
    await opened?.close();
    await cable?.close();
    cable = undefined;
  });

  it('refuses the effect and the commit of a replica that was frozen in mid-stage and taken over', async () => {
    const done_: string[] = [];
    const writesOf = (replica: string): AzureWrite =>
      ({ startBuild: async () => void done_.push(replica) }) as unknown as AzureWrite;
    let thaw = (): void => {};
    const frozen = new Promise<void>((resolve) => {
      thaw = resolve;
    });
    const machine = new HandMachine();
    const work = async ({ run, write }: ToyContext): Promise<ToyStep> => {
      if (run.tries === 1) {
        await frozen;
        // Both say "there is no build yet" before they begin one.
        await write.startBuild({} as never, 'x', {} as never);
        return { kind: 'end', outcome: 'failed' };
      }
      await write.startBuild({} as never, 'x', {} as never);
      return done;
    };
    const b = await open(toyWorkflow({ work }));
    const { id } = await b.start();
    const logged: unknown[] = [];
    // Its renewals and claims stand still too: the whole process is frozen.
    const asleep = { settings: { renewMs: 600_000, leaseMs: 300, concurrency: 1 }, machine };
    const zombie = b.replica({
      ...asleep,
      write: () => writesOf('zombie'),
      log: (_message, { error }) => logged.push((error as { code?: string }).code),
    });
    await b.until(id, (r) => r.tries === 1);
    machine.monotonic = 10_000;

    b.replica({ write: () => writesOf('heir') });
    const run = await b.until(id, (r) => r.outcome !== null);
    thaw();
    await zombie.drain();

    expect(done_).toEqual(['heir']);
    expect(logged).toContain('FENCED');
    expect(run.outcome).toBe('published');
    expect(await b.reads.run(id)).toMatchObject({ outcome: 'published', lastError: null });
  });

  it('refuses the commit of a replica that thaws while its heir is in mid-step', async () => {
    const [thaw, heirBegun, heirMayEnd, zombieDone] = [gate(), gate(), gate(), gate()];
    const work = async ({ run }: ToyContext): Promise<ToyStep> => {
      if (run.tries === 1) return { kind: 'end', outcome: 'failed' };
      heirBegun.open();
      await heirMayEnd.opened;
      return done;
    };
    const b = await open(toyWorkflow({ work }));
    const { id } = await b.start();
    // Its renewals stand still, and so do its clocks: only the database can tell it that its lease is over.
    b.replica({
      ...{ settings: { renewMs: 600_000, leaseMs: 300, concurrency: 1 }, machine: new HandMachine() },
      at: async (boundary, { run }) => {
        if (run.tries > 1) return;
        if (boundary === 'before commit') await thaw.opened;
        if (boundary === 'after commit') zombieDone.open();
      },
    });
    await b.until(id, (r) => r.tries === 1);
    b.replica({ settings: { leaseMs: 60_000 } });
    await heirBegun.opened;

    thaw.open();
    await zombieDone.opened;
    const meanwhile = await b.reads.run(id);
    heirMayEnd.open();

    expect(meanwhile).toMatchObject({ outcome: null, version: 0 });
    expect(await b.until(id, (r) => r.outcome !== null)).toMatchObject({ outcome: 'published', version: 1 });
  });

  it('keeps a long step to itself by renewing the lease', async () => {
    let begun = 0;
    // A dozen renewals before it is lost, so that a slow machine keeps it; the step is longer.
    const lease = { leaseMs: 1_500, renewMs: 100 };
    const work = async (): Promise<ToyStep> => {
      begun += 1;
      await sleep(2_200);
      return done;
    };
    const b = await open(toyWorkflow({ work }));
    const { id } = await b.start();

    for (let i = 0; i < 3; i++) b.replica({ settings: lease });
    await b.until(id, (r) => r.outcome !== null);

    expect(begun).toBe(1);
  });

  it('says that the database is silent, accepts nothing, and goes on by itself when it is back', async () => {
    let silent = true;
    const b = await open(toyWorkflow({ work: () => (silent ? again(0) : done) }));
    cable = await Cable.to(b.db.url);
    const database = openDatabase({ url: cable.url });
    const control = createRunControl({
      database,
      clock: b.clock,
      directory: b.directory,
      workflows: [],
      catalogue: noAdmins,
    });
    const { id } = await b.start();
    const logged: string[] = [];
    const engine = b.replica({ database, log: (message) => logged.push(message) });
    await b.until(id, (r) => r.version > 3);

    cable.pull();
    const start = { kind: 'publish', subject: 'other', plan: {}, person: ada, intent: intent() } as const;
    await expect(control.startOrJoin(start)).rejects.toMatchObject({
      code: 'DATABASE_SILENT',
      hint: expect.stringContaining('again'),
    });
    await expect(createReads(database).openRuns()).rejects.toMatchObject({ code: 'DATABASE_SILENT' });
    await sleep(300);
    silent = false;
    cable.mend();

    expect((await b.until(id, (r) => r.outcome !== null)).outcome).toBe('published');
    expect(await b.reads.runs({ image: 'other' })).toEqual([]);
    expect(logged.filter((line) => line === 'nothing can be claimed')).toHaveLength(1);
    await engine.drain();
    await database.close();
  });

  it('does an act once whose commit got through without an answer', async () => {
    const workflow = toyWorkflow({ work: () => done });
    const b = await open(workflow);
    cable = await Cable.to(b.db.url);
    const database = openDatabase({ url: cable.url });
    const control = createRunControl({
      database,
      clock: b.clock,
      directory: b.directory,
      workflows: [workflow],
      catalogue: noAdmins,
    });
    const start = { kind: 'publish', subject: 'ubuntu-22', plan: {}, person: ada, intent: intent() } as const;

    cable.snapAtNextCommit();
    await expect(control.startOrJoin(start)).rejects.toMatchObject({ code: 'DATABASE_SILENT' });
    const again_ = await control.startOrJoin(start);

    expect(again_.joined).toBe(false);
    expect(await b.reads.runs({})).toHaveLength(1);
    expect(await b.reads.verifyAudit()).toEqual({ intact: true, entries: 1 });
    await database.close();
  });

  it('takes over the step of a replica whose commit got through without an answer, without doing it twice', async () => {
    const steps: string[] = [];
    const workflow = toyWorkflow({
      first: () => {
        steps.push('first');
        return { kind: 'to', stage: 'second' };
      },
      second: () => {
        steps.push('second');
        return done;
      },
    });
    const b = await open(workflow);
    cable = await Cable.to(b.db.url);
    const database = openDatabase({ url: cable.url });
    const { id } = await b.start();
    let armed = true;
    const at = async (boundary: string): Promise<void> => {
      if (boundary === 'before commit' && armed) cable?.snapAtNextCommit();
      armed = armed && boundary !== 'before commit';
    };
    const engine = b.replica({ database, at, settings: fast });

    const run = await b.until(id, (r) => r.outcome !== null);

    expect(steps).toEqual(['first', 'second']);
    expect(run.version).toBe(2);
    await engine.drain();
    await database.close();
  });
});
