import type {
  GalleryVersion,
  ImageDefinition,
  ImageTraits,
  ManagedImage,
  MarketplaceVersion,
} from '../../../core/azure';
import { type Expected, inGroup, type More, whereFrom } from './expectation';

const definitions = `${inGroup}/Microsoft.Compute/galleries/*/images`;
const versions = `${definitions}/*/versions`;
const marketplace =
  '/subscriptions/*/providers/Microsoft.Compute/locations/*/publishers/*/artifacttypes/*/offers/*/skus/*/versions';

export const galleries: readonly Expected[] = [
  {
    operation: 'VirtualMachineImages_List',
    shape: `GET ${marketplace}`,
    says: (result: readonly MarketplaceVersion[], body: readonly { name: string }[]) => {
      const recorded = body.map(({ name }) => name);
      expect(result.map(({ version }) => version).sort()).toEqual([...recorded].sort());
      expect(result.at(-1)?.version).toBe([...recorded].sort().at(-1));
    },
    wordless: { '[].location': whereFrom, '[].id': whereFrom },
  },
  {
    operation: 'VirtualMachineImages_Get',
    shape: `GET ${marketplace}/*`,
    says: (result: MarketplaceVersion, body: RecordedImage) => {
      expect(result.version).toBe(body.name);
      const { imageState } = body.properties.imageDeprecationStatus;
      expect(result.deprecation?.state ?? 'Active').toBe(imageState);
      saysTraits(result.traits, body.properties, body.properties.osDiskImage.operatingSystem);
    },
    wordless: {
      id: whereFrom,
      location: whereFrom,
      'properties.automaticOSUpgradeProperties.automaticOSUpgradeSupported': 'scale sets never run a base',
      'properties.disallowed.vmDiskType': 'Image Builder makes managed disks',
      'properties.features': 'of all that a base can do goldbot looks at its security type alone',
      'properties.osDiskImage.sizeInBytes': 'Azure does not document it',
      'properties.replicaType': 'Azure does not document it',
    },
  },
  {
    operation: 'Galleries_Get',
    shape: `GET ${inGroup}/Microsoft.Compute/galleries/*`,
    // The same answer tells whether the gallery keeps what is deleted, which no tape says.
    says: async (keeps: boolean, { properties }: RecordedGallery, { ports, names }: More) => {
      expect(keeps).toBe(false);
      const result = await ports.gallerySharing(names.image);
      const { permissions = 'Private', groups = [] } = properties.sharingProfile ?? {};
      expect(result?.madeFor).toBe(permissions.toLowerCase());
      expect([...(result?.subscriptions ?? []), ...(result?.tenants ?? [])]).toEqual(groups.flatMap(({ ids }) => ids));
      expect(result?.uniqueName).toBe(properties.identifier.uniqueName);
    },
    wordless: {
      ...{ id: whereFrom, location: whereFrom, name: whereFrom, type: whereFrom },
      'properties.provisioningState': 'how a gallery is shared does not wait for it',
    },
  },
  {
    operation: 'GallerySharingProfile_Update',
    shape: `POST ${inGroup}/Microsoft.Compute/galleries/*/share`,
    // One of them a request, where the tape has both kinds in one.
    ours: ({ request: { body } }) => (body as RecordedSharing).operationType === 'Add',
    asks: (asked, recorded) => {
      const [ours, theirs] = [asked as RecordedSharing, recorded as RecordedSharing];
      expect(Object.keys(ours)).toEqual(Object.keys(theirs));
      expect(theirs.groups.map(({ type }) => type)).toContain(ours.groups[0]?.type);
    },
  },
  {
    operation: 'GalleryImages_Get',
    shape: `GET ${definitions}/*`,
    says: (result: ImageDefinition, body: RecordedDefinition) => saysDefinition(result, body),
    wordless: wordlessOfDefinition(''),
  },
  {
    operation: 'GalleryImages_ListByGallery',
    shape: `GET ${definitions}`,
    says: (result: readonly ImageDefinition[], { value }: { value: readonly RecordedDefinition[] }) => {
      expect(result).toHaveLength(value.length);
      for (const [i, body] of value.entries()) saysDefinition(result[i], body);
    },
    wordless: wordlessOfDefinition('value[].'),
  },
  {
    operation: 'Images_Get',
    shape: `GET ${inGroup}/Microsoft.Compute/images/*`,
    says: (result: ManagedImage, { id, location, properties }: RecordedManagedImage) => {
      const { osDisk, dataDisks } = properties.storageProfile;
      const { osType: os, osState: state } = osDisk;
      expect(result).toMatchObject({ id, location, os, state, generation: properties.hyperVGeneration });
      expect(result.provisioningState).toBe(properties.provisioningState);
      const disks = [osDisk, ...dataDisks].map(({ managedDisk }) => managedDisk.id);
      expect(result.madeFrom).toEqual([properties.sourceVirtualMachine.id, ...disks].map((one) => one.toLowerCase()));
    },
    wordless: {
      name: whereFrom,
      type: whereFrom,
      ...Object.fromEntries(
        ['osDisk', 'dataDisks[]'].flatMap((disk) =>
          ['diskSizeGB', 'caching', 'storageAccountType'].map((member) => [
            `properties.storageProfile.${disk}.${member}`,
            'the build machine has a disk of its own',
          ]),
        ),
      ),
      'properties.storageProfile.dataDisks[].lun': 'that there is another disk is enough',
    },
  },
  {
    operation: 'GalleryImageVersions_ListByGalleryImage',
    shape: `GET ${versions}`,
    says: (result: readonly GalleryVersion[], { value }: { value: readonly RecordedVersion[] }) => {
      expect(result).toHaveLength(value.length);
      for (const body of value) {
        const same = result.find(({ id }) => id === body.id);
        if (!same) throw new Error(`goldbot lost ${body.id}`);
        saysVersion(same, body);
      }
    },
    wordless: wordlessOfVersion('value[].'),
  },
  {
    operation: 'GalleryImageVersions_Get',
    shape: `GET ${versions}/*`,
    says: (result: GalleryVersion, body: RecordedVersion) => saysVersion(result, body),
    wordless: wordlessOfVersion(''),
  },
  { operation: 'GalleryImageVersions_Update', shape: `PATCH ${versions}/*` },
  {
    operation: 'GalleryImageVersions_CreateOrUpdate',
    shape: `PUT ${versions}/*`,
    // goldbot makes no version: Image Builder does.
    ours: ({ response }) => response.status === 200,
    refused: `PATCH ${versions}/*`,
    asks: (asked, recorded) => {
      const said = membersOf(asked);
      expect(membersOf(recorded).filter((member) => !said.includes(member))).toEqual([]);
      expect(said.filter((member) => /uri|storageAccountId|publishedDate|source\.id/.test(member))).toEqual([]);
    },
  },
  { operation: 'GalleryImageVersions_Delete', shape: `DELETE ${versions}/*` },
  // goldbot makes and deletes a definition of its own alone, which no tape has.
  { operation: 'GalleryImages_CreateOrUpdate', shape: `PUT ${definitions}/*`, ours: () => false },
  { operation: 'GalleryImages_Delete', shape: `DELETE ${definitions}/*`, ours: () => false },
  {
    operation: 'SoftDeletedResource_ListByArtifactName',
    shape: `GET ${inGroup}/Microsoft.Compute/galleries/*/softDeletedArtifactTypes/*/artifacts/*/versions`,
  },
];

/** `properties.publishingProfile.targetRegions.name`: which members there are, whatever their number and order. */
function membersOf(body: unknown, path: readonly string[] = []): readonly string[] {
  if (typeof body !== 'object' || body === null) return [path.join('.')];
  const inside = Object.entries(body).flatMap(([name, value]) =>
    membersOf(value, Array.isArray(body) ? path : [...path, name]),
  );
  return [...new Set(inside)];
}

interface RecordedTraits {
  readonly hyperVGeneration?: string;
  readonly architecture?: string;
  readonly features?: readonly { readonly name: string; readonly value: string }[];
}

interface RecordedImage {
  readonly name: string;
  readonly properties: RecordedTraits & {
    readonly imageDeprecationStatus: { readonly imageState: string };
    readonly osDiskImage: { readonly operatingSystem: string };
  };
}

interface RecordedDefinition {
  readonly name: string;
  readonly properties: RecordedTraits & { readonly osType: string; readonly osState: string };
}

function saysTraits(result: ImageTraits | undefined, recorded: RecordedTraits, os: string): void {
  const security = recorded.features?.find(({ name }) => name === 'SecurityType')?.value;
  expect(result).toMatchObject({
    os,
    generation: recorded.hyperVGeneration ?? 'V1',
    architecture: recorded.architecture ?? 'x64',
    ...(security !== undefined && { security }),
  });
}

function wordlessOfDefinition(at: string): Readonly<Record<string, string>> {
  return {
    [`${at}id`]: whereFrom,
    [`${at}location`]: whereFrom,
    [`${at}type`]: 'it is what was asked for',
    [`${at}properties.identifier`]: 'names that nobody builds or deploys by',
    [`${at}properties.provisioningState`]: 'a definition that cannot be used yet is refused by Image Builder',
  };
}

function saysDefinition(result: ImageDefinition | undefined, { name, properties }: RecordedDefinition): void {
  expect(result).toMatchObject({ name, state: properties.osState });
  saysTraits(result, properties, properties.osType);
}

interface RecordedManagedImage {
  readonly id: string;
  readonly location: string;
  readonly properties: {
    readonly sourceVirtualMachine: { readonly id: string };
    readonly storageProfile: {
      readonly osDisk: RecordedDisk & { readonly osType: string; readonly osState: string };
      readonly dataDisks: readonly RecordedDisk[];
    };
    readonly provisioningState: string;
    readonly hyperVGeneration: string;
  };
}

interface RecordedDisk {
  readonly managedDisk: { readonly id: string };
}

interface RecordedVersion {
  readonly id: string;
  readonly name: string;
  readonly tags?: Readonly<Record<string, string>>;
  readonly properties: {
    readonly provisioningState: string;
    readonly publishingProfile: {
      readonly targetRegions: readonly RecordedRegion[];
      readonly excludeFromLatest: boolean;
      readonly publishedDate: string;
      readonly endOfLifeDate?: string;
    };
    readonly safetyProfile: { readonly blockDeletionBeforeEndOfLife?: boolean };
    readonly replicationStatus?: {
      readonly summary: readonly { readonly region: string; readonly state: string; readonly progress: number }[];
    };
  };
}

interface RecordedRegion {
  readonly name: string;
  readonly regionalReplicaCount: number;
  readonly excludeFromLatest?: boolean;
}

function saysVersion(result: GalleryVersion, { id, name, tags = {}, properties }: RecordedVersion): void {
  const { publishingProfile: profile, safetyProfile, replicationStatus } = properties;
  expect([result.id, result.version, result.provisioningState]).toEqual([id, name, properties.provisioningState]);
  // .NET writes seven digits of a second; a JavaScript date keeps three.
  expect(result.createdAt?.getTime()).toBe(Date.parse(profile.publishedDate));
  expect(result.endOfLife?.getTime()).toBe(profile.endOfLifeDate && Date.parse(profile.endOfLifeDate));
  expect(result.excludedFromLatest).toBe(profile.excludeFromLatest);
  expect(result.blockDeletionBeforeEndOfLife).toBe(safetyProfile.blockDeletionBeforeEndOfLife ?? false);
  expect(result.regions).toHaveLength(profile.targetRegions.length);
  for (const region of profile.targetRegions) {
    const said = result.regions.find((r) => r.name === region.name);
    const status = replicationStatus?.summary.find((s) => s.region === region.name);
    expect(said?.replicas).toBe(region.regionalReplicaCount);
    expect(said?.excludedFromLatest).toBe(region.excludeFromLatest ?? false);
    expect([said?.state, said?.progress]).toEqual([status?.state ?? 'Unknown', status?.progress ?? 0]);
  }
  expect(result.tags).toEqual(Object.fromEntries(Object.keys(tags).map((tag) => [tag, tags[tag]])));
}

function wordlessOfVersion(at: string): Record<string, string> {
  return {
    [`${at}location`]: 'a version is in the region of its gallery; where it is used, its regions say',
    [`${at}type`]: 'goldbot asked for a version',
    [`${at}properties.publishingProfile.replicaCount`]: 'each region has its own count',
    [`${at}properties.publishingProfile.storageAccountType`]: 'each region has its own, and goldbot never changes it',
    [`${at}properties.publishingProfile.targetRegions[].encryption`]: 'goldbot makes none, and leaves what is there',
    [`${at}properties.publishingProfile.targetRegions[].storageAccountType`]: 'goldbot never changes it',
    [`${at}properties.safetyProfile.allowDeletionOfReplicatedLocations`]: 'goldbot never changes it',
    [`${at}properties.safetyProfile.reportedForPolicyViolation`]: 'about images that are shared with everybody',
    [`${at}properties.storageProfile`]: 'Image Builder wrote it',
  };
}

interface RecordedGallery {
  readonly properties: {
    readonly identifier: { readonly uniqueName: string };
    readonly sharingProfile?: {
      readonly permissions?: string;
      readonly groups?: readonly { readonly ids: readonly string[] }[];
    };
  };
}

interface RecordedSharing {
  readonly operationType: string;
  readonly groups: readonly { readonly type: string; readonly ids: readonly string[] }[];
}
