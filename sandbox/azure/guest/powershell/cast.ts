import { cannotConvert, timeSpan } from './operators';
import { NotModelled } from './syntax';
import { isOfType, itemsOf, PsObject, Table, toBool, toNumber, toText, type Value, versionObject } from './values';

/** Enumerations whose members are their names. */
const enumerations =
  /(?:^|\.)(?:registryhive|registryview|registryvaluekind|securityprotocoltype|environmentvariabletarget|stringcomparison|compressionmode|stringsplitoptions)$/;

export const isEnumeration = (type: string): boolean => enumerations.test(type.toLowerCase());

/** `[type]value` */
export function cast(value: Value, type: string): Value {
  const name = type.toLowerCase().replace(/^system\./, '');
  const list = /^(.+)\[\]$/.exec(name)?.[1];
  if (list !== undefined) return itemsOf(value).map((item) => castItem(item, list));
  const conversion = conversions[name];
  if (conversion) return conversion(value, name);
  if (isEnumeration(name) || isOfType(value, name)) return value;
  throw new NotModelled(`the type [${type}]`);
}

/** A text among bytes is its character's code. */
function castItem(item: Value, type: string): Value {
  return type === 'byte' && typeof item === 'string' ? (item.codePointAt(0) ?? 0) : cast(item, type);
}

const same = (value: Value): Value => value;
const tableToObject = (value: Value): Value =>
  value instanceof Table ? new PsObject('System.Management.Automation.PSCustomObject', value.bag) : value;

const conversions: Readonly<Record<string, (value: Value, name: string) => Value>> = {
  string: toText,
  ...named('bool boolean switch', toBool),
  ...named('int int32 long int64 uint32 uint64 byte int16', integer),
  ...named('double decimal float single', real),
  char: (value) => (typeof value === 'number' ? String.fromCodePoint(value) : toText(value).slice(0, 1)),
  datetime: dateOf,
  version: versionOf,
  ...named('array collections.arraylist', itemsOf),
  void: () => null,
  ...named('pscustomobject psobject', tableToObject),
  timespan: (value) => (value instanceof PsObject ? value : timeSpan((toNumber(value) ?? 0) / 10_000)),
  ...named('regex object hashtable scriptblock guid type net.securityprotocoltype net.ipaddress', same),
};

function named<T>(names: string, value: T): Record<string, T> {
  return Object.fromEntries(names.split(' ').map((name) => [name, value]));
}

function integer(value: Value, name: string): Value {
  const found = Array.isArray(value) ? undefined : toNumber(value);
  if (found === undefined)
    throw cannotConvert(value, name.startsWith('int64') || name === 'long' ? 'System.Int64' : 'System.Int32');
  if (/^(?:int|int32)$/.test(name) && Math.abs(found) > 2_147_483_648) {
    throw cannotConvert(value, 'System.Int32', 'Value was either too large or too small for an Int32.');
  }
  return rounded(found);
}

function real(value: Value): Value {
  const found = Array.isArray(value) ? undefined : toNumber(value);
  if (found === undefined) throw cannotConvert(value, 'System.Double');
  return found;
}

function dateOf(value: Value): Value {
  if (value instanceof Date) return value;
  const text = toText(value).trim();
  const hasZone = /(?:Z|[+-]\d\d:?\d\d)$/.test(text);
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? Date.parse(text) : Date.parse(hasZone ? text : `${text} UTC`);
  const found = Number.isNaN(at) ? Date.parse(hasZone ? text : `${text}Z`) : at;
  if (Number.isNaN(found)) {
    throw cannotConvert(value, 'System.DateTime', 'String was not recognized as a valid DateTime.');
  }
  return new Date(found);
}

function versionOf(value: Value): Value {
  if (value instanceof PsObject) return value;
  const found = versionObject(toText(value));
  if (!found) throw cannotConvert(value, 'System.Version');
  return found;
}

/** Halves go to the even neighbour, as .NET rounds. */
export function rounded(value: number, digits = 0): number {
  const scaled = value * 10 ** digits;
  const floor = Math.floor(scaled);
  const isHalf = Math.abs(scaled - floor - 0.5) < 1e-9;
  return (isHalf ? (floor % 2 === 0 ? floor : floor + 1) : Math.round(scaled)) / 10 ** digits;
}
