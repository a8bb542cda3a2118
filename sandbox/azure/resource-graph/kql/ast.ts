export type BinaryOperator =
  | 'and'
  | 'or'
  | '=='
  | '=~'
  | '!='
  | '!~'
  | '<'
  | '>'
  | '<='
  | '>='
  | '+'
  | '-'
  | '*'
  | '/'
  | 'contains'
  | '!contains'
  | 'has'
  | '!has'
  | 'startswith'
  | '!startswith'
  | 'endswith'
  | '!endswith'
  | 'contains_cs'
  | 'has_cs'
  | 'startswith_cs'
  | 'endswith_cs';

export type Expression =
  | { readonly kind: 'literal'; readonly value: null | boolean | number | string | Date | Timespan }
  | { readonly kind: 'name'; readonly name: string }
  | { readonly kind: 'member'; readonly of: Expression; readonly name: string }
  | { readonly kind: 'index'; readonly of: Expression; readonly at: Expression }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
    }
  | {
      readonly kind: 'in';
      readonly operator: 'in' | 'in~' | '!in' | '!in~';
      readonly left: Expression;
      readonly list: readonly Expression[];
    };

export interface Timespan {
  readonly ms: number;
}

export interface Assignment {
  /** Absent when the query leaves the name to Kusto. */
  readonly name?: string;
  readonly value: Expression;
}

export interface Ordering {
  readonly by: Expression;
  readonly descending: boolean;
}

export type Operator =
  | { readonly kind: 'where'; readonly condition: Expression }
  | { readonly kind: 'extend' | 'project' | 'distinct'; readonly columns: readonly Assignment[] }
  | { readonly kind: 'projectAway'; readonly names: readonly string[] }
  | { readonly kind: 'order'; readonly orderings: readonly Ordering[] }
  | { readonly kind: 'take'; readonly count: number }
  | { readonly kind: 'top'; readonly count: number; readonly ordering: Ordering }
  | { readonly kind: 'summarize'; readonly aggregates: readonly Assignment[]; readonly by: readonly Assignment[] }
  | { readonly kind: 'mvExpand'; readonly column: Assignment }
  | { readonly kind: 'count' };

export interface Query {
  readonly table: string;
  readonly operators: readonly Operator[];
}
