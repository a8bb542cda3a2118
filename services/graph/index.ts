/**
 * Microsoft Graph: which groups somebody is in.
 */
export { graphDirectory } from './directory';
