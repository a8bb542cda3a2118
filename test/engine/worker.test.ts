import type { Sleep } from '../../core/time';
import type { Database, Work } from '../../store';
import { createWorker } from '../../workflows/engine';
import { seeded } from '../chaos/random';

const unused = () => Promise.reject(new Error('the worker itself asks the database nothing'));
const database: Database = { query: unused, transaction: unused, close: unused };

/** A kind of work of which nothing is ever due, and when it was looked at. */
function idle(work: Pick<Work, 'name' | 'pollMs' | 'unhurried' | 'attach'>, nowMs: () => number) {
  const looks: number[] = [];
  const claim = async () => void looks.push(nowMs());
  return { looks, work: { ...work, atOnce: 1, claim } as Work };
}

/** Lets a worker live for a second in which it is woken every 30 ms; gives when each kind was looked at. */
async function secondOfWaking() {
  let nowMs = 0;
  let wake = () => {};
  const second = new AbortController();
  const attach = (it: () => void) => {
    wake = it;
  };
  const awaited = idle({ name: 'cards', pollMs: 400, attach }, () => nowMs);
  const unhurried = idle({ name: 'leftovers', pollMs: 400, unhurried: true }, () => nowMs);
  const over = new Promise<void>((done) => second.signal.addEventListener('abort', () => done()));
  const sleep: Sleep = async (ms) => {
    if (nowMs >= 1_000) return new Promise(() => second.abort());
    nowMs += Math.min(ms, 30);
    if (ms > 30) wake();
  };
  const machine = { monotonicMs: () => nowMs, wallMs: () => nowMs };
  createWorker({ database, sleep, machine, owner: 'test', work: [awaited.work, unhurried.work] }).start();
  await over;
  return { awaited: awaited.looks, unhurried: unhurried.looks };
}

describe('a worker that is woken again and again', () => {
  it('looks each time at what somebody may be waiting for', async () => {
    const { awaited } = await secondOfWaking();
    expect(awaited.slice(0, 4)).toEqual([0, 30, 60, 90]);
    expect(awaited.length).toBeGreaterThan(30);
  });

  it('looks at what nobody waits for once in its time, which waking neither shortens nor starts anew', async () => {
    expect((await secondOfWaking()).unhurried).toEqual([0, 400, 800]);
  });
});

/** Time that goes on to the next timer once nothing else is to be done. */
function virtualTime() {
  const timers = new Set<{ readonly atMs: number; readonly ring: () => void }>();
  let nowMs = 0;
  const sleep: Sleep = (ms, signal) =>
    new Promise((done) => {
      if (signal?.aborted) return done();
      const timer = { atMs: nowMs + ms, ring: () => done() };
      timers.add(timer);
      signal?.addEventListener('abort', () => {
        timers.delete(timer);
        done();
      });
    });
  const liveUntil = async (endMs: number) => {
    while (nowMs < endMs) {
      await new Promise((idle) => setImmediate(idle));
      const next = [...timers].sort((a, b) => a.atMs - b.atMs)[0];
      if (!next) throw new Error(`nothing will ever happen again after ${nowMs} ms`);
      timers.delete(next);
      nowMs = Math.max(nowMs, next.atMs);
      next.ring();
    }
  };
  return { sleep, liveUntil, now: () => nowMs };
}

/** The longest that a claim takes here, and a piece of work. */
const [claimMs, workMs] = [20, 600];

/**
 * Work of which something is due or not, as chance has it, and how long something may have been due while this replica
 * had a hand free and did not look: since the look before, or since a piece of it ended.
 */
function watched(kind: Pick<Work, 'name' | 'atOnce' | 'pollMs' | 'unhurried'>, chance: () => number, time: Time) {
  const doing = new Set<object>();
  let [unseenSinceMs, longestMs] = [0, 0];
  const noted = () => {
    if (doing.size < kind.atOnce) longestMs = Math.max(longestMs, time.now() - unseenSinceMs);
  };
  const work: Work = {
    ...kind,
    claim: async () => {
      noted();
      unseenSinceMs = time.now();
      await time.sleep(chance() * claimMs);
      if (chance() < 0.05) throw new Error('the database is silent');
      if (chance() < 0.5) return undefined;
      const piece = {};
      doing.add(piece);
      const hold = async () => {
        await time.sleep(chance() * workMs);
        if (doing.size === kind.atOnce) unseenSinceMs = time.now();
        doing.delete(piece);
        if (chance() < 0.2) throw new Error('it broke');
      };
      return { lease: { of: 'run', id: 'R-7F3KQ', token: 1 }, work: hold };
    },
  };
  const longest = () => {
    noted();
    return longestMs;
  };
  return { work, longest };
}

type Time = ReturnType<typeof virtualTime>;

/** A minute of a worker with three kinds of work, which is woken at any moment: how long each was not looked at. */
async function minuteOf(seed: number): Promise<readonly number[]> {
  const [time, chance] = [virtualTime(), seeded(seed)];
  const kinds = [
    watched({ name: 'runs', atOnce: 3, pollMs: 250 }, chance, time),
    watched({ name: 'cards', atOnce: 1, pollMs: 400 }, chance, time),
    watched({ name: 'leftovers', atOnce: 1, pollMs: 700, unhurried: true }, chance, time),
  ];
  let wake = () => {};
  const attach = (it: () => void) => {
    wake = it;
  };
  const work = kinds.map((kind, n) => (n === 0 ? { ...kind.work, attach } : kind.work));
  const machine = { monotonicMs: time.now, wallMs: time.now };
  const waking = async (): Promise<never> => {
    for (;;) {
      await time.sleep(chance() * 1_500);
      wake();
    }
  };
  void waking();
  createWorker({
    database: { ...database, query: async () => [{} as never] },
    ...time,
    machine,
    owner: 'test',
    work,
  }).start();
  await time.liveUntil(60_000);
  return kinds.map(({ longest }) => longest());
}

describe('a worker, whatever wakes it, fails, breaks and takes long', () => {
  it('never leaves undone what is due, while it has a hand free, for longer than it naps', async () => {
    // After a claim that failed, and while the others are claimed.
    const [silentMs, othersMs] = [1_000, 8 * claimMs];
    for (let seed = 1; seed <= 40; seed += 1)
      for (const longestMs of await minuteOf(seed))
        expect([seed, longestMs <= silentMs + othersMs]).toEqual([seed, true]);
  });
});
