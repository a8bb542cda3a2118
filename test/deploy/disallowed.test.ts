import { failureView } from '../../dialogs/present/run';
import { ask } from '../sandbox/client';
import { group, make, path, ruleOf, subscription } from '../sandbox/policy-world';
import { type AzureWorld, azureWorld, people } from '../support/azure-world';

let world: AzureWorld;
beforeEach(async () => {
  world = await azureWorld();
});
afterEach(() => world.close());

const definition = {
  displayName: 'Allowed sizes',
  mode: 'Indexed',
  parameters: { sizes: { type: 'Array' } },
  policyRule: ruleOf({
    allOf: [
      { field: 'type', equals: 'Microsoft.Compute/virtualMachines' },
      { not: { field: 'Microsoft.Compute/virtualMachines/sku.name', in: "[parameters('sizes')]" } },
    ],
  }),
};

async function forbidSizes() {
  const { id } = await make(world.sandbox, path(subscription, 'policyDefinitions', 'sizes'), definition);
  // Not on the subscription: that would forbid the machine of the build, in its own group, before.
  return make(world.sandbox, path(group, 'policyAssignments', 'cheap'), {
    displayName: 'Only cheap machines',
    policyDefinitionId: id,
    parameters: { sizes: { value: ['Standard_B1s'] } },
    nonComplianceMessages: [{ message: 'Finance allows B1s alone.' }],
  });
}

it('a test machine that a policy forbids goes to repair with the assignment, its reason, and whom to ask for what', async () => {
  const { id } = await world.publish();
  // Once goldbot has looked what policies forbid.
  await world.stage(id, 'customise');
  const assignment = await forbidSizes();
  const run = await world.stage(id, 'repair');
  const failure = failureView(run);
  expect(run.data.failure).toMatchObject({ stage: 'test', what: 'machine' });
  expect(failure.error).toContain('by the policy assignment “Only cheap machines” on /subscriptions/');
  expect(failure.error).toContain('It says: "Finance allows B1s alone.".');
  expect(failure.error).toContain('What it looked at: “Microsoft.Compute/virtualMachines/sku.name” is “');
  expect(failure.remedy).toContain('Ask the owner of the policy assignment “Only cheap machines” for an exemption');
  expect(failure.remedy).toContain(`--policy-assignment ${assignment.id} --scope ${group}`);
  expect(failure.remedy).toContain('then rebuild the run');
});

it('a policy is found before the build, and the exemption that the finding names lets the next attempt through', async () => {
  const assignment = await forbidSizes();
  const { id } = await world.publish();
  const stopped = await world.stage(id, 'repair');
  expect(stopped.data.failure?.findings).toEqual([
    {
      severity: 'stops',
      why: `The policy assignment cheap forbids the test machine in ${group}.`,
      mend: 'Set what it asks for (`test.tags` in azure.yaml, if it is a tag), or exempt the scope:',
      commands: [
        `az policy exemption create --name goldbot-builds --exemption-category Waiver --policy-assignment ${assignment.id} --scope ${group}`,
      ],
    },
  ]);
  expect(world.changes('PUT', /imageTemplates/)).toEqual([]);
  const exemption = { policyAssignmentId: assignment.id, exemptionCategory: 'Waiver' };
  await make(world.sandbox, path(group, 'policyExemptions', 'goldbot'), exemption);
  await world.control.signal({ request: id, kind: 'rebuild', person: people.ada, body: {}, intent: 'again' });
  const run = await world.stage(id, 'approve');
  expect(run.attempt).toBe(2);
});

it('ARM leaves a forbidden machine unmade', async () => {
  await forbidSizes();
  const url = `${group}/providers/Microsoft.Compute/virtualMachines/any?api-version=2024-07-01`;
  const body = { location: 'westeurope', properties: { hardwareProfile: { vmSize: 'Standard_D2s_v5' } } };
  expect((await ask(world.sandbox, 'PUT', url, body)).status).toBe(403);
  expect((await ask(world.sandbox, 'GET', url)).status).toBe(404);
});
