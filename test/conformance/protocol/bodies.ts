import { type Check, isObject, isRemediation, type Json, members, resourcesOf, type Seen } from './checks';
import { isDisplayName, isLocation, isRegion } from './regions';

const iso = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?(Z|[+-]\d\d:\d\d)$/;
export const isDate = (value: unknown) =>
  typeof value === 'string' && iso.test(value) && !Number.isNaN(Date.parse(value));

/** What people put into resources, and rows of queries: their dates and nulls are their own. */
const peoples = ['tags', 'artifactTags', 'data', 'protectedSettings', 'settings'];

/** Members that Azure answers as null, as recorded. */
const nullable: readonly { readonly provider: string; readonly path: RegExp }[] = [
  { provider: 'microsoft.policyinsights', path: /\/@odata\.id$/ },
  { provider: 'microsoft.virtualmachineimages', path: /\/properties\/distribute\/\d+\/versioning$/ },
];

/** Every resource provider's; the lists of the specifications, where they have any, are parts of this one. */
const provisioningStates = ['Creating', 'Updating', 'Succeeded', 'Failed', 'Canceled', 'Deleting', 'Migrating'];
/** Of remediations: documentation of their REST API and of its client's enums; the specification says only that it is text. */
const remediationStates = [
  'Accepted',
  'Evaluating',
  'Running',
  'Succeeded',
  'Failed',
  'Canceled',
  'Cancelling',
  'Complete',
];
const statesOf = (exchange: Seen) => (isRemediation(exchange) ? remediationStates : provisioningStates);
/** `PowerState/running`: documentation of virtual machine states. */
const powerStates = [
  'creating',
  'starting',
  'running',
  'stopping',
  'stopped',
  'deallocating',
  'deallocated',
  'unknown',
];

function isStatusCode(code: unknown): boolean {
  const [kind = '', word = '', ...detail] = String(code).split('/');
  if (kind === 'PowerState') return powerStates.includes(word) && detail.length === 0;
  if (kind === 'ProvisioningState') return provisioningStates.some((state) => state.toLowerCase() === word);
  return /^[A-Z]\w+$/.test(kind) && word !== '';
}

function names(list: unknown, member: string): string[] {
  return Array.isArray(list) ? list.filter(isObject).map((item) => String(item[member])) : [];
}

function regionsOf(resource: Json): string[] {
  const properties = isObject(resource['properties']) ? resource['properties'] : {};
  const [publishing, replication] = [properties['publishingProfile'], properties['replicationStatus']];
  return [
    ...(isObject(publishing) ? names(publishing['targetRegions'], 'name') : []),
    ...(isObject(replication) ? names(replication['summary'], 'region') : []),
  ];
}

function nulls({ provider, responseBody }: Seen): string[] {
  const allowed = nullable.filter((n) => n.provider === provider.toLowerCase());
  return [...members(responseBody, peoples)]
    .filter(([path, value]) => value === null && !allowed.some((n) => n.path.test(path)))
    .map(([path]) => `${path} is null`);
}

export const bodyChecks: readonly Check[] = [
  {
    name: 'display names of regions',
    why: 'recordings: targetRegions and replicationStatus of gallery versions say `West US 2`',
    check: (exchange) =>
      resourcesOf(exchange)
        .filter(() => exchange.type.startsWith('microsoft.compute/galleries'))
        .flatMap(regionsOf)
        .filter((name) => !isDisplayName(name))
        .map((name) => `the region ${name} is no display name`),
  },
  {
    name: 'normal form of location',
    why: 'recordings: `westus2`, whatever was sent',
    check: (exchange) =>
      resourcesOf(exchange)
        .map((resource) => resource['location'])
        .filter((name) => name !== undefined && !isLocation(String(name)))
        .map((name) => `location is ${name}`),
  },
  {
    name: 'regions of a request',
    why: 'documentation: Azure takes a region by its normal or its display name, and no other word',
    check: ({ requestBody }) =>
      [...members(requestBody, peoples)]
        .filter(([path]) => path === '/location' || /\/targetRegions\/\d+\/name$/.test(path))
        .filter(([, value]) => !isRegion(String(value)))
        .map(([path, value]) => `${path} is ${value}`),
  },
  {
    name: 'provisioning states',
    why: 'recordings: one set of words for all; the specifications of VMs, disks and run commands say only that it is text',
    check: (exchange) =>
      [...members(exchange.status < 400 ? exchange.responseBody : {}, peoples)]
        .filter(([path]) => path.endsWith('/properties/provisioningState'))
        .filter(([, value]) => !statesOf(exchange).includes(String(value)))
        .map(([path, value]) => `${path} is ${value}`),
  },
  {
    name: 'status codes',
    why: 'recordings: `ProvisioningState/succeeded`, `PowerState/running`; the specifications say only that it is text',
    check: ({ responseBody }) =>
      [...members(responseBody, peoples)]
        .filter(([path]) => /\/(statuses|output\/value)\/\d+\/code$/.test(path))
        .filter(([, value]) => !isStatusCode(value))
        .map(([path, value]) => `${path} is ${value}`),
  },
  {
    name: 'null',
    why: 'recordings: what is not there is left out; the two exceptions that were recorded are named',
    check: nulls,
  },
  {
    name: 'dates',
    why: 'recordings: ISO 8601 with up to seven decimals and Z or an offset',
    check: ({ responseBody }) =>
      [...members(responseBody, peoples)]
        .filter(([path]) => /(Time|Date|\/time|\/timeCreated|\/timestamp)$/.test(path))
        .filter(([, value]) => value !== null && !isDate(value))
        .map(([path, value]) => `${path} is ${JSON.stringify(value)}`),
  },
];
