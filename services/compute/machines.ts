import type { Disk, VirtualMachine } from '@azure/arm-compute';
import type { AzureRead, MachineFacts } from '../../core/azure';
import { parseAzureId } from '../../core/azure-id';
import { type ReadContext, unlessMissing } from '../azure';
import { queries, whole } from '../resource-graph';

/** Of machines that share a name, so many are looked at in detail. */
const mostAtOnce = 10;

export function machineRead(azure: ReadContext): Pick<AzureRead, 'machines'> {
  return {
    /**
     * What a virtual machine says about its image, and what its OS disk says. By name in every subscription that goldbot
     * can see (several when the name is not unique, ten at the most), or by resource id. Empty when there is none.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see POST /providers/Microsoft.ResourceGraph/resources, GET …/virtualMachines/{name}?$expand=instanceView, GET …/disks/{disk}
     */
    machines: (nameOrId) =>
      azure.ask(`asking about the machine \`${nameOrId}\``, async () => {
        const ids = nameOrId.startsWith('/') ? [nameOrId] : await whole(azure, queries.machinesNamed(nameOrId));
        const found = await Promise.all(ids.slice(0, mostAtOnce).map((id) => factsOf(azure, id)));
        return found.filter((facts) => facts !== undefined);
      }),
  };
}

async function factsOf(azure: ReadContext, id: string): Promise<MachineFacts | undefined> {
  const at = parseAzureId(id);
  if (!at?.isA('Microsoft.Compute/virtualMachines')) return undefined;
  const { virtualMachines } = azure.compute(at.subscription);
  const vm = await unlessMissing(virtualMachines.get(at.resourceGroup, at.name, { expand: 'instanceView' }));
  if (!vm) return undefined;
  const disk = await diskOf(azure, vm);
  const diskReference = disk && createdFrom(disk);
  const { osName, osVersion } = vm.instanceView ?? {};
  const team = vm.tags?.['team'];
  return {
    id: vm.id ?? id,
    name: vm.name ?? at.name,
    location: vm.location,
    imageReference: imageOf(vm),
    ...(team && { team }),
    ...(diskReference && { diskReference }),
    ...(osName && { osName }),
    ...(osVersion && { osVersion }),
  };
}

async function diskOf(azure: ReadContext, vm: VirtualMachine): Promise<Disk | undefined> {
  const at = parseAzureId(vm.storageProfile?.osDisk?.managedDisk?.id ?? '');
  if (!at?.isA('Microsoft.Compute/disks')) return undefined;
  const { disks } = azure.compute(at.subscription);
  return unlessMissing(disks.get(at.resourceGroup, at.name));
}

/** A gallery version id, or `Publisher:Offer:Sku:version`; empty when the machine was made from a disk. */
function imageOf(vm: VirtualMachine): string {
  const ref = vm.storageProfile?.imageReference;
  if (!ref) return '';
  const id = ref.id ?? ref.sharedGalleryImageId ?? ref.communityGalleryImageId;
  if (!id) return [ref.publisher, ref.offer, ref.sku, ref.exactVersion ?? ref.version].join(':');
  // A machine made from "the latest of" a definition names the definition and, apart, what that was.
  return /\/versions\//i.test(id) || !ref.exactVersion ? id : `${id}/versions/${ref.exactVersion}`;
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
