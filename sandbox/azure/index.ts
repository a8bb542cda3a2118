import { entraRoutes } from '../entra/graph';
import type { Sandbox } from '../kernel/sandbox';
import type { Route } from '../kernel/types';
import { computeRoutes, registerCompute } from './compute';
import { groupRoutes } from './compute/group-routes';
import { seedGuests } from './estate/guests';
import { ArmFront, type FrontOptions } from './front';
import { type ResourceGraphOptions, resourceGraphRoutes } from './resource-graph';
import { supportedVersions } from './versions';

export interface AzureOptions extends FrontOptions {
  readonly resourceGraph?: ResourceGraphOptions;
}

/** Registers everything that answers on the azure face; once per sandbox, before its first request. */
export function addAzureFace(sandbox: Sandbox, options: AzureOptions = {}): void {
  const { world } = sandbox;
  registerCompute(world);
  const graph = { ...(options.machine && { machine: options.machine }), ...options.resourceGraph };
  const routes = [
    ...computeRoutes(world),
    ...groupRoutes(world),
    ...resourceGraphRoutes(world, graph),
    ...entraRoutes(world),
  ];
  const front = new ArmFront(options);
  sandbox.add(
    'azure',
    front.guard(routes, supportedVersions).map((route) => withEstate(sandbox, route)),
  );
  seedGuests(world);
}

/** A reset takes the guests of the estate's versions along: they are put back before anybody asks. */
function withEstate({ world }: Sandbox, route: Route): Route {
  return {
    ...route,
    handle: (request, params) => {
      seedGuests(world);
      return route.handle(request, params);
    },
  };
}
