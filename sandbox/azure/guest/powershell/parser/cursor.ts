import { type Extent, ParseError } from '../syntax';

/** A place in the script, and what may stand between its parts. */
export class Cursor {
  at = 0;

  constructor(readonly text: string) {}

  get here(): string {
    return this.text[this.at] ?? '';
  }

  get isDone(): boolean {
    return this.at >= this.text.length;
  }

  peek(offset = 1): string {
    return this.text[this.at + offset] ?? '';
  }

  starts(token: string): boolean {
    return this.text.startsWith(token, this.at);
  }

  take(token: string): boolean {
    if (!this.starts(token)) return false;
    this.at += token.length;
    return true;
  }

  /** What matches here, without moving. */
  look(pattern: RegExp): RegExpExecArray | undefined {
    const sticky = new RegExp(pattern.source, `${pattern.flags.replace(/[gy]/g, '')}y`);
    sticky.lastIndex = this.at;
    return sticky.exec(this.text) ?? undefined;
  }

  match(pattern: RegExp): RegExpExecArray | undefined {
    const found = this.look(pattern);
    if (found) this.at += found[0].length;
    return found;
  }

  /** A word as a whole, in any case: `if` is not the beginning of `ifconfig`. */
  keyword(...words: readonly string[]): string | undefined {
    const found = this.look(/[A-Za-z]+(?![\w-])/)?.[0].toLowerCase();
    if (found === undefined || !words.includes(found)) return undefined;
    this.at += found.length;
    return found;
  }

  /** Blanks, comments and continued lines. */
  blanks(): void {
    for (;;) {
      if (this.match(/[ \t\u00a0\ufeff\f\v]+|`\r?\n/)) continue;
      if (this.starts('<#')) this.blockComment();
      else if (this.here === '#') this.match(/[^\n]*/);
      else return;
    }
  }

  /** Blanks and ends of lines. */
  lines(): void {
    for (;;) {
      this.blanks();
      if (!this.match(/[\r\n]+/)) return;
    }
  }

  /** Blanks, ends of lines and `;`. */
  terminators(): void {
    for (;;) {
      this.lines();
      if (!this.match(/;+/)) return;
    }
  }

  private blockComment(): void {
    const from = this.at;
    const end = this.text.indexOf('#>', this.at);
    if (end < 0) {
      throw this.error(
        'MissingTerminatorMultiLineComment',
        'The terminator #> is missing from the multiline comment.',
        { from, to: from + 2 },
      );
    }
    this.at = end + 2;
  }

  /** The token that nobody expected here. */
  unexpected(): ParseError {
    const token = this.look(/[\w.:\\/-]+|[&|]{2}|\S/)?.[0] ?? '';
    return this.error('UnexpectedToken', `Unexpected token '${token}' in expression or statement.`, {
      from: this.at,
      to: this.at + Math.max(token.length, 1),
    });
  }

  error(id: string, message: string, extent: Extent = { from: this.at, to: this.at + 1 }): ParseError {
    return new ParseError(extent, id, message);
  }
}
