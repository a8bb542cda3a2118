/**
 * Azure VM Image Builder: templates, their builds and the logs of those.
 */
export { buildLogRead } from './build-log';
export { imageBuilderRead, imageBuilderWrite } from './templates';
