import type { World } from '../../kernel/world';
import { key } from '../arm';
import { compareVersions, latestVersion } from './gallery-latest';
import { type JsonObject, object, type Resource, text } from './resource';
import { compute } from './section';

const setType = 'Microsoft.Compute/virtualMachineScaleSets';

/** World time from a new latest version to its first batch, and from one batch to the next. */
const batchMs = 10 * 60_000;
/** At most a fifth of the instances at a time. */
const share = 0.2;

/** Scale sets with automatic OS upgrades follow the latest version of their image, one batch after the other. */
export function registerUpgrades(world: World): void {
  world.on<{ set: string }>('compute.osUpgrade', ({ set }, atMs) => {
    const found = compute(world).resources[set];
    if (!found) return;
    const latest = latestOf(world, found);
    const behind = latest ? instancesOf(world, found).filter((i) => isBehind(i, latest)) : [];
    const batch = Math.ceil(instancesOf(world, found).length * share);
    for (const instance of behind.slice(0, batch)) upgrade(instance, latest ?? '', atMs);
    if (behind.length > batch) world.schedule(atMs + batchMs, 'compute.osUpgrade', { set });
  });
}

/** What each set that follows this image would take now; remembered while a version is written. */
export function followed(world: World, imageId: string): JsonObject {
  const sets = Object.entries(compute(world).resources).filter(([, r]) => follows(r, imageId));
  return Object.fromEntries(sets.map(([id, set]) => [id, latestOf(world, set) ?? '']));
}

/** Starts the sets for which a write has brought a newer version than there was. */
export function rollOut(world: World, imageId: string, before: JsonObject, atMs: number): void {
  for (const [set, now] of Object.entries(followed(world, imageId))) {
    const then = String(before[set] ?? '');
    if (now === '' || (then !== '' && compareVersions(String(now), then) <= 0)) continue;
    world.schedule(atMs + batchMs, 'compute.osUpgrade', { set });
  }
}

function follows({ type, properties }: Resource, imageId: string): boolean {
  if (type !== setType) return false;
  const policy = object(object(properties['upgradePolicy'])['automaticOSUpgradePolicy']);
  return policy['enableAutomaticOSUpgrade'] === true && key(imageOf(properties)) === key(imageId);
}

/** A set that names a version does not follow anything. */
const imageOf = (properties: JsonObject): string =>
  (
    text(object(object(object(properties['virtualMachineProfile'])['storageProfile'])['imageReference'])['id']) ?? ''
  ).replace(/\/versions\/latest$/i, '');

const latestOf = (world: World, { properties, location }: Resource): string | undefined =>
  latestVersion(world, imageOf(properties), location)?.name;

function instancesOf(world: World, set: Resource): Resource[] {
  const under = `${key(set.id)}/virtualmachines/`;
  return Object.entries(compute(world).resources).flatMap(([id, r]) => (id.startsWith(under) ? [r] : []));
}

const referenceOf = (instance: Resource) => object(object(instance.properties['storageProfile'])['imageReference']);

const isBehind = (instance: Resource, latest: string): boolean =>
  compareVersions(String(referenceOf(instance)['exactVersion'] ?? '0.0.0'), latest) < 0;

/** The instance gets a new disk from the version, under its own name and number. */
function upgrade(instance: Resource, latest: string, atMs: number): void {
  const storage = object(instance.properties['storageProfile']);
  instance.properties['storageProfile'] = {
    ...storage,
    imageReference: { ...referenceOf(instance), exactVersion: latest },
  };
  instance.properties['latestModelApplied'] = true;
  instance.properties['timeCreated'] = new Date(atMs).toISOString();
}
