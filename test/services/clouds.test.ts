import { createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline';
import { type CloudName, clouds, cloudsOfRegion } from '../../core/cloud';
import { createAzure } from '../../services';
import { place } from './azure';

describe.each([
  ['Public', 'management.azure.com', 'vault.azure.net', 'blob.core.windows.net'],
  ['USGov', 'management.usgovcloudapi.net', 'vault.usgovcloudapi.net', 'blob.core.usgovcloudapi.net'],
  ['China', 'management.chinacloudapi.cn', 'vault.azure.cn', 'blob.core.chinacloudapi.cn'],
] as const)('in the cloud %s', (name: CloudName, arm, vault, blobs) => {
  it('each kind of request goes to its own host, with a token for that and no other', async () => {
    const sent: string[] = [];
    const httpClient: HttpClient = {
      async sendRequest(request) {
        sent.push(`${new URL(request.url).hostname} ${request.headers.get('authorization')}`);
        const headers = createHttpHeaders({ 'x-ms-error-code': 'BlobNotFound' });
        const bodyAsText = '{"error":{"code":"ResourceNotFound","message":"none"}}';
        return { request, status: 404, headers, bodyAsText };
      },
    };
    const credential = {
      getToken: async (scope: string | string[]) => ({
        token: String(scope),
        expiresOnTimestamp: Date.now() + 3_600_000,
      }),
    };
    const { read } = createAzure({ credential, httpClient, cloud: clouds[name], subscription: place.subscription });
    const image = `/subscriptions/${place.subscription}/resourceGroups/g/providers/Microsoft.Compute/images/i`;
    const asked = [
      () => read.managedImage(image),
      () => read.build(place, 'template'),
      () => read.buildLog(place, 'template'),
      () => read.vaultKey(`https://kv-golden.${vault}/keys/goldbot`),
      () => read.output({ kind: 'vhd', place: `https://golden.${blobs}/vhds/a.vhd` }),
    ];
    for (const ask of asked) await ask().catch(() => undefined);
    expect([...new Set(sent)]).toEqual([
      `${arm} Bearer https://${arm}/.default`,
      `kv-golden.${vault} Bearer https://${vault}/.default`,
      `golden.${blobs} Bearer https://storage.azure.com/.default`,
    ]);
  });
});

describe('the cloud of a region', () => {
  it.each<[string, readonly CloudName[]]>([
    ['westeurope', ['Public']],
    ['usgovvirginia', ['USGov', 'USGovDoD']],
    ['usdodcentral', ['USGovDoD']],
    ['chinanorth3', ['China']],
    ['uscentral', ['Public']],
  ])('%s: %j', (region, names) => {
    expect(cloudsOfRegion(region)).toEqual(names);
  });
});
