import type { SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key } from '../arm';
import { type JsonObject, list, object, text } from '../compute/resource';
import { type PolicyObject, type PolicyType, policies, policyNamed } from './section';

/** Azure's 400 for deleting a definition that something rests on; undefined when nothing does. */
export function inUse(world: World, type: PolicyType, { id, name }: PolicyObject): SandboxResponse | undefined {
  if (type !== 'policyDefinitions' && type !== 'policySetDefinitions') return undefined;
  const rests = (given: unknown) => key(String(given)) === key(id);
  const { policySetDefinitions, policyAssignments } = policies(world);
  const sets = Object.values(policySetDefinitions).filter(({ properties }) =>
    list(properties['policyDefinitions']).some((m) => rests(object(m)['policyDefinitionId'])),
  );
  const assigned = Object.values(policyAssignments).filter(({ properties }) => rests(properties['policyDefinitionId']));
  const [first] = [...sets, ...assigned];
  if (!first) return undefined;
  const what = type === 'policyDefinitions' ? 'PolicyDefinition' : 'PolicySetDefinition';
  const words = type === 'policyDefinitions' ? 'policy definition' : 'policy set definition';
  const message = `The ${words} '${name}' cannot be deleted because it is referenced by '${first.id}'. Delete all that refer to it first.`;
  return armError(400, `InvalidDelete${what}Request`, message);
}

/** Whether a definition, or any member of a set, can deploy or modify, under whatever parameters. */
export function changesResources(world: World, { properties }: PolicyObject): boolean {
  const members = list(properties['policyDefinitions']).map(object);
  if (members.length > 0) {
    const ids = members.map((m) => policyNamed(world, text(m['policyDefinitionId']) ?? ''));
    return ids.some((one) => one !== undefined && changesResources(world, one));
  }
  return possibleEffects(properties).some((one) => /^(?:modify|deployIfNotExists)$/i.test(one));
}

/** The effects that a definition can have, as its rule and its parameters spell them. */
export function possibleEffects(properties: JsonObject): string[] {
  const effect = text(object(object(properties['policyRule'])['then'])['effect']) ?? '';
  const parameter = /^\[parameters\('([^']+)'\)\]$/.exec(effect)?.[1];
  const declared = object(object(properties['parameters'])[parameter ?? '']);
  const possible = parameter ? [...list(declared['allowedValues']), declared['defaultValue'] ?? ''] : [effect];
  return possible.map(String);
}
