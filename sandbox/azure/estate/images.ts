import { createHash } from 'node:crypto';
import { type JsonObject, object, type Resource } from '../compute/resource';
import { resolveImage } from '../marketplace/catalogue';
import { location, secondGallery } from '../names';
import { day, galleryRef, secondGalleryRef } from './shape';

/** The tattoo's tags on a version, and the keys of the file /etc/goldbot/tattoo in its guest. */
const tattooTags = ['schema', 'image', 'version', 'source', 'os', 'built', 'published', 'run', 'recipe'] as const;
const tattooKeys = ['schema', 'image', 'version', 'source', 'os', 'built', 'run', 'recipe'] as const;

interface GoldImage {
  readonly name: string;
  readonly osType: 'Linux' | 'Windows';
  readonly os: string;
  readonly publisher: string;
  readonly offer: string;
  readonly sku: string;
  readonly sizeInGB: number;
  readonly versions: readonly GoldVersion[];
}

interface GoldVersion {
  readonly version: string;
  /** Days before the world's start. */
  readonly age: number;
  /** Days after the world's start; negative when it is over. */
  readonly endOfLife: number;
  readonly run: string;
  readonly replacedBy?: string;
  readonly excluded?: boolean;
}

export const goldImages: readonly GoldImage[] = [
  {
    name: 'ubuntu-22',
    osType: 'Linux',
    os: 'Ubuntu 22.04.5 LTS',
    publisher: 'Canonical',
    offer: '0001-com-ubuntu-server-jammy',
    sku: '22_04-lts-gen2',
    sizeInGB: 30,
    versions: [
      { version: '1.3.0', age: 190, endOfLife: -10, run: 'R-4WK2M', replacedBy: '1.4.1', excluded: true },
      { version: '1.4.1', age: 96, endOfLife: 84, run: 'R-9TQ7B', replacedBy: '1.5.0' },
      { version: '1.5.0', age: 33, endOfLife: 147, run: 'R-C3XHN' },
    ],
  },
  {
    name: 'windows-2022',
    osType: 'Windows',
    os: 'Windows Server 2022 Datacenter Azure Edition',
    publisher: 'MicrosoftWindowsServer',
    offer: 'WindowsServer',
    sku: '2022-datacenter-azure-edition',
    sizeInGB: 127,
    versions: [
      { version: '1.1.0', age: 158, endOfLife: 22, run: 'R-M6DYR', replacedBy: '1.2.0' },
      { version: '1.2.0', age: 61, endOfLife: 119, run: 'R-Z8FPJ' },
    ],
  },
];

/** A marketplace image that nobody has made a golden one from. */
export const focal: Omit<GoldImage, 'os' | 'versions'> = {
  ...{ name: 'ubuntu-20', osType: 'Linux', publisher: 'Canonical' },
  ...{ offer: '0001-com-ubuntu-server-focal', sku: '20_04-lts-gen2', sizeInGB: 30 },
};

type MarketplaceNames = Pick<GoldImage, 'publisher' | 'offer' | 'sku'>;

export const imageRef = (image: string): string => `${galleryRef}/images/${image}`;
export const versionRef = (image: string, version: string): string => `${imageRef(image)}/versions/${version}`;

/** The marketplace version that was newest `age` days before the start, in the publisher's own numbering. */
export function marketplaceVersion(image: MarketplaceNames, startMs: number, age: number): string {
  const { publisher, offer, sku } = image;
  const found = resolveImage({ publisher, offer, sku, version: 'latest' }, startMs - age * day);
  if (!found) throw new Error(`sandbox: the marketplace has no ${publisher} ${offer} ${sku}`);
  return found.image.version;
}

/** Where a gallery is, and where its versions have how many copies. */
interface Home {
  readonly ref: string;
  readonly location: string;
  readonly regions: readonly (readonly [region: string, replicas: number])[];
}

const everywhere = [
  ['West Europe', 3],
  ['North Europe', 2],
  ['East US', 2],
] as const;
const first: Home = { ref: galleryRef, location, regions: everywhere };
const second: Home = { ref: secondGalleryRef, location: secondGallery.location, regions: everywhere };

/** The gallery, its definitions and versions, as they are when the world starts. */
export function galleryResources(startMs: number): Resource[] {
  return [
    galleryOf(first, {
      description: 'Golden images of the enterprise',
      // Made for direct sharing, which a gallery is or never becomes.
      sharingProfile: { permissions: 'Groups' },
    }),
    ...goldImages.flatMap((image) => [
      definition(image, first),
      ...image.versions.map((version) => versionResource(image, version, { startMs, home: first })),
    ]),
  ];
}

/**
 * The gallery for disaster recovery, as it is where people fill it by hand: the newest version was forgotten, another has no
 * copy in one region and the end of its life was not moved with it, and one stayed that the first gallery has no more.
 */
export function secondGalleryResources(startMs: number): Resource[] {
  const [ubuntu, windows] = goldImages;
  if (!ubuntu || !windows) throw new Error('sandbox: the estate has two golden images');
  const copies: readonly (readonly [GoldImage, GoldVersion, Home['regions']])[] = [
    [ubuntu, { version: '1.2.0', age: 290, endOfLife: 30, run: 'R-2HG5T' }, everywhere],
    ...ubuntu.versions.slice(0, -1).map((version) => [ubuntu, version, everywhere] as const),
    ...windows.versions.map((version) => [windows, { ...version, endOfLife: 119 }, everywhere.slice(0, 2)] as const),
  ];
  return [
    galleryOf(second, { description: 'Copies of the golden images, for disaster recovery' }),
    ...goldImages.map((image) => definition(image, second)),
    ...copies.map(([image, version, regions]) =>
      versionResource(image, version, { startMs, home: { ...second, regions } }),
    ),
  ];
}

function galleryOf({ ref, location: where }: Home, properties: JsonObject): Resource {
  const [subscription, name] = [ref.split('/')[2], ref.split('/').at(-1) ?? ''];
  return {
    ...{ id: ref, name, type: 'Microsoft.Compute/galleries', location: where },
    tags: { purpose: 'golden images' },
    properties: {
      ...properties,
      identifier: { uniqueName: `${subscription}-${name.toUpperCase()}` },
      provisioningState: 'Succeeded',
    },
  };
}

function definition(image: GoldImage, { ref, location: where }: Home): Resource {
  return {
    id: `${ref}/images/${image.name}`,
    name: image.name,
    type: 'Microsoft.Compute/galleries/images',
    location: where,
    tags: {},
    properties: {
      hyperVGeneration: 'V2',
      architecture: 'x64',
      features: [{ name: 'SecurityType', value: 'TrustedLaunchSupported' }],
      osType: image.osType,
      osState: 'Generalized',
      identifier: { publisher: 'contoso', offer: 'gold', sku: image.name },
      recommended: { vCPUs: { min: 1, max: 64 }, memory: { min: 1, max: 512 } },
      provisioningState: 'Succeeded',
    },
  };
}

function versionResource(
  image: GoldImage,
  version: GoldVersion,
  { startMs, home }: { readonly startMs: number; readonly home: Home },
): Resource {
  const publishedDate = new Date(startMs - version.age * day).toISOString();
  return {
    id: `${home.ref}/images/${image.name}/versions/${version.version}`,
    name: version.version,
    type: 'Microsoft.Compute/galleries/images/versions',
    location: home.location,
    tags: versionTags(image, version, startMs),
    properties: {
      publishingProfile: {
        targetRegions: home.regions.map(
          ([name, regionalReplicaCount]): JsonObject => ({
            name,
            regionalReplicaCount,
            storageAccountType: 'Standard_LRS',
          }),
        ),
        replicaCount: 1,
        excludeFromLatest: version.excluded === true,
        publishedDate,
        endOfLifeDate: new Date(startMs + version.endOfLife * day).toISOString(),
        storageAccountType: 'Standard_LRS',
      },
      storageProfile: { osDiskImage: { sizeInGB: image.sizeInGB, hostCaching: 'ReadWrite', source: {} } },
      safetyProfile: {
        reportedForPolicyViolation: false,
        allowDeletionOfReplicatedLocations: false,
        blockDeletionBeforeEndOfLife: true,
      },
      provisioningState: 'Succeeded',
    },
  };
}

function versionTags(image: GoldImage, version: GoldVersion, startMs: number): Record<string, string> {
  const { publisher, offer, sku } = image;
  const source = marketplaceVersion(image, startMs, version.age + 1);
  const tattoo = {
    schema: '1',
    image: image.name,
    version: version.version,
    source: `${publisher}:${offer}:${sku}:${source}`,
    os: image.os,
    built: new Date(startMs - version.age * day - 5 * 3_600_000).toISOString(),
    published: new Date(startMs - version.age * day).toISOString(),
    run: version.run,
    recipe: createHash('sha256').update(`${image.name} ${version.version}`).digest('hex'),
  };
  const tags = Object.fromEntries(tattooTags.map((name) => [`goldbot-${name}`, tattoo[name]]));
  tags['goldbot-tattoo-sha256'] = createHash('sha256').update(tattooFile(tags)).digest('hex');
  if (version.replacedBy) Object.assign(tags, { 'goldbot-state': 'aged', 'goldbot-replaced-by': version.replacedBy });
  tags['VMImageBuilderSource'] = `PlatformImage ${publisher}::${offer}::${sku}::latest (${source})`;
  return tags;
}

/** The content of /etc/goldbot/tattoo, from the tags that mirror it. */
export function tattooFile(tags: Readonly<Record<string, string>>): string {
  return tattooKeys.map((name) => `${name}=${tags[`goldbot-${name}`] ?? ''}\n`).join('');
}

/** The tags of a version that carry a tattoo, or nothing when it has none. */
export function tattooOf(version: Resource | undefined): Readonly<Record<string, string>> | undefined {
  const tags = version?.tags;
  return tags && object(tags)['goldbot-version'] ? tags : undefined;
}
