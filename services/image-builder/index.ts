/**
 * Azure VM Image Builder: templates with their builds (templates.ts), what is made of a version beside the gallery
 * (outputs.ts), the builds' logs (build-log.ts), and the triggers of templates that others made (triggers.ts).
 * services/index.ts turns them into the ports.
 */
export { buildLogRead } from './build-log';
export { distributionWrite, outputRead } from './outputs';
export { imageBuilderRead, imageBuilderWrite } from './templates';
export { triggerRead } from './triggers';
