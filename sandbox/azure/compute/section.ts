import { copyOf } from '../../kernel/copy';
import type { Json } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { key } from '../arm';
import { initialEstate } from '../estate/story';
import type { JsonObject, RegionReplication, Resource, SeedParameters } from './resource';
import type { Secrets } from './vm-login';

export interface ComputeSection {
  /** Every live resource of Microsoft.Compute and what comes with the VMs, by lower-case id. */
  resources: Record<string, Resource>;
  /** Replication of gallery versions, by lower-case id. */
  replication: Record<string, RegionReplication[]>;
  /** What an operation's Location URL answers once the operation has ended. */
  results: Record<string, Json>;
  /** Instance views of run commands, by lower-case id. */
  commandViews: Record<string, JsonObject>;
  /** VMs that are not running, by lower-case id: `deallocated` or `stopped`. */
  power: Record<string, 'deallocated' | 'stopped'>;
  /** Deleted VMs of the synthetic estate, by lower-case id. */
  gone: Record<string, true>;
  /** Why VMs failed to come up, by lower-case id. */
  failures?: Record<string, { code: string; message: string }>;
  /** Network cards that are kept for a machine that is gone, by lower-case id; world time. */
  reserved?: Record<string, { vmId: string; untilMs: number }>;
  /** VMs on which the run command action is at work, by lower-case id. */
  acting?: Record<string, true>;
  /** What a VM's power is being changed to, by lower-case id. */
  powering?: Record<string, string>;
  /** Digests of the passwords and custom data that VMs were made with, by lower-case id. */
  secrets?: Record<string, Secrets>;
  /** VMs marked as generalized, by lower-case id. */
  generalized?: Record<string, true>;
  /** Versions waiting to be restored or purged, by lower-case id of the version. */
  softDeleted?: Record<string, SoftDeletedVersion>;
  /** Until when ARM still counts a deleted definition or version as a child, in world time by lower-case id. */
  lately?: Record<string, number>;
  seed?: SeedParameters;
  /** Set once the versions of the initial estate have their guests. */
  guestsSeeded?: boolean;
}

export interface SoftDeletedVersion {
  readonly version: Resource;
  /** World time. */
  readonly deletedMs: number;
}

/** The live state of Microsoft.Compute. */
export function compute(world: World): ComputeSection {
  return world.section<ComputeSection>('compute', () => {
    if (world.isEmpty) return emptyCompute();
    return copyOf(begunAt(world.beganMs));
  });
}

/** What worlds of the story begin with; as it was for the last one, if that began at the same moment. */
function begunAt(ms: number): ComputeSection {
  if (last?.ms === ms) return last.section;
  const { resources, stopped } = initialEstate(ms);
  const section: ComputeSection = {
    ...emptyCompute(),
    resources: Object.fromEntries(resources.map((r) => [key(r.id), r])),
    power: Object.fromEntries(stopped.map((id) => [id, 'deallocated'])),
  };
  last = { ms, section };
  return section;
}

let last: { readonly ms: number; readonly section: ComputeSection } | undefined;

export function emptyCompute(): ComputeSection {
  return {
    resources: {},
    replication: {},
    results: {},
    commandViews: {},
    power: {},
    gone: {},
    generalized: {},
    softDeleted: {},
  };
}
