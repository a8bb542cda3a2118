import fc from 'fast-check';
import { clueWords } from '../../cards/parts/words';
import { type Classification, classifyModel, type Machine, seriesOf } from '../../core/compliance';
import { decidedModel, serviceModelTag } from '../../core/compliance/inventory';
import type { MachineEvidence } from '../../core/compliance/service-model';
import { sized } from '../support/size';

const now = new Date('2026-11-23T12:00:00Z');
const ago = (n: number) => new Date(now.getTime() - n * 86_400_000);
const classify = (evidence: Partial<MachineEvidence>) => classifyModel({ type: 'vm', ...evidence }, now);

const evidence: fc.Arbitrary<MachineEvidence> = fc.record(
  {
    type: fc.constantFrom('vm' as const, 'arc' as const),
    availabilitySet: fc.constant('avset-1'),
    series: fc.record({ stem: fc.constant('web-'), machines: fc.nat(9), alike: fc.nat(9), spreadDays: fc.nat(400) }),
    dataDisks: fc.nat(4),
    createdAt: fc.nat(900).map(ago),
    lineage: fc.constantFrom('latest' as const, 'farBehind' as const, 'pastEnd' as const),
    upgradedInPlace: fc.boolean(),
  },
  { requiredKeys: ['type'] },
);

const sentences = ({ evidence: clues }: Classification) => clues.map(clueWords);

describe('pet or cattle', () => {
  it('is what the owner says, whatever the machine looks like', () => {
    fc.assert(
      fc.property(evidence, fc.constantFrom('pet', 'cattle', ' Pet', 'CATTLE'), (seen, tag) => {
        const { model, confidence } = classifyModel({ ...seen, tag }, now);
        expect([model, confidence]).toEqual([tag.trim().toLowerCase(), 'sure']);
      }),
      { numRuns: sized(20, 1_000) },
    );
  });

  it('is cattle in a scale set, of either orchestration', () => {
    expect(classify({ type: 'instance' })).toMatchObject({ model: 'cattle', confidence: 'sure' });
    const flexible = classify({ scaleSet: 'vmss-web', dataDisks: 3, createdAt: ago(400) });
    expect(flexible).toEqual({
      model: 'cattle',
      confidence: 'sure',
      evidence: [{ clue: 'scale set', name: 'vmss-web' }],
    });
  });

  it('is likely cattle in a numbered series of one image that was made together', () => {
    const series = { stem: 'web-', machines: 6, alike: 6, spreadDays: 1 };
    const judged = classify({ series, availabilitySet: 'avset-web' });
    expect(judged).toMatchObject({ model: 'cattle', confidence: 'likely' });
    expect(sentences(judged)).toEqual([
      'It is one of 6 machines of the same image and version named web-N, made within 1 day.',
      'It shares the availability set avset-web.',
    ]);
    expect(classify({ series: { ...series, spreadDays: 200 } })).toMatchObject({
      model: 'cattle',
      confidence: 'guess',
    });
    expect(sentences(classify({ series: { ...series, spreadDays: 200 } }))).toEqual([
      'It is one of 6 machines of the same image and version named web-N.',
    ]);
    expect(classify({ series: { ...series, alike: 2 } })).toMatchObject({ model: 'undecided', confidence: 'guess' });
  });

  it('is likely a pet when it is alone, old, far behind and keeps data', () => {
    const judged = classify({
      series: { stem: 'erp', machines: 1, alike: 1 },
      dataDisks: 2,
      createdAt: ago(400),
      lineage: 'pastEnd',
    });
    expect(judged).toMatchObject({ model: 'pet', confidence: 'likely' });
    expect(sentences(judged)).toContain('It has been there for 400 days.');
    expect(sentences(judged)).toContain('Its version should have been replaced long ago.');
    expect(sentences(judged)).toContain('No other machine in its resource group has a similar name.');
    expect(sentences(judged)).toContain('It has 2 data disks of its own.');
    expect(classify({ upgradedInPlace: true })).toMatchObject({ model: 'pet', confidence: 'likely' });
    expect(sentences(classify({ upgradedInPlace: true }))).toEqual([
      'It was upgraded in place instead of being replaced.',
    ]);
    expect(sentences(classify({ type: 'arc' }))).toEqual([
      'It runs outside Azure: no image in the gallery can replace it.',
    ]);
    expect(sentences(classify({ tag: 'Pet' }))).toEqual(['Its owner says so: the tag service-model is pet.']);
    expect(sentences(classify({}))).toEqual(['There is no evidence either way.']);
  });

  it.each([
    [7, 'likely', 'made within 7 days.'],
    [8, 'guess', 'named web-N.'],
  ])(
    'is cattle of one making when its series was made within a week, not within %d days: %s',
    (spreadDays, how, end) => {
      const judged = classify({ series: { stem: 'web-', machines: 3, alike: 3, spreadDays } });
      expect(judged).toMatchObject({ model: 'cattle', confidence: how });
      expect(sentences(judged)[0]).toMatch(new RegExp(`${end.replaceAll('.', '\\.')}$`));
    },
  );

  it.each([
    [180, 'undecided'],
    [181, 'pet'],
  ])('counts as old after half a year: %d days', (age, model) => {
    expect(classify({ createdAt: ago(age), dataDisks: 1 }).model).toBe(model);
  });

  it('stays undecided when clues are few or stand against each other, and tells both', () => {
    expect(classify({})).toEqual({
      model: 'undecided',
      confidence: 'guess',
      evidence: [{ clue: 'nothing known' }],
    });
    const torn = classify({ series: { stem: 'db-', machines: 3, alike: 3, spreadDays: 0 }, upgradedInPlace: true });
    expect(torn.model).toBe('undecided');
    expect(torn.evidence).toHaveLength(2);
    expect(classify({ createdAt: ago(170), dataDisks: 0, lineage: 'behind' }).model).toBe('undecided');
  });

  it('says that a tag means nothing, and goes by the rest', () => {
    const judged = classify({ tag: 'horse', upgradedInPlace: true });
    expect(judged.model).toBe('pet');
    expect(sentences(judged).join(' ')).toContain(
      'Its tag service-model says "horse", which is neither pet nor cattle.',
    );
  });

  it('never gets less of a pet by one more thing that pets have', () => {
    const rank = { cattle: 0, undecided: 1, pet: 2 };
    const model = (seen: MachineEvidence) => rank[classifyModel(seen, now).model];
    fc.assert(
      fc.property(evidence, (seen) => {
        const less = model(seen);
        expect(model({ ...seen, dataDisks: (seen.dataDisks ?? 0) + 1 })).toBeGreaterThanOrEqual(less);
        expect(model({ ...seen, createdAt: ago(901) })).toBeGreaterThanOrEqual(less);
        expect(model({ ...seen, lineage: 'pastEnd' })).toBeGreaterThanOrEqual(less);
        expect(model({ ...seen, upgradedInPlace: true })).toBeGreaterThanOrEqual(less);
      }),
      { numRuns: sized(20, 1_000) },
    );
  });
});

describe('what its owner decided', () => {
  it.each([
    [{}, undefined],
    [{ 'goldbot-model': 'x' }, undefined],
    [{ other: 'pet' }, undefined],
  ])('%j says %s', (tags, model) => {
    expect(decidedModel(tags)).toBe(model);
  });

  it.each([' Pet', 'pet', 'CATTLE '])('is %s in any case, whatever the case of the tag', (word) => {
    const model = word.trim().toLowerCase();
    expect(decidedModel({ other: 'x', [serviceModelTag.toUpperCase()]: word })).toBe(model);
    expect(decidedModel({ [serviceModelTag]: `${word}s` })).toBeUndefined();
  });
});

describe('a series', () => {
  const machine = (name: string, more: Partial<Machine> = {}): Machine => ({
    ...{ id: `/subscriptions/s/resourceGroups/g/${name}`, name, type: 'vm', tags: {}, behindModel: false },
    ...{ subscription: 's', resourceGroup: 'g', location: 'westeurope', source: 'x', version: '1.0.0' },
    createdAt: ago(10),
    ...more,
  });

  it('is of machines whose names differ in the last number alone', () => {
    const neighbours = [
      machine('web-01'),
      machine('WEB-02', { createdAt: ago(12.5) }),
      machine('web-03', { version: '0.9.0', createdAt: ago(90) }),
      machine('web-admin'),
      machine('webs-04'),
    ];
    expect(seriesOf(machine('web-01'), neighbours)).toEqual({ stem: 'web-', machines: 3, alike: 2, spreadDays: 3 });
    expect(seriesOf(machine('erp'), neighbours)).toEqual({ stem: 'erp', machines: 1, alike: 1, spreadDays: 0 });
  });

  it('does not say how far apart they were made when Azure does not say it of all', () => {
    const { createdAt: _, ...undated } = machine('web-02');
    expect(seriesOf(machine('web-01'), [undated])).toEqual({ stem: 'web-', machines: 2, alike: 2 });
  });
});
