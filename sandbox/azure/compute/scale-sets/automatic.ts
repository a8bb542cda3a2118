import type { SandboxRequest, SandboxResponse } from '../../../kernel/types';
import type { World } from '../../../kernel/world';
import { armError, key } from '../../arm';
import { compareVersions } from '../gallery-latest';
import { onCompletion } from '../lro';
import { list, object, type Resource } from '../resource';
import { noticeMs } from './follow';
import { askBeforeUpgrade, onAnswer } from './hooks';
import { imageOf } from './image';
import { beginUpgrade } from './rolling';
import { underWay, upgradesOf } from './section';
import {
  automaticPolicyOf,
  findSet,
  instanceIdOf,
  instancesOf,
  isAutomatic,
  isProtected,
  noInstance,
  referenceOf,
  startSetOperation,
  writeHeaders,
} from './sets';

/** Documented: how long Azure may take until it first looks at a set that has just been given automatic upgrades. */
export const firstLookMs = 3 * 3_600_000;

/** Sets with automatic OS upgrades follow the latest version of their image, once whoever owns them lets them. */
export function registerAutomatic(world: World): void {
  world.on<{ set: string }>('compute.osUpgrade', ({ set: id }, atMs) => {
    const set = findSet(world, id);
    if (!set || !isAutomatic(set)) return;
    if (underWay(world, id)) {
      world.schedule(atMs + noticeMs, 'compute.osUpgrade', { set: id });
      return;
    }
    // What is deferred waits for an approval, and nothing shows that it does.
    if (behind(world, set).length === 0 || isDeferred(set) || askBeforeUpgrade(world, set, atMs)) return;
    begin(world, set, behind(world, set), atMs);
  });
  onAnswer('UpgradeAutoOSScheduling', (w, set, { targets }, atMs) => {
    const approved = targets.every(({ actionState }) => actionState === 'Approved');
    const due = behind(w, set);
    if (approved && due.length > 0 && isAutomatic(set) && !underWay(w, key(set.id))) begin(w, set, due, atMs);
  });
  onAnswer('UpgradeAutoOSRollingBatchStarting', (w, set, { targets, upgrade: place }, atMs) => {
    const upgrade = upgradesOf(w, key(set.id))[place ?? -1];
    if (upgrade?.code !== 'RollingForward') return;
    const of = (state: string) => targets.filter((t) => t.actionState === state).map(({ id }) => key(id));
    const rejected = of('Rejected');
    upgrade.pending = upgrade.pending.filter((id) => !rejected.includes(id));
    const approved = of('Approved');
    const event = { set: key(set.id), upgrade: place ?? -1, ...(approved.length > 0 && { approved }) };
    w.schedule(atMs, 'scaleSet.batch', event);
  });
  onCompletion('scaleSet.approve', () => undefined);
}

const isDeferred = (set: Resource): boolean => automaticPolicyOf(set)['osRollingUpgradeDeferral'] === true;

/** Unprotected instances on an older version than the set would take now; nothing ever goes back by itself. */
export function behind(world: World, set: Resource): Resource[] {
  const image = imageOf(world, set);
  if ('status' in image) return [];
  const latest = String(image.reference['exactVersion'] ?? '0.0.0');
  const isBehind = (i: Resource) => compareVersions(String(referenceOf(i)['exactVersion'] ?? '0.0.0'), latest) < 0;
  return instancesOf(world, set).filter((i) => !isProtected(i) && isBehind(i));
}

function begin(world: World, set: Resource, instances: readonly Resource[], atMs: number): void {
  beginUpgrade(world, set, { instances, startedBy: 'Platform', os: true, atMs });
}

/**
 * `POST …/approveRollingUpgrade {instanceIds?}`: all that wait, or those. Nothing is known of what Azure answers when
 * nothing waits: here it is accepted and does nothing, so that asking twice is harmless. The refusal's words are the
 * sandbox's.
 */
export function approve(
  world: World,
  set: Resource,
  request: SandboxRequest,
  ids = list(object(request.body)['instanceIds']).map(String),
): SandboxResponse {
  if (!isAutomatic(set) || !isDeferred(set)) {
    const message = `The rolling upgrade of Virtual Machine Scale Set '${set.name}' cannot be approved because its automaticOSUpgradePolicy does not have osRollingUpgradeDeferral.`;
    return armError(409, 'OperationNotAllowed', message);
  }
  const all = instancesOf(world, set);
  const unknown = ids.find((id) => !all.some((i) => instanceIdOf(i) === id));
  if (unknown !== undefined) return noInstance(unknown);
  const wanted = behind(world, set).filter((i) => ids.length === 0 || ids.includes(instanceIdOf(i)));
  addOrBegin(world, set, wanted);
  const operation = { what: 'scaleSet.approve', target: key(set.id), afterMs: 30_000 };
  return { status: 202, headers: { ...startSetOperation(world, request, set, operation), ...writeHeaders } };
}

/** One upgrade is under way at a time: whoever is approved later joins it. */
function addOrBegin(world: World, set: Resource, wanted: readonly Resource[]): void {
  const upgrade = underWay(world, key(set.id));
  if (!upgrade) {
    if (wanted.length > 0) begin(world, set, wanted, world.clock.nowMs());
    return;
  }
  const known = new Set([...upgrade.pending, ...upgrade.inProgress]);
  upgrade.pending.push(...wanted.map(({ id }) => key(id)).filter((id) => !known.has(id)));
}
