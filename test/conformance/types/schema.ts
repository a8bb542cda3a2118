import { at, type BicepType, flag, indexOf, type ObjectType, type Property, type Ref } from './bicep';
import { nullTakesAway, openLists } from './exceptions';

/** What a body is judged as. In a PATCH nothing need be there, except within an array: PATCH replaces it as a whole. */
export type Use = 'put' | 'patch' | 'response';

export type Schema = Readonly<Record<string, unknown>>;

/** JSON Schema of a resource's body. Types that contain themselves become `$defs`. */
export function schemaOf(types: readonly BicepType[], body: Ref, use: Use): Schema {
  return new Builder(types).root(body, use);
}

class Builder {
  private readonly defs: Record<string, Schema> = {};

  constructor(private readonly types: readonly BicepType[]) {}

  root(body: Ref, use: Use): Schema {
    return { ...this.ref(body, use), $defs: this.defs };
  }

  /** Objects are shared by reference: some contain themselves. */
  private ref(ref: Ref, use: Use, within?: string): Schema {
    const type = at(this.types, ref);
    if (type.$type !== 'ObjectType' && type.$type !== 'DiscriminatedObjectType') return this.plain(type, use, within);
    const name = `${indexOf(ref)}-${use}`;
    if (!this.defs[name]) {
      this.defs[name] = {};
      this.defs[name] = type.$type === 'ObjectType' ? this.object(type, use) : this.oneOf(type, use);
    }
    return { $ref: `#/$defs/${name}` };
  }

  private plain(type: BicepType, use: Use, within?: string): Schema {
    switch (type.$type) {
      case 'StringType': {
        const { $type: _, minLength, maxLength, pattern } = type;
        return { type: 'string', ...known({ minLength, maxLength, pattern }) };
      }
      case 'StringLiteralType':
        return { type: 'string', enum: [type.value] };
      case 'IntegerType':
        return { type: 'integer', ...known({ minimum: type.minValue, maximum: type.maxValue }) };
      case 'BooleanType':
        return { type: 'boolean' };
      case 'NullType':
        return { type: 'null' };
      case 'ArrayType': {
        const items = this.ref(type.itemType, use === 'patch' ? 'put' : use, within);
        return { type: 'array', items, ...known({ minItems: type.minLength, maxItems: type.maxLength }) };
      }
      case 'UnionType':
        return this.union(type.elements, use, within);
      default:
        return {};
    }
  }

  /** A list of known words is closed, also where Azure leaves it open, unless it is a named one. */
  private union(elements: readonly Ref[], use: Use, within?: string): Schema {
    const all = elements.map((ref) => at(this.types, ref));
    const words = all.flatMap((type) => (type.$type === 'StringLiteralType' ? [type.value] : []));
    const rest = elements.filter((_, i) => !['StringLiteralType', 'StringType'].includes(all[i]?.$type ?? ''));
    const open = words.length === 0 || (within !== undefined && openLists.has(within));
    const text: Schema = open ? { type: 'string' } : { type: 'string', enum: words };
    if (rest.length === 0) return text;
    const others = rest.map((ref) => this.ref(ref, use, within));
    return { anyOf: rest.length < all.length ? [text, ...others] : others };
  }

  private object(type: ObjectType, use: Use, base: Record<string, Property> = {}): Schema {
    const all = { ...base, ...type.properties };
    const entries = Object.entries(all).filter(([name]) => !(name === 'apiVersion' && isResource(all)));
    const properties = entries.map(([name, property]) => {
      const secret = use === 'response' && isSecret(at(this.types, property.type));
      const refused = secret ? 'is secret' : refusal(name, property, { use, resource: isResource(all) });
      return [name, refused ? { refused } : this.property(`${type.name}.${name}`, property, use)];
    });
    const required = entries.filter(([name, p]) => isRequired(name, p, { use, resource: isResource(all) }));
    return {
      type: 'object',
      properties: Object.fromEntries(properties),
      required: required.map(([name]) => name),
      additionalProperties: type.additionalProperties ? this.ref(type.additionalProperties, use) : false,
    };
  }

  private property(name: string, { type }: Property, use: Use): Schema {
    const schema = this.ref(type, use, name);
    return use === 'patch' && nullTakesAway.has(name) ? { anyOf: [schema, { type: 'null' }] } : schema;
  }

  private oneOf(type: BicepType & { $type: 'DiscriminatedObjectType' }, use: Use): Schema {
    const oneOf = Object.values(type.elements).map((ref) => {
      const element = at(this.types, ref) as ObjectType;
      const { required = [], ...schema } = this.object(element, use, type.baseProperties);
      return { ...schema, required: [...new Set([...(required as string[]), type.discriminator])] };
    });
    const { discriminator: propertyName } = type;
    return { type: 'object', required: [propertyName], discriminator: { propertyName }, oneOf };
  }
}

/** Passwords and the like come back to nobody. */
const isSecret = (type: BicepType) => type.$type === 'StringType' && type.sensitive === true;

interface Place {
  readonly use: Use;
  readonly resource: boolean;
}

/** Bicep gives every resource its API version as a field; on the wire it stands in the address. */
const isResource = (properties: Record<string, Property>) => 'apiVersion' in properties && 'id' in properties;

function refusal(name: string, { flags }: Property, { use, resource }: Place): string | undefined {
  if (use === 'response') return flags & flag.writeOnly ? 'is write-only' : undefined;
  if (resource && name === 'name') return 'stands in the address';
  return flags & flag.readOnly ? 'is read-only' : undefined;
}

function isRequired(name: string, { flags }: Property, { use, resource }: Place): boolean {
  if (use === 'response') {
    return (resource && ['id', 'name', 'type'].includes(name)) || (flags & (flag.required | flag.writeOnly)) === 1;
  }
  if (use === 'patch' || (resource && name === 'name')) return false;
  return (flags & (flag.required | flag.readOnly)) === 1;
}

function known(members: Record<string, unknown>): Schema {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
