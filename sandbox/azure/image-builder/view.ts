import { createHash } from 'node:crypto';
import { principalsOf } from '../identity';
import { type JsonObject, listOf, objectOf, phaseOf, type Run, type Template } from './section';

/** A template as ARM answers it; ids come back with lower-case `resourcegroups`, as Image Builder writes them. */
export function view(template: Template, nowMs: number): JsonObject {
  const { id, name, location, tags, identity, properties, run } = template;
  return {
    properties: { ...properties, ...(run && { lastRunStatus: lastRunStatus(run, nowMs) }) },
    identity: identityView(identity, properties['provisioningState'] === 'Succeeded'),
    tags,
    location,
    id,
    name,
    type: 'Microsoft.VirtualMachineImages/imageTemplates',
  };
}

function identityView(identity: JsonObject, known: boolean): JsonObject {
  const ids = Object.keys(objectOf(identity['userAssignedIdentities']));
  if (ids.length === 0) return identity;
  const unknown = () => Object.fromEntries(ids.map((id) => [id, {}]));
  return { ...identity, userAssignedIdentities: known ? principalsOf(ids) : unknown() };
}

/** Image Builder fills in what a request leaves out. */
export function withDefaults(given: JsonObject): JsonObject {
  const source = objectOf(given['source']);
  const exactVersion =
    source['type'] === 'SharedImageVersion' ? source['imageVersionId'] : (source['version'] ?? 'latest');
  const { lastRunStatus: _, provisioningError: __, ...rest } = given;
  return {
    ...rest,
    source: source['type'] === 'ManagedImage' ? source : { ...source, exactVersion: exactVersion ?? 'latest' },
    ...(given['customize'] && { customize: listOf(given['customize']).map(withoutEmptyChecksum) }),
    distribute: listOf(given['distribute']).map(withOutputDefaults),
    provisioningState: 'Creating',
    buildTimeoutInMinutes: given['buildTimeoutInMinutes'] ?? 0,
    vmProfile: { vmSize: '', osDiskSizeGB: 0, ...objectOf(given['vmProfile']) },
    stagingResourceGroup: given['stagingResourceGroup'] ?? '',
    exactStagingResourceGroup: '',
  };
}

/** How a PATCH changes the two parts of the properties that it may: outputs as a whole, the profile by field. */
export function updated(properties: JsonObject, given: JsonObject): JsonObject {
  const { distribute, vmProfile } = given;
  return {
    ...(distribute && { distribute: listOf(distribute).map(withOutputDefaults) }),
    ...(vmProfile && { vmProfile: { ...objectOf(properties['vmProfile']), ...objectOf(vmProfile) } }),
  };
}

function withOutputDefaults(output: JsonObject): JsonObject {
  return { ...(output['type'] === 'SharedImage' && { excludeFromLatest: false }), artifactTags: {}, ...output };
}

/** Recorded: an empty checksum is as good as none. */
function withoutEmptyChecksum({ sha256Checksum, ...step }: JsonObject): JsonObject {
  return sha256Checksum ? { ...step, sha256Checksum } : step;
}

/** After provisioning every script and file has a checksum. They are not fetched, so it is that of their address. */
export function withChecksums(steps: readonly JsonObject[]): JsonObject[] {
  return steps.map((step) => {
    const uri = step['scriptUri'] ?? step['sourceUri'];
    if (typeof uri !== 'string' || step['sha256Checksum']) return step;
    return { ...step, sha256Checksum: createHash('sha256').update(uri).digest('hex') };
  });
}

/** `lastRunStatus` at a moment. */
function lastRunStatus(run: Run, nowMs: number): JsonObject {
  const time = (ms: number | undefined) => (ms === undefined ? '0001-01-01T00:00:00Z' : new Date(ms).toISOString());
  const subState = run.state === 'Canceling' ? undefined : run.endMs === undefined ? phaseOf(run, nowMs) : run.endedIn;
  return {
    startTime: time(run.startMs),
    endTime: time(run.endMs),
    runState: run.state,
    ...(subState && { runSubState: subState }),
    message: run.message,
  };
}
