import { evaluate, isExpression, type Json, type Scope, Unreadable } from './expressions';

export type JsonObject = { readonly [name: string]: Json };
export type Path = readonly (string | number)[];

/** What is wrong at a place of the file. */
export interface At {
  readonly path: Path;
  readonly message: string;
}

/** The image template in a file: the resource as it is written, where it stands, and what its expressions mean. */
export interface Found {
  readonly resource: JsonObject;
  readonly path: Path;
  /** Absent in a file that is the resource itself and has no expressions. */
  readonly scope: Scope;
  /** A deployment evaluates every text in brackets; in a bare resource only what calls a function. */
  readonly deployed: boolean;
  /** Of its parameters: while there are any, what is made of them says nothing. */
  readonly problems: readonly At[];
}

export interface Parameters {
  readonly values: Readonly<Record<string, unknown>>;
  readonly place: Scope['place'];
  /** Called with the name of each value that a parameter takes. */
  readonly takes: (name: string) => void;
}

const imageTemplate = /^Microsoft\.VirtualMachineImages(\/imageTemplates)?$/i;

/** The one image template of a file: the file itself, or a resource of a deployment. */
export function findTemplate(file: Json, parameters: Parameters): Found | readonly At[] {
  if (!isObject(file)) return [{ path: [], message: 'must be an image template, or a deployment with one' }];
  if (!('resources' in file)) return bareTemplate(file, parameters);
  const all = Object.entries(file['resources'] ?? {}).filter(
    ([, resource]) => isObject(resource) && imageTemplate.test(String(resource['type'])),
  );
  const [first, ...others] = all;
  if (!first) return [{ path: ['resources'], message: `resources: has no image template${nested(file)}` }];
  if (others.length > 0) {
    return [
      { path: ['resources'], message: `resources: has ${all.length} image templates; a file of the catalogue has one` },
    ];
  }
  const [key, resource] = first as [string, JsonObject];
  const path = ['resources', Array.isArray(file['resources']) ? Number(key) : key];
  if ('copy' in resource)
    return [
      { path: [...path, 'copy'], message: 'cannot be read: `copy`; a file of the catalogue has one image template' },
    ];
  const problems = checkParameters(file, parameters);
  return { resource, path, scope: scopeOf(file, parameters), deployed: true, problems };
}

function bareTemplate(file: JsonObject, parameters: Parameters): Found | readonly At[] {
  const { type } = file;
  if (type !== undefined && !imageTemplate.test(String(type))) {
    return [
      {
        path: ['type'],
        message: `type: is ${JSON.stringify(type)}; an image template is Microsoft.VirtualMachineImages/imageTemplates`,
      },
    ];
  }
  const { values, place, takes } = parameters;
  const parameter = (name: string) => {
    if (!Object.hasOwn(values, name))
      throw new Unreadable(`\`parameters('${name}')\`: give ${name} a value under templateValues`);
    takes(name);
    return values[name] as Json;
  };
  const variable = (name: string) => {
    throw new Unreadable(`\`variables('${name}')\`: the file has no variables`);
  };
  return { resource: file, path: [], scope: { parameter, variable, place }, deployed: false, problems: [] };
}

function nested({ resources }: JsonObject): string {
  const types = Object.values(resources ?? {}).map((r) => (isObject(r) ? String(r['type']) : ''));
  return types.some((type) => /^Microsoft\.Resources\/deployments$/i.test(type))
    ? ' of its own; those of nested deployments (modules) are not read: name the file of the module'
    : '';
}

/** As ARM judges them: each has a value of its type, of those that are allowed. */
function checkParameters(file: JsonObject, { values, takes }: Parameters): readonly At[] {
  return Object.entries(objectOf(file['parameters'])).flatMap(([name, declared]) => {
    const path = ['parameters', name];
    const { type, allowedValues, defaultValue, nullable } = objectOf(declared);
    const given = own(values, name);
    if (given === undefined) {
      const needed = defaultValue === undefined && nullable !== true;
      return needed ? [{ path, message: `the parameter ${name} has no value: give it one under templateValues` }] : [];
    }
    takes(given.name);
    if (!ofType(given.value, String(type ?? ''))) {
      return [
        {
          path,
          message: `the parameter ${name} must be of type ${String(type)}; templateValues has ${valueShown(type, given.value)}`,
        },
      ];
    }
    if (Array.isArray(allowedValues) && !allowedValues.includes(given.value as Json)) {
      return [
        {
          path,
          message: `the parameter ${name} must be one of ${allowedValues.join(', ')}; templateValues has ${valueShown(type, given.value)}`,
        },
      ];
    }
    return [];
  });
}

function ofType(value: unknown, type: string): boolean {
  switch (type.toLowerCase()) {
    case 'string':
    case 'securestring':
      return typeof value === 'string';
    case 'int':
      return Number.isInteger(value);
    case 'bool':
      return typeof value === 'boolean';
    case 'array':
      return Array.isArray(value);
    case 'object':
    case 'secureobject':
      return isObject(value as Json);
    default:
      return true;
  }
}

/** Problems are logged: the value of a secret stays out of them. */
function valueShown(type: unknown, value: unknown): string {
  return /^secure/i.test(String(type)) ? 'another' : JSON.stringify(value);
}

/** Parameters and variables of a deployment, evaluated when they are asked for; names in any case, as ARM has them. */
function scopeOf(file: JsonObject, { values, place }: Parameters): Scope {
  const open = new Set<string>();
  const evaluated = (what: string, value: Json | undefined): Json => {
    if (value === undefined || open.has(what)) {
      throw new Unreadable(
        open.has(what) ? `\`${what}\`, which needs itself` : `\`${what}\`, which the file does not have`,
      );
    }
    open.add(what);
    try {
      return deep(value, scope);
    } finally {
      open.delete(what);
    }
  };
  const scope: Scope = {
    place,
    parameter: (name) => {
      const what = `parameters('${name}')`;
      const declared = own(objectOf(file['parameters']), name);
      const { type, defaultValue, nullable } = objectOf(declared?.value as Json | undefined);
      if (/^secure/i.test(String(type))) {
        throw new Unreadable(
          `\`${what}\`: it is secret, and a recipe is kept and shown; let the build fetch it with its identity`,
        );
      }
      const given = own(values, name);
      if (declared && given) return given.value as Json;
      return declared && nullable === true && defaultValue === undefined ? null : evaluated(what, defaultValue);
    },
    variable: (name) =>
      evaluated(`variables('${name}')`, own(objectOf(file['variables']), name)?.value as Json | undefined),
  };
  return scope;
}

function deep(value: Json, scope: Scope): Json {
  if (typeof value === 'string') return isExpression(value) ? evaluate(value, scope) : unescaped(value);
  if (Array.isArray(value)) return value.map((v) => deep(v, scope));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, v]) => [String(deep(key, scope)), deep(v, scope)]));
}

/** Evaluates a part of the resource; what cannot be evaluated is told with its place, everything at once. */
export function evaluatePart(value: Json, path: Path, found: Found, problems: At[]): Json {
  const { scope, deployed } = found;
  if (typeof value === 'string') {
    const isOne = deployed ? isExpression(value) : /^\[\w+\([\s\S]*\]$/.test(value);
    if (!isOne) return deployed ? unescaped(value) : value;
    try {
      return evaluate(value, scope);
    } catch (error) {
      if (!(error instanceof Unreadable)) throw error;
      problems.push({ path, message: `cannot be read: ${error.message}, in ${shown(path)}` });
      return null;
    }
  }
  if (Array.isArray(value)) return value.map((v, i) => evaluatePart(v, [...path, i], found, problems));
  if (!isObject(value)) return value;
  if (deployed && Array.isArray(value['copy'])) {
    problems.push({ path: [...path, 'copy'], message: `cannot be read: \`copy\`, in ${shown(path)}` });
    return null;
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, v]) => [key, evaluatePart(v, [...path, key], found, problems)]),
  );
}

/** `resources[0].properties.source`. */
export function shown(path: Path): string {
  return path.map((part, i) => (typeof part === 'number' ? `[${part}]` : i === 0 ? part : `.${part}`)).join('');
}

function unescaped(text: string): string {
  return text.startsWith('[[') ? text.slice(1) : text;
}

function own(of: Readonly<Record<string, unknown>>, name: string) {
  const found = Object.entries(of).find(([key]) => key.toLowerCase() === name.toLowerCase());
  return found && { name: found[0], value: found[1] };
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function objectOf(value: Json | undefined): JsonObject {
  return isObject(value) ? value : {};
}
