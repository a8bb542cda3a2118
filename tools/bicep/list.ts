import type { ParameterSet, PredictedResource, Snapshot } from './project';

/** `deploy/snapshots/README.md`: what each parameter file would make, a line for each resource, to be read in reviews. */
export function snapshotsPage(sets: readonly (readonly [ParameterSet, Snapshot])[]): string {
  const roles = roleNames(sets.flatMap(([, { predictedResources }]) => predictedResources));
  return `${[
    '# What the templates would make',
    '<!-- Written by `npm run bicep` from the snapshots beside it; edit the templates instead. -->',
    'Bicep’s own compiler foretells this for each parameter file, in the sandbox’s tenant; the whole of it stands in the JSON beside. Nothing here was deployed. Diagnostic settings are left out: everything that writes logs has one.',
    ...sets.flatMap(([set, snapshot]) => section(set, snapshot, roles)),
  ].join('\n\n')}\n`;
}

function section(
  { layer, name }: ParameterSet,
  { predictedResources }: Snapshot,
  roles: ReadonlyMap<string, string>,
): readonly string[] {
  const title = `## ${layer}, ${name}.bicepparam`;
  const listed = predictedResources.filter(({ type }) => type !== 'Microsoft.Insights/diagnosticSettings');
  if (listed.length === 0) return [title, 'Nothing.'];
  const rows = listed.map((resource) => row(resource, roles));
  return [title, ['| type | name | where | with |', '|---|---|---|---|', ...new Set(rows)].join('\n')];
}

function row(resource: PredictedResource, roles: ReadonlyMap<string, string>): string {
  const { type, name, id } = resource;
  const grant = grantOf(resource, roles);
  const cells = grant ?? [name.startsWith('[') ? 'known once it runs' : name, placeOf(id), notable(resource)];
  return `| ${[type, ...cells].map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

const builtIn: readonly (readonly [string, string])[] = [
  ['7f951dda-4ed3-4680-a7ca-43fe172d538d', 'AcrPull'],
  ['b24988ac-6180-42a0-ab88-20f7382dd24c', 'Contributor'],
  ['3913510d-42f4-4e42-8a64-420c390055eb', 'Monitoring Metrics Publisher'],
  ['ba92f5b4-2d11-453d-a403-e96b0029c9fe', 'Storage Blob Data Contributor'],
  ['9980e02c-c2be-4d73-94e8-173b1dc7cf3c', 'Virtual Machine Contributor'],
];

function roleNames(resources: readonly PredictedResource[]): ReadonlyMap<string, string> {
  const custom = resources
    .filter(({ type }) => type === 'Microsoft.Authorization/roleDefinitions')
    .map((resource) => [resource.name, String(properties(resource)['roleName'])] as const);
  return new Map([...builtIn, ...custom]);
}

const granted = /guid\('([^']+)', '([^']+)', reference\('([^']+)'/;

/** Name, place and more of an assignment: which role, on what, and to whom. */
function grantOf(resource: PredictedResource, roles: ReadonlyMap<string, string>): readonly string[] | undefined {
  if (resource.type !== 'Microsoft.Authorization/roleAssignments') return undefined;
  const { roleDefinitionId, principalId } = properties(resource);
  const [, scope = resource.id, role = lastOf(String(roleDefinitionId)), identity = String(principalId)] =
    granted.exec(resource.name) ?? [];
  const on = scope === resource.id ? undefined : /\/providers\/[^/]+\/(.+)$/.exec(scope)?.[1];
  return [roles.get(role) ?? role, placeOf(scope), `for ${lastOf(identity)}${on ? ` on ${on}` : ''}`];
}

const lastOf = (path: string): string => path.split('/').at(-1) ?? '';

function placeOf(id: string): string {
  const above = /managementGroups\/([^/]+)/i.exec(id)?.[1];
  if (above !== undefined) return `management group ${above}`;
  const group = /resourceGroups\/([^/]+)/i.exec(id)?.[1] ?? /resourceId\('[^']+', '([^']+)'/.exec(id)?.[1];
  return group ?? `subscription …${/subscriptions\/[^/]*([^/]{4})/.exec(id)?.[1] ?? ''}`;
}

const properties = (resource: PredictedResource) => (resource['properties'] ?? {}) as Readonly<Record<string, unknown>>;

/** What a reviewer looks for first, by type: paths of properties. */
const looked: Readonly<Record<string, readonly string[]>> = {
  'Microsoft.App/containerApps': [
    'template.scale.minReplicas',
    'template.scale.maxReplicas',
    'configuration.ingress.external',
  ],
  'Microsoft.App/managedEnvironments': ['zoneRedundant', 'vnetConfiguration.internal'],
  'Microsoft.Authorization/locks': ['level'],
  'Microsoft.Authorization/policyAssignments': ['parameters.effect.value', 'notScopes.length'],
  'Microsoft.Authorization/roleDefinitions': [
    'roleName',
    'permissions.0.actions.length',
    'permissions.0.dataActions.length',
  ],
  'Microsoft.BotService/botServices': ['msaAppType', 'disableLocalAuth'],
  'Microsoft.Compute/galleries': ['softDeletePolicy.isSoftDeleteEnabled'],
  'Microsoft.Compute/galleries/images': ['osType', 'hyperVGeneration', 'features.0.value'],
  'Microsoft.ContainerRegistry/registries': ['publicNetworkAccess', 'adminUserEnabled'],
  'Microsoft.DBforPostgreSQL/flexibleServers': [
    'version',
    'authConfig.passwordAuth',
    'highAvailability.mode',
    'network.publicNetworkAccess',
  ],
  'Microsoft.Insights/activityLogAlerts': ['condition.allOf.1.equals'],
  'Microsoft.Insights/metricAlerts': [
    'criteria.allOf.0.metricName',
    'criteria.allOf.0.operator',
    'criteria.allOf.0.threshold',
  ],
  'Microsoft.Insights/scheduledQueryRules': ['criteria.allOf.0.operator', 'criteria.allOf.0.threshold'],
  'Microsoft.Insights/workbooks': ['displayName'],
  'Microsoft.KeyVault/vaults': ['publicNetworkAccess', 'enablePurgeProtection'],
  'Microsoft.KeyVault/vaults/keys': ['kty', 'curveName'],
  'Microsoft.Storage/storageAccounts': ['publicNetworkAccess', 'allowSharedKeyAccess', 'allowBlobPublicAccess'],
  'Microsoft.Network/virtualNetworks': ['addressSpace.addressPrefixes.0', 'subnets.length'],
};

function notable(resource: PredictedResource): string {
  const found = (looked[resource.type] ?? []).flatMap((path) => {
    const value = path
      .split('.')
      .reduce<unknown>((of, part) => (of as Record<string, unknown> | undefined)?.[part], properties(resource));
    return value === undefined ? [] : [`${path.replace(/\.(?:value|length|0|1)(?=\.|$)/g, '')}: ${String(value)}`];
  });
  return found.join(', ');
}
