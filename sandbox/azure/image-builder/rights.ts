import type { World } from '../../kernel/world';
import { type Access, may } from '../authorization';
import { type Caller, imageBuilderApp } from '../authorization/names';
import { isIdentity } from '../identities';
import { principalIdOf, principalsOf } from '../identity';
import { objectOf, type Template, textOf } from './section';

/** The user-assigned identity that a template builds as. */
export function builderOf({ identity }: Template): Caller {
  const [id = ''] = Object.keys(objectOf(identity['userAssignedIdentities']));
  const client = textOf(objectOf(principalsOf([id])[id])['clientId']);
  return { client, objectId: principalIdOf(id), principalType: 'ServicePrincipal' };
}

/** The first of these that the template's identity may not do; undefined when it may do all. */
export function lacking(world: World, template: Template, accesses: readonly Access[]): Access | undefined {
  const builder = builderOf(template);
  return accesses.find((access) => !may(world, builder, access));
}

/** Whether Image Builder's own service principal may do it: it works in staging groups, too. */
export const serviceMay = (world: World, access: Access): boolean => may(world, imageBuilderApp, access);

/** Why Image Builder cannot act as the template's identity at all; undefined when it can. */
export function identityProblem(world: World, { identity }: Template): string | undefined {
  const gone = Object.keys(objectOf(identity['userAssignedIdentities'])).find((id) => !isIdentity(world, id));
  if (gone === undefined) return undefined;
  return `The assigned managed identity cannot be used. Please remove the existing one and re-assign the identity. Identity: ${gone}.`;
}

/** What Image Builder says of something that a template names and its identity may not use. */
export const notAuthorizedTo = (id: string): string =>
  `Not authorized to access the resource: ${id}. Please check the user assigned identity has the correct permissions.`;

/** ARM's refusal of somebody who may not do something, as it stands in other messages. */
export const forbiddenTo = ({ client, objectId }: Caller, { action, scope }: Access): string =>
  `Code="AuthorizationFailed" Message="The client '${client}' with object id '${objectId}' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials."`;
