import { randomBytes } from 'node:crypto';
import { errorCard } from '../../cards';
import { type CommandCall, call, line } from '../../core/command-call';
import { againOf, explain, UserError } from '../../core/errors';
import { parseRequestId } from '../../core/runs';
import type { Answer } from './command';

/** An unexpected error and the number under which its stack is logged. */
export interface Bug {
  readonly reference: string;
  readonly error: unknown;
}

/** What a person asked for, as far as it was understood. */
export interface Said {
  readonly via: 'text' | 'button';
  readonly call?: CommandCall;
}

/**
 * The same refusal with something to do next: what it names itself, otherwise what fits best. The answer to a click is
 * one line, which has room only for what the refusal names.
 */
export function withNext(error: UserError, { via, call: asked }: Said): UserError {
  const { code, message, facts, cause, next } = error;
  const again = asked && canBeShown(asked) ? [asked] : [];
  if (again.length > 0 && (code === 'DIRECTORY_SILENT' || code === 'AZ_SILENT')) {
    const hint = via === 'text' ? 'Send it again in a minute.' : 'Press it again in a minute, or type it.';
    return new UserError(code, message, { hint, next: again, facts, cause });
  }
  return next.length > 0 || via === 'button'
    ? error
    : new UserError(code, message, { hint: error.hint, next: nextOf(error, asked), facts, cause });
}

function nextOf(error: UserError, asked: CommandCall | undefined): readonly CommandCall[] {
  const { code } = error;
  const outside = /^AZ_|_SILENT$|^FENCED$/.test(code);
  if (asked && canBeShown(asked) && outside && againOf(error) !== 'never') return [asked];
  const request = parseRequestId(String(asked?.values['request'] ?? ''));
  if (request && /^(RUN|APPROVAL|CARD)_/.test(code)) return [call('status', { request })];
  return [asked && asked.verb !== 'help' ? call('help', { verb: asked.verb }) : call('help')];
}

/** A sentence longer than this is not repeated to the person who has just sent it. */
function canBeShown(asked: CommandCall): boolean {
  return line(asked).length <= 400;
}

/** Tells a person what went wrong and what to do next. */
export function refusalAnswer({ code, message, hint, facts, next }: UserError): Answer {
  return errorCard({ code, message, hint, facts, next });
}

export function newBug(error: unknown): Bug {
  return { reference: `E-${randomBytes(4).toString('hex').toUpperCase()}`, error };
}

const bugMessage = 'Something went wrong inside goldbot; what you asked for may not have happened.';
const bugHint = 'See where things stand, and give the reference to whoever runs goldbot.';

/** What a person is told about a mistake of ours. */
export function bugAnswer({ reference }: Bug): Answer {
  return errorCard({ code: 'INTERNAL', message: bugMessage, hint: bugHint, reference, next: [call('status')] });
}

/** The same for a click, whose answer is one line. */
export function bugLine({ reference }: Bug): string {
  return `${explain({ message: bugMessage, hint: bugHint, next: [call('status')] })} Reference ${reference}.`;
}
