import type { Json } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { key } from '../arm';
import { type JsonObject, list, object, text } from '../compute/resource';
import { guidOf } from '../compute/vm-view';
import { asText } from '../policy/expressions';
import { type InForce, inForce } from '../policy/in-force';
import { type Rule, ruleOf } from '../policy/rule';
import { type PolicyObject, policies } from '../policy/section';

/** One definition that one assignment puts in force: what a resource has a state of. */
export interface Member extends InForce {
  /** Lower-case id of the assignment and name of the definition in its set. */
  readonly key: string;
  /** Last part of the ids of its states: states of one resource are in this order. */
  readonly guid: string;
  readonly assignment: PolicyObject;
  /** Itself as the assignment puts it in force, and its place in the set that is assigned. */
  readonly one: InForce;
  readonly place: number;
  readonly rule: Rule;
  readonly effect: string;
  /** Lower-case types that the rule applies to; any when it does not say. */
  readonly types: ReadonlySet<string> | undefined;
}

/** Everything that is in force anywhere, in the order of its guids. */
export function membersOf(world: World): Member[] {
  const all = Object.values(policies(world).policyAssignments).flatMap((assignment) =>
    inForce(world, assignment).map((one, place) => memberOf(assignment, one, place)),
  );
  return all
    .filter(({ effect }) => effect.toLowerCase() !== 'disabled')
    .sort((a, b) => (a.guid < b.guid ? -1 : a.guid > b.guid ? 1 : 0));
}

export const memberKey = (assignment: string, reference = ''): string => `${key(assignment)}|${key(reference)}`;

function memberOf(assignment: PolicyObject, one: InForce, place: number): Member {
  const name = memberKey(assignment.id, one.reference);
  const rule = ruleOf(one.definition.properties['policyRule']);
  const effect = effectOf(one, rule);
  return { ...one, assignment, one, place, key: name, guid: guidOf(name), rule, effect, types: typesOf(one) };
}

/** The effect as parameters decide it; it cannot depend on the resource. */
function effectOf({ parameters }: InForce, rule: Rule): string {
  const none = () => undefined;
  const parameter = (name: string): Json | undefined => {
    const found = Object.keys(parameters).find((k) => key(k) === key(name));
    return found === undefined ? undefined : parameters[found];
  };
  return asText(rule.effect({ parameter, field: none, current: none }));
}

/** Resources of other types have no state at all: Azure looks at the rule's conditions on the type for that. */
function typesOf({ definition }: InForce): ReadonlySet<string> | undefined {
  const condition = object(object(definition.properties['policyRule'])['if']);
  const conditions: JsonObject[] = [condition, ...list(condition['allOf']).map(object)];
  const about = conditions.find((c) => text(c['field'])?.toLowerCase() === 'type');
  const named = about && (text(about['equals']) !== undefined ? [about['equals']] : list(about['in']));
  return named && named.length > 0 ? new Set(named.map((type) => key(String(type)))) : undefined;
}
