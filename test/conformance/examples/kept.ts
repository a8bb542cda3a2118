import type { Kept } from './compare';

/** What of a gallery version goldbot tells on; `before` and `after` are the places of one version. */
function versionAt(before: string, after: string): Kept[] {
  const pairs: readonly (readonly [string, string])[] = [
    ['id', 'id'],
    ['name', 'version'],
    ['properties.provisioningState', 'provisioningState'],
    ['properties.publishingProfile.publishedDate', 'createdAt'],
    ['properties.publishingProfile.targetRegions[].name', 'regions[].name'],
    ['properties.publishingProfile.targetRegions[].regionalReplicaCount', 'regions[].replicas'],
    ['properties.publishingProfile.targetRegions[].excludeFromLatest', 'regions[].excludedFromLatest'],
  ];
  return pairs.map(([from, to]) => ({ from: `${before}${from}`, to: `${after}${to}` }));
}

/** Azure's provisioning states of a machine, in goldbot's words. */
const machineStates: Readonly<Record<string, string>> = { Succeeded: 'ready', Updating: 'ready', Creating: 'creating' };

const leftover: readonly Kept[] = [
  { from: 'value[].id', to: '[].id' },
  { from: 'value[].name', to: '[].name' },
];

/** `/Subscriptions/…/Publishers/p/ArtifactTypes/VMImage/Offers/o/Skus/s/Versions/v`, as goldbot says it. */
function marketplaceName(id: unknown): string {
  const parts = String(id).split('/');
  const after = (name: string) => parts[parts.findIndex((part) => part.toLowerCase() === name) + 1];
  return [after('publishers'), after('offers'), after('skus'), after('versions')].join(':');
}

/**
 * By hand, from Azure's documentation of the operations: what goldbot's results must hold of an answer. Operations
 * that only change something have no result.
 */
export const kept: Readonly<Record<string, readonly Kept[]>> = {
  VirtualMachineImages_List: [{ from: '[].name', to: '[].version' }],
  VirtualMachineImages_Get: [
    { from: 'name', to: 'version' },
    { from: 'properties.imageDeprecationStatus.imageState', to: 'deprecation.state' },
    { from: 'properties.imageDeprecationStatus.scheduledDeprecationTime', to: 'deprecation.at' },
    {
      from: 'properties.imageDeprecationStatus.alternativeOption.value',
      to: 'deprecation.alternative',
      as: (value) => `offer ${value}`,
    },
  ],
  GalleryImageVersions_ListByGalleryImage: versionAt('value[].', '[].'),
  GalleryImageVersions_Get: [
    ...versionAt('', ''),
    { from: 'properties.replicationStatus.summary[].state', to: 'regions[].state' },
    { from: 'properties.replicationStatus.summary[].progress', to: 'regions[].progress' },
  ],
  VirtualMachines_Get: [
    { from: 'properties.provisioningState', to: 'test.state', as: (state) => machineStates[String(state)] },
    { from: 'id', to: 'facts[0].id' },
    { from: 'name', to: 'facts[0].name' },
    { from: 'location', to: 'facts[0].location' },
    { from: 'properties.storageProfile.imageReference', to: 'facts[0].imageReference', as: referenceName },
  ],
  VirtualMachines_List: leftover,
  // Without an instance view nothing is known of the script.
  VirtualMachineRunCommands_GetByVirtualMachine: [
    { from: 'properties.provisioningState', to: 'state', as: () => 'running' },
  ],
  Disks_Get: [
    { from: 'properties.creationData.imageReference.id', to: '[0].diskReference', as: marketplaceName },
    { from: 'managedBy', to: '[0].id', as: () => undefined },
  ],
  // Nothing has run.
  VirtualMachineImageTemplates_Get: [{ from: 'name', to: 'state', as: () => 'idle' }],
  VirtualMachineImageTemplates_GetRunOutput: [{ from: 'properties.artifactId', to: 'artifactId' }],
  VirtualMachineImageTemplates_ListByResourceGroup: leftover,
  // None of them is goldbot's restriction.
  PolicyDefinitions_Get: [{ from: 'properties.policyRule', to: 'defined', as: () => false }],
  PolicyAssignments_Get: [
    { from: 'properties.notScopes', to: 'assigned.notScopes' },
    { from: 'properties.enforcementMode', to: 'assigned.enforced', as: (mode) => mode !== 'DoNotEnforce' },
  ],
  Remediations_GetAtResource: [
    { from: 'properties.provisioningState', to: 'state', as: (state) => String(state).toLowerCase() },
    { from: 'properties.deploymentStatus.totalDeployments', to: 'total' },
    { from: 'properties.deploymentStatus.successfulDeployments', to: 'succeeded' },
    // Not failedDeployments: Azure counts those only after the task has ended (row PI-06).
    { from: 'properties.statusMessage', to: 'message' },
  ],
  Resources: [
    { from: 'data[]', to: 'rows[]' },
    { from: 'resultTruncated', to: 'partial', as: (truncated) => truncated === 'true' },
  ],
};

function referenceName(reference: unknown): string {
  const { publisher, offer, sku, version } = reference as Readonly<Record<string, string>>;
  return [publisher, offer, sku, version].join(':');
}
