import { isStill } from '../../cards';
import type { Catalogue } from '../../core/catalogue';
import { UserError } from '../../core/errors';
import type { Run } from '../../core/runs';
import { canCancel, cardStatus } from '../present';
import { bad } from './bad-command';
import type { Answer, Command, CommandContext, Values } from './define';
import { missingForm } from './forms';

export interface Incomplete {
  readonly command: Command;
  readonly values: Values;
  /** Of the plan that the form shall be about; absent when there is none yet. */
  readonly hash?: string;
  /** The clicked card has a field for the reason. */
  readonly inCard: boolean;
}

/**
 * A form for what a command lacks; undefined when nothing is missing. No form where it could not count: a decision is
 * made on the approval card alone, and a card that has the input already asks in it.
 *
 * @throws UserError `REASON_NEEDED`, `BAD_COMMAND`
 */
export function askForMissing(asked: Incomplete, catalogue: Catalogue): Answer | undefined {
  const { command, values, inCard, hash } = asked;
  const missing = command.args.filter((a) => a.required && values[a.name] === undefined).map((a) => a.name);
  if (missing.length === 0) return undefined;
  if (command.hash && missing.includes('request')) throw requestNeeded(command);
  if (missing.includes('reason') && (command.hash === 'always' || inCard)) throw reasonNeeded(asked);
  return missingForm(command, values, catalogue, hash);
}

function requestNeeded(command: Command): UserError {
  const where = command.hash === 'always' ? 'approvals' : 'runs';
  return bad(command, `${command.verb} needs a request, such as R-7F3KQ.`, `Find it with \`${where}\`.`);
}

function reasonNeeded({ command, values, inCard }: Incomplete): UserError {
  const message = {
    always: 'A rejection needs a reason; nothing was decided.',
    planned: 'A run is ended with a reason; nothing was done.',
  }[command.hash ?? 'planned'];
  const write = `\`${command.verb} ${values['request']} --reason "…"\``;
  return new UserError('REASON_NEEDED', message, {
    hint: inCard ? `Write it into the field of the card, or type ${write}.` : `Say why: ${write}.`,
  });
}

/** Clients may leave out what was left empty: then the card that was clicked says what it asks for. */
export function asksForReason(ctx: CommandContext, run: Run | undefined, fields: readonly string[]): boolean {
  if (fields.includes('reason') || ctx.clicked?.startsWith('approval:')) return true;
  if (!run || ctx.clicked !== `run:${run.id}`) return false;
  // A change has its field on the card of the asking alone.
  if (run.kind !== 'publish') return false;
  return canCancel(run) && isStill(cardStatus(run));
}
