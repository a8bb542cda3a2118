import { knownRegions, regionDisplayName, regionName } from './regions';
import { type JsonObject, list, object, text } from './resource';

/** Why Azure refuses the name; undefined when it is `<major>.<minor>.<patch>` of 32-bit integers. */
export function versionNameProblem(name: string): string | undefined {
  const parts = /^(\d+)\.(\d+)\.(\d+)$/.exec(name);
  if (parts?.slice(1).every((part) => Number(part) <= 2_147_483_647)) return undefined;
  return `The gallery image version name '${name}' is invalid. The allowed characters are digit and period. Digits must be within the range of a 32-bit integer. The format is <MajorVersion>.<MinorVersion>.<Patch>.`;
}

const mostReplicas = 100;

/**
 * The publishing profile as Azure echoes it: regions by display name and every default filled in.
 *
 * @returns the message of Azure's refusal when it is a string.
 */
export function publishingProfile(
  given: JsonObject,
  version: { readonly location: string; readonly publishedMs: number },
): JsonObject | string {
  const replicaCount = given['replicaCount'] ?? 1;
  const storageAccountType = given['storageAccountType'] ?? 'Standard_LRS';
  const asked = given['targetRegions'] ? list(given['targetRegions']).map(object) : [{ name: version.location }];
  const regions = asked.map((region) => targetRegion(region, { replicaCount, storageAccountType }));
  const problem =
    regions.find((r) => typeof r === 'string') ?? regionsProblem(regions as JsonObject[], version.location);
  if (typeof problem === 'string') return problem;
  const endOfLife = given['endOfLifeDate'];
  if (endOfLife !== undefined && endOfLife !== null && Number.isNaN(Date.parse(String(endOfLife)))) {
    return `The value '${endOfLife}' of parameter galleryImageVersion.properties.publishingProfile.endOfLifeDate is not a date.`;
  }
  const { endOfLifeDate: _, targetRegions: __, ...others } = given;
  return {
    ...others,
    targetRegions: regions as JsonObject[],
    replicaCount,
    excludeFromLatest: given['excludeFromLatest'] === true,
    publishedDate: new Date(version.publishedMs).toISOString(),
    ...(endOfLife && { endOfLifeDate: new Date(String(endOfLife)).toISOString() }),
    storageAccountType,
  };
}

function targetRegion(region: JsonObject, defaults: JsonObject): JsonObject | string {
  const name = text(region['name']) ?? '';
  const display = regionDisplayName(name);
  if (!display) {
    return `The location '${name}' is not a valid Azure region. Valid regions are: ${knownRegions().join(',')}.`;
  }
  const count = region['regionalReplicaCount'] ?? defaults['replicaCount'] ?? 1;
  if (!Number.isInteger(count) || Number(count) < 1 || Number(count) > mostReplicas) {
    return `The value '${count}' of parameter regionalReplicaCount for the region '${display}' is out of range. It must be between 1 and ${mostReplicas}.`;
  }
  return {
    ...region,
    name: display,
    regionalReplicaCount: count,
    storageAccountType: region['storageAccountType'] ?? defaults['storageAccountType'] ?? 'Standard_LRS',
  };
}

function regionsProblem(regions: readonly JsonObject[], location: string): string | undefined {
  const names = regions.map((r) => regionName(String(r['name'])));
  const twice = regions.find((r, i) => names.indexOf(regionName(String(r['name']))) !== i);
  if (twice) return `The target region '${twice['name']}' is specified more than once.`;
  if (!names.includes(regionName(location))) {
    return `The target regions must contain the location '${location}' of the gallery image version.`;
  }
  const total = regions.reduce((sum, r) => sum + Number(r['regionalReplicaCount']), 0);
  if (total > mostReplicas)
    return `The gallery image version has ${total} replicas; at most ${mostReplicas} are allowed.`;
  return undefined;
}
