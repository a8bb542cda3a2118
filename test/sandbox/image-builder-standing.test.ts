import { builderAssignment, rootManagementGroup } from '../../sandbox/azure/authorization/names';
import { assignmentId, authorization } from '../../sandbox/azure/authorization/section';
import { builderIdentity } from '../../sandbox/azure/names';
import { type Azure, openAzure, outcome } from '../conformance/refusals/azure';
import { build } from '../conformance/refusals/fits';
import { buildGroup, subscription } from '../conformance/refusals/names';

const template = `${buildGroup}/providers/Microsoft.VirtualMachineImages/imageTemplates/t1`;
const rules = `${subscription}/providers/Microsoft.Authorization`;
const location = 'westeurope';

/** How the PUT of a template ends. */
async function made(azure: Azure, change: object = {}) {
  const answer = await azure.send('PUT', template, build({}, change));
  expect(answer.status).toBe(201);
  return outcome(azure, answer);
}

/** Nothing of this type without the tag. */
async function tagRequired(azure: Azure, type: string) {
  const conditions = [
    { field: 'type', equals: type },
    { field: "tags['cost-centre']", exists: 'false' },
  ];
  // biome-ignore lint/suspicious/noThenProperty: policies are written so.
  const policyRule = { if: { allOf: conditions }, then: { effect: 'deny' } };
  await azure.done('PUT', `${rules}/policyDefinitions/tagged`, { properties: { mode: 'All', policyRule } });
  await azure.done('PUT', `${rules}/policyAssignments/tagged`, {
    properties: { policyDefinitionId: `${rules}/policyDefinitions/tagged` },
  });
}

describe('what a template stages', () => {
  it.each(['Microsoft.Storage/storageAccounts', 'Microsoft.Resources/subscriptions/resourceGroups'])(
    'is denied by a policy on its %s, unless it carries what the policy asks for',
    async (type) => {
      const azure = openAzure();
      await tagRequired(azure, type);

      const { status, error } = await made(azure);
      expect({ status, code: error?.code }).toEqual({ status: 'Failed', code: 'InvalidTemplateDeployment' });
      expect(error?.message).toContain('"code":"RequestDisallowedByPolicy"');
      expect(error?.message).toContain('policyAssignments/tagged');

      await azure.done('DELETE', template);
      expect((await made(azure, { managedResourceTags: { 'cost-centre': '4711' } })).status).toBe('Succeeded');
    },
  );

  it('is for ever being prepared where nobody may stage it, and cannot be deleted meanwhile', async () => {
    const azure = openAzure();
    const own = `${subscription}/resourceGroups/rg-own`;
    await azure.done('PUT', own, { location });
    await azure.done('DELETE', assignmentId({ scope: rootManagementGroup, name: builderAssignment }));

    expect((await made(azure, { stagingResourceGroup: own })).status).toBe('InProgress');
    expect((await azure.send('DELETE', template)).status).toBe(405);
  });
});

describe('the identity of a template', () => {
  it('is needed to delete it, too', async () => {
    const azure = openAzure();
    await made(azure);
    await azure.done('DELETE', builderIdentity);

    const { status, error } = await outcome(azure, await azure.send('DELETE', template));
    expect(status).toBe('Failed');
    expect(error?.message).toContain(`Identity: ${builderIdentity}`);
    expect((await azure.send('GET', template)).status).toBe(200);

    const other = `${builderIdentity}-2`;
    await azure.done('PUT', other, { location });
    await azure.done('PATCH', template, {
      identity: { type: 'UserAssigned', userAssignedIdentities: { [other]: {} } },
    });
    await azure.done('DELETE', template);
    expect((await azure.send('GET', template)).status).toBe(404);
  });

  it('has its role in worlds that are older than its role', async () => {
    const azure = openAzure();
    const section = authorization(azure.world);
    delete section.assignments[assignmentId({ scope: rootManagementGroup, name: builderAssignment }).toLowerCase()];
    delete section.builds;

    expect((await made(azure)).status).toBe('Succeeded');
  });
});
