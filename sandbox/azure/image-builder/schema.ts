import type { Json } from '../../kernel/types';

/** What a field may hold. `since` hides it from older API versions; `readOnly` fields are ignored in requests. */
export interface Field {
  readonly type:
    | 'string'
    | 'integer'
    | 'boolean'
    | 'strings'
    | 'integers'
    | 'map'
    | 'any'
    | Shape
    | readonly [Shape | Union]
    | Union;
  readonly required?: boolean;
  readonly readOnly?: boolean;
  readonly since?: string;
  readonly oneOf?: readonly string[];
  readonly range?: readonly [least: number, most: number];
  readonly pattern?: RegExp;
}

export interface Shape {
  readonly fields: Readonly<Record<string, Field>>;
}

/** An object whose `type` (or other discriminator) says which fields it has; unknown kinds are checked later. */
export interface Union {
  readonly discriminator: string;
  readonly kinds: Readonly<Record<string, Shape>>;
  /** Answered with 400 when the kind is unknown; otherwise it becomes a provisioning error. */
  readonly closed?: boolean;
}

const review = 'Please review http://aka.ms/azvmimagebuildertmplref for details on fields';

export const missing = (path: string, name: string) =>
  `Validation failed: '${path}': Missing field '${name}'. ${review} required in the Image Builder Template.`;

export const badValue = (path: string, name: string, value: Json | undefined) =>
  `Validation failed: '${path}': Field '${name}' has a bad value: '${typeof value === 'string' ? value : JSON.stringify(value)}'. ${review} requirements in the Image Builder Template.`;

const unknown = (path: string, name: string) =>
  `Validation failed: '${path}': Unrecognized field '${name}'. Field names are case-sensitive. ${review} requirements in the Image Builder Template.`;

type JsonObject = { readonly [name: string]: Json };

function isObject(value: Json): value is { [name: string]: Json } {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** From this version on, unknown fields are refused; older ones ignore them. */
export const strictSince = '2024-02-01';

function isVisible(shape: Shape, name: string, apiVersion: string): boolean {
  const field = Object.hasOwn(shape.fields, name) ? shape.fields[name] : undefined;
  return field !== undefined && (!field.since || field.since <= apiVersion);
}

/** What a version of the API sees of an object. */
export function seen<T>(value: Readonly<Record<string, T>>, shape: Shape, apiVersion: string): Record<string, T> {
  return Object.fromEntries(Object.entries(value).filter(([name]) => isVisible(shape, name, apiVersion)));
}

/** The first thing Image Builder would refuse in a body, or undefined. */
export function problem(value: JsonObject, shape: Shape, path: string, apiVersion: string): string | undefined {
  const strange = Object.keys(value).find((name) => !isVisible(shape, name, apiVersion));
  if (strange !== undefined && apiVersion >= strictSince) return unknown(path, strange);
  for (const [name, field] of Object.entries(shape.fields)) {
    if (!isVisible(shape, name, apiVersion)) continue;
    const given = value[name];
    if (given === undefined || given === null) {
      if (field.required) return missing(path, name);
      continue;
    }
    if (field.readOnly) continue;
    const found = fieldProblem(given, field, { path, name, apiVersion });
    if (found) return found;
  }
  return undefined;
}

interface Place {
  readonly path: string;
  readonly name: string;
  readonly apiVersion: string;
}

function fieldProblem(value: Json, field: Field, place: Place): string | undefined {
  const { type } = field;
  const bad = badValue(place.path, place.name, value);
  if (typeof type === 'string') return simpleFits(value, field) ? undefined : bad;
  if (Array.isArray(type)) {
    if (!Array.isArray(value)) return bad;
    const [inner] = type as readonly [Shape | Union];
    for (const [i, item] of value.entries()) {
      const found = isObject(item) ? nested(item, inner, `${place.path}.${place.name}[${i}]`, place) : bad;
      if (found) return found;
    }
    return undefined;
  }
  if (!isObject(value)) return bad;
  return nested(value, type as Shape | Union, `${place.path}.${place.name}`, place);
}

function nested(value: JsonObject, type: Shape | Union, path: string, place: Place): string | undefined {
  if ('fields' in type) return problem(value, type, path, place.apiVersion);
  const kind = value[type.discriminator];
  if (kind === undefined) return missing(path, type.discriminator);
  const shape = typeof kind === 'string' && Object.hasOwn(type.kinds, kind) ? type.kinds[kind] : undefined;
  if (shape) return problem(value, shape, path, place.apiVersion);
  return type.closed || typeof kind !== 'string' ? badValue(path, type.discriminator, kind) : undefined;
}

function simpleFits(value: Json, { type, oneOf, range, pattern }: Field): boolean {
  switch (type) {
    case 'any':
      return true;
    case 'string':
      return typeof value === 'string' && (!oneOf || oneOf.includes(value)) && (!pattern || pattern.test(value));
    case 'integer':
      return Number.isInteger(value) && (!range || (Number(value) >= range[0] && Number(value) <= range[1]));
    case 'boolean':
      return typeof value === 'boolean';
    case 'strings':
      return Array.isArray(value) && value.every((v) => typeof v === 'string');
    case 'integers':
      return Array.isArray(value) && value.every((v) => Number.isInteger(v));
    default:
      return isObject(value) && Object.values(value).every((v) => typeof v === 'string');
  }
}
