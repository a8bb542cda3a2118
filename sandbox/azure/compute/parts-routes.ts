import type { Params, Route, SandboxRequest, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key, notFound } from '../arm';
import { refused } from './gallery-shared';
import { onCompletion, startLro } from './lro';
import type { Resource } from './resource';
import { compute } from './section';

/** Disks and network cards: what comes with VMs, so that leaked ones can be seen and removed. */
const kinds = [
  { type: 'Microsoft.Compute/disks', busy: 'managedBy' },
  { type: 'Microsoft.Network/networkInterfaces', busy: 'virtualMachine' },
] as const;

type Kind = (typeof kinds)[number];

export function registerParts(): void {
  onCompletion('part.delete', (world, target, { outcome }) => {
    if (outcome === 'Succeeded') delete compute(world).resources[target];
    return undefined;
  });
}

export function partRoutes(world: World): Route[] {
  return kinds.flatMap((kind) => {
    const under = `/subscriptions/{subscriptionId}/resourceGroups/{group}/providers/${kind.type}`;
    return [
      {
        method: 'GET',
        path: `${under}/{name}`,
        handle: (_: SandboxRequest, params: Params) => get(world, kind, params),
      },
      {
        method: 'DELETE',
        path: `${under}/{name}`,
        handle: (request: SandboxRequest, params: Params) => remove(world, request, kind, params),
      },
      ...[under, `/subscriptions/{subscriptionId}/providers/${kind.type}`].map((path) => ({
        method: 'GET',
        path,
        handle: (_: SandboxRequest, params: Params) => list(world, kind, params),
      })),
    ];
  });
}

const idOf = (kind: Kind, params: Params): string =>
  `/subscriptions/${params['subscriptionId']}/resourceGroups/${params['group']}/providers/${kind.type}/${params['name']}`;

function get(world: World, kind: Kind, params: Params): SandboxResponse {
  const part = compute(world).resources[key(idOf(kind, params))];
  if (part) return { status: 200, headers: left(kind), body: part };
  return refused(world, params) ?? notFound(kind.type, params['name'] ?? '', params['group'] ?? '');
}

function list(world: World, kind: Kind, params: Params): SandboxResponse {
  const { subscriptionId, group } = params;
  const scope = key(`/subscriptions/${subscriptionId}/${group ? `resourceGroups/${group}/` : ''}`);
  const all = Object.entries(compute(world).resources);
  const value = all.filter(([id, r]) => r.type === kind.type && id.startsWith(scope)).map(([, r]) => r);
  return refused(world, params) ?? { status: 200, headers: left(kind), body: { value } };
}

/** Only disks belong to Microsoft.Compute and count against its quotas. */
function left({ type }: Kind): Record<string, string> {
  if (type !== 'Microsoft.Compute/disks') return {};
  return {
    'x-ms-ratelimit-remaining-resource':
      'Microsoft.Compute/LowCostGet3Min;14999,Microsoft.Compute/LowCostGet30Min;119999',
  };
}

function remove(world: World, request: SandboxRequest, kind: Kind, params: Params): SandboxResponse {
  const part = compute(world).resources[key(idOf(kind, params))];
  if (!part) return refused(world, params) ?? { status: 204 };
  if (part.managedBy ?? part.properties[kind.busy]) {
    const message = `'${part.name}' is attached to a VM and cannot be deleted while it is.`;
    return armError(409, kind.busy === 'managedBy' ? 'OperationNotAllowed' : 'NicInUse', message);
  }
  const busy = reservedFor(world, part) ?? stillGoing(part);
  if (busy) return busy;
  if (kind.busy === 'virtualMachine') part.properties['provisioningState'] = 'Deleting';
  const head = startLro(world, request, {
    subscriptionId: params['subscriptionId'] ?? '',
    location: part.location,
    style: 'operations',
    what: 'part.delete',
    target: key(part.id),
    endsAtMs: world.clock.nowMs() + 5_000,
  });
  return { status: 202, headers: head };
}

/** A network card stays reserved for its machine for a while after that is gone. */
function reservedFor(world: World, part: Resource): SandboxResponse | undefined {
  const reserved = compute(world).reserved?.[key(part.id)];
  if (!reserved || reserved.untilMs <= world.clock.nowMs()) return undefined;
  const message = `Nic(s) in request is reserved for another Virtual Machine for 180 seconds. Please provide another nic(s) or retry after 180 seconds. Reserved Nics: ${part.id}, VM: ${reserved.vmId}. See https://aka.ms/deletenic`;
  return armError(400, 'NicReservedForAnotherVm', message);
}

function stillGoing(part: Resource): SandboxResponse | undefined {
  if (part.properties['provisioningState'] !== 'Deleting') return undefined;
  const message = `Another operation on this or dependent resource is in progress: the deletion of ${part.id}. To retrieve its status, follow the URI of the operation.`;
  return armError(409, 'AnotherOperationInProgress', message);
}
