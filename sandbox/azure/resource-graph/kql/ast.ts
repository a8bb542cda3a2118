import type { Json } from '../../../kernel/types';
import type { Type } from './schema';
import type { Timespan } from './values';

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
  | '%'
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
  | 'endswith_cs'
  | 'matches regex'
  | 'has_any'
  | 'has_all';

export type Expression =
  | { readonly kind: 'literal'; readonly value: boolean | number | string | Date | Timespan; readonly real?: true }
  | { readonly kind: 'dynamic'; readonly value: Json }
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
    }
  | {
      readonly kind: 'between';
      readonly negated: boolean;
      readonly value: Expression;
      readonly from: Expression;
      readonly to: Expression;
    };

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
  | MvExpand
  | Join
  | Union
  | { readonly kind: 'count' };

export interface MvExpand {
  readonly kind: 'mvExpand';
  readonly column: Assignment;
  /** `to typeof(…)`; dynamic when absent. */
  readonly type?: Type;
  /** At most this many rows from one. */
  readonly limit: number;
}

export interface Join {
  readonly kind: 'join';
  readonly flavor: 'innerunique' | 'inner' | 'leftouter' | 'fullouter';
  readonly right: Query;
  /** Names of the columns that have to be equal. */
  readonly on: readonly { readonly left: string; readonly right: string }[];
}

export interface Union {
  readonly kind: 'union';
  readonly withSource?: string;
  readonly leg: Query;
}

export interface Query {
  readonly table: string;
  readonly operators: readonly Operator[];
}
