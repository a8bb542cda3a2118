import type { Json } from '../../kernel/types';
import type { JsonObject } from '../compute/resource';

/** A query option that Policy Insights does not accept. */
export class ODataError extends Error {
  override readonly name = 'ODataError';
}

export type Test = (record: JsonObject) => boolean;
type Operand = (record: JsonObject) => Json | undefined;

const tokens =
  /'(?:[^']|'')*'|\d{4}-\d{2}-\d{2}T[\d:.]+Z|datetime'[^']*'|-?\d+(?:\.\d+)?|[A-Za-z_@$][\w.@]*|[(),/]|\S/g;

/** Reads tokens one by one. */
export class Tokens {
  private at = 0;
  private readonly all: readonly string[];

  constructor(private readonly source: string) {
    this.all = source.match(tokens) ?? [];
  }

  get next(): string | undefined {
    return this.all[this.at];
  }

  take(): string {
    const token = this.all[this.at];
    if (token === undefined) return this.fail();
    this.at += 1;
    return token;
  }

  /** Consumes the token if it is this one, whatever its casing. */
  skip(token: string): boolean {
    if (this.next?.toLowerCase() !== token) return false;
    this.at += 1;
    return true;
  }

  expect(token: string): void {
    if (!this.skip(token)) this.fail();
  }

  end(): void {
    if (this.next !== undefined) this.fail();
  }

  fail(): never {
    const where = this.next === undefined ? 'its end' : `'${this.next}'`;
    throw new ODataError(`Syntax error at ${where} in '${this.source}'.`);
  }
}

/** The value of a field of a record, whatever the casing of its name: `PolicyAssignmentId` and `policyAssignmentId` are one. */
export function fieldNamed(record: JsonObject, name: string): Json | undefined {
  if (Object.hasOwn(record, name)) return record[name];
  const found = Object.keys(record).find((k) => k.toLowerCase() === name.toLowerCase());
  return found === undefined ? undefined : record[found];
}

/**
 * Reads a `$filter`: comparisons, `and`, `or`, `not`, `startswith`, `endswith`, `contains`, `'x' in field`.
 * @throws ODataError for everything else and for fields that records do not have.
 */
export function filterOf(source: string, fields: ReadonlySet<string>): Test {
  const all = new Tokens(source);
  const test = disjunction(all, fields);
  all.end();
  return test;
}

export function disjunction(all: Tokens, fields: ReadonlySet<string>): Test {
  const parts = [conjunction(all, fields)];
  while (all.skip('or')) parts.push(conjunction(all, fields));
  return (record) => parts.some((part) => part(record));
}

function conjunction(all: Tokens, fields: ReadonlySet<string>): Test {
  const parts = [unary(all, fields)];
  while (all.skip('and')) parts.push(unary(all, fields));
  return (record) => parts.every((part) => part(record));
}

function unary(all: Tokens, fields: ReadonlySet<string>): Test {
  if (all.skip('not')) {
    const inner = unary(all, fields);
    return (record) => !inner(record);
  }
  if (all.skip('(')) {
    const inner = disjunction(all, fields);
    all.expect(')');
    return inner;
  }
  return comparison(all, fields);
}

const textTests: Readonly<Record<string, (a: string, b: string) => boolean>> = {
  startswith: (a, b) => a.startsWith(b),
  endswith: (a, b) => a.endsWith(b),
  contains: (a, b) => a.includes(b),
};

function comparison(all: Tokens, fields: ReadonlySet<string>): Test {
  const textTest = textTests[all.next?.toLowerCase() ?? ''];
  if (textTest) {
    all.take();
    all.expect('(');
    const left = operand(all, fields);
    all.expect(',');
    const right = operand(all, fields);
    all.expect(')');
    return (record) => textTest(lower(left(record)), lower(right(record)));
  }
  const left = operand(all, fields);
  const operator = all.take().toLowerCase();
  const right = operand(all, fields);
  const test = relations[operator];
  if (!test) throw new ODataError(`The operator '${operator}' is not supported.`);
  return (record) => test(left(record), right(record));
}

const lower = (value: Json | undefined): string => String(value ?? '').toLowerCase();

/** Texts are equal whatever their casing: ids are kept in lower case, and people paste them as they are shown. */
const relations: Readonly<Record<string, (a: Json | undefined, b: Json | undefined) => boolean>> = {
  eq: (a, b) => lower(a) === lower(b),
  ne: (a, b) => lower(a) !== lower(b),
  gt: (a, b) => order(a, b) > 0,
  ge: (a, b) => order(a, b) >= 0,
  lt: (a, b) => order(a, b) < 0,
  le: (a, b) => order(a, b) <= 0,
  in: (a, b) => Array.isArray(b) && b.some((item) => lower(item) === lower(a)),
};

export function order(a: Json | undefined, b: Json | undefined): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  const [left, right] = [lower(a), lower(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}

function operand(all: Tokens, fields: ReadonlySet<string>): Operand {
  const token = all.take();
  if (token.startsWith("'")) {
    const value = token.slice(1, -1).replaceAll("''", "'");
    return () => value;
  }
  if (/^datetime'/i.test(token)) return () => token.slice(9, -1);
  if (/^\d{4}-\d{2}-\d{2}T/.test(token)) return () => token;
  if (/^-?\d/.test(token)) return () => Number(token);
  if (/^(?:true|false|null)$/i.test(token)) return () => JSON.parse(token.toLowerCase()) as Json;
  if (!fields.has(token.toLowerCase())) {
    throw new ODataError(`Could not find a property named '${token}' on type 'Microsoft.PolicyInsights.PolicyState'.`);
  }
  return (record) => fieldNamed(record, token);
}
