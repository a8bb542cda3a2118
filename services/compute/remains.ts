import type { GalleryImageVersion } from '@azure/arm-compute';
import type { BuildPlace, ImageRef } from '../../core/azure';
import { isHiddenCopy, versionTags } from '../../core/images';
import { isHiddenRemain, type Remain, type RemainsRead } from '../../core/leftovers';
import { armList, type Fields, fieldsOf, type ReadContext, textOf, unlessMissing } from '../azure';

/** Image Builder's own mark on the groups that it makes. */
const madeByImageBuilder = "tagName eq 'createdBy' and tagValue eq 'AzureVMImageBuilder'";

export function remainsRead(azure: ReadContext): RemainsRead {
  return {
    /**
     * Templates and machines of the build resource group, candidates and hidden copies of the images, and the groups of the subscription
     * that Image Builder made for builds in it, whoever asked for them. From the providers themselves: Resource Graph is
     * minutes behind. One call each, and one an image.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET …/imageTemplates, GET …/virtualMachines, GET …/versions, GET /subscriptions/{id}/resourcegroups
     */
    remains: (place, images) =>
      azure.ask(`looking for what builds left in ${place.resourceGroup}`, async () => {
        const found = await Promise.all([
          templates(azure, place),
          machines(azure, place),
          stagingGroups(azure, place),
          ...images.map((image) => candidates(azure, image)),
        ]);
        return found.flat();
      }),
  };
}

interface Tagged {
  readonly id?: string;
  readonly name?: string;
  readonly location?: string;
  readonly tags?: Record<string, string>;
}

function remain(kind: Remain['kind'], { id = '', name = '', location = '', tags }: Tagged): Remain {
  const runId = tags?.[kind === 'copy' ? versionTags.copiedBy : versionTags.run];
  return { id, kind, name, location, ...(runId !== undefined && { runId }) };
}

async function templates(azure: ReadContext, { subscription, resourceGroup }: BuildPlace): Promise<Remain[]> {
  const { virtualMachineImageTemplates } = azure.imageBuilder(subscription);
  const found = await all(virtualMachineImageTemplates.listByResourceGroup(resourceGroup));
  return found.map((one) => {
    const madeAt = one.systemData?.createdAt;
    return { ...remain('template', one), ...(madeAt && { madeAt }) };
  });
}

async function machines(azure: ReadContext, { subscription, resourceGroup }: BuildPlace): Promise<Remain[]> {
  const found = await all(azure.compute(subscription).virtualMachines.list(resourceGroup));
  return found.map((vm) => {
    const vmSize = vm.hardwareProfile?.vmSize;
    const os = vm.storageProfile?.osDisk?.osType;
    return {
      ...remain('machine', vm),
      ...(vm.timeCreated && { madeAt: vm.timeCreated }),
      ...(vmSize !== undefined && { vmSize }),
      ...((os === 'Linux' || os === 'Windows') && { os }),
    };
  });
}

/** Hidden from latest and never published, or copied; what has no run's tag is somebody else's version. */
async function candidates(azure: ReadContext, image: ImageRef): Promise<Remain[]> {
  const { galleryImageVersions } = azure.compute(image.subscription);
  const pages = galleryImageVersions.listByGalleryImage(image.resourceGroup, image.gallery, image.definition);
  return (await all(pages)).flatMap((version) => {
    const { publishingProfile, tags = {} } = version;
    const flags = { excludedFromLatest: publishingProfile?.excludeFromLatest === true, tags };
    if (isHiddenCopy(flags)) return [candidate('copy', version, image)];
    const isLeft = isHiddenRemain(flags) && tags[versionTags.run] !== undefined;
    return isLeft ? [candidate('candidate', version, image)] : [];
  });
}

function candidate(kind: 'candidate' | 'copy', version: GalleryImageVersion, image: ImageRef): Remain {
  const { publishedDate, targetRegions = [], replicaCount = 1, storageAccountType } = version.publishingProfile ?? {};
  const gib = version.storageProfile?.osDiskImage?.sizeInGB;
  const copies = targetRegions.reduce((sum, { regionalReplicaCount = replicaCount }) => sum + regionalReplicaCount, 0);
  const storage = targetRegions[0]?.storageAccountType ?? storageAccountType;
  return {
    ...remain(kind, version),
    name: `${image.definition}@${version.name}`,
    image,
    copies,
    ...(publishedDate && { madeAt: publishedDate }),
    ...(gib !== undefined && { gib }),
    ...(storage !== undefined && { storage }),
  };
}

/** Those of builds in this group: another team's builds leave groups in the same subscription. */
async function stagingGroups(azure: ReadContext, { subscription, resourceGroup }: BuildPlace): Promise<Remain[]> {
  const path = `/subscriptions/${subscription}/resourcegroups`;
  const query = `$filter=${encodeURIComponent(madeByImageBuilder)}`;
  const groups = await armList(azure, { path, version: '2021-04-01', query });
  return groups.flatMap((group) => stagingGroup(group, resourceGroup));
}

function stagingGroup({ id, name, location, tags: given }: Fields, resourceGroup: string): Remain[] {
  const tags = fieldsOf(given) as Record<string, string>;
  const of = tags['imageTemplateResourceGroupName'];
  if (of?.toLowerCase() !== resourceGroup.toLowerCase()) return [];
  const template = tags['imageTemplateName'];
  const group = { id: textOf(id) ?? '', name: textOf(name) ?? '', location: textOf(location) ?? '', tags };
  return [{ ...remain('staging group', group), ...(template !== undefined && { template }) }];
}

/** Every page; nothing when the resource group or the definition does not exist. */
async function all<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const read = async () => {
    const found: T[] = [];
    for await (const item of pages) found.push(item);
    return found;
  };
  return (await unlessMissing(read())) ?? [];
}
