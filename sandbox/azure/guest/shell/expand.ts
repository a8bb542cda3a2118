import { absolute, globPattern } from '../files';
import { ShellExit, type ShellState, type Streams } from './state';
import type { Part, Script, Word } from './syntax';

/** Runs `$(…)` and returns its output. */
export type Substitute = (script: Script, streams: Streams) => string;

interface Piece {
  readonly text: string;
  readonly quoted: boolean;
}

/** Turns words into what a command gets: variables, substitutions, fields and file names, in the shell's order. */
export class Expander {
  constructor(
    private readonly state: ShellState,
    private readonly streams: Streams,
    private readonly substitute: Substitute,
  ) {}

  fields(words: readonly Word[]): string[] {
    return words.flatMap((word) => this.split(word).flatMap((field) => this.fileNames(field)));
  }

  /** One string, never split: the value of an assignment, a redirection's target, a here-document. */
  text(word: Word): string {
    return this.pieces(word)
      .map((p) => p.text)
      .join('');
  }

  /** For `case` and `${x%pattern}`: quoted characters stand for themselves. */
  private pattern(word: Word): string {
    return escaped(this.pieces(word));
  }

  private pieces(word: Word): Piece[] {
    return word.map((part, i) => this.piece(part, i, word));
  }

  private piece(part: Part, i: number, word: Word): Piece {
    if (part.kind !== 'text') return { text: this.value(part), quoted: part.quoted };
    if (i === 0 && part.text === '~' && !part.quoted && isTildeAlone(word)) return { text: this.home(), quoted: true };
    return { text: part.text, quoted: part.quoted };
  }

  private home(): string {
    return this.state.variables.get('HOME') ?? '/root';
  }

  private split(word: Word): Piece[][] {
    const fields: Piece[][] = [];
    let current: Piece[] | undefined;
    word.forEach((part, i) => {
      if (part.kind === 'variable' && part.name === '@' && part.quoted) {
        const args = this.state.positional.slice(1);
        args.forEach((text, n) => {
          if (n > 0 && current) fields.push(current);
          current = n > 0 ? [{ text, quoted: true }] : [...(current ?? []), { text, quoted: true }];
        });
        return;
      }
      const piece = this.piece(part, i, word);
      if (piece.quoted || part.kind === 'text') {
        current = [...(current ?? []), piece];
        return;
      }
      const chunks = piece.text.split(/[ \t\n]+/);
      chunks.forEach((text, n) => {
        if (n > 0 && current) {
          fields.push(current);
          current = undefined;
        }
        if (text !== '') current = [...(current ?? []), { text, quoted: false }];
      });
    });
    if (current) fields.push(current);
    return fields;
  }

  private fileNames(field: readonly Piece[]): string[] {
    const text = field.map((p) => p.text).join('');
    if (!field.some((p) => !p.quoted && /[*?[]/.test(p.text))) return [text];
    const found = this.state.files.glob(absolute(this.state.cwd, escaped(field)));
    if (found.length === 0) return [text];
    return text.startsWith('/') ? found : found.map((path) => path.slice(this.state.cwd.replace(/\/$/, '').length + 1));
  }

  private value(part: Exclude<Part, { kind: 'text' }>): string {
    if (part.kind === 'command') return this.substitute(part.script, this.streams).replace(/\n+$/, '');
    if (part.kind === 'arithmetic') return String(arithmetic(this.text(part.text), (name) => this.lookUp(name) ?? '0'));
    const value = this.lookUp(part.name);
    return part.operator === '' ? this.plain(part.name, value) : this.operated(part, value);
  }

  private lookUp(name: string): string | undefined {
    const { state } = this;
    if (name === '?') return String(state.status);
    if (name === '$') return '4242';
    if (name === '#') return String(state.positional.length - 1);
    if (name === '@' || name === '*') return state.positional.slice(1).join(' ');
    return /^\d+$/.test(name) ? state.positional[Number(name)] : state.variables.get(name);
  }

  private plain(name: string, value: string | undefined): string {
    if (value === undefined && this.state.options.nounset) {
      this.streams.err(`${this.state.positional[0]}: ${name}: unbound variable\n`);
      throw new ShellExit(1);
    }
    return value ?? '';
  }

  private operated(part: Extract<Part, { kind: 'variable' }>, value: string | undefined): string {
    const { operator, name, word } = part;
    const set = operator.startsWith(':') ? value !== undefined && value !== '' : value !== undefined;
    switch (operator.replace(':', '')) {
      case 'bad':
        this.streams.err(this.state.complaint('Bad substitution'));
        throw new ShellExit(2);
      case 'length':
        return String((value ?? '').length);
      case '-':
        return set ? (value as string) : this.text(word);
      case '+':
        return set ? this.text(word) : '';
      case '=':
        if (!set) this.state.variables.set(name, this.text(word));
        return set ? (value as string) : this.text(word);
      case '?':
        if (set) return value as string;
        this.streams.err(`${this.state.positional[0]}: ${name}: ${this.text(word) || 'parameter null or not set'}\n`);
        throw new ShellExit(2);
      default:
        return trimmed(this.plain(name, value), operator, this.pattern(word));
    }
  }
}

function isTildeAlone(word: Word): boolean {
  const next = word[1];
  return !next || (next.kind === 'text' && next.text.startsWith('/'));
}

function escaped(pieces: readonly Piece[]): string {
  return pieces.map((p) => (p.quoted ? p.text.replace(/[*?[\]\\]/g, '\\$&') : p.text)).join('');
}

function trimmed(value: string, operator: string, pattern: string): string {
  const lengths = Array.from({ length: value.length + 1 }, (_, i) => i);
  const test = globPattern(pattern);
  const fromEnd = operator.startsWith('%');
  const candidates = lengths.filter((n) => test.test(fromEnd ? value.slice(value.length - n) : value.slice(0, n)));
  const cut = operator.length === 2 ? candidates.at(-1) : candidates[0];
  if (cut === undefined) return value;
  return fromEnd ? value.slice(0, value.length - cut) : value.slice(cut);
}

/** Whole numbers, `+ - * / %`, brackets and comparisons, left to right by the usual precedence. */
export function arithmetic(text: string, lookUp: (name: string) => string): number {
  const tokens = text.match(/\d+|[A-Za-z_]\w*|<=|>=|==|!=|&&|\|\||[-+*/%()<>!]/g) ?? [];
  const ranks: readonly (readonly string[])[] = [
    ['||'],
    ['&&'],
    ['==', '!='],
    ['<', '>', '<=', '>='],
    ['+', '-'],
    ['*', '/', '%'],
  ];
  let at = 0;
  const atom = (): number => {
    const token = tokens[at++];
    if (token === '(') {
      const inner = level(0);
      at += 1;
      return inner;
    }
    if (token === '-') return -atom();
    if (token === '!') return atom() === 0 ? 1 : 0;
    if (token === undefined) return 0;
    return /^\d/.test(token) ? Number(token) : Number(lookUp(token)) || 0;
  };
  const level = (rank: number): number => {
    const operators = ranks[rank];
    if (!operators) return atom();
    let left = level(rank + 1);
    while (operators.includes(tokens[at] ?? '')) left = apply(tokens[at++] as string, left, level(rank + 1));
    return left;
  };
  return level(0);
}

function apply(operator: string, a: number, b: number): number {
  const truth = (value: boolean) => (value ? 1 : 0);
  const operations: Readonly<Record<string, () => number>> = {
    '+': () => a + b,
    '-': () => a - b,
    '*': () => a * b,
    '/': () => Math.trunc(a / b),
    '%': () => a % b,
    '==': () => truth(a === b),
    '!=': () => truth(a !== b),
    '<': () => truth(a < b),
    '>': () => truth(a > b),
    '<=': () => truth(a <= b),
    '>=': () => truth(a >= b),
    '&&': () => truth(a !== 0 && b !== 0),
    '||': () => truth(a !== 0 || b !== 0),
  };
  return operations[operator]?.() ?? 0;
}
