import { randomInt } from 'node:crypto';

const alphabet = '23456789ABCDEFGHJKLMNPQRSTUVWXYZ';

/** A run or an approval, on every card: `R-7F3KQ`. One namespace; no letters that people misread. */
export type RequestId = `R-${string}`;

/** `random(n)` gives an integer from 0 to n - 1. */
export function newRequestId(random: (n: number) => number = (n) => randomInt(n)): RequestId {
  const letters = Array.from({ length: 5 }, () => alphabet[random(alphabet.length)]);
  return `R-${letters.join('')}`;
}

/** Reads an id as people type it (`r-7f3kq`, `7F3KQ`); undefined when it cannot be one. */
export function parseRequestId(text: string): RequestId | undefined {
  const found = /^(?:r-)?([2-9a-hj-np-z]{5})$/i.exec(text.trim());
  return found?.[1] ? `R-${found[1].toUpperCase()}` : undefined;
}
