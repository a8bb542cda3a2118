import type { SandboxResponse } from '../../kernel/types';
import { armError } from '../arm';
import { resourceType } from './admission';
import { isRunning, type Template, textOf } from './section';

type Action = 'write' | 'delete' | 'run/action' | 'cancel/action';

/**
 * What the state of a template forbids, or undefined. Code, wording and the unusual 405 are what people report for
 * deleting and cancelling; that running and patching get the same is likely and not confirmed.
 */
export function refuseInState(template: Template, action: Action): SandboxResponse | undefined {
  if (isAllowed(template, action)) return undefined;
  const state = textOf(template.properties['provisioningState']);
  const provisioning = state === 'Succeeded' ? 'provisioned' : state.toLowerCase();
  const run = template.run?.state.toLowerCase() ?? '';
  const message = `Operation ${resourceType}/${action} is not allowed in provisioning state: ${provisioning} or run state: ${run}.`;
  return armError(405, 'OperationNotAllowed', message);
}

function isAllowed(template: Template, action: Action): boolean {
  const state = textOf(template.properties['provisioningState']);
  if (state === 'Creating' || state === 'Updating' || state === 'Deleting') return false;
  if (action === 'cancel/action') return template.run?.state === 'Running';
  if (isRunning(template)) return false;
  return action !== 'run/action' || state === 'Succeeded';
}
