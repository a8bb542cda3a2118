import type { Wire } from '../wire';

/** Exchanges without a mistake, made by hand after the recordings. Tests plant one in a copy. */
const subscription = '/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001';
const gallery = `${subscription}/resourceGroups/g/providers/Microsoft.Compute/galleries/gold/images/ubuntu/versions`;
const template = `${subscription}/resourceGroups/g/providers/Microsoft.VirtualMachineImages/imageTemplates/t`;
const command = `${subscription}/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/m/runCommands/c`;
const id = 'da66e0ba-5e25-493b-8630-b7f153908b97';
const signed = 't=1&c=2&s=3&h=4';
const arm = 'https://management.azure.com';
const at = '2026-11-23T09:00:00.1234567+00:00';

const operation = (folder: string, query: string, provider = 'Microsoft.Compute') =>
  `${arm}${subscription}/providers/${provider}/locations/westeurope/${folder}/${id}?${query}`;
const caps = operation('capsOperations', `api-version=2025-03-03&${signed}`);
const capsMonitor = operation('capsOperations', `monitor=true&api-version=2025-03-03&${signed}`);
const ofMachines = operation('operations', `p=${id}&api-version=2026-03-01&${signed}`);
const ofTemplates = operation('operations', `api-version=2025-10-01&${signed}`, 'Microsoft.VirtualMachineImages');

const ids = {
  'x-ms-request-id': id,
  'x-ms-correlation-request-id': id,
  'x-ms-routing-request-id': `WESTEUROPE:20261123T090000Z:${id}`,
};
const left = (kind: string) => ({
  [`x-ms-ratelimit-remaining-subscription-${kind}`]: '199',
  [`x-ms-ratelimit-remaining-subscription-global-${kind}`]: '2999',
});
const quota = (...names: string[]) => ({
  'x-ms-ratelimit-remaining-resource': names.map((name) => `Microsoft.Compute/${name};99`).join(),
});
const versionQuota = quota('GetGalleryImageVersion3Min', 'GetGalleryImageVersion30Min');
const sent = { authorization: 'Bearer x', 'content-type': 'application/json', 'user-agent': 'goldbot azsdk-js-client' };

interface Parts<Body> {
  readonly status?: number;
  readonly asked?: object;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Body;
}

function wire<Body>(method: string, url: string, { status = 200, asked, headers = {}, body }: Parts<Body>) {
  const { 'content-type': type, ...plain } = sent;
  const requestHeaders = asked ? { ...plain, 'content-type': type } : plain;
  return {
    method,
    url: url.startsWith('https:') ? url : `${arm}${url}`,
    requestHeaders,
    requestBody: asked ?? null,
    status,
    responseHeaders: { ...ids, ...headers } as Readonly<Record<string, string>>,
    responseBody: (body ?? null) as Body,
  };
}

const version = (name: string) => ({
  id: `${gallery}/${name}`,
  name,
  type: 'Microsoft.Compute/galleries/images/versions',
  location: 'westeurope',
  tags: { 'goldbot-built': 'on a Monday' },
  properties: {
    publishingProfile: { targetRegions: [{ name: 'West Europe' }, { name: 'West US 2' }], publishedDate: at },
    replicationStatus: { aggregatedState: 'Completed', summary: [{ region: 'West Europe', state: 'Completed' }] },
    provisioningState: 'Succeeded',
  },
});

const versions = `${gallery}?api-version=2025-03-03`;
const status = (state: string, more: object = {}) => ({ startTime: at, status: state, name: id, ...more });

const exemption = `${subscription}/providers/Microsoft.Authorization/policyExemptions/e`;

export const good = {
  version: wire('GET', `${gallery}/1.0.0?api-version=2025-03-03`, {
    headers: { ...left('reads'), ...versionQuota },
    body: version('1.0.0'),
  }),
  list: wire('GET', versions, {
    headers: {
      ...left('reads'),
      ...quota('ListGalleryImageVersionsInGalleryImage3Min', 'ListGalleryImageVersionsInGalleryImage30Min'),
    },
    body: { value: [version('1.0.0'), version('1.1.0')], nextLink: `${arm}${versions}&$skiptoken=2` },
  }),
  patch: wire('PATCH', `${gallery}/1.0.0?api-version=2025-03-03`, {
    asked: { tags: {} },
    headers: {
      ...left('writes'),
      ...quota('CreateUpdateGalleryImageVersion3Min', 'CreateUpdateGalleryImageVersion30Min'),
      'azure-asyncoperation': caps,
    },
    body: { ...version('1.0.0'), properties: { provisioningState: 'Updating' } },
  }),
  delete: wire('DELETE', `${gallery}/1.0.0?api-version=2025-03-03`, {
    status: 202,
    headers: {
      ...left('deletes'),
      ...quota('DeleteGalleryImageVersion3Min', 'DeleteGalleryImageVersion30Min'),
      'azure-asyncoperation': caps,
      location: capsMonitor,
    },
  }),
  polled: wire('GET', caps, {
    headers: { ...left('reads'), ...quota('GetOperationStatus3Min', 'GetOperationStatus30Min') },
    body: status('InProgress'),
  }),
  ended: wire('GET', caps, {
    headers: { ...left('reads'), ...quota('GetOperationStatus3Min', 'GetOperationStatus30Min') },
    body: status('Succeeded', { endTime: at }),
  }),
  failed: wire('GET', caps, {
    headers: { ...left('reads'), ...quota('GetOperationStatus3Min', 'GetOperationStatus30Min') },
    body: status('Failed', { endTime: at, error: { code: 'InternalExecutionError', message: 'It broke.' } }),
  }),
  template: wire('PUT', `${template}?api-version=2025-10-01`, {
    status: 201,
    asked: { location: 'westeurope', properties: { distribute: [{ targetRegions: [{ name: 'West Europe' }] }] } },
    headers: { ...left('writes'), 'azure-asyncoperation': ofTemplates },
    body: {
      id: template.replace('resourceGroups', 'resourcegroups'),
      name: 't',
      type: 'Microsoft.VirtualMachineImages/imageTemplates',
      location: 'westeurope',
      properties: { provisioningState: 'Creating', distribute: [{ versioning: null }] },
    },
  }),
  run: wire('POST', `${template}/run?api-version=2025-10-01`, {
    status: 202,
    headers: { ...left('writes'), 'azure-asyncoperation': ofTemplates, location: ofTemplates },
  }),
  building: wire('GET', ofTemplates, {
    headers: left('reads'),
    body: { ...status('InProgress'), name: id.toUpperCase() },
  }),
  command: wire('PUT', `${command}?api-version=2026-03-01`, {
    status: 201,
    asked: { location: 'westeurope' },
    headers: {
      ...left('writes'),
      ...quota('UpdateVMSubscriptionMaximum', 'UpdateVMResource'),
      'azure-asyncoperation': ofMachines,
      'azure-asyncnotification': 'Enabled',
    },
    body: {
      id: command,
      name: 'c',
      type: 'Microsoft.Compute/virtualMachines/runCommands',
      location: 'westeurope',
      properties: {
        provisioningState: 'Creating',
        instanceView: { startTime: at, statuses: [{ code: 'PowerState/running' }] },
      },
    },
  }),
  rows: wire('POST', '/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01', {
    asked: { query: 'resources', options: { $top: 2 } },
    headers: {
      'x-ms-ratelimit-remaining-tenant-reads': '249',
      'x-ms-user-quota-remaining': '14',
      'x-ms-user-quota-resets-after': '00:00:05',
    },
    body: {
      totalRecords: 3,
      count: 2,
      resultTruncated: 'false',
      $skipToken: 'more',
      data: [
        { id: 'a', tags: null },
        { id: 'b', tags: null },
      ],
    },
  }),
  missing: wire('GET', `${gallery}/9.9.9?api-version=2025-03-03`, {
    status: 404,
    headers: left('reads'),
    body: { error: { code: 'ResourceNotFound', message: 'It is not here.' } },
  }),
  throttled: wire('GET', `${gallery}/1.0.0?api-version=2025-03-03`, {
    status: 429,
    headers: { 'retry-after': '17' },
    body: { error: { code: 'TooManyRequests', message: 'Too many.' } },
  }),
  policy: wire(
    'POST',
    `${subscription}/providers/Microsoft.PolicyInsights/policyStates/latest/queryResults?api-version=2024-10-01`,
    {
      headers: left('reads'),
      body: {
        value: [{ '@odata.id': null, timestamp: at }],
        '@odata.nextLink': `${arm}${subscription}/providers/Microsoft.PolicyInsights/policyStates/latest/queryResults?api-version=2024-10-01&$skiptoken=2`,
      },
    },
  ),
  exemption: wire('GET', `${exemption}?api-version=2022-07-01-preview`, {
    headers: left('reads'),
    body: {
      id: exemption,
      name: 'e',
      type: 'Microsoft.Authorization/policyExemptions',
      properties: {
        policyAssignmentId: `${subscription}/providers/Microsoft.Authorization/policyAssignments/a`,
        exemptionCategory: 'Waiver',
        expiresOn: at,
      },
    },
  }),
} satisfies Record<string, Wire>;

/** A copy with `value` at a JSON pointer of the exchange; undefined takes it away. */
export function planted(exchange: Wire, path: string, value: unknown): Wire {
  const copy = structuredClone(exchange) as unknown as Record<string, unknown>;
  const parts = path.split('/').slice(1);
  const last = parts.pop() ?? '';
  const place = parts.reduce<Record<string, unknown>>((to, part) => to[part] as Record<string, unknown>, copy);
  if (value === undefined) delete place[last];
  else place[last] = value;
  return copy as unknown as Wire;
}
