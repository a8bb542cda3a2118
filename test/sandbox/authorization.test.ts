import { accessOf } from '../../sandbox/azure/authorization/action';
import { rootManagementGroup } from '../../sandbox/azure/authorization/names';
import { isWithin, scopesOver } from '../../sandbox/azure/authorization/scope';

const sub = '/subscriptions/s';
const vm = `${sub}/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/v`;

describe('the action of a request', () => {
  it.each([
    ['GET', vm, 'Microsoft.Compute/virtualMachines/read', vm],
    ['HEAD', vm, 'Microsoft.Compute/virtualMachines/read', vm],
    ['PUT', vm, 'Microsoft.Compute/virtualMachines/write', vm],
    ['PATCH', vm, 'Microsoft.Compute/virtualMachines/write', vm],
    ['DELETE', `${vm}/runCommands/r`, 'Microsoft.Compute/virtualMachines/runCommands/delete', `${vm}/runCommands/r`],
    ['POST', `${vm}/start`, 'Microsoft.Compute/virtualMachines/start/action', vm],
    ['GET', `${vm}/instanceView`, 'Microsoft.Compute/virtualMachines/instanceView/read', vm],
    ['GET', `${sub}/providers/Microsoft.Compute/virtualMachines`, 'Microsoft.Compute/virtualMachines/read', sub],
    [
      'GET',
      `${sub}/providers/Microsoft.Compute/locations/westeurope/publishers/p/artifacttypes/vmimage/offers/o/skus/k/versions`,
      'Microsoft.Compute/locations/publishers/artifacttypes/offers/skus/versions/read',
      sub,
    ],
    [
      'GET',
      `${sub}/resourceGroups/g`,
      'Microsoft.Resources/subscriptions/resourceGroups/read',
      `${sub}/resourceGroups/g`,
    ],
    ['GET', `${sub}/resourcegroups`, 'Microsoft.Resources/subscriptions/resourcegroups/read', sub],
    [
      'POST',
      `${vm}/providers/Microsoft.PolicyInsights/policyStates/latest/queryResults`,
      'Microsoft.PolicyInsights/policyStates/queryResults/action',
      `${vm}/providers/Microsoft.PolicyInsights/policyStates/latest`,
    ],
    [
      'PUT',
      '/providers/Microsoft.Authorization/roleAssignments/r',
      'Microsoft.Authorization/roleAssignments/write',
      '/providers/Microsoft.Authorization/roleAssignments/r',
    ],
  ])('of %s %s is %s', (method, path, action, scope) => {
    expect(accessOf(method, path)).toEqual({ action, scope });
  });

  it('is none for what everybody may ask', () => {
    expect(accessOf('POST', '/providers/Microsoft.ResourceGraph/resources')).toBeUndefined();
    expect(accessOf('GET', '/subscriptions')).toBeUndefined();
  });
});

describe('scopes', () => {
  it('reach from a resource up to the tenant, its parents included', () => {
    expect(scopesOver(`${vm}/runCommands/R`)).toEqual([
      `${vm}/runCommands/r`.toLowerCase(),
      vm.toLowerCase(),
      '/subscriptions/s/resourcegroups/g',
      '/subscriptions/s',
      '/providers/microsoft.management/managementgroups/landing-zones',
      rootManagementGroup.toLowerCase(),
      '/',
    ]);
  });

  it('do not hold for a neighbour whose name begins alike', () => {
    expect(isWithin('/subscriptions/s/resourceGroups/gg', '/subscriptions/s/resourceGroups/g')).toBe(false);
    expect(isWithin(`${vm}x`, vm)).toBe(false);
    expect(isWithin(vm.toUpperCase(), '/subscriptions/s/resourceGroups/G')).toBe(true);
  });
});
