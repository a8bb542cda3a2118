import type { Argument, Command, Expression, Redirection } from '../syntax';
import type { Cursor } from './cursor';
import type { Expressions } from './expressions';
import { escaped, readString, readVariable } from './strings';

/** What ends a bare word of a command. */
const wordEnd = /[\s;|&(){},'"]/;

/** A command and its arguments, where bare words are texts. */
export class Commands {
  constructor(private readonly expressions: Expressions) {}

  read(cursor: Cursor): Command {
    const from = cursor.at;
    const operator = cursor.match(/[&.](?=[\s$'"{(])/)?.[0] as '&' | '.' | undefined;
    cursor.blanks();
    const name = operator ? this.called(cursor) : this.bare(cursor);
    const args: Argument[] = [];
    const redirections: Redirection[] = [];
    let to = cursor.at;
    for (;;) {
      cursor.blanks();
      const redirection = this.redirection(cursor);
      if (redirection) redirections.push(redirection);
      else if (cursor.isDone || cursor.look(/[\r\n;|)}]/) || cursor.starts('&&')) break;
      else if (cursor.here === '&') throw ampersand(cursor);
      else args.push(...this.argument(cursor));
      to = cursor.at;
    }
    return { kind: 'command', ...(operator && { operator }), name, args, redirections, from, to };
  }

  /** What `&` calls: a text, a variable, a block, an expression in parentheses. */
  private called(cursor: Cursor): Expression {
    if (cursor.isDone || cursor.look(/[\r\n;|]/)) {
      throw cursor.error(
        'MissingExpression',
        "The expression after '&' in a pipeline element produced an object that was not valid.",
      );
    }
    return this.value(cursor);
  }

  private argument(cursor: Cursor): Argument[] {
    const from = cursor.at;
    if (cursor.match(/--%(?=\s|$)/)) {
      const rest = cursor.match(/[^\r\n|]*/)?.[0].trim() ?? '';
      const words = rest.split(/\s+/).filter((word) => word !== '');
      return words.map((value) => ({
        kind: 'value',
        value: { kind: 'literal', value, from, to: cursor.at },
        from,
        to: cursor.at,
      }));
    }
    const name = cursor.match(/-([A-Za-z_?][\w-]*)(?=[\s;|&(){},'"$:]|$)/)?.[1];
    if (name === undefined) return [{ kind: 'value', value: this.list(cursor), from, to: cursor.at }];
    if (!cursor.take(':')) return [{ kind: 'parameter', name, from, to: cursor.at }];
    cursor.blanks();
    const value = this.list(cursor);
    return [{ kind: 'parameter', name, value, from, to: cursor.at }];
  }

  /** Values with commas between them are one argument. */
  private list(cursor: Cursor): Expression {
    const first = this.value(cursor);
    const items = [first];
    for (;;) {
      const before = cursor.at;
      cursor.blanks();
      if (!cursor.take(',')) {
        cursor.at = before;
        break;
      }
      cursor.lines();
      items.push(this.value(cursor));
    }
    return items.length === 1 ? first : { kind: 'list', items, from: first.from, to: cursor.at };
  }

  private value(cursor: Cursor): Expression {
    if (cursor.look(/[$'"({]|@[({\w'"]/)) {
      const from = cursor.at;
      const start = this.expressions.members(cursor, this.simple(cursor));
      if (cursor.isDone || wordEnd.test(cursor.here)) return start;
      // `"$folder"\name` and `$folder\name` go on as text.
      if (start.kind === 'variable' || start.kind === 'member' || start.kind === 'sub') {
        const rest = this.bare(cursor);
        const parts = rest.kind === 'expandable' ? rest.parts : [String((rest as { value: string }).value)];
        return { kind: 'expandable', parts: [start, ...parts], from, to: cursor.at };
      }
      return start;
    }
    const number = cursor.look(/-?(?:0x[0-9a-f]+|\d+(?:\.\d+)?)(?:kb|mb|gb|tb|pb)?(?=[\s;|&(){},]|$)/i);
    if (number) return this.expressions.unary(cursor);
    return this.bare(cursor);
  }

  private simple(cursor: Cursor): Expression {
    return (
      readString(cursor, (c) => this.expressions.sub(c)) ??
      (cursor.starts('$(') ? this.expressions.sub(cursor) : readVariable(cursor)) ??
      this.expressions.unary(cursor)
    );
  }

  private bare(cursor: Cursor): Expression {
    const from = cursor.at;
    const parts: (string | Expression)[] = [];
    let text = '';
    while (!cursor.isDone) {
      if (cursor.here === '`' && !/[\r\n]/.test(cursor.peek())) {
        text += escaped(cursor.peek());
        cursor.at += 2;
      } else if (cursor.here === '$' && cursor.at > from) {
        const found = cursor.starts('$(') ? this.expressions.sub(cursor) : readVariable(cursor);
        if (found) {
          if (text) parts.push(text);
          parts.push(found);
          text = '';
        } else text += this.next(cursor);
      } else if (/["']/.test(cursor.here) && cursor.at > from) {
        // `--name="a value"`: the quotes go, what stands in them stays one word.
        const quoted = readString(cursor, (c) => this.expressions.sub(c));
        if (quoted?.kind === 'literal') text += String(quoted.value);
        else if (quoted?.kind === 'expandable') {
          if (text) parts.push(text);
          parts.push(...quoted.parts);
          text = '';
        }
      } else if (wordEnd.test(cursor.here)) break;
      else text += this.next(cursor);
    }
    if (cursor.at === from) throw cursor.unexpected();
    if (parts.length === 0) return { kind: 'literal', value: text, from, to: cursor.at };
    if (text) parts.push(text);
    return { kind: 'expandable', parts, from, to: cursor.at };
  }

  private next(cursor: Cursor): string {
    const character = cursor.here;
    cursor.at += 1;
    return character;
  }

  redirection(cursor: Cursor): Redirection | undefined {
    const found = cursor.match(/([1-6*])?>(?:(&1)|(>)?)/);
    if (!found) return undefined;
    const [, stream = '1', merged, append] = found;
    if (merged) return { stream: stream as Redirection['stream'], to: '&1', append: false };
    cursor.blanks();
    if (cursor.isDone || cursor.look(/[\r\n;|]/)) {
      throw cursor.error('MissingFileSpecification', 'Missing file specification after redirection operator.');
    }
    return { stream: stream as Redirection['stream'], to: this.value(cursor), append: append !== undefined };
  }
}

function ampersand(cursor: Cursor) {
  return cursor.error(
    'AmpersandNotAllowed',
    'The ampersand (&) character is not allowed. The & operator is reserved for future use; wrap an ampersand in double quotation marks ("&") to pass it as part of a string.',
  );
}
