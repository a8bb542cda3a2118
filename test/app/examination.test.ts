import { join } from 'node:path';
import { CatalogueSource } from '../../app/catalogue-files';
import { examined, type Patient, patientOf } from '../../app/examination';
import { SandboxClock } from '../../app/local';
import { clouds } from '../../core/cloud';
import { createSandbox } from '../../sandbox';
import { foreignTenantId } from '../../sandbox/entra/people';
import { botApp } from '../../sandbox/entra/tokens';
import { sandboxCredential } from '../../services';
import { databaseHealth } from '../../store';
import { sandboxHttpClient } from '../sandbox/client';
import { testDatabase } from '../store/database';
import { worldStart } from '../support/world-start';

/** `npm run doctor`: what it prints, how it ends, and what it needs for that. */

let store: Awaited<ReturnType<typeof testDatabase>>;
beforeAll(async () => {
  store = await testDatabase();
});
afterAll(() => store.close());

function patient(change: Partial<Patient> = {}): Patient {
  const { sandbox } = createSandbox({ speed: 0, startMs: worldStart, azure: { throttle: false } });
  return {
    settings: { wrong: [], mistakes: [], isRunning: false, cloud: clouds.Public, localKey: true },
    databaseUrl: store.url,
    catalogue: new CatalogueSource(join(__dirname, '../../catalog'), () => {}),
    azure: { credential: sandboxCredential, httpClient: sandboxHttpClient(sandbox) },
    ...change,
  };
}

const withOptions = (options: string): string => `${store.url}?options=${encodeURIComponent(options)}`;
const away = 'postgresql://goldbot@127.0.0.1:1/goldbot';
/** The network's code; on a machine so busy that the client hears it too late, the client's own words. */
const ofNoAnswer = /ECONNREFUSED|timeout exceeded when trying to connect|timeout expired/;

describe('npm run doctor', () => {
  it('is told where no sandbox answers, and how it says where one is', async () => {
    const nowhere = SandboxClock.follow('http://127.0.0.1:1');
    await expect(nowhere).rejects.toMatchObject({
      name: 'UserError',
      message: 'No sandbox answers at http://127.0.0.1:1.',
      hint: 'Start one with `npm start`. If its ports are others, say where it is: SANDBOX_AZURE_URL.',
    });
  });

  it('finds what is broken with a database that is away, and ends with 1', async () => {
    const { lines, exitCode } = await examined(patient({ databaseUrl: away }));
    expect(exitCode).toBe(1);
    const [heading, why, so] = lines;
    expect(heading).toBe('Broken:');
    expect(why).toMatch(/^ {2}! The database server 127\.0\.0\.1:1 does not answer \([^()]+\)\.$/);
    expect(why).toMatch(ofNoAnswer);
    expect(so).toBe('    goldbot accepts nothing: what cannot be kept would be lost.');
    expect(lines.join('\n')).toContain(
      'Checked once the above is fixed: the channels of the catalogue, the ends of rights and shares',
    );
  });

  it('ends with 1 for channels that goldbot is not in, and names them', async () => {
    const { lines, exitCode } = await examined(patient());
    expect(exitCode).toBe(1);
    expect(lines.filter((line) => line.startsWith('  !')).join('\n')).toContain('“Image Factory / approvals”');
  });

  it('says before the first message that the bot is of another tenant, as Entra does', async () => {
    const appId = botApp.appId;
    const credentials = { kind: 'secret', secret: botApp.secret, tenantId: foreignTenantId } as const;
    const { lines, exitCode } = await examined(patient({ bot: { appId, credentials } }));
    expect(exitCode).toBe(1);
    const at = lines.findIndex((line) => line.includes('AADSTS700016'));
    expect(lines[at]).toContain(
      `  ! Entra does not let goldbot in as its bot, ${appId} of the tenant ${foreignTenantId}: AADSTS700016: Application with identifier '${appId}' was not found in the directory 'Mallory'.`,
    );
    expect(lines[at + 1]).toBe('    goldbot hears what people say in Teams, and can answer nothing.');
    expect(lines[at + 3]).toBe(`      az login --tenant ${foreignTenantId} --allow-no-subscriptions`);
    expect(lines.join('\n')).not.toContain(botApp.secret);
  });

  it('knows as whom the bot signs in once the settings say it all', () => {
    const ids = { MicrosoftAppId: botApp.appId, MicrosoftAppTenantId: foreignTenantId };
    expect(patientOf(ids).bot).toMatchObject({ appId: botApp.appId, credentials: { kind: 'managed-identity' } });
    expect(patientOf({ ...ids, MicrosoftAppType: 'SingleTenant' }).bot).toBeUndefined();
    const whole = patientOf({ ...ids, MicrosoftAppType: 'SingleTenant', MicrosoftAppPassword: 's' });
    expect(whole.bot?.credentials).toEqual({ kind: 'secret', secret: 's', tenantId: foreignTenantId });
  });

  it('needs no catalogue to look at settings and database, and says what is looked at later', async () => {
    const { lines, exitCode } = await examined(patientOf({ DATABASE_URL: store.url }));
    expect(exitCode).toBe(1);
    expect(lines.filter((line) => line.includes(' is missing: ')).map((line) => line.split(' ')[3])).toEqual([
      ...['MicrosoftAppId', 'MicrosoftAppTenantId', 'GOLDBOT_TENANTS', 'GOLDBOT_CATALOG'],
    ]);
    expect(lines.join('\n')).toContain('are looked at once there is a catalogue without mistakes');
  });

  it('ends with 2 when there is nothing to mend, and not everything could be looked at', async () => {
    const { lines, exitCode } = await examined(patient({ catalogue: undefined }));
    expect(exitCode).toBe(2);
    expect(lines).toContain('Nothing to fix in what was checked.');
  });

  it('knows its cloud, by which the commands of its findings are written', () => {
    expect(patientOf({ GOLDBOT_CLOUD: 'USGovDoD' }).settings.cloud).toBe(clouds.USGovDoD);
  });

  it('names a folder that is not there, and a key that cannot be used', () => {
    const { settings } = patientOf({ GOLDBOT_CATALOG: '/nowhere', GOLDBOT_SIGNING_KEY_FILE: '/nowhere.pem' });
    expect(settings.mistakes).toEqual(['The folder /nowhere does not exist.']);
    expect(settings.wrong.at(-1)).toContain('GOLDBOT_SIGNING_KEY_FILE cannot be used');
  });
});

describe('the health of a database', () => {
  it('is what the server says of itself', async () => {
    expect(await databaseHealth({ url: store.url })).toMatchObject({
      ...{ kind: 'open', encoding: 'UTF8', readOnly: false, isStandby: false, mayCreateTables: true, isLocal: true },
    });
    expect(await databaseHealth({ url: withOptions('-c default_transaction_read_only=on') })).toMatchObject({
      readOnly: true,
    });
  });

  it('is told in the server’s words when it refuses, and by the network’s code when it is away', async () => {
    const url = new URL(store.url);
    url.username = 'stranger';
    expect(await databaseHealth({ url: url.href })).toMatchObject({
      kind: 'refused',
      why: expect.stringContaining('stranger'),
    });
    expect(await databaseHealth({ url: away })).toEqual({
      ...{ kind: 'silent', host: '127.0.0.1:1', why: expect.stringMatching(ofNoAnswer) },
    });
  });

  it('is that of one that is yet to be made, where there is none of the name', async () => {
    const url = new URL(store.url);
    url.pathname = '/goldbot_none';
    expect(await databaseHealth({ url: url.href })).toMatchObject({
      kind: 'missing',
      name: 'goldbot_none',
      mayBeMade: true,
    });
  });
});
