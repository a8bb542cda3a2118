import type { Values } from '../../core/command-call';
import { isUserError } from '../../core/errors';
import type { CommandContext, Deps } from '../conversation';

interface Attempt {
  readonly verb: string;
  readonly team: string | undefined;
  readonly given?: Values;
}

/** Does what is refused before the store is asked: who tried what is written down then. */
export async function writtenDown<Result>(
  { person, via }: CommandContext,
  { verb, team, given = {} }: Attempt,
  deps: Deps,
  attempt: () => Promise<Result>,
): Promise<Result> {
  try {
    return await attempt();
  } catch (error) {
    if (isUserError(error) && error.code === 'WRONG_ROLE') {
      const { oid, name } = person;
      const detail = { code: error.code, verb, given, via };
      await deps.audit?.({ who: { oid, name }, action: 'refuse', subject: team ?? null, request: null, detail });
    }
    throw error;
  }
}
