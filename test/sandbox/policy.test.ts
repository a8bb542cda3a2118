import { galleryRef } from '../../sandbox/azure/estate/shape';
import { evaluatePolicies } from '../../sandbox/azure/policy/in-force';
import { policies } from '../../sandbox/azure/policy/section';
import { tenantId } from '../../sandbox/entra/people';
import type { Sandbox } from '../../sandbox/kernel/sandbox';
import type { Json } from '../../sandbox/kernel/types';
import { ask } from './client';
import { group, machine, make, onlyGallery, path, policyWorld, ruleOf, subscription, vmUrl } from './policy-world';

const marketplace = {
  publisher: 'Canonical',
  offer: '0001-com-ubuntu-server-jammy',
  sku: '22_04-lts-gen2',
  version: 'latest',
};
const golden = { id: `${galleryRef}/images/ubuntu-22` };

let sandbox: Sandbox;
let world: ReturnType<typeof policyWorld>;
beforeEach(async () => {
  world = policyWorld();
  ({ sandbox } = world);
  await make(sandbox, path(subscription, 'policyDefinitions', 'only-gallery'), onlyGallery);
});

const definition = `${subscription}/providers/Microsoft.Authorization/policyDefinitions/only-gallery`;
const assignment = `${subscription}/providers/Microsoft.Authorization/policyAssignments/golden`;

function assign(more: object = {}, effect = 'Deny') {
  const parameters = { galleries: { value: [galleryRef] }, effect: { value: effect } };
  return make(sandbox, path(subscription, 'policyAssignments', 'golden'), {
    displayName: 'Golden images only',
    policyDefinitionId: definition,
    parameters,
    ...more,
  });
}

const put = (imageReference: object, name = 'vm-1') => ask(sandbox, 'PUT', vmUrl(name), machine(imageReference));
const errorOf = (answer: { body?: unknown }) =>
  (answer.body as { error: { code: string; message: string; target: string; additionalInfo: [{ info: object }] } })
    .error;

describe('a policy with effect deny', () => {
  it('refuses a name with an encoded slash in it as any other', async () => {
    const { sandbox } = policyWorld();
    const none = { mode: 'All', policyRule: ruleOf({ field: 'type', equals: 'Microsoft.Compute/virtualMachines' }) };
    const { id } = await make(sandbox, path(subscription, 'policyDefinitions', 'none'), none);
    await make(sandbox, path(subscription, 'policyAssignments', 'none'), { policyDefinitionId: id });
    const machine = `${group}/providers/Microsoft.Compute/virtualMachines/a%2Fb?api-version=2026-03-01`;
    expect((await ask(sandbox, 'PUT', machine, {})).status).toBe(403);
  });

  it('refuses what its rule is about, and says which comparison decided', async () => {
    await assign();
    const answer = await put(marketplace);
    expect(answer.status).toBe(403);
    const error = errorOf(answer);
    expect(error).toMatchObject({ code: 'RequestDisallowedByPolicy', target: 'vm-1' });
    expect(error.message).toBe(
      `Resource 'vm-1' was disallowed by policy. Policy identifiers: '[{"policyAssignment":{"name":"Golden images only","id":"${assignment}"},"policyDefinition":{"name":"Only golden images","id":"${definition}"}}]'.`,
    );
    expect(error.additionalInfo).toEqual([
      {
        type: 'PolicyViolation',
        info: {
          evaluationDetails: {
            evaluatedExpressions: [
              {
                result: 'True',
                expressionKind: 'Field',
                expression: 'type',
                path: 'type',
                expressionValue: 'Microsoft.Compute/virtualMachines',
                targetValue: ['Microsoft.Compute/virtualMachines', 'Microsoft.Compute/virtualMachineScaleSets'],
                operator: 'In',
              },
              { result: 'True', expressionKind: 'Count', expressionValue: 0, targetValue: 0, operator: 'Equals' },
            ],
          },
          policyDefinitionId: definition,
          policyDefinitionName: 'only-gallery',
          policyDefinitionDisplayName: 'Only golden images',
          policyDefinitionEffect: 'Deny',
          policyAssignmentId: assignment,
          policyAssignmentName: 'golden',
          policyAssignmentDisplayName: 'Golden images only',
          policyAssignmentScope: subscription,
          policyAssignmentParameters: { galleries: [galleryRef], effect: 'Deny' },
          policyExemptionIds: [],
        },
      },
    ]);
    expect((await ask(sandbox, 'GET', vmUrl('vm-1'))).status).toBe(404);
  });

  it('lets through what fits, in whatever casing', async () => {
    await assign();
    expect((await put({ id: golden.id.toUpperCase().replace('/IMAGES/UBUNTU-22', '/images/ubuntu-22') })).status).toBe(
      201,
    );
  });

  it('is not fooled by a gallery whose name begins alike', async () => {
    await assign();
    expect((await put({ id: `${galleryRef}2/images/ubuntu-22` })).status).toBe(403);
  });

  it('gives the reason of the assignment, which leaves its name to the details', async () => {
    await assign({ nonComplianceMessages: [{ message: 'Use a golden image: goldbot knows them.' }] });
    const error = errorOf(await put(marketplace));
    expect(error.message).toBe(
      "Resource 'vm-1' was disallowed by policy. Reasons: 'Use a golden image: goldbot knows them.'. See error details for policy resource IDs.",
    );
    expect(error.additionalInfo[0].info).toMatchObject({ policyAssignmentId: assignment });
  });

  it.each([
    ['an assignment that is not enforced', { enforcementMode: 'DoNotEnforce' }],
    ['a scope that is left out', { notScopes: [group] }],
  ])('does not refuse under %s', async (_, more) => {
    await assign(more);
    expect((await put(marketplace)).status).toBe(201);
  });

  it.each(['Audit', 'Disabled'])('does not refuse when its effect is %s', async (effect) => {
    await assign({}, effect);
    expect((await put(marketplace)).status).toBe(201);
  });

  it('does not reach beyond the scope of its assignment', async () => {
    const elsewhere = `${subscription}/resourceGroups/rg-golden-images`;
    const parameters = { galleries: { value: [galleryRef] }, effect: { value: 'Deny' } };
    await make(sandbox, path(elsewhere, 'policyAssignments', 'golden'), { policyDefinitionId: definition, parameters });
    expect((await put(marketplace)).status).toBe(201);
  });

  it('lets an exempt scope through until the exemption ends', async () => {
    await assign();
    const exemption = {
      policyAssignmentId: assignment,
      exemptionCategory: 'Waiver',
      expiresOn: '2026-11-24T00:00:00Z',
    };
    await make(sandbox, path(group, 'policyExemptions', 'for-a-day'), exemption);
    expect((await put(marketplace)).status).toBe(201);
    world.world.clock.advance(25 * 60);
    expect((await put(marketplace, 'vm-2')).status).toBe(403);
  });

  it('gives a principal of this tenant to whatever has an identity of its own: machines, assignments', async () => {
    const identity = { type: 'SystemAssigned' };
    const url = path(subscription, 'policyAssignments', 'golden');
    const parameters = { galleries: { value: [galleryRef] }, effect: { value: 'Audit' } };
    const body = { location: 'westeurope', identity, properties: { policyDefinitionId: definition, parameters } };
    const made = [
      await ask(sandbox, 'PUT', vmUrl('vm-1'), machine(golden, { identity })),
      await ask(sandbox, 'PUT', vmUrl('vm-2'), machine(golden, { identity })),
      await ask(sandbox, 'PUT', url, body),
    ];
    const read = [
      await ask(sandbox, 'GET', vmUrl('vm-1')),
      await ask(sandbox, 'GET', vmUrl('vm-2')),
      await ask(sandbox, 'GET', url),
    ];
    const identityOf = (answer: { body?: unknown }) => (answer.body as { identity: { principalId: string } }).identity;

    expect(made.map(({ status }) => status)).toEqual([201, 201, 201]);
    for (const one of made.map(identityOf)) {
      expect(one).toEqual({
        ...identity,
        principalId: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
        tenantId,
      });
    }
    expect(read.map(identityOf)).toEqual(made.map(identityOf));
    expect(new Set(made.map((answer) => identityOf(answer).principalId)).size).toBe(3);
    const bare = await ask(sandbox, 'PUT', vmUrl('vm-3'), machine(golden));
    expect(bare.body).not.toHaveProperty('identity');
  });

  it('looks at a PATCH as the resource would be afterwards', async () => {
    const tagged = {
      mode: 'Indexed',
      policyRule: ruleOf({ not: { field: "tags['team']", exists: true } }),
    };
    await make(sandbox, path(subscription, 'policyDefinitions', 'tagged'), tagged);
    const id = `${subscription}/providers/Microsoft.Authorization/policyDefinitions/tagged`;
    await make(sandbox, path(subscription, 'policyAssignments', 'tagged'), { policyDefinitionId: id });
    expect((await put(golden)).status).toBe(201);
    world.world.clock.advance(10);
    const patch = (tags: object) => ask(sandbox, 'PATCH', vmUrl('vm-1'), { tags });
    const kept = await patch({ team: 'web' });
    expect(kept.status).toBeLessThan(300);
    expect(errorOf(await patch({ other: 'x' })).code).toBe('RequestDisallowedByPolicy');
    world.world.clock.advance(10);
    const identity = { type: 'SystemAssigned' };
    expect((await ask(sandbox, 'PATCH', vmUrl('vm-1'), { identity })).status).toBeLessThan(300);
  });

  it('holds as a member of a set, by its name there', async () => {
    const set = {
      parameters: { effect: { type: 'String' } },
      policyDefinitions: [
        {
          policyDefinitionId: definition,
          policyDefinitionReferenceId: 'golden',
          parameters: { galleries: { value: [galleryRef] }, effect: { value: "[parameters('effect')]" } },
        },
      ],
    };
    const made = await make(sandbox, path(subscription, 'policySetDefinitions', 'baseline'), set);
    const parameters = { effect: { value: 'Deny' } };
    await make(sandbox, path(group, 'policyAssignments', 'base'), { policyDefinitionId: made.id, parameters });
    const error = errorOf(await put(marketplace));
    expect(error.additionalInfo[0].info).toMatchObject({
      policySetDefinitionName: 'baseline',
      policyDefinitionReferenceId: 'golden',
      policyAssignmentScope: group,
    });
  });
});

it('the state of a resource is told whether or not anything is refused', async () => {
  const id = `${group}/providers/Microsoft.Compute/virtualMachines/vm-1`;
  const states = (imageReference: object) => {
    const resource = { id, type: 'Microsoft.Compute/virtualMachines', body: machine(imageReference) as Json };
    return evaluatePolicies(world.world, resource).map(({ state, effect, enforced }) => [state, effect, enforced]);
  };
  await assign({ enforcementMode: 'DoNotEnforce' }, 'Audit');
  expect(states(marketplace)).toEqual([['NonCompliant', 'Audit', false]]);
  expect(states(golden)).toEqual([['Compliant', 'Audit', false]]);
  const exemption = { policyAssignmentId: assignment, exemptionCategory: 'Mitigated' };
  await make(sandbox, path(group, 'policyExemptions', 'known'), exemption);
  expect(states(marketplace)).toEqual([['Exempt', 'Audit', false]]);
});

it('dates the exemptions of the story by the beginning of the world, whenever somebody first asks', () => {
  const ends = (exemptions: ReturnType<typeof policies>['policyExemptions']) =>
    Object.values(exemptions).map(({ properties }) => properties['expiresOn']);
  const early = ends(policies(policyWorld().world).policyExemptions);
  const { world: late } = policyWorld();
  late.clock.advance(7 * 1_440);
  expect(ends(policies(late).policyExemptions)).toEqual(early);
});
