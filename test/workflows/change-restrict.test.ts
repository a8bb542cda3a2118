import { randomUUID } from 'node:crypto';
import { buildExclusions, galleryId, type RestrictionEffect, restrictionName } from '../../core/compliance';
import { type ChangePlan, type ChangeRun, changeSubject, type RestrictPlan } from '../../core/runs';
import { platformSubscription, teamSubscriptions } from '../../sandbox/azure/names';
import { evaluatePolicies } from '../../sandbox/azure/policy/in-force';
import type { Json } from '../../sandbox/kernel/types';
import { followEnds } from '../../workflows/change/past-end';
import { ask } from '../sandbox/client';
import { machine } from '../sandbox/policy-world';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';
import { exampleCatalogue } from '../support/catalogue';

let world: AzureWorld;
beforeEach(async () => {
  world = await azureWorld();
});
afterEach(() => world.close());

const { azure } = exampleCatalogue();
const gallery = galleryId(azure);
const payments = `/subscriptions/${teamSubscriptions[0]}`;
const platform = `/subscriptions/${platformSubscription}`;
const marketplace = {
  publisher: 'Canonical',
  offer: '0001-com-ubuntu-server-jammy',
  sku: '22_04-lts-gen2',
  version: 'latest',
};
const golden = { id: `${gallery}/images/ubuntu-22` };

const group = { group: 'b0bb1e50-0000-4000-8000-000000000003', groupName: 'goldbot-admins', quorum: 1 };

function plan(
  effect: RestrictionEffect | 'off',
  scope = payments,
  tag?: { name: string; value: string },
): RestrictPlan {
  return {
    verb: 'restrict',
    target: 'payments',
    team: 'payments',
    effect,
    galleries: [gallery],
    targets: [{ scope, name: restrictionName, ...buildExclusions(scope, exampleCatalogue()), ...(tag && { tag }) }],
    dryRun: [],
    approval: { rule: group, ttlMs: 3_600_000, channel: 'Image Factory / approvals' },
  };
}

async function start(wanted: ChangePlan) {
  const { run } = await world.control.startOrJoin({
    kind: 'change',
    subject: changeSubject(wanted),
    plan: wanted,
    person: people.ada,
    intent: randomUUID(),
  });
  return run.id;
}

async function restrict(wanted: RestrictPlan): Promise<ChangeRun> {
  const id = await start(wanted);
  await world.approve(id);
  return await world.endOfChange(id);
}

/** What ARM says to somebody who deploys this image there. */
async function deploy(image: object, more: { scope?: string; tags?: object; type?: string; disk?: object } = {}) {
  const { scope = `${payments}/resourceGroups/rg-payments`, tags = { team: 'payments' } } = more;
  const body = machine(image, { tags }) as { properties: { storageProfile: object } };
  if (more.disk) body.properties.storageProfile = { osDisk: more.disk };
  const name = `vm-${randomUUID().slice(0, 8)}`;
  const url = `${scope}/providers/Microsoft.Compute/virtualMachines/${name}?api-version=2024-07-01`;
  const { status, body: answer } = await ask(world.sandbox, 'PUT', url, body);
  return { status, code: (answer as { error?: { code?: string } }).error?.code };
}

const refused = { status: 403, code: 'RequestDisallowedByPolicy' };

it('deny: new machines on foreign images are refused, golden ones go through', async () => {
  expect((await deploy(marketplace)).status).toBe(201);
  const run = await restrict(plan('deny'));
  expect(run.data.ending).toMatchObject({ how: 'done' });
  expect(await deploy(marketplace)).toEqual(refused);
  expect((await deploy(golden)).status).toBe(201);
});

it('nothing is written before somebody else approves, and nothing at all when it is rejected', async () => {
  const id = await start(plan('deny'));
  const { id: approval } = await world.asked(id);
  expect(world.changes('PUT', /policy/i)).toEqual([]);
  const own = world.control.decide({
    request: approval,
    person: people.ada,
    verdict: 'approve',
    via: 'text',
    intent: 'a',
  });
  await expect(own).rejects.toMatchObject({ code: 'APPROVAL_OWN' });
  const by = { request: approval, person: people.grace, verdict: 'reject' as const, reason: 'not now' };
  await world.control.decide({ ...by, via: 'text', intent: 'b' });
  const run = await world.endOfChange(id);
  expect(run.data.ending).toEqual({ how: 'refused', why: 'not now', by: 'Grace' });
  expect(world.changes('PUT', /policy/i)).toEqual([]);
});

it('audit refuses nobody; deny of the same scope afterwards changes the one assignment', async () => {
  await restrict(plan('audit'));
  expect((await deploy(marketplace)).status).toBe(201);
  await restrict(plan('deny'));
  expect(await deploy(marketplace)).toEqual(refused);
  const put = world.changes('PUT', /policyAssignments\//).map((e) => new URL(e.url).pathname);
  expect(new Set(put).size).toBe(1);
  expect(world.changes('PUT', /policyDefinitions\//)).toHaveLength(1);
});

it('off lets everything through again', async () => {
  await restrict(plan('deny'));
  await restrict(plan('off'));
  expect((await deploy(marketplace)).status).toBe(201);
});

it('a team by tag is restricted for its own tag alone', async () => {
  await restrict(plan('deny', payments, { name: 'team', value: 'payments' }));
  expect(await deploy(marketplace)).toEqual(refused);
  expect((await deploy(marketplace, { tags: { team: 'guests' } })).status).toBe(201);
});

it('a machine whose disk was restored and attached has no image and is let through', async () => {
  await restrict(plan('deny'));
  const answer = await deploy({}, { disk: { createOption: 'Attach', osType: 'Linux' } });
  expect(answer.code).not.toBe(refused.code);
});

it('a scale set is held to the same: Azure looks at its model', async () => {
  await restrict(plan('deny'));
  const type = 'Microsoft.Compute/virtualMachineScaleSets';
  const id = `${payments}/resourceGroups/rg-payments/providers/${type}/new`;
  const stateOf = (imageReference: Json) => {
    const body = {
      location: 'westeurope',
      properties: { virtualMachineProfile: { storageProfile: { imageReference } } },
    };
    const verdicts = evaluatePolicies(world.world, { id, type, body });
    return verdicts.find(({ assignment }) => assignment.name === restrictionName)?.state;
  };
  expect([stateOf(marketplace), stateOf(golden)]).toEqual(['NonCompliant', 'Compliant']);
});

it('images are still built in the subscription that builds when it denies', async () => {
  await restrict(plan('deny', platform));
  expect(await deploy(marketplace, { scope: `${platform}/resourceGroups/rg-golden-images` })).toEqual(refused);
  const staging = `${platform}/resourceGroups/IT_${azure.buildResourceGroup}_ubuntu-22_x`;
  expect((await deploy(marketplace, { scope: staging })).code).not.toBe(refused.code);
  const { id } = await world.publish();
  await world.approve(id);
  expect((await world.end(id)).outcome).toBe('published');
});

it('an assignment that somebody edited in the portal is put right by the same command', async () => {
  await restrict(plan('deny'));
  const url = `${payments}/providers/Microsoft.Authorization/policyAssignments/${restrictionName}?api-version=2025-03-01`;
  const { body } = await ask(world.sandbox, 'GET', url);
  const { properties } = body as { properties: object };
  await ask(world.sandbox, 'PUT', url, { properties: { ...properties, enforcementMode: 'DoNotEnforce' } });
  expect((await deploy(marketplace)).status).toBe(201);
  await restrict(plan('deny'));
  expect(await deploy(marketplace)).toEqual(refused);
});

it('what is past its end of life and out of latest is refused by its number where people decided so', async () => {
  const named = (version: string) => ({ id: `${golden.id}/versions/${version}` });
  const over = new Date(world.clock.nowMs() - 60_000).toISOString();
  const change = {
    properties: { publishingProfile: { endOfLifeDate: over, excludeFromLatest: true }, storageProfile: {} },
  };
  expect((await ask(world.sandbox, 'PATCH', `${named('1.4.1').id}?api-version=2025-03-03`, change)).status).toBe(200);
  expect((await deploy(named('1.3.0'))).status).toBe(201);

  const own = { name: 'team', value: 'payments' };
  const run = await restrict({ ...plan('deny', payments, own), pastEnd: true });
  expect(run.data.warnings?.join(' ')).toContain('refused for whoever names the number: ubuntu-22 1.3.0.');
  expect(await deploy(named('1.3.0'))).toEqual(refused);
  expect([(await deploy(named('1.5.0'))).status, (await deploy(golden)).status]).toEqual([201, 201]);
  // A scale set of the team names it: Azure would refuse its next machine as well.
  const spared = 'ubuntu-22 1.4.1 is past its end too and stays allowed: scale set vmss-payments-queue names it.';
  expect(run.data.ending?.why).toContain(spared);
  expect((await deploy(named('1.4.1'))).status).toBe(201);
  const deps = { database: world.database, read: world.azure.read, catalogue: exampleCatalogue };
  expect(await followEnds(deps, world.clock.now())).toMatchObject({
    ...{ proposals: [], refused: [{ team: 'payments', decided: run.id, refused: [{ version: '1.3.0' }] }] },
  });
});
