import { cpSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { isBuiltin } from 'node:module';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { settingsHelp } from '../../app/settings';
import { buildDist, dispensable, serveOptions } from '../../tools/build';
import { testDatabase } from '../store/database';
import { inFull } from '../support/size';
import { endProcesses, runNode, type Started } from './processes';

const guid = '8f6a3c52-1b0e-4d7f-9a1c-2e5b7d904c11';
const complete = {
  MicrosoftAppId: guid,
  MicrosoftAppTenantId: guid,
  GOLDBOT_TENANTS: guid,
  DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none',
  GOLDBOT_CATALOG: 'catalog',
};

/** Outside of the checkout, so that nothing of `node_modules` is found. */
const dist = mkdtempSync(join(tmpdir(), 'goldbot-dist-'));
let built: Awaited<ReturnType<typeof buildDist>>;
/** Waits twenty seconds for its database, beside the other tests. */
let withoutDatabase: Started;
beforeAll(async () => {
  built = await buildDist(dist);
  withoutDatabase = serving(complete);
}, 240_000);
afterAll(() => {
  endProcesses();
  rmSync(dist, { recursive: true, force: true });
});

const serving = (environment: Readonly<Record<string, string>>): Started =>
  runNode([...serveOptions(), join(dist, 'serve.js')], environment);

async function freePort(): Promise<number> {
  const probe = await listen();
  const { port } = probe.address() as AddressInfo;
  await new Promise((done) => probe.close(done));
  return port;
}

function listen(): Promise<Server> {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => done(server));
  });
}

/** A collector of OpenTelemetry. */
async function collect() {
  let heard = '';
  const server = createHttpServer(async (request, response) => {
    for await (const chunk of request) heard += chunk;
    response.end('{}');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  // A test that fails must not keep the runner.
  server.unref();
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, heard: () => heard, close: () => server.close() };
}

describe('npm run serve', () => {
  it('names every missing setting at once and does not start', async () => {
    const serve = serving({});
    expect(await serve.ended).not.toBe(0);
    for (const name of [
      'MicrosoftAppId',
      'MicrosoftAppTenantId',
      'GOLDBOT_TENANTS',
      'DATABASE_URL',
      'GOLDBOT_CATALOG',
    ]) {
      expect(serve.words()).toContain(`${name} is missing`);
    }
  });

  it('does not start with an empty app id, which would switch authentication off', async () => {
    const serve = serving({ ...complete, MicrosoftAppId: '' });
    expect(await serve.ended).not.toBe(0);
    expect(serve.words()).toContain('MicrosoftAppId is missing');
  });

  it('tells wrong settings and mistakes of the catalogue together', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'goldbot-catalog-'));
    writeFileSync(join(folder, 'azure.yaml'), 'location: West Europe\n');
    const wrong = {
      GOLDBOT_TENANTS: 'contoso',
      DATABASE_URL: 'postgresql://goldbot@db.contoso.com/goldbot',
      GOLDBOT_CATALOG: folder,
      GOLDBOT_SIGNING_KEY_FILE: join(folder, 'key.pem'),
    };
    const serve = serving({ ...complete, ...wrong });
    expect(await serve.ended).not.toBe(0);
    expect(serve.words()).toMatch(/GOLDBOT_TENANTS/);
    expect(serve.words()).toContain('DATABASE_URL asks for no TLS');
    expect(serve.words()).toMatch(/azure\.yaml:1: location: must be a region/);
    expect(serve.words()).toMatch(
      /GOLDBOT_SIGNING_KEY_FILE cannot be used: ENOENT.*\n(.*\n)*.*openssl ecparam -genkey -name prime256v1/,
    );
  });

  it('wants the secret when it is told to use one', async () => {
    const serve = serving({ ...complete, MicrosoftAppType: 'SingleTenant' });
    expect(await serve.ended).not.toBe(0);
    expect(serve.words()).toContain('MicrosoftAppPassword is missing');
  });

  it('does without the packages of OpenTelemetry where no setting asks for them', async () => {
    const [file, aside] = [join(dist, 'lib/telemetry.js'), join(dist, 'telemetry-aside.js')];
    renameSync(file, aside);
    const store = await testDatabase();
    const serve = serving({ ...complete, DATABASE_URL: store.url, PORT: '0' });
    await serve.line(/goldbot serves/);
    renameSync(aside, file);
    serve.child.kill('SIGKILL');
    await store.close();
  });

  it('signs in to the database with a token of its identity where the URL has no password', async () => {
    const store = await testDatabase();
    const url = new URL(store.url);
    url.password = '';
    const serve = serving({ ...complete, DATABASE_URL: url.href });
    // Here nobody gives it one.
    await serve.line(/goldbot's identity got no token for it: .*waiting for the database/);
    serve.child.kill('SIGKILL');
    await store.close();
  });

  it('answers /livez and /readyz, refuses strangers, and leaves on SIGTERM', async () => {
    const store = await testDatabase();
    const port = await freePort();
    const collector = await collect();
    const serve = serving({
      ...complete,
      ...{ DATABASE_URL: store.url, PORT: String(port), OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
    });
    await serve.line(/goldbot serves/);
    // Of a channel that nobody has told about yet, before a request waits for it.
    expect(serve.words()).toMatch(/goldbot is in no channel called \\"Image Factory \/ approvals\\"/);
    expect(serve.words()).toContain('no key is set to sign certificates with: published versions stay unsigned');
    // Nobody can sign in here; what the log tells of it names the files that people edit, not the bundle.
    await serve.line(/at async \w+ \(services\/azure\/[\w-]+\.ts:\d+\)|at \w+ \(services\/azure\/[\w-]+\.ts:\d+\)/);
    const base = `http://127.0.0.1:${port}`;
    expect((await fetch(`${base}/livez`)).status).toBe(200);
    // The database is there; the keys of the Bot Framework can be had where there is a network.
    const ready = (await (await fetch(`${base}/readyz`)).json()) as { problems?: object };
    expect(Object.keys(ready.problems ?? {})).not.toContain('database');
    const forged = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"type":"message"}' };
    expect((await fetch(`${base}/api/messages`, forged)).status).toBe(401);
    serve.child.kill('SIGTERM');
    expect(await serve.ended).toBe(0);
    // What it has not told yet, it tells when it leaves.
    expect(collector.heard()).toMatch(/"goldbot\.door\.refusals".*"intValue":"?401/s);
    collector.close();
    await store.close();
  });

  it('says which port is taken', async () => {
    const store = await testDatabase();
    const other = await listen();
    const { port } = other.address() as AddressInfo;
    const serve = serving({ ...complete, DATABASE_URL: store.url, PORT: String(port) });
    expect(await serve.ended).not.toBe(0);
    expect(serve.words()).toContain(String(port));
    other.close();
    await store.close();
  });

  it('says that the database is not there', async () => {
    expect(await withoutDatabase.ended).not.toBe(0);
    expect(withoutDatabase.words()).toMatch(/database/i);
    expect(withoutDatabase.words()).not.toMatch(/\n\s+at /);
  });
});

interface Locked {
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly devOptional?: boolean;
}

describe('npm run build', () => {
  const root = join(__dirname, '../..');

  it('takes in no package but those that production has anyway', () => {
    const lock = readFileSync(join(root, 'package-lock.json'), 'utf8');
    const { packages } = JSON.parse(lock) as { packages: Record<string, Locked> };
    const inside = Object.keys(built.inputs).flatMap((path) => packageOf(path) ?? []);
    const foreign = [...new Set(inside)].filter((name) => {
      const { dev, optional, devOptional } = packages[name] ?? { dev: true };
      return dev || optional || devOptional;
    });
    expect(inside.length).toBeGreaterThan(100);
    expect(foreign).toEqual([]);
  });

  it('leaves nothing to be installed beside it but what its users do without', () => {
    const outside = Object.values(built.outputs)
      .flatMap(({ imports }) => imports.filter((i) => i.external).map(({ path }) => path))
      .filter((path) => !isBuiltin(path) && !path.startsWith('./lib/'));
    expect([...new Set(outside)].sort()).toEqual([...dispensable]);
  });

  it('writes what its launcher can read: ASCII without import()', () => {
    const read = Object.keys(built.outputs).filter((path) => /(lib\/[^/]+|serve-program)\.js$/.test(path));
    expect(read.length).toBeGreaterThan(3);
    for (const path of read) expect(readFileSync(join(root, path), 'latin1')).not.toMatch(/[^\0-\x7f]|[^.\w]import\(/);
  });

  inFull('serves from what it has compiled, unless another text or other options of Node are there', async () => {
    const copy = mkdtempSync(join(tmpdir(), 'goldbot-compiled-'));
    cpSync(dist, copy, { recursive: true });
    const [program, compiled] = [join(copy, 'serve-program.js'), join(copy, 'compiled')];
    const kept = () => readdirSync(compiled, { recursive: true, encoding: 'utf8' }).filter((f) => /serve-/.test(f));
    const help = async (...options: readonly string[]) => {
      const asked = runNode([...options, join(copy, 'serve.js'), '--help'], {});
      expect(await asked.ended).toBe(0);
      return /goldbot in a (\w+) tenant/.exec(asked.words())?.[1];
    };
    const [before = ''] = kept();
    const text = readFileSync(program, 'latin1');
    writeFileSync(program, text.replace('goldbot in a real tenant', 'goldbot in a vast tenant'));
    expect(await help(...serveOptions())).toBe('vast');
    // What is compiled tells by its words that it is what runs.
    const ahead = `require(${JSON.stringify(join(copy, 'serve.js'))}).compileAhead()`;
    await runNode([...serveOptions(), '--eval', ahead, 'serve', '--help'], {}).ended;
    const [after = ''] = kept().filter((file) => file !== before);
    cpSync(join(compiled, before), join(compiled, after));
    expect(await help(...serveOptions())).toBe('real');
    expect(await help(...serveOptions(), '--stack-size=900')).toBe('vast');
    rmSync(copy, { recursive: true });
  });

  it('is asked for by npm run serve where it has not been done', async () => {
    const checkout = mkdtempSync(join(tmpdir(), 'goldbot-unbuilt-'));
    const preload = join(checkout, 'tools', 'require-dist.cjs');
    cpSync(join(root, 'tools/require-dist.cjs'), preload);
    const before = runNode(['--require', preload, '--eval', ''], {});
    expect(await before.ended).toBe(1);
    expect(before.words()).toBe(
      'goldbot is not built: dist/serve.js is missing.\nRun `npm run build`, then `npm run serve` again.\n',
    );
    cpSync(join(dist, 'serve.js'), join(checkout, 'dist', 'serve.js'));
    expect(await runNode(['--require', preload, '--eval', ''], {}).ended).toBe(0);
    rmSync(checkout, { recursive: true });
  });
});

/** `node_modules/a/node_modules/b`, as the lockfile names it. */
function packageOf(path: string): string | undefined {
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)/.exec(path)?.[1];
}

describe('.env.sample', () => {
  it('has a line for every setting of npm run serve, and no other', () => {
    const text = readFileSync(join(__dirname, '../../.env.sample'), 'utf8');
    const names = text.split('\n').flatMap((line) => /^([A-Za-z_]+)=/.exec(line)?.[1] ?? []);
    expect(names.sort()).toEqual(Object.keys(settingsHelp).sort());
  });
});
