import type { Catalogue } from '../core/catalogue';
import { UserError } from '../core/errors';
import { bad } from './bad-command';
import type { Answer, Command, Values } from './define';
import { missingForm } from './forms';

export interface Incomplete {
  readonly command: Command;
  readonly values: Values;
  /** Of the plan that the form shall be about; absent when there is none yet. */
  readonly hash?: string;
  /** Inputs that the clicked card had. */
  readonly fields: readonly string[];
}

/**
 * A form for what a command lacks; undefined when nothing is missing. No form where it could not count: a decision is
 * made on the approval card alone, and a card that has the input already asks in it.
 *
 * @throws UserError `REASON_NEEDED`, `BAD_COMMAND`
 */
export function askForMissing(asked: Incomplete, catalogue: Catalogue): Answer | undefined {
  const { command, values, fields, hash } = asked;
  const missing = command.args.filter((a) => a.required && values[a.name] === undefined).map((a) => a.name);
  if (missing.length === 0) return undefined;
  if (command.hash && missing.includes('request')) throw requestNeeded(command);
  if (missing.includes('reason') && (command.hash === 'always' || fields.includes('reason'))) throw reasonNeeded(asked);
  return missingForm(command, hash === undefined ? values : { ...values, hash }, catalogue);
}

function requestNeeded(command: Command): UserError {
  const where = command.hash === 'always' ? 'approvals' : 'runs';
  return bad(command, `${command.verb} needs a request, such as R-7F3KQ.`, `Find it with \`${where}\`.`);
}

function reasonNeeded({ command, values, fields }: Incomplete): UserError {
  const message = {
    always: 'A rejection needs a reason; nothing was decided.',
    planned: 'A run is ended with a reason; nothing was done.',
  }[command.hash ?? 'planned'];
  const write = `\`${command.verb} ${values['request']} --reason "…"\``;
  return new UserError('REASON_NEEDED', message, {
    hint: fields.includes('reason') ? `Write it into the field of the card, or type ${write}.` : `Say why: ${write}.`,
  });
}
