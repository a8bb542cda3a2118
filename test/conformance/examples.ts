import { answersSection } from './examples/answers';
import { graphSection } from './examples/graph';
import { requestsSection } from './examples/requests';
import { type Example, examples } from './examples/specs';
import type { Ledger } from './ledger';

/** Azure's own examples of what goldbot uses: as answers to goldbot, and as requests to the sandbox. */
export function examplesSection(ledger: Ledger): void {
  const all = examples();
  const counted = new Set<string>();
  const count = ({ title, provider }: Example) => {
    if (counted.has(title)) return;
    counted.add(title);
    ledger.example(provider);
  };
  describe('official examples as answers to goldbot', () => answersSection(all, count));
  describe('official examples as requests to the sandbox', () => requestsSection(all, count));
  describe('official examples as queries to the sandbox', () => graphSection(all, count));
}
