import type { World } from '../../../kernel/world';
import type { OpenOperation } from '../lro';
import type { JsonObject } from '../resource';

export type UpgradeCode = 'RollingForward' | 'Cancelled' | 'Completed' | 'Faulted';

/** An upgrade of a set's instances, batch by batch; times are the world's. */
export interface Upgrade {
  readonly startedBy: 'User' | 'Platform';
  /** Of the operating system alone, to what the image's latest version is; else to a changed model. */
  readonly os: boolean;
  readonly startMs: number;
  readonly target: JsonObject;
  /** The request whose operation ends with it. */
  readonly operation?: OpenOperation;
  code: UpgradeCode;
  endMs?: number;
  lastAction: 'Start' | 'Cancel';
  lastActionMs: number;
  /** Lower-case ids of instances. */
  pending: string[];
  inProgress: string[];
  successful: number;
  failed: number;
  /** Those that got their old disk back. */
  rolledBack: number;
  /** The disks that instances had, by lower-case id: of the batch at hand and of those that failed. */
  before: Record<string, JsonObject>;
  error?: { code: string; message: string };
}

export type HookType = 'UpgradeAutoOSScheduling' | 'UpgradeAutoOSRollingBatchStarting';
export type ActionState = 'Waiting' | 'Approved' | 'Rejected';

/** A question to the owner of a set, before an automatic upgrade or before one of its batches. */
export interface HookEvent {
  readonly name: string;
  readonly type: HookType;
  readonly createdMs: number;
  readonly maxWaitUntilMs: number;
  readonly defaultAction: 'Approve' | 'Reject';
  /** The upgrade whose batch it is about: its place among those of the set. */
  readonly upgrade?: number;
  waitUntilMs: number;
  state: 'Active' | 'Completed';
  targets: { id: string; actionState: ActionState }[];
}

interface ScaleSetsSection {
  /** By lower-case id of the set, the newest last. */
  upgrades: Record<string, Upgrade[]>;
  hooks: Record<string, HookEvent[]>;
}

const scaleSets = (world: World): ScaleSetsSection =>
  world.section<ScaleSetsSection>('scaleSets', () => ({ upgrades: {}, hooks: {} }));

/** A set's upgrades, the newest last. */
export function upgradesOf(world: World, set: string): Upgrade[] {
  const { upgrades } = scaleSets(world);
  upgrades[set.toLowerCase()] ??= [];
  return upgrades[set.toLowerCase()] as Upgrade[];
}

export function hookEventsOf(world: World, set: string): HookEvent[] {
  const { hooks } = scaleSets(world);
  hooks[set.toLowerCase()] ??= [];
  return hooks[set.toLowerCase()] as HookEvent[];
}

/** The upgrade that is under way. */
export function underWay(world: World, set: string): Upgrade | undefined {
  return upgradesOf(world, set).find(({ code }) => code === 'RollingForward');
}
