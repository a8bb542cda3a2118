import { randomUUID } from 'node:crypto';
import type { Params, Route, SandboxRequest, SandboxResponse } from '../kernel/types';
import type { World } from '../kernel/world';
import { armError, key } from './arm';
import { may } from './authorization';
import { callerIn } from './authorization/tokens';
import { scopeError } from './compute/groups';
import type { Resource } from './compute/resource';
import { compute } from './compute/section';
import { condition } from './conditions';
import { type LogLine, logText } from './image-builder/packer-log';
import { type Run, type Template, templates } from './image-builder/section';
import { accountOf, accountType } from './image-builder/staging';
import { isSigned, keysOf, signedFor } from './storage-keys';

const host = '*.blob.core.windows.net';
const container = 'packerlogs';

/** The storage accounts of staging groups, and the Packer logs in them: where people read why a build failed. */
export function blobRoutes(world: World): Route[] {
  const accounts = '/subscriptions/{subscriptionId}/resourceGroups/{group}/providers/Microsoft.Storage/storageAccounts';
  const blob = '/{container}/{name+}';
  return [
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
      handle: (request, params) => ({ ...getBlob(world, request, params), body: undefined }),
    },
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
  return [...staged(world, inGroup(params)).map(accountOf), ...left].map((account) => ({
    ...account,
    properties: { ...account.properties, ...standingOf(world, account.name) },
  }));
}

/** What else is so of an account, under Azure's own names for it. */
function standingOf(world: World, account: string) {
  const { publicNetworkAccess = 'Enabled', allowSharedKeyAccess = true } = condition(world, 'storage', { account });
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

function refused(world: World, request: SandboxRequest): SandboxResponse | undefined {
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
  const [template] = staged(world, (t) => t.staging?.account === account);
  if (!template) return failure(404, 'ResourceNotFound', 'The specified resource does not exist.');
  // Everybody here comes over the public network.
  if (standingOf(world, account).publicNetworkAccess === 'Disabled') {
    return failure(403, 'AuthorizationFailure', 'This request is not authorized to perform this operation.');
  }
  if (signed) return refusedSignature(world, account, request);
  if (mayRead(world, request, accountOf(template).id)) return undefined;
  return mismatch();
}

function mismatch(): SandboxResponse {
  const message = 'This request is not authorized to perform this operation using this permission.';
  return failure(403, 'AuthorizationPermissionMismatch', message);
}

/** Who has a key needs no role, unless the account takes none. */
function refusedSignature(world: World, account: string, request: SandboxRequest): SandboxResponse | undefined {
  if (!standingOf(world, account).allowSharedKeyAccess) {
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
  return letters.includes(isList ? 'l' : 'r') ? undefined : mismatch();
}

const accountAsked = ({ url }: SandboxRequest): string => url.hostname.split('.')[0] ?? '';
const containers = 'Microsoft.Storage/storageAccounts/blobServices/containers';

/** Blobs, and lists of them, are what an account holds: no role for the account itself opens them. */
function mayRead(world: World, request: SandboxRequest, scope: string): boolean {
  const listsContainers = request.url.pathname === '/';
  const access = listsContainers
    ? { action: `${containers}/read`, scope }
    : { action: `${containers}/blobs/read`, scope, isData: true as const };
  return may(world, callerIn(world, request.headers), access);
}

function listContainers(world: World, request: SandboxRequest): SandboxResponse {
  if (request.url.searchParams.get('comp') !== 'list') return invalid();
  const names = `<Containers><Container><Name>${container}</Name></Container></Containers>`;
  return (
    refused(world, request) ??
    xml(200, `<EnumerationResults ServiceEndpoint="${request.url.origin}/">${names}<NextMarker /></EnumerationResults>`)
  );
}

function listBlobs(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const query = request.url.searchParams;
  if (query.get('restype') !== 'container' || query.get('comp') !== 'list') return invalid();
  const refusal = refused(world, request) ?? unknownContainer(params);
  if (refusal) return refusal;
  const found = blobsOf(world, request).filter((b) => b.name.startsWith(query.get('prefix') ?? ''));
  const blobs = found.map(({ name, content, modified }) => {
    const properties = `<Last-Modified>${modified}</Last-Modified><Content-Length>${Buffer.byteLength(content)}</Content-Length><Content-Type>text/plain</Content-Type><BlobType>AppendBlob</BlobType>`;
    return `<Blob><Name>${name}</Name><Properties>${properties}</Properties></Blob>`;
  });
  return xml(
    200,
    `<EnumerationResults ServiceEndpoint="${request.url.origin}/" ContainerName="${container}"><Blobs>${blobs.join('')}</Blobs><NextMarker /></EnumerationResults>`,
  );
}

function getBlob(world: World, request: SandboxRequest, params: Params): SandboxResponse {
  const refusal = refused(world, request) ?? unknownContainer(params);
  if (refusal) return refusal;
  const blob = blobsOf(world, request).find((b) => b.name === params['name']);
  if (!blob) return failure(404, 'BlobNotFound', 'The specified blob does not exist.');
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

function unknownContainer(params: Params): SandboxResponse | undefined {
  return params['container'] === container
    ? undefined
    : failure(404, 'ContainerNotFound', 'The specified container does not exist.');
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
