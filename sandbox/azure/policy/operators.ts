import type { Json } from '../../kernel/types';
import { asText, PolicyRuleError, propertyOf, type Value } from './expressions';

export interface Operator {
  /** As Azure names it in the details of an evaluation: `NotIn`. */
  readonly name: string;
  readonly test: (value: Value, target: Value) => boolean;
}

const same = (a: Value, b: Value): boolean => {
  if (a === undefined || a === null || b === undefined || b === null) return (a ?? null) === (b ?? null);
  return asText(a).toLowerCase() === asText(b).toLowerCase();
};

/** One `*` matches anything. */
function like(value: Value, target: Value): boolean {
  const pattern = asText(target);
  const [head = '', tail, ...more] = pattern.split('*');
  if (more.length > 0) throw new PolicyRuleError(`The pattern '${pattern}' has more than one wildcard.`);
  if (value === undefined || value === null) return false;
  const text = asText(value).toLowerCase();
  if (tail === undefined) return text === head.toLowerCase();
  const fits = text.length >= head.length + tail.length;
  return fits && text.startsWith(head.toLowerCase()) && text.endsWith(tail.toLowerCase());
}

const contains = (value: Value, target: Value): boolean =>
  Array.isArray(value)
    ? value.some((v) => same(v, target))
    : asText(value).toLowerCase().includes(asText(target).toLowerCase());

function among(value: Value, target: Value): boolean {
  if (!Array.isArray(target)) throw new PolicyRuleError("The target of 'in' and 'notIn' must be an array.");
  return target.some((t) => same(value, t));
}

function exists(value: Value, target: Value): boolean {
  const wanted = asText(target).toLowerCase();
  if (wanted !== 'true' && wanted !== 'false')
    throw new PolicyRuleError("The target of 'exists' must be true or false.");
  return (value !== undefined && value !== null) === (wanted === 'true');
}

/** Numbers by size, texts (dates too) by order; what cannot be compared makes the condition false. */
function compared(value: Value, target: Value): number {
  if (typeof value === 'number' && typeof target === 'number') return value - target;
  if (typeof value !== 'string' || typeof target !== 'string') return Number.NaN;
  const [a, b] = [value.toLowerCase(), target.toLowerCase()];
  return a < b ? -1 : a > b ? 1 : 0;
}

const hasKey = (value: Value, target: Value): boolean => propertyOf(value as Json, asText(target)) !== undefined;

const positive: Readonly<Record<string, Operator['test']>> = {
  Equals: same,
  Like: like,
  Contains: contains,
  In: among,
  ContainsKey: hasKey,
};

const all: readonly Operator[] = [
  ...Object.entries(positive).flatMap(([name, test]) => [
    { name, test },
    { name: `Not${name}`, test: (value: Value, target: Value) => !test(value, target) },
  ]),
  { name: 'Exists', test: exists },
  { name: 'Less', test: (value, target) => compared(value, target) < 0 },
  { name: 'LessOrEquals', test: (value, target) => compared(value, target) <= 0 },
  { name: 'Greater', test: (value, target) => compared(value, target) > 0 },
  { name: 'GreaterOrEquals', test: (value, target) => compared(value, target) >= 0 },
];

/** The operator of this name, whatever its casing. */
export function operatorNamed(name: string): Operator | undefined {
  return all.find((operator) => operator.name.toLowerCase() === name.toLowerCase());
}
