import type { Assignment, Join, Operator, Ordering, Query, Union } from './ast';
import { KqlError } from './errors';
import { ExpressionParser } from './expression-parser';
import { tokenize } from './lexer';
import type { Type } from './schema';

/** Resource Graph expands one value to at most 128 rows by default, and to at most 2,000 if told to. */
const expandRows = { usual: 128, most: 2_000 };

const castable: Readonly<Record<string, Type>> = {
  string: 'string',
  int: 'long',
  long: 'long',
  real: 'real',
  double: 'real',
  bool: 'bool',
  datetime: 'datetime',
  dynamic: 'dynamic',
};

/**
 * Reads `table | operator | …` with the operators that the sandbox has.
 *
 * @throws KqlError ParserFailure for everything else, where Resource Graph would point at it.
 */
export function parse(query: string): Query {
  return new QueryParser(tokenize(query)).query();
}

class QueryParser extends ExpressionParser {
  query(): Query {
    const query = this.pipeline();
    this.accept(';');
    if (this.token.kind !== 'end') this.fail("'|' or the end");
    return query;
  }

  private pipeline(): Query {
    const table = this.name();
    const operators: Operator[] = [];
    while (this.accept('|')) operators.push(this.operator());
    return { table, operators };
  }

  /** A table, or a query between parentheses. */
  private leg(): Query {
    if (!this.accept('(')) return { table: this.name(), operators: [] };
    const query = this.pipeline();
    this.expect(')');
    return query;
  }

  private operator(): Operator {
    const name = this.token.text;
    const read = Object.hasOwn(operators, name) ? operators[name] : undefined;
    if (this.token.kind !== 'name' || !read) this.fail(Object.keys(operators).join(', '));
    this.at += 1;
    return read(this);
  }

  where(): Operator {
    return { kind: 'where', condition: this.expression() };
  }

  columns(kind: 'extend' | 'project' | 'distinct'): Operator {
    return { kind, columns: this.assignments() };
  }

  projectAway(): Operator {
    const names = [this.away()];
    while (this.accept(',')) names.push(this.away());
    return { kind: 'projectAway', names };
  }

  /** Only here does Kusto want `kind` in brackets. */
  private away(): string {
    if (this.is('kind')) this.fail("['kind']");
    if (!this.accept('[')) return this.name();
    const { kind, text } = this.token;
    if (kind !== 'string') this.fail('a name in quotes');
    this.at += 1;
    this.expect(']');
    return text;
  }

  order(): Operator {
    this.expect('by');
    const orderings = [this.ordering()];
    while (this.accept(',')) orderings.push(this.ordering());
    return { kind: 'order', orderings };
  }

  take(): Operator {
    return { kind: 'take', count: this.wholeNumber() };
  }

  top(): Operator {
    const count = this.wholeNumber();
    this.expect('by');
    return { kind: 'top', count, ordering: this.ordering() };
  }

  summarize(): Operator {
    const aggregates = this.is('by') ? [] : this.assignments();
    const by = this.accept('by') ? this.assignments() : [];
    return { kind: 'summarize', aggregates, by };
  }

  mvExpand(): Operator {
    const column = this.assignment();
    const type = this.accept('to') ? this.typeName() : undefined;
    const limit = this.accept('limit') ? this.wholeNumber() : expandRows.usual;
    return { kind: 'mvExpand', column, ...(type && { type }), limit: Math.min(limit, expandRows.most) };
  }

  join(): Join {
    const flavor = this.accept('kind') ? this.assigned() : 'innerunique';
    if (!isJoin(flavor)) {
      const message = `The join kind "${flavor}" is not supported or not allowed.`;
      throw new KqlError({ code: 'UnsupportedJoinFlavor', message });
    }
    const right = this.leg();
    this.expect('on');
    const on = [this.equality()];
    while (this.accept(',')) on.push(this.equality());
    return { kind: 'join', flavor, right, on };
  }

  union(): Union {
    if (this.accept('kind')) {
      this.expect('=');
      this.expect('outer');
    }
    const withSource = this.accept('withsource') ? this.assigned() : undefined;
    return { kind: 'union', ...(withSource && { withSource }), leg: this.leg() };
  }

  private assigned(): string {
    this.expect('=');
    return this.name();
  }

  private equality(): Join['on'][number] {
    const side = this.name();
    if (side !== '$left') return { left: side, right: side };
    const left = this.member();
    this.expect('==');
    this.expect('$right');
    return { left, right: this.member() };
  }

  private member(): string {
    this.expect('.');
    return this.name();
  }

  private typeName(): Type {
    this.expect('typeof');
    this.expect('(');
    const type = castable[this.token.text] ?? this.fail(Object.keys(castable).join(', '));
    this.at += 1;
    this.expect(')');
    return type;
  }

  private ordering(): Ordering {
    const by = this.expression();
    const descending = !this.accept('asc');
    if (descending) this.accept('desc');
    return { by, descending };
  }

  private assignments(): Assignment[] {
    const all = [this.assignment()];
    while (this.accept(',')) all.push(this.assignment());
    return all;
  }

  private assignment(): Assignment {
    if (this.token.kind === 'name' && this.peek(1)?.kind === 'symbol' && this.peek(1)?.text === '=') {
      const name = this.name();
      this.expect('=');
      return { name, value: this.expression() };
    }
    const bracketed = this.token.text === '[' && this.peek(1)?.kind === 'string' && this.peek(3)?.text === '=';
    if (!bracketed) return { value: this.expression() };
    const name = this.peek(1)?.text ?? '';
    this.at += 3;
    this.expect('=');
    return { name, value: this.expression() };
  }
}

const operators: Readonly<Record<string, (parser: QueryParser) => Operator>> = {
  where: (p) => p.where(),
  extend: (p) => p.columns('extend'),
  project: (p) => p.columns('project'),
  'project-away': (p) => p.projectAway(),
  distinct: (p) => p.columns('distinct'),
  order: (p) => p.order(),
  sort: (p) => p.order(),
  take: (p) => p.take(),
  limit: (p) => p.take(),
  top: (p) => p.top(),
  summarize: (p) => p.summarize(),
  'mv-expand': (p) => p.mvExpand(),
  mvexpand: (p) => p.mvExpand(),
  join: (p) => p.join(),
  union: (p) => p.union(),
  count: () => ({ kind: 'count' }),
};

const isJoin = (flavor: string): flavor is Join['flavor'] =>
  ['innerunique', 'inner', 'leftouter', 'fullouter'].includes(flavor);
