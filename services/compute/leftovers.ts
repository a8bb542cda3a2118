import type { AzureRead, BuildPlace, ImageRef, Leftover } from '../../core/azure';
import { versionTags } from '../../core/images';
import { type ReadContext, unlessMissing } from '../azure';

interface Tagged {
  readonly id?: string;
  readonly name?: string;
  readonly tags?: Record<string, string>;
}

export function leftoverRead(azure: ReadContext): Pick<AzureRead, 'leftovers'> {
  return {
    /**
     * Templates and machines of the build resource group and versions of the image that carry a run's id and were never
     * published. Read from the providers themselves: Resource Graph is minutes behind.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET …/imageTemplates, GET …/virtualMachines, GET …/images/{definition}/versions
     */
    leftovers: (place, image) =>
      azure.ask(`looking for what runs left in ${place.resourceGroup}`, async () => {
        const found = await Promise.all([templates(azure, place), machines(azure, place), candidates(azure, image)]);
        return found.flat();
      }),
  };
}

async function templates(azure: ReadContext, { subscription, resourceGroup }: BuildPlace): Promise<Leftover[]> {
  const { virtualMachineImageTemplates } = azure.imageBuilder(subscription);
  const found = await all(virtualMachineImageTemplates.listByResourceGroup(resourceGroup));
  return found.flatMap((template) => leftover('template', template, template.name));
}

async function machines(azure: ReadContext, { subscription, resourceGroup }: BuildPlace): Promise<Leftover[]> {
  const found = await all(azure.compute(subscription).virtualMachines.list(resourceGroup));
  return found.flatMap((vm) => leftover('machine', vm, vm.name));
}

/** Published versions keep their run's tag for good, and are no leftovers. */
async function candidates(azure: ReadContext, image: ImageRef): Promise<Leftover[]> {
  const { galleryImageVersions } = azure.compute(image.subscription);
  const pages = galleryImageVersions.listByGalleryImage(image.resourceGroup, image.gallery, image.definition);
  const unpublished = (await all(pages)).filter(
    ({ publishingProfile, tags }) =>
      publishingProfile?.excludeFromLatest === true && tags?.[versionTags.published] === undefined,
  );
  return unpublished.flatMap((v) => leftover('version', v, `${image.definition}@${v.name}`));
}

function leftover(kind: Leftover['kind'], { id = '', tags }: Tagged, name = ''): Leftover[] {
  const runId = tags?.[versionTags.run];
  return runId ? [{ id, kind, runId, name }] : [];
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
