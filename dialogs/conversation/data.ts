import { UserError } from '../../core/errors';
import type { Command, Values } from './define';

/** What a click carries. */
export interface Clicked {
  readonly values: Values;
  readonly hash?: string;
  /** Names of the inputs that the card had, also of those that were left empty. */
  readonly fields: readonly string[];
}

/**
 * What a button carries and what was filled in, as arguments; an empty input counts as none. Anything can stand in a
 * forged click, so whatever no card of goldbot sends refuses the whole of it.
 *
 * @throws UserError `BAD_COMMAND` on a name that the command does not have, or something else than a plain value.
 */
export function readData(command: Command, data: unknown): Clicked {
  const given = entries(command, data);
  const values: Record<string, string | number | boolean> = {};
  const fields: string[] = [];
  for (const [name, value] of given) {
    if (name === 'hash' || value === undefined) continue;
    const info = command.args.find((a) => a.name === name);
    if (!info) throw forged(command, `"${name.slice(0, 40)}"`);
    fields.push(name);
    if (value === null || value === '') continue;
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
      throw forged(command, name);
    const text = String(value).slice(0, 2_000);
    values[name] = info.kind === 'flag' ? text === 'true' : text;
  }
  const hash = given.get('hash');
  if (hash === undefined) return { values, fields };
  if (typeof hash !== 'string' || !/^[0-9a-f]{8,64}$/.test(hash)) throw forged(command, 'hash');
  return { values, fields, hash };
}

function entries(command: Command, data: unknown): ReadonlyMap<string, unknown> {
  if (data === undefined || data === null) return new Map();
  if (typeof data !== 'object' || Array.isArray(data)) throw forged(command, 'load');
  return new Map(Object.entries(data));
}

function forged(command: Command, name: string): UserError {
  const nothing = command.hash === 'always' ? 'nothing was decided' : 'nothing was done';
  return new UserError(
    'BAD_COMMAND',
    `The click on \`${command.verb}\` carries a ${name} that no card of goldbot has; ${nothing}.`,
    {
      hint: 'Use the newest card, or type the command that stands at its foot.',
    },
  );
}
