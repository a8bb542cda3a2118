import { copyOf } from '../../../kernel/copy';
import type { Json } from '../../../kernel/types';
import type { World } from '../../../kernel/world';
import { key } from '../../arm';
import { compareVersions } from '../gallery-latest';
import { closeLro } from '../lro';
import { type JsonObject, object, type Resource, text } from '../resource';
import type { DeployedImage } from '../vm-image';
import { isHealthy, unhealthyShare } from './health';
import { askBeforeBatch, closeHooks } from './hooks';
import { giveDisk, imageOf } from './image';
import { durationMs, type RollingPolicy, rollingPolicyOf } from './policy';
import { type Upgrade, underWay, upgradesOf } from './section';
import {
  automaticPolicyOf,
  findSet,
  instancesOf,
  isGoing,
  isProtected,
  modelReference,
  noteModel,
  referenceOf,
} from './sets';

/** World time until the health of a batch is known, and from then until the next one begins. */
const healthMs = 5 * 60_000;
const settleMs = 5 * 60_000;

type BatchEvent = { [key: string]: Json; set: string; upgrade: number; approved?: string[] };

interface Beginning {
  readonly instances: readonly Resource[];
  readonly startedBy: Upgrade['startedBy'];
  readonly os: boolean;
  readonly atMs: number;
  readonly operation?: Upgrade['operation'];
}

export function registerRolling(world: World): void {
  world.on<BatchEvent>('scaleSet.batch', (event, atMs) => {
    const upgrade = running(world, event);
    const set = findSet(world, event.set);
    if (upgrade && set) nextBatch(world, set, { upgrade, event, atMs });
  });
  world.on<BatchEvent>('scaleSet.judge', (event, atMs) => {
    const upgrade = running(world, event);
    const set = findSet(world, event.set);
    if (upgrade && set) judge(world, set, { upgrade, event, atMs });
  });
}

const running = (world: World, { set, upgrade }: BatchEvent): Upgrade | undefined => {
  const found = upgradesOf(world, set)[upgrade];
  return found?.code === 'RollingForward' ? found : undefined;
};

/** Begins to upgrade instances of a set, batch by batch. */
export function beginUpgrade(world: World, set: Resource, beginning: Beginning): void {
  const { instances, startedBy, os, atMs, operation } = beginning;
  const image = imageOf(world, set);
  const all = upgradesOf(world, key(set.id));
  all.push({
    startedBy,
    os,
    startMs: atMs,
    target: 'status' in image ? modelReference(set) : image.reference,
    ...(operation && { operation }),
    code: 'RollingForward',
    lastAction: 'Start',
    lastActionMs: atMs,
    pending: instances.map(({ id }) => key(id)),
    inProgress: [],
    successful: 0,
    failed: 0,
    rolledBack: 0,
    before: {},
  });
  world.schedule(atMs, 'scaleSet.batch', { set: key(set.id), upgrade: all.length - 1 });
}

interface Step {
  readonly upgrade: Upgrade;
  readonly event: BatchEvent;
  readonly atMs: number;
}

/** Documented codes; the numbers stand in the sentences as Azure has them. */
const words = {
  before: (share: number, most: number) =>
    `Rolling Upgrade failed before any batch was upgraded because ${share}% of instances are in an unhealthy state - the threshold for unhealthy instances is ${most}%.`,
  all: (share: number, most: number) =>
    `Rolling Upgrade failed after exceeding the MaxUnhealthyInstancePercent value defined in the RollingUpgradePolicy. ${share}% of instances are in an unhealthy state after being upgraded - the threshold for unhealthy instances is ${most}%.`,
  upgraded: (share: number, most: number) =>
    `Rolling Upgrade failed after exceeding the MaxUnhealthyUpgradedInstancePercent value defined in the RollingUpgradePolicy. ${share}% of instances are in an unhealthy state after being upgraded - the threshold for unhealthy instances is ${most}%.`,
};

function nextBatch(world: World, set: Resource, step: Step): void {
  const { upgrade, event, atMs } = step;
  const image = imageOf(world, set);
  const policy = rollingPolicyOf(set, upgrade.os);
  if ('status' in image) {
    end(world, set, step, refusalOf(image.body));
    return;
  }
  const sick = event.approved === undefined ? sickBefore(world, set, upgrade, policy) : undefined;
  if (sick) {
    end(world, set, step, sick);
    return;
  }
  const batch = batchOf(world, set, { upgrade, image, policy, approved: event.approved });
  const next = { set: event.set, upgrade: event.upgrade };
  if (batch.length === 0) {
    // Those that were approved are gone; others may not be.
    if (upgrade.pending.length > 0) world.schedule(atMs, 'scaleSet.batch', next);
    else end(world, set, step);
    return;
  }
  const asks = upgrade.startedBy === 'Platform' && upgrade.os && event.approved === undefined;
  if (asks && askBeforeBatch(world, set, { batch, upgrade: event.upgrade, atMs })) return;
  const ids = batch.map(({ id }) => key(id));
  upgrade.pending = upgrade.pending.filter((id) => !ids.includes(id));
  upgrade.inProgress = ids;
  for (const instance of batch) {
    upgrade.before[key(instance.id)] = object(copyOf(instance.properties['storageProfile']));
    giveDisk(world, set, instance, image);
    Object.assign(instance.properties, { provisioningState: 'Updating', timeCreated: new Date(atMs).toISOString() });
  }
  world.schedule(atMs + healthMs, 'scaleSet.judge', next);
}

/** A set that is not well is not touched. */
function sickBefore(world: World, set: Resource, upgrade: Upgrade, policy: RollingPolicy): UpgradeError | undefined {
  if (upgrade.successful + upgrade.failed > 0) return undefined;
  const share = Math.round(unhealthyShare(world, set));
  if (share <= policy.maxUnhealthyInstancePercent) return undefined;
  const message = words.before(share, policy.maxUnhealthyInstancePercent);
  return { code: 'MaxUnhealthyInstancePercentExceededBeforeRollingUpgrade', message };
}

interface Choice {
  readonly upgrade: Upgrade;
  readonly image: DeployedImage;
  readonly policy: RollingPolicy;
  readonly approved?: string[] | undefined;
}

/** Instances that are gone, protected or no longer behind are left out for good. */
function batchOf(world: World, set: Resource, { upgrade, image, policy, approved }: Choice): Resource[] {
  const all = instancesOf(world, set);
  const { exactVersion = '0.0.0' } = image.reference;
  const isBehind = (i: Resource) =>
    compareVersions(String(referenceOf(i)['exactVersion'] ?? '0.0.0'), String(exactVersion)) < 0;
  const due = all.filter(
    (i) => upgrade.pending.includes(key(i.id)) && !isProtected(i) && !isGoing(i) && (!upgrade.os || isBehind(i)),
  );
  upgrade.pending = due.map(({ id }) => key(id));
  if (approved) return due.filter(({ id }) => approved.includes(key(id)));
  const sick = (i: Resource) => Number(isHealthy(world, set, i));
  const ordered = policy.prioritizeUnhealthyInstances === true ? [...due].sort((a, b) => sick(a) - sick(b)) : due;
  return ordered.slice(0, Math.max(1, Math.ceil((all.length * policy.maxBatchInstancePercent) / 100)));
}

/** What became of a batch: an instance that is not healthy gets its old disk back where the policy says so. */
function judge(world: World, set: Resource, step: Step): void {
  const { upgrade, event, atMs } = step;
  const policy = rollingPolicyOf(set, upgrade.os);
  const batch = instancesOf(world, set).filter(({ id }) => upgrade.inProgress.includes(key(id)));
  upgrade.inProgress = [];
  for (const instance of batch) instance.properties['provisioningState'] = 'Succeeded';
  const sick = batch.filter((instance) => !isHealthy(world, set, instance));
  const share = Math.round(unhealthyShare(world, set));
  for (const instance of batch) if (!sick.includes(instance)) applied(upgrade, instance);
  upgrade.failed += sick.length;
  if (upgrade.os && automaticPolicyOf(set)['disableAutomaticRollback'] !== true && upgrade.startedBy === 'Platform') {
    putBack(upgrade, sick);
  }
  const breach = breachOf(policy, share, upgrade);
  if (breach && policy.rollbackFailedInstancesOnPolicyBreach === true) putBack(upgrade, sick);
  if (breach || upgrade.pending.length === 0) {
    end(world, set, step, breach);
    return;
  }
  const pauseMs = durationMs(policy.pauseTimeBetweenBatches) ?? 0;
  world.schedule(atMs + settleMs + pauseMs, 'scaleSet.batch', { set: event.set, upgrade: event.upgrade });
}

function applied(upgrade: Upgrade, instance: Resource): void {
  upgrade.successful += 1;
  noteModel(instance, true);
  delete upgrade.before[key(instance.id)];
}

function putBack(upgrade: Upgrade, sick: readonly Resource[]): void {
  for (const instance of sick) {
    const before = upgrade.before[key(instance.id)];
    if (!before) continue;
    instance.properties['storageProfile'] = before;
    upgrade.rolledBack += 1;
    delete upgrade.before[key(instance.id)];
  }
}

function breachOf(policy: RollingPolicy, share: number, { successful, failed }: Upgrade): UpgradeError | undefined {
  const most = policy.maxUnhealthyInstancePercent;
  if (share > most) {
    return { code: 'MaxUnhealthyInstancePercentExceededInRollingUpgrade', message: words.all(share, most) };
  }
  const done = successful + failed;
  const ofUpgraded = done === 0 ? 0 : Math.round((100 * failed) / done);
  const mostUpgraded = policy.maxUnhealthyUpgradedInstancePercent;
  if (ofUpgraded <= mostUpgraded) return undefined;
  const message = words.upgraded(ofUpgraded, mostUpgraded);
  return { code: 'MaxUnhealthyUpgradedInstancePercentExceededInRollingUpgrade', message };
}

type UpgradeError = NonNullable<Upgrade['error']>;

function refusalOf(body: unknown): UpgradeError {
  const { code, message } = object(object(body)['error']);
  return { code: text(code) ?? 'InternalExecutionError', message: text(message) ?? '' };
}

function end(world: World, set: Resource, { upgrade, atMs }: Step, error?: UpgradeError): void {
  close(world, set, upgrade, { code: error ? 'Faulted' : 'Completed', atMs, ...(error && { error }) });
}

interface Ending {
  readonly code: Upgrade['code'];
  readonly atMs: number;
  readonly error?: UpgradeError;
}

function close(world: World, set: Resource, upgrade: Upgrade, { code, atMs, error }: Ending): void {
  Object.assign(upgrade, { code, endMs: atMs, before: {}, ...(error && { error }) });
  closeHooks(world, set);
  if (!upgrade.operation) return;
  if (!upgrade.os) set.properties['provisioningState'] = error ? 'Failed' : 'Succeeded';
  closeLro(world, upgrade.operation, atMs, error);
}

const preempted = {
  code: 'OperationPreempted',
  message: 'Operation execution has been preempted by a more recent operation.',
};

/** Stops an upgrade: what has begun is finished, nothing new begins. False when there is none. */
export function cancelUpgrade(world: World, set: Resource, atMs: number): boolean {
  const upgrade = underWay(world, key(set.id));
  if (!upgrade) return false;
  const batch = instancesOf(world, set).filter(({ id }) => upgrade.inProgress.includes(key(id)));
  for (const instance of batch) {
    instance.properties['provisioningState'] = 'Succeeded';
    applied(upgrade, instance);
  }
  upgrade.inProgress = [];
  Object.assign(upgrade, { lastAction: 'Cancel', lastActionMs: atMs });
  close(world, set, upgrade, { code: 'Cancelled', atMs, error: preempted });
  delete upgrade.error;
  return true;
}

/** What an upgrade has come to, in Azure's words. */
export const progressOf = ({ successful, failed, inProgress, pending }: Upgrade): JsonObject => ({
  successfulInstanceCount: successful,
  failedInstanceCount: failed,
  inProgressInstanceCount: inProgress.length,
  pendingInstanceCount: pending.length,
});
