import { randomBytes } from 'node:crypto';
import { errorCard } from '../cards';
import type { UserError } from '../core/errors';
import type { Answer } from './define';

/** An unexpected error and the number under which its stack goes to the log. */
export interface Bug {
  readonly reference: string;
  readonly error: unknown;
}

/** Tells a person what went wrong and what to do next. */
export function refusalAnswer(error: UserError): Answer {
  const command = /`([^`]+)`/.exec(error.hint)?.[1];
  return errorCard({
    code: error.code,
    message: error.message,
    hint: error.hint.replaceAll('`', ''),
    facts: error.facts,
    ...(command !== undefined && { command }),
  });
}

/** The same for a click, whose answer is one line. */
export function refusalLine(error: UserError): string {
  return `${error.message} ${error.hint.replaceAll('`', '')}`;
}

export function newBug(error: unknown): Bug {
  return { reference: `E-${randomBytes(4).toString('hex').toUpperCase()}`, error };
}

export const bugMessage = 'Something went wrong inside goldbot; what you asked for may not have happened.';
export const bugHint = 'Look with `status`, and give the reference to whoever runs goldbot.';

export function bugAnswer(bug: Bug): Answer {
  const hint = bugHint.replaceAll('`', '');
  return errorCard({ code: 'INTERNAL', message: bugMessage, hint, reference: bug.reference, command: 'status' });
}
