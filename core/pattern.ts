import { type Context, createContext, Script } from 'node:vm';

/** A pattern that is not done with a short text by then goes over it again and again: some of them for years. */
const longestMs = 100;
const asked = new Script('new RegExp(pattern, "u").test(text)');
let apart: Context | undefined;

/**
 * Whether a regular expression of the catalogue matches a short text. Once it has begun to go over a text in all ways that
 * there are, nobody else would be answered until it is done. `too slow`: it was stopped.
 *
 * @throws SyntaxError when it is no regular expression.
 */
export function matches(pattern: string, text: string): boolean | 'too slow' {
  apart ??= createContext({});
  Object.assign(apart, { pattern, text });
  try {
    return asked.runInContext(apart, { timeout: longestMs }) === true;
  } catch (error) {
    const { code, name, message } = error as NodeJS.ErrnoException;
    if (code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return 'too slow';
    throw name === 'SyntaxError' ? new SyntaxError(message) : error;
  }
}

/** As long as what is tried by people may be. */
const triedLength = 40;

/**
 * Whether a pattern is done at once with texts that it nearly matches: its beginning, a letter of it over and over, and
 * one that it does not have. Most of those that repeat what repeats already are not: `CHG([0-9]+)+`. `matches` stops those
 * that pass here.
 */
export function isQuick(pattern: string): boolean {
  const [begins = ''] = /^[\w-]*(?![*+?{])/.exec(pattern) ?? [];
  const letters = new Set(['0', 'A', 'a', ...(pattern.match(/[\p{L}\p{N}]/gu) ?? [])]);
  const texts = [...letters].slice(0, 12).map((letter) => `${begins}${letter.repeat(triedLength)}\u0000`);
  return texts.every((text) => matches(`^(?:${pattern})$`, text) !== 'too slow');
}
