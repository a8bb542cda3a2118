import { isFull, sized } from '../support/size';
import { simulateMonths } from './months/simulate';

describe('months of scheduled publishes, with deaths, freezes, failures and slow approvers', () => {
  it(
    'end for each image with one version, or the word that nothing changed, in time or with a warning',
    async () => {
      const report = await simulateMonths({ months: sized(2, 12), images: sized(2, 4), seed: 5 });

      expect(report.wrong).toEqual([]);
      expect(report.months.length).toBeGreaterThanOrEqual(sized(2, 40));
      // How many die is up to chance and the machine; that some do is what the rest is worth.
      expect(report.kills + report.freezes).toBeGreaterThan(sized(0, 60));
      expect(report.ends['late'] ?? 0).toBeGreaterThan(0);
      if (isFull) expect(report.ends['unchanged'] ?? 0).toBeGreaterThan(0);
    },
    sized(300_000, 3_600_000),
  );
});
