import type { Params, Route, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key, notFound } from '../arm';
import { scopeError } from '../compute/groups';
import type { Resource } from '../compute/resource';
import { compute } from '../compute/section';
import { findVm } from '../compute/vm-shared';
import { syntheticNumber } from '../estate/synthetic';
import {
  assignable,
  assignmentsOf,
  assignmentType,
  type GuestAssignment,
  isAssignable,
  reportId,
  reportOf,
  resourceOf,
} from './assignments';
import { syntheticAssignmentsOf } from './synthetic';

const under = `providers/${assignmentType}`;
const groupPath = '/subscriptions/{subscriptionId}/resourceGroups/{group}';
const types = ['Microsoft.Compute/virtualMachines', 'Microsoft.HybridCompute/machines'] as const;

/** Guest configuration assignments of VMs and Arc machines, with their latest reports; read-only. */
export function guestConfigurationRoutes(world: World): Route[] {
  return [
    ...types.flatMap((type) => machineRoutes(world, type)),
    { method: 'GET', path: `/subscriptions/{subscriptionId}/${under}`, handle: (_, params) => listed(world, params) },
    { method: 'GET', path: `${groupPath}/${under}`, handle: (_, params) => listed(world, params) },
  ];
}

function machineRoutes(world: World, type: string): Route[] {
  const base = `${groupPath}/providers/${type}/{machine}/${under}`;
  const get = (path: string, answer: (all: readonly GuestAssignment[], params: Params) => SandboxResponse): Route => ({
    method: 'GET',
    path,
    handle: (_, params) => {
      const { subscriptionId = '', group = '', machine: name = '' } = params;
      const machine = machineNamed(
        world,
        `/subscriptions/${subscriptionId}/resourceGroups/${group}/providers/${type}/${name}`,
      );
      if (machine) return answer(assignmentsOfMachine(world, machine), params);
      return scopeError(world, subscriptionId, group) ?? notFound(type, name, group);
    },
  });
  return [
    get(base, (all) => ({ status: 200, body: { value: all.map(resourceOf) } })),
    get(`${base}/{assignment}`, (all, params) =>
      one(all, params, (found) => ({ status: 200, body: resourceOf(found) })),
    ),
    get(`${base}/{assignment}/reports`, (all, params) =>
      one(all, params, (found) => ({ status: 200, body: { value: reports(found) } })),
    ),
    get(`${base}/{assignment}/reports/{report}`, (all, params) =>
      one(all, params, (found) => {
        const [report] = reportId(found) === key(params['report'] ?? '') ? reports(found) : [];
        return report ? { status: 200, body: report } : missing('report', params['report']);
      }),
    ),
  ];
}

const machineNamed = (world: World, id: string): Resource | undefined =>
  compute(world).resources[key(id)] ?? findVm(world, id);

function assignmentsOfMachine(world: World, machine: Resource): GuestAssignment[] {
  const { seed, resources } = compute(world);
  const n = seed && !resources[key(machine.id)] ? syntheticNumber(seed, machine.id) : undefined;
  if (n !== undefined) return syntheticAssignmentsOf(n, machine, world.clock.nowMs());
  return isAssignable(machine) ? assignmentsOf(world, machine) : [];
}

function one(
  all: readonly GuestAssignment[],
  { assignment = '' }: Params,
  answer: (found: GuestAssignment) => SandboxResponse,
): SandboxResponse {
  const found = all.find(({ configuration }) => key(configuration.name) === key(assignment));
  return found ? answer(found) : missing('guest configuration assignment', assignment);
}

const missing = (what: string, name = ''): SandboxResponse =>
  armError(404, 'ResourceNotFound', `The ${what} '${name}' could not be found.`);

const reports = (found: GuestAssignment) => (found.checkedMs === undefined ? [] : [reportOf(found, found.checkedMs)]);

/** Live machines of a subscription or group; query those of a synthetic estate singly or in Resource Graph. */
function listed(world: World, { subscriptionId = '', group }: Params): SandboxResponse {
  const refused = scopeError(world, subscriptionId, group);
  if (refused) return refused;
  const scope = key(`/subscriptions/${subscriptionId}/${group === undefined ? '' : `resourceGroups/${group}/`}`);
  const value = assignable(world)
    .filter(({ id }) => key(id).startsWith(scope))
    .flatMap((machine) => assignmentsOf(world, machine).map(resourceOf));
  return { status: 200, body: { value } };
}
