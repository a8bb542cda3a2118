import { digestCard } from '../../cards';
import type { TeamConfig } from '../../core/catalogue';
import { line } from '../../core/command-call';
import type { ComplianceFigures, Snooze } from '../../core/compliance';
import type { RefusedThere } from '../../core/lifecycle';
import { type AgreedEnd, type DigestPlan, type DigestRun, type EndingPlan, standingOf } from '../../core/runs';
import { createConversation, renderTopic, type Turn } from '../../dialogs';
import type { RefusalEntry } from '../../dialogs/conversation/command';
import { digestView, presentDigest } from '../../dialogs/present/digest';
import { figuresOfRun, parkConversation, saveConversation, scheduleFailed } from '../../store';
import { createReads, type KeptFigures, type Reads } from '../../store/reads';
import { findSchedule } from '../../store/schedules';
import { digestWorkflow } from '../../workflows/digest';
import {
  createChannelControl,
  createDelegationControl,
  createDigestControl,
  createFollowControl,
  createLockControl,
  createRunControl,
  createSubscriptionControl,
} from '../../workflows/start';
import { noStates, payments } from '../fixtures/cards/figures';
import { accessPlan, sharePlan } from '../support/changes';
import { healthyHouse } from '../support/house';
import { aTeam, type DigestWorld, digestWorld } from '../workflows/digest-world';

const friday = { day: 'fri', time: '09:00', zone: 'Europe/Berlin' } as const;
const tenantId = 'tenant';
/** Groups of roles.yaml in the example catalogue; owners' groups as `aTeam` names them. */
const groups = {
  Linus: ['group-payments', 'group-web'],
  Olga: ['group-data'],
  Grace: ['b0bb1e50-0000-4000-8000-000000000003'],
  Dana: ['b0bb1e50-0000-4000-8000-000000000004', 'b0bb1e50-0000-4000-8000-000000000005'],
  Ada: ['b0bb1e50-0000-4000-8000-000000000001'],
} as const;
type Who = keyof typeof groups;

describe('the command digest', () => {
  let world: DigestWorld;
  let refusals: RefusalEntry[];
  afterEach(() => world.close());

  const open = async (
    teams: readonly [string, TeamConfig][] = ['payments', 'web', 'data'].map((t) => aTeam(t, friday)),
  ) => {
    world = await digestWorld(teams, '2026-11-26T12:00:00Z');
    world.replica();
    await world.until(async () => (await world.database.query('select 1 from schedule')).length === teams.length);
    refusals = [];
  };
  let turns = 0;
  const conversation = () => {
    const { database, clock, catalogue } = world;
    const reads = createReads(database);
    const directory = {
      memberOf: async (oid: string, asked: readonly string[]) => mine(oid, asked),
      membersNow: async () => new Set<string>(),
    };
    const workflows = [digestWorkflow({ database, catalogue })];
    return createConversation({
      ...{
        catalogue,
        reads,
        clock,
        directory,
        deciders: async () => ({ size: 'fits' as const, count: 0, ids: [] }),
        groups: async () => [],
        house: healthyHouse,
        read: { ...world.inventory.read(), bases: async () => new Map() },
        tenants: [tenantId],
      },
      runs: createRunControl({ database, clock, directory, workflows, catalogue }),
      digests: createDigestControl({ database, clock, catalogue }),
      channels: createChannelControl({ database, clock }),
      schedules: { set: () => Promise.reject(new Error('no schedule is expected to be set')) },
      locks: createLockControl({ database, clock }),
      follows: createFollowControl({ database, clock }),
      subscriptions: createSubscriptionControl({ database, clock }),
      delegations: createDelegationControl({ database, clock }),
      webhooks: { resend: () => Promise.reject(new Error('nothing is expected to be sent again')) },
      audit: async (entry) => void refusals.push(entry),
    });
  };
  const turnOf = (who: Who, where: string): Turn => ({
    person: { oid: who.toLowerCase(), name: who, tenantId },
    conversation: { id: `19:${where}`, kind: 'channel', name: where },
    intent: `turn-${++turns}`,
  });
  const say = async (who: Who, text: string, where = 'somewhere') =>
    (await conversation().handleText(turnOf(who, where), text)).text;
  /** What only the person who clicked is told, or what the form asks for. */
  const click = async (who: Who, verb: string, data: object) => {
    const answer = await conversation().handleAction(turnOf(who, 'payments / ops'), verb, data);
    return answer.kind === 'message' ? `alone: ${answer.text}` : answer.reply.text;
  };
  const mine = (oid: string, asked: readonly string[]) => {
    const [, held = []] = Object.entries(groups).find(([who]) => who.toLowerCase() === oid) ?? [];
    return asked.filter((group) => held.some((one) => one === group));
  };
  const show = async (topic: `digest:R-${string}` | `run:R-${string}`) =>
    (await renderTopic(topic, createReads(world.database), world.clock.now())).text;

  it('says when the digest comes in the zone of the team, and where to', async () => {
    await open();
    const text = await say('Linus', 'digest payments');

    expect(text).toContain('The digest of payments is sent on Fridays at 09:00 (Europe/Berlin)');
    expect(text).toContain('The next one is due on Fri 27 Nov, 09:00 in Europe/Berlin (Fri 27 Nov, 08:00 UTC).');
    expect(text).toContain('It goes to payments / ops.');
    expect(text).toContain('None has been sent yet.');

    const { nextAt } = (await findSchedule(world.database, 'digest:payments')) ?? { nextAt: world.clock.now() };
    const failure = { error: 'Error: no such zone', retryMs: 60_000, at: new Date('2026-11-27T08:00:00Z') };
    await scheduleFailed(world.database, { key: 'digest:payments', nextAt }, failure);
    expect(await say('Linus', 'digest payments')).toContain(
      '! The digest that is due has failed since Fri 27 Nov, 08:00 UTC (1 try): Error: no such zone. It is tried again by itself',
    );
  });

  it('means the team of the channel, else asks an owner of several which one', async () => {
    await open();

    expect(await say('Linus', 'digest', 'web / ops')).toContain('The digest of web is sent');
    expect(await say('Linus', 'digest now', 'web / ops')).toContain('The digest of web is being counted');
    expect(await say('Linus', 'compliance', 'web / ops')).toContain('machines of web');
    expect(await say('Linus', 'compliance')).toContain('Which of your teams do you mean?');
    expect(await say('Linus', 'digest --day tue')).toContain('Which of your teams do you mean?');
    expect(await say('Linus', 'digest', 'data / ops')).toContain('Which of your teams do you mean?');
    expect(await say('Olga', 'digest')).toContain('The digest of data is sent');
  });

  it('sets what it is given, leaves the rest, and switches every week on again', async () => {
    await open();
    await say('Linus', 'digest payments --day tue --only-changes');
    const moved = await say('Linus', 'digest payments --at 7:30 --tz Asia/Kolkata');
    const off = await say('Linus', 'digest payments off');
    const on = await say('Linus', 'digest payments on');

    expect(moved).toContain('The digest of payments is sent on Tuesdays at 07:30 (Asia/Kolkata)');
    expect(moved).toContain('None is sent in weeks without changes.');
    expect(moved).toContain('This was set just now.');
    expect(await say('Linus', 'digest payments')).not.toContain('just now');
    expect(moved).toContain('Set by Linus on Thu 26 Nov, 12:00 UTC; everything else is as in teams.yaml.');
    expect(off).toContain('The digest of payments is off');
    expect(on).toContain('The next one is due on Tue 1 Dec, 07:30 in Asia/Kolkata');
    expect(on).not.toContain('nothing changed');
  });

  it('mentions those who have asked for it themselves, and nobody after they have asked again', async () => {
    await open();
    const asked = await say('Linus', 'digest payments --mention me');
    const kept = await say('Linus', 'digest payments off');
    const nobody = await say('Linus', 'digest payments --mention off');

    expect(asked).toContain('In weeks in which something got worse it mentions Linus, as asked.');
    expect(asked).toContain('digest payments --mention off');
    expect(kept).toContain('it mentions Linus, as asked.');
    expect(nobody).toContain('It mentions nobody.');
    expect(nobody).toContain('digest payments --mention me');
    expect(await say('Linus', 'digest payments now --mention me')).toContain('two commands; nothing was done');
    expect(await say('Olga', 'digest payments --mention me')).toContain('and you are not among them');
  });

  it('refuses what it cannot take, and changes nothing', async () => {
    await open();
    const wrong: readonly (readonly [string, string])[] = [
      [
        'digest payments --tz Mars/Olympus',
        '"Mars/Olympus" is not a time zone.\n! Not done\nUse a name such as Europe/Berlin, America/New_York or Asia/Kolkata.\nBAD_COMMAND',
      ],
      [
        'digest payments --at 25:00',
        '"25:00" is not a time of day.\n! Not done\nUse the 24-hour clock in the time zone of the digest, for example 09:00.\nBAD_COMMAND',
      ],
      ['digest payments --day someday', 'takes mon, tue, wed, thu, fri, sat or sun'],
      [
        'digest payments now --day fri',
        'Sending a digest now and changing its settings are two commands; nothing was done.\n! Not done\nSend one after the other.\nBAD_COMMAND\ndigest payments now',
      ],
      [
        'digest all off',
        'A digest belongs to one team; nothing was done.\n! Not done\nName the team; see all digests to choose one.\nBAD_COMMAND\ndigest all',
      ],
      [
        'digest paymets now',
        'Do you mean “digest payments now”?\nThe catalogue has no team "paymets".\nNothing has been done yet.\ndigest payments now',
      ],
    ];
    for (const [text, said] of wrong) expect(await say('Grace', text)).toContain(said);

    expect(await world.database.query('select 1 from digest_setting')).toEqual([]);
    expect(await world.runs()).toEqual([]);
  });

  it('shows settings to those who see the team, and lets its owners and admins alone set them', async () => {
    await open();

    expect(await say('Dana', 'digest payments')).toContain('The digest of payments is sent on Fridays');
    expect(await say('Dana', 'digest payments off')).toContain(
      'the owners of payments (payments-owners) and admins may set or send its digest',
    );
    expect(await say('Dana', 'digest payments now')).toMatch(
      /^Only the owners of payments[\s\S]*\nAsk one of them; see how it is set\.\nTeam: payments\nWRONG_ROLE\ndigest payments$/,
    );
    expect(await say('Olga', 'digest payments off')).toContain('and you are not among them');
    expect(await say('Grace', 'digest payments off')).toContain('The digest of payments is off');
    expect(refusals.map((entry) => [entry.who.name, entry.detail['code']])).toEqual([
      ['Dana', 'WRONG_ROLE'],
      ['Dana', 'WRONG_ROLE'],
      ['Olga', 'WRONG_ROLE'],
    ]);
  });

  it('sends one more at once, with the name of who asked, and the weekly one comes nevertheless', async () => {
    await open();
    const said = await say('Linus', 'digest payments now');
    await world.settled();
    // Whoever asks wants to see what they have just done, however fresh the count of others is.
    world.inventory.machines.set('payments', 5);
    world.clock.advance(60_000);
    await say('Linus', 'digest payments now');
    await world.settled();
    const counts = (await world.runs()).map(({ id }) => figuresOfRun(world.database, id));
    expect((await Promise.all(counts)).map((kept) => kept?.figures.machines)).toEqual([3, 5]);
    world.clock.at = new Date('2026-11-27T08:00:00Z');
    await world.settled();

    const [extra, , weekly] = (await world.runs()).filter((run) => run.plan.team === 'payments');
    expect(said).toContain(`in addition to the weekly one (${extra?.id})`);
    expect([extra?.plan.askedBy, weekly?.plan.askedBy]).toEqual(['Linus', undefined]);
    expect((await world.cards('payments')).map((card) => card.week)).toEqual(['2026-W48', '2026-W48', '2026-W48']);
    expect(await show(`digest:R-${extra?.id.slice(2)}`)).toContain(
      'Requested by Linus, in addition to the weekly one.',
    );
    expect(await show(`digest:R-${weekly?.id.slice(2)}`)).not.toContain('Asked for');
    // What was asked for is no week to compare with.
    expect(await show(`digest:R-${weekly?.id.slice(2)}`)).not.toContain('compared with week');
  });

  it('joins people who ask while one is being made', async () => {
    await open();
    world.inventory.silent = true;
    await say('Linus', 'digest payments now');
    await say('Grace', 'digest payments now');

    const [run, ...others] = await world.runs();
    expect(others).toEqual([]);
    expect(run?.actors.map((actor) => `${actor.name} ${actor.did}`)).toEqual(
      expect.arrayContaining(['Linus requested', 'Grace joined']),
    );
    expect(await show(`run:R-${run?.id.slice(2)}`)).toContain('The digest of payments for 2026-W48 is on its way.');
    expect(await say('Linus', 'digest payments')).toContain(
      '! The one that Linus asked for in 2026-W48, due Thu 26 Nov, 12:00 UTC, is being counted.',
    );
  });

  it('tells why a digest waits for a channel that cannot be reached', async () => {
    await open();
    const channel = { id: '19:pay', tenantId, serviceUrl: 's', reference: {}, name: 'payments / ops' };
    await saveConversation(world.database, channel);
    await parkConversation(world.database, '19:pay', 'goldbot was removed from the team');
    world.clock.at = new Date('2026-11-27T08:00:00Z');
    await world.settled();

    expect(await say('Linus', 'digest payments')).toContain('The one of 2026-W48 is on its way to payments / ops.');
    await world.deliver();

    expect(await say('Linus', 'digest payments')).toContain(
      '! The one of 2026-W48 waits. goldbot may not write in "payments / ops" any more. Add it to that team again, or mention it there.',
    );
    expect(await say('Grace', 'digest all')).toContain('the last one could not be delivered');
    await saveConversation(world.database, channel);
    await world.deliver();
    expect(await say('Linus', 'digest payments')).toContain(
      'The one of 2026-W48 is in payments / ops, counted on Fri 27 Nov',
    );
  });

  it('says why one was not sent', async () => {
    await open();
    await say('Linus', 'digest payments --only-changes');
    for (const at of ['2026-11-27T08:00:00Z', '2026-12-04T08:00:00Z']) {
      world.clock.at = new Date(at);
      await world.settled();
      await world.deliver();
    }
    expect(await say('Linus', 'digest payments')).toContain('The one of 2026-W49 was not sent: nothing changed.');
    expect(await say('Linus', 'digest web')).toContain('The one of 2026-W49 is in web / ops, counted on Fri 4 Dec');
  });

  /** All cards are delivered; then one more digest of payments is asked for, and is in its channel. */
  const digestNow = async () => {
    await say('Linus', 'digest payments now');
    await world.settled();
    await world.deliver();
    return `digest:R-${(await world.runs()).at(-1)?.id.slice(2)}` as const;
  };

  it('sets a row aside in place, still counted, for those alone who act for the team', async () => {
    await open();
    expect(await say('Linus', 'snooze not-golden --until +2w --reason later', 'payments / ops')).toContain(
      'payments has had no digest yet, so there is no row to snooze; nothing was done.',
    );
    const topic = await digestNow();
    const row = { row: 'not-golden', team: 'payments' };
    expect(await show(topic)).toContain('3 machines on no golden image');

    // Whoever may not is told alone, before a form asks them for more; what a button carries grants nothing.
    for (const more of [{}, { until: '+2w', reason: 'mine' }])
      expect(await click('Olga', 'snooze', { ...row, ...more })).toMatch(
        /^alone: Only the owners of payments \(payments-owners\) and admins may snooze rows of its digest/,
      );
    expect(refusals.map(({ who, detail }) => [who.name, detail['code']])).toEqual([
      ['Olga', 'WRONG_ROLE'],
      ['Olga', 'WRONG_ROLE'],
    ]);
    expect(await click('Linus', 'snooze', row)).toContain('snooze needs until');
    expect(await world.deliver()).toEqual([]);

    const done = await click('Linus', 'snooze', { ...row, until: '+2w', reason: 'moves in December' });
    for (const words of [
      'Snoozed until Thu 10 Dec, 12:00 UTC (13:00 in Europe/Berlin): 3 machines on no golden image',
      'The row stays in the digest, below those that ask for something, with your name and reason. It counts in every figure as before; nothing of the machines was changed.',
      'Once that time is over, the next digest has it in its old place again.',
    ]) {
      expect(done).toContain(words);
    }
    expect(await world.deliver()).toEqual([topic]);
    const said = 'snoozed until Thu 10 Dec, 12:00 UTC by Linus: moves in December';
    expect(await show(topic)).toMatch(new RegExp(`3 machines on no golden image.*\n?.*${said}`));
    expect(await say('Dana', 'digest payments')).toContain('Snoozed: not-golden until Thu 10 Dec, 12:00 UTC (Linus).');
    // A digest of more machines says that it was snoozed when there were fewer.
    world.inventory.machines.set('payments', 5);
    world.clock.advance(3_600_000);
    expect(await show(await digestNow())).toContain('by Linus, when it was 3 machines: moves in December');

    expect(await click('Olga', 'unsnooze', row)).toMatch(/^alone: Only the owners of payments/);
    const back = await say('Grace', 'unsnooze Not-Golden --team payments');
    expect(back).toContain('not-golden asks again in the digest of payments');
    expect(back).toContain('Linus had snoozed it until Thu 10 Dec, 12:00 UTC: “moves in December”.');
    expect(back).toContain('The newest digest is being brought up to date.');
    expect(await world.deliver()).toHaveLength(2);
    expect(await show(topic)).not.toContain('snoozed');
    const again = await say('Grace', 'unsnooze not-golden --team payments');
    expect(again).toContain('“not-golden” is not snoozed in the digest of payments');
    expect(again).toContain('No row of it is.');
  });

  it('refuses a row that there is not, and a snooze without an end in reach', async () => {
    await open();
    await digestNow();
    const wrong: readonly (readonly [string, string])[] = [
      ['snooze ubuntu-22@1.0.0 --until +2w', 'has no row “ubuntu-22@1.0.0”; nothing was done.\n! Not done'],
      ['snooze ubuntu-22@1.0.0 --until +2w', 'Its rows are not-golden, undecided.'],
      ['snooze not-golden --until +91d', '"+91d" is more than 90 days ahead; nothing was snoozed.'],
      ['snooze not-golden --until 2026-11-26', '"2026-11-26" is in the past; nothing was snoozed.'],
      ['snooze not-golden --until soon', '"soon" is not a date; nothing was snoozed.'],
    ];
    for (const [text, words] of wrong) {
      expect(await say('Linus', `${text} --team payments --reason r`)).toContain(words);
    }
    expect(await say('Linus', 'snooze not-golden --until +2w --reason r')).toContain(
      'Which of your teams do you mean?',
    );
    expect(await say('Grace', 'snooze not-golden --team all --until +2w --reason r')).toContain(
      'A row belongs to the digest of one team; nothing was done.',
    );
    expect(await click('Linus', 'snooze', { team: 'payments', until: '+2w', reason: 'r' })).toContain(
      'snooze needs row of the digest',
    );
    world.inventory.machines.set('payments', 0);
    world.clock.advance(3_600_000);
    await digestNow();
    const nothing = await say('Linus', 'snooze not-golden --team payments --until +2w --reason r');
    expect(nothing).toContain('The newest digest of payments, of 2026-W48, has no row “not-golden”; nothing was done.');
    expect(nothing).toContain('It asks for nothing.');
    expect(await world.database.query('select 1 from snooze')).toEqual([]);
  });

  it('sends what came back from its snooze, also to a team that wants changes only, once', async () => {
    await open([aTeam('payments', friday)]);
    await say('Linus', 'digest payments --only-changes');
    const fridays = ['2026-11-27', '2026-12-04', '2026-12-11', '2026-12-18'];
    const untold: (string | undefined)[] = [];
    for (const [i, date] of fridays.entries()) {
      world.clock.at = new Date(`${date}T08:00:00Z`);
      await world.settled();
      await world.deliver();
      untold.push((await world.runs()).at(-1)?.data.untold);
      if (i === 0) await say('Linus', 'snooze not-golden --until +10d --reason r', 'payments / ops');
    }
    expect(untold).toEqual([undefined, 'nothing changed', undefined, 'nothing changed']);
    const [, , back] = await world.runs();
    expect(await show(`digest:R-${back?.id.slice(2)}`)).toContain('its snooze ended on 7 Dec 2026');
  });

  it('lists as many teams as a card holds, and says how many more there are', async () => {
    await open(Array.from({ length: 12 }, (_, i) => aTeam(`team-${i}`, friday)));
    const text = await say('Grace', 'digest all');

    expect(text).toContain('Digests of 12 teams');
    expect(text.match(/comes|Fridays/g)).toHaveLength(7);
    expect(text).toContain('And 5 more: name a team to see its digest.');
  });

  it('shows a digest by its run to those who see the team, and refuses to cancel it', async () => {
    await open(['payments', 'data'].map((team) => aTeam(team, friday)));
    world.clock.at = new Date('2026-11-27T08:00:00Z');
    await world.settled();
    const run = (await world.runs()).find(({ plan }) => plan.team === 'payments');

    expect(await say('Linus', `status ${run?.id}`)).toContain('payments: week 48');
    expect(await say('Dana', `status ${run?.id}`)).toContain('payments: week 48');
    expect(await say('Olga', `status ${run?.id}`)).toContain(`You may not look at ${run?.id}`);
    expect(refusals.map(({ who, detail }) => [who.name, detail['code']])).toEqual([['Olga', 'WRONG_ROLE']]);
    expect(await say('Grace', `cancel ${run?.id} --reason enough`)).toContain('a digest of payments, is over');
    expect(await say('Grace', 'runs')).not.toContain(String(run?.id));
  });
});

describe('what a digest tells', () => {
  const plan: DigestPlan = {
    ...{ team: 'payments', week: '2026-W47', zone: 'UTC', dueAt: '2026-11-23T09:00:00Z' },
    ...{ late: false, missed: 0, onlyChanges: false },
  };
  const kept = (week: string, figures: Partial<ComplianceFigures> = {}): KeptFigures => ({
    ...{ runId: 'R-22222', team: 'payments', week, extra: false, figures: { ...payments, ...figures } },
  });
  const view = (...earlier: KeptFigures[]) => digestView(plan, kept('2026-W47'), earlier);

  it('says better and worse since the week before, setbacks first, and what is overcome', () => {
    const { lineage, policy } = payments;
    const before = kept('2026-W46', {
      machines: 50,
      lineage: { ...lineage, latest: 30, pastEnd: 2 },
      exemptions: payments.exemptions.slice(1),
      ...(policy && { policy: { ...policy, machines: { ...policy.machines, NonCompliant: 12 } } }),
    });
    const { changes, last } = view(before);

    expect(last).toMatchObject({ week: '2026-W46', notCompliant: 12 });
    expect(changes.items.map(({ direction, text }) => `${direction} ${text}`)).toEqual([
      expect.stringMatching(/^worse 1 more machine .*: 3 instead of 2$/),
      expect.stringMatching(/^better 3 more machines .*: 33 instead of 30$/),
      expect.stringMatching(/^better 3 fewer machines .*: 9 instead of 12$/),
      'other 8 more machines: 58 instead of 50',
      'other new exemption of vm-pay-old-01 from disk-encryption',
    ]);
    const clean = { ...payments, lineage: { ...lineage, pastEnd: 0 } };
    expect(digestView(plan, kept('2026-W47', clean), [before]).wins.items).toEqual([
      'No machine runs a version past its end of life any more',
    ]);
  });

  const { lineage, models, policy, guest } = payments;
  const evaluated = policy ?? { machines: noStates, notEvaluated: 0 };
  const inside = guest ?? { machines: { Compliant: 0, NonCompliant: 0, Pending: 0 }, none: 0 };
  /** The week before, with one figure two higher or lower, and what people read now. */
  it.each<[string, Partial<ComplianceFigures>, string]>([
    [
      'onLatest',
      { lineage: { ...lineage, latest: 31 } },
      'better 2 more machines on the latest version: 33 instead of 31',
    ],
    [
      'behind',
      { lineage: { ...lineage, farBehind: 6 } },
      'better 2 fewer machines behind the latest version: 18 instead of 20',
    ],
    [
      ...(['pastEnd', { lineage: { ...lineage, pastEnd: 2 } }] as const),
      'worse 1 more machine on a version past its end of life: 3 instead of 2',
    ],
    [
      ...(['notGolden', { lineage: { ...lineage, marketplace: 1 } }] as const),
      'worse 2 more machines on no golden image: 4 instead of 2',
    ],
    [
      ...([
        'nonCompliant',
        { policy: { ...evaluated, machines: { ...evaluated.machines, NonCompliant: 7 } } },
      ] as const),
      'worse 2 more machines non-compliant with policies: 9 instead of 7',
    ],
    [
      ...(['notEvaluated', { policy: { ...evaluated, notEvaluated: 7 } }] as const),
      'better 2 fewer machines not evaluated by any policy: 5 instead of 7',
    ],
    [
      ...(['guestNonCompliant', { guest: { ...inside, machines: { ...inside.machines, NonCompliant: 1 } } }] as const),
      'worse 2 more machines non-compliant in the guest: 3 instead of 1',
    ],
    ['behindModel', { behindModel: 1 }, "worse 1 more instance behind the scale set's own model: 2 instead of 1"],
    [
      'undecided',
      { models: { ...models, undecided: 8 } },
      'better 2 fewer machines neither pet nor cattle yet: 6 instead of 8',
    ],
  ])('says of %s alone how it changed', (_, before, words) => {
    const { changes } = view(kept('2026-W46', before));
    expect(changes.items.map(({ direction, text }) => `${direction} ${text}`)).toEqual([words]);
  });

  const none = {
    ...payments,
    ...{ behindModel: 0, models: { ...models, undecided: 0 } },
    lineage: { ...lineage, behind: 0, farBehind: 0, pastEnd: 0, marketplace: 0, otherGallery: 0 },
    policy: { ...evaluated, notEvaluated: 0, machines: { ...evaluated.machines, NonCompliant: 0 } },
    guest: { ...inside, machines: { ...inside.machines, NonCompliant: 0 } },
  };
  it.each<[Partial<ComplianceFigures>, string[]]>([
    [{}, []],
    [{ lineage: { ...none.lineage, behind: 1 } }, ['No machine is behind the latest version any more']],
    [{ lineage: { ...none.lineage, pastEnd: 1 } }, ['No machine runs a version past its end of life any more']],
    [{ lineage: { ...none.lineage, otherGallery: 1 } }, ['Every machine runs a golden image']],
    [
      { policy: { ...none.policy, machines: { ...none.policy.machines, NonCompliant: 1 } } },
      ['No machine is non-compliant any more'],
    ],
    [{ policy: { ...none.policy, notEvaluated: 1 } }, ['Every machine has been evaluated']],
    [
      { guest: { ...none.guest, machines: { ...none.guest.machines, NonCompliant: 1 } } },
      ['Every machine that reports is compliant in the guest'],
    ],
    [{ behindModel: 1 }, ['Every scale set instance has the model of its scale set']],
    [{ models: { ...none.models, undecided: 1 } }, ['Every machine is classified as pet or cattle']],
  ])('says what is overcome when a figure has come down to nothing, and only then: %#', (before, words) => {
    const wins = (now: ComplianceFigures) =>
      digestView(plan, kept('2026-W47', now), [kept('2026-W46', { ...none, ...before })]).wins.items;
    expect(wins(none)).toEqual(words);
    expect(wins({ ...none, ...before })).toEqual([]);
  });

  it.each<[string, Partial<DigestRun>, string]>([
    ['being counted', {}, 'The digest of payments for 2026-W47 is on its way.\nIt is being counted.'],
    ['in trouble', { lastError: 'Azure is silent' }, 'is on its way.\nAzure is silent.'],
    [
      ...([
        'over',
        { endedAt: new Date(), data: { untold: 'Azure was silent until the next digest was due' } },
      ] as const),
      'There was no digest of payments for 2026-W47.\nAzure was silent until the next digest was due.',
    ],
  ])('of which no figures were kept says where it is: %s', async (_, change, words) => {
    const digests = { figures: async () => undefined, state: async () => ({}) } as unknown as Reads['digests'];
    const reads = {
      digests,
      standingChanges: async () => [],
      agreedEnds: async () => [],
      endings: async () => undefined,
    };
    const run = { id: 'R-22222', plan, data: {}, endedAt: null, lastError: null, ...change } as DigestRun;
    expect((await presentDigest(run, reads, new Date())).text).toContain(words);
  });

  it('says with whom the gallery is shared without an end, and what Azure did not tell of it', () => {
    const standing = { reviews: [], coming: [], ends: [], deferrals: [], snoozes: [], refused: [], now: payments.asOf };
    const unending = [{ kind: 'tenant', id: 't-1' } as const];
    const text = (said: object) => digestCard(digestView(plan, kept('2026-W47'), [], { ...standing, ...said })).text;
    expect(text({ unending })).toContain(
      'Shared without an end: the gallery of your images, with tenant t-1. Nobody has said until when; an admin takes it back with “unshare”.',
    );
    const gaps = [{ figure: 'shares', reason: 'silent', scopes: [] }];
    expect(text({ gaps })).toContain('1 figure is missing');
    expect(text({})).not.toContain('Shared without an end');
  });

  it('counts down to ends of life and to what was agreed to, and keeps open reviews in sight', () => {
    const day = 86_400_000;
    const { asOf, versions } = payments;
    const on = (days: number, machines: number, version: string) => ({
      ...{ ...versions[0], version, machines, endOfLife: new Date(asOf.getTime() + days * day) },
    });
    const figures = {
      ...payments,
      versions: [on(-12, 28, '1.3.0'), on(30, 1, '1.4.1'), on(31, 50, '1.5.0'), on(0, 2, '1.2.0')],
    } as ComplianceFigures;
    const change = (id: string, stage: string, more: object, team = 'payments') =>
      ({
        ...{ id, kind: 'change', stage, inStage: { since: new Date(asOf.getTime() - 6 * day) } },
        plan: { verb: 'retire', target: `ubuntu-22 ${id}`, ...more },
        data: { affected: { [team]: { channel: 'c', lines: [] } } },
      }) as never;
    const standing = standingOf('payments', [
      change('R-22222', 'review', {}),
      change('R-33333', 'wait', { at: new Date(asOf.getTime() + 3 * day).toISOString() }),
      change('R-44444', 'review', {}, 'web'),
      change('R-55555', 'apply', {}),
    ]);
    const seen = digestView(plan, { ...kept('2026-W47'), figures }, [], {
      ...standing,
      snoozes: [],
      refused: [],
      now: asOf,
    });
    expect(seen.lives).toEqual({ past: 30, soon: 1, days: 30 });
    expect(seen.reviews?.items.map(({ id }) => id)).toEqual(['R-22222']);
    const { text } = digestCard(seen);
    expect(text).toMatch(/Broken glass that nobody has reviewed:\n.*retire ubuntu-22 R-22222.*\n?.*6 days ago/);
    expect(text).toContain('review R-22222 --reason "…"');
    expect(text).toMatch(/12 days ago.*ubuntu-22 1\.3\.0, on 28 machines/);
    expect(text).toMatch(/in 3 days.*retire ubuntu-22 R-33333 \(R-33333\)/);
    expect(text).toContain('30 machines run versions past their end of life, 1 machine runs versions that end within');
    expect(text).not.toContain('R-44444');
  });

  it('says of a version past its end whether new machines of it are refused, reported or still allowed', () => {
    const { asOf, versions } = payments;
    const old = {
      ...versions[0],
      version: '1.3.0',
      machines: 28,
      lineage: 'pastEnd',
      endOfLife: new Date(asOf.getTime() - 9),
    };
    const figures = { ...payments, versions: [old] } as ComplianceFigures;
    const of = (effect: 'audit' | 'deny', more: object) =>
      ({ target: 't', team: 'payments', effect, decided: 'R-22222', refused: [], spared: [], ...more }) as RefusedThere;
    const hit = { refused: [{ image: 'ubuntu-22', version: '1.3.0' }] };
    const why = (...refused: readonly RefusedThere[]) => {
      const said = { reviews: [], coming: [], ends: [], deferrals: [], snoozes: [], refused, now: asOf };
      const rows = digestView(plan, { ...kept('2026-W47'), figures }, [], said).next.items;
      return rows.find(({ machine }) => machine.includes('1.3.0'))?.why.split('; ')[1];
    };
    expect([
      why(),
      why(of('audit', hit)),
      why(of('audit', hit), of('deny', hit)),
      why(of('deny', { spared: [{ image: 'ubuntu-22', version: '1.3.0', why: 'scale set a names it' }] })),
      why(of('deny', { refused: [{ image: 'ubuntu-22', version: '1.4.0' }] })),
    ]).toEqual([
      undefined,
      'new ones are reported (R-22222)',
      'new ones are refused (R-22222)',
      'new ones are still allowed: scale set a names it',
      undefined,
    ]);
  });

  it('offers a rollout beside what is behind, unless that is set aside', () => {
    const { asOf, versions } = payments;
    const old = { ...versions[0], version: '1.3.0', machines: 28, lineage: 'pastEnd', endOfLife: asOf };
    const figures = { ...payments, versions: [old] } as ComplianceFigures;
    const about = { team: 'payments', row: 'ubuntu-22@1.3.0', machines: 28, reason: 'r', by: { oid: 'x', name: 'X' } };
    const snooze = { ...about, at: asOf, until: new Date(asOf.getTime() + 9) };
    const offered = (snoozes: readonly Snooze[]) => {
      const said = { reviews: [], coming: [], ends: [], deferrals: [], refused: [], snoozes, now: asOf };
      const rows = digestView(plan, { ...kept('2026-W47'), figures }, [], said).next.items;
      return rows
        .find(({ machine }) => machine.includes('1.3.0'))
        ?.buttons.filter(({ call }) => call.verb === 'rollout');
    };
    expect(offered([])?.map(({ call }) => call.values)).toEqual([{ image: 'ubuntu-22', team: 'payments' }]);
    expect(offered([snooze])).toEqual([]);
  });

  it('has the ends of rights of its own group, and of every share of what it runs', async () => {
    const day = 86_400_000;
    const end = (plan: EndingPlan, days: number): AgreedEnd => ({
      ...{ name: 'n', plan, at: new Date(payments.asOf.getTime() + days * day) },
    });
    const group = (id: string) => ({ group: { id, name: `group ${id}` } });
    const ends = [
      end(accessPlan('ungrant', group('own')), -1),
      end(accessPlan('ungrant', group('others')), 2),
      end(sharePlan('unshare', { to: { kind: 'tenant', id: 't-1' } }), 5),
      end(sharePlan('unshare', { to: { kind: 'tenant', id: 't-2' } }), 31),
    ];
    const run = { id: 'R-22222', plan, data: { owners: 'OWN' }, endedAt: null, lastError: null } as never;
    const shown = async (figures: ComplianceFigures) => {
      const asked = { figures: async () => ({ ...kept('2026-W47'), figures }), before: async () => [] };
      const digests = { ...asked, snoozes: async () => [], state: async () => ({}) } as never;
      const reads = {
        digests,
        standingChanges: async () => [],
        agreedEnds: async () => ends,
        endings: async () => undefined,
      };
      return (await presentDigest(run, reads, payments.asOf)).text;
    };
    const text = await shown({ ...payments, exemptions: [] });
    expect(text).toMatch(/1 day ago.*the right of group own to view ubuntu-22/);
    expect(text).toMatch(/in 5 days.*the gallery gold, shared with tenant t-1/);
    expect(text).not.toMatch(/group others|t-2/);
    expect(await shown({ ...payments, exemptions: [], versions: [] })).not.toContain('shared with');
  });

  it('mentions whoever asked for it in a week in which something got worse, and in no other', async () => {
    const linus = { oid: 'oid-linus', name: 'Linus' };
    const run = { id: 'R-22222', plan, data: {}, endedAt: null, lastError: null } as never;
    const mentions = async (before: ComplianceFigures, mention?: readonly (typeof linus)[]) => {
      const digests = {
        figures: async () => kept('2026-W47'),
        before: async () => [{ ...kept('2026-W46'), figures: before }],
        snoozes: async () => [],
        state: async () => ({ setting: { setting: { mention } } }),
      } as never;
      const none = async () => [];
      const reads = { digests, standingChanges: none, agreedEnds: none, endings: async () => undefined };
      return (await presentDigest(run, reads, payments.asOf)).mentions;
    };
    const better = { ...payments, lineage: { ...payments.lineage, behind: 0 } };

    expect(await mentions(better, [linus])).toEqual({ to: 'something got worse', people: [linus], waits: false });
    expect(await mentions(better)).toBeUndefined();
    expect(await mentions(payments, [linus])).toBeUndefined();
  });

  it('says that what one of the weeks lacks is not compared, instead of taking it for zero', () => {
    const { guest: _, ...silent } = payments;
    const { changes } = view({ ...kept('2026-W46'), figures: silent });
    expect(changes.items.map(({ text }) => text)).toEqual(['Figures that one of the two weeks lacks are not compared']);
  });

  it('names what most needs doing, each with a button, and what ends within a month', () => {
    const { next, expiring } = view();

    const list = (options: string) => `compliance payments --list ${options}`;
    expect(
      next.items.map(({ machine, why, buttons }) => [
        machine,
        why,
        ...buttons.filter(({ title }) => title === 'List').map((b) => line(b.call)),
      ]),
    ).toEqual([
      ['9 machines non-compliant', 'by policies', list('--state not-compliant')],
      [
        '3 machines on ubuntu-22 1.3.0',
        'past its end of life since 6 Nov 2026',
        list('--image ubuntu-22 --version 1.3.0'),
      ],
      ['3 machines non-compliant', 'in the guest', list('--guest not-compliant')],
      [
        '4 machines on no golden image',
        'Canonical:0001-com-ubuntu-server-jammy:22_04-lts-gen2, centos-7 of gallery old',
        list('--lineage not-golden'),
      ],
      ['4 machines on ubuntu-22 1.4.1', '2 versions behind for 33 days', list('--image ubuntu-22 --version 1.4.1')],
      ['14 machines on ubuntu-22 1.5.0', '1 version behind for 9 days', list('--image ubuntu-22 --version 1.5.0')],
      ['6 machines neither pet nor cattle yet', 'their owners say which', list('--class undecided')],
    ]);
    expect(expiring.items.map(({ what }) => what)).toEqual([
      'ubuntu-22 1.3.0, on 3 machines',
      'exemption of vm-pay-old-01 from disk-encryption',
    ]);
  });

  it('tells which marketplace images of the team are retired, once for all their versions, and which are not known', () => {
    const focal = { source: 'canonical:focal:20_04-lts', version: '1', machines: 6, state: 'scheduled' } as const;
    const jammy = {
      source: 'canonical:jammy:22_04-lts',
      state: 'deprecated',
      newer: '9',
      golden: 'ubuntu-22',
    } as const;
    const figures = {
      ...payments,
      gaps: [],
      retiring: {
        images: [
          { ...jammy, version: '1', machines: 2, retiresAt: new Date('2026-09-01') },
          { ...jammy, version: '2', machines: 1, retiresAt: new Date('2026-10-01') },
          { ...focal, retiresAt: new Date('2027-05-31'), alternative: 'offer ubuntu-24_04-lts' },
          { ...focal, source: 'a:b:c', machines: 1, state: 'gone' as const },
          { ...focal, source: 'd:e:f', machines: 1 },
        ],
        unknown: [{ source: 'x:y:z', machines: 2 }],
      },
    };
    const shown = digestView(plan, kept('2026-W47', figures), []);
    expect(shown.retired?.items.map(({ what, fate, mend }) => [what, fate, mend])).toEqual([
      [
        '3 machines on 2 versions of canonical:jammy:22_04-lts',
        'deprecated, the first since 1 Sep 2026',
        'move to 9, which stays, or to the golden image ubuntu-22',
      ],
      [
        '1 machine on a:b:c',
        'no longer in the marketplace',
        'its publisher names no other, and no golden image is known to fit',
      ],
      [
        '6 machines on canonical:focal:20_04-lts',
        'will be deprecated on 31 May 2027',
        'move to the offer ubuntu-24_04-lts, which its publisher names instead',
      ],
      [
        '1 machine on d:e:f',
        'will be deprecated, on a day that its publisher has not named',
        'its publisher names no other, and no golden image is known to fit',
      ],
    ]);
    const { text } = digestCard(shown);
    expect(text).toContain('Marketplace images that are retired');
    expect(text).toContain('and 2 more: forecast payments');
    expect(text).toContain('Whether x:y:z is deprecated is not known (2 machines): the marketplace has not been asked');
    expect(digestCard(digestView(plan, kept('2026-W47', payments), [])).text).not.toContain('retired');
  });

  it('compares figures with the newest week that has them, and draws no week without', () => {
    const { policy: _, ...silent } = payments;
    const untold: KeptFigures = { ...kept('2026-W46'), figures: silent };
    const older = kept('2026-W45', { policy: { ...noPolicy, notEvaluated: 58 } });
    const { last, trend } = view(untold, older);

    expect(last?.week).toBe('2026-W45');
    expect(trend.map(({ week }) => week)).toEqual(['2026-W45', '2026-W47']);
  });
});

const noPolicy = { states: noStates, machines: noStates, notEvaluated: 0 };
