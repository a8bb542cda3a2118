import type { AzureRead, Directory } from '../../core/azure';
import { UserError } from '../../core/errors';

/** An answer takes three seconds at the most; this is what the outside may take of them together. */
export const turnBudgetMs = 2_600;

/** What is left of a turn's time, in machine time. */
export interface Budget {
  leftMs(): number;
}

export function startBudget(ms: number = turnBudgetMs): Budget {
  const end = performance.now() + ms;
  return { leftMs: () => Math.max(0, end - performance.now()) };
}

/** The looks of one turn: whatever Azure does, none of them outlives the budget. Throw `AZ_SILENT` then. */
export function readWithin(read: AzureRead, budget: Budget): AzureRead {
  const silent = () =>
    new UserError('AZ_SILENT', 'Azure did not answer in time.', {
      hint: 'Send the command again in a minute; nothing was changed.',
    });
  return new Proxy(read, {
    get: (target, name) => {
      const look: unknown = Reflect.get(target, name);
      if (typeof look !== 'function') return look;
      return (...args: unknown[]) => within(Promise.resolve(look.apply(target, args)), budget, silent);
    },
  });
}

export function directoryWithin(directory: Directory, budget: Budget): Directory {
  const silent = () =>
    new UserError('DIRECTORY_SILENT', 'Microsoft Graph did not answer in time.', { hint: 'Try again in a minute.' });
  return {
    memberOf: (person, groups) => within(directory.memberOf(person, groups), budget, silent),
  };
}

async function within<T>(promise: Promise<T>, budget: Budget, silent: () => UserError): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(silent()), budget.leftMs());
    timer.unref();
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
