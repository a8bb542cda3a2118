import { join } from 'node:path';
import { LiveValidator } from 'oav';
import { shared } from './shared';
import type { Judgement, Wire } from './wire';

/** A folder of Azure's specifications and the addresses that it judges, whatever api-version they carry. */
interface Source {
  readonly folder: string;
  readonly version: string;
  readonly paths: RegExp;
}

const compute = 'compute/resource-manager/Microsoft.Compute';
const policyInsights = 'policyinsights/resource-manager/Microsoft.PolicyInsights/stable';
const galleries = /\/(galleries|sharedGalleries|communityGalleries|capsOperations)(\/|$)/i;
const disks = /\/(disks|snapshots|diskEncryptionSets|diskAccesses|DiskOperations)(\/|$)/i;

/** The first that fits judges. Newer api-versions are mapped down to these: nothing newer is published beside us. */
const sources: readonly Source[] = [
  {
    folder: 'authorization/resource-manager/Microsoft.Authorization/stable/2022-04-01',
    version: '2022-04-01',
    paths: /\/Microsoft\.Authorization\/(role|permissions)/i,
  },
  {
    folder: `${policyInsights}/2021-10-01`,
    version: '2021-10-01',
    paths: /\/Microsoft\.PolicyInsights\/remediations/i,
  },
  {
    folder: `${policyInsights}/2022-09-01`,
    version: '2022-09-01',
    paths: /\/Microsoft\.PolicyInsights\/attestations/i,
  },
  {
    folder: `${policyInsights}/2023-03-01`,
    version: '2023-03-01',
    paths: /\/Microsoft\.PolicyInsights\/checkPolicyRestrictions$/i,
  },
  { folder: `${policyInsights}/2019-10-01`, version: '2019-10-01', paths: /\/Microsoft\.PolicyInsights\/policy/i },
  { folder: `${compute}/GalleryRP/stable/2023-07-03`, version: '2023-07-03', paths: galleries },
  { folder: `${compute}/DiskRP/stable/2024-03-02`, version: '2024-03-02', paths: disks },
  { folder: `${compute}/Skus/stable/2021-07-01`, version: '2021-07-01', paths: /\/Microsoft\.Compute\/skus$/i },
  { folder: `${compute}/ComputeRP/stable/2024-07-01`, version: '2024-07-01', paths: /\/Microsoft\.Compute\//i },
  {
    folder: 'imagebuilder/resource-manager/Microsoft.VirtualMachineImages/stable/2024-02-01',
    version: '2024-02-01',
    paths: /\/Microsoft\.VirtualMachineImages\//i,
  },
  {
    folder: 'resourcegraph/resource-manager/Microsoft.ResourceGraph/stable/2024-04-01',
    version: '2024-04-01',
    paths: /\/Microsoft\.ResourceGraph\//i,
  },
  {
    folder: 'resources/resource-manager/Microsoft.Authorization/stable/2024-05-01',
    version: '2024-05-01',
    paths: /\/Microsoft\.Authorization\/policy[^/]*\/?[^/]*$/i,
  },
];

/** Folders of `azure-specs/specification` that judge. */
export const judgingFolders: readonly string[] = sources.map(({ folder }) => folder);

/** Files that this specification refers to are not beside us: the resource types judge it. */
const unjudged = /\/Microsoft\.GuestConfiguration\//i;

/** What is right although the older specification does not have it: newer fields, and what Azure answers undocumented. */
const newer: readonly { readonly of: RegExp; readonly wrong: RegExp; readonly why: string }[] = [
  {
    of: /^GalleryImageVersions_/,
    wrong: /safetyProfile\b.*: OBJECT_ADDITIONAL_PROPERTIES.*: blockDeletionBeforeEndOfLife$/,
    why: 'safetyProfile has it in the types of the galleries at 2025-03-03',
  },
  {
    of: /^VirtualMachines_/,
    wrong: /networkInterfaceConfigurations\[\d+\]\.tags: OBJECT_ADDITIONAL_PROPERTIES/,
    why: 'inline network interfaces have tags in the types of compute 2026-03-01',
  },
  {
    of: /^VirtualMachineScaleSets_/,
    wrong: /properties\.lifecycleHooksProfile: OBJECT_ADDITIONAL_PROPERTIES/,
    why: 'scale sets have lifecycle hooks in the types of compute 2026-03-01',
  },
  {
    of: /^VirtualMachineImages_Get$/,
    wrong: /^response .*OBJECT_ADDITIONAL_PROPERTIES.*: (replicaType|replicaCount|sizeInBytes|sizeInGb)$/,
    why: 'Azure answers them on marketplace images (recorded, and shown by its pages); no specification has them',
  },
];

const met = new Set<object>();

/** What was forgiven although nobody needs it any more. */
export const unmet = (): readonly string[] => newer.filter((entry) => !met.has(entry)).map(({ why }) => why);

type Validator = Pick<LiveValidator, 'validateLiveRequestResponse'>;
const validators = new Map<Source, Promise<Validator>>();

/**
 * Azure's OpenAPI on one exchange, both directions, by Microsoft's own validator. An address or a method that the
 * specification does not have leaves the operation out. Blind to what `protocol.ts` looks at.
 */
export async function judgeSpec(exchange: Wire): Promise<Judgement> {
  const url = new URL(exchange.url);
  const source = sources.find(({ paths }) => paths.test(url.pathname));
  if (!source || unjudged.test(url.pathname)) return { wrong: [] };
  url.searchParams.set('api-version', source.version);
  const validator = await validatorOf(source);
  const answer = await validator.validateLiveRequestResponse({
    liveRequest: {
      url: url.href,
      method: exchange.method,
      headers: { ...exchange.requestHeaders },
      ...bodyOf(exchange.requestBody),
    },
    liveResponse: {
      statusCode: String(exchange.status),
      // Tests without a network have no content type; the wire test has.
      headers: { 'content-type': 'application/json', ...exchange.responseHeaders },
      ...bodyOf(exchange.responseBody),
    },
  });
  const { requestValidationResult: request, responseValidationResult: response } = answer;
  const operation = request.operationInfo?.operationId;
  const known = newer.filter(({ of }) => of.test(operation ?? ''));
  const found = [...said('request', request), ...said('response', response)];
  const wrong = found.filter((one) => {
    const right = known.find((entry) => entry.wrong.test(one));
    if (right) met.add(right);
    return !right;
  });
  return operation && operation !== 'unknownOperationId' ? { operation, wrong } : { wrong };
}

type Side = Awaited<ReturnType<Validator['validateLiveRequestResponse']>>['requestValidationResult'];

function said(side: 'request' | 'response', { runtimeException, errors }: Side): string[] {
  const crash = runtimeException ? [`${side}: ${runtimeException.code} ${runtimeException.message}`] : [];
  const issues = errors.map(({ code, message, jsonPathsInPayload }) => {
    return `${side} ${jsonPathsInPayload.join(' ')}: ${code} ${message}`;
  });
  return [...crash, ...issues];
}

function bodyOf(body: unknown): { body?: Record<string, unknown> } {
  return body === null || body === undefined || body === '' ? {} : { body: body as Record<string, unknown> };
}

function validatorOf(source: Source): Promise<Validator> {
  const known = validators.get(source);
  if (known) return known;
  const made = createValidator(source);
  validators.set(source, made);
  return made;
}

async function createValidator({ folder }: Source): Promise<Validator> {
  const options = {
    directory: join(shared, 'azure-specs'),
    swaggerPathsPattern: [`specification/${folder}/*.json`],
    swaggerPaths: [],
    git: { shouldClone: false },
    useRelativeSourceLocationUrl: true,
    isPathCaseSensitive: false,
    loadValidatorInInitialize: false,
    loadValidatorInBackground: false,
    isArmCall: true,
  };
  // Its log repeats what the results say.
  const validator = new LiveValidator(options, () => {});
  await validator.initialize();
  return validator;
}
