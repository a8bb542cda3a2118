import * as fc from 'fast-check';
import { rightsOf } from '../../core/access';
import type { Risk } from '../../core/catalogue';
import { parseTattoo, type Tattoo, tattooFile, tattooFromTags, tattooTags } from '../../core/images';
import {
  approvalRule,
  barredFrom,
  blockedBy,
  changeNumberProblem,
  dueReminder,
  expiryOf,
  expiryOfTurn,
  groupsDeciding,
  longestOpenMs,
  reminderNumber,
  remindersOf,
  ruleFor,
  stepsOf,
  tally,
  timeToLive,
  turnOf,
  whoDecides,
  withAtLeast,
} from '../../core/runs';
import { days, hours } from '../../core/time';
import { exampleCatalogue } from '../support/catalogue';

describe('the approval rule', () => {
  const rule = { group: 'g', groupName: 'approvers', quorum: 2 };
  const members = new Set(['grace', 'heidi']);

  it('needs as many different approvers as the quorum says', () => {
    const twice = [
      { oid: 'grace', verdict: 'approve' as const },
      { oid: 'grace', verdict: 'approve' as const },
    ];
    expect(tally(rule, twice, members)).toBe('pending');
    expect(tally(rule, [...twice, { oid: 'heidi', verdict: 'approve' }], members)).toBe('approved');
  });

  it('does not count who left the group', () => {
    const both = [
      { oid: 'grace', verdict: 'approve' as const },
      { oid: 'heidi', verdict: 'approve' as const },
    ];
    expect(tally(rule, both, new Set(['grace']))).toBe('pending');
  });

  it('lets one rejection end it', () => {
    expect(
      tally(
        rule,
        [
          { oid: 'grace', verdict: 'approve' },
          { oid: 'heidi', verdict: 'reject' },
        ],
        members,
      ),
    ).toBe('rejected');
  });
});

describe('a quorum by risk', () => {
  const rule = {
    ...{ group: 'g', groupName: 'approvers', quorum: 1 },
    risks: [
      { when: ['first-version', 'changed-recipe'] as Risk[], quorum: 2 },
      { when: ['vulnerabilities'] as Risk[], quorum: 3 },
    ],
  };

  it.each<[Risk[], number, Risk[] | undefined]>([
    [[], 1, undefined],
    [['old-base'], 1, undefined],
    [['changed-recipe', 'old-base'], 2, ['changed-recipe']],
    [['first-version', 'vulnerabilities'], 3, ['vulnerabilities']],
  ])('for %j is %d, and says why', (found, quorum, because) => {
    expect(ruleFor(rule, found)).toEqual({ ...rule, quorum, ...(because && { because }) });
  });

  it('never takes fewer, and nobody’s second click counts as another person’s', () => {
    const some = fc.subarray(['first-version', 'changed-recipe', 'old-base', 'vulnerabilities'] as Risk[]);
    const clicks = fc.array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 6 });
    void fc.assert(
      fc.property(some, clicks, fc.subarray(['a', 'b', 'c', 'd']), (found, oids, members) => {
        const asked = ruleFor(rule, found);
        expect(asked.quorum).toBeGreaterThanOrEqual(rule.quorum);
        const people = new Set(oids.filter((oid) => members.includes(oid)));
        const verdict = tally(
          asked,
          oids.map((oid) => ({ oid, verdict: 'approve' as const })),
          new Set(members),
        );
        expect(verdict).toBe(people.size >= asked.quorum ? 'approved' : 'pending');
      }),
    );
  });
});

describe('groups that decide one after the other', () => {
  const security = { group: 's', groupName: 'security', quorum: 1, channel: 'c / security' };
  const rule = { group: 'g', groupName: 'approvers', quorum: 2, first: [security] };
  const said = (oid: string, turn: number, verdict: 'approve' | 'reject' = 'approve') => ({ oid, turn, verdict });
  const all = new Set(['sam', 'grace', 'heidi']);

  it('have their turn once the one before has approved', () => {
    expect(turnOf({ rule })).toMatchObject({ group: 's', at: 0, missing: 1 });
    expect(turnOf({ rule, decisions: [said('sam', 0)] })).toMatchObject({ group: 'g', at: 1, missing: 2 });
    const done = [said('sam', 0), said('grace', 1), said('heidi', 1)];
    expect(turnOf({ rule, decisions: done })).toMatchObject({ group: 'g', at: 1, missing: 0 });
    expect(tally(rule, done, all)).toBe('approved');
  });

  it('are all needed, and any rejection ends it', () => {
    expect(tally(rule, [said('grace', 1), said('heidi', 1)], all)).toBe('pending');
    expect(tally(rule, [said('sam', 0), said('grace', 1, 'reject')], all)).toBe('rejected');
    const without = new Set(['grace', 'heidi']);
    expect(tally(rule, [said('sam', 0), said('grace', 1), said('heidi', 1)], without)).toBe('pending');
  });

  it('never count a person twice, whatever is clicked', () => {
    const click = fc.record({ oid: fc.constantFrom('a', 'b', 'c', 'd'), turn: fc.integer({ min: 0, max: 2 }) });
    const quorums = fc.array(fc.integer({ min: 1, max: 2 }), { minLength: 1, maxLength: 3 });
    void fc.assert(
      fc.property(quorums, fc.uniqueArray(click, { selector: ({ oid }) => oid }), (needs, clicks) => {
        const steps = needs.map((quorum, n) => ({ group: `g${n}`, groupName: `g${n}`, quorum, channel: 'c' }));
        const [own] = steps.slice(-1);
        const several = { ...rule, ...own, first: steps.slice(0, -1) };
        const people = new Set(clicks.map(({ oid }) => oid));
        const verdict = tally(
          several,
          clicks.map(({ oid, turn }) => said(oid, turn)),
          people,
        );
        const counts = needs.map((_, n) => clicks.filter(({ turn }) => turn === n).length);
        expect(verdict).toBe(needs.every((quorum, n) => (counts[n] ?? 0) >= quorum) ? 'approved' : 'pending');
        if (verdict === 'approved') expect(people.size).toBeGreaterThanOrEqual(needs.reduce((sum, n) => sum + n, 0));
      }),
    );
  });

  it('bar who decided for one before, and are enough people together', () => {
    const turn = turnOf({ rule, decisions: [said('sam', 0)] });
    const decisions = [{ ...said('sam', 0), name: 'Sam', reason: null, via: 'text', at: new Date() }];
    const barred = barredFrom(turn, { decisions }, [{ oid: 'ada' }]).map(({ oid }) => oid);
    expect(barred).toEqual(['ada', 'sam']);
    expect(stepsOf(withAtLeast({ ...rule, quorum: 1 }, 2)).map(({ quorum }) => quorum)).toEqual([1, 1]);
    expect(stepsOf(withAtLeast({ ...rule, quorum: 1 }, 4)).map(({ quorum }) => quorum)).toEqual([1, 3]);
  });
});

describe('a time that counts working hours alone', () => {
  const at = (text: string) => new Date(text);
  const approval = { ...exampleCatalogue().images[0]?.approval, zone: 'Europe/Berlin', expiresCounts: 'working-hours' };
  const image = (expires: string) => ({ approval: { ...approval, expires } }) as Parameters<typeof timeToLive>[0];

  it.each([
    ['+1d', '2026-11-27T14:00Z', '2026-11-30T14:00'],
    ['+1w', '2026-11-27T14:00Z', '2026-12-04T14:00'],
    ['+8h', '2026-11-28T08:00Z', '2026-11-30T15:00'],
  ])('of %s from %s is over at %s', (expires, from, until) => {
    const rule = approvalRule(image(expires));
    const ttlMs = timeToLive(image(expires), at(from));
    const over = expiryOf(rule, ttlMs, at(from));
    expect(over.toISOString().slice(0, 16)).toBe(until);
    expect(over.getTime() - at(from).getTime()).toBeLessThanOrEqual(longestOpenMs(rule, ttlMs));
  });

  it('is never open for longer than the run waits', () => {
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'Pacific/Auckland', 'America/St_Johns');
    const start = fc.date({ min: at('2026-01-01T00:00Z'), max: at('2027-12-31T00:00Z'), noInvalidDate: true });
    void fc.assert(
      fc.property(zones, start, fc.integer({ min: 1, max: 200 }), (zone, from, count) => {
        const rule = { group: 'g', groupName: 'g', quorum: 1, workingHours: { zone } };
        const openMs = expiryOf(rule, hours(count), from).getTime() - from.getTime();
        expect(openMs).toBeLessThanOrEqual(longestOpenMs(rule, hours(count)));
      }),
    );
  });

  it('is otherwise the clock’s', () => {
    const plain = { approval: { ...approval, expires: '+1d', expiresCounts: undefined } } as never;
    const from = at('2026-11-27T14:00Z');
    expect(expiryOf(approvalRule(plain), timeToLive(plain, from), from)).toEqual(at('2026-11-28T14:00Z'));
    expect(longestOpenMs(approvalRule(plain), 5)).toBe(5);
  });
});

describe('reminders', () => {
  const rule = { group: 'g', groupName: 'approvers', quorum: 1 };
  const escalation = { group: 'h', groupName: 'heads', channel: 'a / heads' };
  const open = (askedAt: string, expiresAt: string, more: object = { reminders: {} }) => ({
    ...{ rule: { ...rule, ...more }, askedAt: new Date(askedAt), expiresAt: new Date(expiresAt) },
  });
  const berlin = { reminders: { zone: 'Europe/Berlin' } };

  it.each([
    ['none where the rule has none', open('2026-11-23T08:00Z', '2026-11-27T08:00Z', {}), []],
    ['by the clock', open('2026-11-23T08:00Z', '2026-11-27T08:00Z'), ['2026-11-25T08:00', '2026-11-26T08:00']],
    [
      // One hour on Friday and nine on Monday, in Berlin: 8:00 to 18:00 is 7:00 to 17:00.
      'by working hours, of which a weekend has none',
      open('2026-11-27T16:00Z', '2026-11-30T16:00Z', berlin),
      ['2026-11-30T11:00', '2026-11-30T13:30'],
    ],
    [
      'by the clock where no working hour is left',
      open('2026-11-28T08:00Z', '2026-11-29T08:00Z', berlin),
      ['2026-11-28T20:00', '2026-11-29T02:00'],
    ],
  ])('are sent %s', (_, request, at) => {
    expect(remindersOf(request).map((one) => one.toISOString().slice(0, 16))).toEqual(at);
  });

  it('let others decide from the second one on, and not a moment earlier', () => {
    const request = open('2026-11-23T08:00Z', '2026-11-27T08:00Z', { reminders: {}, escalation });
    const at = (moment: string) => groupsDeciding(request, new Date(moment)).map(({ group }) => group);
    expect([at('2026-11-26T07:59:59Z'), at('2026-11-26T08:00:00Z')]).toEqual([['g'], ['g', 'h']]);
    expect(whoDecides(request, new Date('2026-11-26T08:00:00Z'))).toBe('approvers or heads');
  });
});

describe('groups with a time each', () => {
  const rule = {
    ...{ group: 'g', groupName: 'approvers', quorum: 1, channel: 'a', ttlMs: days(4), reminders: {} },
    first: [{ group: 's', groupName: 'security', quorum: 1, channel: 'gate', ttlMs: days(2) }],
    escalation: { group: 'h', groupName: 'heads', channel: 'a / heads' },
  };
  const askedAt = new Date('2026-11-23T08:00Z');
  const passedAt = new Date('2026-11-24T20:00Z');
  const first = { id: 'R-22222' as const, rule, askedAt, expiresAt: expiryOf(rule, 1, askedAt) };
  const decided = {
    ...{ oid: 's', name: 'Sam', verdict: 'approve' as const, reason: null, via: 'text', at: passedAt, turn: 0 },
  };
  const second = { ...first, expiresAt: expiryOfTurn(rule, 1, passedAt) as Date, decisions: [decided] };
  const iso = (dates: readonly Date[]) => dates.map((one) => one.toISOString().slice(0, 16));

  it('have it from when they are asked', () => {
    expect(iso([first.expiresAt, second.expiresAt])).toEqual(['2026-11-25T08:00', '2026-11-28T20:00']);
    expect(longestOpenMs(rule, 1)).toBe(days(6));
    const berlin = { ...rule, workingHours: { zone: 'Europe/Berlin' } };
    expect(longestOpenMs(berlin, 1)).toBeGreaterThan(longestOpenMs({ ...berlin, first: [] }, 1));
    const { ttlMs: _, ...shared } = rule;
    expect(expiryOfTurn(shared, 1, passedAt)).toBeUndefined();
  });

  it('are reminded of their own, and others asked late with each of them', () => {
    expect(iso(remindersOf(first))).toEqual(['2026-11-24T08:00', '2026-11-24T20:00']);
    expect(iso(remindersOf(second))).toEqual(['2026-11-26T20:00', '2026-11-27T20:00']);
    const told = { request: first.id, times: 2, turn: 0 };
    expect(dueReminder(first, told, passedAt)).toBeUndefined();
    expect(dueReminder(second, told, passedAt)).toBeUndefined();
    const due = dueReminder(second, told, new Date('2026-11-26T20:00Z'));
    expect(due).toEqual({ request: first.id, times: 1, turn: 1 });
    expect([told, due].map((one) => one && reminderNumber(one))).toEqual([2, 3]);
    const late = (request: Parameters<typeof groupsDeciding>[0]) => groupsDeciding(request, passedAt);
    expect(late(first).map(({ group }) => group)).toEqual(['s', 'h']);
    expect(late(second).map(({ group }) => group)).toEqual(['g']);
  });
});

describe('a change number', () => {
  const rule = { group: 'g', groupName: 'approvers', quorum: 1 };
  const strict = { ...rule, changeNumber: 'CHG[0-9]{7}|EMERGENCY' };
  it.each([
    ['is not needed where no rule asks for one', { rule }, undefined, undefined],
    ['may be given all the same', { rule }, 'RFC-1042', undefined],
    ['looks like one even then', { rule }, 'soon', 'other pattern'],
    ['is needed where the rule asks for one', { rule: strict }, undefined, 'missing'],
    ['of the pattern is enough', { rule: strict }, 'CHG0031234', undefined],
    [
      'matches as a whole, whatever alternatives there are',
      { rule: strict },
      'CHG0031234 or EMERGENCY',
      'other pattern',
    ],
    [
      'is not looked at for as long as its pattern would',
      { rule: { ...rule, changeNumber: 'CHG([0-9]+)+' } },
      `CHG${'0'.repeat(36)}!`,
      'other pattern',
    ],
    ['is given once for all who approve', { rule: strict, changeNumber: 'CHG0031234' }, undefined, undefined],
    ['may be repeated', { rule: strict, changeNumber: 'CHG0031234' }, 'CHG0031234', undefined],
    ['is not replaced by another', { rule: strict, changeNumber: 'CHG0031234' }, 'CHG0031235', 'another'],
  ])('%s', (_, request, given, why) => {
    expect(changeNumberProblem(request, given)?.why).toBe(why);
  });
});

describe('the tattoo', () => {
  const tattoo: Tattoo = {
    schema: '1',
    image: 'ubuntu-22',
    version: '1.6.0',
    source: 'Canonical:0001-com-ubuntu-server-jammy:22_04-lts-gen2:22.04.202611120',
    os: 'Ubuntu 22.04.5 LTS',
    built: '2026-11-22T10:00:00.000Z',
    run: 'R-7F3KQ',
    recipe: 'abc',
  };

  it('reads what it wrote, from the guest and from tags', () => {
    expect(parseTattoo(tattooFile(tattoo))).toEqual(tattoo);
    expect(tattooFromTags(tattooTags(tattoo))).toEqual(tattoo);
  });

  it('is none when a field is missing or the schema is another', () => {
    expect(parseTattoo(tattooFile(tattoo).replace(/^run=.*\n/m, ''))).toBeUndefined();
    expect(parseTattoo(tattooFile(tattoo).replace('schema=1', 'schema=2'))).toBeUndefined();
  });

  it('has a hash that any change of a field changes', () => {
    const hash = (t: Tattoo) => tattooTags(t)['goldbot-tattoo-sha256'];
    for (const field of ['image', 'version', 'source', 'os', 'built', 'run', 'recipe'] as const) {
      expect(hash({ ...tattoo, [field]: 'x' })).not.toBe(hash(tattoo));
    }
  });
});

describe('rights', () => {
  const catalogue = exampleCatalogue();
  const groupOf = (name: string) => catalogue.roles.find((r) => r.name === name)?.group ?? '';

  it('come from groups alone', () => {
    expect(rightsOf(catalogue, []).has('viewer')).toBe(false);
    expect(rightsOf(catalogue, []).has('all')).toBe(true);
    expect(rightsOf(catalogue, [groupOf('goldbot-publishers')]).has('publisher', 'ubuntu-22')).toBe(true);
  });

  it('let an admin publish but not decide', () => {
    const admin = rightsOf(catalogue, [groupOf('goldbot-admins')]);
    expect(admin.has('publisher')).toBe(true);
    expect(admin.has('approver')).toBe(false);
  });

  it('end at the images that a grant names', () => {
    const limited = {
      ...catalogue,
      roles: [{ group: 'g', name: 'web', role: 'publisher' as const, images: ['ubuntu-22'] }],
    };
    expect(rightsOf(limited, ['g']).has('publisher', 'ubuntu-22')).toBe(true);
    expect(rightsOf(limited, ['g']).has('publisher', 'windows-2022')).toBe(false);
  });
});

describe('who could decide', () => {
  const rule = { group: 'g', groupName: 'Approvers', quorum: 2 };
  const ids = ['a', 'b', 'c'];
  it.each<[string, string[], object, object | undefined]>([
    ['as many as are needed', ['a'], { count: 3, ids }, undefined],
    ['one too few', ['a', 'B'], { count: 3, ids }, { why: 'too few', members: 3, able: 1 }],
    ['actors who are in no group', ['x', 'y'], { count: 3, ids }, undefined],
    ['more than are told of: nobody knows', ['a', 'b'], { count: 4, ids }, undefined],
    ['nobody', [], { count: 0, ids: [] }, { why: 'empty group' }],
    ['a group that is gone', [], { size: 'missing', count: 0, ids: [] }, { why: 'no such group' }],
    ['a group that is too large', [], { size: 'too large', count: 9, ids }, { why: 'group too large' }],
  ])('%s', (_, actors, deciders, blocked) => {
    const people = actors.map((oid) => ({ oid }));
    expect(blockedBy(rule, people, { size: 'fits', ...deciders } as never)).toEqual(blocked);
  });
});
