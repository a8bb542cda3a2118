import { randomUUID } from 'node:crypto';
import type { Json, Params, Route, SandboxRequest, SandboxResponse } from '../../../kernel/types';
import type { World } from '../../../kernel/world';
import { armError, key, notFound } from '../../arm';
import { invalidParameter } from '../errors';
import { type JsonObject, list, object, type Resource, text } from '../resource';
import { durationMs, hooksOf, hookWaits } from './policy';
import { type ActionState, type HookEvent, type HookType, hookEventsOf } from './section';
import { onSet, readHeaders, setPath, setType, writeHeaders } from './sets';

const type = `${setType}/lifecycleHookEvents`;

/** What a set's owner is asked before an automatic upgrade, and before each of its batches (preview). */
export function hookRoutes(world: World): Route[] {
  const path = `${setPath}/lifecycleHookEvents`;
  const found = (act: (set: Resource, event: HookEvent, request: SandboxRequest) => SandboxResponse) =>
    onSet(world, (set, request, params) => {
      const event = hookEventsOf(world, set.id).find(({ name }) => name === params['event']?.toLowerCase());
      return event ? act(set, event, request) : missing(params);
    });
  return [
    {
      method: 'GET',
      path,
      handle: onSet(world, (set) => {
        const value = hookEventsOf(world, set.id).map((event) => view(set, event));
        return { status: 200, headers: readHeaders, body: { value } };
      }),
    },
    {
      method: 'GET',
      path: `${path}/{event}`,
      handle: found((set, event) => ({ status: 200, headers: readHeaders, body: view(set, event) })),
    },
    {
      method: 'PATCH',
      path: `${path}/{event}`,
      handle: found((set, event, request) => {
        const refused = answer(world, set, event, object(object(request.body)['properties']));
        return refused ?? { status: 200, headers: writeHeaders, body: view(set, event) };
      }),
    },
  ];
}

const missing = (params: Params): SandboxResponse =>
  notFound(setType, `${params['set']}/lifecycleHookEvents/${params['event']}`, params['group'] ?? '');

type HookDue = { [key: string]: Json; set: string; event: string };

/** What an answered question leads to: the upgrade or the batch that waited for it. */
type Answered = (world: World, set: Resource, event: HookEvent, atMs: number) => void;
const answered = new Map<HookType, Answered>();

export function onAnswer(of: HookType, then: Answered): void {
  answered.set(of, then);
}

/** Registers what happens to a question that nobody answers. */
export function registerHooks(world: World, find: (id: string) => Resource | undefined): void {
  world.on<HookDue>('scaleSet.hook', ({ set: id, event: name }, atMs) => {
    const set = find(id);
    const event = hookEventsOf(world, id).find((e) => e.name === name);
    // It may have been answered meanwhile, or put off.
    if (!set || event?.state !== 'Active' || event.waitUntilMs > atMs) return;
    const action = event.defaultAction === 'Approve' ? 'Approved' : 'Rejected';
    for (const target of event.targets) if (target.actionState === 'Waiting') target.actionState = action;
    complete(world, set, event, atMs);
  });
}

interface Asked {
  readonly type: HookType;
  readonly targets: readonly Resource[];
  readonly atMs: number;
  readonly upgrade?: number;
}

/** Asks where the model has such a hook; false where it has none, and nobody is asked. */
function ask(world: World, set: Resource, { type: kind, targets, atMs, upgrade }: Asked): boolean {
  const hook = hooksOf(set).find((h) => h['type'] === kind);
  if (!hook) return false;
  const { initialMs, mostMs } = hookWaits[kind];
  const event: HookEvent = {
    name: randomUUID(),
    type: kind,
    createdMs: atMs,
    waitUntilMs: atMs + (durationMs(hook['waitDuration']) ?? initialMs),
    maxWaitUntilMs: atMs + mostMs,
    defaultAction: hook['defaultAction'] === 'Reject' ? 'Reject' : 'Approve',
    ...(upgrade !== undefined && { upgrade }),
    state: 'Active',
    targets: targets.map(({ id }) => ({ id, actionState: 'Waiting' })),
  };
  hookEventsOf(world, set.id).push(event);
  world.schedule(event.waitUntilMs, 'scaleSet.hook', { set: key(set.id), event: event.name });
  return true;
}

/** True when the owner is being asked, or already was and has not answered: the upgrade waits. */
export function askBeforeUpgrade(world: World, set: Resource, atMs: number): boolean {
  const kind = 'UpgradeAutoOSScheduling';
  if (hookEventsOf(world, set.id).some((e) => e.type === kind && e.state === 'Active')) return true;
  return ask(world, set, { type: kind, targets: [set], atMs });
}

export function askBeforeBatch(
  world: World,
  set: Resource,
  { batch, upgrade, atMs }: { batch: readonly Resource[]; upgrade: number; atMs: number },
): boolean {
  return ask(world, set, { type: 'UpgradeAutoOSRollingBatchStarting', targets: batch, atMs, upgrade });
}

/** An upgrade that has ended asks no more. */
export function closeHooks(world: World, set: Resource): void {
  for (const event of hookEventsOf(world, set.id)) if (event.upgrade !== undefined) event.state = 'Completed';
}

function complete(world: World, set: Resource, event: HookEvent, atMs: number): void {
  event.state = 'Completed';
  answered.get(event.type)?.(world, set, event, atMs);
}

/** A later end, or an answer for some or all of what it is about. Words that nobody has published are the sandbox's. */
function answer(world: World, set: Resource, event: HookEvent, given: JsonObject): SandboxResponse | undefined {
  if (event.state === 'Completed') {
    return armError(409, 'OperationNotAllowed', `The lifecycle hook event '${event.name}' is completed.`);
  }
  const states = list(given['targetResources']).map(object);
  const refused = statesProblem(event, states) ?? putOff(world, set, event, given['waitUntil']);
  if (refused) return refused;
  for (const { resource, actionState } of states) {
    const target = targetOf(event, resource);
    if (target && actionState !== undefined) target.actionState = actionState as ActionState;
  }
  if (event.targets.every(({ actionState }) => actionState !== 'Waiting')) {
    complete(world, set, event, world.clock.nowMs());
  }
  return undefined;
}

const targetOf = ({ targets }: HookEvent, resource: Json | undefined) =>
  targets.find(({ id }) => key(id) === key(text(object(resource)['id']) ?? ''));

function statesProblem(event: HookEvent, states: readonly JsonObject[]): SandboxResponse | undefined {
  for (const { resource, actionState } of states) {
    const name = 'properties.targetResources';
    if (!targetOf(event, resource)) {
      const message = `The resource '${String(object(resource)['id'])}' is no target of the lifecycle hook event '${event.name}'.`;
      return invalidParameter(message, `${name}.resource.id`);
    }
    // Reported of the preview: whoever says no is told that something is wrong with Azure.
    if (actionState === 'Rejected') {
      return armError(500, 'InternalServerError', 'An internal server error occurred. Please retry later.');
    }
    if (actionState === undefined || ['Waiting', 'Approved'].includes(String(actionState))) continue;
    const message = `The value '${String(actionState)}' of parameter '${name}.actionState' is invalid.`;
    return invalidParameter(message, `${name}.actionState`);
  }
  return undefined;
}

function putOff(world: World, set: Resource, event: HookEvent, until: Json | undefined): SandboxResponse | undefined {
  if (until === undefined || until === null) return undefined;
  const ms = Date.parse(String(until));
  if (Number.isNaN(ms) || ms < world.clock.nowMs() || ms > event.maxWaitUntilMs) {
    const most = new Date(event.maxWaitUntilMs).toISOString();
    const message = `The value '${String(until)}' of parameter 'properties.waitUntil' must be a time in the future that is not after maxWaitUntil '${most}'.`;
    return invalidParameter(message, 'properties.waitUntil');
  }
  event.waitUntilMs = ms;
  world.schedule(ms, 'scaleSet.hook', { set: key(set.id), event: event.name });
  return undefined;
}

const at = (ms: number): string => new Date(ms).toISOString();

function view(set: Resource, event: HookEvent): JsonObject {
  return {
    id: `${set.id}/lifecycleHookEvents/${event.name}`,
    name: event.name,
    type,
    properties: {
      type: event.type,
      state: event.state,
      timeCreated: at(event.createdMs),
      waitUntil: at(event.waitUntilMs),
      maxWaitUntil: at(event.maxWaitUntilMs),
      defaultAction: event.defaultAction,
      targetResources: event.targets.map(({ id, actionState }) => ({ resource: { id }, actionState })),
      ...(event.type === 'UpgradeAutoOSScheduling' && { additionalContext: { priority: 'Default' } }),
    },
  };
}
