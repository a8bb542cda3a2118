import {
  costOf,
  deletable,
  deletionHash,
  isSame,
  type MakerState,
  type Remain,
  standings,
  totalCost,
} from '../../core/leftovers';

const group = '/subscriptions/s/resourceGroups/rg/providers';
const template = (name: string, more: Partial<Remain> = {}): Remain => ({
  id: `${group}/Microsoft.VirtualMachineImages/imageTemplates/${name}`,
  kind: 'template',
  name,
  location: 'westeurope',
  ...more,
});
const machine = (name: string, more: Partial<Remain> = {}): Remain => ({
  ...template(name),
  id: `${group}/Microsoft.Compute/virtualMachines/${name}`,
  kind: 'machine',
  ...more,
});
const staging = (of: string): Remain => ({ ...template(`IT_${of}`), kind: 'staging group', template: of });

const makers = new Map<string, MakerState>([
  ['R-22222', 'ended'],
  ['R-33333', 'open'],
]);
const standingOf = (one: Remain, others: readonly Remain[] = []) => standings([one, ...others], makers).get(one);

describe('how something that builds left stands', () => {
  it.each([
    ['of a run that is over', machine('m', { runId: 'R-22222' }), 'leftover'],
    ['of an open run', machine('m', { runId: 'R-33333' }), 'in use'],
    ['of a run that this goldbot does not know', machine('m', { runId: 'R-99999' }), 'foreign'],
    ['without a tag', machine('pet'), 'foreign'],
    ['a group whose template is gone', staging('t'), 'orphan'],
  ] as const)('%s', (_, one, how) => {
    expect(standingOf(one)).toBe(how);
  });

  it('a group whose template is there goes with it, whoever made that', () => {
    expect(standingOf(staging('T'), [template('t')])).toBe('in use');
  });

  it('lets nothing be deleted but what is of a run that is over, and never a group', () => {
    const all = [
      template('b', { runId: 'R-22222' }),
      machine('a', { runId: 'R-22222' }),
      machine('c', { runId: 'R-33333' }),
      machine('pet'),
      { ...staging('x'), runId: 'R-22222' },
    ];
    expect(deletable(standings(all, makers)).map(({ name }) => name)).toEqual(['a', 'b']);
  });
});

describe('what people agree to', () => {
  const [one] = deletable(standings([machine('a', { runId: 'R-22222' })], makers));
  const [two] = deletable(standings([machine('b', { runId: 'R-22222' })], makers));
  if (!one || !two) throw new Error('nothing to delete');

  it('is bound to exactly these things of exactly these runs', () => {
    expect(deletionHash([one, two])).toMatch(/^[0-9a-f]{8}$/);
    const words = [[one], [two], [one, two], [{ ...one, runId: 'R-44444' }]].map(deletionHash);
    expect(new Set(words).size).toBe(words.length);
    expect(deletionHash([{ ...one, id: one.id.toUpperCase() }])).toBe(deletionHash([one]));
  });

  it('is not what has taken its name since', () => {
    expect(isSame(one, machine('A', { id: one.id.toUpperCase(), runId: 'R-22222' }))).toBe(true);
    expect(isSame(one, machine('a', { runId: 'R-44444' }))).toBe(false);
    expect(isSame(one, machine('a'))).toBe(false);
  });
});

describe('what a leftover costs', () => {
  const candidate = (more: Partial<Remain>): Remain => ({ ...template('ubuntu-22@1.6.0'), kind: 'candidate', ...more });

  it.each([
    [candidate({ gib: 30, copies: 2 }), 3],
    [candidate({ gib: 30, copies: 2, storage: 'Premium_LRS' }), 7.92],
    [machine('m', { vmSize: 'standard_d2s_v5' }), 83.95],
    [machine('m', { vmSize: 'Standard_D4s_v5', os: 'Windows' }), 302.22],
  ])('is at most this', (one, usd) => {
    expect(costOf(one)?.usd).toBeCloseTo(usd, 2);
    expect(costOf(one)?.source).toMatch(/list price of .* (as of|since) \d+ \w+ 20\d\d$/);
  });

  it.each([
    candidate({ copies: 2 }),
    candidate({ gib: 30, copies: 1, storage: 'UltraSSD_LRS' }),
    machine('m', { vmSize: 'Standard_M128s' }),
    template('t'),
  ])('is not guessed where no price is known', (one) => {
    expect(costOf(one)).toBeUndefined();
  });

  it('is said together with where each figure is from, once', () => {
    const all = [candidate({ gib: 10, copies: 1 }), candidate({ gib: 20, copies: 1 }), template('t')];
    expect(totalCost(all)).toEqual({ usd: 1.5, sources: [expect.stringContaining('snapshots in East US')] });
  });
});
