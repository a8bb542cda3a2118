import { type Freeze, freezesImage, freezesTeam } from '../../core/catalogue';
import {
  freezesAhead,
  heldUntil,
  holdSentence,
  holdsAt,
  type Lock,
  lockSentence,
  type Override,
} from '../../core/runs';
import { days } from '../../core/time';

/** What holds something back, in whose name, and until when. */
const now = new Date('2026-11-28T12:00:00Z');
const ada = { oid: 'a', name: 'Ada' };
const lock: Lock = {
  image: 'ubuntu-22',
  by: ada,
  reason: 'openssl regression',
  since: new Date('2026-11-27T17:00:00Z'),
};
const freeze = (more: Partial<Freeze> = {}): Freeze => ({
  ...{ name: 'weekends', from: 'fri 18:00', to: 'mon 06:00', zone: 'UTC', reason: 'nobody is here' },
  ...more,
});
const asked: Override = { reason: 'CVE', by: ada, at: now.toISOString(), windows: ['weekends'] };
const confirmed = { ...asked, confirmed: { by: { oid: 'g', name: 'Grace' }, at: now.toISOString() } };
const names = (override?: Override, windows = [freeze()]) =>
  holdsAt(now, undefined, windows, override).map(({ by }) => by);

describe('what holds now', () => {
  it('is the lock, and each open window', () => {
    expect(holdsAt(now, lock, [freeze(), freeze({ name: 'later', from: '2026-12-24', to: '2026-12-26' })])).toEqual([
      { kind: 'lock', by: 'Ada', why: 'openssl regression', since: '2026-11-27T17:00:00.000Z' },
      {
        ...{ kind: 'freeze', by: 'weekends', why: 'nobody is here' },
        ...{ since: '2026-11-27T18:00:00.000Z', until: '2026-11-30T06:00:00.000Z' },
      },
    ]);
  });
  it('is not a window that two people have overridden', () => expect(names(confirmed)).toEqual([]));
  it('is one as long as only one person has', () => expect(names(asked)).toEqual(['weekends']));
  it('is the same window when it comes again: they agreed to the one that was open', () => {
    const at = (when: string) => holdsAt(new Date(when), undefined, [freeze()], confirmed).map(({ since }) => since);
    expect(at('2026-11-30T05:59:59Z')).toEqual([]);
    expect(at('2026-12-04T18:00:00Z')).toEqual(['2026-12-04T18:00:00.000Z']);
  });
  it('is another window all the same', () => {
    expect(names(confirmed, [freeze(), freeze({ name: 'month end', from: '28', to: 'last' })])).toEqual(['month end']);
  });
  it('ends with the last window, and with a lock nobody knows when', () => {
    const holds = holdsAt(now, undefined, [freeze(), freeze({ name: 'm', from: '28', to: 'last' })]);
    expect(heldUntil(holds)).toEqual(new Date('2026-12-01T00:00:00Z'));
    expect(heldUntil(holdsAt(now, lock, [freeze()]))).toBeUndefined();
  });
  it('is said with who or what, why, and since or until when', () => {
    expect(lockSentence(lock)).toBe('Locked by Ada since Fri 27 Nov, 17:00 UTC: “openssl regression”.');
    expect(holdsAt(now, undefined, [freeze()]).map(holdSentence)).toEqual([
      'Frozen until Mon 30 Nov, 06:00 UTC by the window “weekends”: “nobody is here”.',
    ]);
  });
  it('is foreseen as far as is asked', () => {
    const monday = new Date('2026-11-30T06:00:00Z');
    expect(freezesAhead(monday, [freeze()], days(4)).length).toBe(0);
    expect(freezesAhead(monday, [freeze()], days(5)).map(({ since }) => since)).toEqual(['2026-12-04T18:00:00.000Z']);
  });
});

describe('whom a window holds', () => {
  it.each<[string, Partial<Freeze>, boolean, boolean]>([
    ['everything', {}, true, true],
    ['this image', { images: ['ubuntu-22'] }, true, false],
    ['another image', { images: ['windows-2022'] }, false, false],
    ['a region of it, however it is written', { regions: ['westeurope'] }, true, false],
    ['another region', { regions: ['East US'] }, false, false],
    ['this image in another region', { images: ['ubuntu-22'], regions: ['East US'] }, false, false],
    ['another image in this region', { images: ['windows-2022'], regions: ['West Europe'] }, false, false],
    ['this team', { teams: ['payments'] }, false, true],
    ['another team', { teams: ['web'] }, false, false],
    ['this team and this image', { teams: ['payments'], images: ['ubuntu-22'] }, true, true],
  ])('%s', (_, more, image, team) => {
    const window = freeze(more);
    expect(freezesImage(window, 'ubuntu-22', ['West Europe', 'North Europe'])).toBe(image);
    expect(freezesTeam(window, 'payments')).toBe(team);
  });
  it('holds what belongs to no team when it names none', () => {
    expect([freezesTeam(freeze(), null), freezesTeam(freeze({ teams: ['web'] }), null)]).toEqual([true, false]);
  });
});
