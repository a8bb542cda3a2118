import { copyOf } from '../../../kernel/copy';
import type { Route, SandboxRequest, SandboxResponse } from '../../../kernel/types';
import type { World } from '../../../kernel/world';
import { armError, key } from '../../arm';
import { condition } from '../../conditions';
import { concurrencyConflict, missingParameter } from '../errors';
import { onCompletion } from '../lro';
import { type JsonObject, list, object, type Resource, text } from '../resource';
import { compute } from '../section';
import type { DeployedImage } from '../vm-image';
import { giveDisk, imageOf } from './image';
import { onInstance, shownInstance } from './reads';
import {
  findSet,
  followedImage,
  instanceIdOf,
  instancesOf,
  isGoing,
  isProtected,
  noInstance,
  noteModel,
  onSet,
  setPath,
  startSetOperation,
  writeHeaders,
} from './sets';

/** World time until instances have their new disks and have started. */
const upgradeMs = 3 * 60_000;
const reimageMs = 3 * 60_000;

/** What is done to single instances, or to some of a set. */
export function instanceRoutes(world: World): Route[] {
  const instance = `${setPath}/virtualMachines/{instance}`;
  return [
    {
      method: 'POST',
      path: `${setPath}/manualupgrade`,
      handle: onSet(world, (set, request) => upgrade(world, set, request)),
    },
    {
      method: 'POST',
      path: `${setPath}/reimage`,
      handle: onSet(world, (set, request) => {
        const ids = object(request.body)['instanceIds'];
        const some = chosen(world, set, ids === undefined ? ['*'] : list(ids).map(String));
        return 'status' in some ? some : reimage(world, set, request, some.instances);
      }),
    },
    {
      // Protection is from what is done to the set, not from this.
      method: 'POST',
      path: `${instance}/reimage`,
      handle: onInstance(world, (set, one, request) => reimage(world, set, request, [one])),
    },
    {
      method: 'PUT',
      path: instance,
      handle: onInstance(world, (set, one, request) => putInstance(world, set, one, request)),
    },
  ];
}

export function registerInstanceActions(): void {
  onCompletion('scaleSet.manualUpgrade', (world, target, { outcome, data }) => {
    finish(world, target, data, (set, instance) => {
      if (outcome !== 'Succeeded') return;
      const image = imageOf(world, set);
      // A version that went meanwhile: the instance stays what it was.
      if ('status' in image) return;
      // An instance may say that it has the model, and still run what it ran.
      if (!keepsDisk(world, set, instance)) giveDisk(world, set, instance, image);
      noteModel(instance, true);
    });
    return undefined;
  });
  onCompletion('scaleSet.reimage', (world, target, { outcome, data }) => {
    finish(world, target, data, (set, instance) => {
      const image = imageOf(world, set, object(data['reference']));
      // Reported: whether the latest model is applied stays as it was, although the disk is new.
      if (outcome === 'Succeeded' && !('status' in image)) giveDisk(world, set, instance, image);
    });
    return undefined;
  });
  onCompletion('scaleSet.instance', (world, target) => {
    const instance = compute(world).resources[target];
    if (instance) instance.properties['provisioningState'] = 'Succeeded';
    return undefined;
  });
}

function keepsDisk(world: World, set: Resource, instance: Resource): boolean {
  const about = [{ set: set.id }, { instance: instance.id }];
  return Object.assign({}, ...about.map((place) => condition(world, 'upgrades', place)))['keepsDisk'] === true;
}

/** Does something to the instances of an operation that are still there, and lets them go. */
function finish(
  world: World,
  target: string,
  { instances }: JsonObject,
  act: (set: Resource, instance: Resource) => void,
): void {
  const set = findSet(world, target);
  const ids = list(instances).map(String);
  for (const instance of set ? instancesOf(world, set) : []) {
    if (!set || !ids.includes(key(instance.id))) continue;
    act(set, instance);
    instance.properties['provisioningState'] = 'Succeeded';
  }
}

/** `*` is all that are not protected; one that is named and protected is refused, in words of the sandbox. */
function chosen(
  world: World,
  set: Resource,
  ids: readonly string[],
): { readonly instances: Resource[] } | SandboxResponse {
  const all = instancesOf(world, set);
  if (ids.includes('*')) return { instances: all.filter((i) => !isProtected(i)) };
  const unknown = ids.find((id) => !all.some((i) => instanceIdOf(i) === id));
  if (unknown !== undefined) return noInstance(unknown);
  const instances = all.filter((i) => ids.includes(instanceIdOf(i)));
  const shielded = instances.find(isProtected);
  if (!shielded) return { instances };
  const message = `The operation is not allowed on instance '${instanceIdOf(shielded)}' of Virtual Machine Scale Set '${set.name}' because it is protected from scale set actions.`;
  return armError(409, 'OperationNotAllowed', message);
}

function upgrade(world: World, set: Resource, request: SandboxRequest): SandboxResponse {
  const ids = object(request.body)['instanceIds'];
  if (!Array.isArray(ids) || ids.length === 0) return missingParameter('instanceIds');
  const some = chosen(world, set, ids.map(String));
  if ('status' in some) return some;
  const image = imageOf(world, set);
  if ('status' in image) return image;
  const busy = busyOf(set, some.instances);
  if (busy) return busy;
  const operation = { what: 'scaleSet.manualUpgrade', afterMs: upgradeMs, instances: some.instances };
  return begun(world, set, request, operation);
}

/** A new disk from the version that the model comes to now, or from the one that is asked for. */
function reimage(
  world: World,
  set: Resource,
  request: SandboxRequest,
  instances: readonly Resource[],
): SandboxResponse {
  const exact = text(object(request.body)['exactVersion']);
  const followed = followedImage(set);
  // Documented for platform images; that it holds of a gallery's is our reading.
  const reference = exact !== undefined && followed !== undefined ? { id: `${followed}/versions/${exact}` } : undefined;
  const image = imageOf(world, set, reference);
  if ('status' in image) return image;
  const busy = busyOf(set, instances);
  if (busy) return busy;
  const data: JsonObject = { reference: pinnedTo(image) };
  return begun(world, set, request, { what: 'scaleSet.reimage', afterMs: reimageMs, instances, data });
}

/** What was resolved when the request came, as a reference to it alone. */
function pinnedTo({ reference }: DeployedImage): JsonObject {
  const { exactVersion, ...own } = reference;
  const id = text(own['id']);
  if (id === undefined || /\/versions\/\d[^/]*$/i.test(id) || exactVersion === undefined) return own;
  return { ...own, id: `${id.replace(/\/versions\/latest$/i, '')}/versions/${String(exactVersion)}` };
}

/** Whoever is being upgraded, made or deleted takes nothing else. */
function busyOf(set: Resource, instances: readonly Resource[]): SandboxResponse | undefined {
  const going = instances.find(isGoing);
  if (going) return markedForDeletion(set, going);
  const busy = instances.some(({ properties }) =>
    ['Creating', 'Updating'].includes(String(properties['provisioningState'])),
  );
  return busy ? concurrencyConflict() : undefined;
}

function markedForDeletion(set: Resource, instance: Resource): SandboxResponse {
  const message = `Operation 'Put on Virtual Machine Scale Set VM instance' is not allowed on Virtual Machine Scale Set VM instance '${set.name}_${instanceIdOf(instance)}' since it is marked for deletion.`;
  return armError(409, 'OperationNotAllowed', message);
}

interface Begun {
  readonly what: string;
  readonly afterMs: number;
  readonly instances: readonly Resource[];
  readonly data?: JsonObject;
}

function begun(
  world: World,
  set: Resource,
  request: SandboxRequest,
  { what, afterMs, instances, data = {} }: Begun,
): SandboxResponse {
  for (const instance of instances) instance.properties['provisioningState'] = 'Updating';
  const ids = instances.map(({ id }) => key(id));
  const operation = { what, target: key(set.id), afterMs, data: { ...data, instances: ids } };
  return { status: 202, headers: { ...startSetOperation(world, request, set, operation), ...writeHeaders } };
}

/** Of what a PUT may say of an instance, whether it is protected (and its tags, as those of any resource). */
function putInstance(world: World, set: Resource, instance: Resource, request: SandboxRequest): SandboxResponse {
  const busy = busyOf(set, [instance]);
  if (busy) return busy;
  const body = object(request.body);
  const { protectionPolicy } = object(body['properties']);
  if (protectionPolicy !== undefined) instance.properties['protectionPolicy'] = object(protectionPolicy);
  if (body['tags'] !== undefined) instance.tags = object(body['tags']) as Record<string, string>;
  instance.properties['provisioningState'] = 'Updating';
  const operation = { what: 'scaleSet.instance', target: key(instance.id), afterMs: 20_000 };
  const head = startSetOperation(world, request, set, operation);
  const body200 = copyOf(shownInstance(world, set, instance));
  return { status: 200, headers: { ...head, ...writeHeaders }, body: body200 };
}
