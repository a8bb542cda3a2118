import { commandsIn } from '../../cards';
import { UserError } from '../../core/errors';
import { parseRequestId, type RequestId } from '../../core/runs';
import { cleanText } from './clean';
import type { Command, Values } from './define';
import { parse, spokenCommand } from './grammar';
import { typed } from './usage';

/** What a person asked for: the words of a message, or the button as the sentence that does the same. */
export interface Said {
  readonly text: string;
  readonly via: 'text' | 'button';
  readonly commands: readonly Command[];
}

export function saidInText(raw: string, commands: readonly Command[]): Said {
  return { text: cleanText(raw), via: 'text', commands };
}

export function saidByClick(command: Command, values: Values, commands: readonly Command[]): Said {
  return { text: typed(command, values), via: 'button', commands };
}

/** The same refusal with the whole command to repeat, when waiting is all that is needed. */
export function withCommand(error: UserError, { text, via }: Said): UserError {
  if (error.code !== 'DIRECTORY_SILENT' && error.code !== 'AZ_SILENT') return error;
  if (!canBeShown(text)) return error;
  const hint =
    via === 'text' ? `Send it again in a minute: \`${text}\`.` : `Press it again in a minute, or send \`${text}\`.`;
  return new UserError(error.code, error.message, { hint, facts: error.facts, cause: error.cause });
}

/** What can be typed next: the commands of the hint, otherwise what fits the error best. Each of them is understood. */
export function nextCommands({ code, hint }: UserError, { text, commands }: Said): readonly string[] {
  const named = commandsIn(hint).filter((command) => isRead(command, commands));
  if (named.length > 0) return named;
  if (/^AZ_|_SILENT$|^FENCED$/.test(code) && canBeShown(text) && isRead(text, commands)) return [text];
  const request = requestIn(text);
  if (request && /^(RUN|APPROVAL|CARD)_/.test(code)) return [`status ${request}`];
  const command = spokenCommand(text.split(' '), commands)?.command;
  return [command && command.verb !== 'help' ? `help ${command.verb}` : 'help'];
}

/** The first request id in a text. */
export function requestIn(text: string): RequestId | undefined {
  const found = /\bR-[2-9A-HJ-NP-Z]{5}\b/i.exec(text)?.[0];
  return found === undefined ? undefined : parseRequestId(found);
}

function canBeShown(text: string): boolean {
  return text !== '' && text.length <= 400 && !text.includes('`');
}

function isRead(text: string, commands: readonly Command[]): boolean {
  try {
    const parsed = parse(text, commands);
    if (parsed.kind === 'empty') return false;
    const given = parsed.command.problems(parsed.values).filter((p) => parsed.values[String(p.path[0])] !== undefined);
    return given.length === 0;
  } catch {
    return false;
  }
}
