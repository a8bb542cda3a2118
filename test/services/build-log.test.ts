import type { Route } from '../../sandbox/kernel/types';
import { armError, azureOf, failure, place } from './azure';

const templates = '/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.VirtualMachineImages/imageTemplates';
const name = 'ubuntu-22-1-6-0-a1-3f9c1ab2';

const get = (stagingGroup?: string): Route => ({
  method: 'GET',
  path: `${templates}/{t}`,
  handle: () => ({
    status: 200,
    body: {
      location: 'westeurope',
      identity: { type: 'None' },
      properties: {
        provisioningState: 'Succeeded',
        source: { type: 'PlatformImage' },
        distribute: [],
        ...(stagingGroup && { exactStagingResourceGroup: stagingGroup }),
      },
    },
  }),
});

describe('the log of a build', () => {
  const group = '/subscriptions/1/resourceGroups/IT_rg_t_1';
  const host = 'staging1.blob.core.windows.net';
  const accounts: Route = {
    method: 'GET',
    path: `${group}/providers/Microsoft.Storage/storageAccounts`,
    handle: () => ({
      status: 200,
      body: { value: [{ properties: { primaryEndpoints: { blob: `https://${host}/` } } }] },
    }),
  };
  const blob = (n: string, day: number, bytes = 10) =>
    `<Blob><Name>${n}</Name><Properties><Last-Modified>Fri, ${day} Nov 2026 09:00:00 GMT</Last-Modified><Content-Length>${bytes}</Content-Length></Properties></Blob>`;
  const listed = (blobs: string, marker = '') =>
    `<?xml version="1.0"?><EnumerationResults><Blobs>${blobs}</Blobs><NextMarker>${marker}</NextMarker></EnumerationResults>`;
  const container = (pages: string[]): Route => ({
    method: 'GET',
    host,
    path: '/packerlogs',
    handle: ({ url }) => ({ status: 200, body: pages[url.searchParams.has('marker') ? 1 : 0] ?? '' }),
  });
  const file: Route = {
    method: 'GET',
    host,
    path: '/packerlogs/{run}/{file}',
    handle: ({ headers }, { run }) => {
      const later = /^bytes=[1-9]\d*-/.exec(headers['x-ms-range'] ?? '')?.[0] ?? '';
      return { status: 206, body: `log of ${run} ${later}`.trim() };
    },
  };
  const built = get(group);

  it('is the newest of every page, asked for with a token of storage', async () => {
    const scopes: (string | string[])[] = [];
    const credential = {
      getToken: async (scope: string | string[]) => {
        scopes.push(scope);
        return { token: 't', expiresOnTimestamp: Date.now() + 3_600_000 };
      },
    };
    const first = listed(blob('r1/customization.log', 18) + blob('r3/other.log', 22), 'more');
    const second = listed(blob('r2/customization.log', 20));
    const azure = azureOf([built, accounts, container([first, second]), file], { credential });
    await expect(azure.read.buildLog(place, name)).resolves.toBe('log of r2');
    expect(scopes.flat()).toContain('https://storage.azure.com/.default');
    const asked = azure.sandbox.exchanges.filter((e) => e.url.includes(host));
    expect(asked.every((e) => e.requestHeaders['x-ms-version'] && e.requestHeaders['authorization'])).toBe(true);
  });

  it('is without what could be a credential, which a step may have printed', async () => {
    const said: Route = {
      ...file,
      handle: () => ({
        status: 200,
        body: 'GET https://x/y?sv=1&sig=c2VjcmV0 with Authorization: Bearer hunter2hunter2',
      }),
    };
    const azure = azureOf([built, accounts, container([listed(blob('r1/customization.log', 18))]), said]);
    await expect(azure.read.buildLog(place, name)).resolves.toBe(
      'GET https://x/y?sv=1&sig=[cut] with Authorization: Bearer [cut]',
    );
  });

  it('is its end when it is very long', async () => {
    const page = listed(blob('r1/customization.log', 18, 10 * 1024 * 1024));
    const { read } = azureOf([built, accounts, container([page]), file]);
    await expect(read.buildLog(place, name)).resolves.toBe('log of r1 bytes=6291456-');
  });

  it('is asked for alone once it was found, and looked up anew when it is not there any more', async () => {
    const other = listed(blob('r2/customization.log', 21));
    const pages = [listed(blob('r1/customization.log', 18))];
    let gone = false;
    const once: Route = {
      ...file,
      handle: (request, params) => {
        if (gone && params['run'] === 'r1') return { status: 404, body: '<Error><Code>BlobNotFound</Code></Error>' };
        return file.handle(request, params);
      },
    };
    const { read, sandbox } = azureOf([built, accounts, container(pages), once]);
    const asked = async () => {
      const before = sandbox.exchanges.length;
      return [await read.buildLog(place, name), sandbox.exchanges.length - before];
    };
    expect([await asked(), await asked()]).toEqual([
      ['log of r1', 4],
      ['log of r1', 1],
    ]);

    gone = true;
    pages.splice(0, 1, other);
    expect([await asked(), await asked()]).toEqual([
      [undefined, 1],
      ['log of r2', 4],
    ]);
    await expect(read.buildLog(place, 'another')).resolves.toBe('log of r2');
  });

  it('is read from where its end began when it was last read', async () => {
    const mib = 1024 * 1024;
    const page = listed(blob('r1/customization.log', 18, 4 * mib));
    const ranges: string[] = [];
    const grown: Route = {
      ...file,
      handle: ({ headers }) => {
        ranges.push(headers['x-ms-range'] ?? 'all of it');
        return { status: 206, body: 'x'.repeat(5 * mib) };
      },
    };
    const { read } = azureOf([built, accounts, container([page]), grown]);
    await read.buildLog(place, name);
    await read.buildLog(place, name);
    expect(ranges).toEqual([`bytes=0-${8 * mib - 1}`, `bytes=${mib}-${9 * mib - 1}`]);
  });

  it('is never read whole: of what grew by gigabytes between two looks the end is read', async () => {
    const [mib, gib] = [1024 * 1024, 1024 ** 3];
    const ranges: string[] = [];
    const growing: Route = {
      ...file,
      handle: ({ headers }) => {
        ranges.push(headers['x-ms-range'] ?? 'all of it');
        const size = ranges.length === 1 ? 100 : 3 * gib;
        return { status: 206, headers: { 'content-range': `bytes 0-1/${size}` }, body: `part ${ranges.length}` };
      },
    };
    const { read } = azureOf([built, accounts, container([listed(blob('r1/customization.log', 18, 100))]), growing]);
    await read.buildLog(place, name);

    await expect(read.buildLog(place, name)).resolves.toBe('part 3');
    expect(ranges).toEqual([0, 0, 3 * gib - 4 * mib].map((from) => `bytes=${from}-${from + 8 * mib - 1}`));
  });

  it('of which nothing is written yet is empty', async () => {
    const body = '<Error><Code>InvalidRange</Code><Message>No.</Message></Error>';
    const empty: Route = { ...file, handle: () => ({ status: 416, body }) };
    const { read } = azureOf([built, accounts, container([listed(blob('r1/customization.log', 18, 0))]), empty]);

    await expect(read.buildLog(place, name)).resolves.toBe('');
  });

  const missing = (host2: string | undefined, path: string): Route => ({
    method: 'GET',
    ...(host2 && { host: host2 }),
    path,
    handle: () => ({ status: 404, body: '<Error><Code>ContainerNotFound</Code></Error>' }),
  });
  it.each([
    ['there is no template', [{ ...get(), handle: () => armError(404, 'ResourceNotFound', 'No.') }]],
    ['there is no staging group yet', [get()]],
    ['the staging group is gone', [built, missing(undefined, `${group}/providers/Microsoft.Storage/storageAccounts`)]],
    ['there is no container yet', [built, accounts, missing(host, '/packerlogs')]],
    ['nothing is written yet', [built, accounts, container([listed('')])]],
  ])('is undefined while %s', async (_, routes) => {
    await expect(azureOf(routes).read.buildLog(place, name)).resolves.toBeUndefined();
  });

  it('that goldbot may not read says so', async () => {
    const body =
      '<?xml version="1.0"?><Error><Code>AuthorizationPermissionMismatch</Code><Message>Not authorized.</Message></Error>';
    const refused = { method: 'GET', host, path: '/packerlogs', handle: () => ({ status: 403, body }) };
    const error = await failure(azureOf([built, accounts, refused]).read.buildLog(place, name));
    expect(error).toMatchObject({ code: 'AZ_FORBIDDEN', facts: { azureCode: 'AuthorizationPermissionMismatch' } });
  });
});
