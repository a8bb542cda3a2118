import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What `npm run attack -- --record` counted last on a front, at full size. */
export interface Figure {
  readonly tries: number;
  readonly letIn: number;
  readonly seed: number;
  readonly on: string;
}

export const figuresFile = join(__dirname, 'figures.json');

/** By the name of the front. */
export function figures(): Readonly<Record<string, Figure>> {
  return existsSync(figuresFile) ? JSON.parse(readFileSync(figuresFile, 'utf8')) : {};
}
