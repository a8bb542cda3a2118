import type { SandboxResponse } from '../../kernel/types';
import { armError } from '../arm';
import { invalidParameter } from './errors';
import { knownRegions, regionDisplayName, regionName } from './regions';
import { type JsonObject, object, type Resource, text } from './resource';

/** Why a gallery cannot have this name; Azure's words. */
export function galleryNameProblem(name: string): SandboxResponse | undefined {
  if (/^[A-Za-z0-9](?:[A-Za-z0-9_.]{0,78}[A-Za-z0-9])?$/.test(name)) return undefined;
  return invalidParameter(
    'Gallery name is invalid. Allowed characters are English alphanumeric characters, with underscores, and periods allowed in the middle, up to 80 characters total. All other special characters, including dashes, are disallowed.',
    'galleryName',
  );
}

const definitionName = /^[^_\W][\w\-._]{0,79}(?<![-.])$/;

export function definitionNameProblem(name: string): SandboxResponse | undefined {
  if (definitionName.test(name)) return undefined;
  const message = `The entity name '${name}' is invalid according to its validation rule: ${definitionName.source}.`;
  return invalidParameter(message, 'galleryImageName');
}

const longest = { publisher: 128, offer: 64, sku: 64 } as const;

/** Publisher, offer and SKU are asset names: letters, digits and `-._`, not ending with a period. */
export function identifierProblem(identifier: JsonObject): SandboxResponse | undefined {
  for (const [property, length] of Object.entries(longest)) {
    const name = text(identifier[property]) ?? '';
    if (/^[\w.-]+$/.test(name) && !name.endsWith('.') && name.length <= length) continue;
    const message = `Asset name galleryImage.properties.identifier.${property} is not valid. It cannot be empty. Allowed characters are uppercase or lowercase letters, digits, hyphen(-), period (.), underscore (_). Names are not allowed to end with period(.). The length of the name cannot exceed ${length} characters.`;
    return invalidParameter(message, `galleryImage.properties.identifier.${property}`);
  }
  return undefined;
}

/** A minimum above its maximum. */
export function recommendedProblem(properties: JsonObject): SandboxResponse | undefined {
  const recommended = object(properties['recommended']);
  for (const name of ['vCPUs', 'memory']) {
    const { min, max } = object(recommended[name]);
    if (min === undefined || max === undefined || Number(min) <= Number(max)) continue;
    const path = `galleryImage.properties.recommended.${name}`;
    const message = `The minimum value of ${path} must not be greater than the maximum value of ${path}.`;
    return invalidParameter(message, path);
  }
  return undefined;
}

/** ARM's own refusals of a location: no such region, or the resource lives in another one. */
export function locationProblem(
  type: string,
  location: string,
  before: Resource | undefined,
  group: string,
): SandboxResponse | undefined {
  if (!regionDisplayName(location)) {
    const message = `The provided location '${location}' is not available for resource type '${type}'. List of available regions for the resource type is '${knownRegions().join(',')}'.`;
    return armError(400, 'LocationNotAvailableForResourceType', message);
  }
  if (!before || regionName(before.location) === regionName(location)) return undefined;
  const message = `The resource '${before.id.split('/').slice(8).join('/')}' already exists in location '${regionName(before.location)}' in resource group '${group}'. A resource with the same name cannot be created in location '${regionName(location)}'. Please select a new resource name.`;
  return armError(409, 'InvalidResourceLocation', message);
}
