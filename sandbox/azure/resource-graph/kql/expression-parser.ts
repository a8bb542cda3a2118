import type { Json } from '../../../kernel/types';
import type { BinaryOperator, Expression } from './ast';
import { parserFailure } from './errors';
import type { Token } from './lexer';
import { Timespan } from './values';

const comparisons: ReadonlySet<string> = new Set(['==', '=~', '!=', '!~', '<', '>', '<=', '>=']);
const texts = ['contains', 'has', 'startswith', 'endswith'];
const textual: ReadonlySet<string> = new Set([...texts.flatMap((t) => [t, `!${t}`, `${t}_cs`]), 'matches regex']);
const memberships: ReadonlySet<string> = new Set(['in', 'in~', '!in', '!in~']);
const unitsMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads tokens one by one; expressions by precedence: or, and, comparison, sum, product, path. */
export class ExpressionParser {
  protected at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  expression(): Expression {
    return this.chain(['or'], () => this.chain(['and'], () => this.comparison()));
  }

  protected get token(): Token {
    return this.tokens[this.at] as Token;
  }

  protected is(text: string): boolean {
    return this.token.kind !== 'string' && this.token.kind !== 'end' && this.token.text === text;
  }

  protected accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.at += 1;
    return true;
  }

  protected expect(text: string): void {
    if (!this.accept(text)) this.fail(text);
  }

  protected name(): string {
    if (this.token.kind !== 'name') this.fail('a name');
    this.at += 1;
    return this.tokens[this.at - 1]?.text ?? '';
  }

  protected wholeNumber(): number {
    const value = Number(this.token.text);
    if (this.token.kind !== 'number' || !Number.isInteger(value)) this.fail('a whole number');
    this.at += 1;
    return value;
  }

  protected peek(offset: number): Token | undefined {
    return this.tokens[this.at + offset];
  }

  protected fail(expected: string): never {
    throw parserFailure(this.token, this.token.text, expected);
  }

  private chain(operators: readonly string[], operand: () => Expression): Expression {
    let left = operand();
    while (operators.some((o) => this.is(o))) {
      const operator = this.token.text as BinaryOperator;
      this.at += 1;
      left = { kind: 'binary', operator, left, right: operand() };
    }
    return left;
  }

  private comparison(): Expression {
    const left = this.sum();
    const operator = this.token.text.replace(/\s+/, ' ');
    if (this.token.kind === 'string' || this.token.kind === 'end') return left;
    if (memberships.has(operator)) {
      this.at += 1;
      this.expect('(');
      return { kind: 'in', operator: operator as 'in', left, list: this.listUntil(')') };
    }
    if (operator === 'between' || operator === '!between') return this.between(left, operator !== 'between');
    if (operator === 'has_any' || operator === 'has_all') return this.terms(left, operator);
    if (!comparisons.has(operator) && !textual.has(operator)) return left;
    this.at += 1;
    return { kind: 'binary', operator: operator as BinaryOperator, left, right: this.sum() };
  }

  private between(value: Expression, negated: boolean): Expression {
    this.at += 1;
    this.expect('(');
    const from = this.sum();
    this.expect('..');
    const to = this.sum();
    this.expect(')');
    return { kind: 'between', negated, value, from, to };
  }

  private terms(left: Expression, operator: 'has_any' | 'has_all'): Expression {
    this.at += 1;
    this.expect('(');
    const right: Expression = { kind: 'call', name: 'pack_array', args: this.listUntil(')') };
    return { kind: 'binary', operator, left, right };
  }

  private sum(): Expression {
    return this.chain(['+', '-'], () => this.chain(['*', '/', '%'], () => this.path()));
  }

  private path(): Expression {
    let of = this.primary();
    while (true) {
      if (this.accept('.')) of = { kind: 'member', of, name: this.name() };
      else if (this.accept('[')) {
        of = { kind: 'index', of, at: this.expression() };
        this.expect(']');
      } else return of;
    }
  }

  private primary(): Expression {
    const { kind, text } = this.token;
    if (this.accept('(')) {
      const inner = this.expression();
      this.expect(')');
      return inner;
    }
    if (this.accept('+')) return this.path();
    const next = this.peek(1);
    if (this.is('-') && next?.kind === 'timespan') {
      this.at += 2;
      return { kind: 'literal', value: new Timespan(-timespanMs(next.text)) };
    }
    if (this.accept('-'))
      return { kind: 'binary', operator: '-', left: { kind: 'literal', value: 0 }, right: this.path() };
    if (kind === 'symbol' && text === '[' && this.peek(1)?.kind === 'string') return this.bracketedName();
    if (kind === 'end' || kind === 'symbol') this.fail('an expression');
    this.at += 1;
    if (kind === 'string') return { kind: 'literal', value: text };
    if (kind === 'number') return { kind: 'literal', value: Number(text), ...(/[.e]/i.test(text) && { real: true }) };
    if (kind === 'timespan') return { kind: 'literal', value: new Timespan(timespanMs(text)) };
    if (kind === 'dynamic') return { kind: 'dynamic', value: this.json(text) };
    if (kind === 'datetime') return { kind: 'literal', value: this.date(text) };
    return this.named(text);
  }

  private named(text: string): Expression {
    if (this.accept('(')) return { kind: 'call', name: text, args: this.listUntil(')') };
    const truth = text === 'true' || text === 'false';
    return truth ? { kind: 'literal', value: text === 'true' } : { kind: 'name', name: text };
  }

  private bracketedName(): Expression {
    this.at += 1;
    const name = this.token.text;
    this.at += 1;
    this.expect(']');
    return { kind: 'name', name };
  }

  private listUntil(end: string): Expression[] {
    const items: Expression[] = [];
    if (this.accept(end)) return items;
    do items.push(this.accept('*') ? { kind: 'name', name: '*' } : this.expression());
    while (this.accept(','));
    this.expect(end);
    return items;
  }

  private json(text: string): Json {
    try {
      return JSON.parse(text) as Json;
    } catch {
      return this.fail('JSON');
    }
  }

  private date(text: string): Date {
    const date = new Date(
      /^\d{4}-\d{2}-\d{2}( |T)?[\d:.]*$/.test(text) ? `${text.replace(' ', 'T')}${text.length > 10 ? 'Z' : ''}` : text,
    );
    if (Number.isNaN(date.getTime())) this.fail('a date');
    return date;
  }
}

function timespanMs(text: string): number {
  const [, amount = '0', unit = 's'] = /^([\d.]+)(\w+)$/.exec(text) ?? [];
  return Number(amount) * (unitsMs[unit] ?? 1_000);
}
