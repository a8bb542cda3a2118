import type { AzureRead, AzureWrite } from '../../../core/azure';
import type { Names } from '../used';
import type { Recorded } from './tape';

/**
 * What of a recorded answer goldbot must say, read from the recording by hand. One entry for each operation in `used`:
 * that, and an entry there, is all that a newly used operation needs.
 */
export interface Expected {
  /** The specification's operation id, as in `used`. */
  readonly operation: string;
  /** Method and path without names, as `shapeOf` has it. */
  readonly shape: string;
  /** Compares what goldbot made of the answer with the answer. Without it the answer says nothing but "accepted". */
  readonly says?: (result: never, body: never, more: More) => void | Promise<void>;
  /** What the answer says that goldbot has no word for, and why it needs none: paths as `watched` has them. */
  readonly wordless?: Readonly<Record<string, string>>;
  /** Which of the recorded requests of this shape goldbot sends too; all when absent. */
  readonly ours?: (recorded: Recorded) => boolean;
  /** The shape of a request that Azure must refuse first, as a method that it does not know, for goldbot to ask this. */
  readonly refused?: string;
  /** Compares what goldbot sent with what was recorded. */
  readonly asks?: (asked: unknown, recorded: unknown) => void;
  /** Members put into earlier answers of the tape that goldbot reads before it asks this: what no tape has. */
  readonly before?: Readonly<Record<string, object>>;
}

/** For questions of the same answer by another method of the ports. */
export interface More {
  readonly ports: AzureRead & AzureWrite;
  readonly names: Names;
}

export const inGroup = '/subscriptions/*/resourceGroups/*/providers';

/** Why goldbot need not say again what it asked for. */
export const whereFrom = 'where it is was in the question';
