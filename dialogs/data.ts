import { UserError } from '../core/errors';
import type { Command, Values } from './define';

/**
 * What a button carries and what was filled in, as arguments. Anything can stand in a forged click: only known names
 * with plain values are read, an empty input counts as none.
 *
 * @throws UserError `BAD_COMMAND` when a known name holds something else than a plain value.
 */
export function readData(command: Command, data: unknown): { readonly values: Values; readonly hash?: string } {
  const given = typeof data === 'object' && data !== null ? new Map(Object.entries(data)) : new Map<string, unknown>();
  const values: Record<string, string | number | boolean> = {};
  for (const info of command.args) {
    const value: unknown = given.get(info.name);
    if (value === undefined || value === null || value === '') continue;
    if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'boolean')
      throw forged(command, info.name);
    const text = String(value).slice(0, 2_000);
    if (info.kind !== 'flag') values[info.name] = text;
    else values[info.name] = text === 'true';
  }
  const hash: unknown = given.get('hash');
  if (hash === undefined || hash === null) return { values };
  if (typeof hash !== 'string' || !/^[0-9a-f]{8,64}$/.test(hash)) throw forged(command, 'hash');
  return { values, hash };
}

function forged(command: Command, name: string): UserError {
  return new UserError(
    'BAD_COMMAND',
    `The click on \`${command.verb}\` carries a ${name} that no card of goldbot has.`,
    {
      hint: 'Use the newest card, or type the command that stands at its foot.',
    },
  );
}
