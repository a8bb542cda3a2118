import type { Json } from '../../kernel/types';
import { asText, type Expression, type Lookup, PolicyRuleError, type Value } from './expressions';
import { checkField, fieldOf, type PolicyResource, pathOf } from './fields';
import type { Comparison, Condition, Rule } from './rule';

/** One comparison as reported in Azure's details of a violation; what was not evaluated is absent. */
export interface EvaluatedExpression {
  readonly result: 'True' | 'False';
  readonly expressionKind: string;
  readonly expression?: string;
  readonly path?: string;
  readonly expressionValue?: Json;
  readonly targetValue?: Json;
  readonly operator: string;
}

export interface Evaluation {
  /** Whether the rule's `if` holds: the resource is what the policy is about to act on. */
  readonly holds: boolean;
  /** As the rule or its parameter spells it. */
  readonly effect: string;
  readonly expressions: readonly EvaluatedExpression[];
  /** A template function failed: it is unknown whether the rule would hold. */
  readonly failed?: true;
}

/** Whether a rule holds for a resource. A template function that fails is an implicit deny, as in Azure. */
export function evaluate(rule: Rule, resource: PolicyResource, parameters: Readonly<Record<string, Json>>): Evaluation {
  const scope: Scope = { resource, parameters, counted: [], expressions: [] };
  let effect = 'deny';
  try {
    effect = asText(rule.effect(lookupIn(scope)));
    const holds = conditionHolds(rule.if, scope);
    return { holds, effect, expressions: scope.expressions };
  } catch (error) {
    if (!(error instanceof PolicyRuleError)) throw error;
    return { holds: true, effect, expressions: scope.expressions, failed: true };
  }
}

/** Whether a condition holds for a resource that is not the one that a policy is about, but what it looks for. */
export const holdsFor = (condition: Condition, resource: PolicyResource, parameters: Parameters): boolean =>
  conditionHolds(condition, { resource, parameters, counted: [], expressions: [] });

/** A computed text of a policy's details. */
export const valueFor = (expression: Expression, resource: PolicyResource, parameters: Parameters): Value =>
  expression(lookupIn({ resource, parameters, counted: [], expressions: [] }));

type Parameters = Readonly<Record<string, Json>>;

interface Scope {
  readonly resource: PolicyResource;
  readonly parameters: Readonly<Record<string, Json>>;
  /** The elements of the counts around, the innermost last. */
  readonly counted: readonly { readonly name: string | undefined; readonly value: Json }[];
  readonly expressions: EvaluatedExpression[];
}

function conditionHolds(condition: Condition, scope: Scope): boolean {
  switch (condition.kind) {
    case 'allOf':
      return condition.of.every((c) => conditionHolds(c, scope));
    case 'anyOf':
      return condition.of.some((c) => conditionHolds(c, scope));
    case 'not':
      return !conditionHolds(condition.of, scope);
    case 'compare':
      return compare(condition, scope);
  }
}

function compare({ left, operator, target }: Comparison, scope: Scope): boolean {
  const lookup = lookupIn(scope);
  const wanted = target(lookup);
  const found = leftOf(left, scope);
  const result = operator.test(found.value, wanted);
  scope.expressions.push({
    result: result ? 'True' : 'False',
    expressionKind: left.kind,
    ...found.shown,
    ...(found.value !== undefined && { expressionValue: found.value }),
    ...(wanted !== undefined && { targetValue: wanted }),
    operator: operator.name,
  });
  return result;
}

type Shown = Pick<EvaluatedExpression, 'expression' | 'path'>;

function leftOf(left: Comparison['left'], scope: Scope): { value: Value; shown: Shown } {
  const lookup = lookupIn(scope);
  switch (left.kind) {
    case 'Field': {
      const field = asText(left.field(lookup));
      const path = pathOf(field, scope.resource.type);
      return { value: lookup.field(field), shown: { expression: field, ...(path !== undefined && { path }) } };
    }
    case 'Value':
      return { value: left.value(lookup), shown: { expression: left.written } };
    case 'Count': {
      const of = left.of(lookup);
      if (!Array.isArray(of)) throw new PolicyRuleError("The value of 'count' must be an array.");
      const { where } = left;
      // What is evaluated for each element is not reported: Azure's details hold only the count.
      const inner = (value: Json): Scope => ({
        ...scope,
        counted: [...scope.counted, { name: left.name, value }],
        expressions: [],
      });
      return { value: of.filter((value) => !where || conditionHolds(where, inner(value))).length, shown: {} };
    }
  }
}

function lookupIn({ resource, parameters, counted }: Scope): Lookup {
  return {
    parameter: (name) => {
      const found = Object.keys(parameters).find((k) => k.toLowerCase() === name.toLowerCase());
      if (found === undefined) throw new PolicyRuleError(`The parameter '${name}' has no value.`);
      return parameters[found];
    },
    field: (name) => {
      checkField(name);
      return fieldOf(resource, name);
    },
    current: (name) => {
      const found = counted.findLast((c) => name === undefined || c.name?.toLowerCase() === name.toLowerCase());
      if (!found) throw new PolicyRuleError(`current('${name ?? ''}') is not inside of a count of that name.`);
      return found.value;
    },
  };
}
