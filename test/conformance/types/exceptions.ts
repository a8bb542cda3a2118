/**
 * Lists of words that are examples and not a list: a value that is none of them is not wrong. `ObjectType.property` in
 * the resource types, and why.
 */
export const openLists: ReadonlyMap<string, string> = new Map([
  ['HardwareProfile.vmSize', 'the list ends with the sizes of 2020; Azure has had hundreds of new ones since'],
]);

/** `ObjectType.property` that a PATCH takes away by null, and why that is believed. */
export const nullTakesAway: ReadonlyMap<string, string> = new Map([
  [
    'GalleryImageVersionPublishingProfile.endOfLifeDate',
    "ARM's PATCH is a JSON merge patch (RFC 7396), and the SDK passes null on; not confirmed for this field",
  ],
]);

/** What Azure itself was recorded to answer although its types do not have it. */
export interface Deviation {
  readonly type: string;
  /** JSON pointer with `*` for an index or a name. */
  readonly path: string;
  readonly why: string;
}

export const deviations: readonly Deviation[] = [
  {
    type: 'Microsoft.VirtualMachineImages/imageTemplates',
    path: '/properties/distribute/*/versioning',
    why: 'recorded with 2023-07-01: null where no versioning was asked for',
  },
  {
    type: 'Microsoft.Compute/diskEncryptionSets',
    path: '/id',
    why: 'recorded with 2022-03-02: the 202 of a PUT has no id, name and type yet; goldbot does not use it',
  },
  { type: 'Microsoft.Compute/diskEncryptionSets', path: '/name', why: 'see /id' },
  { type: 'Microsoft.Compute/diskEncryptionSets', path: '/type', why: 'see /id' },
];

/** Members that a PATCH has beside those of the resource: `type/member` in lower case, the words it may be, and why. */
export const ofPatchAlone: ReadonlyMap<string, { readonly words: readonly string[]; readonly why: string }> = new Map([
  [
    'microsoft.resources/tags/operation',
    { words: ['Replace', 'Merge', 'Delete'], why: 'documentation of Tags - Update At Scope: the types know PUT alone' },
  ],
]);

/** Members that a PATCH writes although the types, which know no PATCH, call them read-only: `type/member` in lower case. */
export const writtenByPatch: ReadonlyMap<string, string> = new Map([
  [
    'microsoft.compute/virtualmachinescalesets/lifecyclehookevents/properties',
    'nobody makes such an event; the SDK answers it by a PATCH of waitUntil and targetResources',
  ],
]);
