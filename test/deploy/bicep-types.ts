import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PredictedResource } from '../../tools/bicep/project';
import { shared, sharedFiles } from '../conformance/shared';

/** Types as Bicep's compiler reads them (Azure/bicep-types-az); `$ref` is `#/` and an index into the file. */
interface Ref {
  readonly $ref: string;
}
interface Property {
  readonly type: Ref;
  readonly flags: number;
}
type Type =
  | { readonly $type: 'ResourceType'; readonly name: string; readonly body: Ref }
  | {
      readonly $type: 'ObjectType';
      readonly properties: Readonly<Record<string, Property>>;
      readonly additionalProperties?: Ref;
    }
  | {
      readonly $type: 'DiscriminatedObjectType';
      readonly discriminator: string;
      readonly baseProperties: Readonly<Record<string, Property>>;
      readonly elements: Readonly<Record<string, Ref>>;
    }
  | { readonly $type: 'ArrayType'; readonly itemType: Ref; readonly minLength?: number; readonly maxLength?: number }
  | { readonly $type: 'UnionType'; readonly elements: readonly Ref[] }
  | { readonly $type: 'StringLiteralType'; readonly value: string }
  | {
      readonly $type: 'StringType';
      readonly minLength?: number;
      readonly maxLength?: number;
      readonly pattern?: string;
    }
  | { readonly $type: 'IntegerType'; readonly minValue?: number; readonly maxValue?: number }
  | { readonly $type: 'BooleanType' | 'AnyType' | 'ResourceFunctionType' };

const required = 1;
const readOnly = 2;

/** A text that ARM computes as it deploys. */
export const isExpression = (value: unknown): boolean => typeof value === 'string' && /^\[[^[].*\]$/s.test(value);

const files = new Map<string, readonly Type[]>();

/** Where the types of a provider lie, by their version. */
function versionsOf(provider: string): ReadonlyMap<string, string> {
  const groups = sharedFiles('azure-types', 'generated');
  return new Map(
    groups.flatMap((group) => {
      const folder = ['azure-types', 'generated', group, provider.toLowerCase()] as const;
      return sharedFiles(...folder).map(
        (version) => [version, join(shared, ...folder, version, 'types.json')] as const,
      );
    }),
  );
}

function read(file: string): readonly Type[] {
  const types = files.get(file) ?? (JSON.parse(readFileSync(file, 'utf8')) as readonly Type[]);
  files.set(file, types);
  return types;
}

/** The types that a resource is judged by: of its own version, else of the next one that has it. */
function typesFor({ type, apiVersion }: PredictedResource) {
  const [provider = ''] = type.split('/');
  const versions = [...versionsOf(provider)].sort(([a], [b]) => a.localeCompare(b));
  for (const [version, file] of versions.filter(([version]) => version >= apiVersion)) {
    const types = read(file);
    const wanted = `${type}@${version}`.toLowerCase();
    const found = types.find((t) => t.$type === 'ResourceType' && t.name.toLowerCase() === wanted);
    if (found?.$type === 'ResourceType') return { types, body: found.body, version };
  }
  return undefined;
}

/** What a resource lacks, has too much or wrong, by its type: a line each. Undefined where nobody here can tell. */
export function againstTypes(resource: PredictedResource): readonly string[] | undefined {
  const found = typesFor(resource);
  if (!found) return undefined;
  const { id: _id, scope: _scope, ...body } = resource;
  // ARM names a child by its whole path; the type of the body knows its last part alone.
  const name = isExpression(resource.name) ? resource.name : resource.name.split('/').at(-1);
  return new Judge(found.types).judge(found.body, { ...body, name, apiVersion: found.version }, '');
}

class Judge {
  constructor(private readonly types: readonly Type[]) {}

  judge(ref: Ref, value: unknown, path: string): readonly string[] {
    if (isExpression(value)) return [];
    const type = this.types[Number(ref.$ref.slice(2))];
    switch (type?.$type) {
      case 'ObjectType':
        return this.object(type, value, path);
      case 'DiscriminatedObjectType':
        return this.discriminated(type, value, path);
      case 'ArrayType':
        if (!Array.isArray(value)) return [`${path} is not a list`];
        return value.flatMap((item, index) => this.judge(type.itemType, item, `${path}[${index}]`));
      case 'UnionType':
        return this.union(type.elements, value, path);
      case 'StringLiteralType':
        return String(value).toLowerCase() === type.value.toLowerCase() ? [] : [`${path} is not “${type.value}”`];
      case 'StringType':
        return text(type, value, path);
      case 'IntegerType':
        return integer(type, value, path);
      case 'BooleanType':
        return typeof value === 'boolean' ? [] : [`${path} is not true or false`];
      default:
        return [];
    }
  }

  private object(type: Type & { $type: 'ObjectType' }, value: unknown, path: string): readonly string[] {
    if (!isObject(value)) return [`${path} is not an object`];
    const { properties, additionalProperties } = type;
    return [...missing(properties, value, path), ...this.members(properties, additionalProperties, value, path)];
  }

  private members(
    properties: Readonly<Record<string, Property>>,
    others: Ref | undefined,
    value: Readonly<Record<string, unknown>>,
    path: string,
  ): readonly string[] {
    return Object.entries(value).flatMap(([name, member]) => {
      const at = path ? `${path}.${name}` : name;
      const property = properties[name];
      if (!property) return others ? this.judge(others, member, at) : [`${at} is unknown`];
      const given = path !== '' && property.flags & readOnly ? [`${at} is Azure's to set`] : [];
      return [...given, ...this.judge(property.type, member, at)];
    });
  }

  private discriminated(
    type: Type & { $type: 'DiscriminatedObjectType' },
    value: unknown,
    path: string,
  ): readonly string[] {
    if (!isObject(value)) return [`${path} is not an object`];
    const kind = value[type.discriminator];
    if (isExpression(kind)) return [];
    const element = type.elements[String(kind)];
    if (!element) return [`${path}.${type.discriminator} is none of ${Object.keys(type.elements).join(', ')}`];
    const own = this.types[Number(element.$ref.slice(2))];
    if (own?.$type !== 'ObjectType') return [];
    return this.object({ ...own, properties: { ...type.baseProperties, ...own.properties } }, value, path);
  }

  private union(elements: readonly Ref[], value: unknown, path: string): readonly string[] {
    const judged = elements.map((element) => this.judge(element, value, path));
    if (judged.some((problems) => problems.length === 0)) return [];
    const literals = elements.flatMap((ref) => {
      const type = this.types[Number(ref.$ref.slice(2))];
      return type?.$type === 'StringLiteralType' ? [type.value] : [];
    });
    return [`${path} is “${String(value)}”, which is none of ${literals.join(', ')}`];
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function missing(properties: Readonly<Record<string, Property>>, value: object, path: string): readonly string[] {
  const given = new Set(Object.keys(value));
  return Object.entries(properties)
    .filter(([name, { flags }]) => flags & required && !(flags & readOnly) && !given.has(name))
    .map(([name]) => `${path ? `${path}.` : ''}${name} is missing`);
}

function text(type: Type & { $type: 'StringType' }, value: unknown, path: string): readonly string[] {
  if (typeof value !== 'string') return [`${path} is not a text`];
  const { minLength = 0, maxLength = Number.POSITIVE_INFINITY, pattern } = type;
  if (value.length < minLength || value.length > maxLength) return [`${path} has ${value.length} characters`];
  return pattern === undefined || new RegExp(pattern).test(value) ? [] : [`${path} does not match ${pattern}`];
}

function integer(type: Type & { $type: 'IntegerType' }, value: unknown, path: string): readonly string[] {
  // Bicep knows no fractions: its types call half a core an integer, too.
  if (typeof value !== 'number') return [`${path} is not a number`];
  const { minValue = Number.NEGATIVE_INFINITY, maxValue = Number.POSITIVE_INFINITY } = type;
  return value < minValue || value > maxValue ? [`${path} is not within ${minValue} and ${maxValue}`] : [];
}
