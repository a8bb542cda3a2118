import { UserError } from '../core/errors';
import type { Command } from './define';
import { usage } from './usage';

/** A command that is known, with something it does not take. Says how it is written. */
export function bad(command: Command, message: string, hint?: string): UserError {
  const written = `Write \`${usage(command)}\`.`;
  return new UserError('BAD_COMMAND', message, { hint: hint ? `${hint} ${written}` : written });
}
