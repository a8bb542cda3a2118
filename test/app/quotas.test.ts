import { quotasOf } from '../../app/quotas';
import type { AzureRead } from '../../core/azure';
import { isUserError } from '../../core/errors';
import { seconds, sleep } from '../../core/time';
import { addAzureFace } from '../../sandbox/azure';
import { Sandbox } from '../../sandbox/kernel/sandbox';
import { World } from '../../sandbox/kernel/world';
import { type Line, type Quotas, withDeadline } from '../../services';
import { lineOf } from '../../services/azure/quota';
import { anyLook, connect, held, place } from '../services/azure';
import { type TestDatabase, testDatabase } from '../store/database';
import { sized, some } from '../support/size';

let db: TestDatabase;
beforeEach(async () => {
  db = await testDatabase({ poolSize: 4 });
});
afterEach(() => db.close());

interface Sent {
  readonly atMs: number;
  readonly status: number;
}

/** Replicas over one database and one Azure whose throttle is on; `quotas` absent: each for itself. */
function replicas(n: number, quotas?: (of: Quotas) => Quotas) {
  const sandbox = new Sandbox(new World({ speed: 0 }));
  addAzureFace(sandbox, { throttle: true });
  const sent: Sent[] = [];
  const all = Array.from({ length: n }, () => {
    const azure = connect(sandbox, { sleep, ...(quotas && { quotas: quotas(quotasOf(db.database)) }) });
    return { ...azure, forPeople: withDeadline(azure.read, seconds(50)) };
  });
  const before = sandbox.handle.bind(sandbox);
  sandbox.handle = async (request) => {
    const atMs = performance.now();
    const answer = await before(request);
    sent.push({ atMs, status: answer.status });
    return answer;
  };
  const refused = () => sent.filter(({ status }) => status === 429);
  const one = (i: number) => all[i % n] as (typeof all)[number];
  return { one, sandbox, sent, refused };
}

const shared = (of: Quotas): Quotas => of;
const times = <T>(n: number, what: (i: number) => Promise<T>) =>
  Promise.all(Array.from({ length: n }, (_, i) => what(i)));

/** As a run asks, which comes back after the time that it is told. */
async function untilAnswered(read: AzureRead): Promise<void> {
  for (;;) {
    try {
      return void (await anyLook(read));
    } catch (error) {
      if (!isUserError(error) || error.code !== 'AZ_THROTTLED') throw error;
      await sleep(error.retryAfterMs ?? seconds(1));
    }
  }
}

const arm = 'https://management.azure.com';
it.each([
  ['GET', `${arm}/subscriptions/s/x`],
  // A look of the doctor's, and Azure counts it among the writes.
  ['POST', `${arm}/subscriptions/s/providers/Microsoft.PolicyInsights/checkPolicyRestrictions`],
  ['DELETE', `${arm}/subscriptions/s/x`],
  ['POST', `${arm}/providers/Microsoft.ResourceGraph/resources`],
  ['GET', 'https://graph.microsoft.com/v1.0/groups/g'],
] as const)('whoever asks has places for %s %s', async (method, url) => {
  const line = lineOf({ method, url });
  const quotas = quotasOf(db.database);
  for (const asker of ['people', 'runs'] as const) {
    const places = await quotas.take(line as Line, asker, { count: 3, mostMs: 1_000 });
    expect(places).toEqual({ waitsMs: [0, 0, 0], silentMs: undefined });
  }
});

it.each(['people', 'runs'] as const)('%s have all queries of Resource Graph while nobody else asks', async (asker) => {
  const line = lineOf({ method: 'POST', url: `${arm}/providers/Microsoft.ResourceGraph/resources` }) as Line;
  const { waitsMs } = await quotasOf(db.database).take(line, asker, { count: 16, mostMs: 60_000 });
  expect(waitsMs.map((ms) => ms > 0)).toEqual([...Array(15).fill(false), true]);
});

it('people who wait for a query let a run have its own', async () => {
  const line = lineOf({ method: 'POST', url: `${arm}/providers/Microsoft.ResourceGraph/resources` }) as Line;
  const quotas = quotasOf(db.database);
  const people = await quotas.take(line, 'people', { count: 40, mostMs: 60_000 });
  const run = await quotas.take(line, 'runs', { count: 1, mostMs: 60_000 });
  expect(Math.max(...people.waitsMs)).toBeGreaterThan(10_000);
  expect(run.waitsMs[0]).toBeLessThanOrEqual(5_200);
});

describe('two replicas', () => {
  it('stay within what Azure grants a subscription, together, and all of it is used', async () => {
    const { one, sent, refused } = replicas(2, shared);
    const people = times(160, (i) => anyLook(one(i).forPeople));
    const runs = times(110, (i) => anyLook(one(i).read));
    await Promise.all([people, runs]);
    expect([sent.length, refused().length]).toEqual([270, 0]);
  });

  it('would not without their quotas', async () => {
    const { one, refused } = replicas(2);
    await Promise.allSettled([times(300, (i) => anyLook(one(i).read))]);
    expect(refused().length).toBeGreaterThan(0);
  });

  it('stay within the queries of Resource Graph', async () => {
    const { one, sent, refused } = replicas(2, shared);
    await times(sized(18, 40), (i) => one(i).forPeople.guestCounts([]));
    expect(refused()).toEqual([]);
    const at = sent.map(({ atMs }) => atMs).sort((a, b) => a - b);
    for (const [i, ms] of at.entries()) if (i >= 15) expect(ms - (at[i - 15] ?? 0)).toBeGreaterThan(5_000);
  });

  it('let a decision through while what people ask fills their part', async () => {
    const { one, refused } = replicas(2, shared);
    let asked = 0;
    const people = times(220, async () => {
      await anyLook(one(0).forPeople);
      asked += 1;
    });
    await sleep(20);
    await anyLook(one(1).read);
    await one(1).write(held).cancelBuild(place, 'x');
    expect(asked).toBeLessThan(220);
    await people;
    expect(refused()).toEqual([]);
  });

  it('send nothing while Azure wants silence, whichever of them it told', async () => {
    let heard = () => {};
    const silenced = new Promise<void>((done) => {
      heard = done;
    });
    const { one, sandbox, sent, refused } = replicas(2, (of) => ({
      ...of,
      silence: async (...args) => {
        await of.silence(...args);
        heard();
      },
    }));
    sandbox.faults.add({ match: { url: 'imageTemplates' }, status: 429, headers: { 'retry-after': '1' }, times: 1 });
    const first = anyLook(one(0).read);
    await silenced;
    await Promise.all([first, times(10, (i) => anyLook(one(i).read))]);

    const [refusal] = refused();
    const later = sent.filter(({ status }) => status !== 429);
    expect([refused().length, later.length]).toEqual([1, 11]);
    for (const { atMs } of later) expect(atMs - (refusal?.atMs ?? 0)).toBeGreaterThanOrEqual(1_000);
  });

  it.each(some(1, [{ 'retry-after': '1' }, {}]))(
    'ask one at a time until a storm of refusals with %j is over',
    async (headers) => {
      const { one, sandbox, sent, refused } = replicas(2, shared);
      const storm = { match: { url: 'imageTemplates' }, status: 429, headers };
      sandbox.faults.add(storm);
      const askers = times(20, (i) => untilAnswered(one(i).read));
      await sleep(3_500);
      const [during] = [sent.length];
      sandbox.faults.clear();
      await askers;

      // The first volley is on its way before anybody has been refused; then one asks for all.
      expect(during - 20).toBeLessThanOrEqual(5);
      const answered = sent.length - refused().length;
      expect((sent.length - during) / answered).toBeLessThanOrEqual(1.2);
    },
  );
});
