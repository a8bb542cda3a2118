import { type CommandCall, call } from '../../core/command-call';
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

/** What comes next: what the error names, otherwise what fits it best. */
export function nextCommands({ code, hint, next }: UserError, { text, commands }: Said): readonly CommandCall[] {
  if (next.length > 0) return next;
  const named = commandsIn(hint).flatMap((command) => callOf(command, commands) ?? []);
  if (named.length > 0) return named;
  const again = canBeShown(text) ? callOf(text, commands) : undefined;
  if (/^AZ_|_SILENT$|^FENCED$/.test(code) && again) return [again];
  const request = requestIn(text);
  if (request && /^(RUN|APPROVAL|CARD)_/.test(code)) return [call('status', { request })];
  const command = spokenCommand(text.split(' '), commands)?.command;
  return [command && command.verb !== 'help' ? call('help', { verb: command.verb }) : call('help')];
}

function commandsIn(hint: string): readonly string[] {
  return [...hint.matchAll(/`([^`]+)`/g)].map((found) => (found[1] ?? '').replace(/\s+/g, ' ').trim());
}

/** The first request id in a text. */
export function requestIn(text: string): RequestId | undefined {
  const found = /\bR-[2-9A-HJ-NP-Z]{5}\b/i.exec(text)?.[0];
  return found === undefined ? undefined : parseRequestId(found);
}

function canBeShown(text: string): boolean {
  return text !== '' && text.length <= 400 && !text.includes('`');
}

/** The call that a text means; undefined when goldbot would not take it. `"…"` is a blank. */
export function callOf(text: string, commands: readonly Command[]): CommandCall | undefined {
  try {
    const parsed = parse(text, commands);
    if (parsed.kind === 'empty') return undefined;
    const { command, values } = parsed;
    if (command.problems(values).some((p) => values[String(p.path[0])] !== undefined)) return undefined;
    const given = Object.entries(values);
    const blanks = given.flatMap(([name, value]) => (value === '…' ? [name] : []));
    return call(command.verb, Object.fromEntries(given.filter(([, value]) => value !== '…')), ...blanks);
  } catch {
    return undefined;
  }
}
