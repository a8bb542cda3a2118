import type { Json } from '../../../kernel/types';

export class Timespan {
  constructor(readonly ms: number) {}

  /** As Kusto writes it: `1.02:03:04`. */
  toString(): string {
    const seconds = Math.trunc(Math.abs(this.ms) / 1_000);
    const days = Math.trunc(seconds / 86_400);
    const parts = [Math.trunc(seconds / 3_600) % 24, Math.trunc(seconds / 60) % 60, seconds % 60];
    const time = parts.map((part) => String(part).padStart(2, '0')).join(':');
    return `${this.ms < 0 ? '-' : ''}${days > 0 ? `${days}.` : ''}${time}`;
  }
}

/** A scalar of a query: JSON, a datetime, a timespan, or undefined where JSON has nothing (Kusto's null). */
export type Value = Json | Date | Timespan | undefined;

export type Row = Value[];

export const isNull = (value: Value): value is null | undefined => value === null || value === undefined;

export function toText(value: Value): string {
  if (isNull(value)) return '';
  if (typeof value === 'string') return value;
  if (value instanceof Date) return value.toISOString().replace('Z', '0000Z');
  return typeof value === 'object' && !(value instanceof Timespan) ? JSON.stringify(value) : String(value);
}

export function toNumber(value: Value): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'string' || value.trim() === '') return undefined;
  const number = Number(value);
  return Number.isNaN(number) ? undefined : number;
}

export function toBool(value: Value): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (typeof value === 'number') return value !== 0;
  const word = typeof value === 'string' ? value.toLowerCase() : '';
  return word === 'true' || word === '1' ? true : word === 'false' || word === '0' ? false : undefined;
}

export function toDate(value: Value): Date | undefined {
  if (value instanceof Date) return value;
  if (typeof value !== 'string') return undefined;
  const date = new Date(value);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** Less, equal or more; undefined when the two cannot be compared (one is null, or they are of different kinds). */
export function compare(a: Value, b: Value): number | undefined {
  if (isNull(a) || isNull(b)) return undefined;
  const [dateA, dateB] = [a instanceof Date, b instanceof Date];
  if (dateA || dateB) {
    const [left, right] = [toDate(a)?.getTime(), toDate(b)?.getTime()];
    return left === undefined || right === undefined ? undefined : Math.sign(left - right);
  }
  if (typeof a === 'string' && typeof b === 'string') return a < b ? -1 : a > b ? 1 : 0;
  if (a instanceof Timespan && b instanceof Timespan) return Math.sign(a.ms - b.ms);
  if (typeof a === 'object' || typeof b === 'object') return undefined;
  const [left, right] = [toNumber(a), toNumber(b)];
  if (left === undefined || right === undefined) return undefined;
  return Math.sign(left - right);
}

export function equal(a: Value, b: Value): boolean {
  if (typeof a === typeof b && (typeof a === 'number' || typeof a === 'string')) return a === b;
  if (isNull(a) || isNull(b)) return false;
  if (typeof a === 'object' && !(a instanceof Date) && !(a instanceof Timespan)) return toText(a) === toText(b);
  return compare(a, b) === 0;
}

/** For sorting: nulls are smaller than everything. */
export function order(a: Value, b: Value): number {
  if (isNull(a) || isNull(b)) return Number(isNull(b)) - Number(isNull(a));
  return compare(a, b) ?? (toText(a) < toText(b) ? -1 : toText(a) > toText(b) ? 1 : 0);
}

/** A value as a response shows it. */
export function toJson(value: Value): Json {
  if (value instanceof Date) return value.toISOString();
  return value instanceof Timespan ? String(value) : (value ?? null);
}
