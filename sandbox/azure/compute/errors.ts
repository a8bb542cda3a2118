import type { SandboxResponse } from '../../kernel/types';
import { armError } from '../arm';

/** Errors of ARM and Microsoft.Compute that more than one resource answers with. */

export function parentNotFound(type: string, id: string, parent: string): SandboxResponse {
  const message = `Failed to perform 'write' on resource(s) of type '${type}', because the parent resource '${parent}' could not be found.`;
  return id ? armError(404, 'ParentResourceNotFound', message) : armError(404, 'ResourceNotFound', message);
}

export function nestedParentNotFound(parent: string): SandboxResponse {
  const message = `Can not perform requested operation on nested resource. Parent resource '${parent}' not found.`;
  return armError(404, 'ParentResourceNotFound', message);
}

export function concurrencyConflict(): SandboxResponse {
  const message =
    'The request failed due to conflict with a concurrent request. To resolve it, please refer to https://aka.ms/activitylog to get more details on the conflicting requests.';
  return armError(409, 'Conflict', message);
}

export function invalidParameter(message: string, target?: string): SandboxResponse {
  return { status: 400, body: { error: { code: 'InvalidParameter', message, ...(target && { target }) } } };
}

export function missingParameter(name: string): SandboxResponse {
  return invalidParameter(`Required parameter '${name}' is missing (null).`, name);
}

export function changeNotAllowed(property: string): SandboxResponse {
  const message = `Changing property '${property}' is not allowed.`;
  return { status: 409, body: { error: { code: 'PropertyChangeNotAllowed', message, target: property } } };
}

/** A gallery or a definition that is not empty; soft-deleted versions count. */
export function nestedResources(ids: readonly string[]): SandboxResponse {
  const some = ids.slice(0, 5).map((id) => `'${id}'`);
  const message = `Cannot delete resource while nested resources exist. Some existing nested resource IDs include: ${some.join(', ')}. Please delete all nested resources before deleting this resource.`;
  return armError(409, 'CannotDeleteResource', message);
}

export function cannotParse(): SandboxResponse {
  return armError(400, 'InvalidRequestContent', 'The request content was invalid and could not be deserialized.');
}
