import {
  Block,
  isOfType,
  itemsOf,
  PsObject,
  Table,
  TypeName,
  toBool,
  toNumber,
  toText,
  type Value,
  versionObject,
  wildcard,
} from './values';

/** What an operator cannot do with its values, for the runtime to say. */
export class OperatorError extends Error {
  constructor(
    message: string,
    readonly id = 'RuntimeException',
    readonly category = 'InvalidOperation',
  ) {
    super(message);
  }
}

/** Orders two values as `-lt` does: the left one's type decides. */
export function compare(left: Value, right: Value, caseSensitive = false): number {
  if (left instanceof Date || right instanceof Date) return asDate(left) - asDate(right);
  if (left instanceof PsObject && left.type === 'System.Version') return compareVersions(left, right);
  if (typeof left === 'number' || typeof left === 'boolean') {
    const number = toNumber(right);
    if (number === undefined) {
      throw new OperatorError(`Cannot compare "${toText(left)}" because it is not IComparable.`, 'NotIcomparable');
    }
    return Number(left) - number;
  }
  const [a, b] = caseSensitive
    ? [toText(left), toText(right)]
    : [toText(left).toLowerCase(), toText(right).toLowerCase()];
  return a < b ? -1 : a > b ? 1 : 0;
}

function asDate(value: Value): number {
  const at = value instanceof Date ? value.getTime() : Date.parse(`${toText(value)}Z`.replace('ZZ', 'Z'));
  return Number.isNaN(at) ? Date.parse(toText(value)) : at;
}

function compareVersions(left: PsObject, right: Value): number {
  const other = right instanceof PsObject ? right : versionObject(toText(right));
  if (!other)
    throw new OperatorError(`Cannot convert value "${toText(right)}" to type "System.Version".`, 'InvalidCast');
  for (const part of ['Major', 'Minor', 'Build', 'Revision']) {
    const difference = Number(left.bag.get(part)) - Number(other.bag.get(part));
    if (difference !== 0) return difference;
  }
  return 0;
}

export function same(left: Value, right: Value, caseSensitive = false): boolean {
  if (left === null || right === null) return left === right;
  if (typeof left === 'boolean') return left === toBool(right);
  if (typeof left === 'number') return toNumber(right) === left;
  if (left instanceof Date || right instanceof Date) return asDate(left) === asDate(right);
  if (left instanceof TypeName)
    return right instanceof TypeName && right.name.toLowerCase() === left.name.toLowerCase();
  if (left instanceof Table || left instanceof Block) return left === right;
  if (left instanceof PsObject && left.text === undefined) return left === right;
  return compare(left, right, caseSensitive) === 0;
}

const tests: Readonly<Record<string, (left: Value, right: Value, caseSensitive: boolean) => boolean>> = {
  eq: same,
  ne: (l, r, c) => !same(l, r, c),
  gt: (l, r, c) => compare(l, r, c) > 0,
  ge: (l, r, c) => compare(l, r, c) >= 0,
  lt: (l, r, c) => compare(l, r, c) < 0,
  le: (l, r, c) => compare(l, r, c) <= 0,
  like: (l, r) => wildcard(toText(r)).test(toText(l)),
  notlike: (l, r) => !wildcard(toText(r)).test(toText(l)),
  match: (l, r, c) => regularExpression(toText(r), c).test(toText(l)),
  notmatch: (l, r, c) => !regularExpression(toText(r), c).test(toText(l)),
};

/** A regular expression of .NET, as far as JavaScript has the same. */
export function regularExpression(source: string, caseSensitive = false, flags = ''): RegExp {
  const inline = /^\(\?([imsx]+)\)/.exec(source);
  const wanted = (inline?.[1] ?? '').replace('x', '') + (caseSensitive ? '' : 'i') + flags;
  try {
    return new RegExp(source.slice(inline?.[0].length ?? 0), [...new Set(wanted)].join(''));
  } catch {
    throw new OperatorError(`parsing "${source}" - the regular expression is not valid.`);
  }
}

/** `-eq` and its like: one value is true or false, of a list those remain for which it holds. */
export function compared(operator: string, left: Value, right: Value): Value | undefined {
  const caseSensitive = /^c(?!ontains)/.test(operator);
  const test = tests[operator.replace(/^[ci](?=eq|ne|g|l|match|notmatch|like|notlike)/, '')];
  if (!test) return undefined;
  if (Array.isArray(left)) return left.filter((item) => test(item, right, caseSensitive));
  return test(left, right, caseSensitive);
}

export function arithmetic(operator: string, left: Value, right: Value): Value {
  if (operator === '+') return add(left, right);
  if (operator === '*' && (typeof left === 'string' || Array.isArray(left)))
    return repeated(left, Number(toNumber(right)));
  if (operator === '-' && left instanceof Date) return minusDate(left, right);
  const [a, b] = [numberOf(left, operator), numberOf(right, operator)];
  if ((operator === '/' || operator === '%') && b === 0) {
    throw new OperatorError('Attempted to divide by zero.', 'RuntimeException', 'NotSpecified');
  }
  if (operator === '-') return a - b;
  if (operator === '*') return a * b;
  return operator === '/' ? a / b : a % b;
}

function repeated(left: string | Value[], times: number): Value {
  return typeof left === 'string' ? left.repeat(times) : Array.from({ length: times }, () => left).flat();
}

function numberOf(value: Value, operator: string): number {
  const number = toNumber(value);
  if (number !== undefined) return number;
  if (typeof value === 'string')
    throw cannotConvert(value, 'System.Int32', 'Input string was not in a correct format.');
  throw new OperatorError(
    `Method invocation failed because [${value === null ? '' : 'System.Object[]'}] does not contain a method named 'op_${operator}'.`,
    'MethodNotFound',
  );
}

export function cannotConvert(
  value: Value,
  type: string,
  why = 'Input string was not in a correct format.',
): OperatorError {
  return new OperatorError(
    `Cannot convert value "${toText(value)}" to type "${type}". Error: "${why}"`,
    'InvalidCastFromStringToInteger',
    'InvalidArgument',
  );
}

function add(left: Value, right: Value): Value {
  if (left === null) return right;
  if (Array.isArray(left)) return [...left, ...itemsOf(right)];
  if (typeof left === 'string') return left + toText(right);
  if (left instanceof Table && right instanceof Table) {
    const sum = new Table(undefined, left.isOrdered);
    for (const [name, value] of [...left.bag.entries, ...right.bag.entries]) sum.bag.set(name, value);
    return sum;
  }
  if (left instanceof Date && right instanceof PsObject) {
    return new Date(left.getTime() + Number(right.bag.get('TotalMilliseconds')));
  }
  return numberOf(left, 'Addition') + numberOf(right, 'Addition');
}

function minusDate(left: Date, right: Value): Value {
  if (right instanceof PsObject) return new Date(left.getTime() - Number(right.bag.get('TotalMilliseconds')));
  return timeSpan(left.getTime() - asDate(right));
}

export function timeSpan(ms: number): PsObject {
  const seconds = Math.trunc(ms / 1000);
  const [days, hours, minutes] = [
    Math.trunc(seconds / 86_400),
    Math.trunc(seconds / 3_600) % 24,
    Math.trunc(seconds / 60) % 60,
  ];
  const two = (n: number) => String(Math.abs(n)).padStart(2, '0');
  const text = `${days ? `${days}.` : ''}${two(hours)}:${two(minutes)}:${two(seconds % 60)}`;
  return PsObject.of(
    'System.TimeSpan',
    {
      Days: days,
      Hours: hours,
      Minutes: minutes,
      Seconds: seconds % 60,
      TotalDays: ms / 86_400_000,
      TotalHours: ms / 3_600_000,
      TotalMinutes: ms / 60_000,
      TotalSeconds: ms / 1_000,
      TotalMilliseconds: ms,
    },
    text,
  );
}

/** Operators that take both values whole; undefined for an operator that is none of them. */
export function combined(operator: string, left: Value, right: Value): Value | undefined {
  const name = operator.replace(/^[ci](?=contains|notcontains|in$|notin|replace|split)/, '');
  const has = (list: Value, item: Value) => itemsOf(list).some((one) => same(one, item));
  if (name === 'contains') return has(left, right);
  if (name === 'notcontains') return !has(left, right);
  if (name === 'in') return has(right, left);
  if (name === 'notin') return !has(right, left);
  if (name === 'is') return isOfType(left, typeText(right));
  if (name === 'isnot') return !isOfType(left, typeText(right));
  if (name === 'join') return itemsOf(left).map(toText).join(toText(right));
  if (name === 'split') return split(left, right);
  if (name === 'replace') return replace(left, right, operator.startsWith('c'));
  if (name === 'band')
    return Number(BigInt(Math.trunc(numberOf(left, name))) & BigInt(Math.trunc(numberOf(right, name))));
  if (name === 'bor')
    return Number(BigInt(Math.trunc(numberOf(left, name))) | BigInt(Math.trunc(numberOf(right, name))));
  if (name === 'bxor')
    return Number(BigInt(Math.trunc(numberOf(left, name))) ^ BigInt(Math.trunc(numberOf(right, name))));
  if (operator === '..') return range(numberOf(left, '..'), numberOf(right, '..'));
  return undefined;
}

const typeText = (value: Value): string => (value instanceof TypeName ? value.name : toText(value));

function range(from: number, to: number): Value[] {
  const step = from <= to ? 1 : -1;
  return Array.from({ length: Math.abs(to - from) + 1 }, (_, i) => from + i * step);
}

function split(left: Value, right: Value): Value {
  const [separator = ' ', most] = itemsOf(right);
  const pattern = regularExpression(toText(separator));
  const parts = itemsOf(left).flatMap((item) => toText(item).split(pattern));
  const count = toNumber(most ?? 0) ?? 0;
  if (count <= 0 || parts.length <= count) return parts;
  const text = toText(left);
  const kept: string[] = [];
  let rest = text;
  while (kept.length < count - 1) {
    const found = pattern.exec(rest);
    if (!found) break;
    kept.push(rest.slice(0, found.index));
    rest = rest.slice(found.index + found[0].length);
  }
  return [...kept, rest];
}

function replace(left: Value, right: Value, caseSensitive: boolean): Value {
  const [pattern = '', replacement = ''] = itemsOf(right);
  const expression = regularExpression(toText(pattern), caseSensitive, 'g');
  const by = toText(replacement)
    .replace(/\$\{(\d+)\}/g, '$$$1')
    .replace(/\$\{(\w+)\}/g, '$<$1>')
    .replace(/\$0/g, '$$&');
  const one = (value: Value) => toText(value).replace(expression, by);
  return Array.isArray(left) ? left.map(one) : one(left);
}
