import { type CountedInventory, countInventory, type InventoryQuestion } from '../../core/compliance';
import { followedOf } from '../../core/images';
import type { Deps } from '../conversation';

/**
 * The figures for a person who is waiting: whatever Azure does not say in the time of the turn becomes a gap.
 *
 * @throws UserError `AZ_…` when the machines themselves could not be counted, since without them there are no figures.
 */
export async function figuresFor(
  { read, reads }: Pick<Deps, 'read' | 'reads'>,
  question: InventoryQuestion,
): Promise<CountedInventory> {
  const follows = followedOf(await reads.follows());
  return countInventory(read, { ...question, follows }, { mayLack: () => true });
}
