import {
  assignmentName,
  exemptedFrom,
  type MachinePolicy,
  policiesMeant,
  policyName,
  policyWord,
  sharesName,
} from '../../core/compliance';

const at = (scope: string, name: string, more: Partial<MachinePolicy> = {}): MachinePolicy => ({
  assignment: `${scope}/providers/microsoft.authorization/policyassignments/${name.toLowerCase()}`,
  ...{ name, definition: '/d', state: 'NonCompliant', evaluatedAt: new Date(0), ...more },
});
const baseline = ['tags', 'regions'].map((reference) => at('/subscriptions/s1', 'Baseline', { reference }));
const [tags, regions] = baseline as [MachinePolicy, MachinePolicy];
const made = at('/subscriptions/s1', 'd52dab3fa50b4d47b85b1564', { displayName: 'From the gallery' });

describe('what a policy is called', () => {
  it.each([
    'd52dab3fa50b4d47b85b1564',
    'D52DAB3FA50B4D47B85B1564',
    'd52dab3fa50b4d47b85b15640a0b0c0d',
    '0b0b0b0b-1111-4222-8333-0123456789ab',
  ])('is its display name where the name was made up: %s', (name) => {
    expect(assignmentName({ name, displayName: 'From the gallery' })).toBe('From the gallery');
    expect(assignmentName({ name })).toBe(name);
  });

  it.each(['only-golden-images', 'd52dab3fa50b4d47b85b156', 'd52dab3fa50b4d47b85b1564x', 'facade'])(
    'is the name that somebody chose: %s',
    (name) => expect(assignmentName({ name, displayName: 'From the gallery' })).toBe(name),
  );

  it('tells the definitions of an initiative apart, and the scope only where names repeat', () => {
    expect(baseline.map(policyName)).toEqual(['Baseline/tags', 'Baseline/regions']);
    expect(policyWord(tags, baseline)).toBe('Baseline/tags');
    const twin = at('/subscriptions/s2', 'baseline');
    expect([sharesName(tags, baseline), sharesName(tags, [...baseline, twin])]).toEqual([false, true]);
    expect(policyWord(tags, [...baseline, twin])).toBe(`${tags.assignment}/tags`);
    expect(policyWord(twin, [...baseline, twin])).toBe(twin.assignment);
    const named = at('/subscriptions/s2', 'x', { displayName: 'baseline' });
    expect(sharesName(tags, [...baseline, named])).toBe(true);
  });

  it('is told of an exemption, from earlier versions too', () => {
    const { assignment } = made;
    expect(exemptedFrom({ assignment, policy: 'From the gallery' })).toBe('From the gallery');
    expect(exemptedFrom({ assignment })).toBe('d52dab3fa50b4d47b85b1564');
  });
});

describe('which policy is meant', () => {
  const all = [...baseline, made, at('/subscriptions/s2', 'baseline')];
  const meant = (typed: string) => {
    const { assignments, one } = policiesMeant(all, typed);
    return { rows: assignments.map((rows) => rows.length), one };
  };

  it.each([
    [' FROM THE GALLERY ', [1], false],
    ['d52dab3fa50b4d47b85b1564', [1], false],
    [made.assignment, [1], false],
    ['baseline', [2, 1], false],
    [tags.assignment, [2], false],
    ['baseline/tags', [1], true],
    [`${regions.assignment}/regions`, [1], true],
    ['baseline/nothing', [], false],
    ['gallery', [], false],
  ])('by "%s": rows %j', (typed, rows, one) => {
    expect(meant(typed)).toEqual({ rows, one });
  });
});
