import { UserError } from '../core/errors';

const lostByErrno = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
]);
/** Shutting down, starting up, too many connections, lock or statement timeouts: the server is there and does not serve. */
const lostByState = /^(08|57P0[1-3]|53300|53[1-4]00|25P03|57P05|55P03|57014)/;
const lostByText =
  /Connection terminated|timeout exceeded when trying to connect|timeout expired|Query read timeout|Client has encountered a connection error|Client was closed/;

export function sqlState(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' ? code : undefined;
}

/** Whether the server, not the statement, is at fault. By what the error says of itself, not by `instanceof`. */
export function isConnectionLoss(error: unknown): boolean {
  const { name, code, message, errors } = (error ?? {}) as Partial<AggregateError & { code: unknown }>;
  if (name === 'UserError') return false;
  if (typeof code === 'string' && (lostByErrno.has(code) || lostByState.test(code))) return true;
  if (typeof message === 'string' && lostByText.test(message)) return true;
  // `localhost` is tried by IPv6 and IPv4.
  return Array.isArray(errors) && errors.some(isConnectionLoss);
}

export function databaseSilent(cause: unknown): UserError {
  return new UserError('DATABASE_SILENT', "goldbot's database does not answer; nothing was accepted.", {
    hint: 'Send the same message again in a minute.',
    cause,
  });
}
