import type { GalleryVersion, RegionStatus } from '../../core/azure';
import type { Machine, ScaleSet } from '../../core/compliance';
import { whyNotRollOut } from '../../core/lifecycle';
import { planRollout, type RolloutAsked, sumsOf } from '../../core/lifecycle/rollout';

const place = { subscription: 's', resourceGroup: 'rg' };
const region = (name: string, state: RegionStatus['state'] = 'Completed'): RegionStatus => ({
  ...{ name, replicas: 1, state, progress: 100, excludedFromLatest: false },
});
const version = (number: string, more: Partial<GalleryVersion> = {}): GalleryVersion => ({
  ...{ id: `/v/${number}`, image: 'ubuntu-22', version: number, provisioningState: 'Succeeded' },
  ...{ excludedFromLatest: false, blockDeletionBeforeEndOfLife: false, tags: {} },
  regions: [region('West Europe')],
  ...more,
});
const set = (more: Partial<ScaleSet & { team: string | null }> = {}) => ({
  ...{ ...place, id: '/s/one', name: 'one', tags: {}, source: '/i', version: '1.4.0', mode: 'Manual' as const },
  ...{ selfUpgrading: false, takesReimage: true, location: 'westeurope', team: 'web' as string | null },
  ...more,
});
const member = (runs: string, more: Partial<Machine> = {}) => ({
  ...{ ...place, id: `/m/${runs}`, name: 'm', type: 'instance' as const, tags: {}, location: 'westeurope' },
  ...{ source: '/i', version: runs, behindModel: false, model: 'cattle' as const, scaleSet: 'ONE' },
  ...{ team: 'web' as string | null },
  ...more,
});
const counted = (runs: string, machines: number, type: 'vm' | 'instance' = 'vm') => ({
  count: { ...member(runs), type, machines },
  team: 'web',
});
const plan = (asked: Partial<RolloutAsked>) =>
  planRollout({
    version: '1.5.0',
    all: [version('1.4.0'), version('1.5.0')],
    sets: [],
    members: [],
    foreign: [],
    counts: [],
    ...asked,
  });
const wayOf = (one: Partial<ScaleSet>, asked: Partial<RolloutAsked> = {}) =>
  plan({ sets: [set(one)], members: [member('1.4.0')], ...asked })[0]?.sets[0];

describe('how a scale set comes to a version', () => {
  it.each([
    ['batches', 'names another number', {}],
    ['batches', 'names it, and has instances that do not run it', { version: '1.5.0', mode: 'Automatic' as const }],
    ['batches', 'takes the latest, and nobody upgrades it', { version: '' }],
    ['rolling', 'is moved by Azure once its model changes', { mode: 'Rolling' as const }],
    ['left', 'would lose all instances at once', { mode: 'Automatic' as const }],
    ['azure', 'upgrades itself', { version: '', selfUpgrading: true }],
    ['left', 'is where there is no copy', { location: 'eastus' }],
    ['left', 'takes a latest that is not there', { version: '', location: 'eastus' }],
  ])('%s, when it %s', (way, _, one) => {
    expect(wayOf(one)?.way).toBe(way);
  });

  it('is left where the copy has not arrived, and where Azure would have to go down', () => {
    const all = [version('1.4.0'), version('1.5.0', { regions: [region('West Europe', 'Replicating')] })];
    expect(wayOf({}, { all })?.why).toBe('cannot take it: 1.5.0 has no copy in westeurope');
    const newer = { version: '', selfUpgrading: true };
    expect(wayOf(newer, { members: [member('1.6.0')] })?.why).toContain('Azure moves nothing down by itself');
  });

  it('has nothing to do once model and instances have it', () => {
    expect(wayOf({ version: '1.5.0' }, { members: [member('1.5.0')] })?.way).toBe('there');
    expect(wayOf({}, { members: [member('1.5.0')] })?.way).toBe('batches');
  });
});

it('counts each machine once: members of flexible sets are virtual machines, and sets may have left the image', () => {
  const flexible = member('1.4.0', { type: 'vm' });
  const [team] = plan({
    sets: [set()],
    members: [flexible, member('1.5.0'), member('1.4.0', { scaleSet: 'gone over' })],
    counts: [
      counted('1.4.0', 4),
      counted('1.6.0', 2),
      counted('1.5.0', 1, 'instance'),
      counted('1.4.0', 1, 'instance'),
    ],
  });
  if (!team) throw new Error('no team');
  expect(sumsOf(team)).toEqual({ machines: 8, there: 3, goldbot: 1, azure: 0, owners: 3, left: 1 });
  expect(team.singles.behind).toEqual({ pet: 0, cattle: 3, undecided: 0 });
  expect(team.strays).toEqual({ machines: 1, sets: ['gone over'] });
});

it('counts instances that run another image than their set with those that move', () => {
  const foreign = [member('9.0.0', { source: '/other' }), member('9.0.0', { source: '/other', scaleSet: 'two' })];
  const [team] = plan({ sets: [set({ version: '1.5.0' })], members: [member('1.5.0')], foreign });
  if (!team) throw new Error('no team');
  expect(team.sets[0]).toMatchObject({ way: 'batches', foreign: 1, instances: 2, elsewhere: 1 });
  expect(sumsOf(team)).toMatchObject({ machines: 2, there: 1, goldbot: 1 });
});

it('is agreed to for the sets and what would happen to them, not for how many machines there are', () => {
  const digest = (asked: Partial<RolloutAsked>) => plan({ sets: [set()], ...asked })[0]?.digest;
  expect(digest({ members: [member('1.4.0')] })).toBe(digest({ members: [member('1.4.0'), member('1.3.0')] }));
  expect(digest({ sets: [set({ version: '1.3.0' })] })).not.toBe(digest({}));
  expect(digest({ version: '1.4.0', members: [member('1.5.0')] })).not.toBe(digest({}));
});

describe('a version that is rolled out to nobody', () => {
  const now = new Date('2026-11-28T09:00:00Z');
  it.each([
    ['Azure could not make 1.5.0', { provisioningState: 'Failed' as const }],
    ['1.5.0 is being deleted', { provisioningState: 'Deleting' as const }],
    ['1.5.0 was never published', { excludedFromLatest: true }],
    ['1.5.0 was revoked: openssl', { tags: { 'goldbot-state': 'revoked', 'goldbot-reason': 'openssl' } }],
    ['1.5.0 was rolled back: x', { tags: { 'goldbot-state': 'rolled-back', 'goldbot-reason': 'x' } }],
    [
      '1.5.0 is out of latest everywhere',
      { excludedFromLatest: true, tags: { 'goldbot-published': 'x' }, regions: [] },
    ],
    ['The life of 1.5.0 ended on 28 Nov 2026', { endOfLife: now }],
  ])('%s', (words, more) => {
    expect(whyNotRollOut(version('1.5.0', more), now)).toContain(words);
    expect(whyNotRollOut(version('1.5.0', { tags: { 'goldbot-state': 'aged' } }), now)).toBeUndefined();
  });
});
