import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { goldbotIdentity } from '../../sandbox/azure/authorization/names';
import { tenantId } from '../../sandbox/entra/people';
import { programFile } from '../support/programs';
import { some } from '../support/size';
import { endProcesses, runNode } from './processes';

/** `npm run doctor -- --as me` as a process, with an Azure CLI that stands in for the real one. */

const token = ['{}', JSON.stringify({ oid: 'a1d0c000-0000-4000-8000-000000000001', upn: 'ada@contoso.example' }), '']
  .map((part) => Buffer.from(part).toString('base64url'))
  .join('.');

/** Keeps what it is asked, a line each, and the proxy that it would use. */
const azureCli = `#!/bin/sh
echo "$* $HTTPS_PROXY" >> "$WORLD/asked"
[ ! -e "$WORLD/says" ] || { cat "$WORLD/says" >&2; exit 1; }
echo '{"accessToken":"${token}","expires_on":4102444800,"tokenType":"Bearer"}'
`;

let world: string;
let doctor: string;
let looking: string;
beforeAll(async () => {
  looking = await programFile('desk');
  doctor = await programFile('doctor');
});
beforeEach(() => {
  world = mkdtempSync(join(tmpdir(), 'goldbot-desk-'));
  mkdirSync(join(world, 'bin'));
  writeFileSync(join(world, 'bin', 'az'), azureCli);
  chmodSync(join(world, 'bin', 'az'), 0o755);
});
afterEach(() => {
  endProcesses();
  rmSync(world, { recursive: true });
});

const asked = () => readFileSync(join(world, 'asked'), 'utf8').trim().split('\n');

async function run(args: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const path = `${join(world, 'bin')}:/usr/bin:/bin`;
  const started = runNode(args, { PATH: path, WORLD: world, GOLDBOT_CATALOG: 'catalog', ...environment });
  return { code: await started.ended, words: started.words() };
}

describe('npm run doctor -- --as me', () => {
  it('looks with the rights of whoever ran az login, says so, and asks for each token once', async () => {
    const { words } = await run([looking], {
      ...{ IDENTITY: goldbotIdentity.objectId, MicrosoftAppTenantId: tenantId, HTTPS_PROXY: 'http://127.0.0.1:9' },
      ...{ DATABASE_URL: 'postgresql://id-goldbot@db.contoso.example:5432/goldbot?sslmode=verify-full' },
    });
    expect(words).toContain(
      `Looked at with the rights of ada@contoso.example: these are yours, not goldbot's. What goldbot may do is that of ${goldbotIdentity.objectId}.`,
    );
    expect(words).not.toContain('Broken:');
    // Nobody signs in to the database in goldbot's place.
    expect(words).toContain('goldbot signs in to it as its identity, which nobody else can.');
    expect(words).toMatch(/MicrosoftAppId and GOLDBOT_TENANTS are not set here/);
    expect(words).toMatch(/Fine: .*the roles of 0b1ec700/);
    expect(words.trim().split('\n').at(-1)).toBe('ends with 2');
    // With the proxy that the Azure CLI needs as well.
    const cli = (resource: string) =>
      `account get-access-token --output json --resource ${resource} --tenant ${tenantId} http://127.0.0.1:9`;
    expect(asked().sort()).toEqual([cli('https://graph.microsoft.com'), cli('https://management.azure.com')]);
  });

  it('looks at nothing while nobody is signed in, and says how to', async () => {
    writeFileSync(join(world, 'says'), "ERROR: Please run 'az login' to setup account.\n");
    const { code, words } = await run([doctor, '--as', 'me'], { MicrosoftAppTenantId: tenantId });
    expect([code, words.trim().split('\n')]).toEqual([
      2,
      [
        'Nothing was looked at: nobody is signed in to the Azure CLI here.',
        `Run \`az login --tenant ${tenantId}\`, then look again.`,
      ],
    ]);
  });

  it('says what the Azure CLI says where that is something else, without what could be a secret', async () => {
    writeFileSync(join(world, 'says'), 'AADSTS50076: you must use multi-factor authentication, password=hunter2\n');
    const { words } = await run([doctor, '--as', 'me']);
    expect(words).toContain('the Azure CLI gave no token: AADSTS50076: you must use multi-factor authentication');
    expect(words).not.toContain('hunter2');
  });

  it('says that there is no Azure CLI where there is none', async () => {
    rmSync(join(world, 'bin', 'az'));
    const { code, words } = await run([doctor, '--as', 'me']);
    expect([code, words]).toEqual([2, expect.stringContaining('there is no Azure CLI on this machine')]);
  });

  it.each(
    some<[string[], string]>(1, [
      [['--as', 'you'], '`npm run doctor -- --as me`'],
      [['--identity', goldbotIdentity.objectId], '`npm run doctor -- --as me`'],
      [['--as', 'me', '--identity', 'goldbot'], '`--identity goldbot` is neither an object id nor a resource id'],
    ]),
  )('does not take %j', async (args, why) => {
    const { words } = await run([doctor, ...args]);
    expect(words).toContain(why);
  });
});
