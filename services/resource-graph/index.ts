/**
 * Azure Resource Graph: every query by name, and the inventory and compliance counts that come out of them.
 */
export { inventoryRead } from './inventory';
export { queries, resourceGraphRead, whole } from './queries';
export { remembered } from './remember';
