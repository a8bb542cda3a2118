/** A request that the front door turns away. What it says goes to the log and, as two words, to the caller. */
export class Refused extends Error {
  override readonly name = 'Refused';

  constructor(
    /** HTTP status. */
    readonly status: 400 | 401 | 403 | 405 | 408 | 413 | 415 | 503,
    /** For the log; never a part of the token or of the body. */
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

export function isRefused(error: unknown): error is Refused {
  return typeof error === 'object' && error !== null && (error as Error).name === 'Refused';
}
