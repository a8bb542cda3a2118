/**
 * Azure VM Image Builder: templates with their builds (templates.ts) and the builds' logs (build-log.ts).
 * services/index.ts turns them into the ports.
 */
export { buildLogRead } from './build-log';
export { imageBuilderRead, imageBuilderWrite } from './templates';
