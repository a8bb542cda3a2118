import { randomUUID } from 'node:crypto';
import type { Params, Route, SandboxRequest, SandboxResponse } from '../kernel/types';
import type { World } from '../kernel/world';
import { armError, key } from './arm';
import { type Access, may } from './authorization';
import { callerIn } from './authorization/tokens';
import { scopeError } from './compute/groups';
import type { Resource } from './compute/resource';
import { compute } from './compute/section';
import { condition } from './conditions';
import { type LogLine, logText } from './image-builder/packer-log';
import { type Run, type Template, templates } from './image-builder/section';
import { accountOf, accountType } from './image-builder/staging';
import {
  accountRoutes,
  disksIn,
  hasContainer,
  isKept,
  mismatch,
  noContainer,
  ownAccount,
  ownAccountsIn,
  putDisk,
  putText,
  removeDisk,
  removeText,
  type StorageRefusal,
  textsIn,
} from './storage';
import { isSigned, keysOf, signedFor } from './storage-keys';

const host = '*.blob.core.windows.net';
const logs = 'packerlogs';

/**
 * Storage accounts and what is in them: those of staging groups with the Packer logs, where people read why a build
 * failed, and the estate's own with the disks that builds put there.
 */
export function blobRoutes(world: World): Route[] {
  const accounts = '/subscriptions/{subscriptionId}/resourceGroups/{group}/providers/Microsoft.Storage/storageAccounts';
  const blob = '/{container}/{name+}';
  return [
    ...accountRoutes(world),
    { method: 'GET', path: accounts, handle: (_, params) => listAccounts(world, params) },
    { method: 'GET', path: `${accounts}/{account}`, handle: (_, params) => getAccount(world, params) },
    { method: 'POST', path: `${accounts}/{account}/listKeys`, handle: (_, params) => listKeys(world, params) },
    { method: 'GET', host, path: '/', handle: (request) => listContainers(world, request) },
    { method: 'GET', host, path: '/{container}', handle: (request, params) => listBlobs(world, request, params) },
    { method: 'GET', host, path: blob, handle: (request, params) => getBlob(world, request, params) },
    {
      method: 'HEAD',
      host,
      path: blob,
      handle: (request, params) => headBlob(world, request, params),
    },
    { method: 'PUT', host, path: blob, handle: (request, params) => putBlob(world, request, params) },
    { method: 'DELETE', host, path: blob, handle: (request, params) => deleteBlob(world, request, params) },
  ];
}

interface Blob {
  readonly name: string;
  readonly content: string;
  /** As HTTP writes a date. */
  readonly modified: string;
}

function staged(world: World, fits: (template: Template) => boolean): Template[] {
  return Object.values(templates(world)).filter((t) => t.staging && fits(t));
}

function inGroup(params: Params) {
  const id = `/subscriptions/${params['subscriptionId']}/resourceGroups/${params['group']}`.toLowerCase();
  return (template: Template) => template.staging?.groupId.toLowerCase() === id;
}

/** Those of templates, and those that their templates left behind. */
function accountsIn(world: World, params: Params): Resource[] {
  const scope = key(`/subscriptions/${params['subscriptionId']}/resourceGroups/${params['group']}/`);
  const left = Object.values(compute(world).resources).filter(
    ({ id, type }) => type === accountType && key(id).startsWith(scope),
  );
  const group = `/subscriptions/${params['subscriptionId']}/resourceGroups/${params['group']}`;
  return [...staged(world, inGroup(params)).map(accountOf), ...left, ...ownAccountsIn(world, group)].map((account) => ({
    ...account,
    properties: { ...account.properties, ...standingOf(world, account.name, account.properties) },
  }));
}

/** What else is so of an account, under Azure's own names for it: as a condition says, or as whoever made it did. */
function standingOf(world: World, account: string, made: Resource['properties'] = {}) {
  const said = { ...made, ...condition(world, 'storage', { account }) };
  const { publicNetworkAccess = 'Enabled', allowSharedKeyAccess = true } = said;
  return { publicNetworkAccess, allowSharedKeyAccess };
}

function listAccounts(world: World, params: Params): SandboxResponse {
  const refusal = scopeError(world, params['subscriptionId'] ?? '', params['group']);
  return refusal ?? { status: 200, body: { value: accountsIn(world, params) } };
}

function getAccount(world: World, params: Params): SandboxResponse {
  const found = accountsIn(world, params).find(({ name }) => name === params['account']?.toLowerCase());
  if (found) return { status: 200, body: found };
  const message = `The Resource 'Microsoft.Storage/storageAccounts/${params['account']}' under resource group '${params['group']}' was not found. For more details please go to https://aka.ms/ARMResourceNotFoundFix`;
  return (
    scopeError(world, params['subscriptionId'] ?? '', params['group']) ?? armError(404, 'ResourceNotFound', message)
  );
}

function listKeys(world: World, params: Params): SandboxResponse {
  const answer = getAccount(world, params);
  return answer.status === 200 ? { status: 200, body: { keys: keysOf((answer.body as Resource).name) } } : answer;
}

/** The logs of an account's run as they are at this moment: they grow while it runs. */
function blobsOf(world: World, request: SandboxRequest): Blob[] {
  const account = accountAsked(request);
  return staged(world, (t) => t.staging?.account === account).flatMap(({ run }) =>
    run ? logsOf(run, world.clock.nowMs()) : [],
  );
}

function logsOf(run: Run, nowMs: number): Blob[] {
  const heard = run.log.filter(([at]) => at <= nowMs);
  const modified = new Date(heard.at(-1)?.[0] ?? run.startMs).toUTCString();
  const blob = (name: string, lines: readonly LogLine[]) => ({
    name: `${run.id}/${name}`,
    content: logText(run.id, lines, nowMs),
    modified,
  });
  if (heard.length === 0) return [];
  const customization = blob('customization.log', heard);
  const validatingMs = run.phases.find((p) => p.subState === 'Validating')?.atMs ?? Number.POSITIVE_INFINITY;
  const validation = heard.filter(([at]) => at >= validatingMs);
  return validation.length === 0 ? [customization] : [customization, blob('validation.log', validation)];
}

/** `blobs/read`, unless something is to be changed. */
function refused(world: World, request: SandboxRequest, action = 'read'): SandboxResponse | undefined {
  const signed = isSigned(request);
  const bearer = /^bearer ./i.test(request.headers['authorization'] ?? '');
  if (!bearer && !signed)
    return failure(409, 'PublicAccessNotPermitted', 'Public access is not permitted on this storage account.');
  const version = request.headers['x-ms-version'] ?? '';
  if (!signed && version < '2017-11-09') {
    return failure(
      403,
      'AuthenticationFailed',
      'Server failed to authenticate the request. Make sure the value of the Authorization header is formed correctly, and that x-ms-version is 2017-11-09 or later.',
    );
  }
  const account = accountAsked(request);
  const resource = accountNamed(world, account);
  if (!resource) return failure(404, 'ResourceNotFound', 'The specified resource does not exist.');
  // Everybody here comes over the public network.
  if (standingOf(world, account).publicNetworkAccess === 'Disabled') {
    return failure(403, 'AuthorizationFailure', 'This request is not authorized to perform this operation.');
  }
  if (signed) return refusedSignature(world, account, request);
  if (mayUse(world, request, { scope: scopeAsked(resource, request), action })) return undefined;
  return refusal(mismatch);
}

function accountNamed(world: World, name: string): Resource | undefined {
  const [template] = staged(world, (t) => t.staging?.account === name);
  return template ? accountOf(template) : ownAccount(world, name);
}

function scopeAsked({ id }: Resource, { url }: SandboxRequest): string {
  const [, container = ''] = url.pathname.split('/');
  return container === '' ? id : `${id}/blobServices/default/containers/${container}`;
}

const refusal = ({ status, code, message }: StorageRefusal): SandboxResponse => failure(status, code, message);

/** Who has a key needs no role, unless the account takes none. */
function refusedSignature(world: World, account: string, request: SandboxRequest): SandboxResponse | undefined {
  if (!standingOf(world, account, ownAccount(world, account)?.properties).allowSharedKeyAccess) {
    const message = 'Key based authentication is not permitted on this storage account.';
    return failure(403, 'KeyBasedAuthenticationNotPermitted', message);
  }
  const letters = signedFor(account, request, world.clock.nowMs());
  if (letters === undefined) {
    const message =
      'Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature.';
    return failure(403, 'AuthenticationFailed', message);
  }
  const isList = request.url.searchParams.get('comp') === 'list';
  return letters.includes(isList ? 'l' : 'r') ? undefined : refusal(mismatch);
}

const accountAsked = ({ url }: SandboxRequest): string => url.hostname.split('.')[0] ?? '';
const containers = 'Microsoft.Storage/storageAccounts/blobServices/containers';

/** Blobs, and lists of them, are what an account holds: no role for the account itself opens them. */
function mayUse(world: World, request: SandboxRequest, { scope, action }: Access): boolean {
  const listsContainers = request.url.pathname === '/';
  const access = listsContainers
    ? { action: `${containers}/read`, scope }
    : { action: `${containers}/blobs/${action}`, scope, isData: true as const };
  return may(world, callerIn(world, request.headers), access);
}

function listContainers(world: World, request: SandboxRequest): SandboxResponse {
  if (request.url.searchParams.get('comp') !== 'list') return invalid();
  const names = `<Containers><Container><Name>${logs}</Name></Container></Containers>`;
  return (
    refused(world, request) ??
    xml(200, `<EnumerationResults ServiceEndpoint="${request.url.origin}/">${names}<NextMarker /></EnumerationResults>`)
  );
}

function listBlobs(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const query = request.url.searchParams;
  if (query.get('restype') !== 'container' || query.get('comp') !== 'list') return invalid();
  const error = refused(world, request) ?? unknownContainer(world, request, params);
  if (error) return error;
  const listed = [
    ...blobsOf(world, request).map(asListed),
    ...listedTexts(world, request, params),
    ...listedDisks(world, request, params),
  ];
  const found = listed.filter((b) => b.name.startsWith(query.get('prefix') ?? ''));
  const blobs = found.map(({ name, bytes, type, kind, modified }) => {
    const properties = `<Last-Modified>${modified}</Last-Modified><Content-Length>${bytes}</Content-Length><Content-Type>${type}</Content-Type><BlobType>${kind}</BlobType>`;
    return `<Blob><Name>${name}</Name><Properties>${properties}</Properties></Blob>`;
  });
  return xml(
    200,
    `<EnumerationResults ServiceEndpoint="${request.url.origin}/" ContainerName="${params['container']}"><Blobs>${blobs.join('')}</Blobs><NextMarker /></EnumerationResults>`,
  );
}

interface Listed extends Pick<Blob, 'name' | 'modified'> {
  readonly bytes: number;
  readonly type: string;
  readonly kind: 'AppendBlob' | 'PageBlob' | 'BlockBlob';
}

const asListed = ({ name, content, modified }: Blob): Listed => ({
  ...{ name, modified, bytes: Buffer.byteLength(content), type: 'text/plain', kind: 'AppendBlob' },
});

function listedDisks(world: World, request: SandboxRequest, { container = '' }: Params): Listed[] {
  const disks = [...disksIn(world, accountAsked(request), container)];
  return disks.map(([name, { bytes, modified }]) => ({
    ...{ name, bytes, type: 'application/octet-stream', kind: 'PageBlob' },
    modified: new Date(modified).toUTCString(),
  }));
}

function listedTexts(world: World, request: SandboxRequest, { container = '' }: Params): Listed[] {
  return [...textsIn(world, accountAsked(request), container)].map(([name, { content, modified }]) => ({
    ...{ name, bytes: Buffer.byteLength(content), type: 'application/json', kind: 'BlockBlob' },
    modified: new Date(modified).toUTCString(),
  }));
}

const noBlob = () => failure(404, 'BlobNotFound', 'The specified blob does not exist.');

/** A disk says all but what is in it. */
function headBlob(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  if (!ownAccount(world, accountAsked(request))) return { ...getBlob(world, request, params), body: undefined };
  const error = refused(world, request) ?? unknownContainer(world, request, params);
  const disk = listedDisks(world, request, params).find(({ name }) => name === params['name']);
  // The answer to a HEAD has no body, so that the reason stands in its headers alone.
  if (error ?? !disk) return { ...(error ?? noBlob()), body: undefined };
  const { bytes, type, kind, modified } = disk as Listed;
  const headers = {
    ...{ 'content-type': type, 'content-length': String(bytes), 'x-ms-blob-type': kind, 'last-modified': modified },
    'x-ms-version': request.headers['x-ms-version'] ?? '',
  };
  return { status: 200, headers };
}

/** A block blob of JSON, in one piece. Whoever may only add cannot write over what is there, policy or not. */
function putBlock(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const path = pathOf(request, params);
  const { container = '', name = '' } = params;
  const there = textsIn(world, accountAsked(request), container).get(name);
  const error =
    (refused(world, request, 'add/action') && refused(world, request, 'write')) ??
    unknownContainer(world, request, params) ??
    (there && overwriting(world, request, there, params));
  if (error) return error;
  putText(world, path, JSON.stringify(request.body));
  return { status: 201, headers: { 'last-modified': world.clock.now().toUTCString() } };
}

function overwriting(world: World, request: SandboxRequest, there: Parameters<typeof isKept>[2], params: Params) {
  if (request.headers['if-none-match'] === '*') {
    return failure(409, 'BlobAlreadyExists', 'The specified blob already exists.');
  }
  return refused(world, request, 'write') ?? immutable(world, request, there, params);
}

function immutable(world: World, request: SandboxRequest, there: Parameters<typeof isKept>[2], { container }: Params) {
  if (!isKept(world, `${accountAsked(request)}/${container}`, there)) return undefined;
  const message = 'This operation is not permitted as the blob is immutable due to a policy.';
  return failure(409, 'BlobImmutableDueToPolicy', message);
}

/** Put Blob makes an empty page blob, in which nothing is kept that is written into it afterwards, or one of JSON. */
function putBlob(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  if (request.headers['x-ms-blob-type'] === 'BlockBlob') return putBlock(world, request, params);
  const error = refused(world, request, 'write') ?? unknownContainer(world, request, params);
  if (error) return error;
  const bytes = Number(request.headers['x-ms-blob-content-length']);
  if (request.headers['x-ms-blob-type'] !== 'PageBlob' || !(bytes >= 0) || bytes % 512 !== 0) {
    return failure(400, 'InvalidHeaderValue', 'The value for one of the HTTP headers is not in the correct format.');
  }
  putDisk(world, pathOf(request, params), bytes);
  return { status: 201, headers: { 'last-modified': world.clock.now().toUTCString() } };
}

function deleteBlob(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const path = pathOf(request, params);
  const text = textsIn(world, accountAsked(request), params['container'] ?? '').get(params['name'] ?? '');
  const error =
    refused(world, request, 'delete') ??
    unknownContainer(world, request, params) ??
    (text && immutable(world, request, text, params));
  if (error === undefined && removeText(world, path)) return { status: 202 };
  return error ?? (removeDisk(world, pathOf(request, params)) ? { status: 202 } : noBlob());
}

const pathOf = (request: SandboxRequest, { container, name }: Params): string =>
  `${accountAsked(request)}/${container}/${name}`;

function getBlob(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const error = refused(world, request) ?? unknownContainer(world, request, params);
  if (error) return error;
  if (ownAccount(world, accountAsked(request))) {
    const text = textsIn(world, accountAsked(request), params['container'] ?? '').get(params['name'] ?? '');
    if (text) {
      const headers = { 'content-type': 'application/json', 'x-ms-blob-type': 'BlockBlob' };
      return { status: 200, headers, body: Buffer.from(text.content) };
    }
    if (!disksIn(world, accountAsked(request), params['container'] ?? '').has(params['name'] ?? '')) return noBlob();
    return failure(501, 'NotImplemented', 'The sandbox keeps no content of disks: ask for the headers alone.');
  }
  const blob = blobsOf(world, request).find((b) => b.name === params['name']);
  if (!blob) return noBlob();
  const bytes = Buffer.from(blob.content);
  const headers = {
    'content-type': 'text/plain',
    'x-ms-blob-type': 'AppendBlob',
    'last-modified': blob.modified,
    'x-ms-version': request.headers['x-ms-version'] ?? '',
  };
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers['x-ms-range'] ?? request.headers['range'] ?? '');
  if (!range) return { status: 200, headers, body: bytes };
  const from = Number(range[1]);
  if (from >= bytes.length)
    return failure(416, 'InvalidRange', 'The range specified is invalid for the current size of the resource.');
  const to = Math.min(range[2] ? Number(range[2]) : bytes.length - 1, bytes.length - 1);
  return {
    status: 206,
    headers: { ...headers, 'content-range': `bytes ${from}-${to}/${bytes.length}` },
    body: bytes.subarray(from, to + 1),
  };
}

function unknownContainer(world: World, request: SandboxRequest, params: Params): SandboxResponse | undefined {
  const { container = '' } = params;
  const account = accountAsked(request);
  const isThere = ownAccount(world, account) ? hasContainer(world, account, container) : container === logs;
  return isThere ? undefined : refusal(noContainer);
}

function invalid(): SandboxResponse {
  return failure(
    400,
    'InvalidQueryParameterValue',
    'Value for one of the query parameters specified in the request URI is invalid.',
  );
}

function failure(status: number, code: string, message: string): SandboxResponse {
  const detail = `${message}\nRequestId:${randomUUID()}`;
  const answer = xml(status, `<Error><Code>${code}</Code><Message>${detail}</Message></Error>`);
  return { ...answer, headers: { ...answer.headers, 'x-ms-error-code': code } };
}

function xml(status: number, body: string): SandboxResponse {
  return {
    status,
    headers: { 'content-type': 'application/xml' },
    body: `<?xml version="1.0" encoding="utf-8"?>${body}`,
  };
}
