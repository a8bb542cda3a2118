import type { GuestLook, GuestReport, Machine, TattooReading } from '../../core/compliance';
import {
  appointed,
  handOver,
  insideWords,
  lookInside,
  nextTrackMs,
  readSingles,
  reminded,
  seeSingles,
  singlesBy,
  type Tracked,
  takeOver,
  trackEnd,
  unreadOf,
} from '../../core/lifecycle';

const now = new Date('2026-12-01T12:00:00Z');
const later = (hours: number) => new Date(now.getTime() + hours * 3_600_000);
const machine = (name: string, version: string, more: Partial<Machine> = {}): Machine => ({
  ...{
    id: `/VM/${name}`,
    name,
    version,
    type: 'vm',
    tags: {},
    location: 'westeurope',
    source: '/i',
    behindModel: false,
  },
  ...{ subscription: 's', resourceGroup: 'rg' },
  ...more,
});
const inventory = (rows: readonly Machine[], more: object = {}) => ({
  machineList: async () => ({ rows, total: rows.length, asOf: now, ...more }),
});
const which = { source: '/i', version: '1.5.0' };

it('names a team’s machines that stand alone and are behind, pets first', async () => {
  const rows = [
    machine('c', '1.4.0', { model: 'cattle' }),
    machine('u', '1.3.0'),
    machine('p', '1.4.0', { model: 'pet' }),
    machine('there', '1.5.0'),
    machine('newer', '1.6.0'),
    machine('member', '1.4.0', { scaleSet: 'set' }),
    machine('other', '1.4.0', { resourceGroup: 'theirs' }),
  ];
  const teamOf = (one: { readonly resourceGroup: string }) => (one.resourceGroup === 'rg' ? 'web' : 'data');
  const { singles, total } = await readSingles(inventory(rows), { ...which, team: 'web', teamOf });
  expect(singles.map(({ name, model }) => `${name} ${model}`)).toEqual(['p pet', 'u undecided', 'c cattle']);
  expect(total).toBe(3);
});

const singles = ['a', 'b', 'c'].map((name) => ({ id: `/VM/${name}`, name, model: 'pet' as const, version: '1.4.0' }));
const empty: Tracked = { seen: {}, appointments: {}, reminders: 0, since: now.toISOString() };
const see = (rows: readonly Machine[], more: object = {}, before: Tracked['seen'] = {}) =>
  seeSingles(inventory(rows, more), { ...which, singles, before });

it('counts who runs the version or a newer one, and who is gone', async () => {
  const { seen } = await see([machine('a', '1.5.0'), machine('b', '1.4.0')]);
  const by = singlesBy(singles, { ...empty, seen });
  expect(by.there.map(({ name }) => name)).toEqual(['a']);
  expect(by.behind.map(({ name }) => name)).toEqual(['b']);
  expect(by.gone.map(({ name }) => name)).toEqual(['c']);
  expect(singlesBy(singles, undefined).behind).toHaveLength(3);
});

describe('how it is known that a machine is there', () => {
  const image = 'ubuntu-22';
  const made = (version: string) => ({ image, version });
  const read = (name: string, verdict: TattooReading['verdict'], more: Partial<TattooReading> = {}): TattooReading => ({
    ...{ machine: `/vm/${name}`, at: now, verdict, reference: made('1.5.0'), ...more },
  });
  const check = (status: GuestLook['status'], checkedAt = now): GuestReport => ({
    ...{ machine: '/vm/a', looks: [{ name: 'GoldbotTattoo', status, checkedAt, reasons: [] }] },
  });
  const look = async (
    rows: readonly Machine[],
    { readings = [] as readonly TattooReading[], reports = [] as readonly GuestReport[] } = {},
  ) => {
    const { seen, found } = await see(rows);
    const guestReports = jest.fn(async () => ({ rows: reports, total: reports.length, asOf: now }));
    const looked = await lookInside(
      { guestReports },
      { seen, found, readings: async () => readings, ...{ image, version: '1.5.0' } },
      now,
    );
    return { looked, asked: guestReports.mock.calls.length };
  };
  const there = machine('a', '1.5.0');

  it.each([
    ['nobody looked', {}, undefined],
    ['its tattoo was read', { readings: [read('a', 'verified', { inside: made('1.5.0') })] }, 'confirmed'],
    // A copy has the tattoo of what it is a copy of.
    ['all agree', { readings: [read('a', 'verified', { inside: made('1.4.0') })] }, 'confirmed'],
    ['an older system is inside', { readings: [read('a', 'reimaged', { runs: made('1.4.0') })] }, 'differs'],
    [
      'its tattoo is newer than its disk',
      { readings: [read('a', 'reimaged', { inside: made('1.6.0') })] },
      'confirmed',
    ],
    ['its disk alone is newer', { readings: [read('a', 'reimaged', { runs: made('1.6.0') })] }, undefined],
    ['there was no tattoo', { readings: [read('a', 'unknown', { isBare: true })] }, 'differs'],
    ['the tattoo was forged', { readings: [read('a', 'rebranded', { inside: made('1.5.0') })] }, 'differs'],
    ['it was read and proves nothing', { readings: [read('a', 'unknown', { inside: made('1.5.0') })] }, undefined],
    ['one of before was read', { readings: [read('a', 'verified', { reference: made('1.4.0') })] }, undefined],
    ['its tattoo was found unchanged', { reports: [check('Compliant')] }, 'checked'],
    ['its tattoo was found changed', { reports: [check('NonCompliant')] }, 'differs'],
    ['that was more than a day ago', { reports: [check('Compliant', later(-25))] }, undefined],
    ['its agent has not said yet', { reports: [check('Pending')] }, undefined],
  ])('where %s', async (_, known, inside) => {
    const { looked } = await look([there], known);
    expect(looked['/vm/a']).toEqual({ state: 'there', version: '1.5.0', ...(inside && { inside }) });
  });

  it('says nothing of one that was made since', async () => {
    const known = { readings: [read('a', 'verified')], reports: [check('NonCompliant')] };
    const { looked } = await look([machine('a', '1.5.0', { createdAt: later(1) })], known);
    expect(looked['/vm/a']?.inside).toBeUndefined();
  });

  it('counts one that was upgraded in place as there, and none that is what it was', async () => {
    const moved = { reference: made('1.4.0'), inside: made('1.5.0') };
    const same = { reference: made('1.4.0'), inside: made('1.4.0') };
    const readings = [read('a', 'upgraded in place', moved), read('b', 'verified', same)];
    const { looked, asked } = await look([machine('a', '1.4.0'), machine('b', '1.4.0')], { readings });
    expect(looked['/vm/a']).toEqual({ state: 'there', version: '1.5.0', inside: 'confirmed' });
    expect(looked['/vm/b']).toEqual({ state: 'behind', version: '1.4.0' });
    // Nothing is there whose tattoo was not read.
    expect(asked).toBe(0);
  });

  it('is told in words that add up', () => {
    const one = { state: 'there', version: '1.5.0' } as const;
    const seen: Tracked['seen'] = { '/vm/a': { ...one, inside: 'confirmed' }, '/vm/b': one, '/vm/c': one };
    expect(insideWords(singles, { ...empty, seen })).toEqual([
      '1 confirmed inside (a)',
      '2 by their images alone: nobody looked inside (b, c)',
    ]);
    expect(unreadOf(singles, { ...empty, seen })?.name).toBe('b');
    const others: Tracked['seen'] = { '/vm/a': { ...one, inside: 'checked' }, '/vm/b': { ...one, inside: 'differs' } };
    expect(insideWords(singles.slice(0, 2), { ...empty, seen: others })).toEqual([
      '1 whose tattoo is unchanged, and whose version nobody read there (a)',
      '1 whose inside is not what its version says (b)',
    ]);
  });
});

it('says of nothing that it is gone where Azure answered in part', async () => {
  const before = { '/vm/c': { state: 'there', version: '1.5.0' } } as const;
  for (const more of [{ total: 9 }, { partial: [{ reason: 'subscriptions' }] }]) {
    const { seen } = await see([machine('a', '1.5.0')], more, before);
    expect(Object.values(seen).map(({ state }) => state)).toEqual(['there', 'behind', 'there']);
  }
});

describe('an appointment', () => {
  const make = (tracked: Tracked, id: string, at: Date, madeAt = now) =>
    appointed(tracked, { id, at: at.toISOString(), by: 'Linus', madeAt: madeAt.toISOString() });

  it('is moved in place of the one before, and taken back', () => {
    const moved = make(make(empty, '/VM/a', later(48)), '/vm/A', later(72));
    expect(Object.entries(moved.appointments)).toEqual([
      ['/vm/a', expect.objectContaining({ at: later(72).toISOString() })],
    ]);
    expect(appointed(moved, { id: '/VM/a', by: 'x', madeAt: '' }).appointments).toEqual({});
  });

  it('is reminded of a day before, once, on one card with the others; a late one an hour before', () => {
    const two = make(make(make(empty, '/VM/a', later(48)), '/VM/b', later(30)), '/VM/c', later(10));
    expect(reminded(two, now)).toBeUndefined();
    const first = reminded(two, later(9)) as Tracked;
    expect(first.reminders).toBe(1);
    const reminderOf = (tracked: Tracked) =>
      ['a', 'b', 'c'].map((name) => tracked.appointments[`/vm/${name}`]?.reminder);
    expect(reminderOf(first)).toEqual([undefined, 1, 1]);
    expect(reminded(first, later(9))).toBeUndefined();
    expect(reminderOf(reminded(first, later(24)) as Tracked)).toEqual([2, 1, 1]);
    // Moved: it is told anew.
    expect(reminderOf(reminded(make(first, '/VM/b', later(31)), later(9)) as Tracked)).toEqual([undefined, 2, 1]);
  });

  it('is told with what has come to stand against it', () => {
    const told = reminded(make(empty, '/VM/a', later(5)), later(4), (at) => `is barred at ${at.getUTCHours()}`);
    expect(told?.appointments['/vm/a']?.barred).toBe(`is barred at ${later(5).getUTCHours()}`);
    expect(reminded(make(empty, '/VM/a', later(5)), later(4))?.appointments['/vm/a']).not.toHaveProperty('barred');
  });

  it('is told to nobody once the machine is done', () => {
    const done = {
      ...make(empty, '/VM/a', later(5)),
      seen: { '/vm/a': { state: 'there', version: '1.5.0' } },
    } as const;
    expect(reminded(done, later(5))).toBeUndefined();
  });

  it('is waited for beyond the thirty days, and looked at when its reminder is due', () => {
    expect(trackEnd(empty)).toEqual(later(30 * 24));
    expect(trackEnd(make(empty, '/VM/a', later(40 * 24)))).toEqual(later(41 * 24));
    expect(nextTrackMs(empty, now)).toBe(3_600_000);
    expect(nextTrackMs(make(empty, '/VM/a', later(24.5)), now)).toBe(1_800_000);
    expect(nextTrackMs(empty, later(30 * 24))).toBe(1_000);
  });
});

describe('a rollout that a newer one supersedes', () => {
  const at = later(48).toISOString();
  const of = (...names: readonly string[]): Tracked['appointments'] =>
    Object.fromEntries(names.map((name) => [`/vm/${name}`, { at, by: 'Linus', madeAt: at, reminder: 1 }]));
  const tracked: Tracked = { ...empty, appointments: of('a', 'b', 'c') };
  const names = ({ lapsed }: { readonly lapsed: readonly { readonly name: string }[] }) =>
    lapsed.map(({ name }) => name);

  it('hands over what is to come of machines that are behind and that the newer one follows', () => {
    const whole = handOver(tracked, { from: singles, to: singles }, now);
    expect([Object.keys(whole.moved), names(whole)]).toEqual([['/vm/a', '/vm/b', '/vm/c'], []]);
    expect(names(handOver(tracked, { from: singles, to: singles.slice(0, 1) }, now))).toEqual(['b', 'c']);
    const seen = { '/vm/a': { state: 'there', version: '1.5.0' } } as const;
    expect(names(handOver({ ...tracked, seen }, { from: singles, to: singles }, now))).toEqual(['a']);
    expect(names(handOver(tracked, { from: singles, to: singles }, later(48)))).toEqual(['a', 'b', 'c']);
    expect(names(handOver({ ...tracked, appointments: of('a') }, { from: singles, to: [] }, now))).toEqual(['a']);
  });

  it('whose appointments hold once, are told anew, and give way to what was said since', () => {
    const before = appointed(empty, { id: '/VM/a', at: later(9).toISOString(), by: 'Grace', madeAt: at });
    const after = takeOver(before, { id: 'R-22222', appointments: of('a', 'b') });
    expect(after.appointments['/vm/a']?.by).toBe('Grace');
    expect(after.appointments['/vm/b']).toEqual({ at, by: 'Linus', madeAt: at });
    const withdrawn = appointed(after, { id: '/vm/b', by: 'Grace', madeAt: at });
    expect(takeOver(withdrawn, { id: 'R-22222', appointments: of('a', 'b') })).toBe(withdrawn);
  });
});
