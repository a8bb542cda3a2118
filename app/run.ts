import { pino } from 'pino';
import { isUserError } from '../core/errors';

/** Runs a command of `package.json`: says what went wrong in words, with exit code 1; a mistake of ours with its stack. */
export function runCommand(command: () => Promise<void>): void {
  command().catch((error: unknown) => {
    if (isUserError(error)) console.error(`${error.message}\n${error.hint}`);
    else console.error(error);
    process.exit(1);
  });
}

/** Ctrl-C and SIGTERM end goldbot once, in order; a second one ends it at once. */
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

/**
 * Logs for operators, one JSON line each. The text of a line is constant, what varies stands in fields; headers and
 * bodies never get here, and what is called like a secret is cut out.
 */
export function createLog(level: string, destination?: { write(line: string): void }) {
  const options = {
    level,
    base: null,
    redact: { paths: ['*.authorization', '*.token', '*.password', '*.secret', '*.headers'], censor: '[cut]' },
  };
  return destination ? pino(options, destination) : pino(options);
}

export type Log = ReturnType<typeof createLog>;
