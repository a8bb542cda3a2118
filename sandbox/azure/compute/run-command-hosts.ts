import type { Params, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key, notFound } from '../arm';
import { nestedParentNotFound } from './errors';
import { refused } from './gallery-shared';
import type { Resource } from './resource';
import { notReady } from './run-command-action';
import { compute } from './section';
import { findVm } from './vm-shared';
import { powerOf } from './vm-view';

/** A kind of machine that runs commands. */
export interface Host {
  readonly type: string;
  /** The path of one machine. */
  readonly path: string;
  id(params: Params): string;
  /** As the errors of Azure name it. */
  name(params: Params): string;
  find(world: World, id: string): Resource | undefined;
  missing(world: World, params: Params): SandboxResponse;
  /** The scope itself is not there. */
  refused(world: World, params: Params): SandboxResponse | undefined;
  notReady(world: World, machine: Resource): SandboxResponse | undefined;
  cannotDelete(world: World, machine: Resource): SandboxResponse | undefined;
  /** The instance view comes without being asked for. */
  readonly showsView: boolean;
}

const group = '/subscriptions/{subscriptionId}/resourceGroups/{group}/providers';
const groupOf = (p: Params): string => `/subscriptions/${p['subscriptionId']}/resourceGroups/${p['group']}/providers`;

const stopped = 'Cannot modify extensions in the VM when the VM is not running.';

const notRunning = (world: World, vm: Resource): SandboxResponse | undefined =>
  powerOf(world, vm) === 'running' ? undefined : armError(409, 'OperationNotAllowed', stopped);

const virtualMachines: Host = {
  type: 'Microsoft.Compute/virtualMachines',
  path: `${group}/Microsoft.Compute/virtualMachines/{vm}`,
  id: (params) => `${groupOf(params)}/Microsoft.Compute/virtualMachines/${params['vm']}`,
  name: (params) => params['vm'] ?? '',
  find: findVm,
  missing: (world, params) => refused(world, params) ?? nestedParentNotFound(params['vm'] ?? ''),
  refused,
  notReady: (world, vm) => notReady(world, vm, stopped),
  cannotDelete: notRunning,
  showsView: false,
};

const setType = 'Microsoft.Compute/virtualMachineScaleSets';
const kept = (world: World, id: string): Resource | undefined => compute(world).resources[key(id)];

/** Instances of uniform scale sets; those of flexible ones are virtual machines. */
const instances: Host = {
  type: `${setType}/virtualMachines`,
  path: `${group}/${setType}/{set}/virtualMachines/{instance}`,
  id: (params) => `${groupOf(params)}/${setType}/${params['set']}/virtualMachines/${params['instance']}`,
  name: (params) => `${params['set']}/virtualMachines/${params['instance']}`,
  find: kept,
  missing: (world, params) => {
    const set = `${groupOf(params)}/${setType}/${params['set']}`;
    const name = `${params['set']}/virtualMachines/${params['instance']}`;
    return refused(world, params) ?? nestedParentNotFound(kept(world, set) ? name : (params['set'] ?? ''));
  },
  refused,
  notReady: notRunning,
  cannotDelete: notRunning,
  showsView: false,
};

/** Machines outside Azure: only one whose agent is connected can be told anything. */
const arcMachines: Host = {
  type: 'Microsoft.HybridCompute/machines',
  path: `${group}/Microsoft.HybridCompute/machines/{machine}`,
  id: (params) => `${groupOf(params)}/Microsoft.HybridCompute/machines/${params['machine']}`,
  name: (params) => params['machine'] ?? '',
  find: kept,
  missing: (world, params) =>
    refused(world, params) ??
    notFound('Microsoft.HybridCompute/machines', params['machine'] ?? '', params['group'] ?? ''),
  refused,
  notReady: (_, { name, properties }) =>
    properties['status'] === 'Connected'
      ? undefined
      : armError(
          409,
          'HCRP409',
          `The machine '${name}' is not connected: its status is ${String(properties['status'])}.`,
        ),
  cannotDelete: () => undefined,
  showsView: true,
};

export const hosts: readonly Host[] = [virtualMachines, instances, arcMachines];

/** The kind of a machine, by its id. */
export function hostOf(id: string): Host | undefined {
  const types = /\/providers\/([^/]+)((?:\/[^/]+\/[^/]+)+)$/.exec(id);
  const [, namespace = '', rest = ''] = types ?? [];
  const type = [namespace, ...rest.split('/').filter((_, i) => i % 2 === 1)].join('/');
  return hosts.find((host) => key(host.type) === key(type));
}
