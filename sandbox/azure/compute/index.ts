import type { Route } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { capacityRoutes } from './capacity-routes';
import { galleryRoutes, registerGalleries } from './galleries';
import { galleryImageRoutes, registerGalleryImages } from './gallery-images';
import { registerSoftDelete, softDeleteRoutes } from './gallery-soft-delete';
import { galleryVersionRoutes } from './gallery-version-routes';
import { registerGalleryVersions } from './gallery-versions';
import { operationRoutes, registerLro } from './lro';
import { managedImageRoutes, registerManagedImages } from './managed-images';
import { partRoutes, registerParts } from './parts-routes';
import { registerRunCommand, runCommandRoutes } from './run-command-action';
import { managedRunCommandRoutes, registerManagedRunCommands } from './run-commands';

import { registerScaleSets, scaleSetRoutes } from './scale-sets';
import { sharedGalleryRoutes } from './shared-galleries';
import { tagRoutes } from './tags';
import { registerPower, vmPowerRoutes } from './vm-power';
import { vmRoutes } from './vm-routes';
import { registerVms } from './vms';

/** Registers what Microsoft.Compute does over world time; once per world, before its first `settle`. */
export function registerCompute(world: World): void {
  registerLro(world);
  registerGalleries();
  registerGalleryImages();
  registerGalleryVersions(world);
  registerSoftDelete(world);
  registerScaleSets(world);
  registerManagedImages();
  registerVms();
  registerPower();
  registerParts();
  registerRunCommand();
  registerManagedRunCommands(world);
}

/** Microsoft.Compute: galleries and what they share, managed images, VMs, run commands, scale sets, disks; and the network cards of VMs. */
export function computeRoutes(world: World): Route[] {
  return [
    ...operationRoutes(world),
    ...capacityRoutes(world),
    ...galleryVersionRoutes(world),
    ...galleryImageRoutes(world),
    ...galleryRoutes(world),
    ...softDeleteRoutes(world),
    ...sharedGalleryRoutes(world),
    ...managedImageRoutes(world),
    ...managedRunCommandRoutes(world),
    ...runCommandRoutes(world),
    ...vmPowerRoutes(world),
    ...vmRoutes(world),
    ...scaleSetRoutes(world),
    ...partRoutes(world),
    ...tagRoutes(world),
  ];
}
