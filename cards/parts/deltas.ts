import type { Delta, Figure } from '../../core/compliance';
import { number } from './format';

/** What each figure counts: the noun in the singular, and what goes after it. */
const counted: Readonly<Record<Figure, readonly [noun: string, rest: string]>> = {
  machines: ['machine', ''],
  onLatest: ['machine', ' on the latest version'],
  behind: ['machine', ' behind the latest version'],
  pastEnd: ['machine', ' on a version past its end of life'],
  notGolden: ['machine', ' on no golden image'],
  nonCompliant: ['machine', ' non-compliant with policies'],
  notEvaluated: ['machine', ' not evaluated by any policy'],
  guestNonCompliant: ['machine', ' non-compliant in the guest'],
  behindModel: ['instance', " behind the scale set's own model"],
  undecided: ['machine', ' neither pet nor cattle yet'],
};

/** `8 more machines on the latest version: 50 instead of 42`. */
export function deltaWords({ figure, before, after }: Delta): string {
  const [noun, rest] = counted[figure];
  const difference = Math.abs(after - before);
  const direction = after > before ? 'more' : 'fewer';
  const what = `${number(difference)} ${direction} ${noun}${difference === 1 ? '' : 's'}${rest}`;
  return `${what}: ${number(after)} instead of ${number(before)}`;
}

/** What it means when a figure drops to zero; undefined where that is no win. */
export const overcome: Readonly<Partial<Record<Figure, string>>> = {
  behind: 'No machine is behind the latest version any more',
  pastEnd: 'No machine runs a version past its end of life any more',
  notGolden: 'Every machine runs a golden image',
  nonCompliant: 'No machine is non-compliant any more',
  notEvaluated: 'Every machine has been evaluated',
  guestNonCompliant: 'Every machine that reports is compliant in the guest',
  behindModel: 'Every scale set instance has the model of its scale set',
  undecided: 'Every machine is classified as pet or cattle',
};
