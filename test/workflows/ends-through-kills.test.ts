import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { type ChangePlan, type ChangeRun, changeSubject, type EndingPlan, type RequestId } from '../../core/runs';
import { minutes, seconds } from '../../core/time';
import { accessEndSchedules } from '../../workflows/change';
import { tick } from '../../workflows/engine/schedules';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { accessPlan, sharePlan } from '../support/changes';
import { patiently } from '../support/patient';
import { sized } from '../support/size';

/** Whatever dies, what has an end is gone a minute after it, and not before. */

let world: AzureWorld;
/** Which of the next steps die, and where: of each step once. */
type Death = 'never' | 'claimed' | 'before commit';
let deaths: readonly Death[] = [];
let steps = 0;
const died = new Set<string>();

beforeAll(async () => {
  world = await azureWorld({
    at: async (boundary, { run }) => {
      const step = `${run.id}:${run.version}`;
      if ((boundary !== 'claimed' && boundary !== 'before commit') || died.has(step)) return;
      if (deaths[steps % deaths.length] !== boundary) {
        if (boundary === 'before commit') steps += 1;
        return;
      }
      steps += 1;
      died.add(step);
      throw new Error('the replica died');
    },
  });
});
afterAll(() => world.close());

const groups = ['b0bb1e50-0000-4000-8000-000000000011', 'b0bb1e50-0000-4000-8000-000000000012'];
const tenant = { kind: 'tenant', id: '2f4a9838-26b7-47ee-be60-ccc1fdec5953' } as const;
const plans: readonly EndingPlan[] = [
  ...groups.map((id) => accessPlan('grant', { group: { id, name: `group ${id.slice(-2)}` } })),
  sharePlan('share'),
  sharePlan('share', { to: tenant }),
];

const isThere = (plan: EndingPlan): Promise<boolean> => patiently(() => looked(plan));

async function looked(plan: EndingPlan): Promise<boolean> {
  if (plan.verb === 'grant') {
    const assigned = await world.azure.read.assignmentsAt(plan.gallery);
    return assigned.some(({ principal, role }) => principal.id === plan.group.id && role.id === plan.role.id);
  }
  const { subscriptions = [], tenants = [] } = (await world.azure.read.gallerySharing(plan.gallery)) ?? {};
  return plan.verb === 'share' && plan.to.kind !== 'everybody' && [...subscriptions, ...tenants].includes(plan.to.id);
}

async function given(plan: ChangePlan): Promise<ChangeRun> {
  const request = { kind: 'change', subject: changeSubject(plan), plan, person: people.grace } as const;
  const { run } = await world.control.startOrJoin({ ...request, intent: randomUUID() });
  return world.endOfChange(run.id);
}

/** When Azure was asked to take something back, world time in milliseconds; of this run's time. */
const takenAt = (since: string): readonly number[] =>
  world.sandbox.exchanges
    .filter(({ at, method, url, status, requestBody }) => {
      if (at < since || status >= 300) return false;
      const isRemoval = JSON.stringify(requestBody ?? '').includes('"Remove"');
      return (method === 'DELETE' && url.includes('/roleAssignments/')) || (url.includes('/share?') && isRemoval);
    })
    .map(({ at }) => Date.parse(at));

async function endsInTime(end: Date, plan: EndingPlan): Promise<void> {
  expect(await isThere(plan)).toBe(true);
  // Replicas look every second.
  world.clock.advance((end.getTime() + seconds(1) - world.clock.nowMs()) / 60_000);
  const since = end.toISOString();
  await tick({ database: world.database, clock: world.clock, kinds: [accessEndSchedules({})] }, { reconcile: false });
  const open = await world.database.query<{ id: RequestId }>(
    "select id from run where subject like 'access-end:%' and ended_at is null",
  );
  for (const { id } of open) expect((await world.endOfChange(id)).data.ending?.how).toBe('done');
  expect(await isThere(plan)).toBe(false);
  const [first = Number.NaN] = takenAt(since);
  expect(first - end.getTime()).toBeGreaterThanOrEqual(0);
  expect(first - end.getTime()).toBeLessThanOrEqual(minutes(1));
}

const life = fc.record({
  dying: fc.array(fc.constantFrom<Death>('never', 'claimed', 'before commit'), {
    minLength: 3,
    maxLength: 12,
  }),
  which: fc.subarray([0, 1, 2, 3], { minLength: 1 }),
  minutesLong: fc.array(fc.integer({ min: 5, max: 5_000 }), { minLength: 4, maxLength: 4 }),
});

it(
  'rights and shares with an end are gone a minute after it, whatever dies',
  async () => {
    await fc.assert(
      fc.asyncProperty(life, async ({ dying, which, minutesLong }) => {
        deaths = [...dying, 'never'];
        const start = Math.ceil(world.clock.nowMs() / 1_000) * 1_000 + minutes(60);
        const ends: (readonly [Date, EndingPlan])[] = [];
        for (const n of which) {
          const plan = plans[n];
          const until = new Date(start + minutes(30 * n + (minutesLong[n] ?? 0)));
          if (!plan) throw new Error('no plan');
          expect((await given({ ...plan, until: until.toISOString() })).data.ending?.how).toBe('done');
          ends.push([until, plan]);
        }
        for (const [end, plan] of ends.sort(([a], [b]) => a.getTime() - b.getTime())) await endsInTime(end, plan);
        expect(await world.reads.agreedEnds()).toEqual([]);
      }),
      { numRuns: sized(2, 20), seed: 7 },
    );
  },
  sized(60_000, 600_000),
);
