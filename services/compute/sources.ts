import type { Image } from '@azure/arm-compute';
import type { InventoryRead } from '../../core/azure';
import type { ReadContext } from '../azure';
import { queries, type SourceRow, whole } from '../resource-graph';
import { definitionOf } from './definitions';
import { managedImageOf } from './managed-images';

export function sourceRead(azure: ReadContext): Pick<InventoryRead, 'imageSources'> {
  return {
    /**
     * Image definitions and managed images, of those that goldbot may see; one question, and one more for each thousand.
     * Resource Graph is a few minutes behind.
     *
     * @throws UserError `AZ_UNAVAILABLE` (also when the answer is incomplete), `AZ_FORBIDDEN`, `AZ_THROTTLED`,
     * `AZ_SILENT`.
     * @see POST /providers/Microsoft.ResourceGraph/resources
     */
    imageSources: (ids) =>
      azure.ask('asking about what images are built from', async () => {
        // KQL has no empty list.
        if (ids.length === 0) return [];
        return (await whole(azure, queries.imageSources(ids))).map(sourceOf);
      }),
  };
}

function sourceOf({ id, isDefinition, properties, ...row }: SourceRow) {
  const resource = { ...row, ...properties };
  return isDefinition
    ? { id, definition: definitionOf(resource) }
    : { id, managed: managedImageOf(id, resource as typeof resource & Image) };
}
