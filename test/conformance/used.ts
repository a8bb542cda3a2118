import type { AzureRead, AzureWrite, BuildPlace, BuildSpec, ImageRef, TestMachineSpec } from '../../core/azure';
import { resourceId } from '../../core/azure-id';
import { usedByChanges } from './used-changes';
import { usedByPreflight } from './used-preflight';

/** What goldbot needs to name, as an address of a recording or an example has it. */
export interface Names {
  readonly image: ImageRef;
  readonly place: BuildPlace;
  /** Of a gallery image version or a marketplace image. */
  readonly version: string;
  readonly template: string;
  readonly machine: string;
  readonly command: string;
  readonly marketplace: { readonly publisher: string; readonly offer: string; readonly sku: string };
  /** The path of the address: an ARM id. */
  readonly id: string;
}

export interface Used {
  readonly provider: string;
  /** The specification's operation id. */
  readonly operation: string;
  /** The method of a port that sends it. */
  readonly by: keyof AzureRead | keyof AzureWrite;
  readonly call: (ports: AzureRead & AzureWrite, names: Names) => Promise<unknown>;
}

const compute = 'Microsoft.Compute';
const builder = 'Microsoft.VirtualMachineImages';

export const vmId = (place: BuildPlace, machine: string): string =>
  resourceId(place, 'Microsoft.Compute/virtualMachines', machine);

/** Every operation of Azure that goldbot uses and how to make goldbot use it. The product's own traffic is held against it. */
export const used: readonly Used[] = [
  {
    provider: compute,
    operation: 'VirtualMachineImages_List',
    by: 'marketplaceVersions',
    call: (azure, { place, marketplace }) => azure.marketplaceVersions(place.location, marketplace),
  },
  {
    provider: compute,
    operation: 'VirtualMachineImages_Get',
    by: 'marketplaceVersion',
    call: (azure, { place, marketplace, version }) => azure.marketplaceVersion(place.location, marketplace, version),
  },
  {
    provider: compute,
    operation: 'GalleryImages_Get',
    by: 'definition',
    call: (azure, { image }) => azure.definition(image),
  },
  {
    provider: compute,
    operation: 'GalleryImages_ListByGallery',
    by: 'definitions',
    call: (azure, { image }) => azure.definitions(image),
  },
  {
    provider: compute,
    operation: 'Images_Get',
    by: 'managedImage',
    call: (azure, { place, image }) =>
      azure.managedImage(resourceId(place, 'Microsoft.Compute/images', image.definition)),
  },
  {
    provider: compute,
    operation: 'GalleryImageVersions_ListByGalleryImage',
    by: 'versions',
    call: (azure, { image }) => azure.versions(image),
  },
  {
    provider: compute,
    operation: 'GalleryImageVersions_Get',
    by: 'version',
    call: (azure, { image, version }) => azure.version(image, version),
  },
  {
    provider: compute,
    operation: 'GalleryImageVersions_Update',
    by: 'updateVersion',
    call: (azure, { image, version }) => azure.updateVersion(image, version, { tags: { checked: 'yes' } }),
  },
  {
    provider: compute,
    // Where Azure refuses the PATCH.
    operation: 'GalleryImageVersions_CreateOrUpdate',
    by: 'updateVersion',
    call: (azure, { image, version }) => azure.updateVersion(image, version, { tags: { checked: 'yes' } }),
  },
  {
    provider: compute,
    operation: 'SoftDeletedResource_ListByArtifactName',
    by: 'softDeleted',
    call: (azure, { image }) => azure.softDeleted(image),
  },
  {
    provider: compute,
    operation: 'Galleries_Get',
    by: 'keepsDeleted',
    call: (azure, { image }) => azure.keepsDeleted(image),
  },
  {
    provider: compute,
    operation: 'GalleryImageVersions_Delete',
    by: 'deleteVersion',
    call: (azure, { image, version }) => azure.deleteVersion(image, version),
  },
  {
    provider: compute,
    operation: 'GalleryImages_CreateOrUpdate',
    by: 'makeTrialDefinition',
    call: (azure, { image }) => azure.makeTrialDefinition(image, { source: image.definition, run: 'R-7F3KQ' }),
  },
  {
    provider: compute,
    operation: 'GalleryImages_Delete',
    by: 'deleteTrial',
    call: (azure, { image }) => azure.deleteTrial(image, 'definition'),
  },
  {
    provider: compute,
    operation: 'VirtualMachines_Get',
    by: 'testMachine',
    call: (azure, { place, machine }) => azure.testMachine(place, machine),
  },
  {
    provider: compute,
    operation: 'VirtualMachines_List',
    by: 'leftovers',
    call: (azure, { place, image }) => azure.leftovers(place, image),
  },
  {
    provider: compute,
    operation: 'VirtualMachines_CreateOrUpdate',
    by: 'createTestMachine',
    call: (azure, { place, machine, image, version }) =>
      azure.createTestMachine(place, machine, machineSpec(image, version)),
  },
  {
    provider: compute,
    operation: 'VirtualMachines_Delete',
    by: 'deleteTestMachine',
    call: (azure, { place, machine }) => azure.deleteTestMachine(place, machine),
  },
  {
    provider: compute,
    operation: 'VirtualMachineRunCommands_GetByVirtualMachine',
    by: 'command',
    call: (azure, { place, machine, command }) => azure.command(vmId(place, machine), command),
  },
  {
    provider: compute,
    operation: 'VirtualMachineRunCommands_CreateOrUpdate',
    by: 'runCommand',
    call: (azure, { place, machine, command }) =>
      azure.runCommand(
        { id: vmId(place, machine), location: place.location },
        { name: command, script: 'true', timeoutSeconds: 60 },
      ),
  },
  { provider: compute, operation: 'Disks_Get', by: 'machines', call: (azure, { id }) => azure.machines(id) },
  {
    provider: builder,
    operation: 'VirtualMachineImageTemplates_Get',
    by: 'build',
    call: (azure, { place, template }) => azure.build(place, template),
  },
  {
    provider: builder,
    operation: 'VirtualMachineImageTemplates_GetRunOutput',
    by: 'build',
    call: (azure, { place, template }) => azure.build(place, template),
  },
  {
    provider: builder,
    operation: 'VirtualMachineImageTemplates_ListByResourceGroup',
    by: 'leftovers',
    call: (azure, { place, image }) => azure.leftovers(place, image),
  },
  {
    provider: builder,
    operation: 'VirtualMachineImageTemplates_List',
    by: 'foreignTemplates',
    call: (azure, { place }) => azure.foreignTemplates(place.subscription),
  },
  {
    provider: builder,
    operation: 'Triggers_ListByImageTemplate',
    by: 'triggers',
    call: (azure, { place, template }) => azure.triggers(place, template),
  },
  {
    provider: builder,
    operation: 'VirtualMachineImageTemplates_CreateOrUpdate',
    by: 'startBuild',
    call: (azure, { place, template, image }) => azure.startBuild(place, template, buildSpec(image)),
  },
  {
    provider: builder,
    operation: 'VirtualMachineImageTemplates_ListRunOutputs',
    by: 'distributed',
    call: (azure, { place, template }) => azure.distributed(place, template),
  },
  {
    provider: builder,
    operation: 'VirtualMachineImageTemplates_Run',
    by: 'runTemplate',
    call: (azure, { place, template }) => azure.runTemplate(place, template),
  },
  {
    provider: builder,
    operation: 'VirtualMachineImageTemplates_Cancel',
    by: 'cancelBuild',
    call: (azure, { place, template }) => azure.cancelBuild(place, template),
  },
  {
    provider: builder,
    operation: 'VirtualMachineImageTemplates_Delete',
    by: 'deleteTemplate',
    call: (azure, { place, template }) => azure.deleteTemplate(place, template),
  },
  ...usedByPreflight,
  {
    provider: 'Microsoft.ResourceGraph',
    operation: 'Resources',
    by: 'machinesByVersion',
    call: (azure, { image }) => azure.machinesByVersion(image),
  },
  ...usedByChanges,
];

/** The names that stand in an ARM address; what it does not name is a plain word. */
export function namesIn(url: string): Names {
  const { pathname } = new URL(url);
  const part = (segment: string) => {
    const found = new RegExp(`/${segment}/([^/]+)`, 'i').exec(pathname)?.[1];
    return found === undefined ? undefined : decodeURIComponent(found);
  };
  const subscription = part('subscriptions') ?? '00000000-0000-0000-0000-000000000000';
  const resourceGroup = part('resourceGroups') ?? 'rg';
  return {
    image: {
      subscription,
      resourceGroup,
      gallery: part('galleries') ?? 'gallery',
      definition: part('images') ?? 'image',
    },
    place: { subscription, resourceGroup, location: part('locations') ?? 'westeurope' },
    version: part('versions') ?? '1.0.0',
    template: part('imageTemplates') ?? 'template',
    machine: part('virtualMachines') ?? 'machine',
    command: part('runCommands') ?? 'command',
    marketplace: {
      publisher: part('publishers') ?? 'publisher',
      offer: part('offers') ?? 'offer',
      sku: part('skus') ?? 'sku',
    },
    // An id is not encoded, as an address is.
    id: decodeURIComponent(pathname),
  };
}

const plan = { name: 'n', product: 'p', publisher: 'u' };
const network = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets';

/** With all that can be set, so that all of it is judged. */
function buildSpec(image: ImageRef): BuildSpec {
  return {
    identity: '/subscriptions/s/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i',
    source: {
      publisher: 'Canonical',
      offer: '0001-com-ubuntu-server-jammy',
      sku: '22_04-lts-gen2',
      version: '22.04.1',
      plan,
    },
    customize: [],
    validate: [],
    target: { ...image, version: '1.0.0' },
    regions: [{ name: 'West Europe', replicas: 1, storageAccountType: 'Standard_ZRS' }],
    vmSize: 'Standard_D2s_v5',
    settings: {
      osDiskSizeGiB: 64,
      network: { subnetId: `${network}/builds`, containerInstanceSubnetId: `${network}/containers` },
      stagingResourceGroup: '/subscriptions/s/resourceGroups/staging',
      tags: { costCenter: '4711' },
    },
    timeoutMinutes: 60,
    tags: {},
    artifactTags: {},
  };
}

function machineSpec({ subscription, resourceGroup, gallery, definition }: ImageRef, version: string): TestMachineSpec {
  const group = `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers`;
  return {
    versionId: `${group}/Microsoft.Compute/galleries/${gallery}/images/${definition}/versions/${version}`,
    subnetId: `${group}/Microsoft.Network/virtualNetworks/v/subnets/s`,
    vmSize: 'Standard_D2s_v5',
    os: 'Linux',
    tags: {},
    security: 'ConfidentialVM',
    plan,
  };
}
