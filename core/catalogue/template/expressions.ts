/**
 * The expressions of ARM templates, as far as they can be told from the file alone: literals, parameters, variables and
 * functions of these. What needs a look into Azure, or an hour, is not evaluated.
 */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** What an expression may ask about. Each function throws `Unreadable` for what is not there. */
export interface Scope {
  readonly parameter: (name: string) => Json;
  readonly variable: (name: string) => Json;
  /** Where the template will be deployed. */
  readonly place: { readonly subscription: string; readonly resourceGroup: string; readonly location: string };
}

/** What could not be evaluated, and how it is said: `reference(…)`. */
export class Unreadable extends Error {}

type Node =
  | { readonly kind: 'literal'; readonly value: string | number }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Node[] }
  | { readonly kind: 'member'; readonly of: Node; readonly name: Node };

/** Whether a text of a deployment is an expression: `[…]`, and not `[[…`. */
export function isExpression(text: string): boolean {
  return text.startsWith('[') && text.endsWith(']') && !text.startsWith('[[');
}

/**
 * The value of an expression, brackets included.
 * @throws Unreadable
 */
export function evaluate(expression: string, scope: Scope): Json {
  const parser = new Parser(expression.slice(1, -1));
  return meaning(parser.whole(), scope);
}

class Parser {
  private at = 0;

  constructor(private readonly text: string) {}

  whole(): Node {
    const node = this.node();
    if (this.peek() !== '') this.fail();
    return node;
  }

  private node(): Node {
    let node = this.primary();
    for (;;) {
      if (this.takes('.')) node = { kind: 'member', of: node, name: { kind: 'literal', value: this.word() } };
      else if (this.takes('[')) {
        node = { kind: 'member', of: node, name: this.node() };
        this.expect(']');
      } else return node;
    }
  }

  private primary(): Node {
    if (this.peek() === "'") return { kind: 'literal', value: this.quoted() };
    const number = this.match(/-?\d+/y);
    if (number !== undefined) return { kind: 'literal', value: Number(number) };
    const name = this.word();
    this.expect('(');
    const args: Node[] = [];
    while (!this.takes(')')) {
      if (args.length > 0) this.expect(',');
      args.push(this.node());
    }
    return { kind: 'call', name, args };
  }

  private quoted(): string {
    const found = this.match(/'(?:[^']|'')*'/y);
    return found === undefined ? this.fail() : found.slice(1, -1).replaceAll("''", "'");
  }

  private word(): string {
    return this.match(/[A-Za-z_][\w.]*(?=\s*\()|[A-Za-z_$][\w$-]*/y) ?? this.fail();
  }

  private peek(): string {
    this.match(/\s+/y);
    return this.text[this.at] ?? '';
  }

  private takes(sign: string): boolean {
    if (this.peek() !== sign) return false;
    this.at += 1;
    return true;
  }

  private expect(sign: string): void {
    if (!this.takes(sign)) this.fail();
  }

  private match(pattern: RegExp): string | undefined {
    if (pattern.source !== '\\s+') this.peek();
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  private fail(): never {
    throw new Unreadable(`\`[${shortened(this.text)}]\`, which is not an expression of ARM templates`);
  }
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

function meaning(node: Node, scope: Scope): Json {
  switch (node.kind) {
    case 'literal':
      return node.value;
    case 'member':
      return memberOf(meaning(node.of, scope), meaning(node.name, scope));
    case 'call':
      return called(node, scope);
  }
}

function memberOf(of: Json, name: Json): Json {
  if (typeof name === 'number' && Array.isArray(of) && name in of) return of[name] as Json;
  if (typeof name === 'string' && typeof of === 'object' && of !== null && !Array.isArray(of)) {
    const found = Object.entries(of).find(([key]) => key.toLowerCase() === name.toLowerCase());
    if (found) return found[1];
  }
  throw new Unreadable(`\`${String(name)}\`, which is not there`);
}

function called({ name, args }: Extract<Node, { kind: 'call' }>, scope: Scope): Json {
  const lower = name.toLowerCase();
  if (lower === 'if' && args.length === 3) {
    const [condition, yes, no] = args as [Node, Node, Node];
    return meaning(meaning(condition, scope) === true ? yes : no, scope);
  }
  const make = functions[lower];
  if (!make) throw new Unreadable(`\`${name}(…)\``);
  const result = make(
    args.map((arg) => meaning(arg, scope)),
    scope,
  );
  if (result === undefined) throw new Unreadable(`\`${name}(…)\` with these arguments`);
  return result;
}

/** Undefined: not with these arguments. */
type Make = (args: readonly Json[], scope: Scope) => Json | undefined;

const functions: Readonly<Record<string, Make>> = {
  parameters: ([name], { parameter }) => (typeof name === 'string' ? parameter(name) : undefined),
  variables: ([name], { variable }) => (typeof name === 'string' ? variable(name) : undefined),
  resourcegroup: (_, { place }) => ({
    id: `/subscriptions/${place.subscription}/resourceGroups/${place.resourceGroup}`,
    name: place.resourceGroup,
    location: place.location,
  }),
  subscription: (_, { place }) => ({
    id: `/subscriptions/${place.subscription}`,
    subscriptionId: place.subscription,
  }),
  resourceid: (args, { place }) => resourceId(args, place),
  subscriptionresourceid: (args, { place }) => subscriptionResourceId(args, place.subscription),
  concat: (args) => (args.every(Array.isArray) ? args.flat() : texts(args)?.join('')),
  format: ([pattern, ...args]) => (typeof pattern === 'string' ? formatted(pattern, args) : undefined),
  string: ([value]) => (typeof value === 'string' ? value : JSON.stringify(value)),
  int: ([value]) => (Number.isInteger(Number(value)) ? Number(value) : undefined),
  tolower: ([text]) => (typeof text === 'string' ? text.toLowerCase() : undefined),
  toupper: ([text]) => (typeof text === 'string' ? text.toUpperCase() : undefined),
  trim: ([text]) => (typeof text === 'string' ? text.trim() : undefined),
  replace: ([text, old, by]) => {
    const [from, to] = [old, by];
    return typeof text === 'string' && typeof from === 'string' && typeof to === 'string'
      ? text.replaceAll(from, to)
      : undefined;
  },
  split: ([text, by]) => {
    const ends = typeof by === 'string' ? [by] : texts(Array.isArray(by) ? by : []);
    return typeof text === 'string' && ends?.length ? splitAt(text, ends) : undefined;
  },
  join: ([all, by]) => (Array.isArray(all) && typeof by === 'string' ? texts(all)?.join(by) : undefined),
  createarray: (args) => args,
  createobject: (args) =>
    args.length % 2 === 0
      ? Object.fromEntries(args.flatMap((name, i) => (i % 2 === 0 ? [[String(name), args[i + 1] ?? null]] : [])))
      : undefined,
  empty: ([value]) => value === null || value === '' || (typeof value === 'object' && Object.keys(value).length === 0),
  length: ([value]) =>
    typeof value === 'string' || Array.isArray(value) ? value.length : Object.keys(value ?? {}).length,
  equals: ([a, b]) => JSON.stringify(a) === JSON.stringify(b),
  not: ([value]) => (typeof value === 'boolean' ? !value : undefined),
  and: (args) => args.every((value) => value === true),
  or: (args) => args.some((value) => value === true),
  coalesce: (args) => args.find((value) => value !== null) ?? null,
  true: () => true,
  false: () => false,
  null: () => null,
};

function texts(values: readonly Json[]): string[] | undefined {
  const plain = values.every((v) => ['string', 'number', 'boolean'].includes(typeof v));
  return plain ? values.map((v) => (typeof v === 'boolean' ? (v ? 'True' : 'False') : String(v))) : undefined;
}

function splitAt(text: string, ends: readonly string[]): string[] {
  return ends.reduce((parts, end) => parts.flatMap((part) => part.split(end)), [text]);
}

/** Of .NET's patterns `{0}` and doubled braces; what has a form of its own, `{0:N2}`, is not evaluated. */
function formatted(pattern: string, args: readonly Json[]): string | undefined {
  const values = texts(args);
  if (!values || /\{\d+[,:]/.test(pattern)) return undefined;
  return pattern.replace(/\{\{|\}\}|\{(\d+)\}/g, (found, index: string | undefined) =>
    index === undefined ? found.slice(1) : (values[Number(index)] ?? found),
  );
}

/** `resourceId([subscription], [group], type, names…)`. */
function resourceId(args: readonly Json[], place: Scope['place']): string | undefined {
  const given = texts(args);
  const at = given?.findIndex((arg) => arg.includes('/')) ?? -1;
  if (!given || at < 0 || at > 2) return undefined;
  const [group = place.resourceGroup, subscription = place.subscription] = given.slice(0, at).reverse();
  const rest = typed(given.slice(at));
  return rest && `/subscriptions/${subscription}/resourceGroups/${group}/providers/${rest}`;
}

function subscriptionResourceId(args: readonly Json[], own: string): string | undefined {
  const given = texts(args);
  const at = given?.findIndex((arg) => arg.includes('/')) ?? -1;
  if (!given || at < 0 || at > 1) return undefined;
  const rest = typed(given.slice(at));
  return rest && `/subscriptions/${at === 1 ? given[0] : own}/providers/${rest}`;
}

function typed([type = '', ...names]: readonly string[]): string | undefined {
  const [namespace, ...types] = type.split('/');
  if (types.length !== names.length) return undefined;
  return [namespace, ...types.flatMap((t, i) => [t, names[i]])].join('/');
}
