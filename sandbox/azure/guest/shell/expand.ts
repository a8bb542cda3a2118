import { absolute, globPattern } from '../files';
import { ArithmeticError, arithmetic } from './arithmetic';
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
  pattern(word: Word): string {
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
    if (isNoArgument(word, this.state)) return [];
    const separators = separator(separatorsOf(this.state));
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
      const chunks = piece.text.split(separators);
      const beginsBlank = /^[ \t\n]/.test(piece.text);
      chunks.forEach((text, n) => {
        if (n > 0 && current) {
          fields.push(current);
          current = undefined;
        }
        // Two separators that are no blanks have an empty field between them.
        const isField = text !== '' || (n < chunks.length - 1 && (n > 0 || (!beginsBlank && current === undefined)));
        if (isField) current = [...(current ?? []), { text, quoted: false }];
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
    if (part.kind === 'arithmetic') return String(this.calculated(this.text(part.text)));
    const value = this.lookUp(part.name);
    return part.operator === '' ? this.plain(part.name, value) : this.operated(part, value);
  }

  private calculated(expression: string): number {
    try {
      return arithmetic(expression, this.state.variables);
    } catch (error) {
      if (!(error instanceof ArithmeticError)) throw error;
      this.streams.err(this.state.complaint(`arithmetic expression: ${error.message}`));
      throw new ShellExit(2);
    }
  }

  private lookUp(name: string): string | undefined {
    const { state } = this;
    if (name === '?') return String(state.status);
    if (name === '$') return '4242';
    if (name === '#') return String(state.positional.length - 1);
    if (name === '!') return state.variables.get('!');
    if (name === '*') return state.positional.slice(1).join(state.variables.get('IFS')?.[0] ?? ' ');
    if (name === '@') return state.positional.slice(1).join(' ');
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

/** `"$@"` is nothing, not an empty word, when there are no arguments. */
function isNoArgument(word: Word, { positional }: ShellState): boolean {
  if (positional.length > 1 || !word.some((part) => part.kind === 'variable' && part.name === '@' && part.quoted))
    return false;
  return word.every((part) =>
    part.kind === 'variable' ? part.name === '@' : part.kind === 'text' && part.text === '',
  );
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

/** What separates two fields: blanks together with at most one character that is none. */
export function separator(separators: string): RegExp {
  const among = (chars: readonly string[]) =>
    `[${chars.map((c) => `\\u{${c.codePointAt(0)?.toString(16)}}`).join('')}]`;
  const blanks = [...separators].filter((c) => ' \t\n'.includes(c));
  const marks = [...separators].filter((c) => !blanks.includes(c));
  const gap = blanks.length > 0 ? among(blanks) : '';
  const around = gap && `${gap}*`;
  const mark = marks.length > 0 ? around + among(marks) + around : '';
  return new RegExp([mark, gap && `${gap}+`].filter(Boolean).join('|') || '(?!)', 'u');
}

/** How fields are separated: by `IFS`. */
export function separatorsOf({ variables }: ShellState): string {
  return variables.get('IFS') ?? ' \t\n';
}
