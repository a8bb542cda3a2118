import { copyOf } from '../../../kernel/copy';
import type { Route, SandboxRequest, SandboxResponse } from '../../../kernel/types';
import type { World } from '../../../kernel/world';
import { key } from '../../arm';
import { concurrencyConflict } from '../errors';
import { refused } from '../gallery-shared';
import { onCompletion } from '../lro';
import { locationProblem } from '../names';
import { type JsonObject, list, object, type Resource, text } from '../resource';
import { firstLookMs } from './automatic';
import { giveDisk, imageOf, imageProblem } from './image';
import { fixedProblem, policyProblem, sizeOf } from './policy';
import { beginUpgrade, cancelUpgrade } from './rolling';
import { capacityProblem, scale, settleScale } from './scale';
import {
  findSet,
  instancesOf,
  isAutomatic,
  isProtected,
  noteModel,
  onSet,
  openSetOperation,
  profileOf,
  setId,
  setPath,
  setType,
  startSetOperation,
  upgradePolicyOf,
  writeHeaders,
} from './sets';

/** World time until a change of a set is done where no instance is made, and where some are. */
const changeMs = 20_000;
const scaleMs = 3 * 60_000;

/** Changes of a scale set. They are not made here: a PUT of one that does not exist is not served. */
export function changeRoutes(world: World): Route[] {
  const change = (set: Resource, request: SandboxRequest) => changeSet(world, set, request);
  return [
    { method: 'PATCH', path: setPath, handle: onSet(world, change) },
    {
      method: 'PUT',
      path: setPath,
      handle: (request, params) => {
        const set = findSet(world, setId(params));
        if (set) return change(set, request);
        const refusal = refused(world, params);
        if (refusal) return refusal;
        const message = 'The sandbox makes no scale sets: it changes those that are there.';
        return { status: 501, body: { error: { code: 'NotImplementedInSandbox', message } } };
      },
    },
  ];
}

interface Written {
  readonly made: string[];
  readonly going: string[];
  /** All instances get the new model at once. */
  readonly all: boolean;
}

export function registerChanges(): void {
  onCompletion('scaleSet.write', (world, target, { data, outcome, atMs }) => {
    const set = findSet(world, target);
    if (!set) return undefined;
    const fate = settle(world, set, data, atMs);
    set.properties['provisioningState'] = fate || outcome !== 'Succeeded' ? 'Failed' : 'Succeeded';
    return fate && { error: fate };
  });
}

function settle(world: World, set: Resource, data: JsonObject, atMs: number) {
  const [made, going] = [list(data['made']).map(String), list(data['going']).map(String)];
  const fate = settleScale(world, set, { made, going }, atMs);
  if (made.length > 0) set.sku = { ...set.sku, capacity: instancesOf(world, set).length };
  const image = imageOf(world, set);
  if (data['all'] === true && !('status' in image)) {
    for (const instance of instancesOf(world, set)) {
      if (isProtected(instance) || instance.properties['latestModelApplied'] === true) continue;
      giveDisk(world, set, instance, image);
      noteModel(instance, true);
    }
  }
  return fate;
}

/** What a request names is merged into what is there, objects member by member; what it leaves out stays, also at a PUT. */
function changeSet(world: World, set: Resource, request: SandboxRequest): SandboxResponse {
  const body = object(request.body);
  const location = text(body['location']) ?? set.location;
  const misplaced = locationProblem(setType, location, set, set.id.split('/')[4] ?? '');
  if (misplaced) return misplaced;
  if (['Creating', 'Updating', 'Deleting'].includes(String(set.properties['provisioningState']))) {
    return concurrencyConflict();
  }
  const after = changed(set, body);
  const problem =
    fixedProblem(set, after) ??
    policyProblem(after) ??
    imageProblem(world, set, after) ??
    (isScaled(request) ? capacityProblem(world, set, after) : undefined);
  if (problem) return problem;
  return written(world, set, after, request);
}

/** Whether a request says how many instances there should be: another one makes and takes none. */
const isScaled = ({ body }: SandboxRequest): boolean => object(object(body)['sku'])['capacity'] !== undefined;

function changed(set: Resource, body: JsonObject): Resource {
  const { provisioningState: _, timeCreated: __, uniqueId: ___, ...given } = object(body['properties']);
  return {
    ...copyOf(set),
    ...(body['tags'] !== undefined && { tags: object(body['tags']) as Record<string, string> }),
    sku: { ...set.sku, ...object(body['sku']) },
    properties: merged(copyOf(set.properties), given),
  };
}

/** One image takes the place of another whole: a reference has no members that could be kept. */
function merged(before: JsonObject, given: JsonObject): JsonObject {
  const after = { ...before };
  for (const [name, value] of Object.entries(given)) {
    const isObject = value !== null && typeof value === 'object' && !Array.isArray(value);
    if (value === null) delete after[name];
    else if (!isObject || name === 'imageReference') after[name] = value;
    else after[name] = merged(object(before[name]), object(value));
  }
  return after;
}

const modelOf = (set: Resource): string => JSON.stringify([profileOf(set), sizeOf(set)]);

function written(world: World, set: Resource, after: Resource, request: SandboxRequest): SandboxResponse {
  const remodelled = modelOf(set) !== modelOf(after);
  const enabled = !isAutomatic(set) && isAutomatic(after);
  if (remodelled) cancelUpgrade(world, set, world.clock.nowMs());
  const existing = instancesOf(world, set);
  const etag = `"${Number((set.etag ?? '"1"').replaceAll('"', '')) + 1}"`;
  Object.assign(set, { tags: after.tags, sku: after.sku, etag, properties: after.properties });
  set.properties['provisioningState'] = 'Updating';
  if (remodelled) for (const instance of existing) noteModel(instance, false);
  if (enabled) world.schedule(world.clock.nowMs() + firstLookMs, 'compute.osUpgrade', { set: key(set.id) });
  const scaled = isScaled(request) ? scale(world, set) : { made: [], going: [] };
  const rolls = remodelled && upgradePolicyOf(set)['mode'] === 'Rolling' && existing.length > 0;
  const head = rolls
    ? rolledOut(world, set, request, scaled)
    : finishedAtOnce(world, set, request, {
        ...scaled,
        all: remodelled && upgradePolicyOf(set)['mode'] === 'Automatic',
      });
  return { status: 200, headers: { ...head, ...writeHeaders, etag }, body: copyOf(set) };
}

function finishedAtOnce(world: World, set: Resource, request: SandboxRequest, data: Written) {
  const afterMs = data.made.length + data.going.length > 0 || data.all ? scaleMs : changeMs;
  return startSetOperation(world, request, set, {
    what: 'scaleSet.write',
    target: key(set.id),
    afterMs,
    data: { ...data },
  });
}

/** The operation ends with the upgrade; instances that are made meanwhile have the new model from the beginning. */
function rolledOut(world: World, set: Resource, request: SandboxRequest, scaled: Omit<Written, 'all'>) {
  const atMs = world.clock.nowMs();
  const { head, operation } = openSetOperation(world, request, set);
  const made = new Set(scaled.made);
  const instances = instancesOf(world, set).filter(({ id }) => !made.has(key(id)));
  if (scaled.made.length + scaled.going.length > 0) {
    world.schedule(atMs + scaleMs, 'scaleSet.scaled', { set: key(set.id), ...scaled });
  }
  beginUpgrade(world, set, { instances, startedBy: 'User', os: false, atMs, operation });
  return head;
}

export function registerScaled(world: World): void {
  world.on<{ set: string; made: string[]; going: string[] }>('scaleSet.scaled', ({ set: id, ...scaled }, atMs) => {
    const set = findSet(world, id);
    if (set) settleScale(world, set, scaled, atMs);
  });
}
