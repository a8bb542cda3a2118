/** Where something stands in the script: offsets of its first character and of the one after its last. */
export interface Extent {
  readonly from: number;
  readonly to: number;
}

export type Expression = Extent &
  (
    | { readonly kind: 'literal'; readonly value: string | number }
    | { readonly kind: 'expandable'; readonly parts: readonly (string | Expression)[] }
    | { readonly kind: 'variable'; readonly name: string }
    | { readonly kind: 'splat'; readonly name: string }
    | { readonly kind: 'list'; readonly items: readonly Expression[] }
    | { readonly kind: 'array'; readonly body: readonly Statement[] }
    | { readonly kind: 'sub'; readonly body: readonly Statement[] }
    | { readonly kind: 'paren'; readonly statement: Statement }
    | { readonly kind: 'hash'; readonly entries: readonly (readonly [Expression, Statement])[] }
    | { readonly kind: 'block'; readonly script: Script; readonly text: string }
    | { readonly kind: 'type'; readonly name: string }
    | { readonly kind: 'cast'; readonly type: string; readonly operand: Expression }
    | { readonly kind: 'unary'; readonly operator: string; readonly operand: Expression }
    | {
        readonly kind: 'binary';
        readonly operator: string;
        readonly left: Expression;
        readonly right: Expression;
      }
    | { readonly kind: 'step'; readonly by: 1 | -1; readonly target: Expression; readonly before: boolean }
    | { readonly kind: 'member'; readonly target: Expression; readonly name: Expression; readonly isStatic: boolean }
    | {
        readonly kind: 'invoke';
        readonly target: Expression;
        readonly name: Expression;
        readonly isStatic: boolean;
        readonly args: readonly Expression[];
      }
    | { readonly kind: 'index'; readonly target: Expression; readonly index: Expression }
  );

export type ExpressionOf<K extends Expression['kind']> = Extract<Expression, { kind: K }>;

/** `-Name`, `-Name:value`, a value, or `2>$null` and its like. */
export type Argument =
  | (Extent & { readonly kind: 'parameter'; readonly name: string; readonly value?: Expression })
  | (Extent & { readonly kind: 'value'; readonly value: Expression });

export interface Redirection {
  readonly stream: '1' | '2' | '3' | '4' | '5' | '6' | '*';
  /** A stream, or a file. */
  readonly to: '&1' | Expression;
  readonly append: boolean;
}

export interface Command extends Extent {
  readonly kind: 'command';
  /** `&` or `.` before it. */
  readonly operator?: '&' | '.';
  readonly name: Expression;
  readonly args: readonly Argument[];
  readonly redirections: readonly Redirection[];
}

export interface Evaluated extends Extent {
  readonly kind: 'evaluated';
  readonly expression: Expression;
  readonly redirections: readonly Redirection[];
}

export interface Clause {
  readonly test: Statement;
  readonly body: readonly Statement[];
}

export interface CatchClause {
  /** None: it catches everything. */
  readonly types: readonly string[];
  readonly body: readonly Statement[];
}

export interface SwitchCase {
  /** Undefined for `default`. */
  readonly test: Expression | undefined;
  readonly body: readonly Statement[];
}

export type Statement = Extent &
  (
    | { readonly kind: 'pipeline'; readonly elements: readonly (Command | Evaluated)[] }
    | { readonly kind: 'assign'; readonly target: Expression; readonly operator: string; readonly value: Statement }
    | { readonly kind: 'if'; readonly clauses: readonly Clause[]; readonly otherwise?: readonly Statement[] }
    | {
        readonly kind: 'while';
        readonly test: Statement;
        readonly body: readonly Statement[];
        /** `do` runs its body first; `until` ends when the test holds. */
        readonly after: boolean;
        readonly until: boolean;
      }
    | {
        readonly kind: 'for';
        readonly start?: Statement;
        readonly test?: Statement;
        readonly next?: Statement;
        readonly body: readonly Statement[];
      }
    | {
        readonly kind: 'foreach';
        readonly variable: string;
        readonly items: Statement;
        readonly body: readonly Statement[];
      }
    | {
        readonly kind: 'switch';
        readonly how: readonly string[];
        readonly value: Statement;
        readonly cases: readonly SwitchCase[];
      }
    | {
        readonly kind: 'try';
        readonly body: readonly Statement[];
        readonly catches: readonly CatchClause[];
        readonly last?: readonly Statement[];
      }
    | { readonly kind: 'throw' | 'return' | 'exit'; readonly value?: Statement }
    | { readonly kind: 'break' | 'continue' }
    | { readonly kind: 'function'; readonly name: string; readonly script: Script }
  );

export type StatementOf<K extends Statement['kind']> = Extract<Statement, { readonly kind: K }>;

export interface Parameter {
  readonly name: string;
  readonly type?: string;
  readonly fallback?: Expression;
  readonly mandatory: boolean;
}

/** A script, or what stands in braces. */
export interface Script {
  readonly parameters: readonly Parameter[];
  readonly begin?: readonly Statement[];
  /** What runs for each object that comes in, where there is a `process` block. */
  readonly process?: readonly Statement[];
  readonly body: readonly Statement[];
}

/** The script is wrong in any PowerShell. `id` is the FullyQualifiedErrorId. */
export class ParseError extends Error {
  constructor(
    readonly extent: Extent,
    readonly id: string,
    message: string,
  ) {
    super(message);
  }
}

/** The sandbox is to blame: PowerShell would do it. */
export class NotModelled extends Error {
  constructor(
    readonly what: string,
    readonly extent?: Extent,
  ) {
    super(what);
  }
}
