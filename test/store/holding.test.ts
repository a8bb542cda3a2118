import { setImmediate as nextTick } from 'node:timers/promises';
import { checkFence, type Held, type Lease, type Queryable, whileHeld } from '../../store';
import { createFence } from '../../store/holding';

/** Clocks that stand until a test moves them. */
function standing(monotonicMs = 0, wallMs = 0) {
  const now = { monotonicMs, wallMs };
  return { now, monotonicMs: () => now.monotonicMs, wallMs: () => now.wallMs };
}

describe('the fence of a lease', () => {
  it.each([
    ['both clocks went on', 900, 900, 60],
    ['the laptop slept: only the wall clock went on', 0, 900, 60],
    ['the wall clock was set back', 900, -5_000, 60],
    ['the margin of a twenty-fifth is all that is left', 960, 960, 0],
    ['it is over', 2_000, 10, -1_040],
  ])('%s', (_, monotonicMs, wallMs, left) => {
    const machine = standing();
    const fence = createFence(1_000, { monotonicMs: 0, wallMs: 0 }, machine);
    Object.assign(machine.now, { monotonicMs, wallMs });

    expect(fence.leftMs()).toBe(left);
    const check = () => checkFence(fence);
    if (left > 0) expect(check).not.toThrow();
    else expect(check).toThrow(expect.objectContaining({ code: 'FENCED' }));
  });

  it('is as long as the last renewal says, and over for ever once it was over or given up', () => {
    const machine = standing();
    const at = (ms: number) => ({ monotonicMs: ms, wallMs: ms });
    const [renewed, late, given] = [0, 0, 0].map(() => createFence(1_000, at(0), machine));
    Object.assign(machine.now, at(900));
    renewed?.extend(at(800));
    given?.lose();
    given?.extend(at(800));
    expect([renewed?.leftMs(), given?.leftMs()]).toEqual([860, 0]);

    Object.assign(machine.now, at(960));
    late?.extend(at(959));
    expect([renewed?.leftMs(), late?.leftMs()]).toEqual([800, 0]);
  });
});

describe('whoever holds a lease', () => {
  const lease: Lease = { of: 'run', id: 'R-22222', token: 3 };
  /** Answers each renewal as told, the last answer again and again; a `sleep` ends when the test says so. */
  function world(said: readonly ('held' | 'taken' | 'silent')[], settings = { leaseMs: 1_000, renewMs: 300 }) {
    const answers = [...said];
    const machine = standing();
    const [asked, slept, logged] = [[] as unknown[][], [] as number[], [] as unknown[]];
    let wake = () => {};
    const database: Queryable = {
      query: async (_text, values = []) => {
        asked.push([...values]);
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        if (answer === 'silent') throw new Error('no answer');
        return (answer === 'held' ? [{ id: lease.id }] : []) as never[];
      },
    };
    const sleep = (ms: number, signal?: AbortSignal) => {
      slept.push(ms);
      return new Promise<void>((done) => {
        wake = done;
        signal?.addEventListener('abort', () => done());
      });
    };
    const log = (message: string, facts: object) => logged.push([message, facts]);
    const holder = { database, settings, sleep, machine, log };
    return {
      ...{ asked, slept, logged, machine },
      hold: <T>(work: (held: Held) => Promise<T>) =>
        whileHeld(holder, { lease, at: { monotonicMs: 0, wallMs: 0 } }, work),
      /** So much time passes, and what slept wakes up. */
      pass: async (ms: number) => {
        machine.now.monotonicMs += ms;
        machine.now.wallMs += ms;
        wake();
        await nextTick();
      },
    };
  }

  it('renews it until the work is over, with its own token, and never after', async () => {
    const { hold, pass, asked, slept } = world(['held']);

    const left = await hold(async (held) => {
      await pass(300);
      await pass(300);
      return held.leftMs();
    });
    await pass(300);

    expect(left).toBe(960);
    expect(asked).toEqual(Array(2).fill(['R-22222', 3, 1_000]));
    expect(slept).toEqual([300, 300, 300]);
  });

  it('learns that another replica has it, and asks no more', async () => {
    const { hold, pass, asked } = world(['taken']);

    const left = await hold(async (held) => {
      await pass(300);
      const after = held.leftMs();
      await pass(300);
      return after;
    });

    expect(left).toBe(0);
    expect(asked).toHaveLength(1);
  });

  it('goes on by its clocks while the database is silent, asks sooner, and logs that once', async () => {
    const { hold, pass, asked, logged } = world(['silent', 'silent', 'held', 'silent']);

    const lefts = await hold(async (held) => {
      const seen: number[] = [];
      for (const ms of [300, 300, 300, 300, 300, 300, 300]) {
        await pass(ms);
        seen.push(held.leftMs());
      }
      return seen;
    });

    expect(lefts).toEqual([660, 360, 960, 660, 360, 60, -240]);
    expect(asked).toHaveLength(6);
    const once = ['lease not renewed', expect.objectContaining({ of: 'run', id: 'R-22222' })];
    expect(logged).toEqual([once, once]);
  });

  it('asks a silent database every second, when its lease is long', async () => {
    const { hold, pass, slept } = world(['silent', 'held'], { leaseMs: 60_000, renewMs: 20_000 });

    await hold(async () => {
      await pass(20_000);
      await pass(1_000);
    });

    expect(slept).toEqual([20_000, 1_000, 20_000]);
  });

  it.each([
    ['held', 900, true, 960],
    ['taken', 900, false, 0],
    ['silent', 900, true, 60],
    ['silent', 960, false, 0],
    ['held', 960, false, 0],
  ] as const)(
    'confirms it before what cannot be taken back: %s after %i ms, %s',
    async (answer, ms, confirmed, left) => {
      const { hold, machine, asked } = world([answer]);

      await hold(async (held) => {
        Object.assign(machine.now, { monotonicMs: ms, wallMs: ms });
        expect(await held.confirm()).toBe(confirmed);
        expect(held.leftMs()).toBe(left);
        expect(asked).toEqual([['R-22222', 3, 1_000]]);
      });
    },
  );

  it.each([
    [250, []],
    [300, [['R-22222', 3, 1_000]]],
  ])('confirms by the clocks alone what is younger than a renewal: after %i ms', async (ms, requests) => {
    const { hold, machine, asked } = world(['held']);

    await hold(async (held) => {
      Object.assign(machine.now, { monotonicMs: ms, wallMs: ms });
      expect(await held.confirm()).toBe(true);
      expect(asked).toEqual(requests);
    });
  });

  it('gives up what it has not given back when the work throws', async () => {
    const { hold, asked } = world(['held']);
    let kept: Held | undefined;

    await expect(
      hold(async (held) => {
        kept = held;
        throw new Error('broken');
      }),
    ).rejects.toThrow('broken');
    expect([kept?.leftMs(), asked]).toEqual([0, []]);
  });
});
