import { addAzureFace } from '../../sandbox/azure';
import { platformSubscription } from '../../sandbox/azure/names';
import { Sandbox } from '../../sandbox/kernel/sandbox';
import { listen } from '../../sandbox/kernel/server';
import { World } from '../../sandbox/kernel/world';
import { createAzure, sandboxClient, sandboxCredential } from '../../services';
import { failure, held, ubuntu } from './azure';

/** goldbot's sandbox mode: a sandbox behind a port, and the client that knows its address. */
async function served() {
  const sandbox = new Sandbox(new World({ speed: 0 }));
  addAzureFace(sandbox);
  const { server, url } = await listen(sandbox, 'azure', 0);
  const azure = createAzure({
    credential: sandboxCredential,
    subscription: platformSubscription,
    httpClient: sandboxClient(url),
    timeouts: { writeMs: 300 },
  });
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { ...azure, sandbox, close };
}

describe('sandbox mode over the network', () => {
  let azure: Awaited<ReturnType<typeof served>>;
  beforeEach(async () => {
    azure = await served();
  });
  afterEach(() => azure.close());

  it('asks management.azure.com and Microsoft Graph on the same port', async () => {
    await expect(azure.read.versions(ubuntu)).resolves.not.toHaveLength(0);
    await expect(azure.directory.memberOf('a1d0c000-0000-4000-8000-000000000001', [])).resolves.toEqual([]);
    const group = 'b0bb1e50-0000-4000-8000-000000000001';
    await expect(azure.directory.memberOf('a1d0c000-0000-4000-8000-000000000001', [group])).resolves.toEqual([group]);
    const hosts = azure.sandbox.exchanges.map((e) => new URL(e.url).hostname);
    expect(new Set(hosts)).toEqual(new Set(['management.azure.com', 'graph.microsoft.com']));
  });

  it('changes something once although the connection broke after Azure had accepted it', async () => {
    const [newest] = (await azure.read.versions(ubuntu)).slice(-1);
    const version = newest?.version ?? '';
    azure.sandbox.faults.add({ match: { method: 'PATCH' }, dropAfterAccept: true });
    const error = await failure(azure.write(held).updateVersion(ubuntu, version, { tags: { a: 'b' } }));
    expect(error.code).toBe('AZ_SILENT');
    expect(azure.sandbox.exchanges.filter((e) => e.method === 'PATCH')).toHaveLength(1);
    await expect(azure.read.version(ubuntu, version)).resolves.toMatchObject({ tags: { a: 'b' } });
  });

  it('gives a change up when its time is over', async () => {
    const [newest] = (await azure.read.versions(ubuntu)).slice(-1);
    azure.sandbox.faults.add({ match: { method: 'PATCH' }, delayMs: 700 });
    const change = azure.write(held).updateVersion(ubuntu, newest?.version ?? '', { tags: { a: 'b' } });
    await expect(change).rejects.toMatchObject({ code: 'AZ_SILENT' });
  });

  it('says that nobody is there when the sandbox is not', async () => {
    azure.close();
    const error = await failure(azure.read.versions(ubuntu));
    expect(error).toMatchObject({ code: 'AZ_UNAVAILABLE', message: expect.stringContaining('ECONNREFUSED') });
  });
});
