import type { Params, SandboxRequest, SandboxResponse } from '../../../kernel/types';
import type { World } from '../../../kernel/world';
import { key, notFound } from '../../arm';
import { invalidParameter } from '../errors';
import { latestVersion } from '../gallery-latest';
import { refused } from '../gallery-shared';
import { openLro, startLro } from '../lro';
import { type JsonObject, list, object, type Resource, text } from '../resource';
import { compute } from '../section';
import { vmType } from '../vm-shared';

export const setType = 'Microsoft.Compute/virtualMachineScaleSets';
export const instanceType = `${setType}/virtualMachines`;
export const setsInGroup = `/subscriptions/{subscriptionId}/resourceGroups/{group}/providers/${setType}`;
export const setPath = `${setsInGroup}/{set}`;

export const setId = (params: Params): string =>
  `/subscriptions/${params['subscriptionId']}/resourceGroups/${params['group']}/providers/${setType}/${params['set']}`;

export const findSet = (world: World, id: string): Resource | undefined => {
  const found = compute(world).resources[key(id)];
  return found?.type === setType ? found : undefined;
};

export function setNotFound(world: World, params: Params): SandboxResponse {
  return refused(world, params) ?? notFound(setType, params['set'] ?? '', params['group'] ?? '');
}

/** Does something with the set of an address, or says that there is none. */
export function onSet(
  world: World,
  act: (set: Resource, request: SandboxRequest, params: Params) => SandboxResponse,
): (request: SandboxRequest, params: Params) => SandboxResponse {
  return (request, params) => {
    const set = findSet(world, setId(params));
    return set ? act(set, request, params) : setNotFound(world, params);
  };
}

/** Instances of a flexible set are virtual machines of their own, and their names are their ids. */
export const isFlexible = (set: Resource): boolean => set.properties['orchestrationMode'] === 'Flexible';

export function instancesOf(world: World, set: Resource): Resource[] {
  const all = Object.entries(compute(world).resources);
  if (!isFlexible(set)) {
    const under = `${key(set.id)}/virtualmachines/`;
    return all.flatMap(([id, r]) => (id.startsWith(under) && r.type === instanceType ? [r] : []));
  }
  const isOf = ({ type, properties }: Resource) =>
    type === vmType && key(text(object(properties['virtualMachineScaleSet'])['id']) ?? '') === key(set.id);
  return all.flatMap(([, r]) => (isOf(r) ? [r] : []));
}

/** What requests call an instance: its number, or the name of the virtual machine. */
export const instanceIdOf = ({ id }: Resource): string => id.split('/').at(-1) ?? '';

export function noInstance(id: string): SandboxResponse {
  const message = `The provided instanceId ${id} is not an active Virtual Machine Scale Set VM instanceId.`;
  return invalidParameter(message, 'instanceIds');
}

export const profileOf = (set: Resource): JsonObject => object(set.properties['virtualMachineProfile']);

export const modelReference = (set: Resource): JsonObject =>
  object(object(profileOf(set)['storageProfile'])['imageReference']);

/** Of an instance: the reference of the model that was last applied to it, with the version that it runs. */
export const referenceOf = (instance: Resource): JsonObject =>
  object(object(instance.properties['storageProfile'])['imageReference']);

export const upgradePolicyOf = ({ properties }: Resource): JsonObject => object(properties['upgradePolicy']);

export const automaticPolicyOf = (set: Resource): JsonObject =>
  object(upgradePolicyOf(set)['automaticOSUpgradePolicy']);

export const isAutomatic = (set: Resource): boolean => automaticPolicyOf(set)['enableAutomaticOSUpgrade'] === true;

/** The definition of a gallery that the set follows; a set that names a version does not follow anything. */
export function followedImage(set: Resource): string | undefined {
  const id = text(modelReference(set)['id'])?.replace(/\/versions\/latest$/i, '');
  return id !== undefined && /\/galleries\/[^/]+\/images\/[^/]+$/i.test(id) ? id : undefined;
}

/** The number of the version that a set which follows its image would take now. */
export function latestOf(world: World, set: Resource): string | undefined {
  const image = followedImage(set);
  return image === undefined ? undefined : latestVersion(world, image, set.location)?.name;
}

/** Whether the model says how the health of its instances is known: by a probe, or by what they report themselves. */
export function reportsHealth(set: Resource): boolean {
  const profile = profileOf(set);
  const extensions = list(object(profile['extensionProfile'])['extensions']).map(object);
  const byExtension = extensions.some((e) => /^ApplicationHealth/i.test(String(object(e['properties'])['type'])));
  const byProbe = text(object(object(profile['networkProfile'])['healthProbe'])['id']) !== undefined;
  return byExtension || (byProbe && !isFlexible(set));
}

/** Whether an instance has the newest model; of a virtual machine nothing tells it. */
export function noteModel(instance: Resource, isLatest: boolean): void {
  if (instance.type === instanceType) instance.properties['latestModelApplied'] = isLatest;
}

export const isGoing = ({ properties }: Resource): boolean => properties['provisioningState'] === 'Deleting';

const protectionOf = ({ properties }: Resource): JsonObject => object(properties['protectionPolicy']);

/** What is done to the whole set leaves the instance alone. */
export const isProtected = (instance: Resource): boolean =>
  protectionOf(instance)['protectFromScaleSetActions'] === true;

export const staysAtScaleIn = (instance: Resource): boolean =>
  isProtected(instance) || protectionOf(instance)['protectFromScaleIn'] === true;

interface SetOperation {
  readonly what: string;
  readonly target: string;
  readonly afterMs: number;
  readonly data?: JsonObject;
}

const placeOf = (set: Resource) =>
  ({ subscriptionId: set.id.split('/')[2] ?? '', location: set.location, style: 'operations' }) as const;

export function startSetOperation(
  world: World,
  request: SandboxRequest,
  set: Resource,
  { afterMs, ...operation }: SetOperation,
): Record<string, string> {
  return startLro(world, request, { ...placeOf(set), endsAtMs: world.clock.nowMs() + afterMs, ...operation });
}

export const openSetOperation = (world: World, request: SandboxRequest, set: Resource) =>
  openLro(world, request, placeOf(set));

/** Compute's own throttling header of what is asked about scale sets, and of what is done to them. */
export const readHeaders = {
  'x-ms-ratelimit-remaining-resource':
    'Microsoft.Compute/GetVMScaleSetSubscriptionMaximum;2389,Microsoft.Compute/GetVMScaleSetResource;32',
};
export const writeHeaders = {
  'x-ms-ratelimit-remaining-resource':
    'Microsoft.Compute/VMScaleSetActionsSubscriptionMaximum;1799,Microsoft.Compute/VMScaleSetActionsResource;11,Microsoft.Compute/VMScaleSetBatchedVMRequestsResource;119',
};
