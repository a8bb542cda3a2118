import { randomBytes } from 'node:crypto';
import { errorCard, spoken } from '../../cards';
import { call } from '../../core/command-call';
import type { UserError } from '../../core/errors';
import type { Answer } from './define';
import { nextCommands, type Said } from './next-command';

/** An unexpected error and the number under which its stack goes to the log. */
export interface Bug {
  readonly reference: string;
  readonly error: unknown;
}

/** Tells a person what went wrong and what to do next. `said`: absent for what was refused before it was read. */
export function refusalAnswer(error: UserError, said?: Said): Answer {
  const { code, message, hint, facts } = error;
  return errorCard({ code, message, hint, facts, next: error.next, ...(said && { next: nextCommands(error, said) }) });
}

/** The same for a click, whose answer is one line. */
export function refusalLine(error: UserError): string {
  return spoken(`${error.message} ${error.hint}`);
}

export function newBug(error: unknown): Bug {
  return { reference: `E-${randomBytes(4).toString('hex').toUpperCase()}`, error };
}

/** What a person is told of a mistake of ours. */
export const bugMessage = 'Something went wrong inside goldbot; what you asked for may not have happened.';
export const bugHint = 'Look where things stand with `status`, and give the reference to whoever runs goldbot.';

export function bugAnswer(bug: Bug): Answer {
  return errorCard({
    code: 'INTERNAL',
    message: bugMessage,
    hint: bugHint,
    next: [call('status')],
    reference: bug.reference,
  });
}
