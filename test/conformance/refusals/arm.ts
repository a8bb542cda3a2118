import { goldbotIdentity, initialAssignment, rootManagementGroup } from '../../../sandbox/azure/authorization/names';
import { foreignTenantId, tenantId } from '../../../sandbox/entra/people';
import { type Azure, machine, vm } from './azure';
import { buildGroup, gallery, galleryGroup, newest, subscription } from './names';
import type { Refusal } from './row';

const put = (azure: Azure) => azure.send('PUT', vm(), machine());
const made = (azure: Azure) => azure.done('PUT', vm(), machine());
const remove = (azure: Azure) => azure.send('DELETE', vm());
const afterMaking = (request: Refusal['request']) => async (azure: Azure) => {
  await made(azure);
  return request(azure);
};

const lock = `${buildGroup}/providers/Microsoft.Authorization/locks/keep`;
const lockAt = (level: string) => (azure: Azure) => azure.done('PUT', lock, { properties: { level } });

const rules = `${subscription}/providers/Microsoft.Authorization`;
/** A policy that denies machines of one size in the group of the builds. */
const denied = async (azure: Azure) => {
  await azure.done('PUT', `${rules}/policyDefinitions/small`, {
    properties: {
      mode: 'Indexed',
      policyRule: {
        if: { field: 'Microsoft.Compute/virtualMachines/sku.name', equals: 'Standard_D2s_v5' },
        // biome-ignore lint/suspicious/noThenProperty: policies are written so.
        then: { effect: 'deny' },
      },
    },
  });
  await azure.done('PUT', `${buildGroup}/providers/Microsoft.Authorization/policyAssignments/no-small`, {
    properties: { policyDefinitionId: `${rules}/policyDefinitions/small` },
  });
};

/** From now on a token says who its sender is; this one may read. Machine time stands at 0 here. */
const reader = '0b1ec700-0000-4000-8000-0000000000ee';
const enforced = async (azure: Azure) => {
  await azure.done(
    'PUT',
    `${subscription}/providers/Microsoft.Authorization/roleAssignments/60a551e0-0000-4000-8000-000000000010`,
    {
      properties: {
        roleDefinitionId: `${subscription}/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7`,
        principalId: reader,
        principalType: 'User',
      },
    },
  );
  await azure.done('POST', '/_sandbox/rbac', { enforce: true });
};
const tokenOf = (claims: object) => {
  const payload = Buffer.from(JSON.stringify({ oid: reader.toUpperCase(), ...claims })).toString('base64url');
  return { authorization: `Bearer e30.${payload}.signature` };
};

const goldbot = { authorization: 'Bearer sandbox' };
const contributor = 'b24988ac-6180-42a0-ab88-20f7382dd24c';
/** goldbot's identity has this role on one scope and nothing else. */
const onlyOn = (scope: string) => async (azure: Azure) => {
  await azure.done(
    'PUT',
    `${scope}/providers/Microsoft.Authorization/roleAssignments/60a551e0-0000-4000-8000-000000000009`,
    {
      properties: {
        roleDefinitionId: `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${contributor}`,
        principalId: goldbotIdentity.objectId,
        principalType: 'ServicePrincipal',
      },
    },
  );
  await azure.done(
    'DELETE',
    `${rootManagementGroup}/providers/Microsoft.Authorization/roleAssignments/${initialAssignment}`,
  );
};

/** The network card that a machine leaves behind, a minute after it was deleted. */
const cardOf = async (azure: Azure): Promise<string> => {
  await made(azure);
  const { body } = await azure.send('GET', vm());
  const { networkProfile } = (body as { properties: { networkProfile: { networkInterfaces: { id: string }[] } } })
    .properties;
  await azure.send('DELETE', vm());
  azure.later(1);
  return networkProfile.networkInterfaces[0]?.id ?? '';
};

/** Azure Resource Manager, in front of every provider. */
export const armRefusals: readonly Refusal[] = [
  {
    id: 'ARM-01',
    given: async (azure) => {
      await made(azure);
      await lockAt('CanNotDelete')(azure);
    },
    request: remove,
    fine: afterMaking(remove),
    refused: { status: 409, code: 'ScopeLocked' },
    names: [vm(), buildGroup],
  },
  {
    id: 'ARM-02',
    given: lockAt('ReadOnly'),
    request: put,
    refused: { status: 409, code: 'ScopeLocked' },
    names: [vm(), buildGroup],
  },
  {
    id: 'ARM-03',
    given: async (azure) => {
      await made(azure);
      await lockAt('CanNotDelete')(azure);
      await azure.send('DELETE', lock);
    },
    request: remove,
    fine: async (azure) => {
      await made(azure);
      await lockAt('CanNotDelete')(azure);
      await azure.done('DELETE', lock);
      return remove(azure);
    },
    refused: { status: 409, code: 'ScopeLocked' },
    names: [buildGroup],
  },
  {
    id: 'ARM-04',
    given: denied,
    request: put,
    refused: { status: 403, code: 'RequestDisallowedByPolicy', target: 'vm-row' },
    names: ['no-small', 'policyDefinitions/small'],
  },
  {
    id: 'ARM-05',
    given: (azure) => azure.send('DELETE', buildGroup),
    request: put,
    refused: { status: 409, code: 'ResourceGroupBeingDeleted' },
    names: [buildGroup.split('/').at(-1) ?? ''],
  },
  {
    id: 'ARM-06',
    request: async (azure) => {
      const card = await cardOf(azure);
      azure.later(4);
      await azure.send('DELETE', card);
      return azure.send('DELETE', card);
    },
    fine: async (azure) => {
      const card = await cardOf(azure);
      azure.later(4);
      return azure.send('DELETE', card);
    },
    refused: { status: 409, code: 'AnotherOperationInProgress' },
  },
  {
    id: 'VM-20',
    request: async (azure) => azure.send('DELETE', await cardOf(azure)),
    fine: async (azure) => {
      const card = await cardOf(azure);
      azure.later(3);
      return azure.send('DELETE', card);
    },
    refused: { status: 400, code: 'NicReservedForAnotherVm' },
    names: [vm(), '180 seconds'],
  },
  {
    id: 'ARM-09',
    given: (azure) => azure.conditions({ registration: [{ namespace: 'Microsoft.Compute', registered: false }] }),
    request: put,
    refused: { status: 409, code: 'MissingSubscriptionRegistration' },
    names: ['Microsoft.Compute'],
  },
  {
    id: 'ARM-10',
    request: (azure) => azure.send('GET', `${gallery}?api-version=2014-01-01`),
    fine: (azure) => azure.send('GET', gallery),
    refused: { status: 400 },
    names: ['2014-01-01', 'galleries'],
  },
  {
    id: 'ARM-11',
    given: enforced,
    request: (azure) => azure.send('GET', gallery, undefined, tokenOf({ tid: foreignTenantId })),
    fine: async (azure) => {
      await enforced(azure);
      return azure.send('GET', gallery, undefined, tokenOf({ tid: tenantId }));
    },
    refused: { status: 401, code: 'InvalidAuthenticationTokenTenant' },
    names: [foreignTenantId, tenantId],
  },
  {
    id: 'ARM-21',
    given: enforced,
    request: (azure) => azure.send('GET', gallery, undefined, tokenOf({ exp: -1 })),
    fine: async (azure) => {
      await enforced(azure);
      return azure.send('GET', gallery, undefined, tokenOf({ exp: 1 }));
    },
    refused: { status: 401, code: 'ExpiredAuthenticationToken' },
    names: ['31 Dec 1969', '1 Jan 1970'],
  },
  {
    id: 'ARM-12',
    given: onlyOn(buildGroup),
    request: (azure) => azure.send('PUT', vm(), machine(), goldbot),
    refused: { status: 403, code: 'LinkedAuthorizationFailed' },
    names: ['galleries/images/versions/read', newest],
  },
  {
    id: 'ARM-13',
    request: (azure) => azure.send('GET', '/subscriptions/00000000-0000-4000-8000-00000000dead/resourcegroups'),
    fine: (azure) => azure.send('GET', `${subscription}/resourcegroups`),
    refused: { status: 404 },
    names: ['00000000-0000-4000-8000-00000000dead'],
  },
  {
    id: 'ARM-17',
    given: async (azure) => {
      for (let n = 0; n < 250; n += 1) await azure.send('GET', gallery);
    },
    request: (azure) => azure.send('GET', gallery),
    refused: { status: 429, code: 'SubscriptionRequestsThrottled' },
    names: [subscription.split('/').at(-1) ?? '', 'seconds'],
  },
  {
    id: 'ARM-18',
    given: (azure) =>
      azure.conditions({ subscriptions: [{ subscription: subscription.split('/').at(-1), state: 'Disabled' }] }),
    request: put,
    refused: { status: 409, code: 'ReadOnlyDisabledSubscription' },
    names: [subscription.split('/').at(-1) ?? ''],
  },
  {
    id: 'ARM-19',
    given: onlyOn(galleryGroup),
    request: (azure) => azure.send('PUT', vm(), machine(), goldbot),
    refused: { status: 403, code: 'AuthorizationFailed' },
    names: ['Microsoft.Compute/virtualMachines/write', vm(), goldbotIdentity.objectId],
  },
  {
    id: 'ARM-20',
    request: (azure) => azure.send('PUT', vm().replace('rg-image-builds', 'rg-nowhere'), machine()),
    fine: put,
    refused: { status: 404, code: 'ResourceGroupNotFound' },
    names: ['rg-nowhere'],
  },
  {
    id: 'RC-12',
    given: async (azure) => {
      await made(azure);
      await onlyOn(buildGroup)(azure);
    },
    request: (azure) => azure.send('GET', `${vm()}/runCommands`, undefined, goldbot),
    fine: afterMaking((azure) => azure.send('GET', `${vm()}/runCommands`, undefined, goldbot)),
    refused: { status: 403 },
    names: ['locations/runCommands/read', subscription],
  },
  {
    id: 'VMSS-03',
    request: (azure) => azure.send('GET', instance('99')),
    fine: (azure) => azure.send('GET', instance('0')),
    refused: { status: 400 },
    names: ['99'],
  },
];

const payments = subscription.replace(/1001$/, '1002');
const instance = (id: string): string =>
  `${payments}/resourceGroups/rg-payments/providers/Microsoft.Compute/virtualMachineScaleSets/vmss-payments-api/virtualMachines/${id}`;
