import { parseSync } from '@swc/core';

/** A place where a file breaks a rule of the project: `line 12: fetchAll has 5 parameters`. */
export interface Breach {
  readonly line: number;
  readonly what: string;
}

/** Judges the text of one TypeScript file. */
export type Rule = (text: string) => readonly Breach[];

/** A node of swc's syntax tree; what a kind of node has is read by name. */
interface Node {
  readonly type: string;
  readonly span?: { readonly start: number; readonly end: number };
  readonly [key: string]: unknown;
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';

/** Finds every node that `judge` has something to say about. */
function rule(judge: (node: Node, lines: (node: Node) => number) => string | undefined): Rule {
  return (text) => {
    const { tree, lineAt } = parsed(text);
    const lines = (node: Node) => lineAt(node, 'end') - lineAt(node, 'start') + 1;
    const breaches: Breach[] = [];
    const visit = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      const what = isNode(value) ? judge(value, lines) : undefined;
      if (what !== undefined) breaches.push({ line: lineAt(value as Node, 'start'), what });
      for (const inner of Object.values(value)) visit(inner);
    };
    visit(tree.body);
    return breaches;
  };
}

interface Parsed {
  readonly tree: { readonly body: readonly Node[] };
  readonly lineAt: (node: Node, side: 'start' | 'end') => number;
}

const seen = new Map<string, Parsed>();

/** Each text is parsed once for all rules. */
function parsed(text: string): Parsed {
  const result = seen.get(text) ?? parse(text);
  seen.set(text, result);
  return result;
}

/** swc counts in bytes, and from an offset that is not zero: a first statement of known place tells which. */
function parse(text: string): Parsed {
  const anchor = ';';
  const bytes = Buffer.from(anchor + text);
  const tree = parseSync(bytes.toString(), { syntax: 'typescript', target: 'es2023' }) as unknown as Parsed['tree'];
  const origin = tree.body[0]?.span?.start ?? 0;
  const breaks = [...bytes.keys()].filter((at) => bytes[at] === 0x0a);
  const lineAt = (node: Node, side: 'start' | 'end') => {
    const at = (node.span?.[side] ?? origin) - origin;
    return breaks.filter((position) => position < at).length + 1;
  };
  return { tree, lineAt };
}

const dotted = (node: unknown): string | undefined => {
  if (!isNode(node)) return undefined;
  if (node.type === 'ThisExpression') return 'this';
  if (node.type === 'Identifier') return String(node['value']);
  if (node.type !== 'MemberExpression') return undefined;
  const property = node['property'];
  const name = isNode(property) && property.type === 'Identifier' ? String(property['value']) : '?';
  return `${dotted(node['object']) ?? '?'}.${name}`;
};

const clock = /^(Date\.now|performance\.now|process\.hrtime(\.bigint)?)$/;
const timer = /^(setTimeout|setInterval|setImmediate)$/;
const chance = /^((crypto\.)?(randomUUID|randomBytes|randomInt|getRandomValues)|Math\.random)$/;

/**
 * What runs twice must do the same twice: a workflow takes its time from the `Clock` and its ids from its plan, so that a
 * replica that takes over decides as the first one did.
 */
export const noClockNorChance: Rule = rule((node) => {
  if (node.type === 'ImportSpecifier') {
    const name = dotted(node['imported']) ?? dotted(node['local']) ?? '';
    return timer.test(name) || chance.test(name) ? `imports ${name}` : undefined;
  }
  if (node.type === 'MemberExpression') {
    const name = dotted(node) ?? '';
    return clock.test(name) || chance.test(name) ? `uses ${name}` : undefined;
  }
  const name = dotted(node['callee']) ?? '';
  if (node.type === 'NewExpression' && name === 'Date' && !(node['arguments'] as unknown[] | undefined)?.length) {
    return 'uses new Date()';
  }
  if (node.type !== 'CallExpression') return undefined;
  return name === 'Date' || timer.test(name) || (chance.test(name) && !name.includes('.'))
    ? `uses ${name}()`
    : undefined;
});

const levels = new Set(['trace', 'debug', 'info', 'warn', 'error', 'fatal']);

/** Log lines are searched for by their text: it is constant, and what varies goes into fields. */
export const staticLogText: Rule = rule((node) => {
  if (node.type !== 'CallExpression') return undefined;
  const path = dotted(node['callee'])?.split('.') ?? [];
  const level = path.at(-1) ?? '';
  const logger = path.at(-2) ?? '';
  const direct = level === 'log' && !['console', 'Math'].includes(logger);
  if (!direct && !(levels.has(level) && /^(log|logger)$/.test(logger))) return undefined;
  const texts = (node['arguments'] as { expression: Node }[]).map(({ expression }) => expression);
  const varying = texts.find(({ type }) => type === 'TemplateLiteral' || type === 'BinaryExpression');
  return varying ? `the text of ${path.join('.')}() varies` : undefined;
});

/** Settings are read in one place, so that whoever runs goldbot finds them all there. */
export const noEnvironment: Rule = rule((node) =>
  node.type === 'MemberExpression' && dotted(node) === 'process.env' ? 'reads process.env' : undefined,
);

/** What runs names no package that is not installed for production; a type is gone by then. */
export const noPackages = (names: readonly string[]): Rule =>
  rule((node) => {
    if (node.type === 'ImportDeclaration' && node['typeOnly']) return undefined;
    const loads = /^(require(\.resolve)?|import)$/;
    const isCall = node.type === 'CallExpression' && loads.test(dotted(node['callee']) ?? 'import');
    const first = isCall ? (node['arguments'] as { expression: Node }[])[0]?.expression : node['source'];
    const text = isNode(first) && first.type === 'StringLiteral' ? String(first['value']) : '';
    const name = names.find((known) => text === known || text.startsWith(`${known}/`));
    return name === undefined ? undefined : `loads ${name}`;
  });

/** SQL stands in store/, where a reader finds every statement about a table. */
export const noQueries: Rule = rule((node) => {
  if (node.type !== 'CallExpression') return undefined;
  const path = dotted(node['callee'])?.split('.') ?? [];
  return path.length > 1 && path.at(-1) === 'query' ? `calls ${path.join('.')}()` : undefined;
});

const functions = new Set([
  'FunctionDeclaration',
  'FunctionExpression',
  'ArrowFunctionExpression',
  'ClassMethod',
  'PrivateMethod',
  'MethodProperty',
  'Constructor',
]);
const maxLines = 50;
const maxParameters = 4;

/** Functions are small: below 50 lines, at most four parameters. */
export const smallFunctions: Rule = rule((node, lines) => {
  if (!functions.has(node.type)) return undefined;
  const inner = isNode(node['function']) ? node['function'] : node;
  const name = dotted(node['key'] ?? node['identifier']) ?? 'a function';
  const parameters = ((inner['params'] as unknown[] | undefined) ?? []).length;
  if (lines(node) >= maxLines) return `${name} has ${lines(node)} lines`;
  return parameters > maxParameters ? `${name} has ${parameters} parameters` : undefined;
});

/** A module that remembers something remembers it for whoever comes next: tests share modules, and so do turns. */
export const noModuleState: Rule = (text) => {
  const { tree, lineAt } = parsed(text);
  return tree.body
    .map((node) => (isNode(node['declaration']) ? node['declaration'] : node))
    .filter(({ type, kind }) => type === 'VariableDeclaration' && kind !== 'const')
    .map((node) => ({ line: lineAt(node, 'start'), what: 'a variable of the module changes' }));
};

/** No rule: every text that stands in a file, with its line; of a template the parts between what varies. */
export const literals: Rule = rule((node) => {
  if (node.type === 'StringLiteral') return String(node['value']);
  return node.type === 'TemplateElement' ? String(node['cooked'] ?? '') : undefined;
});

/** By its text, line by line: parsing every test would cost more than it finds. */
const ofText =
  (pattern: RegExp, what: string): Rule =>
  (text) =>
    text.split('\n').flatMap((line, n) => (pattern.test(line) ? [{ line: n + 1, what }] : []));

/** Others add to these meanwhile, also late: what is last is up to the machine. */
export const foundByWhatItIs = ofText(
  /\b(script\.(texts|clicks|dialogs|views|arrivals)|log\.entries|\.sent\([^)]*\))\.(at\(-1\)|pop\(\))/,
  'takes the last of what others add to: find it by what it says',
);

/** A test that is killed while it waits does not say for what. */
export const waitsThatEnd = ofText(
  /^\s*while \(.*\) await (sleep|pause|new Promise)\b/,
  'waits without an end: use until of test/support/until.ts',
);
