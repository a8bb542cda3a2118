import type { Machine } from '../../core/compliance';
import {
  appointed,
  nextTrackMs,
  readSingles,
  reminded,
  seeSingles,
  singlesBy,
  type Tracked,
  trackEnd,
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
