import { createSandbox } from '../../sandbox';
import { evaluate } from '../../sandbox/azure/policy/evaluate';
import type { PolicyResource } from '../../sandbox/azure/policy/fields';
import { ruleOf as read } from '../../sandbox/azure/policy/rule';
import type { Json } from '../../sandbox/kernel/types';
import { ask } from './client';
import { machine, make, onlyGallery, path, ruleOf, subscription } from './policy-world';

const image = { publisher: 'Canonical', offer: 'jammy', sku: '22_04', version: 'latest' };
const vm: PolicyResource = {
  id: '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm-web-1',
  type: 'Microsoft.Compute/virtualMachines',
  body: machine(image) as Json,
};
const scaleSet: PolicyResource = {
  id: '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachineScaleSets/set',
  type: 'Microsoft.Compute/virtualMachineScaleSets',
  body: {
    sku: { name: 'Standard_D2s_v5' },
    properties: { virtualMachineProfile: { storageProfile: { imageReference: { id: '/gallery/images/x' } } } },
  },
};

const holds = (condition: object, resource = vm, parameters: Record<string, Json> = {}) =>
  evaluate(read(ruleOf(condition) as Json), resource, parameters).holds;

describe('a condition', () => {
  const alias = 'Microsoft.Compute/imagePublisher';
  it.each<[boolean, object]>([
    [true, { field: 'type', equals: 'microsoft.compute/VIRTUALMACHINES' }],
    [true, { field: 'name', like: 'vm-*-1' }],
    [false, { field: 'name', like: 'vm-*-2' }],
    [false, { field: 'name', like: 'vm-web-1*vm-web-1' }],
    [true, { field: 'name', notLike: 'db-*' }],
    [true, { field: 'location', in: ['westeurope', 'northeurope'] }],
    [true, { field: 'location', notIn: ['northeurope'] }],
    [true, { field: "tags['TEAM']", equals: 'payments' }],
    [true, { field: 'tags.team', contains: 'pay' }],
    [true, { field: 'tags[owner]', exists: 'false' }],
    [false, { field: 'tags[owner]', equals: 'x' }],
    [true, { field: 'tags[owner]', notEquals: 'x' }],
    [true, { field: 'tags', containsKey: 'team' }],
    [true, { field: alias, equals: 'canonical' }],
    [false, { field: 'Microsoft.Compute/imageId', exists: true }],
    [true, { field: 'Microsoft.Compute/virtualMachines/storageProfile.imageReference.offer', equals: 'jammy' }],
    [true, { field: 'Microsoft.Compute/virtualMachines/sku.name', like: 'Standard_*' }],
    [false, { field: 'Microsoft.Compute/virtualMachineScaleSets/sku.name', exists: true }],
    [true, { value: "[concat(toUpper(field('name')), '-x')]", equals: 'VM-WEB-1-X' }],
    [true, { value: "[length(field('name'))]", greater: 7 }],
    [true, { not: { field: 'kind', exists: true } }],
    [
      true,
      {
        anyOf: [
          { field: 'name', equals: 'no' },
          { field: 'name', equals: 'vm-web-1' },
        ],
      },
    ],
    [
      false,
      {
        allOf: [
          { field: 'name', equals: 'no' },
          { field: 'name', equals: 'vm-web-1' },
        ],
      },
    ],
  ])('is %s: %j', (expected, condition) => {
    expect(holds(condition)).toBe(expected);
  });

  it('looks at a scale set by the same alias, where the image of its machines is', () => {
    expect(holds({ field: 'Microsoft.Compute/imageId', like: '/gallery/images/*' }, scaleSet)).toBe(true);
  });

  it('reads parameters whatever their casing, and counts over their values', () => {
    const count = {
      value: "[parameters('Names')]",
      name: 'n',
      where: { field: 'name', like: "[concat(current('n'), '*')]" },
    };
    expect(holds({ count, equals: 1 }, vm, { names: ['vm-', 'db-'] })).toBe(true);
  });

  it('that cannot be computed counts as one that holds', () => {
    expect(holds({ field: 'name', in: "[parameters('names')]" }, vm, { names: 'vm-web-2' })).toBe(true);
  });
});

describe('a definition', () => {
  const { sandbox } = createSandbox({ speed: 0, azure: { throttle: false } });
  const put = (properties: object) => ask(sandbox, 'PUT', path(subscription, 'policyDefinitions', 'd'), { properties });

  it.each<[string, object, RegExp]>([
    ['an alias that is not known', { field: 'Microsoft.Compute/imageColour', equals: 'x' }, /imageColour.*alias/],
    ['an operator that is not known', { field: 'name', match: '##' }, /'match'/],
    ['a function that is not known', { value: '[utcNow()]', equals: 'x' }, /'utcNow'/],
    ['an expression that does not end', { value: "[concat('a']", equals: 'x' }, /not valid/],
    ['a parameter that is not declared', { field: 'name', equals: "[parameters('x')]" }, /'x' is not defined/],
    ['two operators', { field: 'name', equals: 'a', like: 'b' }, /exactly one operator/],
    ['a condition without a side', { equals: 'a' }, /'field', 'value' and 'count'/],
  ])('is refused for %s', async (_, condition, said) => {
    const answer = await put({ mode: 'All', policyRule: ruleOf(condition) });
    const { error } = answer.body as { error: { code: string; message: string } };
    expect([answer.status, error.code]).toEqual([400, 'InvalidPolicyRule']);
    expect(error.message).toMatch(said);
  });

  it.each(['modify', 'append', 'deployIfNotExists'])(
    'is refused for the effect %s when it does not say what would change',
    async (effect) => {
      const answer = await put({ policyRule: ruleOf({ field: 'name', exists: true }, effect) });
      expect(answer.body).toMatchObject({ error: { code: 'InvalidPolicyRule' } });
    },
  );

  it('is assigned with the parameters that it declares, and their allowed values', async () => {
    const { id } = await make(sandbox, path(subscription, 'policyDefinitions', 'only-gallery'), onlyGallery);
    const assign = async (parameters: object) => {
      const properties = { policyDefinitionId: id, parameters };
      const answer = await ask(sandbox, 'PUT', path(subscription, 'policyAssignments', 'a'), { properties });
      return (answer.body as { error?: { code: string } }).error?.code;
    };
    const galleries = { value: [] };
    expect(await assign({})).toBe('MissingPolicyParameter');
    expect(await assign({ galleries, colour: { value: 1 } })).toBe('UndefinedPolicyParameter');
    expect(await assign({ galleries, effect: { value: 'Modify' } })).toBe('PolicyParameterValueNotAllowed');
    expect(await assign({ galleries })).toBeUndefined();
  });

  it('that is not there cannot be assigned', async () => {
    const properties = { policyDefinitionId: `${subscription}/providers/Microsoft.Authorization/policyDefinitions/no` };
    const answer = await ask(sandbox, 'PUT', path(subscription, 'policyAssignments', 'a'), { properties });
    expect(answer).toMatchObject({ status: 404, body: { error: { code: 'PolicyDefinitionNotFound' } } });
  });
});
