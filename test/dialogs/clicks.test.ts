import { UserError } from '../../core/errors';
import { groups } from './support/catalogue';
import { fixed } from './support/plan';
import { aRun, dialogWorld, people, type Who } from './support/world';

describe('deciding', () => {
  const approval = {
    id: 'R-99999',
    runId: 'R-22222',
    planHash: 'a'.repeat(64),
    rule: { group: groups.approvers, groupName: 'goldbot-approvers', quorum: 1 },
    status: 'pending',
    askedAt: new Date('2026-11-23T08:00:00Z'),
    expiresAt: new Date('2026-11-26T08:00:00Z'),
    decisions: [],
  } as const;

  function asking(change: Parameters<typeof dialogWorld>[0] = {}) {
    const world = dialogWorld(change);
    const plan = { request: {}, approvalChannel: 'Image Factory / approvals', fixed };
    const actors = [{ oid: people.ada.oid, name: 'Ada', did: 'requested' }] as const;
    world.runs.set('R-22222', aRun('R-22222', { stage: 'approve', plan, planHash: approval.planHash, actors }));
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

  it('passes on the change number that was filled in, and with a rejection none', async () => {
    const world = asking();
    const data = { request: 'R-99999', hash: approval.planHash, reason: 'later', change: 'CHG0031234' };
    for (const verb of ['approve', 'reject']) await world.click('grace', verb, data, { clicked: 'approval:R-99999' });
    expect(world.decided.map(({ verdict, changeNumber }) => [verdict, changeNumber])).toEqual([
      ['approve', 'CHG0031234'],
      ['reject', undefined],
    ]);
  });

  it('starts nothing under what is no change number', async () => {
    const { text } = await dialogWorld().say('ada', 'publish ubuntu-22 --change soon');
    expect(text).toContain('"soon" is not a change number for ubuntu-22; nothing was started.');
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
    expect(answer).toMatchObject({
      kind: 'message',
      text: expect.stringContaining(
        'you requested it, Ada. Ask another approver; they find it in the list of approvals.',
      ),
    });
    expect(world.decided).toEqual([]);
    expect(world.refusals[0]?.detail).toMatchObject({ code: 'APPROVAL_OWN', via: 'button' });
  });

  it.each([
    ['a card that goldbot did not post here', null],
    ['the card of another asking', 'approval:R-88888'],
  ])('refuses a click on %s', async (_, clicked) => {
    const world = asking();
    const answer = await world.click('grace', 'approve', { request: 'R-99999', hash: approval.planHash }, { clicked });
    expect(answer).toEqual({
      kind: 'message',
      text: 'This card is not the one that asks for R-99999; nothing was decided. Use the card in the approval channel, or type the command. You can type “approve R-99999”.',
    });
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

  it('records a click that carries an object where a text belongs: what cannot be written down leaves a trace too', async () => {
    const world = dialogWorld();
    const answer = await world.click('grace', 'approve', { request: { toString: 1 } });

    expect('bug' in answer ? answer.bug : undefined).toBeUndefined();
    expect(world.decided).toEqual([]);
    expect(world.refusals).toMatchObject([{ request: null, detail: { code: 'BAD_COMMAND', said: 'approve' } }]);
  });

  it('asks for the reason of a rejection by a sentence without a form, which could not decide', async () => {
    const world = asking();
    const { text } = await world.say('grace', 'reject R-99999');
    expect(text).toContain('REASON_NEEDED');
    expect(text).toContain('A rejection needs a reason; nothing was decided.');
    expect(text).toContain('reject R-99999 --reason');
    expect(world.decided).toEqual([]);
  });

  it.each([
    ['without one', {}],
    ['with an empty one', { reason: '' }],
  ])('asks for the reason after the click on Reject %s, where that person alone sees it', async (_, typed) => {
    const world = asking();
    const data = { request: 'R-99999', hash: approval.planHash, ...typed };
    const answer = await world.click('grace', 'reject', data, { clicked: 'approval:R-99999' });
    if (answer.kind !== 'card') throw new Error(`it was answered by a ${answer.kind}`);
    const { card } = answer.reply;
    expect(card?.actions).toMatchObject([
      {
        title: 'Reject',
        verb: 'reject',
        data: { request: 'R-99999', hash: approval.planHash },
        associatedInputs: 'auto',
      },
      { title: 'Back', verb: 'view', data: { request: 'R-99999' } },
    ]);
    expect(card?.['refresh']).toBeUndefined();
    expect(world.decided).toEqual([]);
    expect(world.refusals).toEqual([]);
  });

  it('asks for the number of a change after the click on Approve, and for nothing where one stands', async () => {
    const needs = { ...approval, rule: { ...approval.rule, changeNumber: '^CHG\\d+$' } };
    const click = { request: 'R-99999', hash: approval.planHash };
    const on = { clicked: 'approval:R-99999' };
    const world = asking();
    world.approvals.set('R-99999', needs);
    const answer = await world.click('grace', 'approve', click, on);
    expect(answer.kind === 'card' && answer.reply.card?.actions).toMatchObject([
      { title: 'Approve', verb: 'approve', data: click },
      { title: 'Back', verb: 'view' },
    ]);
    expect(world.decided).toEqual([]);
    await world.click('grace', 'approve', { ...click, change: 'CHG7' }, on);
    world.approvals.set('R-99999', { ...needs, changeNumber: 'CHG7' });
    await world.click('grace', 'approve', click, on);
    expect(world.decided).toMatchObject([{ changeNumber: 'CHG7' }, { request: 'R-99999' }]);
  });

  it('shows everybody their own card, and tells who pressed for one that they have none', async () => {
    const world = asking();
    const titles = async (who: Who) => {
      const answer = await world.look(who, 'approval:R-99999');
      return answer.kind === 'card' && answer.reply.card?.actions.map(({ title }) => title);
    };
    expect(await titles('grace')).toEqual(expect.arrayContaining(['Approve', 'Reject']));
    expect(await titles('ada')).toEqual(expect.arrayContaining(['Withdraw']));
    expect(await titles('dana')).toEqual(expect.arrayContaining(['Decide']));
    for (const who of ['ada', 'dana'] as const) expect(await titles(who)).not.toContain('Approve');
    expect(await world.look('dana', 'approval:R-99999', true)).toMatchObject({
      kind: 'message',
      text: expect.stringContaining('goldbot-approvers decides about R-99999, and you are not in it.'),
    });
    expect(await world.look('grace', null)).toMatchObject({
      kind: 'message',
      text: expect.stringMatching(/^goldbot does not know this card\. Find what waits for you in the list\./),
    });
    expect([...world.decided, ...world.refusals]).toEqual([]);
  });

  it('shows nobody a button that decides while Microsoft Graph is silent', async () => {
    const silent = () => Promise.reject(new UserError('DIRECTORY_SILENT', 'Graph is silent.', { hint: 'Wait.' }));
    const world = asking({ directory: { memberOf: silent } });
    const answer = await world.look('grace', 'approval:R-99999');
    expect(answer.kind === 'card' && answer.reply.card?.actions[0]).toMatchObject({ title: 'Decide', verb: 'view' });
    const pressed = await world.look('grace', 'approval:R-99999', true);
    expect(pressed.kind === 'message' && pressed.text).toContain('did not say whether you are in');
  });

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

  it('ask for a reason in the field that an older card has, in the place of a card that waits, and beside one that is edited', async () => {
    const world = dialogWorld();
    world.runs.set('R-22222', aRun('R-22222', { planHash: hash }));
    const inField = await world.click('ada', 'cancel', { request: 'R-22222', hash, reason: '' });
    expect(inField).toMatchObject({ kind: 'message', text: expect.stringContaining('field of the card') });
    expect(inField).toMatchObject({ text: expect.stringContaining('Ending a run needs a reason; nothing was done.') });
    world.runs.set('R-33333', aRun('R-33333', { planHash: hash, stage: 'approve' }));
    const left = await world.click('ada', 'cancel', { request: 'R-33333', hash }, { clicked: 'run:R-33333' });
    expect(left).toMatchObject({ kind: 'card', reply: { text: expect.stringContaining('Cancel R-33333?') } });
    expect(JSON.stringify(left)).toContain('It needs a reason, for those who follow the run. Nothing is done yet.');
    const form = await world.click('ada', 'cancel', { request: 'R-22222', hash }, { clicked: 'run:R-22222' });
    if (form.kind !== 'post') throw new Error('no form');
    expect(form.message).toBe('goldbot asks for more below.');
    expect(form.reply.card?.actions).toEqual([
      expect.objectContaining({ verb: 'cancel', data: { request: 'R-22222', hash } }),
    ]);
    expect((await world.say('ada', 'cancel R-22222')).card?.actions).toEqual(form.reply.card?.actions);
    expect(world.signals).toEqual([]);
  });
});
