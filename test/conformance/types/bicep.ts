import { sharedFiles, sharedJson } from '../shared';

export interface Ref {
  readonly $ref: string;
}

export interface Property {
  readonly type: Ref;
  /** Bits of `flag`. */
  readonly flags: number;
}

export const flag = { required: 1, readOnly: 2, writeOnly: 4 } as const;

/** One entry of a `types.json`: what goldbot's resources use of the format of bicep-types. */
export type BicepType =
  | { $type: 'StringType'; minLength?: number; maxLength?: number; pattern?: string; sensitive?: boolean }
  | { $type: 'StringLiteralType'; value: string }
  | { $type: 'IntegerType'; minValue?: number; maxValue?: number }
  | { $type: 'BooleanType' }
  | { $type: 'AnyType' }
  | { $type: 'NullType' }
  | { $type: 'ArrayType'; itemType: Ref; minLength?: number; maxLength?: number }
  | { $type: 'UnionType'; elements: readonly Ref[] }
  | ObjectType
  | {
      $type: 'DiscriminatedObjectType';
      name: string;
      discriminator: string;
      baseProperties: Record<string, Property>;
      elements: Record<string, Ref>;
    }
  | { $type: 'ResourceType'; name: string; body: Ref }
  | { $type: 'ResourceFunctionType'; name: string; resourceType: string; output?: Ref; input?: Ref };

export interface ObjectType {
  $type: 'ObjectType';
  name: string;
  properties: Record<string, Property>;
  additionalProperties?: Ref;
}

/** A resource type of one API version, in the file that holds it. */
export interface Found {
  /** As the file spells it: `Microsoft.Compute/galleries/images/versions`. */
  readonly type: string;
  readonly version: string;
  readonly types: readonly BicepType[];
  readonly body: Ref;
}

/** What a resource is told to do: `runCommand`. */
export function findAction({ types, type }: Found, action: string) {
  for (const found of types) {
    if (found.$type !== 'ResourceFunctionType') continue;
    const same = found.resourceType === type && found.name.toLowerCase() === action.toLowerCase();
    if (same) return { input: found.input, output: found.output };
  }
  return undefined;
}

export const at = (types: readonly BicepType[], ref: Ref): BicepType => {
  const found = types[indexOf(ref)];
  if (!found) throw new Error(`no type ${ref.$ref}`);
  return found;
};

export const indexOf = ({ $ref }: Ref): number => Number($ref.slice('#/'.length));

interface File {
  readonly version: string;
  readonly path: readonly string[];
}

const folder = ['azure-types', 'generated'] as const;
let index: Map<string, File[]> | undefined;
const loaded = new Map<string, readonly BicepType[]>();

/** Files by provider in lower case. */
function files(provider: string): readonly File[] {
  if (!index) {
    index = new Map();
    for (const area of sharedFiles(...folder)) {
      for (const name of sharedFiles(...folder, area)) {
        const versions = sharedFiles(...folder, area, name).map((version) => {
          return { version, path: [...folder, area, name, version, 'types.json'] };
        });
        index.set(name, [...(index.get(name) ?? []), ...versions]);
      }
    }
  }
  return index.get(provider.toLowerCase()) ?? [];
}

function load({ path }: File): readonly BicepType[] {
  const key = path.join('/');
  const types = loaded.get(key) ?? sharedJson<BicepType[]>(...path);
  loaded.set(key, types);
  return types;
}

/**
 * The type at this API version. Where that is absent: at the next newer one, which knows what the asked one knew, else at
 * the newest of the older ones. Undefined when no version has a word about it.
 */
export function findType(type: string, version: string): Found | undefined {
  const wanted = type.toLowerCase();
  const [provider = ''] = wanted.split('/');
  const all = [...files(provider)].sort((a, b) => a.version.localeCompare(b.version));
  const newer = all.filter((file) => file.version >= version);
  for (const file of [...newer, ...all.filter((f) => f.version < version).reverse()]) {
    const types = load(file);
    for (const found of types) {
      if (found.$type !== 'ResourceType') continue;
      const [name = ''] = found.name.split('@');
      if (name.toLowerCase() === wanted) return { type: name, version: file.version, types, body: found.body };
    }
  }
  return undefined;
}
