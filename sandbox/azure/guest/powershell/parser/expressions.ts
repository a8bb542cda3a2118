import type { Expression, Statement } from '../syntax';
import type { Cursor } from './cursor';
import { readString, readVariable } from './strings';

/** What expressions need of statements. */
export interface StatementReader {
  /** The statements up to a closing bracket, which is taken. */
  until(cursor: Cursor, close: ')' | '}', missing: readonly [id: string, message: string]): Statement[];
  pipeline(cursor: Cursor): Statement;
  block(cursor: Cursor): Expression;
  statement(cursor: Cursor): Statement;
}

/** Binary operators, weakest first, as PowerShell ranks them. */
const ranks: readonly RegExp[] = [
  /-(?:and|or|xor)(?![\w-])/i,
  /-(?:band|bor|bxor)(?![\w-])/i,
  /-(?:[ci]?(?:eq|ne|gt|ge|lt|le|like|notlike|match|notmatch|contains|notcontains|in|notin|replace|split)|is|isnot|as|join)(?![\w-])/i,
  /\+(?![+=])|-(?![-=a-z])/i,
  /[*/%](?!=)/,
  /-f(?![\w-])/i,
  /\.\./,
];

export class Expressions {
  constructor(private readonly statements: StatementReader) {}

  /** An expression; inside parentheses, lines may end after an operator, and before one nowhere. */
  read(cursor: Cursor): Expression {
    return this.ranked(cursor, 0);
  }

  private ranked(cursor: Cursor, rank: number): Expression {
    const pattern = ranks[rank];
    if (!pattern) return this.list(cursor);
    let left = this.ranked(cursor, rank + 1);
    for (;;) {
      const before = cursor.at;
      cursor.blanks();
      const operator = cursor.match(pattern)?.[0].toLowerCase();
      if (operator === undefined) {
        cursor.at = before;
        return left;
      }
      const after = cursor.at;
      cursor.lines();
      if (!this.mayBegin(cursor)) {
        throw cursor.error(
          'ExpectedValueExpression',
          `You must provide a value expression following the '${operator}' operator.`,
          { from: after, to: after + 1 },
        );
      }
      const right = this.ranked(cursor, rank + 1);
      left = { kind: 'binary', operator, left, right, from: left.from, to: right.to };
    }
  }

  /** Whether an expression can begin here. */
  mayBegin(cursor: Cursor): boolean {
    return Boolean(cursor.look(/[$@'"([{\d,!+-]|\.\d/)) && !cursor.starts('$)');
  }

  private list(cursor: Cursor): Expression {
    if (cursor.here === ',') {
      const from = cursor.at;
      cursor.at += 1;
      cursor.lines();
      const only = this.unary(cursor);
      return { kind: 'list', items: [only], from, to: cursor.at };
    }
    const first = this.unary(cursor);
    const items = [first];
    for (;;) {
      const before = cursor.at;
      cursor.blanks();
      if (!cursor.take(',')) {
        cursor.at = before;
        break;
      }
      cursor.lines();
      if (!this.mayBegin(cursor)) {
        throw cursor.error('MissingExpressionAfterToken', "Missing expression after ','.", {
          from: cursor.at - 1,
          to: cursor.at,
        });
      }
      items.push(this.unary(cursor));
    }
    return items.length === 1 ? first : { kind: 'list', items, from: first.from, to: cursor.at };
  }

  unary(cursor: Cursor): Expression {
    const from = cursor.at;
    if (cursor.look(/-?(?:\d|\.\d)/) && (cursor.here !== '-' || cursor.look(/-[\d.]/))) return this.postfix(cursor);
    const operator = cursor.match(/!|-(?:not|bnot|join|split)(?![\w-])|\+\+|--|[+-]|,/i)?.[0].toLowerCase();
    if (operator !== undefined) {
      cursor.blanks();
      if (!this.mayBegin(cursor)) {
        throw cursor.error('MissingExpressionAfterOperator', `Missing expression after unary operator '${operator}'.`, {
          from,
          to: cursor.at,
        });
      }
      const operand = this.unary(cursor);
      if (operator === '++' || operator === '--') {
        return { kind: 'step', by: operator === '++' ? 1 : -1, target: operand, before: true, from, to: cursor.at };
      }
      return { kind: 'unary', operator, operand, from, to: cursor.at };
    }
    const type = this.typeName(cursor);
    if (type === undefined) return this.postfix(cursor);
    const end = cursor.at;
    cursor.blanks();
    if (cursor.at === end && (cursor.starts('::') || cursor.here === '.')) {
      return this.members(cursor, { kind: 'type', name: type, from, to: end });
    }
    if (!this.mayBegin(cursor) || cursor.look(/-[a-z]|,/i)) {
      cursor.at = end;
      return { kind: 'type', name: type, from, to: end };
    }
    const operand = this.unary(cursor);
    return { kind: 'cast', type, operand, from, to: cursor.at };
  }

  /** `[name]`, `[name[]]`; attributes with arguments are no types. */
  typeName(cursor: Cursor): string | undefined {
    return cursor.match(/\[\s*([A-Za-z_][\w.+`]*(?:\[[\w.,\s]*\])*)\s*\]/)?.[1];
  }

  private postfix(cursor: Cursor): Expression {
    const target = this.members(cursor, this.primary(cursor));
    const steps = cursor.match(/\+\+|--(?![\w])/)?.[0];
    if (steps === undefined) return target;
    return {
      kind: 'step',
      by: steps === '++' ? 1 : -1,
      target,
      before: false,
      from: target.from,
      to: cursor.at,
    };
  }

  /** `.Name`, `::Name`, `.Name( )`, `[index]`, as often as they follow without a blank. */
  members(cursor: Cursor, start: Expression): Expression {
    let target = start;
    for (;;) {
      if (cursor.here === '[') {
        cursor.at += 1;
        cursor.lines();
        const index = this.read(cursor);
        cursor.lines();
        if (!cursor.take(']')) {
          throw cursor.error(
            'EndSquareBracketExpectedAtEndOfAttribute',
            'Missing ] at end of attribute or type literal.',
          );
        }
        target = { kind: 'index', target, index, from: start.from, to: cursor.at };
        continue;
      }
      const dot = cursor.match(/::|\.(?=[A-Za-z_$'"({])/)?.[0];
      if (dot === undefined) return target;
      const name = this.memberName(cursor);
      const isStatic = dot === '::';
      if (cursor.here !== '(') {
        target = { kind: 'member', target, name, isStatic, from: start.from, to: cursor.at };
        continue;
      }
      const args = this.callArguments(cursor);
      target = { kind: 'invoke', target, name, isStatic, args, from: start.from, to: cursor.at };
    }
  }

  private memberName(cursor: Cursor): Expression {
    const from = cursor.at;
    const word = cursor.match(/[A-Za-z_]\w*/)?.[0];
    if (word !== undefined) return { kind: 'literal', value: word, from, to: cursor.at };
    const text = readString(cursor, (c) => this.sub(c)) ?? readVariable(cursor);
    if (text) return text;
    if (cursor.here === '(') return this.primary(cursor);
    throw cursor.error('MissingPropertyName', 'Missing property name after reference operator.', {
      from: from - 1,
      to: from,
    });
  }

  private callArguments(cursor: Cursor): Expression[] {
    const args: Expression[] = [];
    cursor.at += 1;
    cursor.lines();
    while (!cursor.take(')')) {
      // A comma parts arguments here; it does not make a list.
      args.push(this.argument(cursor, 0));
      cursor.lines();
      if (cursor.take(',')) cursor.lines();
      else if (cursor.here !== ')') {
        throw cursor.error('MissingEndParenthesisInMethodCall', "Missing ')' in method call.");
      }
    }
    return args;
  }

  private argument(cursor: Cursor, rank: number): Expression {
    const pattern = ranks[rank];
    if (!pattern) return this.unary(cursor);
    let left = this.argument(cursor, rank + 1);
    for (;;) {
      cursor.lines();
      const operator = cursor.match(pattern)?.[0].toLowerCase();
      if (operator === undefined) return left;
      cursor.lines();
      const right = this.argument(cursor, rank + 1);
      left = { kind: 'binary', operator, left, right, from: left.from, to: right.to };
    }
  }

  private primary(cursor: Cursor): Expression {
    const from = cursor.at;
    const text = readString(cursor, (c) => this.sub(c));
    if (text) return text;
    if (cursor.starts('$(')) return this.sub(cursor);
    const variable = readVariable(cursor);
    if (variable) return variable;
    if (cursor.starts('@(')) return this.array(cursor);
    if (cursor.starts('@{')) return this.hash(cursor);
    const splat = cursor.match(/@(\w+)/);
    if (splat) return { kind: 'splat', name: splat[1] ?? '', from, to: cursor.at };
    if (cursor.here === '(') return this.paren(cursor);
    if (cursor.here === '{') return this.statements.block(cursor);
    return this.number(cursor) ?? this.nothing(cursor);
  }

  private nothing(cursor: Cursor): never {
    throw cursor.unexpected();
  }

  private number(cursor: Cursor): Expression | undefined {
    const from = cursor.at;
    const units: Readonly<Record<string, number>> = { kb: 2 ** 10, mb: 2 ** 20, gb: 2 ** 30, tb: 2 ** 40, pb: 2 ** 50 };
    const found = cursor.match(
      /(-?)(0x[0-9a-f]+|(?:\d+\.(?!\.)\d*|\d+|\.\d+)(?:e[+-]?\d+)?)[ld]?(kb|mb|gb|tb|pb)?(?![A-Za-z_])/i,
    );
    if (!found) return undefined;
    const [, sign = '', digits = '', unit = ''] = found;
    const value = Number(digits) * (units[unit.toLowerCase()] ?? 1);
    return { kind: 'literal', value: sign ? -value : value, from, to: cursor.at };
  }

  sub(cursor: Cursor): Expression {
    const from = cursor.at;
    cursor.at += 2;
    const body = this.statements.until(cursor, ')', [
      'MissingEndParenthesisInSubexpression',
      "Missing closing ')' in subexpression.",
    ]);
    return { kind: 'sub', body, from, to: cursor.at };
  }

  private array(cursor: Cursor): Expression {
    const from = cursor.at;
    cursor.at += 2;
    const body = this.statements.until(cursor, ')', [
      'MissingEndParenthesisInExpression',
      "Missing closing ')' in expression.",
    ]);
    return { kind: 'array', body, from, to: cursor.at };
  }

  private paren(cursor: Cursor): Expression {
    const from = cursor.at;
    cursor.at += 1;
    cursor.lines();
    if (cursor.here === ')') {
      throw cursor.error('ExpectedExpression', "An expression was expected after '('.", { from, to: from + 1 });
    }
    const statement = this.statements.pipeline(cursor);
    cursor.lines();
    if (!cursor.take(')')) {
      throw cursor.error('MissingEndParenthesisInExpression', "Missing closing ')' in expression.");
    }
    return { kind: 'paren', statement, from, to: cursor.at };
  }

  private hash(cursor: Cursor): Expression {
    const from = cursor.at;
    const entries: (readonly [Expression, Statement])[] = [];
    cursor.at += 2;
    for (;;) {
      cursor.terminators();
      if (cursor.take('}')) return { kind: 'hash', entries, from, to: cursor.at };
      if (cursor.isDone) {
        throw cursor.error('IncompleteHashLiteral', 'The hash literal was incomplete.', { from, to: from + 1 });
      }
      const name = this.hashKey(cursor);
      cursor.blanks();
      if (!cursor.take('=')) {
        throw cursor.error('MissingEqualsInHashLiteral', "Missing '=' operator after key in hash literal.");
      }
      cursor.lines();
      entries.push([name, this.statements.statement(cursor)]);
      cursor.blanks();
      if (!cursor.look(/[;\r\n}]/)) {
        throw cursor.error('IncompleteHashLiteral', 'The hash literal was incomplete.', { from, to: from + 1 });
      }
    }
  }

  private hashKey(cursor: Cursor): Expression {
    const from = cursor.at;
    const word = cursor.match(/[A-Za-z_][\w-]*/)?.[0];
    return word === undefined ? this.unary(cursor) : { kind: 'literal', value: word, from, to: cursor.at };
  }
}
