import { UserError } from '../core/errors';
import type { Command } from './define';
import { later } from './later';
import { nearest } from './nearest';

/** A first word that is no command: names the nearest one, and never does anything. */
export function unknownVerb(verb: string, rest: readonly string[], commands: readonly Command[]): UserError {
  const known = commands.flatMap((c) => [c.verb, ...(c.aliases ?? [])]);
  const near = nearest(verb, [...known, ...Object.keys(later)]);
  return new UserError('UNKNOWN_COMMAND', `goldbot has no command "${verb.slice(0, 40)}".`, {
    hint: near
      ? `Did you mean \`${[near, ...rest].join(' ').slice(0, 200)}\`? Nothing was done.`
      : 'Send `help` to see what you can ask.',
  });
}
