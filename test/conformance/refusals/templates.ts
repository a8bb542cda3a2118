import { builtInRoles } from '../../../sandbox/azure/authorization/built-in';
import { builderAssignment, imageBuilderApp, rootManagementGroup } from '../../../sandbox/azure/authorization/names';
import { principalIdOf } from '../../../sandbox/azure/identity';
import { builderIdentity, buildSubnet, containerSubnet } from '../../../sandbox/azure/names';
import { type Azure, outcome } from './azure';
import { build } from './fits';
import { buildGroup, galleryGroup, newest, subscription, ubuntu } from './names';
import type { Refusal } from './row';

type Ask = Refusal['request'];

const templateId = `${buildGroup}/providers/Microsoft.VirtualMachineImages/imageTemplates/row`;
const put =
  (change: object = {}): Ask =>
  (azure) =>
    azure.send('PUT', templateId, build({}, change));
/** One after the other; the answer is the last one's. */
export const steps =
  (...asks: readonly Ask[]): Ask =>
  async (azure) => {
    const answers: Awaited<ReturnType<Ask>>[] = [];
    for (const one of asks) answers.push(await one(azure));
    return answers.at(-1) as Awaited<ReturnType<Ask>>;
  };

const roles = (scope: string, name: string) => `${scope}/providers/Microsoft.Authorization/roleAssignments/${name}`;
const builder = principalIdOf(builderIdentity);
let granted = 0;
const isBuiltIn = (role: string): role is keyof typeof builtInRoles => role in builtInRoles;

/** A role, built in by its name or by its GUID, on a scope; for the identity of the builds if nobody else is named. */
export const grant =
  (scope: string, role: string = 'contributor', principalId = builder): Ask =>
  (azure) => {
    granted += 1;
    const name = `60a551e0-601d-4b07-8000-${String(granted).padStart(12, 'a')}`;
    const definition = `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${isBuiltIn(role) ? builtInRoles[role].name : role}`;
    const properties = { roleDefinitionId: definition, principalId, principalType: 'ServicePrincipal' };
    return azure.done('PUT', roles(scope, name), { properties });
  };

/** From Contributor of everything to Contributor of these alone. */
export const only = (...scopes: readonly string[]): Ask =>
  steps(
    (azure) => azure.done('DELETE', roles(rootManagementGroup, builderAssignment)),
    ...scopes.map((scope) => grant(scope)),
  );

const own = `${subscription}/resourceGroups/rg-own`;
const newGroup: Ask = (azure) => azure.done('PUT', own, { location: 'westeurope' });
const staged = put({ stagingResourceGroup: own });

const network = (vnetConfig: object) => put({ vmProfile: { vmSize: 'Standard_D2s_v5', vnetConfig } });
const inSubnet = network({ subnetId: buildSubnet });
const policies = (subnet: string, privateLinkServiceNetworkPolicies: string) => (azure: Azure) =>
  azure.conditions({ network: [{ subnet, privateLinkServiceNetworkPolicies }] });

const account = `${buildGroup}/providers/Microsoft.Storage/storageAccounts/contososcripts`;
const script = 'https://contososcripts.blob.core.windows.net/scripts/harden.sh';
const known: Refusal['given'] = (azure) => azure.conditions({ storage: [{ account: 'contososcripts', id: account }] });
const scripted = put({ customize: [{ type: 'Shell', name: 'harden', scriptUri: script }] });
const file = 'https://files.contoso.example/baseline.tar.gz';
const uploads = put({
  customize: [{ type: 'File', name: 'baseline', sourceUri: file, destination: '/tmp/baseline.tar.gz' }],
});

const run: Ask = (azure) => azure.send('POST', `${templateId}/run`);
const made =
  (change: object = {}): Ask =>
  (azure) =>
    azure.done('PUT', templateId, build({}, change));

const rules = `${subscription}/providers/Microsoft.Authorization`;
/** A policy that denies things of one type, from a moment on. */
const denied =
  (type: string): Ask =>
  async (azure) => {
    // biome-ignore lint/suspicious/noThenProperty: policies are written so.
    const policyRule = { if: { field: 'type', equals: type }, then: { effect: 'deny' } };
    await azure.done('PUT', `${rules}/policyDefinitions/closed`, { properties: { mode: 'All', policyRule } });
    return azure.done('PUT', `${rules}/policyAssignments/none-of-these`, {
      properties: { policyDefinitionId: `${rules}/policyDefinitions/closed` },
    });
  };
const inOwnNetwork = { vmProfile: { vmSize: 'Standard_D2s_v5', vnetConfig: { subnetId: buildSubnet } } };

const sealed = (value: string) => ({
  location: 'westeurope',
  properties: {
    osType: 'Linux',
    osState: 'Generalized',
    hyperVGeneration: 'V2',
    identifier: { publisher: 'contoso', offer: 'sealed', sku: value },
    features: [{ name: 'SecurityType', value }],
  },
});
/** A template whose source is a version of a definition with this security type. */
const fromVersionOf = (security: string): Ask => {
  const definition = `${galleryGroup}/providers/Microsoft.Compute/galleries/gold/images/${security}`;
  const version = `${definition}/versions/1.0.0`;
  return steps(
    (azure) => azure.done('PUT', definition, sealed(security)),
    (azure) =>
      azure.done('PUT', version, {
        location: 'westeurope',
        properties: { storageProfile: { source: { id: newest } } },
      }),
    made({ source: { type: 'SharedImageVersion', imageVersionId: version } }),
  );
};

/** Image templates: what their identity may not do, what they name and is not to be had, what stands in their way. */
export const templateRefusals: readonly Refusal[] = [
  {
    id: 'AIB-06',
    given: known,
    request: scripted,
    fine: async (azure) => {
      await known(azure);
      return steps(grant(account, 'blobDataReader'), scripted)(azure);
    },
    refused: { operation: 'Failed', code: 'Unauthorized' },
    names: [script],
  },
  {
    id: 'AIB-07',
    given: steps(made(), (azure) => azure.done('DELETE', builderIdentity)),
    request: run,
    fine: steps(made(), run),
    refused: { operation: 'Failed' },
    names: [builderIdentity],
  },
  {
    id: 'AIB-13',
    given: steps(made(), denied('Microsoft.Network/publicIPAddresses')),
    request: run,
    fine: steps(made(inOwnNetwork), denied('Microsoft.Network/publicIPAddresses'), run),
    refused: { operation: 'Failed' },
  },
  {
    id: 'AIB-21',
    given: policies(buildSubnet, 'Enabled'),
    request: inSubnet,
    fine: async (azure) => {
      await policies(buildSubnet, 'Disabled')(azure);
      return inSubnet(azure);
    },
    refused: { operation: 'Failed' },
    names: [buildSubnet],
  },
  {
    id: 'AIB-27',
    given: (azure) => azure.conditions({ files: [{ uri: file, exists: false }] }),
    request: uploads,
    refused: { operation: 'Failed' },
    names: [file],
    // As little is what lies behind a firewall.
    also: async (azure) => {
      await azure.done('DELETE', templateId);
      await azure.conditions({ storage: [{ account: 'contososcripts', publicNetworkAccess: 'Disabled' }] });
      const { error } = await outcome(azure, await scripted(azure));
      expect(error?.message).toContain(`The resource ${script} is unavailable`);
      const signed = `${script}?sv=2021-12-02&sr=b&sp=r&sig=x`;
      await azure.done('DELETE', templateId);
      await azure.conditions({
        storage: [{ account: 'contososcripts', publicNetworkAccess: 'Enabled', allowSharedKeyAccess: false }],
      });
      const byKey = await outcome(azure, await put({ customize: [{ type: 'Shell', scriptUri: signed }] })(azure));
      expect(byKey.error?.message).toContain('is unavailable');
      await azure.done('DELETE', templateId);
      const byToken = put({ customize: [{ type: 'Shell', scriptUri: `${signed}&skoid=somebody` }] });
      expect(await outcome(azure, await byToken(azure))).toMatchObject({ status: 'Succeeded' });
    },
  },
  {
    id: 'AIB-29',
    given: fromVersionOf('TrustedLaunch'),
    request: run,
    fine: steps(fromVersionOf('TrustedLaunchSupported'), run),
    refused: { operation: 'Failed', code: 'BadRequest' },
    names: ['TrustedLaunch'],
  },
  {
    id: 'AIB-30',
    given: steps(newGroup, only(galleryGroup)),
    request: staged,
    fine: steps(newGroup, only(galleryGroup, own), staged),
    refused: { hangs: true },
  },
  {
    id: 'AIB-32',
    given: only(buildGroup),
    request: put(),
    fine: steps(only(buildGroup, galleryGroup), put()),
    refused: { operation: 'Failed', provisioningErrorCode: 'BadSharedImageDistribute' },
    names: [ubuntu],
  },
  {
    id: 'AIB-35',
    given: steps(
      put({ source: { type: 'PlatformImage', publisher: 'Canonical', offer: 'nowhere', sku: '1' } }),
      (azure) => {
        azure.later(60);
        return azure.send('GET', templateId);
      },
    ),
    request: put(),
    fine: put(),
    refused: { status: 409, code: 'Conflict' },
  },
  {
    id: 'AIB-39',
    given: steps(newGroup, only(galleryGroup), grant(own, 'contributor', imageBuilderApp.objectId)),
    request: staged,
    fine: steps(newGroup, only(galleryGroup, own), staged),
    refused: { operation: 'Failed' },
    names: [own],
  },
  {
    id: 'AIB-42',
    given: only(galleryGroup, buildSubnet),
    request: network({ subnetId: buildSubnet, containerInstanceSubnetId: containerSubnet }),
    fine: steps(
      only(galleryGroup, buildSubnet, containerSubnet),
      network({ subnetId: buildSubnet, containerInstanceSubnetId: containerSubnet }),
    ),
    refused: { operation: 'Failed' },
    names: [containerSubnet],
  },
];
