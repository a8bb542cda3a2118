import type { Params, Route, SandboxRequest, SandboxResponse } from '../kernel/types';
import type { World } from '../kernel/world';
import { armError, key, notFound } from './arm';
import { type Access, may } from './authorization';
import type { Caller } from './authorization/names';
import { scopeError } from './compute/groups';
import type { Resource } from './compute/resource';
import { condition } from './conditions';
import { accountType } from './image-builder/staging';
import { galleryResourceGroup, location, outputsAccount, outputsContainer, platformSubscription } from './names';

/**
 * The storage accounts of the estate itself: their containers, and the disks that somebody put there. A disk has its
 * length and its date; what is in it is not kept.
 */
interface StorageSection {
  /** `account/container` in lower case. */
  containers: string[];
  /** By `account/container/name`. */
  disks: Record<string, Disk>;
}

export interface Disk {
  readonly bytes: number;
  /** World time, ISO 8601. */
  readonly modified: string;
}

const storage = (world: World): StorageSection =>
  world.section<StorageSection>('storage', () => ({
    containers: world.isEmpty ? [] : [`${outputsAccount}/${outputsContainer}`],
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

export const ownAccountsIn = (world: World, group: string): readonly Resource[] =>
  world.isEmpty ? [] : ownAccounts.filter(({ id }) => key(id).startsWith(`${key(group)}/`));

export const ownAccount = (world: World, name: string): Resource | undefined =>
  world.isEmpty ? undefined : ownAccounts.find((a) => a.name === key(name));

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

/** Containers of the estate's accounts, as Azure Resource Manager makes and deletes them. */
export function containerRoutes(world: World): Route[] {
  const path = `/subscriptions/{subscriptionId}/resourceGroups/{group}/providers/${accountType}/{account}/blobServices/default/containers/{container}`;
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
    { method: 'GET', path, handle: on((_, names) => getContainer(world, names)) },
    { method: 'PUT', path, handle: on((_, names) => putContainer(world, names)) },
    { method: 'DELETE', path, handle: on((_, names) => deleteContainer(world, names)) },
  ];
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

/** With all that is in it; 204 when there is none. */
function deleteContainer(world: World, names: Params): SandboxResponse {
  const section = storage(world);
  if (!section.containers.includes(nameOf(names))) return { status: 204 };
  section.containers = section.containers.filter((name) => name !== nameOf(names));
  for (const path of Object.keys(section.disks)) {
    if (path.startsWith(`${nameOf(names)}/`)) delete section.disks[path];
  }
  return { status: 200 };
}
