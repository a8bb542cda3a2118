import { parseArgs } from 'node:util';
import { pino } from 'pino';
import { isUserError } from '../core/errors';
import { type LogFields, loggedFields } from '../core/log';
import { nameSources } from './stack-traces';

/**
 * Runs a command of `package.json`. A UserError is printed in words, a bug with its stack; either exits with 1. `--help`
 * prints `usage` and does nothing else.
 */
export function runCommand(usage: string, command: () => Promise<void>): void {
  nameSources();
  if (process.argv.slice(2).some((word) => word === '--help' || word === '-h')) {
    console.log(usage);
    return;
  }
  // Once the whole file has run that calls this: it may name what stands below.
  const done = Promise.resolve().then(command);
  done.catch((error: unknown) => {
    if (isUserError(error)) console.error(`${error.message}\n${error.hint}`);
    else if (isMistyped(error)) console.error(`${error.message.replace(/\. .*/, '.')}\n${usage}`);
    else console.error(error);
    process.exit(1);
  });
}

/** What is thrown by `parseArgs`; it goes on for a line about words that begin with a hyphen. */
function isMistyped(error: unknown): error is Error {
  return error instanceof Error && String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS');
}

/** For a command that takes none: a word too many is no reason to begin. */
export function withoutArguments(): void {
  parseArgs({ options: {} });
}

/** The first Ctrl-C or SIGTERM shuts down in order, the second at once. */
export function onLeave(leave: () => Promise<void>): void {
  let leaving = false;
  const once = () => {
    if (leaving) process.exit(1);
    leaving = true;
    leave().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.on('SIGINT', once);
  process.on('SIGTERM', once);
}

/** The operators' log, one JSON object a line: constant text, and of what varies the fields of core/log.ts alone. */
export function createLog(level: string, destination?: { write(line: string): void }): Log {
  const options = {
    level,
    base: null,
    formatters: { log: loggedFields },
    // The fields have it in its short form already.
    serializers: { err: (error: unknown) => error },
  };
  return destination ? pino(options, destination) : pino(options);
}

/** pino, with fields that are in the list. */
export type Log = Readonly<
  Record<'debug' | 'info' | 'warn' | 'error' | 'fatal', (fields: LogFields, text: string) => void>
>;
