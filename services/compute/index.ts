/**
 * Microsoft.Compute: the gallery and the marketplace, test machines with their run commands, machines of teams with
 * their tags, what quota and sizes leave, what runs left behind, what copies cost, and the version for trials. services/index.ts turns them into the ports.
 */
export { capacityRead } from './capacity';
export { copyWrite } from './copies';
export { definitionRead } from './definitions';
export { galleryRead, galleryWrite } from './gallery';
export { leftoverRead } from './leftovers';
export { machineRead, machineWrite } from './machines';
export { managedImageRead } from './managed-images';
export { marketplaceRead } from './marketplace';
export { pricesRead } from './prices';
export { remainsRead } from './remains';
export { commandRead, commandWrite } from './run-commands';
export { scaleSetRead, scaleSetWrite } from './scale-sets';
export { softDeletedRead, softDeletedWrite } from './soft-deleted';
export { sourceRead } from './sources';
export { testMachineRead, testMachineWrite } from './test-machines';
export { trialRead, trialWrite } from './trials';
