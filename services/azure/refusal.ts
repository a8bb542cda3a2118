import type { ErrorCode, UserErrorOptions } from '../../core/errors';

/** A refusal by Azure whose reason has words and a next step of its own. */
export interface Told extends Pick<UserErrorOptions, 'again'> {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

export interface Refused {
  /** What was being done: “creating the test machine x”. */
  readonly action: string;
  /** Azure's own sentences. */
  readonly said: string;
  /** The same as people may read it: on one line, cut, without credentials. */
  readonly shown: string;
}

type Tell = (refused: Refused) => Told;

/**
 * By code; where Azure uses one code for many things, by what else its sentence must say. Without codes, by that alone:
 * nobody has seen the code.
 */
export interface Entry {
  readonly codes?: readonly string[];
  readonly when?: RegExp;
  readonly tell: Tell;
}

export const onItsOwn = 'goldbot continues by itself once that is done';
export const repeat = 'then rebuild the run or repeat the command';
/** After what somebody mends outside goldbot: a publish run keeps asking meanwhile. */
export const goesOn = 'then repeat the command; a run continues on its own';

/** What stands in the first quotes after these words. */
export const quoted = (said: string, before: RegExp): string | undefined =>
  new RegExp(`${before.source}[^']*'([^']+)'`, 'i').exec(said)?.[1];
