/** What an expression may ask and change: variables of the shell. */
export interface Variables {
  get(name: string): string | undefined;
  set(name: string, value: string): void;
}

/** The expression is wrong, as dash says it. */
export class ArithmeticError extends Error {
  override readonly name = 'ArithmeticError';
}

const lexeme =
  /\s*(0[xX][0-9a-fA-F]+|\d+|[A-Za-z_]\w*|<<=|>>=|<<|>>|[-+*/%&|^]=(?!=)|<=|>=|==|!=|&&|\|\||[-+*/%()<>!~&|^?:=])/y;

/** Weakest first. */
const ranks: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<', '>', '<=', '>='],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
];

/**
 * The value of what stands in `$((…))`, as POSIX has it: whole numbers, also octal and hexadecimal, with all operators of C
 * but `++` and `--`.
 * @throws ArithmeticError
 */
export function arithmetic(text: string, variables: Variables): number {
  return new Expression(tokensOf(text), variables).whole();
}

function tokensOf(text: string): readonly string[] {
  const tokens: string[] = [];
  let at = 0;
  for (;;) {
    lexeme.lastIndex = at;
    const found = lexeme.exec(text)?.[1];
    if (found === undefined) break;
    tokens.push(found);
    at = lexeme.lastIndex;
  }
  if (text.slice(at).trim() !== '') throw new ArithmeticError(`expecting primary: "${text}"`);
  return tokens;
}

class Expression {
  private at = 0;

  constructor(
    private readonly tokens: readonly string[],
    private readonly variables: Variables,
  ) {}

  whole(): number {
    if (this.tokens.length === 0) return 0;
    const value = this.choice();
    if (this.at < this.tokens.length) throw new ArithmeticError(`expecting EOF: "${this.tokens.join(' ')}"`);
    return value;
  }

  private take(token: string): boolean {
    if (this.tokens[this.at] !== token) return false;
    this.at += 1;
    return true;
  }

  /** `a = b`, `a += b`, `a ? b : c`, and what binds stronger. */
  private choice(): number {
    const [name = '', operator = ''] = this.tokens.slice(this.at);
    if (/^[A-Za-z_]/.test(name) && /^[^=!<>]*=$|^(<<|>>)=$/.test(operator)) {
      this.at += 2;
      const right = this.choice();
      const value = operator === '=' ? right : applied(operator.slice(0, -1), this.valueOf(name), right);
      this.variables.set(name, String(value));
      return value;
    }
    const condition = this.level(0);
    if (!this.take('?')) return condition;
    const yes = this.choice();
    if (!this.take(':')) throw new ArithmeticError("expecting ':'");
    const no = this.choice();
    return condition !== 0 ? yes : no;
  }

  private level(rank: number): number {
    const operators = ranks[rank];
    if (!operators) return this.atom();
    let left = this.level(rank + 1);
    while (operators.includes(this.tokens[this.at] ?? '')) {
      left = applied(this.tokens[this.at++] as string, left, this.level(rank + 1));
    }
    return left;
  }

  private atom(): number {
    const token = this.tokens[this.at++];
    if (token === '(') {
      const inner = this.choice();
      if (!this.take(')')) throw new ArithmeticError("expecting ')'");
      return inner;
    }
    if (token === '-') return -this.atom();
    if (token === '+') return this.atom();
    if (token === '~') return ~this.atom();
    if (token === '!') return this.atom() === 0 ? 1 : 0;
    if (token === undefined || !/^\w/.test(token))
      throw new ArithmeticError(`expecting primary: "${this.tokens.join(' ')}"`);
    return /^\d/.test(token) ? numberOf(token) : this.valueOf(token);
  }

  private valueOf(name: string): number {
    const text = this.variables.get(name)?.trim() || '0';
    if (!/^-?\d\w*$/.test(text)) throw new ArithmeticError(`Illegal number: ${text}`);
    return text.startsWith('-') ? -numberOf(text.slice(1)) : numberOf(text);
  }
}

function numberOf(text: string): number {
  const octal = /^0\d/.test(text);
  const value = Number(octal ? `0o${text.slice(1)}` : text);
  if (Number.isNaN(value)) throw new ArithmeticError(`expecting EOF: "${text}"`);
  return value;
}

function applied(operator: string, a: number, b: number): number {
  if ((operator === '/' || operator === '%') && b === 0) throw new ArithmeticError('division by zero');
  const operations: Readonly<Record<string, () => number>> = {
    '+': () => a + b,
    '-': () => a - b,
    '*': () => a * b,
    '/': () => Math.trunc(a / b),
    '%': () => a % b,
    '<<': () => a << b,
    '>>': () => a >> b,
    '&': () => a & b,
    '|': () => a | b,
    '^': () => a ^ b,
    '==': () => Number(a === b),
    '!=': () => Number(a !== b),
    '<': () => Number(a < b),
    '>': () => Number(a > b),
    '<=': () => Number(a <= b),
    '>=': () => Number(a >= b),
    '&&': () => Number(a !== 0 && b !== 0),
    '||': () => Number(a !== 0 || b !== 0),
  };
  return operations[operator]?.() ?? 0;
}
