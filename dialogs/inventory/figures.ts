import { type CountedInventory, countInventory, type InventoryQuestion } from '../../core/compliance';
import type { Deps } from '../conversation';

/**
 * The figures for a person who is waiting: whatever Azure does not say in the time of the turn becomes a gap.
 *
 * @throws UserError `AZ_…` when the machines themselves could not be counted, since without them there are no figures.
 */
export function figuresFor({ read }: Pick<Deps, 'read'>, question: InventoryQuestion): Promise<CountedInventory> {
  return countInventory(read, question, { mayLack: () => true });
}
