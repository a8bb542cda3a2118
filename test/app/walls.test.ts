import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { Agent, get } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exceptions, tunnelHttps } from '../../app/proxy';
import { productionSoFar } from '../../app/settings';
import { createAzure, sandboxCredential } from '../../services';
import { appId, Issuer, tenant } from '../bot/issuer';
import { testDatabase } from '../store/database';
import { programFile } from '../support/programs';
import { sized } from '../support/size';
import { until } from '../support/until';
import { type Outside, type Walls, walls } from '../support/walls';
import { endProcesses, runNode } from './processes';

/** Where each thing is in a cloud, by Microsoft's lists of endpoints, and a region of it. */
const places = {
  Public: {
    ...{ arm: 'management.azure.com', graph: 'graph.microsoft.com', login: 'login.microsoftonline.com' },
    ...{ keys: 'login.botframework.com', connector: 'smba.trafficmanager.net', issuer: 'https://api.botframework.com' },
    region: 'westeurope',
  },
  USGov: {
    ...{ arm: 'management.usgovcloudapi.net', graph: 'graph.microsoft.us', login: 'login.microsoftonline.us' },
    ...{ keys: 'login.botframework.azure.us', connector: 'smba.infra.gov.teams.microsoft.us' },
    ...{ issuer: 'https://api.botframework.us', region: 'usgovvirginia' },
  },
  USGovDoD: {
    ...{ arm: 'management.usgovcloudapi.net', graph: 'dod-graph.microsoft.us', login: 'login.microsoftonline.us' },
    ...{ keys: 'login.botframework.azure.us', connector: 'smba.infra.dod.teams.microsoft.us' },
    ...{ issuer: 'https://api.botframework.us', region: 'usdodcentral' },
  },
  China: {
    ...{ arm: 'management.chinacloudapi.cn', graph: 'microsoftgraph.chinacloudapi.cn' },
    ...{ login: 'login.partner.microsoftonline.cn', keys: 'login.botframework.azure.cn' },
    ...{ connector: 'frontend.botapi.msg.infra.teams.microsoftonline.cn', issuer: 'https://api.botframework.azure.cn' },
    region: 'chinanorth3',
  },
} as const;
type Place = (typeof places)[keyof typeof places];
const names = ['arm', 'graph', 'login', 'keys', 'connector'] as const;
/** The two clouds of the United States' government share most of theirs. */
const hosts = [...new Set(Object.values(places).flatMap((place) => names.map((name) => place[name])))];

/** What MSAL asks on its way to a token. */
function entra(host: string, path: string): object {
  const at = `https://${host}/${tenant}`;
  if (path.includes('/discovery/instance')) {
    const metadata = [{ preferred_network: host, preferred_cache: host, aliases: [host] }];
    return { tenant_discovery_endpoint: `${at}/v2.0/.well-known/openid-configuration`, metadata };
  }
  if (path.includes('/openid-configuration')) {
    const ends = { token_endpoint: `${at}/oauth2/v2.0/token`, authorization_endpoint: `${at}/oauth2/v2.0/authorize` };
    return { ...ends, issuer: `${at}/v2.0`, jwks_uri: `${at}/keys`, end_session_endpoint: `${at}/out` };
  }
  return { token_type: 'Bearer', expires_in: 3_600, access_token: 'token of the secret' };
}

afterEach(endProcesses);

describe('goldbot behind a proxy that opens TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'goldbot-walls-'));
  const issuer = new Issuer();
  const asked: string[] = [];
  /** The identity's endpoint on this machine, as App Service has it. */
  const identity = createServer((request, response) => {
    const resource = new URL(request.url ?? '', 'http://x').searchParams.get('resource') ?? '';
    asked.push(resource);
    const expires_on = Math.floor(Date.now() / 1_000) + 3_600;
    const token = { access_token: `token for ${resource}`, expires_on, resource, token_type: 'Bearer' };
    // Not in one: restify, where it is loaded, makes writeHead return nothing.
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(token));
  });
  let outside: Walls;
  let file: string;

  const answers = ({ host, path }: Outside): object | undefined => {
    const place = Object.values(places).find((each) => names.some((name) => each[name] === host));
    switch (host) {
      case place?.keys:
        return path.endsWith('/keys') ? { keys: issuer.keys } : { issuer: 'x', jwks_uri: `https://${host}/v1/keys` };
      case place?.login:
        return entra(host, path);
      case place?.connector:
        return { id: '1' };
      case place?.graph:
        return { value: [] };
      default:
        return undefined;
    }
  };

  beforeAll(async () => {
    outside = await walls(hosts, answers);
    await Promise.all([issuer.start(), new Promise<void>((done) => identity.listen(0, '127.0.0.1', done))]);
    file = await programFile('serve');
    writeFileSync(join(folder, 'ca.pem'), outside.ca.cert);
  });
  afterAll(async () => {
    await Promise.all([outside.close(), issuer.stop(), new Promise((done) => identity.close(done))]);
    rmSync(folder, { recursive: true });
  });

  /** The example catalogue, built in another region. */
  const catalogueIn = (region: string): string => {
    const copy = join(folder, region);
    cpSync('catalog', copy, { recursive: true });
    for (const name of readdirSync(copy, { recursive: true, encoding: 'utf8' })) {
      if (!/\.ya?ml$/.test(name)) continue;
      const text = readFileSync(join(copy, name), 'utf8');
      writeFileSync(join(copy, name), text.replace(/west ?europe/gi, region));
    }
    return copy;
  };
  const serving = (more: Readonly<Record<string, string>>) => {
    const { port } = identity.address() as AddressInfo;
    return runNode([file], {
      ...{ MicrosoftAppId: appId, MicrosoftAppTenantId: tenant, GOLDBOT_TENANTS: tenant, PORT: '0' },
      ...{ MicrosoftAppType: 'SingleTenant', MicrosoftAppPassword: 'the secret' },
      ...{ HTTPS_PROXY: outside.proxyUrl, NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem') },
      ...{ IDENTITY_ENDPOINT: `http://127.0.0.1:${port}/msi/token`, IDENTITY_HEADER: 'x', ...more },
    });
  };
  const tell = async (url: string, place: Place): Promise<number> => {
    const serviceUrl = `https://${place.connector}/teams/`;
    const token = await issuer.sign(issuer.claims({ serviceurl: serviceUrl, iss: place.issuer }));
    const answer = await fetch(`${url}/api/messages`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(issuer.activity({ serviceUrl })),
    });
    return answer.status;
  };

  // Their addresses are judged one by one in test/services/clouds; each world here takes ten seconds.
  it.each(Object.entries(places).slice(0, sized(1, 4)))(
    'reaches Azure, Entra, Graph and Teams of the cloud %s through it alone, and its identity without it',
    async (cloud, place) => {
      const store = await testDatabase();
      outside.requests.length = 0;
      const catalogue = catalogueIn(place.region);
      const serve = serving({ DATABASE_URL: store.url, GOLDBOT_CATALOG: catalogue, GOLDBOT_CLOUD: cloud });
      const [, url = ''] = await serve.line(/"url":"([^"]+)".*goldbot serves/);
      expect(await tell(url, place)).toBe(200);
      await until(() => outside.requests.some(({ host }) => host === place.connector));

      const tokens = outside.requests.map(({ host, authorization }) => [host, authorization]);
      expect(Object.fromEntries(tokens)).toEqual({
        [place.arm]: `Bearer token for https://${place.arm}`,
        [place.graph]: `Bearer token for https://${place.graph}`,
        [place.login]: '',
        [place.keys]: '',
        [place.connector]: 'Bearer token of the secret',
      });
      const logins = outside.requests.filter(({ host, method }) => host === place.login && method === 'POST');
      expect(logins.map(({ path }) => path.split('?')[0])).toContain(`/${tenant}/oauth2/v2.0/token`);
      expect(asked.length).toBeGreaterThan(0);
      expect(serve.words()).not.toMatch(/s(%40|@)cret/);
      serve.child.kill('SIGTERM');
      await serve.ended;
      await store.close();
    },
  );

  it('does not start with certificates that Node would ignore, half a proxy, or another cloud than it builds in', async () => {
    const wrong = { GOLDBOT_CLOUD: 'Mars', HTTPS_PROXY: 'proxy.contoso.com:8080' };
    const serve = serving({ ...wrong, NODE_EXTRA_CA_CERTS: join(folder, 'none.pem') });
    expect(await serve.ended).toBe(1);
    expect(serve.words()).toContain('GOLDBOT_CLOUD must be one of Public, USGov, USGovDoD, China');
    expect(serve.words()).toContain('HTTPS_PROXY must be http://[user:password@]host:port');
    expect(serve.words()).toMatch(/NODE_EXTRA_CA_CERTS cannot be used: ENOENT/);
    const database = { DATABASE_URL: 'postgresql://u@127.0.0.1/x', GOLDBOT_CATALOG: 'catalog' };
    const elsewhere = serving({ ...database, GOLDBOT_CLOUD: 'China' });
    expect(await elsewhere.ended).toBe(1);
    expect(elsewhere.words()).toContain(
      'azure.yaml builds in westeurope, which is in the cloud Public; GOLDBOT_CLOUD is China',
    );
  });
});

describe('the tunnel', () => {
  let outside: Walls;
  beforeAll(async () => {
    outside = await walls(['vault.contoso.com'], () => ({ well: true }));
  });
  afterAll(() => outside.close());

  const ask = (host: string, ca?: string) =>
    new Promise<number | undefined>((done, fail) => {
      get({ host, path: '/', agent: false, ...(ca && { ca }) }, (response) => {
        response.resume();
        done(response.statusCode);
      }).once('error', fail);
    });
  const through = async <T>(url: string, work: () => Promise<T>): Promise<T> => {
    const back = tunnelHttps({ url, except: '' });
    try {
      return await work();
    } finally {
      back();
    }
  };

  it('is TLS to the host itself: its certificate and the name in it are checked', async () => {
    const { proxyUrl, ca } = outside;
    expect(await through(proxyUrl, () => ask('vault.contoso.com', ca.cert))).toBe(200);
    await expect(through(proxyUrl, () => ask('vault.contoso.com'))).rejects.toMatchObject({
      code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
    });
    await expect(through(proxyUrl, () => ask('other.contoso.com', ca.cert))).rejects.toMatchObject({
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
  });

  it('is taken by the clients of Azure and Key Vault too', async () => {
    const agents = Agent.prototype as unknown as { createConnection(options: object, done: unknown): unknown };
    const { createConnection } = agents;
    // In a process of its own NODE_EXTRA_CA_CERTS does this.
    agents.createConnection = function (options, done) {
      return createConnection.call(this, { ...options, ca: outside.ca.cert }, done);
    };
    const { read } = createAzure({ credential: sandboxCredential, subscription: tenant });
    const asking = () => read.vaultKey('https://vault.contoso.com/keys/goldbot').catch(() => undefined);
    outside.requests.length = 0;
    await through(outside.proxyUrl, asking);
    agents.createConnection = createConnection;
    expect(outside.requests.map(({ host, path }) => `${host}${path}`)).toEqual([
      'vault.contoso.com/keys/goldbot?api-version=7.4',
    ]);
  });

  it('says what the proxy said, never with its password', async () => {
    const wrong = new URL(outside.proxyUrl);
    wrong.password = 'other';
    await expect(through(wrong.href, () => ask('vault.contoso.com'))).rejects.toMatchObject({
      message: 'the proxy of HTTPS_PROXY wants a user and a password (407)',
    });
    await expect(through('http://a:secret@127.0.0.1:9', () => ask('vault.contoso.com'))).rejects.toMatchObject({
      message: expect.stringMatching(
        /^the proxy of HTTPS_PROXY at 127\.0\.0\.1:9 cannot be reached: connect ECONNREFUSED/,
      ),
    });
  });

  it.each([
    'proxy:8080',
    'https://proxy:8080',
    'http://proxy:8080/path',
    'http://a:50%-off@proxy:8080',
    'http://a:%ff@proxy',
  ])('does not take %s for the address of a proxy, and does not repeat it', (HTTPS_PROXY) => {
    const { malformed, settings } = productionSoFar({ HTTPS_PROXY });
    expect(settings.HTTPS_PROXY).toBeUndefined();
    expect(malformed.filter((sentence) => sentence.includes('HTTPS_PROXY'))).toEqual([
      expect.stringMatching(/^HTTPS_PROXY must be http:\/\/\[user:password@\]host:port \(proxy for everything/),
    ]);
    expect(malformed.join()).not.toContain(HTTPS_PROXY);
  });

  it.each([
    ['localhost', '', true],
    ['127.0.0.1', '', true],
    ['[::1]', '', true],
    ['127.0.0.1.evil.com', '', false],
    ['db.contoso.com', 'db.contoso.com', true],
    ['DB.contoso.com', '.contoso.com, other.com', true],
    ['db.contoso.com', '*.contoso.com', true],
    ['notcontoso.com', 'contoso.com', false],
    ['contoso.com.evil.com', 'contoso.com', false],
    ['a.com', '*', true],
    ['a.com', '', false],
    ['10.1.2.3', '10.1.0.0/16', true],
    ['10.2.0.1', 'db.contoso.com, 10.1.0.0/16', false],
    ['10.2.0.1', '10.1.0.0/16,10.2.0.1', true],
    ['[fd00::17]', 'fd00::/8', true],
    ['fe80::1', 'fd00::/8', false],
    ['10.1.2.3', '0.0.0.0/0', true],
    // A name is not looked up: whether it leads there, the proxy may know alone.
    ['a.com', '0.0.0.0/0', false],
  ])('%s, when NO_PROXY is “%s”: direct is %s', (host, list, direct) => {
    expect(exceptions(list)(host)).toBe(direct);
  });

  it.each(['10.1.0.0/33', '10.1.0/16', '10.1.0.0/', 'fd00::/129', 'db.contoso.com/16', '10.1.0.0/a'])(
    'NO_PROXY does not take %s for a range of addresses, and goldbot does not start',
    (range) => {
      const { malformed, settings } = productionSoFar({ NO_PROXY: `db.contoso.com, ${range}` });
      expect(settings.NO_PROXY).toBeUndefined();
      expect(malformed).toEqual([
        expect.stringContaining(
          `NO_PROXY has “${range}”, which is not a range of addresses such as 10.0.0.0/8 or fd00::/8`,
        ),
      ]);
    },
  );
});
