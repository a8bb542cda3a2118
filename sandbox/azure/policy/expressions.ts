import type { Json } from '../../kernel/types';

/** A rule, parameter or effect that Azure (or this small evaluator) does not accept. */
export class PolicyRuleError extends Error {
  override readonly name = 'PolicyRuleError';
}

export type Value = Json | undefined;

/** What `parameters()`, `field()` and `current()` find. */
export interface Lookup {
  parameter(name: string): Value;
  field(name: string): Value;
  current(name: string | undefined): Value;
}

export type Expression = (lookup: Lookup) => Value;

type Call = (args: readonly Value[], lookup: Lookup) => Value;

const texts = (args: readonly Value[]): string => args.map(asText).join('');

const functions: Readonly<Record<string, Call>> = {
  parameters: ([name], lookup) => lookup.parameter(asText(name)),
  field: ([name], lookup) => lookup.field(asText(name)),
  current: ([name], lookup) => lookup.current(name === undefined ? undefined : asText(name)),
  concat: (args) => (args.every(Array.isArray) ? (args as Json[][]).flat() : texts(args)),
  tolower: ([value]) => asText(value).toLowerCase(),
  toupper: ([value]) => asText(value).toUpperCase(),
  length: ([value]) => (Array.isArray(value) ? value.length : asText(value).length),
  empty: ([value]) =>
    value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0),
  if: ([condition, yes, no]) => (condition === true ? yes : no),
  equals: ([a, b]) => JSON.stringify(a)?.toLowerCase() === JSON.stringify(b)?.toLowerCase(),
  not: ([value]) => value !== true,
  and: (args) => args.every((a) => a === true),
  or: (args) => args.some((a) => a === true),
  contains: ([all, one]) => (Array.isArray(all) ? all.includes(one as Json) : asText(all).includes(asText(one))),
};

/** A text of a policy as it is evaluated: `[concat('a', parameters('b'))]` is computed, `[[x` is `[x`, the rest is itself. */
export function expressionOf(text: string): Expression {
  if (text.startsWith('[[')) return () => text.slice(1);
  if (!text.startsWith('[') || !text.endsWith(']')) return () => text;
  const parser = new Parser(text.slice(1, -1));
  return parser.whole();
}

/** A value of a policy: texts may be computed, lists and objects may hold such texts. */
export function templateOf(value: Json): Expression {
  if (typeof value === 'string') return expressionOf(value);
  if (Array.isArray(value)) {
    const items = value.map(templateOf);
    return (lookup) => items.map((item) => item(lookup) ?? null);
  }
  return () => value;
}

class Parser {
  private at = 0;
  private readonly tokens: readonly string[];

  constructor(private readonly source: string) {
    this.tokens = source.match(/'(?:[^']|'')*'|-?\d+|[A-Za-z_]\w*|[(),.[\]]|\S/g) ?? [];
  }

  whole(): Expression {
    const expression = this.expression();
    if (this.at < this.tokens.length) this.fail();
    return expression;
  }

  private expression(): Expression {
    const token = this.tokens[this.at++];
    if (token === undefined) return this.fail();
    if (token.startsWith("'")) {
      const literal = token.slice(1, -1).replaceAll("''", "'");
      return () => literal;
    }
    if (/^-?\d+$/.test(token)) return () => Number(token);
    if (/^(?:true|false|null)$/i.test(token)) {
      const literal = JSON.parse(token.toLowerCase()) as Json;
      return () => literal;
    }
    return this.properties(this.call(token));
  }

  private call(name: string): Expression {
    const known = functions[name.toLowerCase()];
    if (!known || this.tokens[this.at] !== '(') {
      throw new PolicyRuleError(
        `The template function '${name}' of '[${this.source}]' is not one that this sandbox has.`,
      );
    }
    this.at += 1;
    const args: Expression[] = [];
    while (this.tokens[this.at] !== ')') {
      args.push(this.expression());
      if (this.tokens[this.at] === ',') this.at += 1;
      else if (this.tokens[this.at] !== ')') this.fail();
    }
    this.at += 1;
    return (lookup) =>
      known(
        args.map((arg) => arg(lookup)),
        lookup,
      );
  }

  /** `.name` after a call. */
  private properties(expression: Expression): Expression {
    let inner = expression;
    while (this.tokens[this.at] === '.') {
      const name = this.tokens[this.at + 1] ?? '';
      this.at += 2;
      const before = inner;
      inner = (lookup) => propertyOf(before(lookup), name);
    }
    return inner;
  }

  private fail(): never {
    throw new PolicyRuleError(`The template language expression '[${this.source}]' is not valid.`);
  }
}

/** A property whatever its casing, as ARM compares names. */
export function propertyOf(value: Value, name: string): Value {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined;
  if (Object.hasOwn(value, name)) return value[name];
  const key = Object.keys(value).find((k) => k.toLowerCase() === name.toLowerCase());
  return key === undefined ? undefined : value[key];
}

export function asText(value: Value): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
