import type { Assignment, Operator, Ordering, Query } from './ast';
import { ExpressionParser } from './expression-parser';
import { tokenize } from './lexer';

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
    const table = this.name();
    const operators: Operator[] = [];
    while (this.accept('|')) operators.push(this.operator());
    this.accept(';');
    if (this.token.kind !== 'end') this.fail("'|' or the end");
    return { table, operators };
  }

  private operator(): Operator {
    const name = this.token.text.toLowerCase();
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
    const names = [this.name()];
    while (this.accept(',')) names.push(this.name());
    return { kind: 'projectAway', names };
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
    return { kind: 'mvExpand', column: this.assignment() };
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
  count: () => ({ kind: 'count' }),
};
