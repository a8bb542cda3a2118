import type { Engine } from './engine';
import { formatted } from './formats';
import { compare, OperatorError, same } from './operators';
import { type Extent, NotModelled } from './syntax';
import {
  arrayLists,
  Bag,
  Block,
  customObject,
  itemsOf,
  PsObject,
  Table,
  toBool,
  toNumber,
  toText,
  typeOf,
  type Value,
} from './values';

export interface Invocation {
  readonly name: string;
  readonly args: readonly Value[];
  readonly extent: Extent;
}

const dates: Readonly<Record<string, (d: Date) => Value>> = {
  year: (d) => d.getUTCFullYear(),
  month: (d) => d.getUTCMonth() + 1,
  day: (d) => d.getUTCDate(),
  hour: (d) => d.getUTCHours(),
  minute: (d) => d.getUTCMinutes(),
  second: (d) => d.getUTCSeconds(),
  dayofweek: (d) => ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'][d.getUTCDay()] ?? '',
  date: (d) => new Date(Math.floor(d.getTime() / 86_400_000) * 86_400_000),
};

/** A property; undefined where the value has none of that name. */
export function memberOf(value: Value, name: string): Value | undefined {
  const wanted = name.toLowerCase();
  if (value === null) return undefined;
  if (value instanceof Table) {
    if (value.bag.has(name)) return value.bag.get(name);
    if (wanted === 'keys') return value.bag.names;
    if (wanted === 'values') return value.bag.entries.map(([, v]) => v);
    return wanted === 'count' ? value.bag.size : undefined;
  }
  if (value instanceof PsObject && value.bag.has(name)) return value.bag.get(name);
  if (wanted === 'psobject') return customObject({ Properties: propertiesOf(value), TypeNames: [typeOf(value)] });
  if (Array.isArray(value)) return wanted === 'count' || wanted === 'length' ? value.length : undefined;
  if (typeof value === 'string' && wanted === 'length') return value.length;
  if (value instanceof Date && dates[wanted]) return dates[wanted](value);
  return wanted === 'count' || wanted === 'length' ? 1 : undefined;
}

function propertiesOf(value: Value): Value[] {
  const bag = value instanceof PsObject || value instanceof Table ? value.bag : new Bag();
  return bag.entries.map(([Name, Value]) => customObject({ Name, Value, MemberType: 'NoteProperty' }));
}

export function invokeMember(engine: Engine, target: Value, { name, args, extent }: Invocation): Value {
  const method = name.toLowerCase();
  if (method === 'gettype')
    return new PsObject(
      'System.RuntimeType',
      Bag.of({ Name: typeOf(target).split('.').at(-1) ?? '', FullName: typeOf(target) }),
      typeOf(target),
    );
  if (method === 'equals') return same(target, args[0] ?? null, true);
  if (method === 'compareto') return Math.sign(compare(target, args[0] ?? null, true));
  const found = ownMethod(engine, target, { name: method, args, extent });
  if (found !== undefined) return found;
  if (method === 'tostring')
    return args[0] === undefined || typeof args[0] !== 'string' ? toText(target) : formatted(target, args[0]);
  throw new NotModelled(`the method ${name} of ${typeOf(target)}`, extent);
}

/** Undefined where the value has no such method; null where the method gives nothing. */
function ownMethod(engine: Engine, target: Value, { name, args, extent }: Invocation): Value | undefined {
  if (target instanceof PsObject) return target.methods[name]?.(args);
  if (typeof target === 'string') return textMethods[name]?.(target, args);
  if (Array.isArray(target)) return listMethod(engine, target, name, args);
  if (target instanceof Table) return tableMethod(target, name, args);
  if (target instanceof Date) return dateMethod(target, name, args);
  if (!(target instanceof Block) || !name.startsWith('invoke')) return undefined;
  return engine.callBlock(
    target,
    {},
    args.map((value) => ({ value, extent })),
  );
}

const characters = (value: Value | undefined): string =>
  itemsOf(value)
    .map(toText)
    .join('')
    .replace(/[\\\]^-]/g, '\\$&');

type TextMethod = (text: string, args: readonly Value[]) => Value;

const trimmed = (value: Value | undefined): string => characters(value) || '\\s';
const count = (value: Value | undefined): number => toNumber(value ?? 0) ?? 0;

/** Both texts, in lower case where the last argument says that case does not matter. */
function folded(text: string, args: readonly Value[]): readonly [string, string] {
  const part = toText(args[0]);
  return /ignorecase/i.test(toText(args.at(-1))) ? [text.toLowerCase(), part.toLowerCase()] : [text, part];
}

const textMethods: Readonly<Record<string, TextMethod>> = {
  trim: (text, [set]) => text.replace(new RegExp(`^[${trimmed(set)}]+|[${trimmed(set)}]+$`, 'g'), ''),
  trimstart: (text, [set]) => text.replace(new RegExp(`^[${trimmed(set)}]+`), ''),
  trimend: (text, [set]) => text.replace(new RegExp(`[${trimmed(set)}]+$`), ''),
  tolower: (text) => text.toLowerCase(),
  tolowerinvariant: (text) => text.toLowerCase(),
  toupper: (text) => text.toUpperCase(),
  toupperinvariant: (text) => text.toUpperCase(),
  split: (text, [set, options]) => {
    const parts = text.split(new RegExp(`[${trimmed(set)}]`));
    return /RemoveEmptyEntries/i.test(toText(options)) ? parts.filter((part) => part !== '') : parts;
  },
  replace: (text, [from, to]) => text.replaceAll(toText(from), toText(to)),
  contains: (text, [part]) => text.includes(toText(part)),
  startswith: (text, args) => folded(text, args)[0].startsWith(folded(text, args)[1]),
  endswith: (text, args) => folded(text, args)[0].endsWith(folded(text, args)[1]),
  indexof: (text, args) => folded(text, args)[0].indexOf(folded(text, args)[1]),
  lastindexof: (text, args) => folded(text, args)[0].lastIndexOf(folded(text, args)[1]),
  substring: (text, [from, length]) => substring(text, count(from), length === undefined ? undefined : count(length)),
  padleft: (text, [width, by = ' ']) => text.padStart(count(width), toText(by)),
  padright: (text, [width, by = ' ']) => text.padEnd(count(width), toText(by)),
  insert: (text, [at, part]) => text.slice(0, count(at)) + toText(part) + text.slice(count(at)),
  remove: (text, [at, length]) =>
    text.slice(0, count(at)) + (length === undefined ? '' : text.slice(count(at) + count(length))),
  tochararray: (text) => [...text],
};

function substring(text: string, from: number, length?: number): string {
  if (from < 0 || from > text.length || (length !== undefined && from + length > text.length)) {
    throw new OperatorError(
      'Exception calling "Substring" with "2" argument(s): "Index and length must refer to a location within the string.\r\nParameter name: length"',
      'ArgumentOutOfRangeException',
      'NotSpecified',
    );
  }
  return text.slice(from, length === undefined ? undefined : from + length);
}

function listMethod(engine: Engine, list: Value[], method: string, args: readonly Value[]): Value | undefined {
  const [first = null] = args;
  switch (method) {
    case 'contains':
      return list.some((item) => same(item, first, true));
    case 'indexof':
      return list.findIndex((item) => same(item, first, true));
    case 'add':
      list.push(first);
      return arrayLists.has(list) ? list.length - 1 : null;
    case 'addrange':
      list.push(...itemsOf(first));
      return null;
    case 'clear':
      list.splice(0);
      return null;
    case 'toarray':
      return [...list];
    case 'where':
      return first instanceof Block
        ? list.filter((item) => toBool(last(engine.callBlock(first, { _: item }))))
        : undefined;
    case 'foreach':
      return first instanceof Block ? list.flatMap((item) => engine.callBlock(first, { _: item })) : undefined;
    default:
      return undefined;
  }
}

const last = (values: readonly Value[]): Value => values.at(-1) ?? null;

function tableMethod({ bag }: Table, method: string, args: readonly Value[]): Value | undefined {
  const [name = '', value = null] = args;
  switch (method) {
    case 'containskey':
    case 'contains':
      return bag.has(toText(name));
    case 'add':
      bag.set(toText(name), value);
      return null;
    case 'remove':
      bag.delete(toText(name));
      return null;
    case 'getenumerator':
      return bag.entries.map(([Name, Value]) =>
        PsObject.of('System.Collections.DictionaryEntry', { Name, Key: Name, Value }).showing('Name', 'Value'),
      );
    default:
      return undefined;
  }
}

function dateMethod(date: Date, method: string, args: readonly Value[]): Value | undefined {
  const amount = toNumber(args[0] ?? 0) ?? 0;
  const sizes: Readonly<Record<string, number>> = {
    adddays: 86_400_000,
    addhours: 3_600_000,
    addminutes: 60_000,
    addseconds: 1_000,
  };
  const size = sizes[method];
  if (size !== undefined) return new Date(date.getTime() + amount * size);
  if (method === 'addmonths' || method === 'addyears') {
    const moved = new Date(date);
    moved.setUTCMonth(moved.getUTCMonth() + amount * (method === 'addyears' ? 12 : 1));
    return moved;
  }
  return method === 'touniversaltime' || method === 'tolocaltime' ? date : undefined;
}
