import type { SandboxResponse } from '../../kernel/types';
import { armError } from '../arm';
import { products } from '../marketplace/catalogue';
import { invalidParameter } from './errors';
import { type JsonObject, object, text } from './resource';
import type { DeployedImage } from './vm-image';
import { vmSize } from './vm-sizes';

/** What must fit between an image and the machine that is made from it; undefined when all of it does. */
export function misfitOf(image: DeployedImage, properties: JsonObject): SandboxResponse | undefined {
  return sizeMisfit(image, properties) ?? smallDisk(image, properties) ?? securityMisfit(image, properties);
}

/** A definition may take protected machines alone, and not every image can start as one. */
function securityMisfit({ security = '' }: DeployedImage, properties: JsonObject): SandboxResponse | undefined {
  const asked = text(object(properties['securityProfile'])['securityType']) ?? '';
  const demanded = /^(?:TrustedLaunch|ConfidentialVM)$/i.test(security);
  if (demanded && asked.toLowerCase() !== security.toLowerCase()) {
    const message = `The provided gallery image only supports creation of VMs and VM Scale Sets with '${security}' security type.`;
    return armError(400, 'BadRequest', message);
  }
  const supported = { trustedlaunch: /TrustedLaunch/i, confidentialvm: /Confidential/i }[asked.toLowerCase()];
  if (!supported || supported.test(security)) return undefined;
  const message = `Use of ${asked} setting is not supported for the provided image. Please select Trusted Launch Supported Gen2 OS Image. For more information, see https://aka.ms/TrustedLaunch-FAQ.`;
  return armError(400, 'BadRequest', message);
}

function sizeMisfit(image: DeployedImage, properties: JsonObject): SandboxResponse | undefined {
  const size = vmSize(text(object(properties['hardwareProfile'])['vmSize']) ?? '');
  if (!size) return undefined;
  const generation = image.hyperVGeneration === 'V1' ? 'V1' : 'V2';
  if (image.architecture !== size.architecture) {
    return invalidParameter(
      `The VM size '${size.name}' has the CPU architecture '${size.architecture}' and cannot boot an image of the CPU architecture '${image.architecture}'.`,
      'vmSize',
    );
  }
  if (!size.generations.includes(generation)) {
    const number = generation.slice(1);
    const message = `The selected VM size '${size.name}' cannot boot Hypervisor Generation '${number}'. If this was a Create operation please check that the Hypervisor Generation of the Image matches the Hypervisor Generation of the selected VM Size. If this was an Update operation please select a Hypervisor Generation '${number}' VM Size. For more information, see https://aka.ms/azuregen2vm`;
    return armError(400, 'BadRequest', message);
  }
  if (!size.nvmeOnly || image.nvme) return undefined;
  return invalidParameter(
    `The VM size '${size.name}' cannot boot with OS image or disk. Please check that disk controller types supported by the OS image or disk is one of the supported disk controller types for the VM size '${size.name}'. Please query sku api at https://aka.ms/azure-compute-skus to determine supported disk controller types for the VM size.`,
    'vmSize',
  );
}

function smallDisk(image: DeployedImage, properties: JsonObject): SandboxResponse | undefined {
  const asked = object(object(properties['storageProfile'])['osDisk'])['diskSizeGB'];
  if (typeof asked !== 'number' || asked >= image.sizeInGB) return undefined;
  const message = `The specified disk size ${asked} GB is smaller than the size of the corresponding disk in the VM image: ${image.sizeInGB} GB. This is not allowed. Please choose equal or greater size or do not specify an explicit size.`;
  return armError(409, 'OperationNotAllowed', message);
}

/** How a plan names an offer of the marketplace that is bought. */
export interface PurchasePlan {
  readonly publisher: string;
  readonly product: string;
  readonly name: string;
}

const names = ['publisher', 'product', 'name'] as const;

export const planOf = (value: unknown): PurchasePlan | undefined => {
  const plan = object(value);
  const [publisher, product, name] = names.map((n) => text(plan[n]));
  return publisher && product && name ? { publisher, product, name } : undefined;
};

const same = (a: PurchasePlan, b: PurchasePlan): boolean =>
  names.every((n) => a[n].toLowerCase() === b[n].toLowerCase());

/**
 * What an image that is bought, or descends from one, asks of a machine: its plan, no other, and that somebody has
 * accepted the offer's terms on the subscription.
 */
export function planProblem(
  image: DeployedImage,
  given: PurchasePlan | undefined,
  { vmId, accepted }: { readonly vmId: string; readonly accepted: (plan: PurchasePlan) => boolean },
): SandboxResponse | undefined {
  const { plan } = image;
  if (!given)
    return (
      plan &&
      marketplaceInput(
        `Creating a virtual machine from Marketplace image or a custom image sourced from a Marketplace image requires Plan information in the request. VM: '${vmId}'.`,
      )
    );
  const offer = `${given.publisher}/${given.product}`;
  const known = products.some((p) => p.plan && same(p.plan, given));
  if (!known)
    return notForSale(
      `Offer with PublisherId: '${given.publisher}', OfferId: '${given.product}' not found. If the offer has been created recently, please allow up to 30 minutes for this offer to be available for purchase.`,
    );
  if (!plan)
    return marketplaceInput(
      'Creating a virtual machine from a non Marketplace image does not need Plan information. Please remove the Plan information in the request.',
    );
  if (!same(plan, given))
    return marketplaceInput(
      `The purchase information of the request (${offer}) does not match that of the image (${plan.publisher}/${plan.product}).`,
    );
  if (accepted(given)) return undefined;
  return notForSale(
    `Offer with PublisherId: '${given.publisher}', OfferId: '${given.product}' cannot be purchased due to validation errors. You have not accepted the legal terms on this subscription for this plan.`,
  );
}

const marketplaceInput = (message: string) => armError(400, 'VMMarketplaceInvalidInput', message);

/** The marketplace's own refusal, in the wrapping of the purchase. */
function notForSale(message: string): SandboxResponse {
  return armError(
    400,
    'MarketplacePurchaseEligibilityFailed',
    `Marketplace purchase eligibility check returned errors. See inner errors for details. ${message}`,
    [{ code: 'BadRequest', message }],
  );
}
