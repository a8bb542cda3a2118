import {
  type CatchClause,
  type Clause,
  type Command,
  type Evaluated,
  type Expression,
  NotModelled,
  type Parameter,
  type Script,
  type Statement,
  type SwitchCase,
} from '../syntax';
import { Commands } from './commands';
import type { Cursor } from './cursor';
import { Expressions, type StatementReader } from './expressions';

type Missing = readonly [id: string, message: string];

const missingCurly: Missing = ['MissingEndCurlyBrace', "Missing closing '}' in statement block or type definition."];

/** Statements, and what holds them. */
export class Statements implements StatementReader {
  private readonly expressions = new Expressions(this);
  private readonly commands = new Commands(this.expressions);

  /** Everything up to the end of the text, or to the `}` of a block, which stays. */
  script(cursor: Cursor, inBlock: boolean): Script {
    cursor.terminators();
    while (cursor.look(/\[CmdletBinding|\[OutputType|\[Diagnostics/i)) {
      this.attribute(cursor);
      cursor.terminators();
    }
    const parameters = cursor.keyword('param') ? this.parameters(cursor) : [];
    cursor.terminators();
    const named: { begin?: Statement[]; process?: Statement[]; body?: Statement[] } = {};
    while (cursor.look(/(?:begin|process|end)\s*\{/i)) {
      const name = cursor.keyword('begin', 'process', 'end');
      cursor.lines();
      const body = this.body(cursor);
      if (name === 'begin') named.begin = body;
      else if (name === 'process') named.process = body;
      else named.body = body;
      cursor.terminators();
    }
    const body = named.body ?? [];
    for (;;) {
      cursor.terminators();
      if (cursor.isDone || (inBlock && cursor.here === '}')) break;
      body.push(this.statement(cursor));
      this.endOfStatement(cursor);
    }
    return {
      parameters,
      body,
      ...(named.begin && { begin: named.begin }),
      ...(named.process && { process: named.process }),
    };
  }

  until(cursor: Cursor, close: ')' | '}', [id, message]: Missing): Statement[] {
    const from = cursor.at - 1;
    const found: Statement[] = [];
    for (;;) {
      cursor.terminators();
      if (cursor.take(close)) return found;
      if (cursor.isDone) throw cursor.error(id, message, { from, to: from + 1 });
      found.push(this.statement(cursor));
      this.endOfStatement(cursor, close);
    }
  }

  private endOfStatement(cursor: Cursor, close?: string): void {
    cursor.blanks();
    if (cursor.isDone || cursor.look(/[\r\n;]/)) return;
    if (close !== undefined ? cursor.here === close : cursor.here === '}') return;
    // A statement that ends in a block may be followed by another one on the same line.
    if (/\}[ \t]*$/.test(cursor.text.slice(Math.max(0, cursor.at - 80), cursor.at))) return;
    if (cursor.starts('&&') || cursor.starts('||')) {
      const token = cursor.text.slice(cursor.at, cursor.at + 2);
      throw cursor.error(
        'InvalidEndOfLine',
        `The token '${token}' is not a valid statement separator in this version.`,
        {
          from: cursor.at,
          to: cursor.at + 2,
        },
      );
    }
    throw cursor.unexpected();
  }

  block(cursor: Cursor): Expression {
    const from = cursor.at;
    cursor.at += 1;
    const script = this.script(cursor, true);
    if (!cursor.take('}')) throw cursor.error(...missingCurly, { from, to: from + 1 });
    return { kind: 'block', script, text: cursor.text.slice(from + 1, cursor.at - 1), from, to: cursor.at };
  }

  private body(cursor: Cursor): Statement[] {
    if (!cursor.take('{')) throw cursor.error('MissingStatementBlock', 'Missing statement block.');
    return this.until(cursor, '}', missingCurly);
  }

  statement(cursor: Cursor): Statement {
    const from = cursor.at;
    const word = cursor.look(/[A-Za-z]+(?![\w-])/)?.[0].toLowerCase();
    const read = word === undefined ? undefined : this.keywords[word];
    if (!read) return this.pipeline(cursor);
    cursor.at += word?.length ?? 0;
    cursor.blanks();
    return read(cursor, from);
  }

  private readonly keywords: Readonly<Record<string, (cursor: Cursor, from: number) => Statement>> = {
    if: (c, from) => this.ifStatement(c, from),
    while: (c, from) => {
      const test = this.condition(c, 'while');
      return { kind: 'while', test, body: this.laterBody(c), after: false, until: false, from, to: c.at };
    },
    do: (c, from) => this.doStatement(c, from),
    for: (c, from) => this.forStatement(c, from),
    foreach: (c, from) => this.foreachStatement(c, from),
    switch: (c, from) => this.switchStatement(c, from),
    try: (c, from) => this.tryStatement(c, from),
    function: (c, from) => this.functionStatement(c, from),
    filter: (c, from) => this.functionStatement(c, from),
    throw: (c, from) => this.valued(c, 'throw', from),
    return: (c, from) => this.valued(c, 'return', from),
    exit: (c, from) => this.valued(c, 'exit', from),
    break: (c, from) => ({ kind: 'break', from, to: c.at }),
    continue: (c, from) => ({ kind: 'continue', from, to: c.at }),
    ...Object.fromEntries(
      ['class', 'enum', 'trap', 'data', 'workflow', 'configuration', 'using', 'parallel'].map((word) => [
        word,
        (c: Cursor, from: number) => {
          throw new NotModelled(`'${word}'`, { from, to: c.at });
        },
      ]),
    ),
  };

  private valued(cursor: Cursor, kind: 'throw' | 'return' | 'exit', from: number): Statement {
    if (cursor.isDone || cursor.look(/[\r\n;})]/)) return { kind, from, to: cursor.at };
    const value = this.pipeline(cursor);
    return { kind, value, from, to: value.to };
  }

  /** `( … )` after a word. */
  private condition(cursor: Cursor, word: string): Statement {
    cursor.lines();
    if (!cursor.take('(')) {
      throw cursor.error('MissingOpenParenthesisInIfStatement', `Missing '(' after '${word}' in ${word} statement.`);
    }
    cursor.lines();
    if (cursor.here === ')') {
      throw cursor.error('IfStatementMissingCondition', `Missing condition in ${word} statement after '${word} ('.`);
    }
    const test = this.pipeline(cursor);
    cursor.lines();
    if (!cursor.take(')')) {
      throw cursor.error(
        'MissingEndParenthesisAfterStatement',
        `Missing closing ')' after expression in '${word}' statement.`,
      );
    }
    return test;
  }

  private laterBody(cursor: Cursor): Statement[] {
    cursor.lines();
    return this.body(cursor);
  }

  private ifStatement(cursor: Cursor, from: number): Statement {
    const clauses: Clause[] = [{ test: this.condition(cursor, 'if'), body: this.laterBody(cursor) }];
    for (;;) {
      const before = cursor.at;
      const to = cursor.at;
      cursor.lines();
      const word = cursor.keyword('elseif', 'else');
      if (word === 'elseif') clauses.push({ test: this.condition(cursor, 'elseif'), body: this.laterBody(cursor) });
      else if (word === 'else') {
        return { kind: 'if', clauses, otherwise: this.laterBody(cursor), from, to: cursor.at };
      } else {
        cursor.at = before;
        return { kind: 'if', clauses, from, to };
      }
    }
  }

  private doStatement(cursor: Cursor, from: number): Statement {
    const body = this.laterBody(cursor);
    cursor.lines();
    const word = cursor.keyword('while', 'until');
    if (!word) throw cursor.error('MissingWhileOrUntilInDoWhile', 'Missing while or until keyword in do loop.');
    const test = this.condition(cursor, word);
    return { kind: 'while', test, body, after: true, until: word === 'until', from, to: cursor.at };
  }

  private forStatement(cursor: Cursor, from: number): Statement {
    cursor.lines();
    if (!cursor.take('(')) {
      throw cursor.error('MissingOpenParenthesisAfterKeyword', "Missing opening '(' after keyword 'for'.");
    }
    const part = (): Statement | undefined => {
      cursor.lines();
      const found = cursor.look(/[;)]/) ? undefined : this.pipeline(cursor);
      cursor.lines();
      cursor.take(';');
      return found;
    };
    const [start, test, next] = [part(), part(), part()];
    cursor.lines();
    if (!cursor.take(')')) {
      throw cursor.error(
        'MissingEndParenthesisAfterStatement',
        "Missing closing ')' after expression in 'for' statement.",
      );
    }
    const body = this.laterBody(cursor);
    return {
      kind: 'for',
      ...(start && { start }),
      ...(test && { test }),
      ...(next && { next }),
      body,
      from,
      to: cursor.at,
    };
  }

  private foreachStatement(cursor: Cursor, from: number): Statement {
    cursor.lines();
    const head = cursor.match(/\(\s*\$(\w+)\s+in\s/i);
    if (!head) {
      throw cursor.error('MissingVariableNameAfterForeach', 'Missing variable name after foreach.');
    }
    cursor.lines();
    const items = this.pipeline(cursor);
    cursor.lines();
    if (!cursor.take(')')) {
      throw cursor.error(
        'MissingEndParenthesisAfterForeach',
        "Missing closing ')' after expression in 'foreach' statement.",
      );
    }
    return { kind: 'foreach', variable: head[1] ?? '', items, body: this.laterBody(cursor), from, to: cursor.at };
  }

  private switchStatement(cursor: Cursor, from: number): Statement {
    const how: string[] = [];
    for (let flag = cursor.match(/-(\w+)\s*/); flag; flag = cursor.match(/-(\w+)\s*/)) {
      how.push((flag[1] ?? '').toLowerCase());
    }
    if (how.includes('file')) throw new NotModelled('switch -File', { from, to: cursor.at });
    const value = this.condition(cursor, 'switch');
    cursor.lines();
    if (!cursor.take('{'))
      throw cursor.error('MissingCurlyBraceInSwitchStatement', "Missing opening '{' in switch statement.");
    const cases: SwitchCase[] = [];
    for (;;) {
      cursor.terminators();
      if (cursor.take('}')) return { kind: 'switch', how, value, cases, from, to: cursor.at };
      if (cursor.isDone) throw cursor.error(...missingCurly, { from, to: from + 6 });
      const isDefault = cursor.keyword('default') !== undefined;
      const test = isDefault ? undefined : this.caseTest(cursor);
      cases.push({ test, body: this.laterBody(cursor) });
    }
  }

  private caseTest(cursor: Cursor): Expression {
    const from = cursor.at;
    const word = cursor.match(/[A-Za-z][\w.-]*/)?.[0];
    return word === undefined ? this.expressions.unary(cursor) : { kind: 'literal', value: word, from, to: cursor.at };
  }

  private tryStatement(cursor: Cursor, from: number): Statement {
    const body = this.laterBody(cursor);
    const catches: CatchClause[] = [];
    let last: Statement[] | undefined;
    for (;;) {
      const before = cursor.at;
      cursor.lines();
      const word = cursor.keyword('catch', 'finally');
      if (word === undefined) {
        cursor.at = before;
        break;
      }
      if (word === 'finally') {
        last = this.laterBody(cursor);
        break;
      }
      const types: string[] = [];
      cursor.lines();
      for (let type = this.expressions.typeName(cursor); type; type = this.expressions.typeName(cursor)) {
        types.push(type);
        cursor.match(/\s*,?\s*/);
      }
      catches.push({ types, body: this.laterBody(cursor) });
    }
    if (catches.length === 0 && !last) {
      throw cursor.error('MissingCatchOrFinally', 'The Try statement is missing its Catch or Finally block.');
    }
    return { kind: 'try', body, catches, ...(last && { last }), from, to: cursor.at };
  }

  private functionStatement(cursor: Cursor, from: number): Statement {
    const name = cursor.match(/(?:global:|script:)?([\w-]+)/i)?.[1];
    if (name === undefined) throw cursor.error('MissingNameAfterKeyword', 'Missing name after function keyword.');
    cursor.lines();
    const inline = cursor.here === '(' ? this.parameters(cursor) : [];
    cursor.lines();
    if (cursor.here !== '{') {
      throw cursor.error('MissingFunctionBody', 'Missing function body in function declaration.');
    }
    const block = this.block(cursor);
    const script = block.kind === 'block' ? block.script : { parameters: [], body: [] };
    const parameters = inline.length > 0 ? inline : script.parameters;
    return { kind: 'function', name, script: { ...script, parameters }, from, to: cursor.at };
  }

  private parameters(cursor: Cursor): Parameter[] {
    cursor.lines();
    if (!cursor.take('('))
      throw cursor.error('MissingOpenParenthesisAfterKeyword', "Missing opening '(' after keyword 'param'.");
    const found: Parameter[] = [];
    for (;;) {
      cursor.lines();
      if (cursor.take(')')) return found;
      found.push(this.parameter(cursor));
      cursor.lines();
      if (!cursor.take(',') && cursor.here !== ')') {
        throw cursor.error('MissingEndParenthesisInFunctionParameterList', "Missing ')' in function parameter list.");
      }
    }
  }

  private parameter(cursor: Cursor): Parameter {
    let type: string | undefined;
    let mandatory = false;
    while (cursor.here === '[') {
      const named = this.expressions.typeName(cursor);
      if (named !== undefined) type = named;
      else mandatory ||= /mandatory(?!\s*=\s*\$false)/i.test(this.attribute(cursor));
      cursor.lines();
    }
    const name = cursor.match(/\$(\w+)/)?.[1];
    if (name === undefined) throw cursor.unexpected();
    cursor.lines();
    if (!cursor.take('=')) return { name, mandatory, ...(type !== undefined && { type }) };
    cursor.lines();
    const fallback = this.expressions.read(cursor);
    return { name, mandatory, fallback, ...(type !== undefined && { type }) };
  }

  /** `[Attribute(…)]`, as text. */
  private attribute(cursor: Cursor): string {
    const from = cursor.at;
    let depth = 0;
    do {
      if (cursor.isDone)
        throw cursor.error(
          'EndSquareBracketExpectedAtEndOfAttribute',
          'Missing ] at end of attribute or type literal.',
          { from, to: from + 1 },
        );
      if (cursor.here === '[') depth += 1;
      if (cursor.here === ']') depth -= 1;
      cursor.at += 1;
    } while (depth > 0);
    return cursor.text.slice(from, cursor.at);
  }

  /** A pipeline, or an assignment. */
  pipeline(cursor: Cursor): Statement {
    const from = cursor.at;
    const elements: (Command | Evaluated)[] = [];
    for (;;) {
      const element = this.element(cursor, elements.length === 0);
      if ('target' in element) return element;
      elements.push(element);
      const before = cursor.at;
      cursor.blanks();
      if (cursor.starts('||') || !cursor.take('|')) {
        cursor.at = before;
        return { kind: 'pipeline', elements, from, to: cursor.at };
      }
      cursor.lines();
      if (cursor.isDone || cursor.look(/[;|})]/)) {
        throw cursor.error('EmptyPipeElement', 'An empty pipe element is not allowed.', {
          from: before,
          to: before + 1,
        });
      }
    }
  }

  private element(cursor: Cursor, isFirst: boolean): Command | Evaluated | Extract<Statement, { kind: 'assign' }> {
    if (!this.beginsExpression(cursor)) return this.commands.read(cursor);
    const expression = this.expressions.read(cursor);
    const redirections = [];
    const before = cursor.at;
    cursor.blanks();
    const operator = isFirst ? cursor.match(/(?:[-+*/%]|\?\?)?=(?!=)/)?.[0] : undefined;
    if (operator !== undefined) {
      const isTarget = ['variable', 'member', 'index', 'list', 'cast'].includes(expression.kind);
      if (!isTarget) {
        throw cursor.error(
          'InvalidLeftHandSide',
          'The assignment expression is not valid. The input to an assignment operator must be an object that is able to accept assignments, such as a variable or a property.',
          expression,
        );
      }
      cursor.lines();
      if (cursor.isDone || cursor.look(/[;})]/)) {
        throw cursor.error(
          'ExpectedValueExpression',
          `You must provide a value expression following the '${operator}' operator.`,
          {
            from: cursor.at - 1,
            to: cursor.at,
          },
        );
      }
      const value = this.statement(cursor);
      return { kind: 'assign', target: expression, operator, value, from: expression.from, to: value.to };
    }
    for (let found = this.commands.redirection(cursor); found; found = this.commands.redirection(cursor)) {
      redirections.push(found);
      cursor.blanks();
    }
    if (redirections.length === 0) cursor.at = before;
    return { kind: 'evaluated', expression, redirections, from: expression.from, to: expression.to };
  }

  private beginsExpression(cursor: Cursor): boolean {
    if (cursor.look(/[&.](?=[\s$'"{(])/)) return false;
    if (cursor.look(/-(?:not|bnot|join|split)(?![\w-])/i)) return true;
    if (cursor.look(/-?(?:\d|\.\d)/)) {
      return Boolean(cursor.look(/-?(?:0x[0-9a-f]+|[\d.]+)(?:e\d+)?[ld]?(?:kb|mb|gb|tb|pb)?(?![\w-])/i));
    }
    return Boolean(cursor.look(/[$@'"([{!,+]|--\$/));
  }
}
