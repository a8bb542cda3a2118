/**
 * Microsoft.Compute: gallery, marketplace, virtual machines, run commands, and what a run left behind.
 */
export { galleryRead, galleryWrite } from './gallery';
export { guestCommandWrite } from './guest-commands';
export { leftoverRead } from './leftovers';
export { machineTagRead, machineTagWrite } from './machine-tags';
export { machineRead } from './machines';
export { marketplaceRead } from './marketplace';
export { virtualMachineRead, virtualMachineWrite } from './virtual-machines';
