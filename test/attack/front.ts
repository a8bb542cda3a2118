/** What somebody tries who should not get in: data first, from which command, tests and docs/security.md read. */

/** How many tries: in `npm test` (0: none, other tests of it run there), in `npm run test:full`, in `npm run attack`. */
export interface Sizes {
  readonly sample: number;
  readonly full: number;
  readonly attack: number;
}

/** What came of it. */
export interface Played {
  readonly tries: number;
  /** What got in, or left no trace where one is due: a sentence each. Empty is what everybody hopes for. */
  readonly letIn: readonly string[];
  /** What else was counted. */
  readonly seen?: string;
}

export interface Try {
  /** At least so many tries; a play whose cases are counted may make more. */
  readonly size: number;
  /** A number from 0 to 1, the same ones for the same seed. */
  readonly random: () => number;
  readonly seed: number;
}

export type Play = (wanted: Try) => Promise<Played>;

/** Tests that play it already. */
export interface Suite {
  /** A file of test/. */
  readonly file: string;
  /** Those of its tests whose names match; all of them when absent. */
  readonly only?: string;
}

export interface Front {
  /** For `--only`. */
  readonly name: string;
  /** Of the table "Security (counts)" in the project's targets; `new` for what has come since. */
  readonly row: string;
  readonly tried: string;
  readonly countsAsIn: string;
  /** Files in which whoever tries it is turned away. */
  readonly guards: readonly string[];
  /** Deliberate mistakes in those guards (test/mutants/list.ts, by their harm), each of which turns a suite red. */
  readonly faults: readonly string[];
  readonly sizes?: Sizes;
  readonly play?: Play;
  readonly suites?: readonly Suite[];
}

/** One of a list. */
export function pick<T>(random: () => number, all: readonly [T, ...T[]] | readonly T[]): T {
  return all[Math.floor(random() * all.length)] as T;
}

export function text(random: () => number, letters: string, length: number): string {
  return Array.from({ length }, () => pick(random, [...letters])).join('');
}
