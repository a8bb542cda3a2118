import type { Sleep } from '../../core/time';
import type { Database, Work } from '../../store';
import { createWorker } from '../../workflows/engine';

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
