import { createECDH, randomBytes } from 'node:crypto';
import { tenantId } from '../entra/people';
import { Dropped } from '../kernel/sandbox';
import type { Params, Route, SandboxRequest, SandboxResponse } from '../kernel/types';
import type { World } from '../kernel/world';
import { may } from './authorization';
import { callerIn } from './authorization/tokens';
import { object, text } from './compute/resource';
import { condition } from './conditions';
import { location, vaultId, vaultName } from './names';

/**
 * The keys of a vault: elliptic-curve keys of P-256, which are made, rotated, shown and sign. The private half never
 * leaves it. Roles decide, as in a vault that is set to Azure RBAC.
 */

interface KeyVersion {
  readonly version: string;
  /** The private number, in hex. */
  readonly d: string;
  /** base64url. */
  readonly x: string;
  readonly y: string;
  readonly createdMs: number;
  enabled: boolean;
}

interface KeyVaultSection {
  /** By the key's name in lower case, oldest first. */
  keys: Record<string, KeyVersion[]>;
}

const host = '*.vault.azure.net';
const curve = 'prime256v1';
const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
const versions = ['7.4', '7.5', '7.6', '2025-07-01'];

const section = (world: World): KeyVaultSection =>
  world.section<KeyVaultSection>('keyVault', () => ({ keys: { goldbot: [newVersion(world)] } }));

type Handle = (world: World, request: SandboxRequest, params: Params) => SandboxResponse;

export function keyVaultRoutes(world: World): Route[] {
  const route = (method: string, path: string, action: string, handle: Handle): Route => ({
    ...{ method, host, path },
    handle: (request, params) => refused(world, request, params, action) ?? handle(world, request, params),
  });
  return [
    route('GET', '/keys/{name}', 'keys/read', show),
    route('GET', '/keys/{name}/{version}', 'keys/read', show),
    route('POST', '/keys/{name}/create', 'keys/create/action', create),
    route('POST', '/keys/{name}/rotate', 'keys/rotate/action', rotate),
    route('PATCH', '/keys/{name}/{version}', 'keys/update/action', update),
    route('POST', '/keys/{name}/{version}/sign', 'keys/sign/action', sign),
  ];
}

/** What a vault checks before it looks at what is asked. */
function refused(world: World, request: SandboxRequest, params: Params, action: string): SandboxResponse | undefined {
  const vault = request.url.hostname.split('.')[0] ?? '';
  // Nobody answers under the name of a vault that does not exist.
  if (vault !== vaultName) throw new Dropped();
  if (condition(world, 'keyVaults', { vault })['publicNetworkAccess'] === 'Disabled') {
    const message =
      'Public network access is disabled and request is not from a trusted service nor via an approved private link.\r\nCaller: name=Unknown\r\n';
    return failure(403, 'Forbidden', message, 'ForbiddenByConnection');
  }
  if (!/^bearer ./i.test(request.headers['authorization'] ?? '')) return challenge();
  const version = request.url.searchParams.get('api-version');
  if (!version) return failure(400, 'BadParameter', 'api-version must be specified');
  if (!versions.includes(version))
    return failure(400, 'BadParameter', `The specified version (${version}) is not recognized.`);
  return mayNot(world, request, params, action);
}

/** Where to get a token, and for whom; clients that do not know ask first without one. */
function challenge(): SandboxResponse {
  const where = `authorization="https://login.microsoftonline.com/${tenantId}", resource="https://vault.azure.net"`;
  const answer = failure(401, 'Unauthorized', 'AKV10000: Request is missing a Bearer or PoP token.');
  return { ...answer, headers: { 'www-authenticate': `Bearer ${where}` } };
}

function mayNot(
  world: World,
  request: SandboxRequest,
  { name = '' }: Params,
  action: string,
): SandboxResponse | undefined {
  const caller = callerIn(world, request.headers);
  const scope = `${vaultId}/keys/${name}`;
  if (may(world, caller, { action: `Microsoft.KeyVault/vaults/${action}`, scope, isData: true })) return undefined;
  const lines = [
    'Caller is not authorized to perform action on resource.',
    'If role assignments, deny assignments or role definitions were changed recently, please observe propagation time.',
    `Caller: appid=${caller.client};oid=${caller.objectId};iss=https://sts.windows.net/${tenantId}/`,
    `Action: 'Microsoft.KeyVault/vaults/${action}'`,
    `Resource: '${scope.toLowerCase()}'`,
    'Assignment: (not found)',
    'DenyAssignmentId: null',
    "DecisionReason: 'DeniedWithNoValidRBAC' ",
    `Vault: ${vaultName};location=${location}`,
    '',
  ];
  return failure(403, 'Forbidden', lines.join('\r\n'), 'ForbiddenByRbac');
}

function failure(status: number, code: string, message: string, inner?: string): SandboxResponse {
  return { status, body: { error: { code, message, ...(inner && { innererror: { code: inner } }) } } };
}

function versionsOf(world: World, { name = '' }: Params): KeyVersion[] | undefined {
  return section(world).keys[name.toLowerCase()];
}

/** The version that is named, or the newest. */
function versionOf(world: World, params: Params): KeyVersion | undefined {
  const all = versionsOf(world, params);
  return params['version'] === undefined ? all?.at(-1) : all?.find(({ version }) => version === params['version']);
}

function missing({ name, version }: Params): SandboxResponse {
  const named = version === undefined ? name : `${name}/${version}`;
  const message = `A key with (name/id) ${named} was not found in this key vault. If you recently deleted this key you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182`;
  return failure(404, 'KeyNotFound', message);
}

function show(world: World, _request: SandboxRequest, params: Params): SandboxResponse {
  const found = versionOf(world, params);
  return found ? { status: 200, body: bundle(params, found) } : missing(params);
}

function bundle({ name = '' }: Params, { version, x, y, enabled, createdMs }: KeyVersion) {
  const at = Math.floor(createdMs / 1_000);
  return {
    key: { kid: kidOf(name, version), kty: 'EC', key_ops: ['sign', 'verify'], crv: 'P-256', x, y },
    attributes: { enabled, created: at, updated: at, recoveryLevel: 'Recoverable+Purgeable', recoverableDays: 90 },
  };
}

const kidOf = (name: string, version: string): string => `https://${vaultName}.vault.azure.net/keys/${name}/${version}`;

/** A key of that name, or its next version. */
function create(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const { kty, crv } = object(request.body);
  if (kty !== 'EC' || (crv ?? 'P-256') !== 'P-256') {
    return failure(400, 'BadParameter', 'The sandbox makes keys of type EC and curve P-256 alone.');
  }
  const made = newVersion(world);
  section(world).keys[(params['name'] ?? '').toLowerCase()] = [...(versionsOf(world, params) ?? []), made];
  return { status: 200, body: bundle(params, made) };
}

function rotate(world: World, _request: SandboxRequest, params: Params): SandboxResponse {
  const all = versionsOf(world, params);
  if (!all) return missing(params);
  const made = newVersion(world);
  all.push(made);
  return { status: 200, body: bundle(params, made) };
}

function update(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const found = versionOf(world, params);
  if (!found) return missing(params);
  const { enabled } = object(object(request.body)['attributes']);
  if (typeof enabled === 'boolean') found.enabled = enabled;
  return { status: 200, body: bundle(params, found) };
}

/** Of a digest that the caller made. The answer is r and s, 32 bytes each, as JWS has them. */
function sign(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const found = versionOf(world, params);
  if (!found) return missing(params);
  if (!found.enabled) {
    return failure(403, 'Forbidden', 'Operation sign is not allowed on a disabled key.', 'KeyDisabled');
  }
  const { alg, value } = object(request.body);
  const kid = kidOf(params['name'] ?? '', found.version);
  if (alg !== 'ES256') {
    const message = `Key and signing algorithm are incompatible. Key ${kid} is of type 'EC' and curve 'P-256', which takes ES256.`;
    return failure(400, 'BadParameter', message);
  }
  const digest = Buffer.from(text(value) ?? '', 'base64url');
  if (digest.length !== 32) {
    const message = `Invalid length of 'value': ${digest.length} bytes. ES256 requires 32 bytes, encoded with base64url.`;
    return failure(400, 'BadParameter', message);
  }
  return { status: 200, body: { kid, value: signature(digest, found.d).toString('base64url') } };
}

function newVersion(world: World): KeyVersion {
  const pair = createECDH(curve);
  const point = pair.generateKeys();
  return {
    version: randomBytes(16).toString('hex'),
    d: pair.getPrivateKey('hex'),
    x: point.subarray(1, 33).toString('base64url'),
    y: point.subarray(33).toString('base64url'),
    createdMs: world.clock.nowMs(),
    enabled: true,
  };
}

/** ECDSA over a digest: node:crypto would hash it once more. */
function signature(digest: Buffer, privateNumber: string): Buffer {
  const [z, d] = [numberOf(digest.toString('hex')), numberOf(privateNumber)];
  for (;;) {
    const once = createECDH(curve);
    const r = numberOf(once.generateKeys().subarray(1, 33).toString('hex')) % order;
    const s = (inverse(numberOf(once.getPrivateKey('hex'))) * (z + r * d)) % order;
    if (r > 0n && s > 0n) return Buffer.from([r, s].map((n) => n.toString(16).padStart(64, '0')).join(''), 'hex');
  }
}

const numberOf = (hex: string): bigint => BigInt(`0x${hex}`);

/** Modulo the order of the curve, by Euclid. */
function inverse(a: bigint): bigint {
  let [r0, r1, t0, t1] = [order, a % order, 0n, 1n];
  while (r1 !== 0n) {
    const q = r0 / r1;
    [r0, r1, t0, t1] = [r1, r0 - q * r1, t1, t0 - q * t1];
  }
  return ((t0 % order) + order) % order;
}
