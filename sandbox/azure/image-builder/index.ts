import type { LroFault, Route } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { Operations } from '../arm';
import type { Denial } from '../policy/refusal';
import { resourceType } from './admission';
import { containerRoutes } from './containers';
import type { ImageBuilderHooks } from './distribute';
import { deploymentFailed } from './outcome';
import { type ProvisioningError, preparesForEver, provision } from './provisioning';
import { identityProblem } from './rights';
import { registerRuns, startRun } from './runs';
import { findTemplate, listOf, objectOf, type Template, templates } from './section';
import { createStaging, heldStaging, removeStaging } from './staging';
import { ImageTemplates } from './templates';
import { registerTriggers, triggerRoutes } from './triggers';
import { withChecksums } from './view';

export type { GalleryVersionInput, ImageBuilderHooks } from './distribute';

type TemplateEvent = { template: string; operation: string; fault: LroFault | null };

/** Registers how templates are provisioned, run and deleted; once per world, before its first `settle`. */
export function registerImageBuilder(world: World, hooks: ImageBuilderHooks): void {
  registerRuns(world, hooks);
  registerTriggers(world);
  world.on<TemplateEvent>('imageBuilder.provisioned', ({ template: id, operation, fault }, atMs) => {
    const template = findTemplate(world, id);
    if (template?.properties['provisioningState'] !== 'Creating' || preparesForEver(world, template)) return;
    const autoRuns = objectOf(template.properties['autoRun'])['state'] === 'Enabled';
    const error =
      !autoRuns && (fault === 'failed' || fault === 'canceled') ? serverError : resolve(world, template, hooks, atMs);
    if (error) {
      const { provisioningErrorCode, message, code = provisioningErrorCode } = error;
      const provisioningError = { provisioningErrorCode, message };
      Object.assign(template.properties, { provisioningState: 'Failed', provisioningError });
      new Operations(world).end(operation, 'Failed', atMs, { code, message });
      return;
    }
    template.properties['provisioningState'] = 'Succeeded';
    new Operations(world).end(operation, 'Succeeded', atMs);
    if (autoRuns) startRun(world, template, { atMs, ...(fault && { fault }) });
  });
  world.on<TemplateEvent>('imageBuilder.deleted', ({ template: id, operation, fault }, atMs) => {
    const template = findTemplate(world, id);
    if (!template) return;
    if (fault === 'failed' || fault === 'canceled') {
      template.properties['provisioningState'] = 'Failed';
      new Operations(world).end(operation, fault === 'failed' ? 'Failed' : 'Canceled', atMs, {
        code: 'InternalOperationError',
        message: 'Internal error occurred.',
      });
      return;
    }
    const unusable = identityProblem(world, template);
    const held = heldStaging(world, template) ?? (unusable && { code: 'ManagedIdentityUnusable', message: unusable });
    if (held) {
      const provisioningError = { provisioningErrorCode: held.code, message: held.message };
      Object.assign(template.properties, { provisioningState: 'Failed', provisioningError });
      new Operations(world).end(operation, 'Failed', atMs, held);
      return;
    }
    removeStaging(world, template);
    delete templates(world)[id];
    new Operations(world).end(operation, 'Succeeded', atMs);
  });
}

const serverError: ProvisioningError = { provisioningErrorCode: 'ServerError', message: 'Internal error occurred.' };

/** Fills in what provisioning finds out, or returns why it fails. */
function resolve(world: World, template: Template, hooks: ImageBuilderHooks, atMs: number) {
  const found = provision(world, template, hooks, atMs);
  if ('error' in found) return found.error;
  const denial = createStaging(world, template);
  if (denial) return invalidDeployment(denial);
  const { properties } = template;
  const source = objectOf(properties['source']);
  if (source['type'] !== 'ManagedImage') properties['source'] = { ...source, exactVersion: found.exactVersion };
  if (properties['customize']) properties['customize'] = withChecksums(listOf(properties['customize']));
  return undefined;
}

/** The code was seen on the operation; the template's own is not known. */
function invalidDeployment(denial: Denial): ProvisioningError {
  return { provisioningErrorCode: 'Other', code: 'InvalidTemplateDeployment', message: deploymentFailed(denial) };
}

/** Microsoft.VirtualMachineImages: image templates, their runs, outputs, triggers and operations. */
export function imageBuilderRoutes(world: World, operations: Operations): Route[] {
  const templatesOf = new ImageTemplates(world, operations);
  const subscription = '/subscriptions/{subscriptionId}';
  const group = `${subscription}/resourceGroups/{resourceGroup}/providers/${resourceType}`;
  const one = `${group}/{template}`;
  return [
    { method: 'GET', path: `${subscription}/providers/${resourceType}`, handle: (_, p) => templatesOf.list(p) },
    { method: 'GET', path: group, handle: (_, p) => templatesOf.list(p) },
    { method: 'PUT', path: one, handle: (request, p) => templatesOf.put(request, p) },
    { method: 'GET', path: one, handle: (_, p) => templatesOf.get(p) },
    { method: 'PATCH', path: one, handle: (request, p) => templatesOf.patch(request, p) },
    { method: 'DELETE', path: one, handle: (request, p) => templatesOf.delete(request, p) },
    { method: 'POST', path: `${one}/run`, handle: (request, p) => templatesOf.run(request, p) },
    { method: 'POST', path: `${one}/cancel`, handle: (r, p) => templatesOf.cancel(r, p) },
    ...triggerRoutes(world, operations, one),
    ...containerRoutes(world),
    { method: 'GET', path: `${one}/runOutputs`, handle: (_, p) => templatesOf.outputs(p) },
    { method: 'GET', path: `${one}/runOutputs/{output}`, handle: (_, p) => templatesOf.output(p) },
    {
      method: 'GET',
      path: `${subscription}/providers/Microsoft.VirtualMachineImages/locations/{location}/operations/{operationId}`,
      handle: (_, p) => operations.poll(p),
    },
  ];
}
