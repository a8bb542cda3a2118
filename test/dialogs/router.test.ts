import { UserError } from '../../core/errors';
import { aRun, type DialogWorld, dialogWorld, people, tenant } from './support/world';

describe('asking for a publish', () => {
  it('starts a run in the thread of the asker and answers with its live card', async () => {
    const world = dialogWorld();
    const answer = await world.say('ada', '<at>goldbot</at> publish ubuntu-22 --note "openssl fix"', {
      conversation: { id: '19:general', threadId: '42', kind: 'channel' },
    });
    expect(world.started).toEqual([
      expect.objectContaining({
        subject: 'ubuntu-22',
        person: expect.objectContaining({ oid: people.ada.oid }),
        plan: { request: { note: 'openssl fix' }, approvalChannel: 'Image Factory / approvals', fixed: null },
        card: { conversationId: '19:general', threadId: '42' },
      }),
    ]);
    expect(answer.topic).toBe('run:R-NEW22');
    expect(answer.text).toContain('R-NEW22');
    expect(answer.card).toBeDefined();
  });

  it('takes an alias in any case', async () => {
    const world = dialogWorld();
    await world.say('ada', 'publish Jammy');
    expect(world.started[0]?.subject).toBe('ubuntu-22');
  });

  it('joins an open run and says so', async () => {
    const world = dialogWorld();
    await world.say('ada', 'publish ubuntu-22');
    const second = await world.say('grace', 'publish ubuntu-22 --bump patch');
    expect(second.text).toContain('You joined R-NEW22');
    expect(second.text).toContain('Your options do not count');
    expect(world.runs.size).toBe(1);
  });

  it('asks which one when a name fits several images, and starts nothing', async () => {
    const world = dialogWorld();
    const answer = await world.say('ada', 'publish ubuntu --note fix');
    expect(answer.text).toContain('Which image do you mean');
    expect(answer.text).toContain('ubuntu-22, ubuntu-24');
    expect(answer.text).not.toContain('windows-2022');
    expect(world.started).toEqual([]);
  });

  it('asks with a form for the image when none is named', async () => {
    const world = dialogWorld();
    const answer = await world.say('ada', 'publish');
    expect(answer.text).toContain('publish needs image');
    expect(JSON.stringify(answer.card)).toContain('Input.ChoiceSet');
    expect(world.started).toEqual([]);
  });

  it('starts the run that a filled form asks for, empty inputs left out', async () => {
    const world = dialogWorld();
    const answer = await world.click('ada', 'publish', { image: 'ubuntu-22', note: '', bump: 'patch', plan: 'false' });
    expect(world.started[0]?.plan).toMatchObject({ request: { bump: 'patch' } });
    expect(answer).toMatchObject({ kind: 'post', reply: { topic: 'run:R-NEW22' } });
  });

  it.each([
    ['publish ubunto-22', 'UNKNOWN_IMAGE', 'ubuntu-22'],
    ['publish windows-2022', 'NOT_IN_THIS_VERSION', 'versions windows-2022'],
    ['publish ubuntu-22 --output vhd', 'NOT_IN_THIS_VERSION', 'publish ubuntu-22'],
    ['publish ubuntu-22 --eol yesterday', 'BAD_COMMAND', '--eol +6mo'],
    ['publish ubuntu-22 --eol 2020-01-01', 'BAD_COMMAND', 'in the past'],
    ['publish ubuntu-22 --bump huge', 'BAD_COMMAND', 'patch'],
    ['publish ubuntu-22 --replicas 0', 'BAD_COMMAND', 'replicas'],
    ['publish ubuntu-22 --version 1.2.3 --bump patch', 'BAD_COMMAND', '--bump'],
  ])('refuses `%s` with %s and the next command', async (text, code, hint) => {
    const world = dialogWorld();
    const answer = await world.say('ada', text);
    expect(answer.text).toContain(code);
    expect(answer.text).toContain(hint);
    expect(world.started).toEqual([]);
  });
});

describe('who may do what', () => {
  it('refuses by role, names the group that could, and writes it down', async () => {
    const world = dialogWorld();
    const answer = await world.say('dana', 'publish ubuntu-22');
    expect(answer.text).toContain('WRONG_ROLE');
    expect(answer.text).toContain('goldbot-publishers');
    expect(world.started).toEqual([]);
    expect(world.refusals).toEqual([
      expect.objectContaining({
        who: { oid: people.dana.oid, name: 'Dana' },
        detail: expect.objectContaining({ code: 'WRONG_ROLE' }),
      }),
    ]);
  });

  it('checks the role against the image, also when only the run names it', async () => {
    const world = dialogWorld();
    world.runs.set('R-22222', aRun('R-22222'));
    expect((await world.say('web', 'publish ubuntu-22')).text).toContain('WRONG_ROLE');
    expect((await world.say('web', 'cancel R-22222 --reason no')).text).toContain('WRONG_ROLE');
    expect((await world.say('web', 'publish ubuntu-24')).topic).toBe('run:R-NEW22');
    expect(world.signals).toEqual([]);
  });

  it('refuses another tenant before it reads the message', async () => {
    const world = dialogWorld();
    const person = { oid: people.ada.oid, name: 'Ada', tenantId: 'c0ffee00-7e57-4bad-8bad-5ca1ab1e0666' };
    expect((await world.say('ada', 'help', { person })).text).toContain('WRONG_TENANT');
    expect(world.refusals).toHaveLength(1);
  });

  it.each(['publish ubuntu-22', 'status', 'approve R-22222'])(
    'fails closed for `%s` while the directory is silent',
    async (text) => {
      const silent = new UserError('DIRECTORY_SILENT', 'Graph is silent.', { hint: 'Later.' });
      const world = dialogWorld({ directory: { memberOf: () => Promise.reject(silent) } });
      world.runs.set('R-22222', aRun('R-22222', { actors: [] }));
      const answer = await world.say('grace', text);
      expect(answer.text).toContain('DIRECTORY_SILENT');
      expect(answer.text.split('\n').at(-1)).toBe(text);
      expect([...world.started, ...world.decided]).toEqual([]);
    },
  );

  it('still helps while the directory is silent', async () => {
    const silent = new UserError('DIRECTORY_SILENT', 'Graph is silent.', { hint: 'Later.' });
    const world = dialogWorld({ directory: { memberOf: () => Promise.reject(silent) } });
    expect((await world.say('grace', 'help')).text).toContain('roles unknown');
  });

  it('shows in help only what the person may', async () => {
    const world = dialogWorld();
    const [ada, grace, nobody] = await Promise.all(
      (['ada', 'grace', 'nobody'] as const).map((who) => world.say(who, 'help')),
    );
    expect(ada?.text).toContain('publish <image>');
    expect(ada?.text).not.toContain('approve <');
    expect(grace?.text).toContain('approve <');
    expect(nobody?.text).not.toContain('status');
    expect(nobody?.text).toContain('help');
  });
});

describe('deciding', () => {
  const approval = {
    id: 'R-99999',
    runId: 'R-22222',
    planHash: 'a'.repeat(64),
    rule: { group: 'g', groupName: 'goldbot-approvers', quorum: 1 },
    status: 'pending',
    askedAt: new Date('2026-11-23T08:00:00Z'),
    expiresAt: new Date('2026-11-26T08:00:00Z'),
    decisions: [],
  } as const;

  function asking() {
    const world = dialogWorld();
    world.runs.set('R-22222', aRun('R-22222', { stage: 'approve' }));
    world.approvals.set('R-99999', approval);
    return world;
  }

  it('passes on the hash of the button and who really clicked', async () => {
    const world = asking();
    const data = { request: 'R-99999', hash: approval.planHash, reason: '' };
    const answer = await world.click('grace', 'approve', data, { clicked: 'approval:R-99999' });
    expect(world.decided).toEqual([
      expect.objectContaining({ request: 'R-99999', hash: approval.planHash, verdict: 'approve', via: 'button' }),
    ]);
    expect(world.decided[0]?.person.oid).toBe(people.grace.oid);
    expect(answer).toMatchObject({ kind: 'card', reply: { topic: 'approval:R-99999' } });
  });

  it('works as a sentence too', async () => {
    const world = asking();
    await world.say('grace', 'reject r-99999 --reason wait for the openssl fix');
    expect(world.decided).toEqual([
      expect.objectContaining({
        request: 'R-99999',
        verdict: 'reject',
        reason: 'wait for the openssl fix',
        via: 'text',
      }),
    ]);
  });

  it('tells an actor that they are one instead of naming a missing role', async () => {
    const world = asking();
    const answer = await world.click('ada', 'approve', { request: 'R-99999', hash: approval.planHash });
    expect(answer).toMatchObject({ kind: 'message', text: expect.stringContaining('you requested it, Ada') });
    expect(world.decided).toEqual([]);
    expect(world.refusals[0]?.detail).toMatchObject({ code: 'APPROVAL_OWN', via: 'button' });
  });

  it.each([
    ['a card that goldbot did not post here', null],
    ['the card of another asking', 'approval:R-88888'],
  ])('refuses a click on %s', async (_, clicked) => {
    const world = asking();
    const answer = await world.click('grace', 'approve', { request: 'R-99999', hash: approval.planHash }, { clicked });
    expect(answer).toMatchObject({ kind: 'message', text: expect.stringContaining('nothing was decided') });
    expect(world.decided).toEqual([]);
    expect(world.refusals[0]?.detail).toMatchObject({ code: 'WRONG_PLACE' });
  });

  it.each(['approve', 'reject'])(
    'decides nothing by a click on %s that does not say which plan it saw',
    async (verb) => {
      for (const forged of [
        {},
        { hash: null },
        { hash: 7 },
        { hash: '' },
        { hash: [approval.planHash] },
        { hash: {} },
      ]) {
        const world = asking();
        const data = { request: 'R-99999', reason: 'because', ...forged };
        const answer = await world.click('grace', verb, data, { clicked: 'approval:R-99999' });
        expect(answer).toMatchObject({ kind: 'message', text: expect.stringContaining('nothing was decided') });
        expect(world.decided).toEqual([]);
        expect(world.refusals).toEqual([expect.objectContaining({ request: 'R-99999' })]);
      }
    },
  );

  it.each<object>([{ oid: people.grace.oid }, { verdict: 'approve' }, { person: { oid: 'a2' } }, { constructor: '' }])(
    'trusts no click that carries more than the card had: %j',
    async (more) => {
      const world = asking();
      const data = { request: 'R-99999', hash: approval.planHash, ...more };
      const answer = await world.click('grace', 'approve', data, { clicked: 'approval:R-99999' });
      expect(answer).toMatchObject({ kind: 'message', text: expect.stringContaining('nothing was decided') });
      expect(world.decided).toEqual([]);
      expect(world.refusals[0]).toMatchObject({ request: 'R-99999', detail: { code: 'BAD_COMMAND' } });
    },
  );

  it.each([
    ['by a click', (world: DialogWorld) => rejectEmpty(world), 'Write it into the field of the card'],
    ['by a sentence', async (world: DialogWorld) => (await world.say('grace', 'reject R-99999')).text, 'REASON_NEEDED'],
  ])('asks for the reason of a rejection %s without a form, which could not decide', async (_, act, words) => {
    const world = asking();
    const text = await act(world);
    expect(text).toContain(words);
    expect(text).toContain('reject R-99999 --reason');
    expect(world.decided).toEqual([]);
  });

  async function rejectEmpty(world: DialogWorld): Promise<string> {
    const data = { request: 'R-99999', hash: approval.planHash, reason: ' ' };
    const answer = await world.click('grace', 'reject', { ...data, reason: '' }, { clicked: 'approval:R-99999' });
    return answer.kind === 'message' ? answer.text : '';
  }

  it.each([
    ['data that is no object', 'approve', 'R-99999'],
    ['a request that is an object', 'approve', { request: { $ne: 1 } }],
    ['a hash that is none', 'approve', { request: 'R-99999', hash: "' or 1=1" }],
    ['a verb that no card has', 'drop', { request: 'R-99999' }],
    ['a verb of the prototype', 'constructor', {}],
    ['a request that does not exist', 'approve', { request: 'R-77777' }],
    ['a hash and no request', 'approve', { hash: approval.planHash }],
  ])('does nothing for a click with %s', async (_, verb, data) => {
    const world = asking();
    const answer = await world.click('grace', verb, data);
    expect(answer.kind).toBe('message');
    expect(world.decided).toEqual([]);
  });
});

describe('the buttons of a run', () => {
  const hash = 'b'.repeat(64);

  it.each([
    ['cancel', hash, undefined],
    ['cancel', hash, 'a'.repeat(64)],
    ['cancel', null, hash],
    ['rebuild', hash, undefined],
    ['rebuild', hash, 'a'.repeat(64)],
  ])(
    '%s of a run with the plan %s does nothing on a card of %s, and says where to look',
    async (verb, planHash, carried) => {
      const world = dialogWorld();
      world.runs.set('R-22222', aRun('R-22222', { planHash, stage: 'repair' }));
      const data = { request: 'R-22222', reason: 'wrong base', note: '', ...(carried && { hash: carried }) };
      const answer = await world.click('ada', verb, data);
      expect(answer).toMatchObject({ kind: 'message', text: expect.stringMatching(/card is old.*“status R-22222”/) });
      expect(world.signals).toEqual([]);
      expect(world.refusals[0]).toMatchObject({ request: 'R-22222', detail: { code: 'CARD_STALE' } });
    },
  );

  it.each([null, hash])(
    'tell a run of the plan %s, which the card shows, and its hash goes along',
    async (planHash) => {
      const world = dialogWorld();
      world.runs.set('R-22222', aRun('R-22222', { planHash }));
      const data = { request: 'R-22222', reason: 'wrong base', note: 'x', ...(planHash && { hash: planHash }) };
      await world.click('ada', 'cancel', data);
      const sent = { kind: 'cancel', via: 'button', ...(planHash && { hash: planHash }) };
      expect(world.signals).toEqual([expect.objectContaining(sent)]);
    },
  );

  it('ask for a reason in the field that the card has, and by a form that knows the plan where it has none', async () => {
    const world = dialogWorld();
    world.runs.set('R-22222', aRun('R-22222', { planHash: hash }));
    const inField = await world.click('ada', 'cancel', { request: 'R-22222', hash, reason: '' });
    expect(inField).toMatchObject({ kind: 'message', text: expect.stringContaining('field of the card') });
    world.runs.set('R-33333', aRun('R-33333', { planHash: hash, stage: 'approve' }));
    const left = await world.click('ada', 'cancel', { request: 'R-33333', hash }, { clicked: 'run:R-33333' });
    expect(left).toMatchObject({ kind: 'message', text: expect.stringContaining('field of the card') });
    const form = await world.click('ada', 'cancel', { request: 'R-22222', hash }, { clicked: 'run:R-22222' });
    if (form.kind !== 'post') throw new Error('no form');
    expect(form.reply.card?.actions).toEqual([
      expect.objectContaining({ verb: 'cancel', data: { request: 'R-22222', hash } }),
    ]);
    expect((await world.say('ada', 'cancel R-22222')).card?.actions).toEqual(form.reply.card?.actions);
    expect(world.signals).toEqual([]);
  });
});

describe('when something goes wrong', () => {
  it('answers within the budget while Azure hangs', async () => {
    const hang = () => new Promise<never>(() => {});
    const world = dialogWorld({
      looks: {
        marketplaceVersions: hang,
        versions: async () => [],
        selfUpgradingScaleSets: hang,
      },
    });
    const answer = await world.say('ada', 'publish ubuntu-22 --plan');
    expect(answer.text).toContain('AZ_SILENT');
    expect(answer.text).toContain('Send it again in a minute: “publish ubuntu-22 --plan”');
  });

  it('gives a mistake of its own a number and hands the error to the caller', async () => {
    const error = new Error('boom at /secret/path');
    const world = dialogWorld({ directory: { memberOf: () => Promise.reject(error) } });
    const answer = await world.say('ada', 'status');
    expect(answer.bug?.error).toBe(error);
    expect(answer.text).toContain(answer.bug?.reference);
    expect(answer.text).not.toContain('boom');
  });

  it('refuses a person without tenant', async () => {
    const world = dialogWorld();
    const person = { oid: people.ada.oid, name: 'Ada', tenantId: '' };
    expect(tenant).not.toBe('');
    expect((await world.say('ada', 'help', { person })).text).toContain('WRONG_TENANT');
  });
});
