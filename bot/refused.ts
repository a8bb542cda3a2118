/** Somebody with a good token of Teams, from a tenant that is not served. */
export interface Stranger {
  readonly tenant: string;
  readonly oid: string | null;
  readonly name: string;
}

/** A request that the front door turns away. What it says goes to the log and, as two words, to the caller. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly stranger: Stranger | undefined;

  constructor(
    /** HTTP status. */
    readonly status: 400 | 401 | 403 | 405 | 408 | 413 | 415 | 503,
    /** For the log; never a part of the token or of the body. */
    message: string,
    options?: ErrorOptions & { readonly stranger?: Stranger },
  ) {
    super(message, options);
    this.stranger = options?.stranger;
  }
}

export function isRefused(error: unknown): error is Refused {
  return typeof error === 'object' && error !== null && (error as Error).name === 'Refused';
}
