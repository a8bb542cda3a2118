import { createECDH, randomBytes } from 'node:crypto';
import { tenantId } from '../entra/people';
import { Dropped } from '../kernel/sandbox';
import type { Params, Route, SandboxRequest, SandboxResponse } from '../kernel/types';
import type { World } from '../kernel/world';
import { armError, key, notFound } from './arm';
import { may } from './authorization';
import { callerIn } from './authorization/tokens';
import { scopeError } from './compute/groups';
import { regionName } from './compute/regions';
import { type JsonObject, object, text } from './compute/resource';
import { condition } from './conditions';
import { location, vaultId, vaultName } from './names';

/**
 * Vaults, and their keys: elliptic-curve keys of P-256, which are made, rotated, shown and sign. The private half never
 * leaves its vault. Roles decide: these vaults are set to Azure RBAC.
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

interface Vault {
  readonly id: string;
  readonly location: string;
  readonly tags: JsonObject;
  readonly properties: JsonObject;
}

interface KeyVaultSection {
  /** By the key's name in lower case, oldest first; of vaults that somebody made after the vault's, `vault/key`. */
  keys: Record<string, KeyVersion[]>;
  /** By name; absent in worlds of earlier versions, which have the estate's alone. */
  vaults?: Record<string, Vault>;
}

const host = '*.vault.azure.net';
const curve = 'prime256v1';
const order = BigInt('0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');
const versions = ['7.4', '7.5', '7.6', '2025-07-01'];

const section = (world: World): KeyVaultSection =>
  world.section<KeyVaultSection>('keyVault', () =>
    world.isEmpty ? { keys: {}, vaults: {} } : { keys: { goldbot: [newVersion(world)] } },
  );

const ofEstate: Vault = { id: vaultId, location, tags: {}, properties: { enableRbacAuthorization: true } };

/** Names are unique in all of Azure. */
function vaultsOf(world: World): Record<string, Vault> {
  const held = section(world);
  held.vaults ??= { [vaultName]: ofEstate };
  return held.vaults;
}

/** The vault that a request of its own host is for: `kv.vault.azure.net`. */
const vaultAsked = ({ url }: SandboxRequest): string => (url.hostname.split('.')[0] ?? '').toLowerCase();

/** A key of a vault, as routes name it. */
interface KeyName {
  readonly vault: string;
  readonly name: string;
  readonly version?: string;
}

type Handle = (world: World, request: SandboxRequest, params: Params) => SandboxResponse;

export function keyVaultRoutes(world: World): Route[] {
  const route = (method: string, path: string, action: string, handle: Handle): Route => ({
    ...{ method, host, path },
    handle: (request, params) => refused(world, request, params, action) ?? handle(world, request, params),
  });
  return [
    ...vaultRoutes(world),
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
  const vault = vaultAsked(request);
  // Nobody answers under the name of a vault that does not exist.
  if (!vaultsOf(world)[vault]) throw new Dropped();
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
  const vault = vaultAsked(request);
  const { id = '', location: where = location } = vaultsOf(world)[vault] ?? {};
  const scope = `${id}/keys/${name}`;
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
    `Vault: ${vault};location=${where}`,
    '',
  ];
  return failure(403, 'Forbidden', lines.join('\r\n'), 'ForbiddenByRbac');
}

function failure(status: number, code: string, message: string, inner?: string): SandboxResponse {
  return { status, body: { error: { code, message, ...(inner && { innererror: { code: inner } }) } } };
}

const keyAsked = (request: SandboxRequest, { name = '', version }: Params): KeyName => ({
  vault: vaultAsked(request),
  name,
  ...(version !== undefined && { version }),
});

const placeOf = ({ vault, name }: KeyName): string => (vault === vaultName ? name : `${vault}/${name}`).toLowerCase();

const versionsOf = (world: World, asked: KeyName): KeyVersion[] | undefined => section(world).keys[placeOf(asked)];

/** The version that is named, or the newest. */
function versionOf(world: World, asked: KeyName): KeyVersion | undefined {
  const all = versionsOf(world, asked);
  return asked.version === undefined ? all?.at(-1) : all?.find(({ version }) => version === asked.version);
}

function missing({ name, version }: KeyName): SandboxResponse {
  const named = version === undefined ? name : `${name}/${version}`;
  const message = `A key with (name/id) ${named} was not found in this key vault. If you recently deleted this key you may be able to recover it using the correct recovery command. For help resolving this issue, please see https://go.microsoft.com/fwlink/?linkid=2125182`;
  return failure(404, 'KeyNotFound', message);
}

function show(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const asked = keyAsked(request, params);
  const found = versionOf(world, asked);
  return found ? { status: 200, body: bundle(asked, found) } : missing(asked);
}

function bundle(asked: KeyName, { version, x, y, enabled, createdMs }: KeyVersion) {
  const at = Math.floor(createdMs / 1_000);
  return {
    key: { kid: kidOf(asked, version), kty: 'EC', key_ops: ['sign', 'verify'], crv: 'P-256', x, y },
    attributes: { enabled, created: at, updated: at, recoveryLevel: 'Recoverable+Purgeable', recoverableDays: 90 },
  };
}

const kidOf = ({ vault, name }: KeyName, version: string): string =>
  `https://${vault}.vault.azure.net/keys/${name}/${version}`;

/** A key of that name, or its next version. */
function create(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const { kty, crv } = object(request.body);
  if (kty !== 'EC' || (crv ?? 'P-256') !== 'P-256') {
    return failure(400, 'BadParameter', 'The sandbox makes keys of type EC and curve P-256 alone.');
  }
  const asked = keyAsked(request, params);
  return { status: 200, body: bundle(asked, addVersion(world, asked)) };
}

function addVersion(world: World, asked: KeyName): KeyVersion {
  const made = newVersion(world);
  section(world).keys[placeOf(asked)] = [...(versionsOf(world, asked) ?? []), made];
  return made;
}

function rotate(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const asked = keyAsked(request, params);
  if (!versionsOf(world, asked)) return missing(asked);
  return { status: 200, body: bundle(asked, addVersion(world, asked)) };
}

function update(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const asked = keyAsked(request, params);
  const found = versionOf(world, asked);
  if (!found) return missing(asked);
  const { enabled } = object(object(request.body)['attributes']);
  if (typeof enabled === 'boolean') found.enabled = enabled;
  return { status: 200, body: bundle(asked, found) };
}

/** Of a digest that the caller made. The answer is r and s, 32 bytes each, as JWS has them. */
function sign(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const asked = keyAsked(request, params);
  const found = versionOf(world, asked);
  if (!found) return missing(asked);
  if (!found.enabled) {
    return failure(403, 'Forbidden', 'Operation sign is not allowed on a disabled key.', 'KeyDisabled');
  }
  const { alg, value } = object(request.body);
  const kid = kidOf(asked, found.version);
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

const vaultType = 'Microsoft.KeyVault/vaults';

/** A vault and its keys, as Azure Resource Manager makes and shows them; it never makes another version of a key. */
function vaultRoutes(world: World): Route[] {
  const path = `/subscriptions/{subscriptionId}/resourceGroups/{group}/providers/${vaultType}/{vault}`;
  const on =
    (act: (params: Params, request: SandboxRequest) => SandboxResponse) => (request: SandboxRequest, params: Params) =>
      scopeError(world, params['subscriptionId'] ?? '', params['group']) ?? act(params, request);
  return [
    { method: 'GET', path, handle: on((params) => showVault(world, params)) },
    { method: 'PUT', path, handle: on((params, request) => putVault(world, params, request)) },
    { method: 'GET', path: `${path}/keys/{name}`, handle: on((params) => showArmKey(world, params)) },
    { method: 'PUT', path: `${path}/keys/{name}`, handle: on((params, request) => putArmKey(world, params, request)) },
  ];
}

const vaultIdOf = ({ subscriptionId, group, vault }: Params): string =>
  `/subscriptions/${subscriptionId}/resourceGroups/${group}/providers/${vaultType}/${vault}`;

function vaultAt(world: World, params: Params): Vault | undefined {
  const found = vaultsOf(world)[(params['vault'] ?? '').toLowerCase()];
  return found && key(found.id) === key(vaultIdOf(params)) ? found : undefined;
}

function showVault(world: World, params: Params): SandboxResponse {
  const found = vaultAt(world, params);
  if (!found) return notFound(vaultType, params['vault'] ?? '', params['group'] ?? '');
  const name = found.id.split('/').at(-1) ?? '';
  const vaultUri = `https://${name.toLowerCase()}.vault.azure.net/`;
  const properties = { ...found.properties, vaultUri, provisioningState: 'Succeeded' };
  return { status: 200, body: { ...found, name, type: vaultType, properties } };
}

function putVault(world: World, params: Params, { body }: SandboxRequest): SandboxResponse {
  const all = vaultsOf(world);
  const name = (params['vault'] ?? '').toLowerCase();
  const before = vaultAt(world, params);
  if (!before && all[name]) {
    const message = `The vault name '${name}' is already in use. Vault names are globally unique so it is possible that the name is already taken. If you are sure that the vault name was not taken then it is possible that a vault with the same name was recently deleted but not purged after being placed in a recoverable state. If the vault is in a recoverable state then the vault will need to be purged before reusing the name.`;
    return armError(409, 'VaultAlreadyExists', message);
  }
  const given = object(body);
  const where = before?.location ?? text(given['location']);
  if (where === undefined) {
    return armError(400, 'LocationRequired', 'The location property is required for this definition.');
  }
  const properties = object(given['properties']);
  if (properties['enableRbacAuthorization'] !== true) {
    return armError(400, 'BadRequest', 'The sandbox has vaults with Azure RBAC alone (enableRbacAuthorization).');
  }
  all[name] = {
    id: before?.id ?? vaultIdOf(params),
    location: regionName(where),
    tags: object(given['tags']),
    properties,
  };
  return { ...showVault(world, params), status: before ? 200 : 201 };
}

const armKeyName = ({ vault = '', name = '' }: Params): KeyName => ({ vault: vault.toLowerCase(), name });

function showArmKey(world: World, params: Params): SandboxResponse {
  const asked = armKeyName(params);
  const found = vaultAt(world, params) && versionOf(world, asked);
  if (!found) return notFound(`${vaultType}/keys`, `${params['vault']}/${asked.name}`, params['group'] ?? '');
  const keyUri = `https://${asked.vault}.vault.azure.net/keys/${asked.name}`;
  const properties = {
    ...{ kty: 'EC', curveName: 'P-256', keyOps: ['sign', 'verify'], attributes: { enabled: found.enabled } },
    ...{ keyUri, keyUriWithVersion: `${keyUri}/${found.version}` },
  };
  const id = `${vaultIdOf(params)}/keys/${asked.name}`;
  return { status: 200, body: { id, name: asked.name, type: `${vaultType}/keys`, properties } };
}

function putArmKey(world: World, params: Params, { body }: SandboxRequest): SandboxResponse {
  if (!vaultAt(world, params)) return notFound(vaultType, params['vault'] ?? '', params['group'] ?? '');
  const { kty, curveName } = object(object(body)['properties']);
  if (kty !== 'EC' || (curveName ?? 'P-256') !== 'P-256') {
    return armError(400, 'BadRequest', 'The sandbox makes keys of type EC and curve P-256 alone.');
  }
  const asked = armKeyName(params);
  if (!versionsOf(world, asked)) addVersion(world, asked);
  return showArmKey(world, params);
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
