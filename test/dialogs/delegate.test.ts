import type { Catalogue } from '../../core/catalogue';
import type { Approval, Delegation } from '../../core/runs';
import { days } from '../../core/time';
import { presentPublishApproval } from '../../dialogs/present/approval';
import { groups } from './support/catalogue';
import { anApproval, fixed } from './support/plan';
import { aRun, dialogWorld, now, people } from './support/world';

const heidi = { oid: 'a3', name: 'Heidi' };
const away: Delegation = {
  from: people.grace,
  to: heidi,
  image: null,
  at: now,
  until: new Date(now.getTime() + days(7)),
};

/** Grace is an approver of every image; Heidi too, by what Entra says at this moment. */
const world = (
  heidiIn: readonly string[] = [groups.approvers],
  names = new Map<string, string>([
    [heidi.oid, heidi.name],
    [people.grace.oid, 'Grace'],
  ]),
) => {
  const made = dialogWorld();
  const { memberOf } = made.deps.directory;
  Object.assign(made.deps.directory, {
    memberOf: async (oid: string, asked: readonly string[]) =>
      oid === heidi.oid ? heidiIn.filter((group) => asked.includes(group)) : memberOf(oid, asked),
  });
  Object.assign(made.deps.reads, { namesOf: async () => names });
  return made;
};

/** Heidi's group decides about one image alone, Grace's about all. */
const split = (roles: Catalogue['roles']): Catalogue['roles'] =>
  roles.flatMap((one) =>
    one.role === 'approver'
      ? [
          { ...one, group: groups.admins },
          { ...one, images: ['windows-2022'] },
        ]
      : [],
  );

describe('passing on what one decides', () => {
  it('says to whom, until when and what it is not for, and the same person takes it back', async () => {
    const w = world();
    const { text } = await w.say('grace', 'delegate @heidi --until +2w');
    expect(text).toContain('Heidi decides on your behalf until');
    expect(text).toContain('For every image, where you would be asked: both of you count for one');
    expect(text).toContain('Open requests show it, and it ends by itself.');
    expect(text).toContain('Not for what you asked for or took part in');
    expect(w.delegations).toMatchObject([{ from: { oid: people.grace.oid }, to: heidi, image: null }]);

    await w.say('grace', 'delegate Heidi --until +1d --image jammy');
    expect(w.delegations[1]).toMatchObject({ image: 'ubuntu-22' });
    const after = (await w.say('grace', 'undelegate --image ubuntu-22')).text;
    expect(after).toContain('Heidi does not decide on your behalf for ubuntu-22 any more');
    expect(after).toContain('It would have ended on Tue 24 Nov, 09:00 UTC. What Heidi has decided stands; while a');
    expect(after).toContain('Still in force: Heidi decides for every image until');
    expect((await w.say('grace', 'undelegate --image ubuntu-22')).text).toContain(
      'Nobody decides on your behalf for ubuntu-22',
    );
  });

  it('stands in what whoami says to both', async () => {
    const w = world();
    const who = async (name: Parameters<typeof w.say>[0]) => (await w.say(name, 'whoami')).text;
    expect(await who('grace')).not.toContain('in your place');
    w.delegations.push(away, { ...away, from: people.dana, to: people.grace, image: 'ubuntu-22' });
    expect(await who('grace')).toContain('Decides on your behalf: Heidi for every image until Mon 30 Nov, 09:00 UTC');
    expect(await who('grace')).toContain('You decide on behalf of: Dana for ubuntu-22 until Mon 30 Nov');
    expect(await who('grace')).toContain('undelegate');
    expect(await who('dana')).toContain('Decides on your behalf: Grace for ubuntu-22');
    expect(await who('dana')).toContain('undelegate --image ubuntu-22');
    expect(await who('ada')).not.toContain('in your place');
  });

  it.each<[string, string, string, ReturnType<typeof world>?]>([
    ['to oneself', 'delegate Grace --until +1d', 'cannot pass your decisions on to yourself'],
    ['to nobody who is known', 'delegate Zoe --until +1d', 'goldbot knows no approver called “Zoe”; nothing was done.'],
    ['for ever', 'delegate Heidi --until +80d', 'is more than 60 days ahead'],
    ['until yesterday', 'delegate Heidi --until 2020-01-01', 'is in the past'],
    ['until some time', 'delegate Heidi --until soon', '"soon" is not a date'],
    [
      'to somebody who could not decide',
      'delegate Heidi --until +1d',
      'Heidi is not an approver of ubuntu-22, ubuntu-24, windows-2022, so could not decide; nothing was done.',
      world([]),
    ],
  ])('is not done %s', async (_, said, why, w = world()) => {
    const { text } = await w.say('grace', said);
    expect(text).toContain(why);
    expect(w.delegations).toEqual([]);
  });

  it('is not done when two have the name, nor by who decides nothing', async () => {
    const twice = world(
      [groups.approvers],
      new Map([
        ['a3', 'Heidi'],
        ['b3', 'Heidi'],
      ]),
    );
    expect((await twice.say('grace', 'delegate Heidi --until +1d')).text).toContain('Say which by object id: a3, b3.');
    const unknown = (await twice.say('grace', 'delegate Zoe --until +1d')).text;
    expect(unknown).toContain('By name it knows Heidi, Heidi.');
    expect(unknown).toContain(
      'It knows people by name once they have written to it. Mention who you mean in a channel (“@goldbot delegate @Zoe …”), or write the object id that “whoami” tells them.',
    );
    expect((await twice.say('grace', 'help delegate')).text).toContain('<@person>');
    const some = world();
    const { roles } = some.deps.catalogue();
    const only = {
      ...some.deps.catalogue(),
      roles: [...roles.filter(({ role }) => role !== 'approver'), ...split(roles)],
    };
    Object.assign(some.deps, { catalogue: () => only });
    const part = (await some.say('grace', 'delegate Heidi --until +1d')).text;
    expect(part).toContain('Pass on one image.');
    expect(part).toContain('delegate Heidi --until +1d --image windows-2022');
    expect((await world().say('ada', 'delegate Heidi --until +1d')).text).toContain('needs the role approver');
  });
});

describe('whom a message mentions', () => {
  const id = 'a1d0c000-0000-4000-8000-000000000003';
  const entra = (names: ReadonlyMap<string, string>) => {
    const made = world([groups.approvers], new Map(names));
    const { memberOf } = made.deps.directory;
    Object.assign(made.deps.directory, {
      memberOf: async (oid: string, asked: readonly string[]) =>
        oid === id ? [groups.approvers].filter((group) => asked.includes(group)) : memberOf(oid, asked),
    });
    return made;
  };
  const known = new Map([[id, 'Heidi']]);
  const mentions = (...all: readonly { readonly name: string; readonly oid?: string }[]) => ({
    mentioned: async () => all,
  });

  it('is who decides, though goldbot has never heard of them', async () => {
    const w = entra(known);
    const { text } = await w.say('grace', 'delegate --until +2w', mentions({ name: 'Heidi', oid: id }));
    expect(text).toContain('Heidi decides on your behalf until');
    expect(w.delegations).toMatchObject([{ to: { oid: id, name: 'Heidi' } }]);
  });

  it.each([
    [
      'several',
      mentions({ name: 'Heidi', oid: id }, { name: 'Dana', oid: 'a5' }),
      ['The message mentions Heidi, Dana; nothing was done.', 'Mention one of them.'],
    ],
    [
      'of whom Teams says nothing',
      mentions({ name: 'Heidi' }),
      ['Teams did not say who Heidi is; nothing was done.', 'Write their object id, which “whoami” tells them.'],
    ],
  ])('is nobody: %s', async (_, turn, why) => {
    const w = entra(known);
    const { text } = await w.say('grace', 'delegate --until +2w', turn);
    for (const words of why) expect(text).toContain(words);
    expect(w.delegations).toEqual([]);
  });

  it('is not asked about where somebody is named, or nobody is wanted', async () => {
    const w = world();
    const turn = { mentioned: () => Promise.reject(new Error('nobody is asked')) };
    expect((await w.say('grace', 'delegate Heidi --until +2w', turn)).text).toContain('Heidi decides on your behalf');
    expect((await w.say('grace', 'whoami', turn)).text).toContain('Grace');
  });
});

describe('a request while somebody is away', () => {
  const asking = (more: Partial<Approval> = {}) => {
    const run = aRun('R-22222', {
      ...{ stage: 'approve', planHash: 'a'.repeat(64), plan: { request: {}, approvalChannel: 'x', fixed } },
      data: { deciders: { size: 'fits', count: 3, ids: [people.grace.oid, 'a3', 'a4'] } } as never,
    });
    return { run, approval: anApproval({ planHash: 'a'.repeat(64), ...more }) };
  };
  const text = ({ run, approval }: ReturnType<typeof asking>, delegations = [away]) =>
    presentPublishApproval(approval, run, { now, delegations }).text;

  it('names who may decide in whose place, as long as that is so', () => {
    expect(text(asking())).toContain('Heidi may decide on behalf of Grace.');
    const over = { ...away, until: now };
    const other = { ...away, image: 'windows-2022' };
    const stranger = { ...away, from: people.dana };
    for (const one of [over, other, stranger]) expect(text(asking(), [one])).not.toContain('on behalf of');
    const { run, approval } = asking();
    const mine = { ...run, actors: [{ ...people.grace, did: 'joined' as const }] };
    expect(text({ run: mine, approval })).not.toContain('on behalf of');
  });

  it('shows the decision as what it is', () => {
    const decision = { ...heidi, verdict: 'approve', reason: null, via: 'text', at: now } as const;
    const decisions = [{ ...decision, inPlaceOf: { oid: people.grace.oid, name: 'Grace' } }];
    const shown = text(asking({ decisions, rule: { ...fixed.rule, quorum: 2 } }));
    expect(shown).toContain('Heidi approves on behalf of Grace');
    expect(shown).not.toContain('may decide on behalf of');
  });

  it('stands in the list of whoever takes the place', async () => {
    const w = world(['g9']);
    const { run, approval } = asking({ rule: { ...fixed.rule, group: 'g9', groupName: 'others' } });
    w.runs.set(run.id, run);
    w.approvals.set(approval.id, approval);
    const list = async () => (await w.say('grace', 'approvals')).text;
    expect(await list()).toContain('not you: others decide');
    w.delegations.push({ ...away, from: heidi, to: people.grace });
    expect(await list()).toContain('you can decide on behalf of Heidi');
    expect((await w.say('grace', 'approvals --mine')).text).toContain(approval.id);
    const decided = { ...heidi, verdict: 'approve', reason: null, via: 'text', at: now } as const;
    w.approvals.set(approval.id, { ...approval, rule: { ...approval.rule, quorum: 2 }, decisions: [decided] });
    expect(await list()).toContain('not you: others decide');
  });
});
