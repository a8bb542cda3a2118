/**
 * What stands in the way of a build, where no client covers it: rights of the builds' identity and of goldbot, resource
 * providers, networks, locks, the staging group, terms. Quota and sizes are in compute/, policies in policy/.
 */
export { houseRead } from './house';
export { placesRead, subscriptionRead } from './places';
export { permissionOf, rightsRead } from './rights';
