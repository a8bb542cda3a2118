import type { World } from '../../kernel/world';
import { key } from '../arm';
import { imageBuilderApp } from '../authorization/names';
import { featureOf } from '../compute/features';
import { coreQuotaProblem, sizeUnavailable } from '../compute/quotas';
import { compute } from '../compute/section';
import { condition } from '../conditions';
import { type Denial, denialOf } from '../policy/refusal';
import { containerCores, containerUse } from './containers';
import { traitsOf } from './fit';
import { deploymentFailed } from './outcome';
import { defaultSize } from './packer-phases';
import { resolveSource } from './provisioning';
import { builderOf, forbiddenTo, identityProblem, lacking, notAuthorizedTo, serviceMay } from './rights';
import { listOf, objectOf, runStarts, type Template, textOf } from './section';
import { managedTags, stagingGroupOf } from './staging';

/** Why a run fails before anything is customised. `inLog`: Packer met it, and its log has the words. */
export interface Obstacle {
  readonly said: string;
  /** Of the operation; the sandbox's choice where nobody has told of one. */
  readonly code?: string;
  readonly inLog?: true;
}

/**
 * What stands in the way of a run at its start, as this Azure is at that moment: a template that was fine when it was
 * made says nothing about what has been used up, deleted or taken away since.
 */
export function obstacleOf(world: World, template: Template, atMs: number): Obstacle | undefined {
  const said =
    identityProblem(world, template) ??
    containersProblem(world, template, atMs) ??
    sourceProblem(world, template, atMs) ??
    outputProblem(world, template) ??
    proxyProblem(world, template);
  if (said !== undefined) return { said };
  const sealed = securityProblem(world, template);
  if (sealed !== undefined) return { said: sealed, code: 'BadRequest' };
  const denied = denialOfBuild(world, template);
  if (denied) return { said: deploymentFailed(denied), inLog: true };
  const inLog = machineProblem(world, template) ?? tokenProblem(template);
  return inLog === undefined ? undefined : { said: inLog, inLog: true };
}

/** Documented: container groups that a subscription may make in a region within five minutes. */
const groupsInFiveMinutes = 100;
const fiveMinutes = 5 * 60_000;

/** Every build is run by a container group in the subscription of its template. */
function containersProblem(world: World, { subscriptionId, location }: Template, atMs: number): string | undefined {
  const provider = { subscription: subscriptionId, namespace: 'Microsoft.ContainerInstance' };
  if (condition(world, 'registration', provider)['registered'] === false) {
    return 'The Azure Container Instances provider is not registered for your subscription. Please register Microsoft.ContainerInstance.';
  }
  const here = (t: { subscriptionId: string; location: string }) =>
    t.subscriptionId === subscriptionId && t.location === location;
  const limit = Number(condition(world, 'limits', { what: 'containerGroups' })['most'] ?? groupsInFiveMinutes);
  if (runStarts(world).filter((s) => here(s) && s.atMs > atMs - fiveMinutes).length >= limit) {
    return 'Too many Azure Container Instances were deployed within a period of time. Please try again later.';
  }
  const { used, limit: cores } = containerUse(world, { subscriptionId, location });
  if (used + containerCores <= cores) return undefined;
  return `Azure Container Instances quota exceeded. Limit: ${cores} cores in ${location}, usage: ${used}.`;
}

/** `latest` means what is newest when a run starts, and an exact source may be gone by then. */
function sourceProblem(world: World, template: Template, atMs: number): string | undefined {
  const source = objectOf(template.properties['source']);
  const found = resolveSource(world, source, template.location, atMs);
  if (source['type'] === 'PlatformImage') {
    if (textOf(source['version'] ?? 'latest') !== 'latest' || !('error' in found)) return undefined;
    const image = ['publisher', 'offer', 'sku'].map((name) => textOf(source[name])).join('/');
    return `The artifact: VMImage was not found. Failed to look up the latest version of ${image} in ${template.location}.`;
  }
  if ('error' in found) return `${found.error.message} Code="ResourceNotFound"`;
  const read = { action: 'Microsoft.Compute/images/read', scope: textOf(source['imageId']) };
  if (source['type'] !== 'ManagedImage' || !lacking(world, template, [read])) return undefined;
  return `Build (Managed Image) step failed: Error getting Managed Image '${read.scope}': ${forbiddenTo(builderOf(template), read)}`;
}

function outputProblem(world: World, template: Template): string | undefined {
  const writes = listOf(template.properties['distribute'])
    .filter((output) => output['type'] === 'ManagedImage')
    .map((output) => ({ action: 'Microsoft.Compute/images/write', scope: textOf(output['imageId']) }));
  const missing = lacking(world, template, writes);
  return missing && notAuthorizedTo(missing.scope);
}

/** Windows in a network of one's own is reached by a machine that Image Builder makes in the staging group as itself. */
function proxyProblem(world: World, template: Template): string | undefined {
  const group = stagingGroupOf(template);
  const { subnetId, containerInstanceSubnetId } = objectOf(objectOf(template.properties['vmProfile'])['vnetConfig']);
  const isWindows = traitsOf(world, objectOf(template.properties['source']))?.osType === 'Windows';
  if (group === '' || !subnetId || containerInstanceSubnetId || !isWindows) return undefined;
  const scope = `${group}/providers/Microsoft.Compute/disks/proxyVmDiskWin_${template.name}`;
  const write = { action: 'Microsoft.Compute/disks/write', scope };
  if (serviceMay(world, write)) return undefined;
  return `Error deploying the proxy machine: ${forbiddenTo(imageBuilderApp, write)}`;
}

export const sizeOf = ({ properties }: Template): string =>
  textOf(objectOf(properties['vmProfile'])['vmSize']) || defaultSize;

/** The build machine is deployed as any other. */
function machineProblem(world: World, template: Template): string | undefined {
  const size = sizeOf(template);
  const { location } = template;
  const vmId = `${template.staging?.groupId}/providers/Microsoft.Compute/virtualMachines/pkrvm`;
  const refused = sizeUnavailable(world, location, size) ?? coreQuotaProblem(world, { vmId, location, size });
  if (!refused) return undefined;
  const { code, message } = objectOf(objectOf(refused.body as never)['error']);
  const inner = code === 'OperationNotAllowed' ? 'QuotaExceeded' : textOf(code);
  return deploymentFailed({ code: inner, message: textOf(message) });
}

/** A build makes machines of its source without a security type; there are images that take no others. */
function securityProblem(world: World, { properties }: Template): string | undefined {
  const id = textOf(objectOf(properties['source'])['imageVersionId']).replace(/\/versions\/.*$/i, '');
  const definition = compute(world).resources[key(id)];
  const security = definition && featureOf(definition, 'SecurityType');
  if (security !== 'TrustedLaunch' && security !== 'ConfidentialVM') return undefined;
  return `The provided gallery image only supports creation of VMs and VM Scale Sets with '${security}' security type.`;
}

/** What a policy says against the machine of a build, or against the address by which Packer would reach it. */
function denialOfBuild(world: World, template: Template): Denial | undefined {
  const { subnetId } = objectOf(objectOf(template.properties['vmProfile'])['vnetConfig']);
  const types = ['Microsoft.Compute/virtualMachines', ...(subnetId ? [] : ['Microsoft.Network/publicIPAddresses'])];
  const denied = types.map((type) => {
    const [namespace, kind] = type.split('/');
    const id = `${template.staging?.groupId}/providers/${namespace}/${kind}/pkr`;
    const properties = kind === 'virtualMachines' ? { hardwareProfile: { vmSize: sizeOf(template) } } : {};
    const { location } = template;
    return denialOf(world, { id, type, body: { id, type, location, tags: managedTags(template), properties } });
  });
  return denied.find((one) => one !== undefined);
}

/** The token that Packer is given lives no longer than the build may take. */
function tokenProblem({ properties }: Template): string | undefined {
  const minutes = Number(properties['buildTimeoutInMinutes'] ?? 0);
  return minutes >= 1 && minutes <= 5 ? 'the provided client_jwt will expire within 5 minutes' : undefined;
}
