import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { resourceGroupId, resourceId } from '../../core/azure-id';
import { azureRoles, type RoleAt, rolesFor } from '../../core/azure-roles';
import { imageRef } from '../../core/images';
import { type ChangePlan, type ChangeRun, changeSubject } from '../../core/runs';
import { commands } from '../../dialogs';
import { createSandbox } from '../../sandbox';
import { outputsAccount, teamSubscriptions, vaultName } from '../../sandbox/azure/names';
import type { Sandbox } from '../../sandbox/kernel/sandbox';
import type { World } from '../../sandbox/kernel/world';
import { createAzure, sandboxCredential } from '../../services';
import { roleFiles, rolesPage } from '../../tools/docs/roles';
import { ask, sandboxHttpClient } from '../sandbox/client';
import { accessesOf, holdersOf, mustBeAllowed } from '../support/accesses';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { exampleCatalogue, withSecondGallery } from '../support/catalogue';
import { changesOfEachKind, pinnedSets } from '../support/changes';
import { some } from '../support/size';
import { managedId } from '../support/sources';
import { worldStart } from '../support/world-start';
import { defineAs, elsewhere, restrict, roleNamed, without } from './restricted';

const assigned = rolesFor(withSecondGallery(), elsewhere);

let world: AzureWorld;
let used: readonly { readonly action: string; readonly scope: string; readonly by: readonly RoleAt[] }[];

beforeAll(async () => {
  world = await azureWorld({ catalogue: withSecondGallery });
  await restrict(world.sandbox, { catalogue: withSecondGallery() });
  await publishAll();
  for (const plan of await changesOfEachKind(world)) await changed(plan);
  await lookAround();
  const all = world.sandbox.exchanges.flatMap(accessesOf);
  const distinct = new Map(all.map((access) => [`${access.action} ${access.scope}`.toLowerCase(), access]));
  used = [...distinct.values()].map((access) => ({ ...access, by: holdersOf(access, assigned) }));
}, 240_000);
afterAll(() => world.close());

const speed = (times: number) => ask(world.sandbox, 'POST', '/_sandbox/clock', { speed: times });
const guest = (set: unknown) => ask(world.sandbox, 'POST', '/_sandbox/guest', { image: 'ubuntu-22', set });

/** One that fails and is mended, with every output; one that is cancelled while it builds. */
async function publishAll(): Promise<void> {
  await guest({ services: { ssh: { active: false } } });
  const { id } = await world.publish({ output: 'all' });
  await world.stage(id, 'repair');
  await guest(null);
  await world.control.signal({ request: id, kind: 'rebuild', person: people.ada, body: {}, intent: 'mended' });
  await world.approve(id);
  await world.end(id);
  expect((await world.run(id)).outcome).toBe('published');
  const second = await world.publish();
  await world.until(second.id, (r) => r.data.progress?.startsWith('step') ?? false);
  // The build must not be over before the cancel reaches it, however slow this machine is.
  await speed(60);
  const body = { reason: 'x' };
  await world.control.signal({ request: second.id, kind: 'cancel', person: people.ada, body, intent: 'stop' });
  await world.until(second.id, () => world.changes('POST', /\/cancel\?/).length > 0);
  await speed(1_500);
  await world.end(second.id);
}

async function changed(plan: ChangePlan): Promise<void> {
  const request = { kind: 'change', subject: changeSubject(plan), plan, person: people.ada } as const;
  const { run } = await world.control.startOrJoin({ ...request, intent: randomUUID() });
  const ended: ChangeRun = await world.endOfChange(run.id);
  expect(ended.data.ending).toMatchObject({ how: 'done' });
}

function imageOfExample() {
  const { azure, images } = exampleCatalogue();
  const [image] = images;
  if (!image) throw new Error('the example catalogue has no image');
  return imageRef(azure, image);
}

/** What these runs did not come to ask: commands and other catalogues do. */
async function lookAround(): Promise<void> {
  const { read, signer, outside, write } = world.azure;
  const { subscription, buildResourceGroup: resourceGroup, location } = exampleCatalogue().azure;
  const place = { subscription, resourceGroup, location };
  const ubuntu = imageOfExample();
  await read.managedImage(managedId('hardened'));
  await read.foreignTemplates(subscription);
  await read.subscription(subscription);
  await read.regions(subscription);
  await read.triggers(place, 'legacy');
  await read.assignmentsAt(ubuntu);
  await read.gallerySharing(ubuntu);
  await read.remains(place, []);
  await read.groupState(resourceGroupId(place));
  await read.softDeleted(ubuntu);
  await read.ownPermissions(exampleCatalogue().azure.identity);
  await read.ownPermissions(resourceGroupId({ subscription: teamSubscriptions[0], resourceGroup: 'rg-payments' }));
  // There is no such offer and no such template: the right is asked for before.
  await read.termsAccepted(subscription, { publisher: 'p', product: 'o', name: 'n' }).catch(() => {});
  await signer(`https://${vaultName}.vault.azure.net/keys/goldbot`).sign(Buffer.from('x'));
  const kept = outside(`https://${outputsAccount}.blob.core.windows.net/audit`);
  await kept.keep('000000000001.json', { payloadType: 'x', payload: '', signatures: [] });
  await kept.read('000000000001.json');
  const writes = write({ leftMs: () => 60_000 });
  await writes.runTemplate(place, 'idle').catch(() => {});
  // Azure asks nothing of this set, and defers nothing.
  const { id } = pinnedSets.queue;
  await read.upgradeQuestions(id);
  await writes.approveUpgrade(id).catch(() => {});
  await writes.cancelUpgrade(id).catch(() => {});
  await writes.putOffQuestion(id, 'nothing', new Date()).catch(() => {});
  // It has no such instance.
  await writes.reimageInstances(id, ['77'], '1.5.0').catch(() => {});
}

/** What only Resource Graph is asked about; below, each is missed. */
const inResourceGraph = new Set([
  'Microsoft.Resources/subscriptions/read',
  'Microsoft.Compute/virtualMachineScaleSets/read',
  'Microsoft.HybridCompute/machines/read',
  'Microsoft.Compute/virtualMachines/extensions/read',
  'Microsoft.HybridCompute/machines/extensions/read',
  'Microsoft.Insights/dataCollectionRuleAssociations/read',
  'Microsoft.PolicyInsights/policyStates/queryResults/read',
  'Microsoft.GuestConfiguration/guestConfigurationAssignments/read',
]);

describe('goldbot with its roles, where docs/roles.md says, and nothing else', () => {
  it('is refused nothing while it publishes, repairs, cancels and changes what teams ask for', () => {
    const refused = world.sandbox.exchanges.filter(({ status }) => status === 401 || status === 403);
    expect(refused.map(({ method, url }) => `${method} ${url}`)).toEqual([]);
    expect(used.filter(({ by }) => by.length === 0)).toEqual([]);
  });

  it('has no two roles that allow the same thing, unless each alone does somewhere else', () => {
    const rolesOf = (by: readonly RoleAt[]) => new Set(by.map(({ role }) => role));
    const alone = new Set(
      used.flatMap(({ action, by }) => (rolesOf(by).size === 1 ? [`${by[0]?.role} ${action.toLowerCase()}`] : [])),
    );
    const twice = used.filter(({ by }) => rolesOf(by).size > 1);
    const idle = twice.filter(({ action, by }) => by.some(({ role }) => !alone.has(`${role} ${action.toLowerCase()}`)));
    expect(idle).toEqual([]);
    expect(new Set(twice.map(({ action }) => action))).toEqual(new Set(['Microsoft.Authorization/permissions/read']));
  });

  it('has no action that is never needed', () => {
    const all = azureRoles.flatMap(({ name, actions, dataActions }) =>
      [...actions, ...dataActions].map((right) => ({ ...right, name })),
    );
    const unused = all.filter(
      ({ name, action, implied }) =>
        !implied &&
        !inResourceGraph.has(action) &&
        !used.some(
          (one) => one.action.toLowerCase() === action.toLowerCase() && one.by.some(({ role }) => role === name),
        ),
    );
    expect(unused.map(({ name, action }) => `${name}: ${action}`)).toEqual([]);
  });
});

it('is looked at in every world of the tests, which fails with what no role allows', () => {
  const [exchange] = world.sandbox.exchanges.filter(
    ({ method, url }) => method === 'DELETE' && /\/virtualMachines\//.test(url),
  );
  if (!exchange) throw new Error('no test machine was deleted');
  const mustBe = (change: Partial<typeof exchange>) => () =>
    mustBeAllowed([{ ...exchange, ...change }], exampleCatalogue());
  expect(mustBe({})).not.toThrow();
  const elsewhereInAzure = exchange.url.replace(/\/resourceGroups\/[^/]+/i, '/resourceGroups/rg-of-others');
  expect(mustBe({ url: elsewhereInAzure })).toThrow(
    /virtualMachines\/delete on \/subscriptions\/[^/]+\/resourceGroups\/rg-of-others\//,
  );
  expect(mustBe({ method: 'POST', url: exchange.url.replace('?', '/deallocate?') })).toThrow(
    'virtualMachines/deallocate/action',
  );
  expect(mustBe({ url: elsewhereInAzure, requestHeaders: { authorization: 'Bearer somebody' } })).not.toThrow();
});

describe('the roles as people find them', () => {
  it.each(Object.entries({ 'docs/roles.md': rolesPage, ...roleFiles }))(
    '%s says what the code says',
    (file, written) => {
      expect(readFileSync(join(__dirname, '../..', file), 'utf8')).toBe(written());
    },
  );

  it('are offered for commands that there are', () => {
    const offered = azureRoles.flatMap(({ gives }) => [...gives.matchAll(/`([^`]+)`/g)].map(([, line = '']) => line));
    expect(offered.length).toBeGreaterThan(15);
    const verbs: readonly string[] = commands.map(({ verb }) => verb);
    expect(offered.filter((line) => !verbs.includes(line.replace(/ --.*$/, '')))).toEqual([]);
  });

  it('have none but goldbot-access that assigns roles, and none that reads secrets', () => {
    const all = azureRoles
      .filter(({ name }) => name !== 'goldbot-access')
      .flatMap(({ actions, dataActions }) => [...actions, ...dataActions])
      .map(({ action }) => action);
    expect(
      all.filter((action) => /\*|roleAssignments\/(?!read)|listKeys|secrets|resourceGroups\/delete/i.test(action)),
    ).toEqual([]);
  });
});

describe('what the observer sees of the teams’ machines', () => {
  const observer = roleNamed('goldbot-observer');
  // What is asked of Compute and of Authorization themselves, above.
  const elsewhereAsked = [
    'Microsoft.Compute/disks/read',
    'Microsoft.Compute/galleries/read',
    'Microsoft.Compute/galleries/softDeletedArtifactTypes/artifacts/versions/read',
    'Microsoft.Compute/galleries/images/read',
    'Microsoft.Authorization/permissions/read',
  ];

  it('is all that an owner sees, and less without any of its actions', async () => {
    const azure = { throttle: false, resourceGraph: { queries: 1_000 } };
    const { sandbox, world } = createSandbox({ speed: 0, startMs: worldStart, azure });
    const all = await seen(sandbox, world);
    await restrict(sandbox, { roles: [observer] });
    expect(await seen(sandbox, world)).toEqual(all);
    const missed = [];
    const actions = some(6, observer.actions).map(({ action }) => action);
    for (const action of actions) {
      await defineAs(sandbox, without(observer, action));
      const less = await seen(sandbox, world).catch(String);
      if (JSON.stringify(less) !== JSON.stringify(all)) missed.push(action);
    }
    expect(missed).toEqual(actions.filter((action) => !elsewhereAsked.includes(action)));
  });
});

async function seen(sandbox: Sandbox, { clock }: World): Promise<unknown> {
  const subscription = teamSubscriptions[0];
  const httpClient = sandboxHttpClient(sandbox);
  const { read } = createAzure({ credential: sandboxCredential, httpClient, subscription, clock });
  const payments = { subscription, resourceGroup: 'rg-payments' };
  const images = exampleCatalogue().images.map((image) => imageRef(exampleCatalogue().azure, image));
  const api = resourceId(payments, 'Microsoft.Compute/virtualMachines', 'vm-payments-api-001');
  return {
    above: [...(await read.managementGroups())].filter(([id]) => teamSubscriptions.some((one) => one === id)),
    machines: await read.machineList({ scope: { subscriptions: teamSubscriptions } }, 300),
    policies: await read.policyCounts([payments]),
    guest: await read.guestCounts([payments]),
    lacking: await read.lackingMachines(),
    sets: await read.scaleSets(undefined),
    published: (await read.publishedVersions(images)).rows,
    one: await read.machineCompliance(api),
  };
}
