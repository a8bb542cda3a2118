import { inWords } from '../../cards';
import type { AzureRead } from '../../core/azure';
import type { AsksFound, Deferral } from '../../core/lifecycle';
import type { ChangeRun, DeferPlan } from '../../core/runs';
import { presentAsks } from '../../dialogs/present/asks';
import { worldStart } from '../support/world-start';
import { inventoryWorld } from './support/inventory-world';

const at = (hours: number): Date => new Date(worldStart + hours * 3_600_000);
const asked: AzureRead['upgradeQuestions'] = async () => [
  { name: 'q', waiting: ['/s'], until: at(1), latest: at(48), otherwise: 'approve' },
];
const put: Deferral = { id: 'R-22222', team: 'web', image: 'ubuntu-22', until: at(24), reason: 'closing', by: 'Linus' };
/** As the run that keeps it stands in the books. */
const standing = {
  ...{ id: put.id, kind: 'change', stage: 'wait', data: {}, actors: [{ oid: 'l', name: 'Linus', did: 'requested' }] },
  plan: { ...put, verb: 'defer', target: 'ubuntu-22 for web', sets: [], until: put.until.toISOString() },
} as unknown as ChangeRun;

describe('defer', () => {
  const world = inventoryWorld({ read: () => ({ upgradeQuestions: asked }) });
  const says = async (who: 'grace' | 'linus' | 'dana', text: string) => (await world.say(who, text)).text;
  const because = '--reason "the month is being closed"';

  it('starts a run that keeps it, with the sets that Azure asks about; nobody is asked for an approval', async () => {
    const text = await says('linus', `defer ubuntu-22 --team web --until +1d ${because}`);
    expect(text).toMatch(/^Defer ubuntu-22 for web/);
    expect(world.started.map(({ plan, subject }) => [subject, plan])).toEqual([
      [
        'defer:ubuntu-22:web',
        {
          ...{ verb: 'defer', target: 'ubuntu-22 for web', team: 'web', image: 'ubuntu-22' },
          ...{ until: at(24).toISOString(), reason: 'the month is being closed' },
          sets: [{ id: expect.stringMatching(/vmss-web-front$/), name: 'vmss-web-front', asks: 'hook' }],
        } satisfies DeferPlan,
      ],
    ]);
    world.started.splice(0);
  });

  it.each([
    [
      'later than Azure waits',
      `--team web --until +3d ${because}`,
      ['later than it can be put off: Azure waits with vmss-web-front no longer', 'Name an earlier end.'],
    ],
    ['in the past', `--team web --until 2020-01-01 ${because}`, ['"2020-01-01" is in the past; nothing was deferred.']],
    ['no date', `--team web --until soon ${because}`, ['"soon" is not a date; nothing was deferred.']],
    ['beyond all bounds', `--team payments --until 2027-12-01 ${because}`, ['is more than 90 days ahead']],
    [
      'for a team without such sets',
      `--team legacy --until +1d ${because}`,
      ['there is nothing to defer.', 'Machines that stand alone are replaced by their owners, when they want.'],
    ],
    ['for nobody', `--team orphans --until +1d ${because}`, ['one team at a time', 'Name the team with --team.']],
  ])('is refused %s', async (_, words, said) => {
    const text = await says('grace', `defer ubuntu-22 ${words}`);
    for (const part of said) expect(text).toContain(part);
    expect(world.started).toEqual([]);
  });

  it('is for the owners of the team and admins, and a team without hooks may wait longer', async () => {
    expect(await says('linus', `defer ubuntu-22 --team data --until +1d ${because}`)).toContain('WRONG_ROLE');
    expect(await says('dana', `defer ubuntu-22 --team web --until +1d ${because}`)).toContain('WRONG_ROLE');
    await says('grace', `defer ubuntu-22 --team data --until +30d ${because}`);
    expect(world.started.map(({ plan }) => (plan as DeferPlan).sets)).toEqual([[]]);
    world.started.splice(0);
  });
});

describe('what is deferred', () => {
  const world = inventoryWorld({
    read: () => ({ upgradeQuestions: asked }),
    reads: {
      standingChanges: async () => [standing],
      deferral: async (team) => (team === put.team ? put : undefined),
    },
  });
  const says = async (who: 'grace' | 'linus', text: string) => (await world.say(who, text)).text;

  it('is not deferred twice', async () => {
    const text = await says('linus', 'defer ubuntu-22 --team web --until +1d --reason x');
    expect(text).toContain('is deferred for web until');
    expect(text).toContain('by Linus: “closing”');
    expect(text).toContain('Take it back first, then defer it again.');
    expect(text).toContain('undefer ubuntu-22 --team web');
    expect(world.started).toEqual([]);
  });

  it('stands on the plan of a rollout with who and why, which moves none of the team’s sets', async () => {
    const text = await says('grace', 'rollout ubuntu-22 --team web');
    expect(text).toContain('Linus deferred ubuntu-22 until');
    expect(text).toMatch(/vmss-web-front .*Then: is deferred by Linus until .*: “closing”/);
    expect(text).not.toContain('--agreed');
    expect(await says('grace', 'rollout ubuntu-22 --team data')).toContain('--agreed');
  });

  it('is taken back by its owners, once', async () => {
    world.runs.set(put.id, standing as never);
    const text = await says('linus', 'undefer ubuntu-22 --team web');
    expect(text).toMatch(/^ubuntu-22 is no longer deferred for web\nLinus had deferred it until .*: “closing”\.\n/);
    expect(text).toContain('What Azure was told to wait for, it waits for as it was told: it goes on then, or once');
    expect(world.signals).toEqual([expect.objectContaining({ request: put.id, kind: 'cancel' })]);
    expect(await says('linus', 'undefer ubuntu-22 --team payments')).toContain('is not deferred for payments');
    expect(await says('linus', 'undefer ubuntu-22 --team data')).toContain('WRONG_ROLE');
    expect(world.signals).toHaveLength(1);
  });
});

describe('the card that tells a team what Azure asks', () => {
  const ask = {
    ...{ set: '/s', name: 'vmss-web-front', team: 'web', channel: 'web / ops', image: 'ubuntu-22', version: '1.6.0' },
    ...{ question: 'q', behind: 8, topic: 'asks:x' as const },
  };
  const hook = { until: at(1).toISOString(), latest: at(48).toISOString(), otherwise: 'approve' as const };
  const card = (asks: AsksFound['asks'], deferral?: Deferral) =>
    presentAsks(
      'asks:x',
      { asks: async () => ({ asOf: at(0).toISOString(), asks }), deferral: async () => deferral },
      at(0),
    );
  const titles = (reply: Awaited<ReturnType<typeof card>>) =>
    JSON.stringify(reply.card).match(/"title":"(Upgrade now|In the window|Defer|Take back)"/g)?.length ?? 0;

  it('has Azure’s own deadline, what it does then, and how to answer', async () => {
    const reply = await card([{ ...ask, ...hook }]);
    expect(reply.text).toMatch(/^web: may Azure upgrade vmss-web-front to ubuntu-22 1\.6\.0\?/);
    expect(inWords(reply.text)).toMatch(
      /vmss-web-front, with 8 instances behind: without an answer Azure begins by itself at .* UTC; it can be put off until .* UTC at most\./,
    );
    expect(reply.text).toContain('rollout ubuntu-22 1.6.0 --team web --window "sat 22:00 to sun 04:00"');
    expect(reply.text).toMatch(
      /“Upgrade now” and “In the window” show first what would move, and who decides\. As of .*; goldbot looks every ten minutes\./,
    );
    expect(titles(reply)).toBe(3);
    expect(reply.text).toContain('rollout ubuntu-22 1.6.0 --team web --choose');
    expect(inWords((await card([{ ...ask, ...hook, otherwise: 'reject', latest: hook.until }])).text)).toMatch(
      /Azure does not begin at .* UTC\.\n/,
    );
  });

  it('says that a deferral by policy has no end that Azure names', async () => {
    expect((await card([{ ...ask, question: 'deferral' }])).text).toContain(
      'its policy defers upgrades until its owner lets them begin; Azure names no end.',
    );
  });

  it('says who deferred it and why, and offers to take that back', async () => {
    const reply = await card([{ ...ask, ...hook }], put);
    expect(reply.text).toMatch(/^ubuntu-22 is deferred for web until/);
    expect(reply.text).toContain('Linus deferred it: “closing”.');
    expect(reply.text).toContain('Where Azure still waits then, web is asked again.');
    expect(titles(reply)).toBe(1);
  });

  it('offers nothing once it is over', async () => {
    for (const asks of [[{ ...ask, over: at(0).toISOString() }], []]) {
      const reply = await card(asks);
      expect(reply.text).toContain('Azure does not wait');
      expect(reply.text).toContain('It was answered, here or in Azure, or the time for an answer is over.');
      expect(titles(reply)).toBe(0);
    }
  });
});
