import { randomUUID } from 'node:crypto';
import { definitionId } from '../../core/azure-id';
import { readSingles, type Single, singleKey } from '../../core/lifecycle';
import { type ChangeRun, changeSubject, type RequestId } from '../../core/runs';
import { presentChange, presentChangeNews } from '../../dialogs/present/change';
import { compute } from '../../sandbox/azure/compute/section';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { rolloutPlan } from '../support/changes';
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

async function start(own: readonly Single[]): Promise<RequestId> {
  const plan = rolloutPlan({ sets: [], team: 'payments', singles: own });
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
  const over = await world.endOfChange(id);
  expect(over.data.ending).toEqual({
    how: 'done',
    why: 'There was no scale set to move. 1 of 2 machines that stand alone run 1.5.0 or a newer one; 1 gone from the image.',
  });
  expect(over.data.tracked?.reminders).toBe(1);
  expect(presentChangeNews(over, 'appointed-1').text).toContain(`${first.name} is done.`);
  expect(world.changes('DELETE', /virtualMachines/)).toEqual([]);
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
