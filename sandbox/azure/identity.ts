import { tenantId } from '../entra/people';
import { key } from './arm';
import { type JsonObject, object } from './compute/resource';
import { guidOf } from './compute/vm-view';

/** The Entra object id of a resource's own identity, or of a user-assigned one by its resource id. */
export const principalIdOf = (id: string): string => guidOf(`principal ${key(id)}`);

/** Every identity of a user's by its resource id, with the two ids that Entra knows it by. */
export function principalsOf(ids: readonly string[]): JsonObject {
  const entry = (id: string) => ({ principalId: principalIdOf(id), clientId: guidOf(`client ${key(id)}`) });
  return Object.fromEntries(ids.map((id) => [id, entry(id)]));
}

/** The `identity` of a request as its resource answers it: each identity is a principal of this tenant. */
export function identityAnswered(given: JsonObject, resourceId: string): JsonObject {
  const type = String(given['type'] ?? 'None');
  if (key(type) === 'none') return { type: 'None' };
  const ids = Object.entries(object(given['userAssignedIdentities'])).flatMap(([id, v]) => (v === null ? [] : [id]));
  return {
    type,
    ...(/systemassigned/i.test(type) && { principalId: principalIdOf(resourceId), tenantId }),
    ...(ids.length > 0 && { userAssignedIdentities: principalsOf(ids) }),
  };
}
