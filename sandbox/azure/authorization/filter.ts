import type { SandboxResponse } from '../../kernel/types';
import { armError } from '../arm';

/** The terms of a `$filter`, by their lower-case names: `atscope()` is true, `principalId eq 'x'` is `x`. */
export type Terms = Readonly<Record<string, string | true>>;

/**
 * Reads `a() and b eq 'x' and c('y')`. Only the given terms are understood, as in Azure.
 * @returns the refusal when there is another.
 */
export function termsOf(filter: string | null, known: readonly string[]): Terms | { refused: SandboxResponse } {
  const terms: Record<string, string | true> = {};
  for (const part of (filter ?? '').split(/\s+and\s+/i).filter((p) => p.trim() !== '')) {
    const [, name, call, compared] = /^\s*(\w+)\s*(?:\(\s*(?:'([^']*)')?\s*\)|eq\s+'([^']*)')\s*$/i.exec(part) ?? [];
    if (name === undefined || !known.some((k) => k.toLowerCase() === name.toLowerCase())) return unsupported(part);
    terms[name.toLowerCase()] = call ?? compared ?? true;
  }
  return terms;
}

function unsupported(part: string): { refused: SandboxResponse } {
  return { refused: armError(400, 'UnsupportedQuery', `The filter '${part.trim()}' is not supported.`) };
}

export const isRefused = (terms: Terms | { refused: SandboxResponse }): terms is { refused: SandboxResponse } =>
  typeof terms['refused'] === 'object';
