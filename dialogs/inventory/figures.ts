import { type CountedInventory, countInventory, type InventoryQuestion } from '../../core/compliance';
import { azureSilent } from '../../core/errors';
import { seconds, within } from '../../core/time';
import type { Deps } from '../conversation';

/** Machine time, from the first query on: after waiting for the counts, nobody waits as long again for rows. */
const patienceMs = seconds(2.5);

/**
 * The figures for a person who is waiting: whatever Azure does not say in time becomes a gap.
 *
 * @throws UserError `AZ_…` when the machines themselves could not be counted, since without them there are no figures.
 */
export function figuresFor({ read }: Pick<Deps, 'read'>, question: InventoryQuestion): Promise<CountedInventory> {
  return countInventory(read, question, {
    mayLack: () => true,
    bounded: (reading) => within(patienceMs, reading, tooLate),
  });
}

function tooLate(): never {
  throw azureSilent();
}
