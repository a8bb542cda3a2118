import { pino } from 'pino';

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
