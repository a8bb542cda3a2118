import fc from 'fast-check';
import { gapWords } from '../../cards';
import { type ComplianceFigures, deltas, packFigures, unpackFigures } from '../../core/compliance';
import { digestSpec, dueDigest, hasNews, weekFigures } from '../../core/runs';
import { type DigestTime, nextDigest, weekdays, weekOf } from '../../core/time';
import { largest, payments } from '../fixtures/cards/figures';
import { sized } from '../support/size';

const day = 86_400_000;
const whens: fc.Arbitrary<DigestTime> = fc.record({
  day: fc.constantFrom(...weekdays),
  time: fc.tuple(fc.nat(23), fc.nat(59)).map(([h, m]) => `${String(h).padStart(2, '0')}:${String(m).padStart(2, '0')}`),
  zone: fc.constantFrom('Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Australia/Lord_Howe', 'Pacific/Apia'),
});
const instants = fc.date({ min: new Date('2026-01-01'), max: new Date('2028-01-01'), noInvalidDate: true });

describe('which digest a schedule owes', () => {
  it('is the newest one that is over, and the next one comes after now', () => {
    fc.assert(
      fc.property(whens, instants, fc.nat(400 * day), (when, from, awayMs) => {
        const planned = nextDigest(from, when);
        const now = new Date(planned.getTime() + awayMs);
        const due = dueDigest(planned, when, now);
        expect(due.dueAt.getTime()).toBeLessThanOrEqual(now.getTime());
        expect(nextDigest(due.dueAt, when).getTime()).toBeGreaterThan(now.getTime());
        expect(due.week).toBe(weekOf(due.dueAt, when.zone));
      }),
      { numRuns: sized(20, 600) },
    );
  });

  it('counts every week in between as missed', () => {
    fc.assert(
      fc.property(whens, instants, fc.nat(30), (when, from, weeks) => {
        const planned = nextDigest(from, when);
        let newest = planned;
        for (let i = 0; i < weeks; i++) newest = nextDigest(newest, when);
        const due = dueDigest(planned, when, newest);
        expect([due.dueAt, due.missed, due.late]).toEqual([newest, weeks, false]);
      }),
      { numRuns: sized(20, 600) },
    );
  });

  it('is late a quarter of an hour after its time', () => {
    const when: DigestTime = { day: 'fri', time: '09:00', zone: 'Europe/Berlin' };
    const planned = nextDigest(new Date('2026-11-23T00:00:00Z'), when);
    const lateAfter = (minutes: number) =>
      dueDigest(planned, when, new Date(planned.getTime() + minutes * 60_000)).late;

    expect([lateAfter(0), lateAfter(15), lateAfter(16)]).toEqual([false, false, true]);
  });
});

describe('the settings of a digest', () => {
  const catalogue = { day: 'fri', time: '09:00', zone: 'Europe/Berlin' } as const;

  it('are those of the team field by field, then those of the catalogue', () => {
    expect(digestSpec('web', catalogue, { time: '10:00', onlyChanges: true })).toEqual({
      ...{ team: 'web', day: 'fri', time: '10:00', zone: 'Europe/Berlin', onlyChanges: true, on: true },
    });
  });

  it('can be off in either, and a team may switch on what the catalogue leaves off', () => {
    expect(digestSpec('web', false)).toMatchObject({ on: false, onlyChanges: false });
    expect(digestSpec('web', catalogue, { on: false })).toMatchObject({ on: false });
    expect(digestSpec('web', false, { on: true })).toMatchObject({ on: true, day: 'mon', time: '09:00', zone: 'UTC' });
  });
});

describe('what is kept of the figures', () => {
  it('comes back from the store as it was', () => {
    expect(unpackFigures(JSON.parse(JSON.stringify(packFigures(payments))))).toEqual(payments);
  });

  it('comes back from what versions before 0.1.0 kept, whose gaps were sentences', () => {
    const { gaps: _, ...figures } = payments;
    const sentence = 'Azure did not say what policies say: goldbot may not read policy states.';
    const kept = JSON.parse(JSON.stringify({ ...figures, missing: [sentence] }));

    const read = unpackFigures(kept);

    expect(read).toEqual({ ...figures, gaps: [{ figure: 'recorded', reason: 'recorded', sentence }] });
    expect(read.gaps.map(gapWords)).toEqual([sentence]);
  });

  it('is of bounded size for the largest team, and says what was left out', () => {
    const packed = packFigures({ ...largest, exemptions: [...largest.exemptions] });

    expect(JSON.stringify(packed).length).toBeLessThan(250_000);
    expect([packed.versions.length, packed.foreign.length, packed.exemptions.length]).toEqual([200, 200, 200]);
    expect(packed.gaps.slice(0, 2).map(gapWords)).toEqual([
      'Of 300 golden versions, the first 200 were kept.',
      'Of 900 exemptions, the first 200 were kept.',
    ]);
    expect(packed.machines).toBe(1_000_000);
  });
});

describe('whether there is news', () => {
  const news = (before: ComplianceFigures | undefined, change: Partial<ComplianceFigures> = {}) =>
    hasNews(deltas(before, { ...payments, ...change }));

  it('is so for the first week, for any figure that moved and for an exemption that came or went', () => {
    expect(news(undefined)).toBe(true);
    expect(news(payments, { machines: 59 })).toBe(true);
    expect(news(payments, { exemptions: payments.exemptions.slice(1) })).toBe(true);
    const { policy: _, ...untold } = payments;
    expect(hasNews(deltas(payments, untold))).toBe(true);
  });

  it('is not so when only days have passed', () => {
    const versions = payments.versions.map((version) => ({ ...version, daysBehind: (version.daysBehind ?? 0) + 7 }));
    expect(news(payments, { asOf: new Date('2026-11-30T09:00:00Z'), versions })).toBe(false);
  });

  it('has no figures of a week of which policies could not be told', () => {
    const { policy: _, ...untold } = payments;
    expect(weekFigures('2026-W47', untold)).toBeUndefined();
    expect(weekFigures('2026-W47', payments)).toMatchObject({
      machines: 52,
      compliant: 34,
      notEvaluated: 5,
      exempt: 3,
    });
  });
});
