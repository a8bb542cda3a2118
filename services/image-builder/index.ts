/**
 * Azure VM Image Builder: templates with their builds (templates.ts) and the builds' logs (build-log.ts).
 * services/index.ts makes the ports of it.
 */
export { buildLogRead } from './build-log';
export { imageBuilderRead, imageBuilderWrite } from './templates';
