import type { Dialect } from './state';
import { NotModelled, type Part, type Redirect, type Script, ShellSyntaxError, type Word } from './syntax';

/** What stands for itself, as far as it goes; a tilde may not. */
const plain = /[^\\'"$`~} \t\n;&|<>()]+/y;
const plainInQuotes = /[^\\$`"()]+/y;

const metacharacters = new Set([' ', '\t', '\n', ';', '&', '|', '<', '>', '(', ')']);

/** Reads a script's characters and words. Commands are read by parser.ts, which also helps with `$(…)`. */
export class WordReader {
  at = 0;
  private readonly counted = { at: 0, line: 1 };
  private readonly pending: { redirect: Redirect; delimiter: string; quoted: boolean; tabs: boolean }[] = [];

  constructor(
    readonly text: string,
    readonly dialect: Dialect,
    private readonly nested: (reader: WordReader, end: string) => Script,
  ) {}

  get done(): boolean {
    return this.at >= this.text.length;
  }

  get line(): number {
    const { counted } = this;
    if (counted.at > this.at) Object.assign(counted, { at: 0, line: 1 });
    for (; counted.at < this.at; counted.at += 1) if (this.text[counted.at] === '\n') counted.line += 1;
    return counted.line;
  }

  peek(text: string): boolean {
    return this.text.startsWith(text, this.at);
  }

  take(text: string): boolean {
    if (!this.peek(text)) return false;
    this.at += text.length;
    return true;
  }

  /** Blanks, line continuations and comments. */
  skipBlanks(): void {
    for (;;) {
      if (this.peek('\\\n')) this.at += 2;
      else if (this.text[this.at] === ' ' || this.text[this.at] === '\t') this.at += 1;
      else if (this.text[this.at] === '#') {
        while (!this.done && this.text[this.at] !== '\n') this.at += 1;
      } else return;
    }
  }

  /** A newline ends a command; the here-documents of its line follow. */
  takeNewline(): boolean {
    if (!this.take('\n')) return false;
    for (const { redirect, delimiter, quoted, tabs } of this.pending.splice(0)) {
      redirect.target = this.heredoc(delimiter, quoted, tabs);
    }
    return true;
  }

  expectHeredoc(redirect: Redirect): void {
    const tabs = this.take('-');
    this.skipBlanks();
    const word = this.word();
    if (!word) throw new ShellSyntaxError('unexpected end of file', this.line);
    const delimiter = word.map((part) => (part.kind === 'text' ? part.text : '')).join('');
    this.pending.push({ redirect, delimiter, tabs, quoted: word.some((part) => part.quoted) });
  }

  word(): Word | undefined {
    const parts: Part[] = [];
    while (!this.done && !metacharacters.has(this.text[this.at] as string)) this.part(parts, false);
    if (parts.length === 0 && (this.peek('<(') || this.peek('>('))) this.bashOnly('process substitution', '"("');
    return parts.length > 0 ? parts : undefined;
  }

  /** What bash would do and this shell does not model, and what dash cannot read. */
  bashOnly(what: string, unexpected: string): never {
    if (this.dialect === 'bash') throw new NotModelled(what);
    throw new ShellSyntaxError(`${unexpected} unexpected`, this.line);
  }

  private part(parts: Part[], quoted: boolean): void {
    if (this.take('\\')) {
      if (this.take('\n')) return;
      parts.push({ kind: 'text', text: this.text[this.at++] ?? '\\', quoted: true });
    } else if (this.take("'")) {
      parts.push({ kind: 'text', text: this.until("'"), quoted: true });
    } else if (this.take('"')) {
      this.doubleQuoted(parts);
    } else if (this.peek('$') || this.peek('`')) {
      parts.push(this.dollar(quoted));
    } else {
      parts.push({ kind: 'text', text: this.run(plain), quoted });
    }
  }

  /** What a pattern takes from here, and at least one character. */
  private run(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const text = pattern.exec(this.text)?.[0] ?? (this.text[this.at] as string);
    this.at += text.length;
    return text;
  }

  private until(end: string): string {
    const stop = this.text.indexOf(end, this.at);
    if (stop < 0) throw new ShellSyntaxError('Unterminated quoted string', this.line);
    const found = this.text.slice(this.at, stop);
    this.at = stop + end.length;
    return found;
  }

  private doubleQuoted(parts: Part[]): void {
    parts.push({ kind: 'text', text: '', quoted: true });
    while (!this.take('"')) {
      if (this.done) throw new ShellSyntaxError('Unterminated quoted string', this.line);
      this.quotedPart(parts);
    }
  }

  /** One piece inside double quotes or a here-document: `\` escapes only `$`, a backquote, `"`, itself and a newline. */
  private quotedPart(parts: Part[], escapable = '$`"\\\n'): void {
    const next = this.text[this.at + 1] ?? '';
    if (this.peek('\\') && next !== '' && escapable.includes(next)) {
      this.at += 2;
      parts.push({ kind: 'text', text: next === '\n' ? '' : next, quoted: true });
    } else if (this.peek('$') || this.peek('`')) {
      parts.push(this.dollar(true));
    } else {
      parts.push({ kind: 'text', text: this.run(plainInQuotes), quoted: true });
    }
  }

  private dollar(quoted: boolean): Part {
    if (this.take('`')) {
      const inner = new WordReader(this.backquoted(quoted), this.dialect, this.nested);
      return { kind: 'command', script: this.nested(inner, ''), quoted };
    }
    this.at += 1;
    if (this.take('((')) return { kind: 'arithmetic', text: this.arithmetic(), quoted };
    if (this.take('(')) {
      const script = this.nested(this, ')');
      if (!this.take(')')) throw new ShellSyntaxError('end of file unexpected (expecting ")")', this.line);
      return { kind: 'command', script, quoted };
    }
    if (this.take('{')) return this.braced(quoted);
    const name = /^([A-Za-z_]\w*|[?#@*$!0-9])/.exec(this.text.slice(this.at, this.at + 200))?.[0];
    if (!name) return { kind: 'text', text: '$', quoted };
    this.at += name.length;
    return { kind: 'variable', name, operator: '', word: [], quoted };
  }

  /** `\` takes its meaning from a backquote, `$` and itself, so that backquotes can be nested. */
  private backquoted(quoted: boolean): string {
    const escapable = quoted ? '`$\\"' : '`$\\';
    let text = '';
    while (!this.take('`')) {
      if (this.done) throw new ShellSyntaxError('EOF in backquote substitution', this.line);
      if (this.peek('\\') && escapable.includes(this.text[this.at + 1] ?? ' ')) this.at += 1;
      text += this.text[this.at++];
    }
    return text;
  }

  private arithmetic(): Word {
    const parts: Part[] = [];
    for (let depth = 0; depth > 0 || !this.take('))'); ) {
      if (this.done) throw new ShellSyntaxError('Missing "))"', this.line);
      if (this.peek('(')) depth += 1;
      if (this.peek(')')) depth -= 1;
      this.quotedPart(parts);
    }
    return parts;
  }

  private braced(quoted: boolean): Part {
    const length = this.peek('#') && !this.peek('#}') && this.take('#');
    const name = /^([A-Za-z_]\w*|[?#@*$!]|\d+)/.exec(this.text.slice(this.at, this.at + 200))?.[0];
    if (!name) return this.bad(quoted);
    this.at += name.length;
    if (this.peek('[')) {
      if (this.dialect === 'sh') return this.bad(quoted);
      throw new NotModelled('arrays');
    }
    if (length) return this.closed({ kind: 'variable', name, operator: 'length', word: [], quoted });
    const operator = /^(:-|:=|:\+|:\?|-|=|\+|\?|%%|%|##|#)/.exec(this.text.slice(this.at, this.at + 2))?.[0] ?? '';
    this.at += operator.length;
    if (!operator && !this.peek('}')) {
      if (this.dialect === 'sh') return this.bad(quoted);
      throw new NotModelled('this parameter expansion');
    }
    const word: Part[] = [];
    while (!this.done && !this.peek('}')) this.part(word, quoted);
    return this.closed({ kind: 'variable', name, operator, word, quoted });
  }

  /** dash reads on and complains when it comes to it. */
  private bad(quoted: boolean): Part {
    while (!this.done && !this.peek('}')) this.at += 1;
    return this.closed({ kind: 'variable', name: '', operator: 'bad', word: [], quoted });
  }

  private closed(part: Part): Part {
    if (!this.take('}')) throw new ShellSyntaxError('Missing "}"', this.line);
    return part;
  }

  private heredoc(delimiter: string, quoted: boolean, tabs: boolean): Word {
    const lines: string[] = [];
    while (!this.done) {
      const stop = this.text.indexOf('\n', this.at);
      const raw = this.text.slice(this.at, stop < 0 ? undefined : stop);
      this.at = stop < 0 ? this.text.length : stop + 1;
      const line = tabs ? raw.replace(/^\t+/, '') : raw;
      if (line === delimiter) break;
      lines.push(`${line}\n`);
    }
    const body = lines.join('');
    if (quoted) return [{ kind: 'text', text: body, quoted: true }];
    const reader = new WordReader(body, this.dialect, this.nested);
    const parts: Part[] = [];
    while (!reader.done) reader.quotedPart(parts, '$`\\\n');
    return parts;
  }
}
