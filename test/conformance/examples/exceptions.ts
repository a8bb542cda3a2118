/** An example that names what this Azure does not have: refused as Azure refuses it. */
export interface Refusal {
  readonly example: RegExp;
  readonly status: number;
  readonly code: string;
  readonly why: string;
}

export const refusals: readonly Refusal[] = [
  {
    example: /: VirtualMachineImage_(Get|List)_M\w+_Gen$/,
    status: 404,
    code: 'NotFound',
    why: 'Its publisher, offer and SKU are rows of the letter a.',
  },
  {
    example: /custom-image vm from an unmanaged generalized os image/,
    status: 400,
    code: 'InvalidParameter',
    why: 'An image that is a blob makes a machine with unmanaged disks, which Azure retired in March 2026.',
  },
  {
    example: /with Uefi Settings of secureBoot and vTPM/,
    status: 404,
    code: 'PlatformImageNotFound',
    why: 'The marketplace of the sandbox has no preview images.',
  },
  {
    example: /with securityType ConfidentialVM/,
    status: 400,
    code: 'InvalidParameter',
    why: 'The sandbox has no confidential sizes.',
  },
  {
    example: /with network interface configuration/,
    status: 400,
    code: 'InvalidResourceReference',
    why: 'Its network interface names no subnet.',
  },
  {
    example: /: Create a VM from a (shared|community) gallery image/,
    status: 404,
    code: 'GalleryImageNotFound',
    why: 'Nobody shares a gallery of that name.',
  },
  {
    example: /: Create or update a run command\.$/,
    status: 400,
    code: 'InvalidParameter',
    why: 'Its script lies in a storage account, which the sandbox cannot read.',
  },
  {
    example: /VirtualMachineImageTemplates_CreateOrUpdate 2023-07-01/,
    status: 400,
    code: 'NoRegisteredProviderFound',
    why: 'The sandbox makes templates from api-version 2024-02-01 on.',
  },
];

/** A field of an accepted request that a GET does not have. */
export interface Unkept {
  readonly example: RegExp;
  readonly field: string;
  readonly why: string;
}

/** The machines of the sandbox have what goldbot and its story need of a machine. */
const simple = 'The sandbox has machines as goldbot makes them, not all that a machine can be.';
const unshown = (example: RegExp, ...fields: string[]): Unkept[] =>
  fields.map((field) => ({ example, field, why: simple }));

export const unkept: readonly Unkept[] = [
  ...unshown(
    /in a Virtual Machine Scale Set with/,
    'properties.virtualMachineScaleSet',
    'properties.platformFaultDomain',
  ),
  ...unshown(/in an availability set/, 'properties.availabilitySet'),
  ...unshown(/with Scheduled Events Profile/, 'properties.scheduledEventsPolicy', 'properties.scheduledEventsProfile'),
  ...unshown(
    /with data disks using 'Copy' and 'Restore' options/,
    'properties.storageProfile.dataDisks[0].sourceResource',
    'properties.storageProfile.dataDisks[1].sourceResource',
    'properties.storageProfile.dataDisks[2].sourceResource',
  ),
  ...unshown(
    /with a marketplace image plan|with ephemeral os disk|with Host Encryption|with capacity reservation/,
    'plan',
  ),
  ...unshown(
    /unmanaged os and data disks/,
    'properties.storageProfile.osDisk.vhd',
    'properties.storageProfile.dataDisks[0].vhd',
    'properties.storageProfile.dataDisks[1].vhd',
  ),
  ...unshown(/with ephemeral os disk/, 'properties.storageProfile.osDisk.diffDiskSettings'),
  ...unshown(
    /with DiskEncryptionSet/,
    'properties.storageProfile.osDisk.managedDisk.diskEncryptionSet',
    'properties.storageProfile.dataDisks[0].managedDisk.diskEncryptionSet',
    'properties.storageProfile.dataDisks[1].managedDisk.id',
    'properties.storageProfile.dataDisks[1].managedDisk.diskEncryptionSet',
  ),
  ...unshown(/with an extensions time budget/, 'properties.extensionsTimeBudget'),
  ...unshown(/: Create a VM with (UserData|VM Size Properties|Disk Controller Type)/, 'properties.userData'),
  ...unshown(/with Application Profile/, 'properties.applicationProfile'),
  ...unshown(/with HibernationEnabled/, 'properties.additionalCapabilities'),
  ...unshown(/with capacity reservation/, 'properties.capacityReservation'),
  ...unshown(
    /: Create a VM with Disk Controller Type/,
    'properties.scheduledEventsPolicy',
    'properties.storageProfile.diskControllerType',
  ),
];

/** Azure takes them and never shows them. */
export const neverShown = /(^|\.)(adminPassword|runAsPassword|customData|protectedParameters)$/;
