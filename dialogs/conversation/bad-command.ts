import { UserError } from '../../core/errors';
import type { Command, Values } from './define';
import { optionName, typed } from './usage';

/** A command that is known, with something it does not take. Says where it is written how it is written. */
export function bad(command: Command, message: string, hint?: string): UserError {
  const written = `See how it is written with \`help ${command.verb}\`.`;
  return new UserError('BAD_COMMAND', message, { hint: hint ? `${hint} ${written}` : written });
}

/** What is wrong with the values, in words for people, and the same command as it would be right; undefined if nothing is. */
export function badValues(command: Command, values: Values): UserError | undefined {
  const names = new Set(command.problems(values).map((problem) => String(problem.path[0])));
  const wrong = command.args.filter((a) => names.has(a.name));
  const [first] = wrong;
  if (!first) return names.size > 0 ? bad(command, `${command.verb} does not take this.`) : undefined;
  const name = first.positional ? `${command.verb}: ${first.label.toLowerCase()}` : optionName(first.name);
  const said = String(values[first.name] ?? '').slice(0, 60);
  const message = `${name} takes ${first.takes}, not "${said}".`;
  if (wrong.some((a) => a.kind === 'request')) return bad(command, message, 'Find the id with `runs`.');
  const right = typed(command, { ...values, ...Object.fromEntries(wrong.map((a) => [a.name, a.example])) });
  return bad(command, message, `Write it like \`${right}\`.`);
}
