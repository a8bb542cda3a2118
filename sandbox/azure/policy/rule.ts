import type { Json } from '../../kernel/types';
import { type JsonObject, object } from '../compute/resource';
import { type Expression, PolicyRuleError, templateOf } from './expressions';
import { checkField } from './fields';
import { type Operator, operatorNamed } from './operators';

/** A condition of a rule, parsed once. */
export type Condition =
  | { readonly kind: 'allOf' | 'anyOf'; readonly of: readonly Condition[] }
  | { readonly kind: 'not'; readonly of: Condition }
  | Comparison;

export interface Comparison {
  readonly kind: 'compare';
  readonly left: Left;
  readonly operator: Operator;
  readonly target: Expression;
}

export type Left =
  | { readonly kind: 'Field'; readonly field: Expression; readonly written: string }
  | { readonly kind: 'Value'; readonly value: Expression; readonly written: string }
  | {
      readonly kind: 'Count';
      readonly of: Expression;
      readonly name: string | undefined;
      readonly where: Condition | undefined;
    };

export interface Rule {
  readonly if: Condition;
  readonly effect: Expression;
  /** What `modify` writes; the initial state of `manual`; what `deployIfNotExists` looks for and deploys. */
  readonly details: { [key: string]: Json };
}

/** Effects that the sandbox implements. Only remediations change and deploy: nothing is changed on its way in. */
export const effects = ['deny', 'audit', 'disabled', 'manual', 'modify', 'deployIfNotExists'];

/**
 * Reads the rule of a definition.
 * @throws PolicyRuleError for what Azure would not accept, and for what this evaluator does not know.
 */
export function ruleOf(given: Json | undefined): Rule {
  const written = object(given);
  const rule = read.get(written) ?? readRule(written);
  read.set(written, rule);
  return rule;
}

/** A definition is replaced, never changed, and its rule is evaluated for thousands of resources. */
const read = new WeakMap<JsonObject, Rule>();

function readRule(rule: JsonObject): Rule {
  const then = object(rule['then']);
  if (rule['if'] === undefined) throw new PolicyRuleError("The policy rule must contain an 'if' property.");
  if (typeof then['effect'] !== 'string') throw new PolicyRuleError("The policy rule must contain a 'then.effect'.");
  only(rule, ['if', 'then']);
  only(then, ['effect', 'details']);
  const written = then['effect'];
  if (!written.startsWith('[')) checkEffect(written);
  return { if: conditionOf(rule['if']), effect: templateOf(written), details: object(then['details']) };
}

/** @throws PolicyRuleError for an effect that this sandbox does not have. */
export function checkEffect(effect: string): void {
  if (effects.some((one) => one.toLowerCase() === effect.toLowerCase())) return;
  throw new PolicyRuleError(
    `The policy effect '${effect}' is not one of '${effects.join(', ')}' that this sandbox has.`,
  );
}

export function conditionOf(given: Json): Condition {
  const condition = object(given);
  const logical = (['allOf', 'anyOf', 'not'] as const).find((name) => condition[name] !== undefined);
  if (logical === 'not') {
    only(condition, ['not']);
    return { kind: 'not', of: conditionOf(condition['not'] as Json) };
  }
  if (logical) {
    only(condition, [logical]);
    const of = condition[logical];
    if (!Array.isArray(of)) throw new PolicyRuleError(`The value of '${logical}' must be an array of conditions.`);
    return { kind: logical, of: of.map(conditionOf) };
  }
  return comparisonOf(condition);
}

function comparisonOf(condition: { [key: string]: Json }): Comparison {
  const names = Object.keys(condition).filter((name) => !['field', 'value', 'count'].includes(name));
  const [name] = names;
  if (name === undefined || names.length > 1) {
    throw new PolicyRuleError(`The condition '${JSON.stringify(condition)}' must have exactly one operator.`);
  }
  const operator = operatorNamed(name);
  if (!operator) throw new PolicyRuleError(`The operator '${name}' is not one that this sandbox has.`);
  return { kind: 'compare', left: leftOf(condition), operator, target: templateOf(condition[name] as Json) };
}

function leftOf({ field, value, count }: { [key: string]: Json }): Left {
  if ([field, value, count].filter((given) => given !== undefined).length !== 1) {
    throw new PolicyRuleError("A condition must have one of 'field', 'value' and 'count'.");
  }
  if (count !== undefined) return countOf(object(count));
  if (value !== undefined) return { kind: 'Value', value: templateOf(value), written: writtenOf(value) };
  if (typeof field !== 'string') throw new PolicyRuleError("The 'field' of a condition must be a text.");
  // A computed field (`[concat('tags[', parameters('tag'), ']')]`) is known when it is evaluated.
  if (!field.startsWith('[')) checkField(field);
  return { kind: 'Field', field: templateOf(field), written: field };
}

/** Only counts over a value: the known aliases are not lists. */
function countOf(count: { [key: string]: Json }): Left {
  only(count, ['value', 'name', 'where']);
  if (count['value'] === undefined) throw new PolicyRuleError("Only 'count.value' is known to this sandbox.");
  const name = typeof count['name'] === 'string' ? count['name'] : undefined;
  const where = count['where'] === undefined ? undefined : conditionOf(count['where']);
  return { kind: 'Count', of: templateOf(count['value']), name, where };
}

const writtenOf = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));

function only(given: { [key: string]: Json }, names: readonly string[]): void {
  const other = Object.keys(given).find((name) => !names.includes(name));
  if (other === undefined) return;
  throw new PolicyRuleError(`The property '${other}' of the policy rule is not one that this sandbox has.`);
}
