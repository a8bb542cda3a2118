import type { AlternativeOption, VirtualMachineImage } from '@azure/arm-compute';
import type { AzureRead, ImageTraits, MarketplaceVersion } from '../../core/azure';
import { byNumber } from '../../core/images';
import { codeOf, type ReadContext, statusOf } from '../azure';
import { securityOf } from './definitions';

/** `subscription`: the one that builds; the marketplace answers the same in any. */
export function marketplaceRead(
  azure: ReadContext,
  subscription: string,
): Pick<AzureRead, 'marketplaceVersions' | 'marketplaceVersion'> {
  return {
    /**
     * All versions of a marketplace image in a region, oldest first, without deprecation (one call; Azure does not page
     * it).
     *
     * @throws UserError `AZ_NOT_FOUND` (no such publisher, offer or SKU there), `AZ_FORBIDDEN`, `AZ_THROTTLED`,
     * `AZ_SILENT`.
     * @see GET …/locations/{location}/publishers/{publisher}/artifacttypes/vmimage/offers/{offer}/skus/{sku}/versions
     */
    marketplaceVersions: (location, { publisher, offer, sku }) =>
      azure.ask(`listing the versions of ${publisher}:${offer}:${sku}`, async () => {
        const { virtualMachineImages } = azure.compute(subscription);
        const found = await virtualMachineImages.list(location, publisher, offer, sku);
        return found.map(({ name }) => ({ version: name })).sort(byNumber);
      }),

    /**
     * One exact version with its traits and what its publisher says about its deprecation; undefined when there is
     * none. Azure says nothing else about a version that is deprecated.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET …/skus/{sku}/versions/{version}
     */
    marketplaceVersion: (location, { publisher, offer, sku }, version) =>
      azure.ask(`asking about ${publisher}:${offer}:${sku}:${version}`, async () => {
        const { virtualMachineImages } = azure.compute(subscription);
        try {
          return marketplaceVersionOf(await virtualMachineImages.get(location, publisher, offer, sku, version));
        } catch (error) {
          // The same status as for a version that never existed; the code tells them apart.
          if (codeOf(error) === 'ImageVersionDeprecated') return { version, deprecation: { state: 'Deprecated' } };
          if (statusOf(error) === 404) return undefined;
          throw error;
        }
      }),
  };
}

function marketplaceVersionOf(found: VirtualMachineImage): MarketplaceVersion {
  const { name, imageDeprecationStatus: status } = found;
  const traits = traitsOf(found);
  const plain = { version: name, ...(traits && { traits }) };
  if (!status?.imageState || status.imageState === 'Active') return plain;
  const alternative = alternativeOf(status.alternativeOption);
  const deprecation = {
    state: status.imageState,
    ...(status.scheduledDeprecationTime && { at: status.scheduledDeprecationTime }),
    ...(alternative && { alternative }),
  };
  return { ...plain, deprecation };
}

/** Undefined when Azure does not say what it is: nothing is compared with a guess. */
function traitsOf({ osDiskImage, hyperVGeneration, architecture, features, plan }: VirtualMachineImage) {
  const security = securityOf(features);
  const os = osDiskImage?.operatingSystem;
  if (!os || !hyperVGeneration) return undefined;
  const traits: ImageTraits = {
    os: os === 'Windows' ? 'Windows' : 'Linux',
    generation: hyperVGeneration === 'V2' ? 'V2' : 'V1',
    architecture: architecture === 'Arm64' ? 'Arm64' : 'x64',
    ...(security !== undefined && { security }),
    ...(plan && { plan: { name: plan.name, product: plan.product, publisher: plan.publisher } }),
  };
  return traits;
}

/** The value is the name of an offer, or of a plan of the same offer. */
function alternativeOf(option: AlternativeOption | undefined): string | undefined {
  if (!option?.value || !option.type || option.type === 'None') return undefined;
  return `${option.type.toLowerCase()} ${option.value}`;
}
