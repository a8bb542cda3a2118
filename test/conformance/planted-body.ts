import type { Wire } from './wire';

type Body = Record<string, Record<string, Record<string, unknown>>>;
type Draft = { -readonly [K in keyof Wire]: Wire[K] };

/** A mistake that somebody could make tomorrow, put into an exchange that was right. */
export interface Planted {
  readonly mistake: string;
  /** Into an exchange of this operation. */
  readonly operation: string;
  readonly plant: (exchange: Draft) => void;
  /** What a judge must say about it. */
  readonly caught: RegExp;
}

export const properties = (body: unknown) => (body as Body)['properties'] ?? {};

export function renamed(of: Record<string, unknown> | undefined, from: string, to: string): void {
  if (!of || !(from in of)) throw new Error(`there is no ${from} to rename`);
  of[to] = of[from];
  delete of[from];
}
