import type { Again } from '../../core/errors';
import { type Entry, goesOn, onItsOwn, quoted, type Refused, repeat, type Told } from './refusal';
import { policies, readings } from './refusals-of-policy';

const subscriptionOf = (id: string): string | undefined => /\/subscriptions\/([^/]+)/i.exec(id)?.[1];

function lockList(scope: string): string {
  const group = /\/resourceGroups\/([^/]+)/i.exec(scope)?.[1];
  const subscription = subscriptionOf(scope);
  return `az lock list${group ? ` --resource-group ${group}` : ''}${subscription ? ` --subscription ${subscription}` : ''}`;
}

const standing: readonly Entry[] = [
  {
    codes: ['ScopeLocked'],
    tell: ({ action, said }) => {
      const scope = quoted(said, /are locked:/) ?? '';
      return {
        code: 'AZ_CONFLICT',
        again: 'once fixed',
        message: `Azure forbade ${action}: there is a management lock on ${scope || 'it or on what it is in'}.`,
        hint: `Ask whoever owns the lock to remove it (“${lockList(scope)}” shows it), ${goesOn}.`,
      };
    },
  },
  {
    codes: ['ReadOnlyDisabledSubscription'],
    tell: ({ action, said }) => ({
      code: 'AZ_CONFLICT',
      again: 'once fixed',
      message: `Azure forbade ${action}: the subscription ${quoted(said, /subscription/) ?? ''} is disabled and can only be read.`,
      hint: `Ask the owner of the subscription to enable it again (Azure portal, Subscriptions), ${goesOn}.`,
    }),
  },
  {
    codes: ['ResourceGroupBeingDeleted'],
    tell: ({ action, said }) => ({
      code: 'AZ_CONFLICT',
      again: 'once fixed',
      message: `Azure forbade ${action}: somebody is deleting the resource group “${quoted(said, /resource group/) ?? ''}”.`,
      hint: `Find out who and why; create the resource group again or name another one in catalog/azure.yaml, ${goesOn}.`,
    }),
  },
  {
    codes: ['MissingSubscriptionRegistration'],
    tell: ({ action, said }) => {
      const namespace = quoted(said, /use namespace/) ?? 'the resource provider';
      return {
        code: 'AZ_CONFLICT',
        again: 'once fixed',
        message: `Azure refused ${action}: the subscription is not registered for ${namespace}.`,
        hint: `Have an Azure administrator run “az provider register --namespace ${namespace}” on it, ${goesOn}.`,
      };
    },
  },
  {
    codes: ['NoRegisteredProviderFound', 'LocationNotAvailableForResourceType'],
    tell: ({ action, shown }) => ({
      code: 'AZ_BAD_REQUEST',
      message: `Azure does not offer this there: ${action} was not possible. ${shown}`,
      hint: `Choose another location in catalog/azure.yaml, ${repeat}.`,
    }),
  },
  {
    codes: ['RegionDoesNotAllowProvisioning'],
    tell: ({ action, said }) => ({
      code: 'AZ_QUOTA',
      message: `Azure accepts no new resources from this subscription in ${/Location '?([\w ]+?)'? is not accepting/i.exec(said)?.[1] ?? 'that region'}: ${action} was not possible.`,
      hint: `Ask Azure support for access to the region, or choose another location in catalog/azure.yaml, ${goesOn}.`,
    }),
  },
  {
    codes: ['SubscriptionNotFound'],
    tell: ({ action, said }) => ({
      code: 'AZ_NOT_FOUND',
      message: `There is no subscription ${quoted(said, /subscription/) ?? ''}, or goldbot's identity has no role in it: ${action} was not possible.`,
      hint: `Correct its id in catalog/azure.yaml, or assign goldbot's identity its roles there (docs/roles.md), ${goesOn}.`,
    }),
  },
  {
    // Resource Graph, asked by an identity without any role: it has nothing to look into.
    codes: ['BadRequest', 'NoValidSubscriptionsInQueryRequest'],
    when: /subscription that is eligible to contain resources/i,
    tell: ({ action }) => ({
      code: 'AZ_FORBIDDEN',
      message: `Azure did not allow ${action}: goldbot's identity has no role in any subscription, or none that Azure has noticed yet.`,
      hint: `Assign it its roles (docs/roles.md says which and where), wait ten minutes, ${goesOn}.`,
    }),
  },
  {
    codes: ['ResourceGroupNotFound'],
    tell: ({ action, said }) => {
      const group = quoted(said, /resource group/) ?? '';
      return {
        code: 'AZ_NOT_FOUND',
        message: `There is no resource group “${group}”: ${action} was not possible.`,
        hint: `Correct its name in catalog/azure.yaml, or create it (“az group create --name ${group} --location …”), ${goesOn}.`,
      };
    },
  },
  {
    codes: ['FailedIdentityOperation'],
    when: /Resource '[^']+' was not found/i,
    tell: ({ action, said }) => {
      const id = quoted(said, /"message":"Resource/) ?? '';
      const group = /\/resourceGroups\/([^/]+)/i.exec(id)?.[1];
      return {
        code: 'AZ_NOT_FOUND',
        message: `There is no managed identity “${id.split('/').at(-1)}”: ${action} was not possible.`,
        hint: `Create it again, with its roles,${group ? ` in the resource group ${group},` : ''} or name another one as identity in catalog/azure.yaml, ${goesOn}.`,
      };
    },
  },
  {
    codes: ['InvalidAuthenticationTokenTenant'],
    tell: ({ action }) => ({
      code: 'AZ_FORBIDDEN',
      message: `Azure did not allow ${action}: goldbot's identity belongs to a different tenant than the subscription.`,
      hint: `Name a subscription of goldbot's own tenant in catalog/azure.yaml, or give goldbot an identity of the subscription's tenant, ${goesOn}.`,
    }),
  },
  {
    codes: ['GatewayTimeout'],
    tell: ({ action }) => ({
      code: 'AZ_SILENT',
      message: `Azure timed out waiting for its own service while ${action}: it may have been done anyway.`,
      hint: 'Try again in a few minutes; a run looks first what has been done and continues on its own.',
    }),
  },
  {
    codes: ['ExpiredAuthenticationToken'],
    tell: ({ action }) => ({
      code: 'AZ_UNAVAILABLE',
      message: `Azure says that goldbot's sign-in had expired while ${action}.`,
      hint: 'goldbot signs in again by itself. If this persists, check the clock of the machine that goldbot runs on.',
    }),
  },
];

/** What Image Builder cannot do with a template, by the state that its sentence names. */
const states: readonly (readonly [state: RegExp, is: string, hint: string, again: Again])[] = [
  [
    /run state: running/i,
    'Image Builder is building with the template',
    `Wait until the build has ended, or cancel its run; ${onItsOwn}.`,
    'later',
  ],
  [
    /run state: cancel/i,
    'Image Builder is still cancelling a build with the template',
    `Wait; ${onItsOwn}. If this persists for hours, only Azure support can end it.`,
    'later',
  ],
  [
    /provisioning state: (?:creating|updating)/i,
    'Image Builder is still preparing the template',
    `Wait until it is done with it; ${onItsOwn}.`,
    'later',
  ],
  [/provisioning state: deleting/i, 'Azure is deleting the template', `Wait until it is gone; ${onItsOwn}.`, 'later'],
  [
    /provisioning state: failed/i,
    'Image Builder could not prepare the template and builds nothing with it',
    'Rebuild the run: goldbot makes another template.',
    'once fixed',
  ],
];

const imageTemplates: readonly Entry[] = states.map(([when, is, hint, again]) => ({
  codes: ['OperationNotAllowed'],
  when: new RegExp(`imageTemplates/\\S+ is not allowed .*${when.source}`, 'i'),
  tell: ({ action }) => ({
    code: 'AZ_CONFLICT',
    again,
    message: `${is}: ${action} ${again === 'later' ? 'has to wait' : 'was not possible'}.`,
    hint,
  }),
}));

const machines: readonly Entry[] = [
  {
    codes: ['SubnetIsFull'],
    tell: ({ action, said }) => ({
      code: 'AZ_QUOTA',
      message: `The subnet ${/\/subnets\/([^/\s']+)/i.exec(said)?.[1] ?? ''} has no free address: ${action} was not possible.`,
      hint: `Free addresses in it or name a larger subnet as test.subnetId in catalog/azure.yaml, ${goesOn}.`,
    }),
  },
  {
    codes: ['GalleryImageNotFound'],
    tell: ({ action, said }) => {
      const [, image = '', region = 'that region'] = /image (\S+) is not available in (\S+) region/i.exec(said) ?? [];
      return {
        code: 'AZ_NOT_FOUND',
        // A version that has just been replicated is unknown to the machines of a region for some minutes.
        again: 'later',
        message: `The image ${shortImage(image)} is not available in ${region} yet: ${action} has to wait.`,
        hint: `Wait, if it was replicated only minutes ago: goldbot tries again on its own. Otherwise add ${region} to the regions of the image in the catalogue.`,
      };
    },
  },
  {
    codes: ['VMMarketplaceInvalidInput'],
    tell: ({ action, shown }) => ({
      code: 'AZ_BAD_REQUEST',
      message: `The purchase plan does not fit the image: ${action} was not possible. ${shown}`,
      hint: `Let source.plan in the image's file of the catalogue name the plan of the marketplace image (none for what is not bought), ${repeat}.`,
    }),
  },
  {
    codes: ['MarketplacePurchaseEligibilityFailed'],
    when: /terms/i,
    tell: ({ action, said }) => {
      const [publisher, offer] = [quoted(said, /PublisherId:/) ?? '…', quoted(said, /OfferId:/) ?? '…'];
      return {
        code: 'AZ_FORBIDDEN',
        message: `Nobody has accepted the terms of ${publisher}/${offer} on this subscription: ${action} was not possible.`,
        hint: `Have somebody who may buy run “az vm image terms accept --publisher ${publisher} --offer ${offer} --plan …” with the plan of source.plan, ${goesOn}.`,
      };
    },
  },
  {
    codes: ['MarketplacePurchaseEligibilityFailed'],
    tell: ({ action, said }) => ({
      code: 'AZ_BAD_REQUEST',
      message: `The marketplace has no offer ${quoted(said, /PublisherId:/) ?? ''}/${quoted(said, /OfferId:/) ?? ''}: ${action} was not possible.`,
      hint: `Correct source.plan in the image's file of the catalogue; if the publisher withdrew the offer, choose another source, ${repeat}.`,
    }),
  },
  {
    codes: ['BadRequest'],
    when: /TrustedLaunch|security type/i,
    tell: ({ action, shown }) => ({
      code: 'AZ_BAD_REQUEST',
      message: `The security type does not fit the image: ${action} was not possible. ${shown}`,
      hint: `Check that SecurityType among the features of the image definition is what its source has: goldbot makes test machines as the definition says, ${repeat}.`,
    }),
  },
  {
    codes: ['BadRequest', 'InvalidParameter'],
    when: /cannot boot|VM size.*not (?:valid|available)|CPU architecture/i,
    tell: ({ action, shown }) => ({
      code: 'AZ_BAD_REQUEST',
      message: `The VM size does not fit: ${action} was not possible. ${shown}`,
      hint: `Choose a test.vmSize in the catalogue that the region has and that boots the image, ${repeat}.`,
    }),
  },
  {
    codes: ['VMAgentStatusCommunicationError'],
    tell: ({ action, said }) => ({
      code: 'AZ_CONFLICT',
      message: `The VM agent of ${quoted(said, /VM/) ?? 'the machine'} has not reported: ${action} has to wait.`,
      hint: `Check whether the machine is up, its agent runs and it reaches Azure storage; ${onItsOwn}.`,
    }),
  },
  {
    codes: ['OperationNotAllowed'],
    when: /marked for deletion|operation is in progress|another operation|changing the power state/i,
    tell: ({ action, shown }) => ({
      code: 'AZ_CONFLICT',
      again: 'later',
      message: `Azure is still at work on it: ${action} has to wait. ${shown}`,
      hint: `Wait until Azure is done with it; goldbot tries again on its own.`,
    }),
  },
  {
    codes: ['OperationNotAllowed'],
    when: /requires the VM to be running|when the VM is not running/i,
    tell: ({ action }) => ({
      code: 'AZ_CONFLICT',
      again: 'once fixed',
      message: `The machine is not running: ${action} was not possible.`,
      hint: 'Start it, then repeat the command.',
    }),
  },
  {
    codes: ['OperationNotAllowed'],
    when: /since it is deallocated|VM is (?:deallocated|generalized)/i,
    tell: ({ action, shown }) => ({
      code: 'AZ_CONFLICT',
      again: 'once fixed',
      message: `The state of the machine does not allow ${action}. ${shown}`,
      hint: 'Start the machine, or take another one, then repeat the command.',
    }),
  },
  {
    codes: ['ResourceUpdateBlockedOnPlatformUpdate'],
    tell: ({ action }) => ({
      code: 'AZ_CONFLICT',
      message: `Azure is maintaining the host of the machine: ${action} has to wait.`,
      hint: `Wait until that is over; ${onItsOwn}.`,
    }),
  },
  {
    codes: ['NicReservedForAnotherVm'],
    tell: ({ action }) => ({
      code: 'AZ_CONFLICT',
      message: `Azure keeps the network interface for its machine for three more minutes: ${action} has to wait.`,
      hint: `Wait; ${onItsOwn}.`,
    }),
  },
];

const galleries: readonly Entry[] = [
  {
    codes: ['DeleteGalleryImageVersionBlockedBeforeEndOfLife'],
    tell: ({ action }) => ({
      code: 'AZ_CONFLICT',
      again: 'once fixed',
      message: `The version may not be deleted before its end of life: ${action} was not possible.`,
      hint: `Wait until that day, or let its owner run “az sig image-version update … --set safetyProfile.blockDeletionBeforeEndOfLife=false”, ${goesOn}.`,
    }),
  },
  {
    codes: ['PropertyChangeNotAllowed'],
    tell: ({ action, said }) => ({
      code: 'AZ_BAD_REQUEST',
      message: `Azure never changes ${quoted(said, /property/) ?? 'this property'} of what exists: ${action} was not possible.`,
      hint: 'Publish a new version that has it the way you need it.',
    }),
  },
  {
    codes: ['ParentResourceNotFound'],
    tell: ({ action, said }) => ({
      code: 'AZ_NOT_FOUND',
      message: `There is no ${quoted(said, /parent resource/) ?? 'such resource'}: ${action} was not possible.`,
      hint: `Correct its name in catalog/azure.yaml, or make it, ${goesOn}.`,
    }),
  },
  {
    // A clash of what is asked with what there is, which no waiting resolves.
    codes: ['Conflict'],
    when: /has a different|already exists\. Choose|is not unique/i,
    tell: ({ action, shown }) => ({
      code: 'AZ_BAD_REQUEST',
      message: `What was asked for does not fit what there is: ${action} was not possible. ${shown}`,
      hint: `Correct what Azure names, ${repeat}.`,
    }),
  },
  {
    codes: ['BadRequest'],
    when: /complete set of target locations/i,
    tell: ({ action, shown }) => ({
      code: 'AZ_BAD_REQUEST',
      message: `A region with replicas would have been given up: ${action} was not possible. ${shown}`,
      hint: `Keep the region in the catalogue, or allow it on the version (safetyProfile.allowDeletionOfReplicatedLocations), ${repeat}.`,
    }),
  },
];

const all = [...standing, ...imageTemplates, ...machines, ...galleries, ...policies, ...readings];

/** `gold/ubuntu-22/1.6.0` of an id; as it is when it is none of a gallery. */
function shortImage(id: string): string {
  const found = /\/galleries\/([^/]+)\/images\/([^/]+)(?:\/versions\/([^/]+))?$/i.exec(id);
  return found ? found.slice(1).filter(Boolean).join('/') : id;
}

/** What to tell of a refusal, by Azure's code and sentence; undefined where the status says all there is to say. */
export function toldOf(code: string, refused: Refused): Told | undefined {
  return all.find((e) => (e.codes?.includes(code) ?? true) && (e.when?.test(refused.said) ?? true))?.tell(refused);
}

const notUp: Readonly<Record<string, string>> = {
  AllocationFailed: 'Choose another test.vmSize in the catalogue or wait for capacity in the region',
  ZonalAllocationFailed: 'Choose another test.vmSize in the catalogue or wait for capacity in the zone',
  OverconstrainedAllocationRequest: 'Choose another test.vmSize in the catalogue or wait for capacity in the region',
  OverconstrainedZonalAllocationRequest: 'Choose another test.vmSize in the catalogue or wait for capacity in the zone',
  OSProvisioningTimedOut:
    'Check whether the recipe breaks the Azure agent, cloud-init or the generalization of the image, or Windows needs a larger test.vmSize for its first boot',
  OSProvisioningClientError: 'Check whether the recipe breaks the Azure agent, or cloud-init on Linux',
  OSProvisioningInternalError: 'Check whether the recipe breaks the Azure agent, or cloud-init on Linux',
  VMStartTimedOut: 'See on the serial console of a machine from this version whether it boots',
};

/** What to do about a machine that Azure made and that did not come up; undefined for codes without advice. */
export function remedyOfMachine(code: string): string | undefined {
  const advice = notUp[code];
  return advice === undefined ? undefined : `${advice}, then rebuild.`;
}
