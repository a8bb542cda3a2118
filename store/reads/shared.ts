import { eachCall } from '../../core/azure';
import { Together } from '../../core/together';
import type { Reads } from './reads';

/** Reads of which many people ask the same at once: one answer for those who ask while the last one is on its way. */
export function shared(reads: Reads): Reads {
  const together = new Together();
  return eachCall(reads, (ask, name, args) => together.ask(JSON.stringify([name, ...args]), ask));
}
