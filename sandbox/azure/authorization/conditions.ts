/** What a condition can ask about: `request:roledefinitionid` and the like in lower case, with their values. */
export type Attributes = Readonly<Record<string, string>>;

interface Asked {
  readonly action: string;
  readonly attributes: Attributes;
}

type Test = (asked: Asked) => boolean;

/** A condition that cannot be read. */
class Unreadable extends Error {}

/** Why a text is no condition of a role assignment; undefined when it is one. */
export function conditionProblem(source: string): string | undefined {
  try {
    read(source);
    return undefined;
  } catch (error) {
    if (error instanceof Unreadable) return error.message;
    throw error;
  }
}

/**
 * Whether a condition (version 2.0) lets an action through. What delegation needs is understood: `ActionMatches`,
 * comparisons of `@Request[…]` and `@Resource[…]` with literals, AND, OR, NOT. An attribute that a request does not have
 * equals nothing.
 */
export function conditionHolds(source: string | undefined, asked: Asked): boolean {
  if (source === undefined || source.trim() === '') return true;
  return read(source)(asked);
}

const known = new Map<string, Test>();

function read(source: string): Test {
  const before = known.get(source);
  if (before) return before;
  const tokens = new Words(source);
  const test = either(tokens);
  tokens.end();
  known.set(source, test);
  return test;
}

/** A GUID may begin with a letter, and is one word all the same. */
const words =
  /'(?:[^']|'')*'|@\w+\[[^\]]*\]|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|(?:For\w+:)?[A-Za-z]\w*|&&|\|\||[(){},!]|\S/gi;

class Words {
  private at = 0;
  private readonly all: readonly string[];

  constructor(source: string) {
    this.all = source.match(words) ?? [];
  }

  take(): string {
    const word = this.all[this.at];
    if (word === undefined) throw new Unreadable('The condition ends too early.');
    this.at += 1;
    return word;
  }

  skip(...wanted: readonly string[]): boolean {
    if (!wanted.includes(this.all[this.at]?.toUpperCase() ?? '')) return false;
    this.at += 1;
    return true;
  }

  expect(wanted: string): void {
    const found = this.all[this.at];
    if (!this.skip(wanted)) throw new Unreadable(`The condition has '${found ?? ''}' in place of '${wanted}'.`);
  }

  end(): void {
    const left = this.all[this.at];
    if (left !== undefined) throw new Unreadable(`The condition has '${left}' after its end.`);
  }
}

function either(all: Words): Test {
  const parts = [both(all)];
  while (all.skip('OR', '||')) parts.push(both(all));
  return (asked) => parts.some((part) => part(asked));
}

function both(all: Words): Test {
  const parts = [single(all)];
  while (all.skip('AND', '&&')) parts.push(single(all));
  return (asked) => parts.every((part) => part(asked));
}

function single(all: Words): Test {
  if (all.skip('!', 'NOT')) {
    const inner = single(all);
    return (asked) => !inner(asked);
  }
  if (all.skip('(')) {
    const inner = either(all);
    all.expect(')');
    return inner;
  }
  const first = all.take();
  if (/^(?:ActionMatches|SubOperationMatches)$/i.test(first)) {
    const actions = listOf(all);
    return ({ action }) => actions.some((pattern) => matches(pattern, action));
  }
  const [, source = '', name = ''] = /^@(\w+)\[(?:[^\]]*:)?([\w./]+)\]$/.exec(first) ?? [];
  if (name === '') throw new Unreadable(`The condition does not begin with '${first}'.`);
  return compared(`${source}:${name}`.toLowerCase(), all.take(), listOf(all));
}

function compared(attribute: string, operator: string, wanted: readonly string[]): Test {
  const [, every, of, not, ignoreCase] =
    /^(?:For(?:Any|All)Of(Any|All)Values:)?(Guid|String)(Not)?Equals(IgnoreCase)?$/i.exec(operator) ?? [];
  if (of === undefined) throw new Unreadable(`The operator '${operator}' is not supported.`);
  const insensitive = ignoreCase !== undefined || /^guid$/i.test(of);
  const plain = (value: string) => (insensitive ? value.toLowerCase() : value);
  const isOne = (value: string) => (literal: string) => (plain(value) === plain(literal)) === (not === undefined);
  return ({ attributes }) => {
    const value = attributes[attribute];
    if (value === undefined) return false;
    return /^all$/i.test(every ?? '') ? wanted.every(isOne(value)) : wanted.some(isOne(value));
  };
}

/** `{'a', 'b'}`, or one literal. */
function listOf(all: Words): string[] {
  if (!all.skip('{')) return [literal(all)];
  const found = [literal(all)];
  while (all.skip(',')) found.push(literal(all));
  all.expect('}');
  return found;
}

function literal(all: Words): string {
  const word = all.take();
  if (/^[(){},!]$/.test(word)) throw new Unreadable(`The condition has '${word}' in place of a value.`);
  return word.startsWith("'") ? word.slice(1, -1).replaceAll("''", "'") : word;
}

function matches(pattern: string, action: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'i').test(action);
}
