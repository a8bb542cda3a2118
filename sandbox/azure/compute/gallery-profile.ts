import { knownRegions, regionDisplayName, regionName } from './regions';
import { type JsonObject, list, object, text } from './resource';

/** Why Azure refuses the name; undefined when it is `<major>.<minor>.<patch>` of 32-bit integers. */
export function versionNameProblem(name: string): string | undefined {
  const parts = /^(\d+)\.(\d+)\.(\d+)$/.exec(name);
  if (parts?.slice(1).every((part) => Number(part) <= 2_147_483_647)) return undefined;
  return `The image version name '${name}' is invalid. The image version name should follow Major(int).Minor(int).Patch(int) format, for e.g: 1.0.0, 2018.12.1 etc.`;
}

/** What the refusal of a profile points to. */
export const profileTarget = 'galleryImageVersion.properties.publishingProfile';

const mostReplicas = 100;
const storageAccountTypes = ['Standard_LRS', 'Standard_ZRS', 'Premium_LRS', 'PremiumV2_LRS'];
const replicationModes = ['Full', 'Shallow'];

/**
 * The publishing profile as Azure echoes it: regions by display name and every default filled in. What Azure does not
 * look at (encryption, extended locations) passes through.
 *
 * @returns the message of Azure's refusal when it is a string.
 */
export function publishingProfile(
  given: JsonObject,
  version: { readonly location: string; readonly publishedMs: number },
): JsonObject | string {
  const replicaCount = given['replicaCount'] ?? 1;
  const storageAccountType = storageType(given['storageAccountType']) ?? 'Standard_LRS';
  const asked = given['targetRegions'] ? list(given['targetRegions']).map(object) : [{ name: version.location }];
  const regions = asked.map((region) => targetRegion(region, { replicaCount, storageAccountType }));
  const problem =
    enumProblem(given) ??
    regions.find((r) => typeof r === 'string') ??
    regionsProblem(regions as JsonObject[], version.location);
  if (typeof problem === 'string') return problem;
  const endOfLife = given['endOfLifeDate'];
  if (endOfLife !== undefined && endOfLife !== null && Number.isNaN(Date.parse(String(endOfLife)))) {
    return `Could not convert string to DateTimeOffset: ${endOfLife}. Path 'properties.publishingProfile.endOfLifeDate'.`;
  }
  const { endOfLifeDate: _, targetRegions: __, publishedDate: ___, ...others } = given;
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

/** Azure knows `standard_zrs` too, and writes it its own way. */
function storageType(given: unknown): string | undefined {
  if (given === undefined) return undefined;
  const name = String(given);
  return storageAccountTypes.find((type) => type.toLowerCase() === name.toLowerCase()) ?? name;
}

function enumProblem(given: JsonObject): string | undefined {
  const types = [
    given['storageAccountType'],
    ...list(given['targetRegions']).map((r) => object(r)['storageAccountType']),
  ];
  const bad = types.find((t) => t !== undefined && !storageAccountTypes.includes(String(storageType(t))));
  if (bad !== undefined) {
    return `The value '${bad}' of parameter storageAccountType is invalid. It must be one of ${storageAccountTypes.join(', ')}.`;
  }
  const mode = given['replicationMode'];
  if (mode === undefined || replicationModes.includes(String(mode))) return undefined;
  return `The value '${mode}' of parameter replicationMode is invalid. It must be one of ${replicationModes.join(', ')}.`;
}

function targetRegion(region: JsonObject, defaults: JsonObject): JsonObject | string {
  const name = text(region['name']) ?? '';
  const display = regionDisplayName(name);
  if (!display) {
    return `The location '${name}' is not a valid Azure region. Valid regions are: ${knownRegions().join(',')}.`;
  }
  const count = region['regionalReplicaCount'] ?? defaults['replicaCount'] ?? 1;
  if (!Number.isInteger(count) || Number(count) < 1 || Number(count) > mostReplicas) {
    return `The value ${count} of parameter regionalReplicaCount is out of range. The value must be between 1 and ${mostReplicas}, inclusive.`;
  }
  return {
    ...region,
    name: display,
    regionalReplicaCount: count,
    storageAccountType: storageType(region['storageAccountType']) ?? defaults['storageAccountType'] ?? 'Standard_LRS',
    ...(region['encryption'] !== undefined && { encryption: encryption(object(region['encryption'])) }),
  };
}

/** The encryption of the operating system's disk is echoed with a security profile, even if nobody gave one. */
function encryption({ osDiskImage, ...others }: JsonObject): JsonObject {
  if (osDiskImage === undefined) return others;
  return { osDiskImage: { securityProfile: {}, ...object(osDiskImage) }, ...others };
}

function regionsProblem(regions: readonly JsonObject[], location: string): string | undefined {
  const names = regions.map((r) => regionName(String(r['name'])));
  if (new Set(names).size < names.length) return 'Duplicate regions are not allowed in target publishing regions.';
  if (!names.includes(regionName(location))) {
    return `Gallery image version publishing profile regions '${names.join(',')}' must contain the location of image version '${location}'`;
  }
  const encrypted = regions.filter((r) => r['encryption'] !== undefined);
  if (encrypted.length > 0 && encrypted.length < regions.length) {
    const plain = regions.find((r) => r['encryption'] === undefined);
    return `The disk encryption set is required in '${plain?.['name']}' since one is used in '${encrypted[0]?.['name']}'.`;
  }
  const total = regions.reduce((sum, r) => sum + Number(r['regionalReplicaCount']), 0);
  if (total > mostReplicas)
    return `The gallery image version has ${total} replicas; at most ${mostReplicas} are allowed.`;
  return undefined;
}
