import { eachCall } from '../../core/azure';
import { azureSilent, UserError } from '../../core/errors';
import { within } from '../../core/time';
import type { Deps } from './command';

/** The reads of one try: whatever the outside does, none is waited for beyond the try's time. */
export function withinTurn(deps: Deps, budgetMs: number): { readonly deps: Deps; wasLate(): boolean } {
  const end = performance.now() + budgetMs;
  const leftMs = () => Math.max(0, end - performance.now());
  let late = false;
  const tooLate = (silent: () => UserError) => (): never => {
    late = true;
    throw silent();
  };
  const inTime = (ask: () => Promise<unknown>) =>
    within(
      leftMs(),
      ask(),
      tooLate(() => azureSilent(budgetMs)),
    );
  return {
    wasLate: () => late,
    deps: {
      ...deps,
      read: eachCall(deps.read, inTime),
      house: eachCall(deps.house, inTime),
      directory: {
        memberOf: (...asked) => within(leftMs(), deps.directory.memberOf(...asked), tooLate(directorySilent)),
      },
    },
  };
}

function directorySilent(): UserError {
  return new UserError('DIRECTORY_SILENT', 'Microsoft Graph did not answer in time.', {
    hint: 'Try again in a minute.',
  });
}

/** Each read of a message is asked once, however often the message is tried: what comes late serves the next try. */
export function askedOnce(deps: Deps): Deps {
  const once = memory();
  const memberOf = (...args: Parameters<Deps['directory']['memberOf']>) =>
    once('memberOf', args, () => deps.directory.memberOf(...args)) as ReturnType<Deps['directory']['memberOf']>;
  const each = <Port extends object>(port: Port) => eachCall(port, (ask, name, args) => once(name, args, ask));
  return { ...deps, read: each(deps.read), house: each(deps.house), directory: { memberOf } };
}

/** For what changes nothing: goldbot's own books are read once for each question, too. */
export function readOnce(deps: Deps): Deps {
  const once = memory();
  return { ...deps, reads: eachCall(deps.reads, (ask, name, args) => once(name, args, ask)) };
}

/** A question that was asked before has the same answer. */
function memory() {
  const asked = new Map<string, Promise<unknown>>();
  return (name: string, args: readonly unknown[], ask: () => Promise<unknown>): Promise<unknown> => {
    const key = JSON.stringify([name, ...args]);
    const before = asked.get(key);
    if (before) return before;
    const answer = ask();
    asked.set(key, answer);
    return answer;
  };
}
