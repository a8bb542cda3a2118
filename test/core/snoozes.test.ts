import fc from 'fast-check';
import { isRow, type Offender, rowOf, rowsOf, type Snooze } from '../../core/compliance';

const now = new Date('2026-11-23T12:00:00Z');
const hour = (n: number) => new Date(now.getTime() + n * 3_600_000);
const version = (number: string, machines: number): Offender => ({
  ...{ kind: 'version', image: 'ubuntu-22', version: number, lineage: 'behind', versionsBehind: 1, machines },
});
const offenders: readonly Offender[] = [
  { kind: 'policy', machines: 9 },
  version('1.3.0', 4),
  { kind: 'guest', machines: 3 },
  { kind: 'not golden', machines: 2, sources: [] },
  version('1.4.0', 1),
];
const snooze = (row: string, until: Date): Snooze => ({
  ...{ team: 'web', row, machines: 1, until, reason: 'r', by: { oid: 'o', name: 'Ada' }, at: hour(-999) },
});

describe('rows of a digest that are set aside', () => {
  it('each have a word of their own, which people may write as they name versions', () => {
    const words = offenders.map(rowOf);
    expect(words).toEqual(['non-compliant', 'ubuntu-22@1.3.0', 'guest-non-compliant', 'not-golden', 'ubuntu-22@1.4.0']);
    expect(words.filter((word) => isRow(' Ubuntu-22  1.3.0 ', word))).toEqual(['ubuntu-22@1.3.0']);
    expect(words.filter((word) => isRow('ubuntu-22', word))).toEqual([]);
  });

  it('never vanish, whatever is snoozed until when, and come after those that ask', () => {
    const end = fc.option(fc.integer({ min: -48, max: 48 }), { nil: undefined });
    fc.assert(
      fc.property(fc.array(end, { minLength: offenders.length, maxLength: offenders.length }), (ends) => {
        const snoozes = offenders.flatMap((offender, i) => {
          const at = ends[i];
          return at === undefined ? [] : [snooze(rowOf(offender), hour(at))];
        });
        const rows = rowsOf(offenders, snoozes, { now, since: hour(-24) });
        const asleep = (offender: Offender) => (ends[offenders.indexOf(offender)] ?? 0) > 0;
        expect(rows.map(({ offender }) => offender)).toEqual([
          ...offenders.filter((offender) => !asleep(offender)),
          ...offenders.filter(asleep),
        ]);
        for (const { offender, snoozed, woken } of rows) {
          const at = ends[offenders.indexOf(offender)];
          expect([snoozed !== undefined, woken !== undefined]).toEqual([
            at !== undefined && at > 0,
            at !== undefined && at <= 0 && at > -24,
          ]);
        }
      }),
      { numRuns: 50 },
    );
  });

  it('have not come back since a digest that there was not', () => {
    const [row] = rowsOf(offenders.slice(0, 1), [snooze('non-compliant', hour(-1))], { now });
    expect(row).toEqual({ offender: offenders[0] });
  });
});
