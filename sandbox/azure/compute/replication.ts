import { createHash } from 'node:crypto';
import type { World } from '../../kernel/world';
import { condition } from '../conditions';
import { regionDisplayName } from './regions';
import { type JsonObject, list, object, type RegionReplication, type Resource, text } from './resource';
import { compute } from './section';

const minute = 60_000;

/** World time until a region has its replicas: 3 to 7 minutes, the same for the same version and region each time. */
function replicationMs(versionId: string, region: string): number {
  const hash = createHash('sha256').update(`${versionId.toLowerCase()} ${region}`).digest();
  return 3 * minute + (hash.readUInt16BE(0) % (4 * 60)) * 1_000;
}

/** More replicas in a region that already has the image. */
const topUpMs = minute;

/** Plans what changed between two sets of target regions and returns when all of it is done, in world time. */
export function planReplication(world: World, version: Resource, before: JsonObject[], fromMs: number): number {
  const { replication } = compute(world);
  const known = replication[version.id.toLowerCase()] ?? before.map((b) => replicated(b, fromMs));
  const planned = targetRegions(version).map((target): RegionReplication => {
    const region = text(target['name']) ?? '';
    const old = before.find((b) => b['name'] === region);
    const done = known.find((k) => k.region === region && !k.failed);
    if (!old || !done) return { region, startMs: fromMs, endMs: fromMs + replicationMs(version.id, region) };
    const more = Number(target['regionalReplicaCount'] ?? 1) > Number(old['regionalReplicaCount'] ?? 1);
    return more ? { region, startMs: fromMs, endMs: Math.max(done.endMs, fromMs + topUpMs) } : done;
  });
  replication[version.id.toLowerCase()] = planned;
  return Math.max(fromMs + 20_000, ...planned.map((p) => p.endMs));
}

/** A version of the initial estate has no plan: its replicas were there before the world began. */
const replicated = (target: JsonObject, atMs: number): RegionReplication => ({
  region: text(target['name']) ?? '',
  startMs: atMs,
  endMs: atMs,
});

/** Regions that have no room for the replicas which a version begins to get there now. */
export function withoutRoom(world: World, versionId: string): string[] {
  const now = world.clock.nowMs();
  return (compute(world).replication[versionId.toLowerCase()] ?? []).flatMap(({ region, endMs }) =>
    endMs > now && condition(world, 'regions', { location: region })['replicas'] === false ? [region] : [],
  );
}

/** Leaves unfinished regions as failed, and those that are named. */
export function failReplication(world: World, versionId: string, atMs: number, named: readonly string[] = []): void {
  const { replication } = compute(world);
  const id = versionId.toLowerCase();
  const isUnfinished = (endMs: number) => named.length === 0 && endMs >= atMs;
  replication[id] = (replication[id] ?? []).map((r) =>
    named.includes(r.region) || isUnfinished(r.endMs) ? { ...r, failed: true } : r,
  );
}

/** What `$expand=ReplicationStatus` adds, as of now. */
export function replicationStatus(world: World, version: Resource): JsonObject {
  const now = world.clock.nowMs();
  const plans = compute(world).replication[version.id.toLowerCase()] ?? [];
  const summary = targetRegions(version).map((target): JsonObject => {
    const region = text(target['name']) ?? '';
    return regionStatus(
      region,
      plans.find((p) => p.region === region),
      now,
    );
  });
  return { aggregatedState: aggregate(summary.map((s) => String(s['state']))), summary };
}

/** True when VMs can be made from the version in this region. */
export function isReplicated(world: World, version: Resource, region: string): boolean {
  const name = regionDisplayName(region);
  if (!targetRegions(version).some((t) => t['name'] === name)) return false;
  const plan = compute(world).replication[version.id.toLowerCase()]?.find((p) => p.region === name);
  return !plan || (!plan.failed && plan.endMs <= world.clock.nowMs());
}

/** When a region got its replicas, in world time; undefined when it had them before the world began. */
export function replicatedAtMs(world: World, version: Resource, region: string): number | undefined {
  const name = regionDisplayName(region);
  return compute(world).replication[version.id.toLowerCase()]?.find((p) => p.region === name)?.endMs;
}

export function targetRegions(version: Resource): JsonObject[] {
  return list(object(version.properties['publishingProfile'])['targetRegions']).map(object);
}

function regionStatus(region: string, plan: RegionReplication | undefined, now: number): JsonObject {
  if (!plan || (!plan.failed && plan.endMs <= now)) return { region, state: 'Completed', details: '', progress: 100 };
  const share = (now - plan.startMs) / (plan.endMs - plan.startMs);
  const progress = Math.max(0, Math.min(99, Math.floor(share * 100)));
  if (plan.failed) {
    return {
      region,
      state: 'Failed',
      details: 'Replication failed with an internal error. Please retry later.',
      progress: 0,
    };
  }
  return { region, state: 'Replicating', details: '', progress };
}

function aggregate(states: readonly string[]): string {
  if (states.includes('Failed')) return 'Failed';
  return states.includes('Replicating') ? 'InProgress' : 'Completed';
}
