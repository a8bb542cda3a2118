import { UserError } from '../../core/errors';
import type { Command } from './define';
import { nearest } from './nearest';

/** What stood behind the first word, and whether a command could take it. */
export interface Rest {
  readonly words: readonly string[];
  takes(command: Command): boolean;
}

/** A first word that is no command: names the nearest one that this version has, and never does anything. */
export function unknownVerb(verb: string, commands: readonly Command[], rest?: Rest): UserError {
  const near = nearest(
    verb,
    commands.flatMap((c) => [c.verb, ...(c.aliases ?? [])]),
  );
  const command = commands.find((c) => c.verb === near || (near !== undefined && c.aliases?.includes(near)));
  return new UserError('UNKNOWN_COMMAND', `goldbot has no command "${verb.slice(0, 40)}".`, {
    hint: command
      ? `Did you mean \`${suggestion(command, rest)}\`? Nothing was done.`
      : 'Send `help` to see what you can ask.',
  });
}

/** With the words as they were typed, when it would be understood. */
function suggestion(command: Command, rest: Rest | undefined): string {
  const whole = [command.verb, ...(rest?.words ?? [])].join(' ');
  const fits = !rest || (rest.takes(command) && whole.length <= 300 && !whole.includes('`'));
  return fits ? whole : `help ${command.verb}`;
}
