import type { Image, ImageDisk } from '@azure/arm-compute';
import type { AzureRead, ManagedImage } from '../../core/azure';
import { azureId, nameOfId, regionKey } from '../../core/azure-id';
import { type ReadContext, unlessMissing } from '../azure';

export function managedImageRead(azure: ReadContext): Pick<AzureRead, 'managedImage'> {
  return {
    /**
     * A managed image; undefined when there is none.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET …/providers/Microsoft.Compute/images/{image}
     */
    managedImage: (id) =>
      azure.ask(`asking about the managed image “${nameOfId(id)}”`, async () => {
        const { subscription, resourceGroup, name } = azureId(id);
        const found = await unlessMissing(azure.compute(subscription).images.get(resourceGroup, name));
        return found && managedImageOf(id, found);
      }),
  };
}

export function managedImageOf(id: string, found: Image): ManagedImage {
  const { osDisk, dataDisks = [] } = found.storageProfile ?? {};
  const disks = [...(osDisk ? [osDisk] : []), ...dataDisks];
  const tags = Object.entries(found.tags ?? {}).filter(([name]) => builderTags.test(name));
  const madeFrom = [
    found.sourceVirtualMachine?.id?.toLowerCase(),
    ...disks.map(sourceOf),
    ...tags.map(([name, value]) => `${name.toLowerCase()}=${value}`),
  ];
  return {
    id,
    location: regionKey(found.location),
    os: osDisk?.osType === 'Windows' ? 'Windows' : 'Linux',
    generation: found.hyperVGeneration === 'V2' ? 'V2' : 'V1',
    state: osDisk?.osState === 'Specialized' ? 'Specialized' : 'Generalized',
    provisioningState: found.provisioningState ?? 'Creating',
    madeFrom: madeFrom.filter((source) => source !== undefined),
  };
}

/** Image Builder's own; each run has another. */
const builderTags = /^(VMImageBuilderSource|correlationId)$/i;

function sourceOf({ managedDisk, snapshot, blobUri }: ImageDisk): string | undefined {
  return managedDisk?.id?.toLowerCase() ?? snapshot?.id?.toLowerCase() ?? blobUri?.split('?')[0];
}
