import type { Disk, VirtualMachine } from '@azure/arm-compute';
import type { AzureRead, AzureWrite, MachineFacts } from '../../core/azure';
import { type AzureId, nameOfId, parseAzureId, sameId } from '../../core/azure-id';
import { arm, fieldsOf, type ReadContext, unlessMissing, type WriteContext } from '../azure';
import { queries, whole } from '../resource-graph';

/** How many machines of the same name are read in detail. */
const mostAtOnce = 10;
/** API version of Microsoft.Resources/tags. */
const tagsVersion = '2025-04-01';
const tagsAt = (id: string): string => `${id}/providers/Microsoft.Resources/tags/default`;

export function machineRead(azure: ReadContext): Pick<AzureRead, 'machines' | 'tagsOf'> {
  return {
    /**
     * What a machine says about its image, and what its OS disk says. A VM by name in every subscription that goldbot
     * can see (several when the name is not unique, at most ten), or a VM, an instance of a uniform scale set or an Arc
     * machine by resource id. Empty when there is none.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see POST /providers/Microsoft.ResourceGraph/resources, GET …/virtualMachines/{name}?$expand=instanceView, GET
     * …/virtualMachineScaleSets/{set}/virtualMachines/{instance}?$expand=instanceView, GET …/disks/{disk}
     */
    machines: (nameOrId) =>
      azure.ask(`asking about the machine “${nameOfId(nameOrId)}”`, async () => {
        const ids = nameOrId.startsWith('/') ? [nameOrId] : await whole(azure, queries.machinesNamed(nameOrId));
        const found = await Promise.all(ids.slice(0, mostAtOnce).map((id) => factsOf(azure, id)));
        return found.filter((facts) => facts !== undefined);
      }),

    /**
     * Tags of a VM, a scale set or an Arc machine by its resource id; undefined when it is gone.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET {id}/providers/Microsoft.Resources/tags/default
     */
    tagsOf: (id) =>
      azure.ask(`reading the tags of “${nameOfId(id)}”`, async () => {
        const found = await unlessMissing(arm(azure, { method: 'GET', path: tagsAt(id), version: tagsVersion }));
        return found && tagsIn(found.body);
      }),
  };
}

export function machineWrite(azure: WriteContext): Pick<AzureWrite, 'mergeTags'> {
  return { mergeTags: (id, tags) => mergeTags(azure, id, tags) };
}

async function factsOf(azure: ReadContext, id: string): Promise<MachineFacts | undefined> {
  const at = parseAzureId(id);
  if (at?.isA('Microsoft.HybridCompute/machines')) return arcFacts(azure, at);
  const vm = at && (await ofCompute(azure, at));
  if (!vm) return undefined;
  const disk = await diskOf(azure, vm);
  const diskReference = disk && createdFrom(disk);
  const { osName, osVersion } = vm.instanceView ?? {};
  return {
    id: vm.id ?? id,
    name: vm.name ?? at.name,
    location: vm.location,
    os: vm.storageProfile?.osDisk?.osType === 'Windows' ? 'Windows' : 'Linux',
    imageReference: imageOf(vm),
    ...(diskReference && { diskReference }),
    ...(osName && { osName }),
    ...(osVersion && { osVersion }),
  };
}

/** What a VM and an instance of a uniform scale set have in common. */
type ComputeMachine = Pick<VirtualMachine, 'id' | 'name' | 'location' | 'storageProfile'> & {
  readonly instanceView?: { readonly osName?: string; readonly osVersion?: string };
};

async function ofCompute(azure: ReadContext, at: AzureId): Promise<ComputeMachine | undefined> {
  const { virtualMachines, virtualMachineScaleSetVMs: instances } = azure.compute(at.subscription);
  const options = { expand: 'instanceView' } as const;
  if (at.isA('Microsoft.Compute/virtualMachines')) {
    return unlessMissing(virtualMachines.get(at.resourceGroup, at.name, options));
  }
  if (!at.isA('Microsoft.Compute/virtualMachineScaleSets/virtualMachines')) return undefined;
  return unlessMissing(instances.get(at.resourceGroup, nameOfId(at.parent ?? ''), at.name, options));
}

/** Azure did not make it: it has no image, and no disk that Azure knows. */
async function arcFacts(azure: ReadContext, { text }: AzureId): Promise<MachineFacts | undefined> {
  const [found] = await whole(azure, queries.arcMachine(text));
  return found && { ...found, imageReference: '' };
}

async function diskOf(azure: ReadContext, vm: ComputeMachine): Promise<Disk | undefined> {
  const at = parseAzureId(vm.storageProfile?.osDisk?.managedDisk?.id ?? '');
  if (!at?.isA('Microsoft.Compute/disks')) return undefined;
  const { disks } = azure.compute(at.subscription);
  return unlessMissing(disks.get(at.resourceGroup, at.name));
}

/** A gallery version id, or `Publisher:Offer:Sku:version`; empty when the machine was made from a disk. */
function imageOf(vm: ComputeMachine): string {
  const ref = vm.storageProfile?.imageReference;
  if (!ref) return '';
  const id = ref.id ?? ref.sharedGalleryImageId ?? ref.communityGalleryImageId;
  if (!id) return [ref.publisher, ref.offer, ref.sku, ref.exactVersion ?? ref.version].join(':');
  // A machine created from the latest version names the definition, or `latest`, and, separately, that version.
  const [definition, version = 'latest'] = id.split(/\/versions\//i);
  return sameId(version, 'latest') && ref.exactVersion ? `${definition}/versions/${ref.exactVersion}` : id;
}

function createdFrom({ creationData }: Disk): string | undefined {
  const gallery = creationData?.galleryImageReference;
  const fromGallery = gallery?.id ?? gallery?.sharedGalleryImageId ?? gallery?.communityGalleryImageId;
  if (fromGallery) return fromGallery;
  const platform = creationData?.imageReference?.id;
  if (!platform) return undefined;
  const parts = /\/publishers\/([^/]+)\/artifacttypes\/vmimage\/offers\/([^/]+)\/skus\/([^/]+)\/versions\/([^/]+)/i;
  return parts.exec(platform)?.slice(1).join(':') ?? platform;
}

/**
 * Sets these tags and keeps all others: Azure merges, so people who tag at the same time do not lose each other's tags.
 * Safe to repeat. Needs only `Microsoft.Resources/tags/write`, no right to change the machine.
 *
 * @throws UserError `AZ_NOT_FOUND` (it is gone), `AZ_BAD_REQUEST` (more than 50 tags), `AZ_CONFLICT` (a lock, or Azure
 * is working on it), `AZ_POLICY`, `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_SILENT`, `FENCED`.
 * @see PATCH {id}/providers/Microsoft.Resources/tags/default (operation Merge)
 */
function mergeTags(azure: WriteContext, id: string, tags: Readonly<Record<string, string>>): Promise<void> {
  return azure.change(`tagging “${nameOfId(id)}”`, async () => {
    const body = { operation: 'Merge', properties: { tags: { ...tags } } };
    // 202 while Azure hands it to the machine's own provider; the next read sees it.
    await arm(azure, { method: 'PATCH', path: tagsAt(id), version: tagsVersion, body });
  });
}

function tagsIn(body: unknown): Readonly<Record<string, string>> {
  const { tags } = fieldsOf(fieldsOf(body)['properties']);
  return Object.fromEntries(Object.entries(fieldsOf(tags)).map(([name, value]) => [name, String(value)]));
}
