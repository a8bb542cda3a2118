import { readFile } from 'node:fs/promises';
import { UserError } from '../core/errors';

/** A file that somebody named. @throws UserError `BAD_COMMAND`: it is not there, or nobody may read it. */
export async function readText(name: string): Promise<string> {
  try {
    return await readFile(name, 'utf8');
  } catch (error) {
    throw new UserError(
      'BAD_COMMAND',
      `${name} cannot be read: ${(error as Error).message.replace(/, \w+ '.*/s, '')}.`,
      {
        hint: 'Correct its name.',
      },
    );
  }
}
