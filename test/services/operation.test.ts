import { clouds } from '../../core/cloud';
import { attributeRows } from '../../core/telemetry';
import { hostOf, operationOf } from '../../services/azure/operation';

const arm = 'https://management.azure.com';
const group = `${arm}/subscriptions/8f6a3c52-1b0e-4d7f-9a1c-2e5b7d904c11/resourceGroups/rg-contoso-payroll`;

describe('what is told of a request to Azure', () => {
  it.each([
    [
      'PUT',
      `${group}/providers/Microsoft.Compute/galleries/gold/images/ubuntu/versions/1.2.0?api-version=1`,
      'PUT Microsoft.Compute/galleries/images/versions',
    ],
    [
      'POST',
      `${group}/providers/Microsoft.VirtualMachineImages/imageTemplates/payroll/run?x=1`,
      'POST Microsoft.VirtualMachineImages/imageTemplates/run',
    ],
    [
      'GET',
      `${group}/providers/Microsoft.Compute/virtualMachines/vm-ceo/providers/Microsoft.PolicyInsights/policyStates/latest/queryResults`,
      'GET Microsoft.PolicyInsights/policyStates/queryResults',
    ],
    [
      'POST',
      `${arm}/providers/Microsoft.ResourceGraph/resources?api-version=2`,
      'POST Microsoft.ResourceGraph/resources',
    ],
    ['GET', group, 'GET arm/subscriptions/resourceGroups'],
    [
      'GET',
      'https://graph.microsoft.com/v1.0/groups/8f6a3c52-1b0e-4d7f-9a1c-2e5b7d904c11/transitiveMembers/microsoft.graph.user?$top=5',
      'GET graph/groups/transitiveMembers/microsoft.graph.user',
    ],
    ['GET', 'https://graph.microsoft.com/v1.0/users/ada@contoso.com/memberOf', 'GET graph/users'],
    ['POST', 'https://contoso-keys.vault.azure.net/keys/payroll/0123/sign?api-version=7.4', 'POST vault/keys/sign'],
    ['GET', 'https://contoso.blob.core.windows.net/logs/customization.log?sv=1&sig=secret', 'GET blob'],
    ['GET', 'https://example.com/ada/lovelace', 'GET other'],
    ['GET', `${group}/providers/no-namespace/x`, 'GET arm/subscriptions/resourceGroups/providers'],
  ])('%s %s is %s', (method, url, operation) => {
    expect(operationOf(method, url)).toBe(operation);
    expect(operation).toMatch(attributeRows['azure.operation'].is);
  });

  it.each(Object.values(clouds))(
    'in the cloud $name its own hosts are known, and customers’ are not named',
    (cloud) => {
      const asked = (url: string) => [operationOf('GET', url), hostOf(url)];
      expect(asked(`${cloud.arm}/subscriptions/1`)).toEqual(['GET arm/subscriptions', new URL(cloud.arm).hostname]);
      expect(asked(`${cloud.graph}/v1.0/groups/1`)).toEqual(['GET graph/groups', new URL(cloud.graph).hostname]);
      expect(asked(`https://contoso.${cloud.blobs}/logs/1`)).toEqual(['GET blob', `*.${cloud.blobs}`]);
    },
  );

  it.each([
    [arm, 'management.azure.com'],
    ['https://graph.microsoft.com/v1.0/groups', 'graph.microsoft.com'],
    ['https://contoso-keys.vault.azure.net/keys', '*.vault.azure.net'],
    ['https://graph.microsoft.com.evil.example/v1.0', '*.microsoft.com.evil.example'],
    ['https://contoso.blob.core.windows.net/logs', '*.blob.core.windows.net'],
  ])('of %s the host is told as %s', (url, host) => {
    expect(hostOf(url)).toBe(host);
    expect(host).toMatch(attributeRows['server.address'].is);
  });
});
