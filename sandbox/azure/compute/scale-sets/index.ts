import type { Route } from '../../../kernel/types';
import type { World } from '../../../kernel/world';
import { registerAutomatic } from './automatic';
import { changeRoutes, registerChanges, registerScaled } from './change';
import { hookRoutes, registerHooks } from './hooks';
import { instanceRoutes, registerInstanceActions } from './instance-actions';
import { readRoutes } from './reads';
import { registerRolling } from './rolling';
import { findSet } from './sets';
import { registerUpgradeRoutes, upgradeRoutes } from './upgrade-routes';

/** Registers what becomes of scale sets over world time. */
export function registerScaleSets(world: World): void {
  registerRolling(world);
  registerAutomatic(world);
  registerHooks(world, (id) => findSet(world, id));
  registerChanges();
  registerScaled(world);
  registerInstanceActions();
  registerUpgradeRoutes();
}

/**
 * Scale sets: their models, their instances, and how the ones follow the others. The estate's are there from the
 * beginning; none is made or deleted here.
 */
export function scaleSetRoutes(world: World): Route[] {
  return [
    ...readRoutes(world),
    ...changeRoutes(world),
    ...instanceRoutes(world),
    ...upgradeRoutes(world),
    ...hookRoutes(world),
  ];
}
