import type { SandboxResponse } from '../../../kernel/types';
import { armError } from '../../arm';
import { changeNotAllowed, invalidParameter } from '../errors';
import { type JsonObject, list, object, type Resource, text } from '../resource';
import { notLatest } from './image';
import { automaticPolicyOf, isAutomatic, reportsHealth, upgradePolicyOf } from './sets';

/** How a set is upgraded in batches; percentages are of all its instances. */
export interface RollingPolicy {
  readonly maxBatchInstancePercent: number;
  readonly maxUnhealthyInstancePercent: number;
  readonly maxUnhealthyUpgradedInstancePercent: number;
  readonly pauseTimeBetweenBatches: string;
  readonly prioritizeUnhealthyInstances?: boolean;
  readonly rollbackFailedInstancesOnPolicyBreach?: boolean;
}

const initial: RollingPolicy = {
  maxBatchInstancePercent: 20,
  maxUnhealthyInstancePercent: 20,
  maxUnhealthyUpgradedInstancePercent: 20,
  pauseTimeBetweenBatches: 'PT0S',
};

/** An automatic upgrade keeps to the set's own policy only where it says so. */
export function rollingPolicyOf(set: Resource, os: boolean): RollingPolicy {
  if (os && automaticPolicyOf(set)['useRollingUpgradePolicy'] === false) return initial;
  return { ...initial, ...(object(upgradePolicyOf(set)['rollingUpgradePolicy']) as unknown as Partial<RollingPolicy>) };
}

/** An ISO 8601 duration of days, hours, minutes and seconds in milliseconds; undefined when it is none. */
export function durationMs(value: unknown): number | undefined {
  const found = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(String(value));
  if (!found || found.slice(1).every((part) => part === undefined)) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = found.slice(1).map((part) => Number(part ?? 0));
  return (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000;
}

const bounds: readonly (readonly [name: string, least: number])[] = [
  ['maxBatchInstancePercent', 5],
  ['maxUnhealthyInstancePercent', 5],
  ['maxUnhealthyUpgradedInstancePercent', 0],
];

/** Why a set cannot be upgraded as it would be after a change; undefined when it can. */
export function policyProblem(set: Resource): SandboxResponse | undefined {
  const policy = upgradePolicyOf(set);
  const mode = String(policy['mode']);
  if (!['Automatic', 'Manual', 'Rolling'].includes(mode)) {
    return invalidParameter(`The value '${mode}' of parameter upgradePolicy.mode is invalid.`, 'upgradePolicy.mode');
  }
  if (mode === 'Rolling' && !reportsHealth(set)) return withoutHealth('Rolling Upgrade mode', 'provided');
  return rollingProblem(object(policy['rollingUpgradePolicy'])) ?? automaticProblem(set) ?? hooksProblem(set);
}

function withoutHealth(what: string, verb: string): SandboxResponse {
  const message = `${what} is not supported for this Virtual Machine Scale Set because a health probe or health extension was not ${verb}.`;
  return armError(400, 'BadRequest', message);
}

function rollingProblem(rolling: JsonObject): SandboxResponse | undefined {
  const path = 'upgradePolicy.rollingUpgradePolicy';
  for (const [name, least] of bounds) {
    const value = rolling[name];
    if (value === undefined || (Number.isInteger(value) && Number(value) >= least && Number(value) <= 100)) continue;
    return invalidParameter(
      `The value '${String(value)}' of parameter '${path}.${name}' is out of range. It must be between ${least} and 100.`,
      `${path}.${name}`,
    );
  }
  const pause = rolling['pauseTimeBetweenBatches'];
  if (pause === undefined || durationMs(pause) !== undefined) return undefined;
  const name = `${path}.pauseTimeBetweenBatches`;
  return invalidParameter(`The value '${String(pause)}' of parameter '${name}' is not a duration in ISO 8601.`, name);
}

/** That a deferral needs automatic upgrades is our reading, and so are the words. */
function automaticProblem(set: Resource): SandboxResponse | undefined {
  if (!isAutomatic(set)) {
    if (automaticPolicyOf(set)['osRollingUpgradeDeferral'] !== true) return undefined;
    const name = 'upgradePolicy.automaticOSUpgradePolicy.osRollingUpgradeDeferral';
    return invalidParameter(`'${name}' needs 'enableAutomaticOSUpgrade' to be true.`, name);
  }
  return reportsHealth(set) ? notLatest(set) : withoutHealth('Automatic OS Upgrade', 'specified');
}

/** Documented: how long each kind of hook waits by itself, and at most. */
export const hookWaits = {
  UpgradeAutoOSScheduling: { initialMs: 3_600_000, mostMs: 48 * 3_600_000 },
  UpgradeAutoOSRollingBatchStarting: { initialMs: 30 * 60_000, mostMs: 4 * 3_600_000 },
} as const;

/** The hooks of a model. The words of what is wrong with one are the sandbox's. */
export const hooksOf = ({ properties }: Resource): JsonObject[] =>
  list(object(properties['lifecycleHooksProfile'])['lifecycleHooks']).map(object);

function hooksProblem(set: Resource): SandboxResponse | undefined {
  const path = 'lifecycleHooksProfile.lifecycleHooks';
  const invalid = (name: string, value: unknown) =>
    invalidParameter(`The value '${String(value)}' of parameter '${path}.${name}' is invalid.`, `${path}.${name}`);
  for (const { type, waitDuration, defaultAction = 'Approve' } of hooksOf(set)) {
    const waits = Object.entries(hookWaits).find(([name]) => name === type)?.[1];
    if (!waits) return invalid('type', type);
    if (!['Approve', 'Reject'].includes(String(defaultAction))) return invalid('defaultAction', defaultAction);
    if (waitDuration === undefined) continue;
    const ms = durationMs(waitDuration);
    if (ms === undefined || ms > waits.mostMs) return invalid('waitDuration', waitDuration);
  }
  return undefined;
}

/** What a set begins with and keeps, as paths in `properties`. */
const fixed = [
  'orchestrationMode',
  'platformFaultDomainCount',
  'uniqueId',
  'virtualMachineProfile.osProfile.computerNamePrefix',
  'virtualMachineProfile.osProfile.adminUsername',
  'virtualMachineProfile.storageProfile.osDisk.osType',
  'virtualMachineProfile.storageProfile.osDisk.createOption',
];

/** A change of what a set keeps. */
export function fixedProblem(before: Resource, after: Resource): SandboxResponse | undefined {
  const at = ({ properties }: Resource, path: string) =>
    path.split('.').reduce<unknown>((value, name) => object(value)[name], properties);
  const changed = fixed.find((path) => at(before, path) !== at(after, path));
  if (changed !== undefined) return changeNotAllowed(changed);
  // Larger groups cannot become one again.
  const widened = before.properties['singlePlacementGroup'] === false;
  return widened && after.properties['singlePlacementGroup'] === true
    ? changeNotAllowed('singlePlacementGroup')
    : undefined;
}

/** The size of the machines in a model. */
export const sizeOf = ({ sku }: Resource): string => text(sku?.['name']) ?? '';
