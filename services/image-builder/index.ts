/**
 * Azure VM Image Builder: templates with their builds (templates.ts), what is made of a version beside the gallery
 * (outputs.ts) and the builds' logs (build-log.ts).
 * services/index.ts turns them into the ports.
 */
export { buildLogRead } from './build-log';
export { distributionWrite, outputRead } from './outputs';
export { imageBuilderRead, imageBuilderWrite } from './templates';
