import { entraRoutes } from '../entra/graph';
import type { Sandbox } from '../kernel/sandbox';
import type { Route } from '../kernel/types';
import type { World } from '../kernel/world';
import { key, Operations } from './arm';
import {
  authorizationRoutes,
  narrowedToReadable,
  onlyVisibleSubscriptions,
  rbacRoutes,
  registerSchedules,
  tokenRefusal,
  unauthorized,
} from './authorization';
import { authorization } from './authorization/section';
import { blobRoutes } from './blobs';
import { computeRoutes, registerCompute } from './compute';
import { versionsOf } from './compute/gallery-latest';
import { createVersionFromBuild } from './compute/gallery-versions';
import { groupRoutes, registerGroups } from './compute/group-routes';
import { createImageFromBuild } from './compute/managed-images';
import { compute } from './compute/section';
import { tagRefusal } from './compute/tags';
import { inUse } from './compute/usage';
import { findVm } from './compute/vm-shared';
import { conditionRoutes } from './conditions';
import { seedGuests, vmGuest } from './estate/guests';
import { ArmFront, type Check, type FrontOptions } from './front';
import { guestControlRoutes } from './guest/control';
import type { Guest } from './guest/guest';
import { guestConfigurationRoutes } from './guest-configuration';
import { identityRefusal, identityRoutes } from './identities';
import { imageBuilderRoutes, registerImageBuilder } from './image-builder';
import { keyVaultRoutes } from './key-vault';
import { locked, lockRoutes } from './locks';
import { agreementRoutes } from './marketplace/agreements';
import { marketplaceRoutes } from './marketplace/routes';
import { networkRoutes } from './networks';
import { disallowed, policyRoutes } from './policy';
import { policies } from './policy/section';
import { noteChange, policyInsightsRoutes, registerRemediations } from './policy-insights';
import { priceRoutes } from './prices';
import { providerRoutes } from './providers';
import { type ResourceGraphOptions, resourceGraphRoutes } from './resource-graph';
import { gatewayTimeout, standingRefusal } from './standing';
import { supportedVersions } from './versions';

export interface AzureOptions extends FrontOptions {
  readonly resourceGraph?: ResourceGraphOptions;
}

/** Registers everything that the azure face answers; once per sandbox, before its first request. */
export function addAzureFace(sandbox: Sandbox, options: AzureOptions = {}): void {
  const { world } = sandbox;
  registerCompute(world);
  registerGroups(world);
  registerSchedules(world);
  registerRemediations(world);
  registerImageBuilder(world, {
    createVersion: createVersionFromBuild,
    createImage: createImageFromBuild,
    listVersions: (w, imageId) => versionsOf(w, imageId).map(({ name }) => name),
    definitionExists: (w, imageId) => compute(w).resources[key(imageId)] !== undefined,
  });
  const graph = { ...(options.machine && { machine: options.machine }), ...options.resourceGraph };
  const routes = [
    ...computeRoutes(world),
    ...imageBuilderRoutes(world, new Operations(world)),
    ...marketplaceRoutes(world),
    ...agreementRoutes(world),
    ...[...networkRoutes(world), ...providerRoutes(world), ...blobRoutes(world)],
    ...onlyVisibleSubscriptions(world, groupRoutes(world)),
    ...narrowedToReadable(world, resourceGraphRoutes(world, graph)),
    ...authorizationRoutes(world),
    ...lockRoutes(world),
    ...identityRoutes(world),
    ...keyVaultRoutes(world),
    ...priceRoutes(world),
    ...policyRoutes(world),
    ...policyInsightsRoutes(world),
    ...guestConfigurationRoutes(world),
    ...entraRoutes(world),
  ];
  const control = [
    ...guestControlRoutes(world, { vmGuest: guestOfVm }),
    ...conditionRoutes(world, inUse),
    ...rbacRoutes(world),
  ];
  sandbox.add(
    'azure',
    withEstate(world, [
      ...new ArmFront(options, checksOf(world, options), (request) => gatewayTimeout(world, request)).guard(
        routes,
        supportedVersions,
      ),
      ...control,
    ]),
  );
  sandbox.add('teams', withEstate(world, control));
  beginEstate(world);
}

/** What ARM itself looks at before a provider does, in this order. */
function checksOf(world: World, { machine = Date.now }: AzureOptions): readonly Check[] {
  return [
    (request) => tokenRefusal(world, request, machine()) ?? unauthorized(world, request),
    (request) => standingRefusal(world, request) ?? locked(world, request) ?? tagRefusal(request),
    (request) => disallowed(world, request) ?? identityRefusal(world, request),
    (request) => noteChange(world, request),
  ];
}

/** What the story dates from the world's beginning exists from then on, not from the first question about it. */
function beginEstate(world: World): void {
  seedGuests(world);
  policies(world);
  authorization(world);
}

/** The guest that a VM has or would have, whether or not anything ever ran in it. */
function guestOfVm(world: World, id: string): Guest | undefined {
  const vm = findVm(world, id);
  return vm && vmGuest(world, vm);
}

/** A reset removes the guests of the estate's versions: they are put back before anybody asks. */
function withEstate(world: World, routes: readonly Route[]): Route[] {
  return routes.map((route) => ({
    ...route,
    handle: (request, params) => {
      beginEstate(world);
      return route.handle(request, params);
    },
  }));
}
