import type { JsonObject } from '../compute/resource';

/** A policy object of the initial estate. */
export interface Sketch {
  readonly name: string;
  readonly scope: string;
  /** Days before the start at which it was made. */
  readonly age: number;
  readonly properties: JsonObject;
  /** Of an assignment that may change resources: it has an identity of its own. */
  readonly changes?: boolean;
}
