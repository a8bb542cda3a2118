import { randomUUID } from 'node:crypto';
import { changeSubject, type RequestId, type VersionPlan } from '../../core/runs';
import { replicate } from '../../workflows/change/replicas';
import { ask } from '../sandbox/client';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { exampleCatalogue } from '../support/catalogue';
import { versionPlan } from '../support/changes';

let world: AzureWorld;
beforeAll(async () => {
  world = await azureWorld();
});
afterAll(() => world.close());

const number = '1.5.0';
const plan = (copies: Partial<VersionPlan['copies']>, more: Partial<VersionPlan> = {}) =>
  versionPlan('replicate', number, { copies: { set: [], again: [], remove: [], ...copies }, ...more });

async function start(wanted: VersionPlan): Promise<RequestId> {
  const request = { kind: 'change', subject: changeSubject(wanted), plan: wanted, person: people.grace } as const;
  return (await world.control.startOrJoin({ ...request, intent: randomUUID() })).run.id;
}
const ended = async (wanted: VersionPlan) => (await world.endOfChange(await start(wanted))).data.ending;

/** As Azure has it, with the states of its copies. */
async function version() {
  const { id = '' } = (await world.versions()).get(number) ?? {};
  const [, subscription = '', , resourceGroup = '', , , , gallery = '', , definition = ''] = id.split('/').slice(1);
  const ref = { subscription, resourceGroup, gallery, definition };
  const found = await world.azure.read.version(ref, number);
  if (!found) throw new Error(`no ${number}`);
  return found;
}
const copies = async () =>
  (await version()).regions.map(({ name, replicas, state }) => `${name} ${replicas} ${state}`).sort();
const patches = () => world.changes('PATCH', /versions\/1\.5\.0/).length;

it('makes a copy, says when it is there, and then removes what is not wanted, once each', async () => {
  const [before, sent] = [await version(), patches()];
  const set = [{ name: 'UK South', replicas: 2 }];
  const id = await start(plan({ set, remove: ['East US'] }));
  const { data } = await world.endOfChange(id);
  expect(data.ending).toMatchObject({
    how: 'done',
    why: 'ubuntu-22 1.5.0 has 2 copies in UK South, all in place, and has no copy in East US any more.',
  });
  expect(data.before).toBe('3 copies in West Europe, 2 copies in North Europe, 2 copies in East US');
  expect(await copies()).toEqual(['North Europe 2 Completed', 'UK South 2 Completed', 'West Europe 3 Completed']);
  // Made, removed, and forbidden again.
  expect(patches() - sent).toBe(3);
  const after = await version();
  expect(after.allowsRegionRemoval).toBeUndefined();
  expect([after.tags, after.endOfLife, after.excludedFromLatest]).toEqual([
    before.tags,
    before.endOfLife,
    before.excludedFromLatest,
  ]);
});

it('lets others change versions of the image while Azure copies', async () => {
  const wanted = plan({ set: [{ name: 'Sweden Central', replicas: 1 }] });
  const left: string[] = [];
  const kind = replicate({
    catalogue: exampleCatalogue,
    outcomeOf: async () => undefined,
    recorded: async () => undefined,
    takeTurn: async () => {
      throw new Error('it has nothing to write');
    },
    leaveTurn: async (image, run) => void left.push(`${image} ${run}`),
  });
  const found = await version();
  const sweden = { name: 'Sweden Central', replicas: 1, state: 'Replicating', progress: 40, excludedFromLatest: false };
  const busy = { ...found, provisioningState: 'Updating', regions: [...found.regions, sweden] };
  const context = { read: { version: async () => busy }, run: { id: 'R-22222', plan: wanted } };
  expect(await kind.next(context as never, wanted)).toMatchObject({
    kind: 'wait',
    progress: '0 of 1 regions; Sweden Central at 40 %',
    wait: { waitsFor: 'Azure to copy a version to regions' },
  });
  expect(left).toEqual(['ubuntu-22 R-22222']);
});

it('removes nothing where a new copy fails; what failed is given up and made again once there is room', async () => {
  const room = (replicas: boolean) =>
    ask(world.sandbox, 'POST', '/_sandbox/conditions', { regions: [{ location: 'eastus2', replicas }] });
  await room(false);
  const lost = await ended(plan({ set: [{ name: 'East US 2', replicas: 1 }], remove: ['UK South'] }));
  expect(lost).toMatchObject({
    how: 'failed',
    why: expect.stringMatching(/^Azure could not copy it to East US 2: .*; no copy was removed$/),
  });
  expect(await copies()).toContain('East US 2 1 Failed');
  expect(await copies()).toContain('UK South 2 Completed');
  const again = [{ name: 'East US 2', replicas: 1 }];
  // Once more without room: it is given up once, not for ever.
  expect((await ended(plan({ again })))?.why).toMatch(/^Azure could not copy it to East US 2/);
  await room(true);
  expect(await ended(plan({ again }))).toMatchObject({
    how: 'done',
    why: 'ubuntu-22 1.5.0 has 1 copy in East US 2, all in place.',
  });
  expect(await copies()).toContain('East US 2 1 Completed');
  expect((await version()).allowsRegionRemoval).toBeUndefined();
});

it('breaks nothing that names the version, and moves nobody unasked', async () => {
  const remove = ['West Europe'];
  expect((await ended(plan({ remove })))?.why).toMatch(
    /^scale set \S+ \(\w+\) could not scale out, reimage or repair: it names this version, which would have no copy there; nothing/,
  );
  expect((await ended(plan({ remove }, { breakGlass: true })))?.why).toMatch(
    /^Since that plan, scale set \S+ \(\w+\) came to depend on it: it takes 1\.4\.1 .*nothing was changed/,
  );
  expect(await copies()).toContain('West Europe 3 Completed');
});
