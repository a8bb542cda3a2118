import type { Route, SandboxRequest, SandboxResponse } from '../../../kernel/types';
import type { World } from '../../../kernel/world';
import { armError, key } from '../../arm';
import { onCompletion } from '../lro';
import { type JsonObject, object, type Resource } from '../resource';
import { approve, behind } from './automatic';
import { imageOf } from './image';
import { rollingPolicyOf } from './policy';
import { onInstance } from './reads';
import { beginUpgrade, cancelUpgrade, progressOf } from './rolling';
import { type Upgrade, underWay, upgradesOf } from './section';
import {
  followedImage,
  instanceIdOf,
  instancesOf,
  isProtected,
  modelReference,
  onSet,
  openSetOperation,
  readHeaders,
  reportsHealth,
  setPath,
  setType,
  startSetOperation,
  writeHeaders,
} from './sets';

/** Upgrades of a whole set: begun, approved, watched, stopped, and those that there were. */
export function upgradeRoutes(world: World): Route[] {
  const post = (path: string, act: (set: Resource, request: SandboxRequest) => SandboxResponse): Route => ({
    method: 'POST',
    path: `${setPath}/${path}`,
    handle: onSet(world, act),
  });
  return [
    post('osRollingUpgrade', (set, request) => start(world, set, request)),
    post('approveRollingUpgrade', (set, request) => approve(world, set, request)),
    post('rollingUpgrades/cancel', (set, request) => cancel(world, set, request)),
    { method: 'GET', path: `${setPath}/rollingUpgrades/latest`, handle: onSet(world, (set) => latest(world, set)) },
    { method: 'GET', path: `${setPath}/osUpgradeHistory`, handle: onSet(world, (set) => history(world, set)) },
    {
      method: 'POST',
      path: `${setPath}/virtualMachines/{instance}/approveRollingUpgrade`,
      handle: onInstance(world, (set, instance, request) => approve(world, set, request, [instanceIdOf(instance)])),
    },
  ];
}

export function registerUpgradeRoutes(): void {
  onCompletion('scaleSet.cancel', () => undefined);
}

/** Begins to move all unprotected instances to the latest version now; nobody is asked, and nothing is rolled back. */
function start(world: World, set: Resource, request: SandboxRequest): SandboxResponse {
  const unprotected = instancesOf(world, set).filter((i) => !isProtected(i));
  const follows = followedImage(set) !== undefined || modelReference(set)['version'] === 'latest';
  if (!follows || unprotected.length === 0) {
    const message =
      'The OS Rolling Upgrade API cannot be used on a Virtual Machine Scale Set unless the Virtual Machine Scale Set has some unprotected instances which have imageReference.version set to latest.';
    return armError(409, 'OperationNotAllowed', message);
  }
  if (!reportsHealth(set)) {
    const message =
      'Rolling Upgrade is not supported for this Virtual Machine Scale Set because a health probe or health extension was not provided.';
    return armError(400, 'BadRequest', message);
  }
  if (underWay(world, key(set.id))) {
    const message = `A rolling upgrade of Virtual Machine Scale Set '${set.name}' is in progress already.`;
    return armError(409, 'OperationNotAllowed', message);
  }
  const image = imageOf(world, set);
  if ('status' in image) return image;
  const { head, operation } = openSetOperation(world, request, set);
  const atMs = world.clock.nowMs();
  beginUpgrade(world, set, { instances: behind(world, set), startedBy: 'User', os: true, atMs, operation });
  return { status: 202, headers: { ...head, ...writeHeaders } };
}

function cancel(world: World, set: Resource, request: SandboxRequest): SandboxResponse {
  if (!cancelUpgrade(world, set, world.clock.nowMs())) {
    return armError(409, 'OperationNotAllowed', 'There is no ongoing Rolling Upgrade to cancel.');
  }
  const operation = { what: 'scaleSet.cancel', target: key(set.id), afterMs: 30_000 };
  return { status: 202, headers: { ...startSetOperation(world, request, set, operation), ...writeHeaders } };
}

/** Of upgrades of every kind the last one. That there never was one is a 404 with the sandbox's words. */
function latest(world: World, set: Resource): SandboxResponse {
  const upgrade = upgradesOf(world, key(set.id)).at(-1);
  if (!upgrade) {
    return armError(404, 'NotFound', `Virtual Machine Scale Set '${set.name}' has had no rolling upgrade.`);
  }
  const {
    prioritizeUnhealthyInstances: _,
    rollbackFailedInstancesOnPolicyBreach: __,
    ...policy
  } = rollingPolicyOf(set, upgrade.os);
  const body = {
    id: `${set.id}/rollingUpgrades/latest`,
    name: 'latest',
    type: `${setType}/rollingUpgrades`,
    location: set.location,
    properties: {
      policy: { ...policy },
      runningStatus: {
        code: upgrade.code,
        startTime: at(upgrade.startMs),
        lastAction: upgrade.lastAction,
        lastActionTime: at(upgrade.lastActionMs),
      },
      progress: progressOf(upgrade),
      ...(upgrade.error && { error: { ...upgrade.error } }),
    },
  };
  return { status: 200, headers: readHeaders, body };
}

const twoMonthsMs = 60 * 24 * 3_600_000;

/** Documented: the last five OS upgrades of two months. */
function history(world: World, set: Resource): SandboxResponse {
  const since = world.clock.nowMs() - twoMonthsMs;
  const all = upgradesOf(world, key(set.id)).filter(({ os, startMs }) => os && startMs >= since);
  const value = all
    .slice(-5)
    .reverse()
    .map((upgrade) => past(set, upgrade));
  return { status: 200, headers: readHeaders, body: { value } };
}

function past(set: Resource, upgrade: Upgrade): JsonObject {
  const { code, startMs, endMs, startedBy, target, rolledBack, error } = upgrade;
  return {
    type: `${setType}/rollingUpgrades`,
    location: set.location,
    properties: {
      runningStatus: { code, startTime: at(startMs), ...(endMs !== undefined && { endTime: at(endMs) }) },
      progress: progressOf(upgrade),
      startedBy,
      targetImageReference: object(target),
      ...(rolledBack > 0 && {
        rollbackInfo: { successfullyRolledbackInstanceCount: rolledBack, failedRolledbackInstanceCount: 0 },
      }),
      ...(error && { error: { ...error } }),
    },
  };
}

const at = (ms: number): string => new Date(ms).toISOString();
