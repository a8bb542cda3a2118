import { runInNewContext } from 'node:vm';

/** A pattern that is not done with short texts by then goes over them again and again: some of them for years. */
const longestMs = 1_000;

/**
 * Whether a regular expression of the catalogue matches a short text. Once it has begun to go over a text in all ways that
 * there are, nobody else would be answered until it is done. `too slow`: it was stopped.
 *
 * @throws SyntaxError when it is no regular expression.
 */
export function matches(pattern: string, text: string): boolean | 'too slow' {
  const held = holds(pattern, [text]);
  return held === 'too slow' ? held : held[0] === true;
}

function holds(pattern: string, texts: readonly string[]): readonly boolean[] | 'too slow' {
  const held = 'const held = new RegExp(pattern, "u"); texts.map((text) => held.test(text))';
  try {
    return runInNewContext(held, { pattern, texts }, { timeout: longestMs });
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
  return holds(`^(?:${pattern})$`, texts) !== 'too slow';
}
