import type { Json, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError } from '../arm';
import { knownRegions, regionDisplayName, regionName } from '../compute/regions';
import { condition } from '../conditions';
import { noIdentity } from '../identities';
import { badValue, problem, type Shape } from './schema';
import { type JsonObject, listOf, objectOf, type Template, textOf } from './section';
import { idPatterns, templateShape, updateShape } from './template-schema';

export const resourceType = 'Microsoft.VirtualMachineImages/imageTemplates';
export const apiVersions = ['2023-07-01', '2024-02-01', '2025-10-01'] as const;

interface Asked {
  readonly apiVersion: string;
  readonly templateId: string;
  readonly isIdentity: (id: string) => boolean;
  /** Regions that take templates, by ARM's names. */
  readonly regions: readonly string[];
}

/** Regions in which Image Builder is offered, by ARM's names. */
export function regionsOf(world: World): readonly string[] {
  return knownRegions().filter((location) => condition(world, 'regions', { location })['imageBuilder'] !== false);
}

/** What Microsoft.VirtualMachineImages says of itself as a resource provider. */
export function providerTypes(world: World): readonly Json[] {
  const locations = regionsOf(world).map((region) => regionDisplayName(region) ?? region);
  return [{ resourceType: 'imageTemplates', locations, apiVersions: [...apiVersions] }];
}

/** What Image Builder answers with at once instead of taking a template, or undefined. */
export function refuseTemplate(body: unknown, asked: Asked): SandboxResponse | undefined {
  const template = objectOf(body as Json);
  return (
    refuseMembers(template) ??
    refuseLocation(template['location'], asked) ??
    refuseIdentities(objectOf(template['identity']), asked) ??
    refuseShape(body, templateShape, asked.apiVersion) ??
    refuseNoIdentity(objectOf(template['identity'])) ??
    refuseProxy(objectOf(template['properties'])) ??
    refuseDistribute(objectOf(template['properties']))
  );
}

/** With a subnet for its containers Image Builder needs no machine in between. */
function refuseProxy(properties: JsonObject): SandboxResponse | undefined {
  const { containerInstanceSubnetId, proxyVmSize } = objectOf(objectOf(properties['vmProfile'])['vnetConfig']);
  if (!containerInstanceSubnetId || !proxyVmSize) return undefined;
  return validation(badValue('ImageTemplate.properties.vmProfile.vnetConfig', 'proxyVmSize', proxyVmSize));
}

export function refuseUpdate(body: unknown, asked: Asked): SandboxResponse | undefined {
  const update = objectOf(body as Json);
  const identity = update['identity'];
  return (
    refuseIdentities(objectOf(identity), asked) ??
    refuseShape(body, updateShape, asked.apiVersion) ??
    (identity ? refuseNoIdentity(objectOf(identity)) : undefined) ??
    refuseDistribute(objectOf(update['properties']))
  );
}

/** Outputs can be changed and added, not taken away. */
export function refuseLostOutput(template: Template, update: JsonObject): SandboxResponse | undefined {
  const given = objectOf(update['properties'])['distribute'];
  if (given === undefined) return undefined;
  const names = listOf(given).map((output) => textOf(output['runOutputName']));
  const before = listOf(template.properties['distribute']).map((output) => textOf(output['runOutputName']));
  const lost = before.find((name) => !names.includes(name));
  if (lost === undefined) return undefined;
  return validation(
    `The distribute target with runOutputName '${lost}' was not found in the update request. Deleting a distribute target is not allowed.`,
  );
}

export function refuseApiVersion(apiVersion: string | null, location: string): SandboxResponse | undefined {
  if (!apiVersion) {
    const message = 'The api-version query parameter (?api-version=) is required for all requests.';
    return armError(400, 'MissingApiVersionParameter', message);
  }
  if ((apiVersions as readonly string[]).includes(apiVersion)) return undefined;
  const message = `No registered resource provider found for location '${location}' and API version '${apiVersion}' for type 'imageTemplates'. The supported api-versions are '${apiVersions.join(', ')}'.`;
  return armError(400, 'NoRegisteredProviderFound', message);
}

/** What ARM knows at the top of any resource; \`dependsOn\` and \`apiVersion\` because published files have them. */
const members = new Set(
  'id name type apiVersion location tags identity properties dependsOn systemData plan sku kind managedBy zones extendedLocation etag scale'.split(
    ' ',
  ),
);

/** ARM reads the envelope before the provider sees the body: a whole deployment is no resource. */
function refuseMembers(body: JsonObject): SandboxResponse | undefined {
  const stranger = Object.keys(body).find((name) => !members.has(name));
  if (stranger === undefined) return undefined;
  const at = JSON.stringify(body).indexOf(`"${stranger}":`) + stranger.length + 3;
  const inner = `Could not find member '${stranger}' on object of type 'ResourceDefinition'. Path '${stranger}', line 1, position ${at}.`;
  const message = `The request content was invalid and could not be deserialized: '${inner}'.`;
  return armError(400, 'InvalidRequestContent', message);
}

function validation(message: string): SandboxResponse {
  return armError(400, 'ValidationFailed', message);
}

function refuseShape(body: unknown, shape: Shape, apiVersion: string): SandboxResponse | undefined {
  if (body === null || typeof body !== 'object' || Array.isArray(body)) {
    return armError(400, 'InvalidRequestContent', 'The request content was invalid and could not be deserialized.');
  }
  const found = problem(body as JsonObject, shape, 'ImageTemplate', apiVersion);
  return found === undefined ? undefined : validation(found);
}

function refuseLocation(location: Json | undefined, { regions }: Asked): SandboxResponse | undefined {
  if (typeof location !== 'string' || location === '') {
    return armError(400, 'LocationRequired', 'The location property is required for this definition.');
  }
  if (regions.includes(regionName(location))) return undefined;
  const message = `The provided location '${location}' is not available for resource type '${resourceType}'. List of available regions for the resource type is '${regions.join(',')}'.`;
  return armError(400, 'LocationNotAvailableForResourceType', message);
}

function refuseNoIdentity(identity: JsonObject): SandboxResponse | undefined {
  const ids = identity['userAssignedIdentities'];
  if (identity['type'] === 'None' || Object.keys(objectOf(ids)).length > 0) return undefined;
  return validation(badValue('ImageTemplate.identity', 'userAssignedIdentities', ids ?? {}));
}

/** ARM's part: it assigns identities before the provider sees the body. */
function refuseIdentities(identity: JsonObject, { templateId, isIdentity }: Asked): SandboxResponse | undefined {
  const ids = Object.keys(objectOf(identity['userAssignedIdentities']));
  const malformed = ids.find((id) => !idPatterns.identity.test(id));
  if (malformed !== undefined) return linkedId(malformed);
  const absent = ids.find((id) => !isIdentity(id));
  return absent === undefined ? undefined : noIdentity(templateId, absent);
}

function linkedId(id: string): SandboxResponse {
  const message = `Property id '${id}' at path 'identity.userAssignedIdentities' is invalid. Expect fully qualified resource Id that start with '/subscriptions/{subscriptionId}' or '/providers/{resourceProviderNamespace}/'.`;
  return armError(400, 'LinkedInvalidPropertyId', message);
}

function refuseDistribute(properties: JsonObject): SandboxResponse | undefined {
  const outputs = listOf(properties['distribute']);
  if (properties['distribute'] !== undefined && outputs.length === 0) {
    return validation(badValue('ImageTemplate.properties', 'distribute', []));
  }
  const names = outputs.map((o) => textOf(o['runOutputName']));
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) return validation(badValue('ImageTemplate.properties.distribute', 'runOutputName', twice));
  for (const [i, output] of outputs.entries()) {
    const path = `ImageTemplate.properties.distribute[${i}]`;
    if (output['replicationRegions'] && output['targetRegions']) {
      return validation(badValue(path, 'replicationRegions', output['replicationRegions']));
    }
    const regions = [
      ...listOf(output['targetRegions']).map((r) => textOf(r['name'])),
      ...strings(output['replicationRegions']),
    ];
    const foreign = regions.find((r) => !knownRegions().includes(regionName(r)));
    if (foreign !== undefined) return validation(badValue(path, 'name', foreign));
  }
  return undefined;
}

export function strings(value: Json | undefined): string[] {
  return Array.isArray(value) ? value.filter((v) => typeof v === 'string') : [];
}
