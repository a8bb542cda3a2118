import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TokenCredential } from '@azure/core-auth';
import { tenantId } from '../../sandbox/entra/people';
import type { Sandbox } from '../../sandbox/kernel/sandbox';
import { ask } from '../sandbox/client';
import { filled } from './bicep-fill';

/** A resource as `bicep snapshot` foretells it. */
export interface Foretold {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly apiVersion: string;
  readonly properties?: Readonly<Record<string, unknown>>;
}

export function foretold(snapshot: string): readonly Foretold[] {
  const file = join(__dirname, '../../deploy/snapshots', `${snapshot}.json`);
  return (JSON.parse(readFileSync(file, 'utf8')) as { predictedResources: Foretold[] }).predictedResources;
}

/** What must be there before others: what names, then what is named. */
const order = [
  'resourceGroups',
  'userAssignedIdentities',
  'galleries',
  'vaults',
  'storageAccounts',
  'blobServices',
  'roleDefinitions',
  'policyDefinitions',
];

const rank = ({ id, type }: Foretold): number => {
  if (id.startsWith('[')) return order.length + 1;
  const found = order.indexOf(type.split('/').at(-1) ?? '');
  return found < 0 ? order.length : found;
};

/** What stands in brackets in a policy's rule is for Azure Policy. */
const isRule = ({ type }: Foretold): boolean => type === 'Microsoft.Authorization/policyDefinitions';

const providerOf = (type: string): string => type.split('/')[0] ?? '';

export interface Deployed {
  /** With their expressions filled from what the sandbox answered. */
  readonly made: readonly Foretold[];
  /** Types that this Azure does not have. */
  readonly unknown: readonly string[];
}

/** Puts everything that the sandbox knows, as ARM would: what depends on answers after what is answered. */
export async function deploy(sandbox: Sandbox, resources: readonly Foretold[]): Promise<Deployed> {
  const made: Foretold[] = [];
  const unknown = new Set<string>();
  const known = new Map<string, unknown>();
  const answers = (id: string, path: string) => memberOf(known.get(id.toLowerCase()), path);
  for (const resource of [...resources].sort((a, b) => rank(a) - rank(b))) {
    // Of a provider that is not here no answer could be filled in either.
    if (resource.id.startsWith('[') && [...unknown].some((type) => providerOf(type) === providerOf(resource.type))) {
      unknown.add(resource.type);
      continue;
    }
    const whole = isRule(resource) ? resource : filled(resource, answers);
    const { id, type, name: _, apiVersion, ...body } = whole;
    const { status, body: answered } = await ask(sandbox, 'PUT', `${id}?api-version=${apiVersion}`, body);
    if (status === 501) unknown.add(type);
    else if (status >= 300) throw new Error(`${type} ${id}: ${status} ${JSON.stringify(answered)}`);
    else {
      known.set(id.toLowerCase(), (answered as { properties?: unknown }).properties);
      made.push(whole);
    }
  }
  return { made, unknown: [...unknown].sort() };
}

function memberOf(whole: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((of, name) => (of as Record<string, unknown> | undefined)?.[name], whole);
}

/** Azure tells callers apart from now on, by the object id of their token. */
export async function enforce(sandbox: Sandbox, isOn = true): Promise<void> {
  const { status } = await ask(sandbox, 'POST', '/_sandbox/rbac', { enforce: isOn });
  if (status !== 200) throw new Error(`rbac: ${status}`);
}

/** The token of an identity, as Azure reads it; nobody looks at its signature. */
export function tokenOf(objectId: string): TokenCredential {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const expiresOnTimestamp = Date.now() + 3_600_000;
  const claims = { oid: objectId, appid: objectId, tid: tenantId, exp: Math.floor(expiresOnTimestamp / 1_000) };
  const token = `${part({ alg: 'none' })}.${part(claims)}.none`;
  return { getToken: async () => ({ token, expiresOnTimestamp }) };
}
