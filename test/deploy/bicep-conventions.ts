import type { PredictedResource, Snapshot } from '../../tools/bicep/project';
import { isExpression } from './bicep-types';

/** What a rule says against a snapshot: a line each. */
export type Convention = (snapshot: Snapshot) => readonly string[];

type Resources = readonly PredictedResource[];
const of = (type: string) => (resource: PredictedResource) => resource.type === type;
const propertiesOf = ({ properties }: PredictedResource) => (properties ?? {}) as Readonly<Record<string, unknown>>;
const told = (resources: Resources, what: string) => resources.map(({ id }) => `${id} ${what}`);

/** Types with tags of their own; of the others Azure takes none, or they are parts of one that has them. */
const untagged = [
  'Microsoft.Authorization/locks',
  'Microsoft.Authorization/policyAssignments',
  'Microsoft.Authorization/policyDefinitions',
  'Microsoft.Authorization/roleAssignments',
  'Microsoft.Authorization/roleDefinitions',
  'Microsoft.DBforPostgreSQL/flexibleServers/administrators',
  'Microsoft.DBforPostgreSQL/flexibleServers/configurations',
  'Microsoft.DBforPostgreSQL/flexibleServers/databases',
  'Microsoft.DBforPostgreSQL/flexibleServers/firewallRules',
  'Microsoft.Insights/diagnosticSettings',
  'Microsoft.Network/privateEndpoints/privateDnsZoneGroups',
  'Microsoft.Storage/storageAccounts/blobServices',
  'Microsoft.Storage/storageAccounts/blobServices/containers',
];

/** Types that write logs of their own. */
const logging = [
  'Microsoft.App/managedEnvironments',
  'Microsoft.BotService/botServices',
  'Microsoft.ContainerRegistry/registries',
  'Microsoft.DBforPostgreSQL/flexibleServers',
  'Microsoft.Insights/components',
  'Microsoft.KeyVault/vaults',
  'Microsoft.Network/networkSecurityGroups',
  'Microsoft.Network/publicIPAddresses',
  'Microsoft.Network/virtualNetworks',
  'Microsoft.OperationalInsights/workspaces',
  'Microsoft.Storage/storageAccounts/blobServices',
];

/** Types of which Azure keeps no logs besides the activity log, or keeps them elsewhere. */
const silent = [
  ...untagged,
  'Microsoft.App/containerApps',
  'Microsoft.BotService/botServices/channels',
  'Microsoft.Compute/galleries',
  'Microsoft.Compute/galleries/images',
  'Microsoft.Insights/actionGroups',
  'Microsoft.Insights/activityLogAlerts',
  'Microsoft.Insights/metricAlerts',
  'Microsoft.Insights/scheduledQueryRules',
  'Microsoft.Insights/workbooks',
  'Microsoft.KeyVault/vaults/keys',
  'Microsoft.ManagedIdentity/userAssignedIdentities',
  'Microsoft.Network/natGateways',
  'Microsoft.Network/privateDnsZones',
  'Microsoft.Network/privateDnsZones/virtualNetworkLinks',
  'Microsoft.Network/privateEndpoints',
  'Microsoft.Resources/resourceGroups',
  // What is read and written there its blob service logs.
  'Microsoft.Storage/storageAccounts',
];

const powerful: Readonly<Record<string, string>> = {
  '8e3af657-a8ff-443c-a75c-2fe8c4bcb635': 'Owner',
  'b24988ac-6180-42a0-ab88-20f7382dd24c': 'Contributor',
  '18d7d88d-d35e-4fb5-a5c3-7773c20a72d9': 'User Access Administrator',
  'f58310d9-a9f6-439a-9e8d-f62e7b41a168': 'Role Based Access Control Administrator',
};

/** Azure takes a staging group only from a Contributor of it; nothing else is ever in one. */
const inStagingGroup = /^\[resourceId\('[^']+', 'rg-image-staging-[^']+', 'Microsoft\.Authorization\/roleAssignments'/;

function powerfulRoles({ predictedResources }: Snapshot): readonly string[] {
  return predictedResources.filter(of('Microsoft.Authorization/roleAssignments')).flatMap((resource) => {
    const role = String(propertiesOf(resource)['roleDefinitionId']).split('/').at(-1) ?? '';
    const name = powerful[role];
    if (name === undefined || (name === 'Contributor' && inStagingGroup.test(resource.id))) return [];
    return [`${resource.id} makes somebody ${name}`];
  });
}

function widerActions({ predictedResources }: Snapshot): readonly string[] {
  return predictedResources.filter(of('Microsoft.Authorization/roleDefinitions')).flatMap((resource) => {
    const permissions = propertiesOf(resource)['permissions'] as readonly Record<string, readonly string[]>[];
    const wide = permissions.flatMap(({ actions, dataActions = [] }) => [...(actions ?? []), ...dataActions]);
    return wide.filter((action) => action.includes('*')).map((action) => `${resource.id} has ${action}`);
  });
}

const guid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function names({ predictedResources }: Snapshot): readonly string[] {
  const types = ['Microsoft.Authorization/roleAssignments', 'Microsoft.Authorization/roleDefinitions'];
  const bad = predictedResources.filter(
    ({ type, name }) => types.includes(type) && !guid.test(name) && !/^\[guid\(/.test(name),
  );
  return told(bad, 'is not named by guid()');
}

function tags({ predictedResources }: Snapshot): readonly string[] {
  const bad = predictedResources.filter((resource) => {
    const own = (resource['tags'] ?? {}) as Readonly<Record<string, unknown>>;
    return !untagged.includes(resource.type) && !(own['application'] === 'goldbot' && own['azd-env-name']);
  });
  return told(bad, 'has not the tags of everything');
}

function diagnostics({ predictedResources }: Snapshot): readonly string[] {
  const settings = predictedResources.filter(of('Microsoft.Insights/diagnosticSettings')).map(({ id }) => id);
  const isLogged = ({ id }: PredictedResource) => settings.some((setting) => setting.startsWith(`${id}/providers/`));
  const unknown = predictedResources.filter(({ type }) => !logging.includes(type) && !silent.includes(type));
  return [
    ...told(
      predictedResources.filter((resource) => logging.includes(resource.type) && !isLogged(resource)),
      'has no diagnostic setting',
    ),
    ...told(unknown, 'is of a type of which nobody has said whether it has logs'),
  ];
}

/** Azure has no stable version of this one. */
const onlyPreview = 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview';

function stable({ predictedResources }: Snapshot): readonly string[] {
  const bad = predictedResources.filter(
    ({ type, apiVersion }) => !/^\d{4}-\d{2}-\d{2}$/.test(apiVersion) && `${type}@${apiVersion}` !== onlyPreview,
  );
  return told(bad, 'is of a preview');
}

/** Functions that answer with secrets, and properties that hold them. */
const secretive =
  /\blist(?:Keys|Secrets|Credentials|AccountSas|ServiceSas|\w*Keys)\b|connectionString|sharedKey(?!Access)/i;
const secretName = /^(?:.*password|.*secret|.*connectionString|.*sharedKey|.*accountKey|administratorLogin\w*)$/i;
const harmless = new Set(['passwordAuth']);

/** Of Application Insights it is an address: where local authentication is off, and it is off everywhere, it opens nothing. */
const address = /reference\('[^']+\/providers\/Microsoft\.Insights\/components\/[^']+', '[^']+'\)\.ConnectionString/g;

function secrets({ predictedResources, outputs = {} }: Snapshot): readonly string[] {
  const named = (value: unknown, path: string): readonly string[] =>
    Object.entries(value ?? {}).flatMap(([name, member]) => {
      if (typeof member === 'object') return named(member, `${path}.${name}`);
      return secretName.test(name) && !harmless.has(name) ? [`${path}.${name} is a secret`] : [];
    });
  const asked = [...predictedResources.map((r) => [r.id, r] as const), ...Object.entries(outputs)];
  return [
    ...asked.flatMap(([what, value]) =>
      secretive.test(JSON.stringify(value).replaceAll(address, '')) ? [`${what} asks for a secret`] : [],
    ),
    ...predictedResources.flatMap((resource) => named(resource, resource.id)),
  ];
}

/** Who may come in without Entra having said who it is. */
const doors: Readonly<Record<string, (properties: Readonly<Record<string, unknown>>) => boolean>> = {
  'Microsoft.BotService/botServices': (p) => p['disableLocalAuth'] === true && p['msaAppType'] === 'UserAssignedMSI',
  'Microsoft.ContainerRegistry/registries': (p) =>
    p['adminUserEnabled'] === false && p['anonymousPullEnabled'] === false,
  'Microsoft.DBforPostgreSQL/flexibleServers': (p) =>
    JSON.stringify(p['authConfig']).startsWith('{"activeDirectoryAuth":"Enabled","passwordAuth":"Disabled"'),
  'Microsoft.Insights/components': (p) => p['DisableLocalAuth'] === true,
  'Microsoft.KeyVault/vaults': (p) => p['enableRbacAuthorization'] === true && p['enablePurgeProtection'] === true,
  'Microsoft.Storage/storageAccounts': (p) =>
    p['allowSharedKeyAccess'] === false &&
    p['allowBlobPublicAccess'] === false &&
    p['minimumTlsVersion'] === 'TLS1_2' &&
    p['supportsHttpsTrafficOnly'] === true,
  'Microsoft.Storage/storageAccounts/blobServices/containers': (p) => p['publicAccess'] === 'None',
  'Microsoft.OperationalInsights/workspaces': (p) => JSON.stringify(p['features']) === '{"disableLocalAuth":true}',
};

function entraAlone({ predictedResources }: Snapshot): readonly string[] {
  const open = predictedResources.filter((resource) => doors[resource.type]?.(propertiesOf(resource)) === false);
  return told(open, 'lets in whom Entra does not know');
}

function known({ predictedResources, diagnostics: said }: Snapshot): readonly string[] {
  const nameless = predictedResources.filter(({ type, apiVersion }) => isExpression(type) || isExpression(apiVersion));
  // ARM computes nothing inside of a policy's rule, for example.
  const left = predictedResources.filter((resource) => JSON.stringify(resource).includes("variables('"));
  return [
    ...told(nameless, 'is not known before it is deployed'),
    ...told(left, 'has a variable of the template in it'),
    ...said.map((one) => JSON.stringify(one)),
  ];
}

export const conventions: Readonly<Record<string, Convention>> = {
  'nobody becomes Owner, Contributor or administrator of access, but for staging groups': powerfulRoles,
  'custom roles have no wildcard': widerActions,
  'roles and assignments are named by guid()': names,
  'everything has tags': tags,
  'everything that writes logs has a diagnostic setting': diagnostics,
  'API versions are stable': stable,
  'there is no secret, in outputs or anywhere': secrets,
  'Entra alone opens doors': entraAlone,
  'the compiler knows what would be made': known,
};
