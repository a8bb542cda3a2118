import type { GalleryVersion, ImageDefinition, ImageRef, InventoryRead, ManagedImage } from '../azure';
import { definitionId, regionKey } from '../azure-id';
import type { ImageSource } from '../catalogue';
import { grouped } from '../collections';
import type { ListedVersion } from '../compliance';
import type { BaseRead } from './bases';

/** What Resource Graph has of sources, by lower-case id. */
interface Listed {
  readonly definitions: ReadonlyMap<string, ImageDefinition>;
  readonly managed: ReadonlyMap<string, ManagedImage>;
  readonly versions: ReadonlyMap<string, readonly ListedVersion[]>;
}

export type TogetherRead = BaseRead & Pick<InventoryRead, 'imageSources' | 'publishedVersions'>;

/**
 * The same reads for somebody who looks at many sources: galleries and managed images are asked about in two questions for
 * all of them, when the first of them is wanted. Resource Graph is minutes behind: for figures with a time, not before a
 * write. What it does not have, or is still being made, is asked about singly: it is new, gone, or not to be seen.
 */
export function basesTogether(read: TogetherRead, sources: Iterable<ImageSource>): BaseRead {
  const all = [...sources];
  let asked: Promise<Listed> | undefined;
  const listed = () => {
    // An error is told to whoever waits for it; whoever comes next asks again.
    asked ??= ask(read, all).catch((error) => {
      asked = undefined;
      throw error;
    });
    return asked;
  };
  const ofImage = async (image: ImageRef) => {
    const id = definitionId(image).toLowerCase();
    const { definitions, versions } = await listed();
    const definition = definitions.get(id);
    return definition && { definition, versions: versions.get(id) ?? [] };
  };
  return {
    marketplaceVersions: read.marketplaceVersions,
    marketplaceVersion: read.marketplaceVersion,
    definition: async (image) => (await ofImage(image))?.definition ?? read.definition(image),
    versions: async (image) => (await ofImage(image))?.versions.map(versionOf) ?? read.versions(image),
    version: async (image, version) => {
      const found = (await ofImage(image))?.versions.find((one) => one.version === version);
      return found?.provisioningState === 'Succeeded' ? versionOf(found) : read.version(image, version);
    },
    managedImage: async (id) => (await listed()).managed.get(id.toLowerCase()) ?? read.managedImage(id),
  };
}

async function ask(read: TogetherRead, sources: readonly ImageSource[]): Promise<Listed> {
  const images = new Map(
    sources.flatMap((one) =>
      one.kind === 'imageVersion' ? [[definitionId(one.image).toLowerCase(), one.image] as const] : [],
    ),
  );
  const ids = sources.flatMap((one) => (one.kind === 'managedImage' ? [one.id.toLowerCase()] : []));
  const [found, { rows, partial }] = await Promise.all([
    read.imageSources([...new Set([...images.keys(), ...ids])].sort()),
    read.publishedVersions([...images.values()]),
  ]);
  return {
    // A list that lacks some versions is no list: then each image is asked about.
    definitions: partial
      ? new Map()
      : new Map(found.flatMap(({ id, definition }) => (definition ? [[id, definition]] : []))),
    managed: new Map(found.flatMap(({ id, managed }) => (managed ? [[id, managed]] : []))),
    versions: grouped(rows, ({ source }) => source),
  };
}

/** What has succeeded has all its copies; of anything else the list does not tell how far they are. */
function versionOf({ regions, copies, source, ...row }: ListedVersion): GalleryVersion {
  const isThere = row.provisioningState === 'Succeeded';
  return {
    ...row,
    id: `${source}/versions/${row.version}`,
    image: source.split('/').at(-1) ?? '',
    blockDeletionBeforeEndOfLife: false,
    regions: copies.map((copy) => ({
      ...copy,
      state: isThere ? 'Completed' : 'Unknown',
      progress: isThere ? 100 : 0,
      excludedFromLatest: isThere && !regions.includes(regionKey(copy.name)),
    })),
  };
}
