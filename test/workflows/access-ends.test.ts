import { randomUUID } from 'node:crypto';
import { definitionId } from '../../core/azure-id';
import { grantName } from '../../core/image-access';
import { type AccessPlan, type ChangeRun, changeSubject, type RequestId } from '../../core/runs';
import { minutes } from '../../core/time';
import { accessEndSchedules } from '../../workflows/change';
import { tick } from '../../workflows/engine/schedules';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { accessPlan } from '../support/changes';
import { losingEachCommitOnce } from '../support/losing';
import { patiently } from '../support/patient';

let world: AzureWorld;
beforeAll(async () => {
  world = await azureWorld({ at: losingEachCommitOnce() });
});
afterAll(() => world.close());

const { gallery, role, group } = accessPlan('grant');
const name = grantName({ scope: definitionId(gallery), role: role.id, group: group.id });
const assigned = () => patiently(() => world.azure.read.assignmentsAt(gallery));
const isThere = async () => (await assigned()).some(({ id }) => id.endsWith(`/${name}`));
const inHours = (hours: number) => new Date(Math.ceil(world.clock.nowMs() / 1_000) * 1_000 + minutes(60 * hours));

async function start(plan: AccessPlan): Promise<RequestId> {
  const request = { kind: 'change', subject: changeSubject(plan), plan, person: people.grace } as const;
  return (await world.control.startOrJoin({ ...request, intent: randomUUID() })).run.id;
}

async function done(plan: AccessPlan): Promise<ChangeRun> {
  const ended = await world.endOfChange(await start(plan));
  expect(ended.data.ending?.how).toBe('done');
  return ended;
}

/** What every replica does each second. */
const lookForEnds = () =>
  tick({ database: world.database, clock: world.clock, kinds: [accessEndSchedules({})] }, { reconcile: false });

async function endRuns(): Promise<readonly ChangeRun[]> {
  const rows = await world.database.query<{ id: RequestId }>(
    "select id from run where subject like 'access-end:%' order by created_at, id",
  );
  return Promise.all(rows.map(({ id }) => world.endOfChange(id)));
}

it('a right with an end is gone right after it, though every commit is lost once; not before, and once', async () => {
  const until = inHours(48);
  const given = await done(accessPlan('grant', { until: until.toISOString() }));
  expect(given.data.warnings?.join(' ')).toContain('goldbot keeps the end, not Azure');
  expect(given.data.ending?.why).toContain('Azure lets people in within ten minutes');
  expect(await isThere()).toBe(true);
  expect(await lookForEnds()).toBe(0);
  world.clock.advance((until.getTime() - world.clock.nowMs()) / 60_000 + 0.1);
  expect(await lookForEnds()).toBe(1);
  const [ended] = await endRuns();
  expect(ended?.data.ending?.why).toMatch(/^payments-owners no longer has what goldbot gave it: to view ubuntu-22\./);
  expect(await isThere()).toBe(false);
  expect(await lookForEnds()).toBe(0);
  expect(world.changes('DELETE', /roleAssignments/)).toHaveLength(1);
});

it('an end that comes while the right has been given again takes nothing back', async () => {
  const [first, second] = [inHours(1), inHours(100)];
  await done(accessPlan('grant', { until: first.toISOString() }));
  world.clock.advance((first.getTime() - world.clock.nowMs()) / 60_000 + 0.1);
  await lookForEnds();
  await done(accessPlan('grant', { until: second.toISOString() }));
  await endRuns();
  await done(accessPlan('grant', { until: second.toISOString() }));
  expect(await isThere()).toBe(true);
});

it('one that is there already gets an end; taken back before it, it has none any more', async () => {
  await done(accessPlan('grant'));
  const ends = () => world.database.query("select key from schedule where kind = 'access-end'");
  expect(await ends()).toEqual([]);
  await done(accessPlan('grant', { until: inHours(5).toISOString() }));
  expect(await ends()).toHaveLength(1);
  await done(accessPlan('ungrant'));
  expect(await isThere()).toBe(false);
  world.clock.advance(60 * 200);
  expect(await lookForEnds()).toBe(0);
});

it('an end that has passed before anybody agreed gives nothing', async () => {
  const { data } = await world.endOfChange(await start(accessPlan('grant', { until: '2020-01-01T00:00:00.000Z' })));
  expect(data.ending?.why).toContain('has passed; nothing was given');
  expect(await isThere()).toBe(false);
});

it('what somebody assigned without goldbot is neither given again nor taken back', async () => {
  const byHand = randomUUID();
  const write = world.azure.write({ leftMs: () => 60_000 });
  await write.assignImageRole(gallery, byHand, { role: role.id, group: group.id, why: 'by hand' });
  for (const verb of ['grant', 'ungrant'] as const) {
    const { data } = await world.endOfChange(await start(accessPlan(verb)));
    expect(data.ending?.why).toContain('which somebody assigned without goldbot');
  }
  expect((await assigned()).some(({ id }) => id.endsWith(byHand))).toBe(true);
});
