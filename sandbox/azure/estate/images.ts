import { createHash } from 'node:crypto';
import { type JsonObject, object, type Resource } from '../compute/resource';
import { resolveImage } from '../marketplace/catalogue';
import { location } from '../names';
import { day, galleryRef } from './shape';

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

/** The gallery, its definitions and versions, as they are when the world starts. */
export function galleryResources(startMs: number): Resource[] {
  const [subscription, gallery] = [galleryRef.split('/')[2], galleryRef.split('/').at(-1) ?? ''];
  const uniqueName = `${subscription}-${gallery.toUpperCase()}`;
  return [
    {
      id: galleryRef,
      name: gallery,
      type: 'Microsoft.Compute/galleries',
      location,
      tags: { purpose: 'golden images' },
      properties: {
        description: 'Golden images of the enterprise',
        // Made for direct sharing, which a gallery is or never becomes.
        sharingProfile: { permissions: 'Groups' },
        identifier: { uniqueName },
        provisioningState: 'Succeeded',
      },
    },
    ...goldImages.flatMap((image) => [
      definition(image),
      ...image.versions.map((version) => versionResource(image, version, startMs)),
    ]),
  ];
}

function definition(image: GoldImage): Resource {
  return {
    id: imageRef(image.name),
    name: image.name,
    type: 'Microsoft.Compute/galleries/images',
    location,
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

function versionResource(image: GoldImage, version: GoldVersion, startMs: number): Resource {
  const publishedDate = new Date(startMs - version.age * day).toISOString();
  const targetRegions = [
    ['West Europe', 3],
    ['North Europe', 2],
    ['East US', 2],
  ] as const;
  return {
    id: versionRef(image.name, version.version),
    name: version.version,
    type: 'Microsoft.Compute/galleries/images/versions',
    location,
    tags: versionTags(image, version, startMs),
    properties: {
      publishingProfile: {
        targetRegions: targetRegions.map(
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
