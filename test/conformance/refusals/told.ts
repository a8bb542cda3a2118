import { goldbotIdentity } from '../../../sandbox/azure/authorization/names';
import { containerSubnet } from '../../../sandbox/azure/names';
import { buildGroup, newest, subscription, ubuntu } from './names';

/** What goldbot was doing when it was refused, in these tests. */
export const doing = 'creating the test machine “x”';
const then = 'then rebuild the run or repeat the command';
const goesOn = 'then repeat the command; a run continues on its own';
const id = subscription.split('/').at(-1);

/** What people read of a row's refusal: the message (or its beginning, where Azure's own sentence follows) and the hint. */
export const told: Readonly<Record<string, readonly [message: string, hint: string, again: string]>> = {
  'ARM-01': [
    `Azure forbade ${doing}: there is a management lock on ${buildGroup}.`,
    `Ask whoever owns the lock to remove it (“az lock list --resource-group rg-image-builds --subscription ${id}” shows it), ${goesOn}.`,
    'once fixed',
  ],
  'ARM-02': [
    `Azure forbade ${doing}: there is a management lock on ${buildGroup}.`,
    `Ask whoever owns the lock to remove it (“az lock list --resource-group rg-image-builds --subscription ${id}” shows it), ${goesOn}.`,
    'once fixed',
  ],
  'ARM-03': [
    `Azure forbade ${doing}: there is a management lock on ${buildGroup}.`,
    `Ask whoever owns the lock to remove it (“az lock list --resource-group rg-image-builds --subscription ${id}” shows it), ${goesOn}.`,
    'once fixed',
  ],
  'ARM-04': [
    `Azure forbade ${doing} by the policy assignment “no-small” on ${buildGroup}.`,
    'Ask the owner of the policy assignment “no-small” for an exemption',
    'never',
  ],
  'ARM-05': [
    `Azure forbade ${doing}: somebody is deleting the resource group “rg-image-builds”.`,
    `Find out who and why; create the resource group again or name another one in catalog/azure.yaml, ${goesOn}.`,
    'once fixed',
  ],
  'ARM-06': [
    `Azure is busy with the same resource: ${doing} has to wait.`,
    'Wait until Azure is done with it; goldbot tries again on its own.',
    'later',
  ],
  'ARM-09': [
    `Azure refused ${doing}: the subscription is not registered for Microsoft.Compute.`,
    `Have an Azure administrator run “az provider register --namespace Microsoft.Compute” on it, ${goesOn}.`,
    'once fixed',
  ],
  'ARM-10': [
    `Azure does not offer this there: ${doing} was not possible.`,
    `Choose another location in catalog/azure.yaml, ${then}.`,
    'never',
  ],
  'ARM-11': [
    `Azure did not allow ${doing}: goldbot's identity belongs to a different tenant than the subscription.`,
    `Name a subscription of goldbot's own tenant in catalog/azure.yaml, or give goldbot an identity of the subscription's tenant, ${goesOn}.`,
    'once fixed',
  ],
  'ARM-21': [
    `Azure says that goldbot's sign-in had expired while ${doing}.`,
    'goldbot signs in again by itself. If this persists, check the clock of the machine that goldbot runs on.',
    'later',
  ],
  'ARM-12': [
    `Azure did not allow ${doing}: goldbot's identity lacks “Microsoft.Compute/galleries/images/versions/read” on ${newest}.`,
    `az role assignment create --role goldbot-observer --assignee-object-id ${goldbotIdentity.objectId}`,
    'once fixed',
  ],
  'ARM-13': [
    `There is no subscription 00000000-0000-4000-8000-00000000dead, or goldbot's identity has no role in it: ${doing} was not possible.`,
    `Correct its id in catalog/azure.yaml, or assign goldbot's identity its roles there (docs/roles.md), ${goesOn}.`,
    'once fixed',
  ],
  'ARM-16': [
    `Azure accepts no new resources from this subscription in westeurope: ${doing} was not possible.`,
    `Ask Azure support for access to the region, or choose another location in catalog/azure.yaml, ${goesOn}.`,
    'once fixed',
  ],
  'ARM-17': [`Azure asked goldbot to slow down while ${doing}.`, 'Try again in', 'later'],
  'ARM-18': [
    `Azure forbade ${doing}: the subscription ${id} is disabled and can only be read.`,
    `Ask the owner of the subscription to enable it again (Azure portal, Subscriptions), ${goesOn}.`,
    'once fixed',
  ],
  'ARM-19': [
    `Azure did not allow ${doing}: goldbot's identity lacks “Microsoft.Compute/virtualMachines/write” on ${buildGroup}`,
    `az role assignment create --role goldbot-builder --assignee-object-id ${goldbotIdentity.objectId}`,
    'once fixed',
  ],
  'ARM-20': [
    `There is no resource group “rg-nowhere”: ${doing} was not possible.`,
    `Correct its name in catalog/azure.yaml, or create it (“az group create --name rg-nowhere --location …”), ${goesOn}.`,
    'once fixed',
  ],
  'AIB-02': [
    `Image Builder is building with the template: ${doing} has to wait.`,
    'Wait until the build has ended, or cancel its run; goldbot continues by itself once that is done.',
    'later',
  ],
  'AIB-03': [
    `Image Builder is still cancelling a build with the template: ${doing} has to wait.`,
    'Wait; goldbot continues by itself once that is done. If this persists for hours, only Azure support can end it.',
    'later',
  ],
  'AIB-04': [
    `Image Builder is still cancelling a build with the template: ${doing} has to wait.`,
    'Wait; goldbot continues by itself once that is done. If this persists for hours, only Azure support can end it.',
    'later',
  ],
  'AIB-05': [
    `Image Builder is still preparing the template: ${doing} has to wait.`,
    'Wait until it is done with it; goldbot continues by itself once that is done.',
    'later',
  ],
  'AIB-36': [
    `Image Builder could not prepare the template and builds nothing with it: ${doing} was not possible.`,
    'Rebuild the run: goldbot makes another template.',
    'once fixed',
  ],
  'AIB-52': [
    `Azure timed out waiting for its own service while ${doing}: it may have been done anyway.`,
    'Try again in a few minutes; a run looks first what has been done and continues on its own.',
    'later',
  ],
  'AIB-53': [
    `Azure answered with a server error (500) while ${doing}.`,
    'Check the Azure status page, and try again in a few minutes.',
    'later',
  ],
  'ACG-07': [`Azure refused ${doing}: Duplicate regions`, 'Correct the catalogue entry that Azure names', 'never'],
  'ACG-08': [`Azure refused ${doing}: The value 0 of`, 'Correct the catalogue entry that Azure names', 'never'],
  'ACG-09': [
    `A region with replicas would have been given up: ${doing} was not possible.`,
    `Keep the region in the catalogue, or allow it on the version (safetyProfile.allowDeletionOfReplicatedLocations), ${then}.`,
    'never',
  ],
  'ACG-10': [
    `Azure refused ${doing}: The global storage account type 'Standard_LRS' does not match`,
    'Correct the catalogue entry that Azure names, then repeat the command.',
    'never',
  ],
  'ACG-13': [
    `The version may not be deleted before its end of life: ${doing} was not possible.`,
    'Wait until that day, or let its owner run “az sig image-version update',
    'once fixed',
  ],
  'ACG-14': [
    `Azure is busy with the same resource: ${doing} has to wait.`,
    'Wait until Azure is done with it; goldbot tries again on its own.',
    'later',
  ],
  'ACG-17': [
    `Azure never changes galleryImageVersion.properties.storageProfile.source.id of what exists: ${doing} was not possible.`,
    'Publish a new version that has it the way you need it.',
    'never',
  ],
  'ACG-27': [
    `There is no ${buildGroup.replace('rg-image-builds', 'rg-golden-images')}/providers/Microsoft.Compute/galleries/gold/images/nowhere: ${doing} was not possible.`,
    `Correct its name in catalog/azure.yaml, or make it, ${goesOn}.`,
    'once fixed',
  ],
  'VM-01': [
    `The purchase plan does not fit the image: ${doing} was not possible.`,
    `Let source.plan in the image's file of the catalogue name the plan of the marketplace image (none for what is not bought), ${then}.`,
    'never',
  ],
  'VM-02': [
    `Nobody has accepted the terms of center-for-internet-security-inc/cis-ubuntu-linux-2204-l1 on this subscription: ${doing} was not possible.`,
    `Have somebody who may buy run “az vm image terms accept --publisher center-for-internet-security-inc --offer cis-ubuntu-linux-2204-l1 --plan …” with the plan of source.plan, ${goesOn}.`,
    'once fixed',
  ],
  'VM-03': [
    `The marketplace has no offer center-for-internet-security-inc/withdrawn: ${doing} was not possible.`,
    `Correct source.plan in the image's file of the catalogue; if the publisher withdrew the offer, choose another source, ${then}.`,
    'never',
  ],
  'VM-04': [
    `The image gold/ubuntu-22/1.5.0 is not available in uksouth yet: ${doing} has to wait.`,
    'Wait, if it was replicated only minutes ago: goldbot tries again on its own. Otherwise add uksouth to the regions of the image in the catalogue.',
    'later',
  ],
  'VM-11': [
    `The subscription has no quota left for ${doing}. Operation could not be completed as it results in exceeding approved standardDSv5Family Cores quota.`,
    'Ask for more quota in the Azure portal (Quotas), or choose another VM size in the catalogue.',
    'once fixed',
  ],
  'VM-12': [
    `The subscription has no quota left for ${doing}. Operation could not be completed as it results in exceeding approved Total Regional Cores quota.`,
    'Ask for more quota in the Azure portal (Quotas), or choose another VM size in the catalogue.',
    'once fixed',
  ],
  'VM-14': [
    `Azure currently has no capacity for ${doing}.`,
    'Choose another VM size in the catalogue, or try again later.',
    'once fixed',
  ],
  'VM-19': [
    `The subnet tests has no free address: ${doing} was not possible.`,
    `Free addresses in it or name a larger subnet as test.subnetId in catalog/azure.yaml, ${goesOn}.`,
    'once fixed',
  ],
  'VM-20': [
    `Azure keeps the network interface for its machine for three more minutes: ${doing} has to wait.`,
    'Wait; goldbot continues by itself once that is done.',
    'later',
  ],
  'VM-21': [
    `The image gold/fresh/1.0.0 is not available in westeurope yet: ${doing} has to wait.`,
    'Wait, if it was replicated only minutes ago: goldbot tries again on its own. Otherwise add westeurope to the regions of the image in the catalogue.',
    'later',
  ],
  'VM-32': [
    `The purchase plan does not fit the image: ${doing} was not possible.`,
    `Let source.plan in the image's file of the catalogue name the plan of the marketplace image (none for what is not bought), ${then}.`,
    'never',
  ],
  'VM-33': [
    `The purchase plan does not fit the image: ${doing} was not possible.`,
    `Let source.plan in the image's file of the catalogue name the plan of the marketplace image (none for what is not bought), ${then}.`,
    'never',
  ],
  'VM-34': [
    `The VM size does not fit: ${doing} was not possible.`,
    `Choose a test.vmSize in the catalogue that the region has and that boots the image, ${then}.`,
    'never',
  ],
  'VM-35': [
    `Azure is still at work on it: ${doing} has to wait.`,
    'Wait until Azure is done with it; goldbot tries again on its own.',
    'later',
  ],
  'VM-39': [
    `Azure is still at work on it: ${doing} has to wait.`,
    'Wait until Azure is done with it; goldbot tries again on its own.',
    'later',
  ],
  'VM-46': [
    `Azure is maintaining the host of the machine: ${doing} has to wait.`,
    'Wait until that is over; goldbot continues by itself once that is done.',
    'later',
  ],
  'VM-49': [
    `The security type does not fit the image: ${doing} was not possible.`,
    `Check that SecurityType among the features of the image definition is what its source has: goldbot makes test machines as the definition says, ${then}.`,
    'never',
  ],
  'VM-50': [
    `The VM size does not fit: ${doing} was not possible.`,
    `Choose a test.vmSize in the catalogue that the region has and that boots the image, ${then}.`,
    'never',
  ],
  'VM-51': [
    `The VM size does not fit: ${doing} was not possible.`,
    `Choose a test.vmSize in the catalogue that the region has and that boots the image, ${then}.`,
    'never',
  ],
  'VM-52': [
    `The security type does not fit the image: ${doing} was not possible.`,
    `Check that SecurityType among the features of the image definition is what its source has: goldbot makes test machines as the definition says, ${then}.`,
    'never',
  ],
  'VM-55': [
    `There is no managed identity “id-image-builder”: ${doing} was not possible.`,
    `Create it again, with its roles, in the resource group rg-golden-images, or name another one as identity in catalog/azure.yaml, ${goesOn}.`,
    'once fixed',
  ],
  'RC-01': [
    `Azure is busy with the same resource: ${doing} has to wait.`,
    'Wait until Azure is done with it; goldbot tries again on its own.',
    'later',
  ],
  'RC-02': [
    `The machine is not running: ${doing} was not possible.`,
    'Start it, then repeat the command.',
    'once fixed',
  ],
  'RC-03': [
    `The machine is not running: ${doing} was not possible.`,
    'Start it, then repeat the command.',
    'once fixed',
  ],
  'RC-04': [
    `The VM agent of vm-row has not reported: ${doing} has to wait.`,
    'Check whether the machine is up, its agent runs and it reaches Azure storage; goldbot continues by itself once that is done.',
    'later',
  ],
  'RC-07': [
    `There is no vm-row: ${doing} was not possible.`,
    `Correct its name in catalog/azure.yaml, or make it, ${goesOn}.`,
    'once fixed',
  ],
  'RC-13': [
    `Azure is still at work on it: ${doing} has to wait.`,
    'Wait until Azure is done with it; goldbot tries again on its own.',
    'later',
  ],
};

/** Rows that goldbot cannot meet, because it never sends what is refused. */
export const neverSent: Readonly<Record<string, readonly string[]>> = {
  'it deletes no definitions and no galleries, and makes none': [
    'ACG-04',
    'ACG-05',
    'ACG-06',
    'ACG-18',
    'ACG-19',
    'ACG-25',
  ],
  'its versions are made by Image Builder': [
    'ACG-01',
    'ACG-02',
    'ACG-15',
    'ACG-16',
    'ACG-20',
    'ACG-21',
    'ACG-22',
    'ACG-23',
    'ACG-24',
    'ACG-26',
    'ACG-28',
    'ACG-30',
  ],
  'its machines are made of its own version, in one way': ['VM-05', 'VM-07', 'VM-08', 'VM-09', 'VM-13', 'VM-31'],
  'it knows no managed images': ['ACG-03', 'VM-30', 'VM-38', 'VM-42', 'VM-44', 'VM-53'],
  'it resizes, stops and generalizes nothing': ['VM-22', 'VM-24', 'VM-36', 'VM-37', 'VM-40', 'VM-41'],
  'it lists no run commands and asks for no single instance': ['RC-12', 'VMSS-03'],
  'it orders a machine once and follows no operation of it': ['VM-25'],
  'its run commands are managed ones': ['RC-05'],
  'it builds from an exact version always': ['AIB-34'],
  'its templates make no managed images': ['AIB-08', 'AIB-28'],
  'its builds have six minutes at least': ['AIB-17'],
  'it leaves it to Image Builder what machine its network is reached by': ['AIB-43'],
  'each attempt has a template of its own name, and what is there already is adopted or told of by its run': ['AIB-35'],
  'it never changes a template': ['AIB-18', 'AIB-19'],
  'it changes no scale sets': ['VMSS-01', 'VMSS-02', 'VMSS-04', 'VMSS-05', 'VMSS-06', 'VMSS-07', 'VMSS-08'],
  'it makes no triggers, which build past every approval': ['AIB-44', 'AIB-45', 'AIB-46', 'AIB-47', 'AIB-48', 'AIB-49'],
};

/** Azure could not delete a template: how a run and the reaper tell it. */
export const notGone: Readonly<Record<string, string>> = {
  'AIB-07':
    'Azure cannot delete it until somebody gives it an identity that exists, with “az image builder identity assign” (The assigned managed identity cannot be used.',
  'AIB-20':
    'Azure cannot delete its staging group until somebody removes what holds it (Network interface /subscriptions/',
};

const containers = 'Azure Container Instances';
const group = `${subscription}/resourceGroups`;
const closed = 'Not authorized to access the resource:';
const staging =
  'A group named as `build.stagingResourceGroup` must be empty, in the subscription and region that build, and the identity of the build needs Contributor on it. Mend what Azure names, or leave the setting out; then rebuild.';

/** A build fails: what people read of it, and what is advised. */
export const failedBuilds: Readonly<Record<string, readonly [says: string, remedy: string]>> = {
  'AIB-01': [
    'Hyper-V version check failed: cross-generation images are not supported.',
    'The source does not fit the image definition. Name another `source.sku` or another `imageDefinition`.',
  ],
  'AIB-06': [
    `${closed} https://contososcripts.blob.core.windows.net/scripts/harden.sh.`,
    'The identity of the build must be able to read that file, even where everybody can. Give it Storage Blob Data Reader on the storage account, then rebuild.',
  ],
  'AIB-07': [
    'The assigned managed identity cannot be used.',
    'The identity of the build is gone, or is not the one that the template was made with. Make it again with its roles, or name another one as `identity`; then rebuild.',
  ],
  'AIB-09': [
    'Platform Image was not found. location: westeurope, publisherName: Canonical, offer: nowhere',
    'The region that builds does not offer this image (any more). Name another `source.sku`, or build in a region that has it: `location`; then rebuild.',
  ],
  'AIB-12': [
    'Internal error occurred.',
    'Azure does not say why. It has been seen where two image templates name one `build.stagingResourceGroup`: give each image a group of its own, or none; then rebuild.',
  ],
  'AIB-13': [
    `RequestDisallowedByPolicy (policy assignment “none-of-these” on ${subscription}): Resource 'pkr' was disallowed by policy.`,
    'An Azure Policy forbids what the build needs. If it asks for tags, set them in `build.tags`; otherwise ask its owner to exempt the staging group of Image Builder.',
  ],
  'AIB-21': [
    'PrivateLinkService Network Policy is not disabled for the given subnet.',
    'Switch the policy off on that subnet (`az network vnet subnet update --disable-private-link-service-network-policies true …`), or give the containers a subnet of their own: `build.network.containerInstanceSubnetId`; then rebuild.',
  ],
  'AIB-22': [
    'Build (Shared Image Version) step failed for Image Version',
    'What the image is built from is gone, has no copy in the region that builds, or the identity of the build may not read it. Give that identity Reader on the gallery or the image, or name another source (`source.imageVersion`, `source.managedImage`); then rebuild.',
  ],
  'AIB-23': [
    'Build (Managed Image) step failed',
    'What the image is built from is gone, has no copy in the region that builds, or the identity of the build may not read it. Give that identity Reader on the gallery or the image, or name another source (`source.imageVersion`, `source.managedImage`); then rebuild.',
  ],
  'AIB-29': [
    "The provided gallery image only supports creation of VMs and VM Scale Sets with 'TrustedLaunch' security type.",
    'The definition of the source demands a security type, and Image Builder makes its machines without one. Name a version of a definition that supports Trusted Launch without demanding it, as `source.imageVersion`; then rebuild.',
  ],
  'AIB-27': [
    'The resource https://files.contoso.example/baseline.tar.gz is unavailable.',
    'Image Builder fetches the files of a recipe itself, before it builds, and not from inside your network. Correct the address in the recipe, or put the file where Image Builder reaches it; then rebuild.',
  ],
  'AIB-31': [
    'A purchase plan was not provided for the image: westeurope, center-for-internet-security-inc',
    'The source is sold with a purchase plan. Write it as `source.plan`, and accept its terms once in the subscription that builds.',
  ],
  'AIB-32': [
    `${closed} ${ubuntu}.`,
    'The identity of the build cannot use the image definition. Check `imageDefinition`, and give the identity its role on the gallery.',
  ],
  'AIB-37': [`The staging resource group '${group}/rg-own' must be empty.`, staging],
  'AIB-38': [`The staging resource group '${group}/rg-far' is in eastus2;`, staging],
  'AIB-39': [`The staging resource group '${group}/rg-own' exists,`, staging],
  'AIB-40': [
    'The OS disk of 29 GB is smaller than that of the source image, 30 GB.',
    'A disk can only grow. Raise `build.osDiskSizeGiB`, or leave it out.',
  ],
  'AIB-41': [
    "The subnet '",
    'Image Builder cannot use the subnets of `build.network`: both must exist in one virtual network, the one for containers delegated to Microsoft.ContainerInstance/containerGroups.',
  ],
  'AIB-42': [
    `${closed} ${containerSubnet}.`,
    'The identity of the build may not join that subnet of `build.network`. Give it Network Contributor on the virtual network, or a role with Microsoft.Network/virtualNetworks/subnets/join/action; then rebuild.',
  ],
  'AIB-11': [
    'QuotaExceeded: Operation could not be completed as it results in exceeding approved standardDSv5Family Cores quota.',
    'The subscription has no room for the build machine. Ask for more quota, or choose another VM size: `build.vmSize`.',
  ],
  'AIB-14': [
    `The ${containers} provider is not registered for your subscription.`,
    `Builds run in ${containers}, for which the subscription that builds is not registered. Have an Azure administrator run \`az provider register --namespace Microsoft.ContainerInstance\`, then rebuild.`,
  ],
  'AIB-15': [
    `${containers} quota exceeded. Limit: 4 cores in westeurope, usage: 4.`,
    `Other builds use up what the subscription may have of ${containers}. Rebuild when they have ended, or ask for more quota (Azure portal, Quotas).`,
  ],
  'AIB-16': [
    `Too many ${containers} were deployed within a period of time.`,
    'Too many builds were started within minutes. Wait ten minutes, then rebuild.',
  ],
  'AIB-24': [
    'Error deploying the proxy machine',
    'In a network and a staging group of yours Windows is built through a machine of Image Builder. Give the service principal of the application cf32a0cc-373c-47c9-9156-0db11f6a6dfc Contributor on `build.stagingResourceGroup`, or give the containers a subnet: `build.network.containerInstanceSubnetId`; then rebuild.',
  ],
  'AIB-25': [
    'Failed in distributing 1 images out of total 1',
    'The image was built, but copying it into the gallery took longer than a build may. Raise `buildTimeoutMinutes`, then rebuild.',
  ],
  'AIB-26': [
    'Failed in building/customizing image',
    'The build ran out of time. Look for the step that waits, or raise `buildTimeoutMinutes`.',
  ],
  'AIB-33': [
    'Failed in distributing 1 images out of total 1',
    'The image was built, but the gallery would not take it. Look in the activity log of the image definition (Azure portal) for the reason, and check its regions and the role of the identity of the build on it; then rebuild.',
  ],
};

const size = 'Choose another test.vmSize in the catalogue or wait for capacity in the';
const agents = 'Check whether the recipe breaks the Azure agent';

/** Azure makes the machine and gives up on it: what is advised beside its own sentence. */
export const notUp: Readonly<Record<string, readonly [says: string, remedy: string]>> = {
  'VM-15': ['Allocation failed. We do not have sufficient capacity', `${size} zone, then rebuild.`],
  'VM-16': ['Allocation failed. We do not have sufficient capacity', `${size} region, then rebuild.`],
  'VM-17': ['Allocation failed. VM(s) with the following constraints', `${size} region, then rebuild.`],
  'VM-18': ['Allocation failed. VM(s) with the following constraints', `${size} zone, then rebuild.`],
  'VM-27': [
    "OS Provisioning for VM 'vm-row' did not finish",
    `${agents}, cloud-init or the generalization of the image, or Windows needs a larger test.vmSize for its first boot, then rebuild.`,
  ],
  'VM-28': ["OS provisioning for VM 'vm-row' failed", `${agents}, or cloud-init on Linux, then rebuild.`],
  'VM-29': [
    "VM 'vm-row' did not start in the allotted time",
    'See on the serial console of a machine from this version whether it boots, then rebuild.',
  ],
};
