import { inWords } from '../../cards';
import type { Freeze, TeamConfig } from '../../core/catalogue';
import type { ChangeRun, PublishRun } from '../../core/runs';
import { presentChange } from '../../dialogs/present/change';
import { presentChangeNews } from '../../dialogs/present/change-news';
import { rolloutPlan } from '../support/changes';
import { aRun, dialogWorld, now } from './support/world';

const single = (name: string, model: 'pet' | 'cattle' | 'undecided' = 'pet', group = 'rg-payments') => ({
  ...{ name, model, version: '1.3.0' },
  id: `/subscriptions/s/resourceGroups/${group}/providers/Microsoft.Compute/virtualMachines/${name}`,
});
const ledger = single('vm-ledger');
const key = ledger.id.toLowerCase();
const moved = '5 of 5 instances run 1.5.0.';

function open(data: object = {}, more: object = {}): ChangeRun {
  const singles = [ledger, single('vm-web', 'cattle'), single('vm-old', 'undecided'), single('vm-twin')];
  const plan = rolloutPlan({ team: 'payments', singles: [...singles, single('vm-twin', 'pet', 'rg-other')] });
  const tracked = { seen: {}, appointments: {}, reminders: 0, since: now.toISOString() };
  return {
    ...{ ...aRun('R-22222'), kind: 'change', stage: 'track', plan, data: { moved, tracked: { ...tracked, ...data } } },
    ...more,
  } as unknown as ChangeRun;
}

function world(run = open(), freeze: readonly Freeze[] = []) {
  const known = dialogWorld().deps.catalogue();
  const payments = {
    channel: 'payments / ops',
    owners: { name: 'payments-owners' },
    digest: { zone: 'Europe/Berlin' },
  };
  const catalogue = {
    ...known,
    azure: { ...known.azure, freeze: [...freeze] },
    teams: new Map([['payments', payments as unknown as TeamConfig]]),
  };
  const made = dialogWorld({ catalogue: () => catalogue });
  made.runs.set(run.id, run as unknown as PublishRun);
  return { ...made, says: async (text: string, who: 'grace' | 'dana' = 'grace') => (await made.say(who, text)).text };
}

describe('appoint', () => {
  it('tells the run when a machine is replaced, and says what goldbot will not do', async () => {
    const { says, signals } = world();
    const text = await says('appoint vm-ledger --at "2026-12-05 22:00"');
    expect(text).toContain('vm-ledger is to be replaced on Sat 5 Dec, 21:00 UTC');
    expect(text).toContain('It runs 1.3.0; ubuntu-22 1.5.0 is rolled out in R-22222.');
    expect(text).toContain('goldbot reminds in payments / ops before it, with what to do.');
    expect(text).toContain('It changes nothing on the machine: its owners replace it.');
    expect(signals).toMatchObject([
      { request: 'R-22222', kind: 'appoint', body: { machine: ledger.id, when: '2026-12-05T21:00:00.000Z' } },
    ]);
  });

  it.each([
    ['2026-11-22 22:00', 'is past'],
    ['+91d', 'is more than 90 days ahead'],
    ['tomorrow', 'must be such as "2026-12-20 18:00" or "fri 18:00"'],
  ])('refuses %s', async (at, why) => {
    const { says, signals } = world();
    const text = await says(`appoint vm-ledger --at "${at}"`);
    expect(text).toContain(`"${at}" ${why}; nothing was appointed.`);
    expect(text).toContain('Write a time ahead, by the clock of Europe/Berlin.');
    expect(signals).toEqual([]);
  });

  it('is refused in a freeze and outside the window of the rollout, with the next free time as one click', async () => {
    const freeze = {
      name: 'audit',
      from: '2026-12-04',
      to: '2026-12-06',
      zone: 'Europe/Berlin',
      reason: 'r',
    } as Freeze;
    const frozen = world(open(), [{ ...freeze, teams: ['payments'] }]);
    const text = await frozen.says('appoint vm-ledger --at "2026-12-05 22:00"');
    expect(text).toContain(
      '"2026-12-05 22:00" (Sat 5 Dec, 21:00 UTC) is in the freeze “audit”, which ends Sun 6 Dec, 23:00 UTC; nothing was appointed.',
    );
    expect(text).toContain('The next free time is Sun 6 Dec, 23:00 UTC.');
    const again = /^.*(appoint \/subscriptions\S+ --at ".*")/m.exec(text)?.[1] ?? '';
    expect(await frozen.says(again)).toContain('vm-ledger is to be replaced on Sun 6 Dec, 23:00 UTC');
    expect(frozen.signals).toHaveLength(1);

    const endless = world(open(), [{ ...freeze, to: '2030-01-01', teams: ['payments'] }]);
    expect(await endless.says('appoint vm-ledger --at "2026-12-05 22:00"')).toContain(
      'No time is free within two years.',
    );

    const every = { from: 'sat 22:00', to: 'sun 04:00', zone: 'Europe/Berlin' };
    const window = { from: '2026-11-28T21:00:00.000Z', until: '2026-11-29T03:00:00.000Z', every };
    const run = open();
    const held = world({ ...run, plan: { ...run.plan, window } } as ChangeRun, [{ ...freeze, teams: ['web'] }]);
    const outside = await held.says('appoint vm-ledger --at +2d');
    expect(outside).toContain('is not in the window of the rollout, sat 22:00 to sun 04:00');
    expect(outside).toContain('The next free time is Sat 28 Nov, 21:00 UTC.');
    expect(await held.says('appoint vm-ledger --at "sat 23:00"')).toContain(
      'is to be replaced on Sat 28 Nov, 22:00 UTC',
    );
  });

  it('is for owners, for machines that a rollout waits for, and for one of a name', async () => {
    const { says, signals } = world();
    expect(await says('appoint vm-ledger --at +2d', 'dana')).toContain('WRONG_ROLE');
    const nobody = await says('appoint vm-nobody --at +2d');
    expect(nobody).toContain('No open rollout waits for "vm-nobody"; nothing was done.');
    expect(nobody).toContain('Roll a version out to its team first, or see what is open.');
    expect(await says('appoint vm-twin --at +2d')).toContain('2 machines have this name.');
    const over = world(open({ seen: { [key]: { state: 'there', version: '1.5.0' } } }));
    const done = await over.says('appoint vm-ledger --at +2d');
    expect(done).toContain('vm-ledger runs 1.5.0 already: there is nothing to appoint.');
    expect(done).toContain('See what is left.');
    expect([...signals, ...over.signals]).toEqual([]);
  });

  it('is for the rollout that looks on, and the newest of those: that takes over what the other has', async () => {
    const both = world();
    both.runs.set('R-33333', { ...open(), id: 'R-33333' } as unknown as PublishRun);
    both.runs.set('R-44444', { ...open(), id: 'R-44444', stage: 'approve' } as unknown as PublishRun);
    await both.says('appoint vm-ledger --at +2d');
    expect(both.signals).toMatchObject([{ request: 'R-33333' }]);
    const over = open({}, { endedAt: now, outcome: 'done', stage: 'close' });
    const ending = { how: 'superseded', why: '', supersededBy: 'R-33333' } as const;
    const { text } = presentChangeNews({ ...over, data: { ...over.data, ending } }, 'appointed-1');
    expect(text).toContain('Nothing is to be replaced by ubuntu-22 1.5.0 any more: R-33333 has superseded it');
    expect(text).toContain('What R-22222 had appointed moved to R-33333, or lapsed; that reminds of its own.');
  });

  const appointment = { at: '2026-12-05T21:00:00.000Z', by: 'Linus', madeAt: now.toISOString() };

  it('moves what was appointed, and is taken back', async () => {
    const { says, signals } = world(open({ appointments: { [key]: appointment } }));
    expect(await says('appoint vm-ledger --at +2d')).toContain(
      'Before, it was Sat 5 Dec, 21:00 UTC, appointed by Linus.',
    );
    const back = await says('unappoint VM-LEDGER');
    expect(back).toContain('The appointment of vm-ledger is withdrawn');
    expect(back).toContain('The machine still is behind, and R-22222 still waits for it.');
    expect(signals.map(({ body }) => body?.when)).toEqual(['2026-11-25T09:00:00.000Z', undefined]);
    expect(await says('unappoint vm-web')).toContain('vm-web has no appointment');
    expect(signals).toHaveLength(2);
  });
});

describe('the card of a rollout that looks on', () => {
  it('adds up, and asks for a word about each machine that is no cattle', () => {
    const appointments = { [key]: { at: '2026-11-22T21:00:00.000Z', by: 'Linus', madeAt: '' } };
    const seen = { [key]: { state: 'behind', version: '1.4.0' } };
    const run = open({ appointments, seen, asOf: now.toISOString() });
    const { text } = presentChange(run, { now });
    expect(text).toContain('and 5 machines that stand alone, by their owners');
    expect(text).toContain(moved);
    expect(text).toContain('Stand alone: 0 of 5 done; 5 not on 1.5.0, as of Mon 23 Nov, 09:00 UTC');
    expect(text).toContain('Cattle left: 1: vm-web');
    expect(text).toContain('vm-old · neither pet nor cattle yet, on 1.3.0; no time appointed yet');
    expect(text).toContain('vm-ledger · pet on 1.4.0; its time was Sun 22 Nov, 21:00 UTC, and it still is behind');
    expect(text).toContain(`unappoint ${ledger.id}`);
    expect(text).toContain('cancel R-22222');
    expect(presentChange(open({}, { endedAt: now, outcome: 'done', stage: 'close' }), { now }).text).not.toContain(
      'unappoint',
    );
  });

  it('says how it is known of machines that they are there, and how another is looked into', () => {
    const there = { state: 'there', version: '1.5.0' } as const;
    const twin = single('vm-twin').id;
    const seen = { [key]: { ...there, inside: 'confirmed' }, [twin.toLowerCase()]: there };
    const { text } = presentChange(open({ seen }), { now });
    expect(text).toContain('Stand alone: 2 of 5 done; 3 not on 1.5.0');
    expect(text).toContain(
      'Known by: 1 confirmed inside (vm-ledger); 1 by its image alone: nobody looked inside (vm-twin)',
    );
    expect(text).toContain(`tattoo ${twin} --fresh`);
    expect(presentChange(open(), { now }).text).not.toContain('Known by');
  });

  it('reminds of all that are due on one card, with what to do; and says when nothing is left of it', () => {
    const of = (name: string) => single(name).id.toLowerCase();
    const told = { at: '2026-12-05T21:00:00.000Z', by: 'Linus', madeAt: '', reminder: 1 };
    const run = open({
      appointments: { [key]: told, [of('vm-old')]: told, [of('vm-twin')]: { ...told, reminder: 2 } },
    });
    const text = inWords(presentChangeNews(run, 'appointed-1').text);
    expect(text).toMatch(/^2 machines to be replaced by ubuntu-22 1\.5\.0\n/);
    expect(text).toContain('vm-ledger (pet on 1.3.0): appointed for Sat 5 Dec, 21:00 UTC by Linus.');
    for (const line of [
      '1. Back up: a restore point or snapshots of its disks, and what it holds besides them.',
      '2. Tell its users, and take its load off it.',
      '/versions/1.5.0; move data disks, addresses and identities.',
      '4. Check that it is healthy and does its work; then put the load on it.',
    ]) {
      expect(text).toContain(line);
    }
    expect(text).toContain('its owners delete it, never goldbot.');
    const frozen = { ...told, barred: 'is in the freeze “audit”' };
    expect(inWords(presentChangeNews(open({ appointments: { [key]: frozen } }), 'appointed-1').text)).toContain(
      'appointed for Sat 5 Dec, 21:00 UTC by Linus, which is in the freeze “audit”: its owners move it.',
    );
    const gone = open({ appointments: { [key]: told }, seen: { [key]: { state: 'gone', version: '1.3.0' } } });
    expect(presentChangeNews(gone, 'appointed-1').text).toContain('vm-ledger is gone from the image.');
    expect(presentChange(gone, { now }).text).toContain(
      'Stand alone: 1 of 5 done, 1 of them gone from the image; 4 not',
    );
    expect(presentChangeNews(run, 'appointed-3').text).toContain('These appointments were moved or withdrawn.');
  });
});
