import type { Type } from './schema';
import type { Value } from './values';

/** What a function needs to know beyond its arguments. */
export interface Context {
  /** World time, in milliseconds. */
  readonly nowMs: number;
}

export type Scalar = (args: readonly Value[], context: Context) => Value;

export interface Definition {
  readonly arity: readonly [least: number, most: number];
  /** Of the result; a number is the place of the argument whose type it has. */
  readonly type: Type | number;
  readonly call: Scalar;
}
