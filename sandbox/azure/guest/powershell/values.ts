import type { Script } from './syntax';

export type Value = null | boolean | number | string | Date | Value[] | PsObject | Table | Block | TypeName;

/** Names in any case, in the order in which they came. */
export class Bag {
  private readonly entriesByName = new Map<string, [name: string, value: Value]>();

  static of(entries: Readonly<Record<string, Value>>): Bag {
    const bag = new Bag();
    for (const [name, value] of Object.entries(entries)) bag.set(name, value);
    return bag;
  }

  get(name: string): Value | undefined {
    return this.entriesByName.get(name.toLowerCase())?.[1];
  }

  has(name: string): boolean {
    return this.entriesByName.has(name.toLowerCase());
  }

  set(name: string, value: Value): void {
    const at = name.toLowerCase();
    this.entriesByName.set(at, [this.entriesByName.get(at)?.[0] ?? name, value]);
  }

  delete(name: string): void {
    this.entriesByName.delete(name.toLowerCase());
  }

  get entries(): readonly (readonly [string, Value])[] {
    return [...this.entriesByName.values()];
  }

  get names(): string[] {
    return this.entries.map(([name]) => name);
  }

  get size(): number {
    return this.entriesByName.size;
  }
}

/** Lists that tell the place of what is added to them; the generic ones say nothing. */
export const arrayLists = new WeakSet<Value[]>();

type Method = (args: readonly Value[]) => Value;

/** An object of .NET with what scripts read of it. */
export class PsObject {
  /** What `Out-Default` and `Format-Table` show, where that is not every property. */
  shown?: readonly string[];

  constructor(
    readonly type: string,
    readonly bag: Bag,
    /** What `ToString()` says; otherwise the name of its type. */
    readonly text?: string,
    readonly methods: Readonly<Record<string, Method>> = {},
  ) {}

  static of(type: string, entries: Readonly<Record<string, Value>>, text?: string): PsObject {
    return new PsObject(type, Bag.of(entries), text);
  }

  showing(...names: readonly string[]): this {
    this.shown = names;
    return this;
  }
}

export class Table {
  constructor(
    readonly bag = new Bag(),
    readonly isOrdered = false,
  ) {}
}

export class Block {
  constructor(
    readonly script: Script,
    readonly text: string,
  ) {}
}

export class TypeName {
  constructor(readonly name: string) {}
}

export const customObject = (entries: Readonly<Record<string, Value>>): PsObject =>
  PsObject.of('System.Management.Automation.PSCustomObject', entries);

/** Short and full names of the types that are modelled. */
const fullNames: Readonly<Record<string, string>> = {
  string: 'System.String',
  int: 'System.Int32',
  int32: 'System.Int32',
  long: 'System.Int64',
  int64: 'System.Int64',
  double: 'System.Double',
  bool: 'System.Boolean',
  boolean: 'System.Boolean',
  datetime: 'System.DateTime',
  hashtable: 'System.Collections.Hashtable',
  version: 'System.Version',
  array: 'System.Array',
};

export function typeOf(value: Value): string {
  if (value === null) return 'null';
  if (typeof value === 'boolean') return 'System.Boolean';
  if (typeof value === 'number') {
    if (!Number.isInteger(value)) return 'System.Double';
    return Math.abs(value) > 0x7f_ff_ff_ff ? 'System.Int64' : 'System.Int32';
  }
  if (typeof value === 'string') return 'System.String';
  if (value instanceof Date) return 'System.DateTime';
  if (Array.isArray(value)) return 'System.Object[]';
  if (value instanceof PsObject) return value.type;
  if (value instanceof Table) {
    return value.isOrdered ? 'System.Collections.Specialized.OrderedDictionary' : 'System.Collections.Hashtable';
  }
  return value instanceof Block ? 'System.Management.Automation.ScriptBlock' : 'System.RuntimeType';
}

/** Whether a value is of a type, named short or in full. */
export function isOfType(value: Value, type: string): boolean {
  const wanted = (fullNames[type.toLowerCase()] ?? type).toLowerCase();
  const actual = typeOf(value).toLowerCase();
  const endsLikeIt = actual.split('.').at(-1) === wanted.split('.').at(-1);
  const isArray = Array.isArray(value) && (wanted === 'system.array' || wanted.endsWith('[]'));
  return endsLikeIt || isArray || (wanted === 'object' && value !== null);
}

const two = (n: number): string => String(n).padStart(2, '0');

/** As the invariant culture writes it: `11/29/2026 03:55:19`. */
function dateText(d: Date): string {
  const day = `${two(d.getUTCMonth() + 1)}/${two(d.getUTCDate())}/${d.getUTCFullYear()}`;
  return `${day} ${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`;
}

/** What a value is in a string. */
export function toText(value: Value | undefined): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'string') return value;
  if (value instanceof Date) return dateText(value);
  if (Array.isArray(value)) return value.map(toText).join(' ');
  if (value instanceof Block) return value.text;
  if (value instanceof TypeName) return fullNames[value.name.toLowerCase()] ?? value.name;
  if (value instanceof PsObject) return value.text ?? objectText(value);
  return typeOf(value);
}

function numberText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity';
  if (Math.abs(value) < 1e15 || Number.isInteger(value)) return String(value);
  return value.toExponential().toUpperCase();
}

function objectText(value: PsObject): string {
  if (!value.type.endsWith('PSCustomObject')) return value.type;
  return `@{${value.bag.entries.map(([name, v]) => `${name}=${toText(v)}`).join('; ')}}`;
}

export function toBool(value: Value | undefined): boolean {
  if (value === null || value === undefined) return false;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  if (typeof value === 'string') return value !== '';
  if (Array.isArray(value)) return value.length === 1 ? toBool(value[0]) : value.length > 0;
  return true;
}

/** What PowerShell counts: nothing is no item, a list its items, everything else one. */
export function itemsOf(value: Value | undefined): Value[] {
  if (value === null || value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}

/** Undefined for what is no number. */
export function toNumber(value: Value): number | undefined {
  if (value === null) return 0;
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (text === '') return 0;
  return /^[+-]?(?:0x[0-9a-f]+|(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)$/i.test(text) ? Number(text) : undefined;
}

/** What a pipeline left: nothing, one value, or a list. */
export function collected(values: readonly Value[]): Value {
  return values.length === 0 ? null : values.length === 1 ? (values[0] ?? null) : [...values];
}

export function versionObject(text: string): PsObject | undefined {
  if (!/^\d+(\.\d+){1,3}$/.test(text.trim())) return undefined;
  const parts = text.trim().split('.').map(Number);
  const [Major = 0, Minor = 0, Build = -1, Revision = -1] = parts;
  return PsObject.of('System.Version', { Major, Minor, Build, Revision }, parts.join('.'));
}

/** `*`, `?` and `[…]` of PowerShell, in any case. */
export function wildcard(pattern: string): RegExp {
  const source = pattern.replace(/`([*?[\]])|\[[^\]]+\]|[*?]|[.+^${}()|[\]\\]/g, (found, literal?: string) => {
    if (literal !== undefined) return `\\${literal}`;
    if (found === '*') return '.*';
    if (found === '?') return '.';
    return found.length > 1 ? found : `\\${found}`;
  });
  return new RegExp(`^${source}$`, 'is');
}

export const hasWildcard = (text: string): boolean => /[*?[]/.test(text);
