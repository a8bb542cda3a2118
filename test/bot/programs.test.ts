import { generateKeyPairSync } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { ProgramDoor } from '../../bot/programs';
import type { Programs } from '../../core/catalogue';
import { goldbotApi, pipelineApp } from '../../sandbox/entra/tokens';
import { Issuer, tenant, unsigned } from './issuer';
import { TestWorld, tenantId } from './world';

const login = 'https://login.microsoftonline.com';
const audience = 'aaaaaaaa-0000-4000-8000-000000000001';
const application = 'aaaaaaaa-0000-4000-8000-000000000002';
const oid = 'aaaaaaaa-0000-4000-8000-000000000003';
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const other = '99999999-2222-4333-8444-555555555555';

const programs: Programs = {
  audience,
  applications: [{ application, name: 'Build pipeline', role: 'publisher' }],
  webhooks: [],
};

describe('the door of programs', () => {
  const issuer = new Issuer();
  beforeAll(() => issuer.start());
  afterAll(() => issuer.stop());

  const metadata: string[] = [];
  const reach = (url: string) => {
    if (!url.endsWith('/openid-configuration')) return { url };
    metadata.push(url);
    return { url: `${issuer.url}/openidconfiguration` };
  };
  const door = (allowed: Programs | undefined = programs) =>
    new ProgramDoor({ tenants: [tenant], login, reach }, () => allowed);
  const claims = (more: JWTPayload = {}): JWTPayload => {
    const own = {
      iss: `${login}/${tenant}/v2.0`,
      aud: audience,
      ver: '2.0',
      idtyp: 'app',
      azp: application,
      tid: tenant,
    };
    return { ...issuer.claims(), ...own, oid: oid.toUpperCase(), sub: oid, ...more };
  };
  const statusOf = async (authorization: string | undefined, allowed?: Programs) =>
    door(allowed)
      .authenticate(authorization)
      .then(
        () => 200,
        ({ status }: { status: number }) => status,
      );

  it('lets an allowed application in, by its own name, with keys of its own tenant', async () => {
    const before = metadata.length;
    const caller = await door().authenticate(`Bearer ${await issuer.sign(claims())}`);
    expect(caller).toEqual({ oid, name: 'Build pipeline (application)', tenantId: tenant, application });
    expect(metadata.slice(before)).toEqual([`${login}/${tenant}/v2.0/.well-known/openid-configuration`]);
  });

  it.each<readonly [string, number, JWTPayload]>([
    ['another audience', 401, { aud: application }],
    ['another issuer', 401, { iss: `${login}/${other}/v2.0` }],
    ['the issuer of version 1.0', 401, { iss: `https://sts.windows.net/${tenant}/` }],
    ['version 1.0', 401, { ver: '1.0', appid: application }],
    ['a person behind the application', 401, { scp: 'user_impersonation' }],
    ['nothing that says it is an application', 401, { idtyp: undefined as never }],
    ['a person', 401, { idtyp: 'user' }],
    ['no application', 401, { azp: undefined as never }],
    ['an expired token', 401, { exp: Math.floor(Date.now() / 1_000) - 600 }],
    ['a token without end', 401, { exp: undefined as never }],
    ['another application', 403, { azp: other }],
    ['another tenant', 403, { tid: other, iss: `${login}/${other}/v2.0` }],
    ['another tenant in the claim alone', 403, { tid: other }],
  ])('turns away %s with %i', async (_, status, more) => {
    expect(await statusOf(`Bearer ${await issuer.sign(claims(more))}`)).toBe(status);
  });

  it('turns away what nobody, or somebody else, has signed', async () => {
    expect(await statusOf(undefined)).toBe(401);
    expect(await statusOf(`Bearer ${unsigned(claims(), { alg: 'none', kid: 'right' })}x`)).toBe(401);
    expect(await statusOf(`Bearer ${await issuer.sign(claims(), {}, stranger)}`)).toBe(401);
    expect(await statusOf(`Bearer ${await issuer.sign(claims(), { kid: 'unheard' })}`)).toBe(401);
    const confused = await issuer.sign(claims(), { alg: 'HS256' }, Buffer.from(issuer.publicPem));
    expect(await statusOf(`Bearer ${confused}`)).toBe(401);
  });

  it('is shut while the catalogue names no programs, and to one that was taken out of it', async () => {
    const authorization = `Bearer ${await issuer.sign(claims())}`;
    const none = new ProgramDoor({ tenants: [tenant], login, reach }, () => undefined);
    await expect(none.authenticate(authorization)).rejects.toMatchObject({ status: 403 });
    expect(await statusOf(authorization, { audience, applications: [], webhooks: [] })).toBe(403);
  });
});

describe('POST /api/ask', () => {
  let world: TestWorld;
  beforeAll(async () => {
    world = await TestWorld.open();
  });
  afterAll(() => world.close());

  it('answers the sandbox’s own pipeline, in its pace, once for each idempotency key', async () => {
    const own = { application: pipelineApp.appId, name: 'Build pipeline', role: 'publisher' } as const;
    const bot = await world.bot({
      programs: () => ({ audience: goldbotApi.appId, applications: [own], webhooks: [] }),
    });
    const token = async (secret: string) => {
      const answer = await fetch(`${world.box.azureUrl}/${tenantId}/oauth2/v2.0/token`, {
        method: 'POST',
        headers: { 'x-sandbox-host': 'login.microsoftonline.com' },
        body: new URLSearchParams({
          ...{ grant_type: 'client_credentials', client_id: pipelineApp.appId, client_secret: secret },
          scope: `api://${goldbotApi.appId}/.default`,
        }),
      });
      return (await answer.json()) as { access_token?: string; error?: string };
    };
    expect(await token('guessed')).toMatchObject({ error: 'invalid_client' });
    const { access_token } = await token(pipelineApp.secret);
    const ask = (body: object, headers: Record<string, string> = {}) =>
      fetch(`${bot.url}/api/ask`, {
        method: 'POST',
        headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/json', ...headers },
        body: JSON.stringify(body),
      });

    const answer = await ask({ text: 'latest ubuntu-22' }, { 'idempotency-key': 'job-4711-1' });
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { ok: true, text: 'You asked: latest ubuntu-22', next: [] },
    ]);
    const { turn } = world.script.texts[0] ?? {};
    expect(turn).toMatchObject({
      person: { name: 'Build pipeline (application)', application: pipelineApp.appId },
      conversation: { kind: 'program' },
      intent: `ask ${pipelineApp.objectId} job-4711-1`,
    });
    expect((await ask({ text: 'help' }, { authorization: 'Bearer a.b.c' })).status).toBe(401);
    expect((await ask({ words: 'help' })).status).toBe(400);
    expect((await ask({ text: 'x'.repeat(2_001) })).status).toBe(400);
    expect((await ask({ text: 'help' }, { 'idempotency-key': 'no' })).status).toBe(400);

    const many = await Promise.all(Array.from({ length: 20 }, () => ask({ text: 'help' })));
    const late = many.filter(({ status }) => status === 429);
    expect(late).toHaveLength(5 - 1);
    expect(Number(late[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(world.log.entries.map((entry) => JSON.stringify(entry)).join()).not.toContain(access_token);
  });
});
