import { createHash } from 'node:crypto';

/** What Azure would answer of a resource that is there: `clientId` of an identity, by its id; `whole`: not of its properties. */
export type Answers = (id: string, path: string, whole: boolean) => unknown;

/**
 * A value of a snapshot with its expressions computed, as ARM does while it deploys: ids, names and texts that depend on
 * what Azure answers of resources made before.
 *
 * @throws Error for a function or an answer that is not known here
 */
export function filled<Value>(value: Value, answers: Answers): Value {
  if (Array.isArray(value)) return value.map((member) => filled(member, answers)) as Value;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(([name, member]) => [
      String(filled(name, answers)),
      filled(member, answers),
    ]);
    return Object.fromEntries(members) as Value;
  }
  if (typeof value !== 'string' || !/^\[[^[].*\]$/s.test(value)) return value;
  return new Expression(value.slice(1, -1), answers).value() as Value;
}

/** A resource of which only some members are asked for: they are Azure's answers. */
interface Reference {
  readonly reference: string;
  readonly whole: boolean;
}

class Expression {
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly answers: Answers,
  ) {}

  value(): unknown {
    const value = this.next();
    if (this.at < this.text.length) throw new Error(`${this.text}: more follows at ${this.at}`);
    return value;
  }

  private next(): unknown {
    const literal = this.take(/'((?:[^']|'')*)'|(-?\d+)/y);
    if (literal) return literal[2] === undefined ? (literal[1] ?? '').replaceAll("''", "'") : Number(literal[2]);
    const [, name = ''] = this.take(/([a-zA-Z]+)\(/y) ?? [];
    const given: unknown[] = [];
    while (!this.take(/\s*\)/y)) {
      if (this.at >= this.text.length) throw new Error(`${this.text}: not closed`);
      given.push(this.next());
      this.take(/\s*,\s*/y);
    }
    const path = this.take(/(?:\.[a-zA-Z]\w*)+/y)?.[0].slice(1) ?? '';
    return this.member(call(name, given), path);
  }

  private member(value: unknown, path: string): unknown {
    if (path === '') return value;
    if (isReference(value)) return this.answers(value.reference, path, value.whole);
    const found = path
      .split('.')
      .reduce<unknown>((of, name) => (of as Record<string, unknown> | undefined)?.[name], value);
    if (found === undefined) throw new Error(`${this.text}: no ${path}`);
    return found;
  }

  private take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found) this.at = pattern.lastIndex;
    return found ?? undefined;
  }
}

const isReference = (value: unknown): value is Reference =>
  typeof value === 'object' && value !== null && 'reference' in value;

const publicCloud = {
  suffixes: {
    acrLoginServer: '.azurecr.io',
    keyvaultDns: '.vault.azure.net',
    sqlServerHostname: '.database.windows.net',
    storage: 'core.windows.net',
  },
};

function call(name: string, given: readonly unknown[]): unknown {
  const [first = '', second = '', third = '', ...rest] = given.map(String);
  switch (name) {
    case 'format':
      return first.replaceAll(/\{(\d+)\}/g, (_, n) => String(given[Number(n) + 1]));
    case 'replace':
      return first.replaceAll(second, third);
    case 'reference':
      return { reference: first, whole: third === 'full' };
    case 'guid':
      return guid(given.map(String).join('-'));
    case 'environment':
      return publicCloud;
    case 'resourceId':
      return `/subscriptions/${first}/resourceGroups/${second}/providers/${withNames(third, rest)}`;
    case 'subscriptionResourceId':
      return `/subscriptions/${first}/providers/${withNames(second, [third, ...rest])}`;
    case 'extensionResourceId':
      return `${first}/providers/${withNames(second, [third, ...rest])}`;
    default:
      throw new Error(`${name}() is not known here`);
  }
}

/** `Microsoft.A/b/c` and x, y are `Microsoft.A/b/x/c/y`. */
function withNames(type: string, names: readonly string[]): string {
  const [provider = '', ...types] = type.split('/');
  return [provider, ...types.flatMap((part, n) => [part, names[n] ?? ''])].join('/');
}

/** As ARM makes GUIDs of texts: version 5 of RFC 4122 in a name space of its own. */
function guid(text: string): string {
  const space = Buffer.from('11fb06fb712d4ddd98c7e71bbd588830', 'hex');
  const bytes = createHash('sha1').update(space).update(text).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
