import type { RolloutPlan } from '../../core/runs';
import { type ArmInventory, armInventory } from './support/arm-inventory';
import { inventoryWorld } from './support/inventory-world';
import { aRun } from './support/world';

describe('the plan of a rollout', () => {
  const world = inventoryWorld();
  let arm: ArmInventory;

  beforeAll(async () => {
    arm = await armInventory(world);
  });

  const numberOf = (text: string, fact: string) =>
    Number(new RegExp(`^${fact}: ([\\d,]+) `, 'm').exec(text)?.[1]?.replace(',', '') ?? 0);
  const figures = ['goldbot moves', 'Azure moves', 'Owners replace', 'Left as they are', 'There already'];
  const ofTeam = (team: string) => arm.machines.filter((m) => m.image === 'ubuntu-22' && m.team === team);

  it.each([
    ['payments', '1.5.0'],
    ['payments', '1.4.1'],
    ['web', '1.5.0'],
    ['data', '1.5.0'],
    ['legacy', '1.4.1'],
  ])('counts every machine of %s that ARM lists once, for %s', async (team, version) => {
    const { text } = await world.say('grace', `rollout ubuntu-22 ${version} --team ${team}`);
    const machines = ofTeam(team);
    expect(text).toContain(`${machines.length} machines of ${team} · a plan; nothing has been changed`);
    expect(figures.reduce((sum, fact) => sum + numberOf(text, fact), 0)).toBe(machines.length);
    const behind = machines.filter((m) => m.scaleSet === undefined && m.version < version);
    expect(numberOf(text, 'Owners replace')).toBe(behind.length);
    const [cattle, pets] = ['cattle', 'pet'].map((model) => behind.filter((m) => m.model === model).length);
    if (behind.length > 0) expect(text).toContain(`${team}; Cattle: ${cattle}; Pets: ${pets}; `);
    for (const other of ['payments', 'web', 'data', 'legacy']) {
      if (other !== team) expect(text).not.toContain(other);
    }
  });

  it('says of each scale set what would happen to it', async () => {
    const says = async (text: string) => (await world.say('grace', text)).text;
    const payments = await says('rollout ubuntu-22 --team payments');
    expect(payments).toMatch(/vmss-payments-queue .*2 on 1\.4\.1, 1 on 1\.3\.0; .*Azure moves it batch by batch/);
    expect(payments).toMatch(/vmss-payments-api .*6 on 1\.5\.0; Then: runs it/);
    expect(await says('rollout ubuntu-22 --team data')).toMatch(
      /vmss-data-workers .*5 on 1\.3\.0; .*goldbot moves one instance first, then a fifth at a time/,
    );
    expect(await says('rollout ubuntu-22 --team web')).toMatch(
      /vmss-web-front .*2 on 1\.4\.1; .*is upgraded by Azure once its owner lets it, or the time to answer ends/,
    );
    expect(await says('rollout ubuntu-22 1.4.1 --team web')).toMatch(
      /vmss-web-front .*; Then: takes the latest, which is 1\.5\.0 in westeurope/,
    );
  });

  it('shows an owner of one team that team, and somebody of several all of them or a choice', async () => {
    const all = (await world.say('grace', 'rollout ubuntu-22 --team all')).text;
    const machines = arm.machines.filter((m) => m.image === 'ubuntu-22');
    expect(all).toContain(`${machines.length} machines of 4 teams`);
    expect(all).toContain('rollout ubuntu-22 1.5.0 --team payments');
    expect((await world.say('linus', 'rollout ubuntu-22')).text).toContain('You own 2 teams: payments, web.');
    expect((await world.say('linus', 'rollout ubuntu-22 --team data')).text).toContain('WRONG_ROLE');
    expect((await world.say('grace', 'rollout ubuntu-22 --team nobody')).text).toContain('has no team "nobody"');
  });

  const agreed = (text: string) => /^rollout .*--agreed [0-9a-f]{8}$/m.exec(text)?.[0] ?? '';
  const says = async (who: 'grace' | 'linus', text: string) => (await world.say(who, text)).text;
  const plansStarted = () => world.started.map(({ plan }) => plan as RolloutPlan);

  it('is agreed to by its word, for one team; the owners of the team decide in its own channel', async () => {
    const text = await says('grace', 'rollout ubuntu-22 --team data --reason "openssl"');
    expect(text).toContain('Decides: data-owners in data / ops; not who asks for it');
    expect(plansStarted()).toEqual([]);
    const other = agreed(text).replace(/[0-9a-f]{8}$/, '00000000');
    expect(await says('grace', other)).toContain(
      '! Things have changed since that plan: look at it again. Nothing was',
    );
    expect(await says('grace', `${agreed(text)} --plan`)).toContain('a plan; nothing has been changed');
    expect(plansStarted()).toEqual([]);
    await says('grace', agreed(text));
    expect(plansStarted()).toEqual([
      expect.objectContaining({
        ...{ verb: 'rollout', target: 'ubuntu-22 1.5.0', team: 'data', version: '1.5.0', reason: 'openssl' },
        sets: [
          {
            ...{ id: expect.stringMatching(/vmss-data-workers$/), name: 'vmss-data-workers' },
            ...{ location: 'westeurope', way: 'batches', reimages: true },
          },
        ],
        approval: expect.objectContaining({ channel: 'data / ops' }),
      }),
    ]);
    world.started.splice(0);
  });

  it('joins one that looks on for the very same, and takes the place of one for anything else', async () => {
    const word = agreed(await says('grace', 'rollout ubuntu-22 --team legacy'));
    await says('grace', word);
    const [{ plan, subject } = { plan: {}, subject: '' }] = world.started.splice(0);
    const looksOn = { ...aRun('R-33333'), kind: 'change', subject, stage: 'track', data: {} };
    const put = (more: object) => world.runs.set('R-33333', { ...looksOn, plan: { ...plan, ...more } } as never);
    put({});
    await says('grace', word);
    expect(world.started.splice(0)).toMatchObject([{ joins: 'R-33333' }]);
    put({ version: '1.4.1', target: 'ubuntu-22 1.4.1' });
    expect(await says('grace', word)).not.toContain('changes ubuntu-22 1.4.1 already');
    expect(world.started.splice(0)).toEqual([expect.not.objectContaining({ joins: expect.anything() })]);
    world.runs.clear();
  });

  it('says by name where goldbot would reimage, and is agreed to again once that is no longer so', async () => {
    let held = true;
    const other = inventoryWorld({
      read: (real) => ({ ownPermissions: async (scope) => (held ? real.ownPermissions(scope) : []) }),
    });
    const plan = async (text: string) => (await other.say('grace', text)).text;
    const with1 = await plan('rollout ubuntu-22 --team data');
    expect(with1).toContain(
      'goldbot reimages: an instance that takes 1.5.0 and still runs another version, of vmss-data-workers: its system disk is lost',
    );
    // Azure moves the one, and instances of the other are virtual machines.
    expect(await plan('rollout ubuntu-22 --team payments')).not.toContain('reimages');
    expect(await plan('rollout ubuntu-22 1.4.1 --team web')).not.toContain('reimages');
    held = false;
    const without = await plan(agreed(with1));
    expect(without).toContain('! Things have changed since that plan');
    expect(without).not.toContain('reimages');
    await plan(agreed(without));
    expect(other.started.map((one) => (one.plan as RolloutPlan).sets[0]?.reimages)).toEqual([undefined]);
  });

  it('is decided by admins where an owner asks, and by nobody where goldbot moves nothing of the owner’s', async () => {
    const text = await says('linus', 'rollout ubuntu-22 --team payments');
    expect(text).toContain('Decides: goldbot-admins in Image Factory / approvals; not who asks for it');
    expect(text).toContain('compliance payments --list --image ubuntu-22 --class cattle --lineage behind --type vm');
    const legacy = await says('grace', 'rollout ubuntu-22 --team legacy');
    expect(legacy).toContain('Neither goldbot nor Azure would move a machine: owners do, and goldbot looks on.');
    expect(legacy).not.toContain('Decides: ');
    await says('grace', agreed(legacy));
    const behind = ofTeam('legacy').filter((m) => m.scaleSet === undefined && m.version < '1.5.0');
    const [plan] = plansStarted();
    expect(plan).toMatchObject({ sets: [], team: 'legacy' });
    expect(plan?.approval).toBeUndefined();
    expect(plan?.singles?.map(({ name }) => name).sort()).toEqual(behind.map(({ name }) => name).sort());
    world.started.splice(0);
    const all = await says('grace', 'rollout ubuntu-22 --team all --agreed 00000000');
    expect(all).toContain('! It is agreed to for one team at a time. Nothing was started.');
    expect(agreed(all)).toBe('');
  });

  it.each([
    ['sat 22:00 to sun 04:00', 'from Sat 28 Nov, 21:00 UTC; nothing is begun after Sun 29 Nov, 03:00 UTC'],
    // The clocks of Berlin skip an hour in that night.
    [
      '2027-03-28 01:30 to 2027-03-28 03:30',
      'from Sun 28 Mar, 00:30 UTC; nothing is begun after Sun 28 Mar, 01:30 UTC',
    ],
    [
      '2026-01-01 01:00 to 2026-01-01 03:00',
      'The window from 2026-01-01 01:00 to 2026-01-01 03:00 (Europe/Berlin) is past.',
    ],
    [
      '2027-03-28 02:30 to 2027-03-28 04:00',
      '2027-03-28 02:30 does not exist: the clocks of Europe/Berlin skip it that night. Nothing was asked for.',
    ],
    ['2027-03-28 01:00 to 2027-03-28 02:15', '2027-03-28 02:15 does not exist'],
    ['sat 22:00', 'must be such as "2026-12-20 18:00"'],
    ['sat 22:00 to sun 04:00 to mon', 'has "to" twice'],
  ])('waits for a window by the clock of the team: %s', async (window, words) => {
    expect(await says('grace', `rollout ubuntu-22 --team payments --window "${window}"`)).toContain(words);
  });

  it('keeps a window that comes again as it was written, for what owners appoint', async () => {
    const plan = async (window: string) => {
      await says('grace', agreed(await says('grace', `rollout ubuntu-22 --team legacy --window "${window}"`)));
      return plansStarted().splice(0, 1)[0]?.window;
    };
    const zone = expect.stringMatching(/^(UTC|Europe\/)/);
    expect(await plan('sat 22:00 to sun 04:00')).toMatchObject({ every: { from: 'sat 22:00', to: 'sun 04:00', zone } });
    world.started.splice(0);
    expect(await plan('2026-12-05 22:00 to 2026-12-06 04:00')).not.toHaveProperty('every');
    world.started.splice(0);
  });

  it('asks for the window in a form, by the clock of the team', async () => {
    const { text, card } = await world.say('linus', 'rollout ubuntu-22 1.5.0 --team payments --choose');
    expect(text).toContain('In which window may ubuntu-22 be rolled out?');
    expect(text).toContain('By the clock of Europe/Berlin.');
    expect(card?.actions).toMatchObject([
      { title: 'Show the plan', data: { image: 'ubuntu-22', version: '1.5.0', team: 'payments' } },
    ]);
    const window = 'sat 22:00 to sun 04:00';
    expect(await says('linus', `rollout ubuntu-22 --team payments --choose --window "${window}"`)).toContain(
      'from Sat 28',
    );
  });

  it('is not made for a version that is not there', async () => {
    expect((await world.say('grace', 'rollout ubuntu-22 9.9.9 --team all')).text).toContain('UNKNOWN_VERSION');
  });
});
