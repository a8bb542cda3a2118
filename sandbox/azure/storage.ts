import type { Params, Route, SandboxRequest, SandboxResponse } from '../kernel/types';
import type { World } from '../kernel/world';
import { armError, key, notFound } from './arm';
import { type Access, may } from './authorization';
import type { Caller } from './authorization/names';
import { scopeError } from './compute/groups';
import { type JsonObject, object, type Resource, text } from './compute/resource';
import { condition } from './conditions';
import { accountType } from './image-builder/staging';
import {
  auditContainer,
  galleryResourceGroup,
  location,
  outputsAccount,
  outputsContainer,
  platformSubscription,
} from './names';

/**
 * The storage accounts of the estate itself: their containers, and the disks that somebody put there. A disk has its
 * length and its date; what is in it is not kept.
 */
interface StorageSection {
  /** `account/container` in lower case. */
  containers: string[];
  /** By `account/container/name`. */
  disks: Record<string, Disk>;
  /** What is in blobs that are no disks, by `account/container/name`; absent in worlds of earlier versions. */
  texts?: Record<string, Text>;
  /** Days for which a container keeps what is in it, by `account/container`. */
  kept?: Record<string, number>;
  /** Those that somebody made, by name; absent in worlds of earlier versions. */
  accounts?: Record<string, Resource>;
  /** Settings of their blob services, by the account's name. */
  services?: Record<string, JsonObject>;
}

export interface Disk {
  readonly bytes: number;
  /** World time, ISO 8601. */
  readonly modified: string;
}

interface Text {
  readonly content: string;
  /** World time, ISO 8601. */
  readonly modified: string;
}

const storage = (world: World): StorageSection =>
  world.section<StorageSection>('storage', () => ({
    containers: world.isEmpty ? [] : [outputsContainer, auditContainer].map((name) => `${outputsAccount}/${name}`),
    disks: {},
  }));

const ownAccounts: readonly Resource[] = [
  {
    sku: { name: 'Standard_LRS', tier: 'Standard' },
    kind: 'StorageV2',
    id: `/subscriptions/${platformSubscription}/resourceGroups/${galleryResourceGroup}/providers/${accountType}/${outputsAccount}`,
    name: outputsAccount,
    type: accountType,
    location,
    tags: {},
    properties: {
      provisioningState: 'Succeeded',
      primaryEndpoints: { blob: `https://${outputsAccount}.blob.core.windows.net/` },
    },
  },
];

const allAccounts = (world: World): readonly Resource[] => [
  ...(world.isEmpty ? [] : ownAccounts),
  ...Object.values(storage(world).accounts ?? {}),
];

export const ownAccountsIn = (world: World, group: string): readonly Resource[] =>
  allAccounts(world).filter(({ id }) => key(id).startsWith(`${key(group)}/`));

export const ownAccount = (world: World, name: string): Resource | undefined =>
  allAccounts(world).find((a) => a.name === key(name));

export const hasContainer = (world: World, account: string, container: string): boolean =>
  storage(world).containers.includes(key(`${account}/${container}`));

/** The disks of a container, by name. */
export function disksIn(world: World, account: string, container: string): ReadonlyMap<string, Disk> {
  const prefix = `${key(account)}/${container}/`;
  const found = Object.entries(storage(world).disks).filter(([path]) => path.startsWith(prefix));
  return new Map(found.map(([path, disk]) => [path.slice(prefix.length), disk]));
}

export function putDisk(world: World, path: string, bytes: number): void {
  storage(world).disks[path] = { bytes, modified: world.clock.now().toISOString() };
}

/** False when there was none. */
export function removeDisk(world: World, path: string): boolean {
  const { disks } = storage(world);
  const was = disks[path] !== undefined;
  delete disks[path];
  return was;
}

export function textsIn(world: World, account: string, container: string): ReadonlyMap<string, Text> {
  const prefix = `${key(account)}/${container}/`;
  const found = Object.entries(storage(world).texts ?? {}).filter(([path]) => path.startsWith(prefix));
  return new Map(found.map(([path, text]) => [path.slice(prefix.length), text]));
}

export function putText(world: World, path: string, content: string): void {
  const section = storage(world);
  section.texts = { ...section.texts, [path]: { content, modified: world.clock.now().toISOString() } };
}

export function removeText(world: World, path: string): boolean {
  const { [path]: found, ...others } = storage(world).texts ?? {};
  storage(world).texts = others;
  return found !== undefined;
}

/** Whether a time-based policy of its container keeps a blob as it is, by the time at which it was made. */
export function isKept(world: World, container: string, { modified }: Text): boolean {
  const days = storage(world).kept?.[container] ?? 0;
  return world.clock.nowMs() < Date.parse(modified) + days * 86_400_000;
}

const containers = 'Microsoft.Storage/storageAccounts/blobServices/containers';

/** What Blob Storage refuses, as other services quote it. */
export interface StorageRefusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

const address = /^https:\/\/([^./]+)\.blob\.core\.windows\.net\/([^/?]+)\/([^?]+)$/i;

/**
 * Writes a disk to an address as somebody, over the public network. Answers with why not; a host that nobody has is no
 * refusal of Blob Storage.
 *
 * @throws Error when no account has that name.
 */
export function writeDisk(world: World, caller: Caller, { uri, bytes }: { uri: string; bytes: number }) {
  const [, account = '', container = '', name = ''] = address.exec(uri) ?? [];
  const resource = ownAccount(world, account);
  if (!resource) throw new Error(`dial tcp: lookup ${new URL(uri).hostname}: no such host`);
  const write: Access = {
    action: `${containers}/blobs/write`,
    scope: containerScope(resource, container),
    isData: true,
  };
  const refusal = closed(world, account) ?? (may(world, caller, write) ? undefined : mismatch);
  if (refusal) return refusal;
  if (!hasContainer(world, account, container)) return noContainer;
  putDisk(world, `${key(account)}/${container}/${name}`, bytes);
  return undefined;
}

export const containerScope = ({ id }: Resource, container: string): string =>
  `${id}/blobServices/default/containers/${container}`;

const closed = (world: World, account: string): StorageRefusal | undefined =>
  condition(world, 'storage', { account })['publicNetworkAccess'] === 'Disabled'
    ? {
        status: 403,
        code: 'AuthorizationFailure',
        message: 'This request is not authorized to perform this operation.',
      }
    : undefined;

export const mismatch: StorageRefusal = {
  status: 403,
  code: 'AuthorizationPermissionMismatch',
  message: 'This request is not authorized to perform this operation using this permission.',
};
export const noContainer: StorageRefusal = {
  status: 404,
  code: 'ContainerNotFound',
  message: 'The specified container does not exist.',
};

/**
 * Accounts, as Azure Resource Manager makes them, and their containers. Who comes by which network is not played: only the
 * condition `storage` shuts one.
 */
export function accountRoutes(world: World): Route[] {
  const account = `/subscriptions/{subscriptionId}/resourceGroups/{group}/providers/${accountType}/{account}`;
  const service = `${account}/blobServices/default`;
  const path = `${service}/containers/{container}`;
  const on =
    (act: (request: SandboxRequest, names: Required<Params>) => SandboxResponse) =>
    (request: SandboxRequest, params: Params) => {
      const missing = ownAccount(world, params['account'] ?? '')
        ? undefined
        : notFound(accountType, params['account'] ?? '', params['group'] ?? '');
      const absent = scopeError(world, params['subscriptionId'] ?? '', params['group']) ?? missing;
      return absent ?? act(request, params as Required<Params>);
    };
  return [
    {
      method: 'PUT',
      path: account,
      handle: (request, params) => putAccount(world, request, params as Required<Params>),
    },
    { method: 'GET', path: service, handle: on((_, names) => getService(world, names)) },
    { method: 'PUT', path: service, handle: on((request, names) => putService(world, request, names)) },
    { method: 'GET', path, handle: on((_, names) => getContainer(world, names)) },
    { method: 'PUT', path, handle: on((_, names) => putContainer(world, names)) },
    { method: 'DELETE', path, handle: on((_, names) => deleteContainer(world, names)) },
    {
      method: 'PUT',
      path: `${path}/immutabilityPolicies/default`,
      handle: on((request, names) => putPolicy(world, request, names)),
    },
  ];
}

/** Azure takes a moment for a new one (202); here it is there at once. */
function putAccount(world: World, { body }: SandboxRequest, names: Params): SandboxResponse {
  const { subscriptionId = '', group = '', account = '' } = names;
  const refused = scopeError(world, subscriptionId, group) ?? misnamed(account);
  if (refused) return refused;
  const id = `/subscriptions/${subscriptionId}/resourceGroups/${group}/providers/${accountType}/${account}`;
  const there = ownAccount(world, account);
  if (there && key(there.id) !== key(id)) {
    return armError(409, 'StorageAccountAlreadyTaken', `The storage account named ${account} is already taken.`);
  }
  const { sku, kind, location: where, tags, properties } = object(body);
  const region = text(where);
  if (region === undefined) {
    return armError(400, 'LocationRequired', 'The location property is required for this definition.');
  }
  const made: Resource = {
    ...{ id, name: account, type: accountType, location: region, kind: text(kind) ?? 'StorageV2', sku: object(sku) },
    tags: object(tags) as Record<string, string>,
    properties: {
      ...object(properties),
      provisioningState: 'Succeeded',
      primaryEndpoints: { blob: `https://${account}.blob.core.windows.net/` },
    },
  };
  const section = storage(world);
  section.accounts = { ...section.accounts, [account]: made };
  return { status: 200, body: made };
}

function misnamed(account: string): SandboxResponse | undefined {
  if (/^[a-z0-9]{3,24}$/.test(account)) return undefined;
  const message = `${account} is not a valid storage account name. Storage account name must be between 3 and 24 characters in length and use numbers and lower-case letters only.`;
  return armError(400, 'AccountNameInvalid', message);
}

function getService(world: World, { account = '' }: Params): SandboxResponse {
  const type = `${accountType}/blobServices`;
  const id = `${ownAccount(world, account)?.id}/blobServices/default`;
  const properties = { ...storage(world).services?.[key(account)] };
  return { status: 200, body: { id, name: 'default', type, properties } };
}

function putService(world: World, { body }: SandboxRequest, names: Params): SandboxResponse {
  const section = storage(world);
  section.services = { ...section.services, [key(names['account'] ?? '')]: object(object(body)['properties']) };
  return getService(world, names);
}

const nameOf = ({ account, container }: Params): string => key(`${account}/${container}`);

function getContainer(world: World, names: Params): SandboxResponse {
  const { account = '', container = '' } = names;
  if (!hasContainer(world, account, container)) {
    return armError(404, 'ContainerNotFound', noContainer.message);
  }
  const resource = ownAccount(world, account);
  const id = resource ? containerScope(resource, container) : '';
  return { status: 200, body: { id, name: container, type: containers, properties: { publicAccess: 'None' } } };
}

function putContainer(world: World, names: Params): SandboxResponse {
  const { containers: all } = storage(world);
  const isNew = !all.includes(nameOf(names));
  if (isNew) all.push(nameOf(names));
  return { ...getContainer(world, names), status: isNew ? 201 : 200 };
}

/** A policy on time: Azure has it unlocked at first, which holds as well until somebody takes it away. */
function putPolicy(world: World, { body }: SandboxRequest, names: Params): SandboxResponse {
  const absent = getContainer(world, names);
  if (absent.status !== 200) return absent;
  const days = Number(object(object(body)['properties'])['immutabilityPeriodSinceCreationInDays']);
  if (!(days >= 1 && days <= 146_000)) {
    return armError(
      400,
      'InvalidRequestPropertyValue',
      'The value for immutabilityPeriodSinceCreationInDays is invalid.',
    );
  }
  const section = storage(world);
  section.kept = { ...section.kept, [nameOf(names)]: days };
  const { id } = absent.body as { id: string };
  const properties = { immutabilityPeriodSinceCreationInDays: days, state: 'Unlocked' };
  const type = `${containers}/immutabilityPolicies`;
  return { status: 200, body: { id: `${id}/immutabilityPolicies/default`, name: 'default', type, properties } };
}

/** With all that is in it; 204 when there is none. */
function deleteContainer(world: World, names: Params): SandboxResponse {
  const section = storage(world);
  if (!section.containers.includes(nameOf(names))) return { status: 204 };
  const { account = '', container = '' } = names;
  if ([...textsIn(world, account, container).values()].some((text) => isKept(world, nameOf(names), text))) {
    const message = `The storage container ${container} is protected from deletion due to ImmutabilityPolicy.`;
    return armError(409, 'ContainerImmutableStorageProtectedFromDeletion', message);
  }
  section.containers = section.containers.filter((name) => name !== nameOf(names));
  for (const path of Object.keys(section.disks)) {
    if (path.startsWith(`${nameOf(names)}/`)) delete section.disks[path];
  }
  return { status: 200 };
}
