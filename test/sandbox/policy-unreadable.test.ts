import { ask } from './client';
import { group, make, path, policyWorld, ruleOf, subscription } from './policy-world';
import { testVm } from './vm-world';

const machine = `${group}/providers/Microsoft.Compute/virtualMachines/vm?api-version=2026-03-01`;

describe('a policy that cannot be evaluated', () => {
  it('denies, when a parameter of its effect came after the assignment', async () => {
    const { sandbox } = policyWorld();
    const effect = { type: 'String', defaultValue: 'audit' };
    const definition = (name: string, more: object = {}) => ({
      mode: 'All',
      parameters: { effect, ...more },
      policyRule: ruleOf({ field: 'type', equals: 'Microsoft.Compute/virtualMachines' }, `[parameters('${name}')]`),
    });
    const address = path(subscription, 'policyDefinitions', 'late');
    const { id } = await make(sandbox, address, definition('effect'));
    await make(sandbox, path(subscription, 'policyAssignments', 'late'), { policyDefinitionId: id });
    await make(sandbox, address, definition('other', { other: { type: 'String' } }));

    expect(await ask(sandbox, 'PUT', machine, testVm())).toMatchObject({
      status: 403,
      body: { error: { code: 'RequestDisallowedByPolicy' } },
    });
  });

  it('is refused, when its set gives it a value that nobody can read', async () => {
    const { sandbox } = policyWorld();
    const { id } = await make(sandbox, path(subscription, 'policyDefinitions', 'place'), {
      mode: 'All',
      parameters: { place: { type: 'String' } },
      policyRule: ruleOf({ field: 'location', equals: "[parameters('place')]" }),
    });
    const parameters = { place: { value: '[resourceGroup().location]' } };

    const set = { properties: { policyDefinitions: [{ policyDefinitionId: id, parameters }] } };
    expect(await ask(sandbox, 'PUT', path(subscription, 'policySetDefinitions', 'set'), set)).toMatchObject({
      status: 400,
      body: { error: { code: 'InvalidPolicySetDefinition', message: expect.stringContaining('resourceGroup') } },
    });
  });
});
