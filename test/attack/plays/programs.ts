import { generateKeyPairSync } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { isRefused } from '../../../bot/front-door';
import { ProgramDoor } from '../../../bot/programs';
import type { Programs } from '../../../core/catalogue';
import { Issuer, tenant, unsigned } from '../../bot/issuer';
import { type Play, pick, text } from '../front';

const login = 'https://login.microsoftonline.com';
const audience = 'aaaaaaaa-0000-4000-8000-000000000001';
const application = 'aaaaaaaa-0000-4000-8000-000000000002';
const oid = 'aaaaaaaa-0000-4000-8000-000000000003';
const other = '99999999-2222-4333-8444-555555555555';
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
const programs: Programs = {
  audience,
  applications: [{ application, name: 'Build pipeline', role: 'publisher' }],
  webhooks: [],
};

type Random = () => number;

const right = (issuer: Issuer, more: object = {}): JWTPayload => ({
  ...issuer.claims(),
  ...{ iss: `${login}/${tenant}/v2.0`, aud: audience, ver: '2.0', idtyp: 'app', azp: application, tid: tenant },
  ...{ oid, sub: oid },
  ...more,
});

const now = () => Math.floor(Date.now() / 1_000);

/** What each claim may be instead, none of which an application of ours has. */
const claims: Readonly<Record<string, (random: Random) => unknown>> = {
  aud: (random) =>
    pick<unknown>(random, [application, `api://${audience}`, audience.toUpperCase(), '', [], text(random, 'abc-', 36)]),
  iss: (random) =>
    pick(random, [
      `${login}/${other}/v2.0`,
      `${login}/${tenant}/`,
      `https://sts.windows.net/${tenant}/`,
      `${login}/common/v2.0`,
      '',
    ]),
  ver: (random) => pick<unknown>(random, ['1.0', '2', 2, '3.0', undefined, null]),
  idtyp: (random) => pick<unknown>(random, ['user', 'App', '', undefined, null, ['app'], { toString: 1 }]),
  azp: (random) =>
    pick<unknown>(random, [other, undefined, null, '', [application], `${application} `, text(random, 'abc-', 36)]),
  tid: (random) => pick<unknown>(random, [other, undefined, null, '', 'common', { toString: 1 }, [tenant]]),
  oid: (random) => pick<unknown>(random, [undefined, null, '', 'x', {}, [oid]]),
  scp: (random) => pick<unknown>(random, ['user_impersonation', '', [], 'Ask.All', null]),
  exp: (random) => pick<unknown>(random, [undefined, now() - 400, 'never', null]),
  nbf: (random) => now() + 400 + Math.floor(random() * 1e6),
};

const forged = async (issuer: Issuer, random: Random): Promise<string> => {
  const whole = right(issuer);
  switch (Math.floor(random() * 5)) {
    case 0:
      return unsigned(whole, { alg: pick(random, ['none', 'None']), kid: 'right' }) + text(random, 'abc', 3);
    case 1:
      return issuer.sign(whole, {}, stranger);
    case 2:
      return issuer.sign(whole, { alg: 'HS256' }, Buffer.from(issuer.publicPem));
    case 3:
      return issuer.sign(whole, { kid: pick(random, ['unheard', '', '../right', text(random, 'abc', 6)]) });
    default:
      return text(random, 'abcXYZ.-_', 120);
  }
};

/** Tokens for `POST /api/ask` of which one thing is wrong; the right one gets in at the end. */
export const programTokens: Play = async ({ size, random }) => {
  const issuer = new Issuer();
  await issuer.start();
  const reach = (url: string) =>
    url.endsWith('/openid-configuration') ? { url: `${issuer.url}/openidconfiguration` } : { url };
  const door = new ProgramDoor({ tenants: [tenant], login, reach }, () => programs);
  const ways = [...Object.keys(claims), 'forged'];
  const letIn: string[] = [];
  for (let i = 0; i < size; i += 1) {
    const way = ways[i % ways.length] as string;
    const value = claims[way]?.(random);
    const token =
      way === 'forged' ? await forged(issuer, random) : await signed(issuer, right(issuer, { [way]: value }));
    if (token === undefined) continue;
    const refused = await door.authenticate(`Bearer ${token}`).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (!isRefused(refused) || ![401, 403].includes(refused.status)) {
      letIn.push(`${way} ${JSON.stringify(value)}: ${refused === undefined ? 'let in' : String(refused)}`);
    }
  }
  const caller = await door.authenticate(`Bearer ${await issuer.sign(right(issuer))}`);
  if (caller.application !== application) letIn.push('and the right token is another one');
  await issuer.stop();
  return { tries: size, letIn, seen: `${ways.length} ways` };
};

/** Undefined where the library refuses to make such a token. */
async function signed(issuer: Issuer, payload: JWTPayload): Promise<string | undefined> {
  try {
    return await issuer.sign(payload);
  } catch {
    return undefined;
  }
}
