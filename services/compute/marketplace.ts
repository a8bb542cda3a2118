import type { AlternativeOption, VirtualMachineImage } from '@azure/arm-compute';
import type { AzureRead, MarketplaceVersion } from '../../core/azure';
import { byNumber } from '../../core/images';
import { type ReadContext, statusOf } from '../azure';

/** Marketplace questions are asked in the subscription that builds; `subscription` names it. */
export function marketplaceRead(
  azure: ReadContext,
  subscription: string,
): Pick<AzureRead, 'marketplaceVersions' | 'marketplaceVersion'> {
  return {
    /**
     * All versions of a marketplace image in a region, oldest first, without deprecation (one call; Azure does not page it).
     *
     * @throws UserError `AZ_NOT_FOUND` (no such publisher, offer or SKU there), `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_SILENT`.
     * @see GET …/locations/{location}/publishers/{publisher}/artifacttypes/vmimage/offers/{offer}/skus/{sku}/versions
     */
    marketplaceVersions: (location, { publisher, offer, sku }) =>
      azure.ask(`listing the versions of ${publisher}:${offer}:${sku}`, async () => {
        const { virtualMachineImages } = azure.compute(subscription);
        const found = await virtualMachineImages.list(location, publisher, offer, sku);
        return found.map(({ name }) => ({ version: name })).sort(byNumber);
      }),

    /**
     * One exact version with what its publisher says about its deprecation; undefined when there is none. Of a version
     * that is deprecated Azure says no more than that.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET …/skus/{sku}/versions/{version}
     */
    marketplaceVersion: (location, { publisher, offer, sku }, version) =>
      azure.ask(`asking about ${publisher}:${offer}:${sku}:${version}`, async () => {
        const { virtualMachineImages } = azure.compute(subscription);
        try {
          return versionOf(await virtualMachineImages.get(location, publisher, offer, sku, version));
        } catch (error) {
          // The same status as of a version that never was: the code tells them apart.
          if (codeOf(error) === 'ImageVersionDeprecated') return { version, deprecation: { state: 'Deprecated' } };
          if (statusOf(error) === 404) return undefined;
          throw error;
        }
      }),
  };
}

function versionOf({ name, imageDeprecationStatus: status }: VirtualMachineImage): MarketplaceVersion {
  if (!status?.imageState || status.imageState === 'Active') return { version: name };
  const alternative = alternativeOf(status.alternativeOption);
  const deprecation = {
    state: status.imageState,
    ...(status.scheduledDeprecationTime && { at: status.scheduledDeprecationTime }),
    ...(alternative && { alternative }),
  };
  return { version: name, deprecation };
}

/** The value is the name of an offer, or of a plan of the same offer. */
function alternativeOf(option: AlternativeOption | undefined): string | undefined {
  if (!option?.value || !option.type || option.type === 'None') return undefined;
  return `${option.type.toLowerCase()} ${option.value}`;
}

function codeOf(error: unknown): string | undefined {
  return (error as { code?: string } | null)?.code;
}
