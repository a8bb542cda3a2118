import { tenantId } from '../../entra/people';
import type { Route, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError } from '../arm';
import { type JsonObject, object, text } from '../compute/resource';
import { type Caller, callerOf, goldbotIdentity, owner } from './names';

type Headers = Readonly<Record<string, string>>;

interface RbacSection {
  /** Whether tokens say who somebody is; off at first: then every token but goldbot's own is the owner's. */
  enforce: boolean;
}

const rbac = (world: World): RbacSection => world.section<RbacSection>('rbac', () => ({ enforce: false }));

/** Whoever sent these headers; with enforcement the object id of the token, whose signature nobody looks at. */
export function callerIn(world: World, headers: Headers): Caller {
  const known = callerOf(headers);
  if (known === goldbotIdentity || !rbac(world).enforce) return known;
  const claims = claimsOf(headers);
  const objectId = text(claims?.['oid'])?.toLowerCase() ?? nobody;
  const client = text(claims?.['appid']) ?? text(claims?.['azp']) ?? text(claims?.['upn']) ?? objectId;
  return { client, objectId, principalType: claims?.['upn'] === undefined ? 'ServicePrincipal' : 'User' };
}

/** No principal has it. */
const nobody = '00000000-0000-0000-0000-000000000000';

function claimsOf(headers: Headers): JsonObject | undefined {
  const [, payload] = /^bearer\s+[^.]+\.([^.]+)\.[^.]*$/i.exec(headers['authorization'] ?? '') ?? [];
  try {
    return payload === undefined ? undefined : object(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** ARM's 401 for a token that it does not take; with enforcement alone. Tokens age in machine time, in milliseconds. */
export function tokenRefusal(
  world: World,
  { headers }: SandboxRequest,
  machineMs: number,
): SandboxResponse | undefined {
  if (!rbac(world).enforce || callerOf(headers) !== owner) return undefined;
  const claims = claimsOf(headers);
  if (!claims) {
    const message = "Authentication failed. The 'Authorization' header is missing or the access token is invalid.";
    return armError(401, 'AuthenticationFailed', message);
  }
  const { exp, tid = tenantId } = claims;
  if (typeof exp === 'number' && exp * 1_000 < machineMs) {
    const [then, now] = [exp * 1_000, machineMs].map((ms) => new Date(ms).toUTCString());
    const message = `The access token expiry UTC time '${then}' is earlier than current UTC time '${now}'.`;
    return armError(401, 'ExpiredAuthenticationToken', message);
  }
  if (String(tid).toLowerCase() === tenantId) return undefined;
  const issuer = (tenant: string) => `https://sts.windows.net/${tenant}/`;
  const message = `The access token is from the wrong issuer '${issuer(String(tid))}'. It must match the tenant '${issuer(tenantId)}' associated with this subscription. Please use the authority (URL) 'https://login.windows.net/${tenantId}' to get the token.`;
  return armError(401, 'InvalidAuthenticationTokenTenant', message);
}

/** `POST /_sandbox/rbac {enforce}` and `GET`. */
export function rbacRoutes(world: World): Route[] {
  const [path, host] = ['/_sandbox/rbac', '*'];
  const shown = (): SandboxResponse => ({ status: 200, body: { ...rbac(world) } });
  return [
    { method: 'GET', host, path, handle: shown },
    {
      method: 'POST',
      host,
      path,
      handle: ({ body }) => {
        const { enforce } = object(body);
        if (typeof enforce !== 'boolean') return armError(400, 'BadInput', '`enforce` must be true or false.');
        rbac(world).enforce = enforce;
        return shown();
      },
    },
  ];
}
