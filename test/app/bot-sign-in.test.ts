import { type Bot, botSignIn, tellSignIn } from '../../app/bot-sign-in';
import { createSandbox } from '../../sandbox';
import { foreignTenantId, tenantId } from '../../sandbox/entra/people';
import { botApp } from '../../sandbox/entra/tokens';
import { sandboxHttpClient } from '../sandbox/client';
import { worldStart } from '../support/world-start';

/** The sign-in of the bot, by Azure's own client, against the sandbox's Entra. */

const { sandbox } = createSandbox({ speed: 0, startMs: worldStart });
const entra = sandboxHttpClient(sandbox);
const { appId, secret } = botApp;
const bot = (of: object): Bot => ({ appId, credentials: { kind: 'secret', tenantId, secret, ...of } });
const nowhere: typeof entra = { sendRequest: () => Promise.reject(new Error('getaddrinfo ENOTFOUND login')) };

it('works out in its own tenant, of which the token tells', async () => {
  expect(await botSignIn(bot({}), entra)()).toEqual({
    appId,
    tenant: tenantId,
    answer: { kind: 'in', tenant: tenantId },
  });
});

it.each([
  ['another tenant', { tenantId: foreignTenantId }, "AADSTS700016: Application with identifier '"],
  ['a tenant that there is not', { tenantId: appId }, `AADSTS90002: Tenant '${appId}' not found.`],
  ['another secret', { secret: 'hunter2' }, 'AADSTS7000215: Invalid client secret provided.'],
])('is refused in Entra’s own words in %s', async (_what, of, why) => {
  const found = await botSignIn(bot(of), entra)();
  expect(found?.answer).toEqual({ kind: 'refused', why: expect.stringContaining(why) });
});

it('is not looked at where Entra does not answer, nor without settings or in the sandbox’s Teams', async () => {
  await expect(botSignIn(bot({}), nowhere)()).rejects.toMatchObject({ code: 'AZ_SILENT' });
  expect(await botSignIn(undefined, entra)()).toBeUndefined();
  expect(await botSignIn({ appId, credentials: { kind: 'sandbox' } }, entra)()).toBeUndefined();
});

describe('at the start', () => {
  const told = async (of: Bot, client = entra) => {
    const lines: unknown[] = [];
    const write = (level: string) => (fields: object, text: string) => void lines.push([level, fields, text]);
    await tellSignIn(botSignIn(of, client), { warn: write('warn'), error: write('error') });
    return lines;
  };

  it('says nothing where all is well', async () => {
    expect(await told(bot({}))).toEqual([]);
  });

  it('is told to operators in Entra’s words, and never ends goldbot', async () => {
    expect(await told(bot({ tenantId: foreignTenantId }))).toEqual([
      [
        'error',
        { why: expect.stringMatching(/^AADSTS700016: .*was not found in the directory 'Mallory'\.$/) },
        'Entra does not let goldbot in as its bot: it can answer nothing in Teams',
      ],
    ]);
    expect(await told(bot({}), nowhere)).toMatchObject([['warn', { err: { code: 'AZ_SILENT' } }, expect.anything()]]);
  });
});
