import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { settingsHelp } from '../../app/settings';
import { testDatabase } from '../store/database';
import { run } from './processes';

const guid = '8f6a3c52-1b0e-4d7f-9a1c-2e5b7d904c11';
const complete = {
  MicrosoftAppId: guid,
  MicrosoftAppTenantId: guid,
  GOLDBOT_TENANTS: guid,
  DATABASE_URL: 'postgresql://nobody@127.0.0.1:1/none',
  GOLDBOT_CATALOG: 'catalog',
};

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

describe('npm run serve', () => {
  it('names every missing setting at once and does not start', async () => {
    const serve = run('serve', {});
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
    const serve = run('serve', { ...complete, MicrosoftAppId: '' });
    expect(await serve.ended).not.toBe(0);
    expect(serve.words()).toContain('MicrosoftAppId is missing');
  });

  it('tells wrong settings and mistakes of the catalogue together', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'goldbot-catalog-'));
    writeFileSync(join(folder, 'azure.yaml'), 'location: West Europe\n');
    const wrong = {
      GOLDBOT_TENANTS: 'contoso',
      GOLDBOT_CATALOG: folder,
      GOLDBOT_SIGNING_KEY_FILE: join(folder, 'key.pem'),
    };
    const serve = run('serve', { ...complete, ...wrong });
    expect(await serve.ended).not.toBe(0);
    expect(serve.words()).toMatch(/GOLDBOT_TENANTS/);
    expect(serve.words()).toMatch(/azure\.yaml:1: location: must be a region/);
    expect(serve.words()).toMatch(
      /GOLDBOT_SIGNING_KEY_FILE cannot be used: ENOENT.*\n(.*\n)*.*openssl ecparam -genkey -name prime256v1/,
    );
  });

  it('wants the secret when it is told to use one', async () => {
    const serve = run('serve', { ...complete, MicrosoftAppType: 'SingleTenant' });
    expect(await serve.ended).not.toBe(0);
    expect(serve.words()).toContain('MicrosoftAppPassword is missing');
  });

  it('says that the database is not there', async () => {
    const serve = run('serve', complete);
    expect(await serve.ended).not.toBe(0);
    expect(serve.words()).toMatch(/database/i);
    expect(serve.words()).not.toMatch(/\n\s+at /);
  });

  it('answers /livez and /readyz, refuses strangers, and leaves on SIGTERM', async () => {
    const store = await testDatabase();
    const port = await freePort();
    const serve = run('serve', { ...complete, DATABASE_URL: store.url, PORT: String(port) });
    await serve.line(/goldbot serves/);
    // Of a channel that nobody has told about yet, before a request waits for it.
    expect(serve.words()).toMatch(/goldbot is in no channel called \\"Image Factory \/ approvals\\"/);
    expect(serve.words()).toContain('no key is set to sign certificates with: published versions stay unsigned');
    const base = `http://127.0.0.1:${port}`;
    expect((await fetch(`${base}/livez`)).status).toBe(200);
    expect((await fetch(`${base}/readyz`)).status).toBe(200);
    const forged = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"type":"message"}' };
    expect((await fetch(`${base}/api/messages`, forged)).status).toBe(401);
    serve.child.kill('SIGTERM');
    expect(await serve.ended).toBe(0);
    await store.close();
  });

  it('says which port is taken', async () => {
    const store = await testDatabase();
    const other = await listen();
    const { port } = other.address() as AddressInfo;
    const serve = run('serve', { ...complete, DATABASE_URL: store.url, PORT: String(port) });
    expect(await serve.ended).not.toBe(0);
    expect(serve.words()).toContain(String(port));
    other.close();
    await store.close();
  });
});

describe('.env.sample', () => {
  it('has a line for every setting of npm run serve, and no other', () => {
    const text = readFileSync(join(__dirname, '../../.env.sample'), 'utf8');
    const names = text.split('\n').flatMap((line) => /^([A-Za-z_]+)=/.exec(line)?.[1] ?? []);
    expect(names.sort()).toEqual(Object.keys(settingsHelp).sort());
  });
});
