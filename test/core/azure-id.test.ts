import { azureId, definitionId, nameOfId, parseAzureId, regionKey, resourceId, sameId } from '../../core/azure-id';

const subscription = '11111111-2222-4333-8444-555555555555';
const group = { subscription, resourceGroup: 'rg-Payments' };
const machine = resourceId(group, 'Microsoft.Compute/virtualMachines', 'vm1');

describe('an Azure id', () => {
  it('knows what it names, of which type, and where that is', () => {
    expect(azureId(machine)).toMatchObject({
      name: 'vm1',
      type: 'Microsoft.Compute/virtualMachines',
      subscription,
      resourceGroup: 'rg-Payments',
    });
  });

  it('is the same in any case and with a slash at its end', () => {
    const shouted = azureId(`${machine.toUpperCase()}/`);

    expect(shouted.equals(machine)).toBe(true);
    expect(shouted.key).toBe(azureId(machine).key);
    expect(shouted.isA('microsoft.compute/VIRTUALMACHINES')).toBe(true);
    expect(shouted.equals(`${machine}2`)).toBe(false);
  });

  it('stays as it was written, also in JSON', () => {
    expect(JSON.stringify({ id: azureId(machine) })).toBe(JSON.stringify({ id: machine }));
    expect(`${azureId(machine)}`).toBe(machine);
  });

  it.each([
    [machine, `/subscriptions/${subscription}/resourceGroups/rg-Payments`],
    [`${machine}/providers/Microsoft.Authorization/policyExemptions/x`, machine],
    [`/subscriptions/${subscription}/resourceGroups/rg-Payments`, `/subscriptions/${subscription}`],
    [`/subscriptions/${subscription}`, ''],
    ['/providers/Microsoft.Management/managementGroups/corp', ''],
    [
      '/providers/Microsoft.Management/managementGroups/corp/providers/Microsoft.Authorization/policyAssignments/a',
      '/providers/Microsoft.Management/managementGroups/corp',
    ],
  ])('knows what %s is on', (id, scope) => {
    expect(azureId(id).scope).toBe(scope);
  });

  it('knows what a child resource is a part of', () => {
    const set = resourceId(group, 'Microsoft.Compute/virtualMachineScaleSets', 'set1');

    expect(azureId(`${set}/virtualMachines/3`).parent).toBe(set);
    expect(azureId(set).parent).toBeUndefined();
  });

  it('names nested resources by the last', () => {
    const id = azureId(definitionId({ ...group, gallery: 'golden', definition: 'ubuntu-22' }));

    expect(id).toMatchObject({ name: 'ubuntu-22', type: 'Microsoft.Compute/galleries/images' });
  });

  it.each([
    '',
    '/',
    'vm1',
    '/subscriptions',
    '/resourceGroups/g',
    `/subscriptions/${subscription}/resourceGroups`,
    `/subscriptions/${subscription}/resourceGroups/g/providers/Microsoft.Compute/virtualMachines`,
    `/subscriptions/${subscription}/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/../vm1`,
    `${machine}?api-version=1`,
    `${machine}/providers/Microsoft.Authorization`,
    `${machine}%2fx`,
    `//${machine}`,
  ])('is not %s', (text) => {
    expect(parseAzureId(text)).toBeUndefined();
    expect(() => azureId(text)).toThrow('is not the id of an Azure resource');
  });
});

describe('names of Azure', () => {
  it('are the last of an id, or themselves', () => {
    expect([nameOfId(machine), nameOfId('vm1'), nameOfId('')]).toEqual(['vm1', 'vm1', '']);
  });

  it('are compared in any case', () => {
    expect([sameId('rg-A', 'RG-a'), sameId('rg-A', 'rg-B')]).toEqual([true, false]);
  });

  it('of regions have one key, displayed or written', () => {
    expect([regionKey('West Europe'), regionKey('westeurope'), regionKey('WestEurope ')]).toEqual(
      Array.from({ length: 3 }, () => 'westeurope'),
    );
  });
});
