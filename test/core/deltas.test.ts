import fc from 'fast-check';
import { deltaWords } from '../../cards';
import {
  type ComplianceFigures,
  deltas,
  type Exemption,
  type Figure,
  figureNames,
  lineages,
  type PolicyFigures,
} from '../../core/compliance';
import { sized } from '../support/size';

const now = new Date('2026-11-23T12:00:00Z');
const days = (n: number) => new Date(now.getTime() + n * 86_400_000);
const nought = { latest: 0, behind: 0, farBehind: 0, pastEnd: 0, otherGallery: 0, marketplace: 0, unknown: 0 };
const states = { Compliant: 0, NonCompliant: 0, Exempt: 0, Conflict: 0, Unknown: 0, Error: 0 };
const policy = (nonCompliant: number, notEvaluated: number): PolicyFigures => ({
  machines: { ...states, NonCompliant: nonCompliant },
  notEvaluated,
});

function figures(more: Partial<ComplianceFigures> = {}): ComplianceFigures {
  return {
    ...{ team: 'web', machines: 0, types: { vm: 0, instance: 0, arc: 0 }, lineage: nought, versions: [], foreign: [] },
    ...{ models: { pet: 0, cattle: 0, undecided: 0 }, behindModel: 0, exemptions: [], gaps: [], asOf: now },
    ...more,
  };
}
const lineage = (more: Partial<typeof nought>) => ({ lineage: { ...nought, ...more } });
const exemption = (name: string, expiresAt?: Date): Exemption => ({
  ...{ id: name, name, scope: 's', assignment: 'a', category: 'Waiver' },
  ...(expiresAt && { expiresAt }),
});

describe('what changed since the week before', () => {
  it('tells good news and bad news apart, with exact numbers', () => {
    const before = figures({ machines: 60, ...lineage({ latest: 42, behind: 10, pastEnd: 8 }), policy: policy(3, 4) });
    const after = figures({ machines: 61, ...lineage({ latest: 50, behind: 9, farBehind: 2 }), policy: policy(4, 4) });
    const told = deltas({ ...before, asOf: days(-7) }, after);
    expect(told.since).toEqual(days(-7));
    expect(told.wins.map(deltaWords)).toEqual([
      '8 more machines on the latest version: 50 instead of 42',
      '8 fewer machines on a version past its end of life: 0 instead of 8',
    ]);
    expect(told.setbacks.map(deltaWords)).toEqual([
      '1 more machine behind the latest version: 11 instead of 10',
      '1 more machine non-compliant with policies: 4 instead of 3',
    ]);
    expect(told.others.map(deltaWords)).toEqual(['1 more machine: 61 instead of 60']);
  });

  it('is nothing between two weeks that are the same', () => {
    const same = figures({ machines: 5, ...lineage({ latest: 5 }), policy: policy(1, 1) });
    expect(deltas(same, same)).toMatchObject({ wins: [], setbacks: [], others: [], incomparable: [] });
  });

  it('puts every figure that differs in exactly one place, and turned round the good is the bad', () => {
    const some = fc.record(Object.fromEntries(lineages.map((name) => [name, fc.nat(9)]))).map((counts) =>
      figures({
        ...lineage(counts),
        machines: 9,
        policy: policy((counts['latest'] ?? 0) % 3, (counts['behind'] ?? 0) % 4),
      }),
    );
    const figuresOf = (told: readonly { readonly figure: Figure }[]) => told.map((c) => c.figure).sort();
    fc.assert(
      fc.property(some, some, (before, after) => {
        const there = deltas(before, after);
        const back = deltas(after, before);
        expect(figuresOf(there.wins)).toEqual(figuresOf(back.setbacks));
        expect(figuresOf(there.setbacks)).toEqual(figuresOf(back.wins));
        for (const change of [...there.wins, ...there.setbacks, ...there.others]) {
          expect(change.before).not.toBe(change.after);
          expect(figureNames).toContain(change.figure);
        }
      }),
      { numRuns: sized(20, 1_000) },
    );
  });

  it('does not compare a figure that one of them does not have', () => {
    const told = deltas(figures({ policy: policy(3, 1) }), figures());
    expect(told.incomparable).toEqual(['nonCompliant', 'notEvaluated']);
    expect([...told.wins, ...told.setbacks]).toEqual([]);
  });

  it('says that there is nothing to compare with the first time', () => {
    const first = deltas(undefined, figures({ ...lineage({ latest: 3 }), exemptions: [exemption('a')] }));
    expect(first.since).toBeUndefined();
    expect(first).toMatchObject({ wins: [], setbacks: [], others: [], exemptions: { granted: [], ended: [] } });
  });

  it('names exemptions that came, went and are about to end, also when dates are text', () => {
    const before = figures({ asOf: days(-7), exemptions: [exemption('kept', days(90)), exemption('gone', days(-1))] });
    const stored = JSON.parse(JSON.stringify(before)) as ComplianceFigures;
    const after = figures({
      exemptions: [exemption('soon', days(14)), exemption('kept', days(90)), exemption('ever')],
    });
    const { since, exemptions } = deltas(stored, after);
    expect(since).toEqual(days(-7));
    const names = (rows: readonly Exemption[]) => rows.map((e) => e.name);
    expect(names(exemptions.granted)).toEqual(['soon', 'ever']);
    expect(exemptions.ended).toEqual([exemption('gone', days(-1))]);
    expect(names(exemptions.ending)).toEqual(['soon']);
    expect(names(deltas(stored, after, 13).exemptions.ending)).toEqual([]);
  });

  it('puts what is worst first among what needs doing: non-compliant machines too', () => {
    const version = (number: string, grade: ComplianceFigures['versions'][number]['lineage'], machines: number) => ({
      ...{ image: 'ubuntu-22', version: number, lineage: grade, versionsBehind: 1, daysBehind: 1, machines },
    });
    const told = deltas(
      undefined,
      figures({
        versions: [
          version('1.5.0', 'latest', 90),
          version('1.4.0', 'behind', 40),
          version('1.3.0', 'farBehind', 9),
          version('1.2.0', 'pastEnd', 1),
          version('1.1.0', 'pastEnd', 3),
        ],
        foreign: [
          { source: '/x/galleries/old/images/y', machines: 5 },
          { source: '/x/images/a-managed-one', machines: 3 },
          { source: 'canonical:a:b', machines: 2 },
        ],
        ...lineage({ otherGallery: 5, marketplace: 2, unknown: 3 }),
        policy: policy(1, 0),
        guest: { machines: { Compliant: 0, NonCompliant: 4, Pending: 0 }, none: 0 },
      }),
    );
    expect(told.offenders).toMatchObject([
      { kind: 'policy', machines: 1 },
      { kind: 'version', version: '1.1.0', machines: 3 },
      { kind: 'version', version: '1.2.0', machines: 1 },
      { kind: 'guest', machines: 4 },
      { kind: 'not golden', machines: 7, sources: ['/x/galleries/old/images/y', 'canonical:a:b'] },
      { kind: 'version', version: '1.3.0', machines: 9 },
      { kind: 'version', version: '1.4.0', machines: 40 },
    ]);
    expect(deltas(undefined, figures()).offenders).toEqual([]);
  });
});
