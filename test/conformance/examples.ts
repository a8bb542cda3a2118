import { answersSection } from './examples/answers';
import { examples } from './examples/specs';
import type { Ledger } from './ledger';

/** Azure's own examples of what goldbot uses: as answers to goldbot, and as requests to the sandbox. */
export function examplesSection(ledger: Ledger): void {
  const all = examples();
  describe('official examples as answers', () => answersSection(all, ledger));
}
