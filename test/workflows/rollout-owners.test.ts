import { randomUUID } from 'node:crypto';
import { definitionId, galleryVersionId } from '../../core/azure-id';
import { readSingles, type Single, singleKey } from '../../core/lifecycle';
import { type ChangeRun, changeSubject, type RequestId } from '../../core/runs';
import { presentChange } from '../../dialogs/present/change';
import { presentChangeNews } from '../../dialogs/present/change-news';
import { compute } from '../../sandbox/azure/compute/section';
import { ask } from '../sandbox/client';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { pinnedSets, rolloutPlan } from '../support/changes';
import { losingEachCommitOnce } from '../support/losing';

let world: AzureWorld;
beforeEach(async () => {
  // Every commit is lost once: nothing is told, reminded or counted twice for it.
  world = await azureWorld({ at: losingEachCommitOnce() });
});
afterEach(() => world.close());

/** The first so many of a team's that stand alone and are behind 1.5.0. */
async function behind(many: number): Promise<readonly [Single, ...Single[]]> {
  const source = definitionId(rolloutPlan().gallery).toLowerCase();
  const { read } = world.azure;
  const { singles } = await readSingles(read, { source, version: '1.5.0', team: 'payments', teamOf: teamByName });
  const [first, ...others] = singles.slice(0, many);
  if (!first || others.length !== many - 1) throw new Error('the story has too few machines behind');
  return [first, ...others];
}

const teamByName = ({ resourceGroup }: { readonly resourceGroup: string }) => resourceGroup.replace('rg-', '');

async function start(own: readonly Single[], version = '1.5.0'): Promise<RequestId> {
  const about = { version, target: `ubuntu-22 ${version}` };
  const plan = rolloutPlan({ sets: [], team: 'payments', singles: own, ...about });
  const request = { kind: 'change', subject: changeSubject(plan), plan, person: people.ada } as const;
  return (await world.control.startOrJoin({ ...request, intent: randomUUID() })).run.id;
}
const appoint = (request: RequestId, machine: string, when?: Date) =>
  world.control.signal({
    ...{ request, kind: 'appoint', person: people.grace, intent: randomUUID() },
    body: { machine, ...(when && { when: when.toISOString() }) },
  });
const isTracking = (run: unknown) => (run as ChangeRun).data.tracked?.asOf !== undefined;

interface Stored {
  readonly properties: { readonly storageProfile: { readonly imageReference: { id: string } } };
}

/** Its owners replace it: Azure has another machine of the name, or none. */
function replace({ id }: Single, version: string | undefined): void {
  const { resources } = compute(world.world);
  const key = Object.keys(resources).find((one) => one.toLowerCase() === id.toLowerCase()) ?? '';
  const reference = (resources[key] as unknown as Stored)?.properties.storageProfile.imageReference;
  if (version === undefined) delete resources[key];
  else
    Object.assign(reference, {
      id: reference.id.replace(/\/versions\/.*/, `/versions/${version}`),
      exactVersion: version,
    });
}

/** Somebody has goldbot read the tattoo inside. */
async function readInside({ id: machineId, name: target }: Single): Promise<void> {
  const kind = { verb: 'tattoo', os: 'Linux', location: 'westeurope', team: null } as const;
  const plan = { ...kind, machineId, target };
  const request = { kind: 'change', subject: changeSubject(plan), plan, person: people.ada } as const;
  await world.endOfChange((await world.control.startOrJoin({ ...request, intent: randomUUID() })).run.id);
}

it('waits for owners, reminds them before the time that they appointed, and is done once Azure has no machine behind', async () => {
  const own = await behind(2);
  const [first, second = first] = own;
  const id = await start(own);
  const open = (await world.untilAny(id, isTracking)) as ChangeRun;
  expect(open.stage).toBe('track');
  const at = new Date(world.clock.nowMs() + 30 * 3_600_000);
  await appoint(id, first.id, at);
  const told = (await world.untilAny(id, (run) => (run as ChangeRun).data.tracked?.reminders === 1)) as ChangeRun;
  expect(new Date(at.getTime() - 24 * 3_600_000).getTime()).toBeLessThanOrEqual(world.clock.nowMs());
  expect(presentChangeNews(told, 'appointed-1').text).toContain(`${first.name} is to be replaced by ubuntu-22 1.5.0\n`);
  const rows = await world.database.query<{ topic: string }>(`select topic from card where topic like '%:${id}%'`);
  expect(rows.map(({ topic }) => topic).sort()).toEqual([`news:${id}:appointed-1`, `run:${id}`]);

  replace(first, '1.5.0');
  replace(second, undefined);
  await readInside(first);
  const over = await world.endOfChange(id);
  expect(over.data.ending).toEqual({
    how: 'done',
    why: 'There was no scale set to move. 1 of 2 machines that stand alone run 1.5.0 or a newer one, 1 confirmed inside (vm-payments-ledger-001); 1 gone from the image.',
  });
  expect(over.data.tracked?.reminders).toBe(1);
  const { text } = presentChange(over, { now: at });
  expect(text).toContain(`Known by: 1 confirmed inside (${first.name})`);
  expect(text).not.toContain('--fresh');
  expect(presentChangeNews(over, 'appointed-1').text).toContain(`${first.name} is done.`);
  expect(world.changes('DELETE', /virtualMachines\/[^/]+\?/)).toEqual([]);
});

it('says at its end, or when it is cancelled, which machines are left', async () => {
  const own = await behind(1);
  const [first] = own;
  const id = await start(own);
  await world.untilAny(id, isTracking);
  await appoint(id, first.id, new Date(world.clock.nowMs() + 80 * 86_400_000));
  await world.untilAny(id, (run) => (run as ChangeRun).data.tracked?.appointments[singleKey(first)] !== undefined);
  await appoint(id, first.id);
  const open = (await world.untilAny(
    id,
    (run) => Object.keys((run as ChangeRun).data.tracked?.appointments ?? { x: 1 }).length === 0,
  )) as ChangeRun;
  const { text } = presentChange(open, { now: new Date(world.clock.nowMs()) });
  expect(text).toMatch(/Stand alone: 0 of 1 done; 1 not on 1\.5\.0, as of /);
  expect(text).toContain(`appoint ${first.id} --at`);
  world.clock.advance(30 * 24 * 60);
  const { data, outcome } = await world.endOfChange(id);
  expect(outcome).toBe('expired');
  expect(data.ending?.why).toBe(
    `the time that owners had is over. 0 of 1 machine that stands alone runs 1.5.0 or a newer one; left: ${first.name}.`,
  );

  const next = await start(own);
  await world.untilAny(next, isTracking);
  const body = { reason: 'the next version is better' };
  await world.control.signal({ request: next, kind: 'cancel', person: people.ada, body, intent: randomUUID() });
  expect((await world.endOfChange(next)).data.ending).toMatchObject({
    ...{ how: 'cancelled', by: 'Ada' },
    why: expect.stringMatching(/^the next version is better\. Its appointments end with it\. 0 of 1 machine /),
  });
});

/** Another version, from the one before. */
async function publish(version: string): Promise<void> {
  const path = (number: string) => galleryVersionId(rolloutPlan().gallery, number);
  await ask(world.sandbox, 'PUT', `${path(version)}?api-version=2024-03-03`, {
    location: 'westeurope',
    properties: {
      publishingProfile: { targetRegions: [{ name: 'West Europe' }] },
      storageProfile: { source: { id: path('1.5.0') } },
    },
  });
  world.clock.advance(60);
}

it('a newer rollout of the team supersedes it once it looks on itself: what is appointed moves, or lapses with words', async () => {
  const own = await behind(2);
  const [first, second = first] = own;
  const id = await start(own);
  await world.untilAny(id, isTracking);
  const at = new Date(world.clock.nowMs() + 40 * 3_600_000);
  await appoint(id, first.id, at);
  await appoint(id, second.id, at);
  await world.untilAny(id, (run) => Object.keys((run as ChangeRun).data.tracked?.appointments ?? {}).length === 2);

  await publish('1.6.0');
  const next = await start([first], '1.6.0');
  expect(next).not.toBe(id);
  const { outcome, data } = await world.endOfChange(id);
  expect(outcome).toBe('done');
  expect(data.ending).toEqual({
    ...{ how: 'superseded', supersededBy: next },
    why:
      `${next} has brought ubuntu-22 1.6.0 to the same team, and looks on in its place. 1 appointment moves to it; ` +
      `that of ${second.name} lapses. 0 of 2 machines that stand alone run 1.5.0 or a newer one; ` +
      `left: ${own.map(({ name }) => name).join(', ')}.`,
  });
  // The one that ends hands it over; the other takes it in a step of its own.
  const hasOne = (run: unknown) => Object.keys((run as ChangeRun).data.tracked?.appointments ?? {}).length === 1;
  const open = (await world.untilAny(next, (run) => isTracking(run) && hasOne(run))) as ChangeRun;
  expect(open.data.warnings?.at(-1)).toContain(`${id}, which looks on at ubuntu-22 1.5.0, ends once`);
  expect(open.data.tracked?.appointments).toEqual({
    [singleKey(first)]: { at: at.toISOString(), by: 'Grace', madeAt: expect.any(String) },
  });
  await expect(appoint(id, first.id, at)).rejects.toThrow(`${id} is over: ${next} has superseded it.`);
  // Whoever looks at the card of the older one sees which has taken its place.
  expect(presentChange(await world.endOfChange(id), { now: at }).text).toContain(`status ${next}`);
  const told = (await world.untilAny(next, (run) => (run as ChangeRun).data.tracked?.reminders === 1)) as ChangeRun;
  expect(presentChangeNews(told, 'appointed-1').text).toContain(`${first.name} is to be replaced by ubuntu-22 1.6.0\n`);
  const ends = await world.database.query(`select 1 from audit where entry::jsonb ->> 'action' = 'end'`);
  expect(ends).toHaveLength(1);
});

it('a cancel stops what Azure upgrades batch by batch as well, once, and says what runs what', async () => {
  const { queue, workers } = pinnedSets;
  const plan = rolloutPlan({ sets: [queue, workers] });
  const request = { kind: 'change', subject: changeSubject(plan), plan, person: people.ada } as const;
  const { id } = (await world.control.startOrJoin({ ...request, intent: randomUUID() })).run;
  await world.untilAny(id, (run) => /batch by batch/.test((run as ChangeRun).data.progress ?? ''));
  const body = { reason: 'a bug in 1.5.0' };
  await world.control.signal({ request: id, kind: 'cancel', person: people.ada, body, intent: randomUUID() });
  const over = await world.endOfChange(id);
  expect(over.data.ending).toMatchObject({ how: 'cancelled', by: 'Ada' });
  expect(over.data.ending?.why).toMatch(
    /^a bug in 1\.5\.0\. No batch of goldbot's is half done: vmss-payments-queue has \d of 3 on 1\.5\.0, and its upgrade by Azure is cancelled; not begun: vmss-data-workers\.$/,
  );
  expect((await world.azure.read.rollingUpgrade(queue.id))?.state).toBe('cancelled');
  expect(world.changes('POST', /rollingUpgrades\/cancel/).filter(({ status }) => status < 300)).toHaveLength(1);
  const { text } = presentChange(over, { now: new Date(world.clock.nowMs()) });
  expect(text).toMatch(/vmss-payments-queue · \d of 3 on 1\.5\.0; had its upgrade by Azure cancelled/);
});
