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
    example: /: Usage_List_M\w+_Gen$/,
    status: 400,
    code: 'NoRegisteredProviderFound',
    why: 'Its region is a row of signs.',
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
    example: /: Create a vm with a marketplace image plan\.$/,
    status: 400,
    code: 'BadRequest',
    why: 'What is for sale here is of the second generation, which Standard_D1_v2 cannot boot.',
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
    example: /: VirtualMachineScaleSet_Update_MaximumSet_Gen$/,
    status: 400,
    code: 'InvalidParameter',
    why: 'Its pause between batches is a row of the letter a.',
  },
  {
    example: /: VirtualMachineScaleSet_(?:UpdateInstances_M\w+|Reimage_MaximumSet)_Gen$/,
    status: 400,
    code: 'InvalidParameter',
    why: 'Its instance is a row of the letter a: there are numbers alone.',
  },
  {
    example: /: VirtualMachineScaleSet_ApproveRollingUpgrade$/,
    status: 409,
    code: 'OperationNotAllowed',
    why: 'A set that stands there defers no upgrade.',
  },
  {
    example: /: VirtualMachineScaleSetRollingUpgrade_Cancel_M\w+_Gen$/,
    status: 409,
    code: 'OperationNotAllowed',
    why: 'A set that stands there is at no upgrade.',
  },
  {
    example: /: VirtualMachineScaleSetRollingUpgrade_GetLatest_M\w+_Gen$/,
    status: 404,
    code: 'NotFound',
    why: 'A set that stands there has had no upgrade.',
  },
];

/** A field of an accepted request that a GET does not have. */
export interface Unkept {
  readonly example: RegExp;
  readonly field: string;
  readonly why: string;
}

const unmanaged = 'Unmanaged disks were retired in March 2026: the sandbox has none, and makes managed ones.';

export const unkept: readonly Unkept[] = [
  { example: /unmanaged os and data disks/, field: 'properties.storageProfile.osDisk.vhd', why: unmanaged },
  { example: /unmanaged os and data disks/, field: 'properties.storageProfile.dataDisks[0].vhd', why: unmanaged },
  { example: /unmanaged os and data disks/, field: 'properties.storageProfile.dataDisks[1].vhd', why: unmanaged },
  {
    example: /with DiskEncryptionSet/,
    field: 'properties.storageProfile.dataDisks[1].managedDisk.id',
    why: 'There is no disk of that name to attach: the sandbox makes one, where Azure would refuse.',
  },
];

/** Azure takes them and never shows them. */
export const neverShown = /(^|\.)(adminPassword|runAsPassword|customData|protectedParameters)$/;
