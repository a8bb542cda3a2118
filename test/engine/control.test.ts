import type { Person } from '../../core/access';
import { UserError } from '../../core/errors';
import type { RequestId } from '../../core/runs';
import { minutes } from '../../core/time';
import { createDelegationControl, type DecideRequest } from '../../workflows/start';
import { asking, say } from './asking';
import { ada, type Bench, bench, grace, heidi, intent, toyWorkflow } from './bench';

const mallory: Person = { oid: 'oid-mallory', name: 'Mallory' };

const code = (wanted: string): object => ({ code: wanted });

describe('what people do to runs', () => {
  let opened: Bench | undefined;
  const open = async (quorum = 1): Promise<Bench> => {
    opened = await bench(asking(quorum));
    return opened;
  };
  /** A run that waits for approval, and the approval's id. */
  const waiting = async (b: Bench): Promise<{ id: RequestId; approval: RequestId }> => {
    const { id } = await b.start();
    b.replica();
    await b.until(id, (r) => r.version >= 2);
    const [approval] = await b.reads.approvalsOfRun(id);
    if (!approval) throw new Error('did not ask');
    return { id, approval: approval.id };
  };
  afterEach(() => opened?.close());

  describe('starting', () => {
    it('joins the open run of the same image, however many start at once', async () => {
      const b = await open();
      const people = Array.from({ length: 30 }, (_, i) => ({ oid: `oid-${i}`, name: `Person ${i}` }));

      const starts = await Promise.all(
        people.map((person) =>
          b.control.startOrJoin({
            kind: 'publish',
            subject: 'ubuntu-22',
            plan: {},
            person,
            intent: intent(),
            card: { conversationId: `thread of ${person.name}` },
          }),
        ),
      );

      expect(new Set(starts.map((s) => s.run.id)).size).toBe(1);
      expect(starts.filter((s) => !s.joined)).toHaveLength(1);
      const [run] = await b.reads.openRuns();
      expect(run?.actors.map((a) => a.did).sort()).toEqual([...Array(29).fill('joined'), 'requested']);
      expect(await b.db.database.query('select 1 from card')).toHaveLength(30);
      expect(await b.db.database.query('select 1 from request')).toHaveLength(1);
      const stranger = { kind: 'change', subject: 'x', plan: {}, person: ada, intent: intent() } as const;
      await expect(b.control.startOrJoin(stranger)).rejects.toThrow('no workflow of kind change');
    });

    it('is done once per intent, even when the first run has ended meanwhile', async () => {
      const b = await open();
      const request = { kind: 'publish', subject: 'ubuntu-22', plan: {}, person: ada, intent: intent() } as const;
      const first = await b.control.startOrJoin(request);
      await b.db.database.query(`update run set ended_at = created_at, outcome = 'cancelled'`);

      const second = await b.control.startOrJoin(request);

      expect(second).toMatchObject({ joined: false, run: { id: first.run.id, outcome: 'cancelled' } });
      expect(await b.reads.runs({})).toHaveLength(1);
    });

    it('drops the decision of somebody who joins, because actors cannot decide', async () => {
      const b = await open(2);
      const { id, approval } = await waiting(b);
      await b.control.decide(say(approval, grace));

      await b.start('ubuntu-22', grace);
      const result = await b.control.decide(say(approval, heidi));

      expect(result).toMatchObject({ outcome: 'recorded', by: [heidi] });
      await expect(b.control.decide(say(approval, grace))).rejects.toMatchObject(code('APPROVAL_OWN'));
      expect((await b.reads.audit({ who: grace.oid })).map((e) => e.action)).toEqual([
        'refuse',
        'drop-decision',
        'join',
        'approve',
      ]);
      expect((await b.reads.run(id))?.actors.map((a) => a.name)).toEqual(['Ada', 'Grace']);
    });
  });

  describe('deciding', () => {
    it.each<[string, (ids: { id: RequestId; approval: RequestId }) => DecideRequest, string]>([
      ['the person who asked', ({ approval }) => say(approval, ada), 'APPROVAL_OWN'],
      [
        'somebody of the same object id under another name',
        ({ id }) => say(id, { ...ada, name: 'Eve' }),
        'APPROVAL_OWN',
      ],
      ['somebody outside of the group', ({ approval }) => say(approval, mallory), 'APPROVAL_NOT_YOURS'],
      [
        'a button with another hash',
        ({ approval }) => say(approval, grace, { via: 'button', hash: 'forged' }),
        'APPROVAL_STALE',
      ],
      ['a button without a hash', ({ approval }) => say(approval, grace, { via: 'button' }), 'CARD_STALE'],
      [
        'a button with an empty hash',
        ({ approval }) => say(approval, grace, { via: 'button', hash: '' }),
        'CARD_STALE',
      ],
      ['a rejection without a reason', ({ approval }) => say(approval, grace, { verdict: 'reject' }), 'REASON_NEEDED'],
      ['an id that nothing has', () => say('R-22222', grace), 'UNKNOWN_REQUEST'],
    ])('refuses %s, changes nothing and remembers it', async (_who, request, expected) => {
      const b = await open();
      const ids = await waiting(b);

      await expect(b.control.decide(request(ids))).rejects.toMatchObject(code(expected));

      expect(await b.reads.approval(ids.approval)).toMatchObject({ status: 'pending', decisions: [] });
      expect((await b.reads.audit({ limit: 1 }))[0]).toMatchObject({ action: 'refuse', detail: { code: expected } });
    });

    it('takes the decision of those who are asked late once they are asked', async () => {
      const escalation = { group: 'heads', groupName: 'Heads', channel: 'heads' };
      const b = await bench(asking(1, { reminders: {}, escalation }));
      opened = b;
      const { approval } = await waiting(b);
      b.directory.others.set('heads', new Set([mallory.oid]));
      b.clock.advance(minutes(44));

      const early = expect.stringContaining('Mallory is not in Approvers, who');
      await expect(b.control.decide(say(approval, mallory))).rejects.toMatchObject({ message: early });
      b.clock.advance(minutes(1));
      expect((await b.control.decide(say(approval, mallory))).outcome).toBe('approved');
    });

    describe('in turn', () => {
      const sam: Person = { oid: 'oid-sam', name: 'Sam' };
      const first = [{ group: 'security', groupName: 'Security', quorum: 1, channel: 'gate' }];
      const inTurn = async (quorum = 1) => {
        opened = await bench(asking(quorum, { first, channel: 'approvals' }));
        const { id, approval } = await waiting(opened);
        opened.directory.others.set('security', new Set([sam.oid, heidi.oid]));
        return { b: opened, id, approval };
      };
      const cards = async ({ db }: Bench) =>
        (
          await db.database.query(
            `select conversation_name as "in" from card where topic like 'approval:%' order by id`,
          )
        ).map((row) => row['in']);

      it('asks the group whose turn it is, where it is, and nobody else may decide', async () => {
        const { b, approval } = await inTurn();
        expect(await cards(b)).toEqual(['gate']);
        await expect(b.control.decide(say(approval, grace))).rejects.toMatchObject({
          code: 'APPROVAL_NOT_YOURS',
          message: `Approvers decides later: first Security decides about ${approval}.`,
        });

        expect(await b.control.decide(say(approval, sam))).toMatchObject({ outcome: 'recorded', by: [sam] });
        expect(await cards(b)).toEqual(['gate', 'approvals']);
        expect((await b.reads.audit()).map(({ action }) => action)).toContain('ask-next');
        await expect(b.control.decide(say(approval, { ...sam, oid: 'oid-sue' }))).rejects.toThrow(
          'is not in Approvers',
        );
        expect(await b.control.decide(say(approval, grace))).toMatchObject({ outcome: 'approved', by: [sam, grace] });
      });

      it('gives each group its own time, and what was decided late for one stands with the next', async () => {
        const escalation = { group: 'heads', groupName: 'Heads', channel: 'heads' };
        const own = { first: first.map((one) => ({ ...one, ttlMs: minutes(20) })), channel: 'approvals' };
        const b = await bench(asking(1, { ...own, ttlMs: minutes(40), reminders: {}, escalation }));
        opened = b;
        const { approval } = await waiting(b);
        const leftMs = async () =>
          ((await b.reads.approval(approval))?.expiresAt.getTime() ?? 0) - b.clock.now().getTime();
        b.directory.others.set('heads', new Set([mallory.oid, sam.oid]));
        expect(await leftMs()).toBe(minutes(20));
        b.clock.advance(minutes(15));
        expect((await b.control.decide(say(approval, sam))).outcome).toBe('recorded');
        expect(await leftMs()).toBe(minutes(40));
        const [asked] = (await b.reads.audit()).filter(({ action }) => action === 'ask-next');
        expect(asked?.detail).toMatchObject({ expiresAt: (await b.reads.approval(approval))?.expiresAt.toISOString() });

        const early = { message: `Security has approved ${approval} already: now Approvers decides.` };
        await expect(b.control.decide(say(approval, mallory))).rejects.toMatchObject(early);
        expect((await b.reads.approval(approval))?.decisions).toHaveLength(1);
        b.clock.advance(minutes(30));
        expect(await b.control.decide(say(approval, mallory))).toMatchObject({
          outcome: 'approved',
          by: [sam, mallory],
        });
      });

      it('counts nobody for two groups, but lets who approved still say no', async () => {
        const { b, approval } = await inTurn();
        await b.control.decide(say(approval, heidi));

        expect(await b.control.decide(say(approval, heidi))).toMatchObject({ outcome: 'already', by: [heidi] });
        expect((await b.reads.approval(approval))?.status).toBe('pending');
        const no = say(approval, heidi, { verdict: 'reject', reason: 'a leak' });
        expect(await b.control.decide(no)).toMatchObject({ outcome: 'rejected' });
      });

      it('lets one of two simultaneous clicks count for its group, and tells the other whose turn it is', async () => {
        const { b, approval } = await inTurn();
        const sue: Person = { oid: 'oid-sue', name: 'Sue' };
        b.directory.others.set('security', new Set([sam.oid, sue.oid]));

        const both = await Promise.allSettled([sam, sue].map((one) => b.control.decide(say(approval, one))));

        expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
        const [refused] = both.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
        expect(refused.message).toBe(`Security has approved ${approval} already: now Approvers decides.`);
        expect((await b.reads.approval(approval))?.decisions).toHaveLength(1);
        expect(await cards(b)).toEqual(['gate', 'approvals']);
      });

      it('is the turn of a group again whose approval does not count any more', async () => {
        const { b, approval } = await inTurn();
        await b.control.decide(say(approval, sam));
        b.directory.others.set('security', new Set([heidi.oid]));

        const refused = { message: `Approvers decides later: first Security decides about ${approval}.` };
        await expect(b.control.decide(say(approval, grace))).rejects.toMatchObject(refused);
        expect(await b.reads.approval(approval)).toMatchObject({ status: 'pending', decisions: [] });
        const [dropped] = (await b.reads.audit()).filter(({ action }) => action === 'drop-decision');
        expect(dropped?.detail).toMatchObject({ why: 'left the group', person: 'Sam' });
        await b.control.decide(say(approval, heidi));
        expect((await b.control.decide(say(approval, grace))).outcome).toBe('approved');
      });

      it('is decided by no replica of a release that knows no turns', async () => {
        const { b, approval } = await inTurn();
        const old = `insert into decision (approval_id, oid, name, verdict, reason, via, at) values ($1, 'o', 'O', $2, 'r', 'text', now())`;
        await expect(b.db.database.query(old, [approval, 'approve'])).rejects.toThrow('an earlier release');
        await b.db.database.query(old, [approval, 'reject']);
      });
    });

    describe('on behalf of somebody', () => {
      const sam: Person = { oid: 'oid-sam', name: 'Sam' };
      const asked = async (quorum = 1) => {
        opened = await bench(asking(quorum));
        const b = opened;
        const ids = await waiting(b);
        b.directory.others.set('role-approvers', new Set([grace.oid, heidi.oid, sam.oid]));
        const delegations = createDelegationControl({ database: b.db.database, clock: b.clock });
        const until = new Date(b.clock.now().getTime() + minutes(30));
        const pass = (from: Person, to: Person, image: string | null = null) =>
          delegations.delegate({ person: from, to, image, until, intent: intent() });
        return { b, ...ids, pass, delegations };
      };
      const notIn = { message: expect.stringContaining('Sam is not in Approvers') };

      it('decides who was given it, for as long as it was given, and for that image', async () => {
        const { b, approval, pass } = await asked();
        await pass(grace, sam, 'windows-2022');
        await expect(b.control.decide(say(approval, sam))).rejects.toMatchObject(notIn);
        await pass(grace, sam);
        b.clock.advance(minutes(30));
        await expect(b.control.decide(say(approval, sam))).rejects.toMatchObject(notIn);
        await pass(heidi, sam);
        const later = { from: heidi, until: new Date(b.clock.now().getTime() + 1) };
        await b.db.database.query('update delegation set until = $2 where from_oid = $1', [heidi.oid, later.until]);

        const { outcome } = await b.control.decide(say(approval, sam));

        expect(outcome).toBe('approved');
        const place = { oid: heidi.oid, name: 'Heidi' };
        expect((await b.reads.approval(approval))?.decisions).toMatchObject([{ name: 'Sam', inPlaceOf: place }]);
        const [entry] = (await b.reads.audit()).filter(({ action }) => action === 'approve');
        expect(entry).toMatchObject({ who: sam, detail: { inPlaceOf: place } });
      });

      it('counts once for both of them, and the one whose place it is may still say no', async () => {
        const { b, approval, pass } = await asked(2);
        await pass(grace, sam);
        await b.control.decide(say(approval, sam));

        await expect(b.control.decide(say(approval, grace))).rejects.toMatchObject({
          message: `Sam has approved ${approval} on your behalf; both of you count for one.`,
          hint: 'Reject it if you see it otherwise.',
        });
        expect((await b.reads.approval(approval))?.status).toBe('pending');
        const no = say(approval, grace, { verdict: 'reject', reason: 'not this one' });
        expect((await b.control.decide(no)).outcome).toBe('rejected');
      });

      it('is not what somebody has decided, or may not decide', async () => {
        const { b, id, approval, pass } = await asked(2);
        await pass(grace, sam);
        await b.control.decide(say(approval, grace));
        await expect(b.control.decide(say(approval, sam))).rejects.toMatchObject({
          message: `You cannot decide about ${approval} on behalf of Grace: Grace has decided already.`,
        });
        await pass(heidi, sam);
        await b.start('ubuntu-22', heidi);
        await expect(b.control.decide(say(approval, sam))).rejects.toMatchObject({
          message: expect.stringContaining(`Grace has decided already`),
        });
        await b.db.database.query('delete from delegation where from_oid = $1', [grace.oid]);
        await expect(b.control.decide(say(approval, sam))).rejects.toMatchObject({
          message: `You cannot decide about ${approval} on behalf of Heidi: Heidi joined ${id}, and so has no decision to pass on.`,
        });
      });

      it('is not passed on further, nor kept by who is no approver any more or whose place is gone', async () => {
        const { b, approval, pass } = await asked(2);
        const tom: Person = { oid: 'oid-tom', name: 'Tom' };
        await pass(grace, sam);
        await pass(sam, tom);
        b.directory.others.set('role-approvers', new Set([tom.oid]));
        await expect(b.control.decide(say(approval, tom))).rejects.toMatchObject({ code: 'APPROVAL_NOT_YOURS' });
        await expect(b.control.decide(say(approval, sam))).rejects.toMatchObject(notIn);
        b.directory.others.set('role-approvers', new Set([sam.oid]));
        await b.control.decide(say(approval, sam));
        b.directory.members.delete(grace.oid);
        expect(await b.control.decide(say(approval, heidi))).toMatchObject({ outcome: 'recorded', by: [heidi] });
      });

      it('is a part of the history of the open requests that it is about, and of no others', async () => {
        const { b, id, approval, pass, delegations } = await asked();
        const deciders = { size: 'fits', count: 2, ids: [grace.oid, heidi.oid] };
        await b.db.database.query(`update run set data = data || $2 where id = $1`, [id, { deciders }]);
        await pass(grace, sam);
        await pass(grace, sam, 'windows-2022');
        await pass(sam, heidi);
        await delegations.undelegate({ person: grace, image: null, intent: intent() });
        const history = await b.reads.history([id], ['delegate', 'undelegate'], 9);

        expect(history.map(({ action, who, request }) => [action, who.name, request])).toEqual([
          ['undelegate', 'Grace', approval],
          ['delegate', 'Grace', approval],
        ]);
        expect(await b.reads.history([approval], ['delegate'], 9)).toEqual([]);
      });

      it('does not count once the one whose place it is joins, and ends when it is taken back', async () => {
        const { b, approval, pass, delegations } = await asked(2);
        await pass(grace, sam);
        await b.control.decide(say(approval, sam));
        await b.start('ubuntu-22', grace);
        expect(await b.reads.approval(approval)).toMatchObject({ decisions: [] });
        await pass(heidi, sam);
        const back = { person: heidi, image: null, intent: intent() };
        expect(await delegations.undelegate(back)).toMatchObject({ to: sam });
        expect(await delegations.undelegate({ ...back, intent: intent() })).toBeUndefined();
        expect((await b.reads.delegations(b.clock.now())).map(({ from }) => from.oid)).toEqual([grace.oid]);
      });
    });

    it('approves under the change number that the first approver names, and under no other', async () => {
      const b = await bench(asking(2, { changeNumber: 'CHG[0-9]+' }));
      opened = b;
      const { approval } = await waiting(b);
      const under = (person: Person, changeNumber?: string) =>
        b.control.decide(say(approval, person, changeNumber === undefined ? {} : { changeNumber }));

      await expect(under(grace)).rejects.toMatchObject(code('CHANGE_NUMBER'));
      await expect(under(grace, 'soon')).rejects.toMatchObject({ hint: expect.stringContaining('CHG[0-9]+') });
      expect(await b.reads.approval(approval)).toMatchObject({ decisions: [] });
      await under(grace, 'CHG7');
      await expect(under(heidi, 'CHG8')).rejects.toMatchObject({ message: expect.stringContaining('CHG7') });
      const { outcome } = await under(heidi);

      expect([outcome, (await b.reads.approval(approval))?.changeNumber]).toEqual(['approved', 'CHG7']);
      const told = (await b.reads.audit()).filter(({ action }) => action === 'approve');
      expect(told.map(({ detail }) => detail['changeNumber'])).toEqual(['CHG7', 'CHG7']);
    });

    it('decides nothing while Graph is silent', async () => {
      const b = await open();
      const { approval } = await waiting(b);
      b.directory.silent = true;

      const refused = b.control.decide(say(approval, grace));

      await expect(refused).rejects.toMatchObject({
        code: 'DIRECTORY_SILENT',
        message: expect.stringContaining('nothing was decided'),
        hint: 'Decide again in a minute.',
      });
      expect((await b.reads.approval(approval))?.status).toBe('pending');
    });

    it('passes on what Graph’s refusal needs, so that whoever clicks can have it mended', async () => {
      const b = await open();
      const { approval } = await waiting(b);
      const hint = 'Ask an admin to name a smaller group in the catalogue.';
      b.directory.silent = new UserError('DIRECTORY_SILENT', 'The group has more than 2,000 members.', { hint });

      await expect(b.control.decide(say(approval, grace))).rejects.toMatchObject({
        message: `Microsoft Graph did not say who is in Approvers; nothing was decided about ${approval}.`,
        hint,
      });
    });

    it('takes the same click again as said already, without asking Graph again', async () => {
      const b = await open();
      const { approval } = await waiting(b);
      await b.control.decide(say(approval, grace));
      const asked = b.directory.asked;

      const again = await b.control.decide(say(approval, grace));

      expect(again).toMatchObject({ outcome: 'already', approval: { status: 'approved' }, by: [grace] });
      expect(b.directory.asked).toBe(asked);
    });

    it('tells the loser what was decided and by whom', async () => {
      const b = await open();
      const { approval } = await waiting(b);
      await b.control.decide(say(approval, grace));

      const late = b.control.decide(say(approval, heidi, { verdict: 'reject', reason: 'too soon' }));

      await expect(late).rejects.toMatchObject({
        code: 'APPROVAL_CLOSED',
        message: `${approval} was approved by Grace; nothing was changed.`,
        facts: { status: 'approved', by: 'Grace', byOid: grace.oid },
      });
    });

    it('counts only deciders who are still in the group when the last one decides', async () => {
      const b = await open(2);
      const { approval } = await waiting(b);
      await b.control.decide(say(approval, grace));
      b.directory.members.delete(grace.oid);

      const result = await b.control.decide(say(approval, heidi));

      expect(result).toMatchObject({ outcome: 'recorded', by: [heidi] });
      expect((await b.reads.approval(approval))?.status).toBe('pending');
      b.directory.members.add(grace.oid);
      expect((await b.control.decide(say(approval, grace, { intent: 'g' }))).outcome).toBe('approved');
    });

    it('takes the same button again of somebody who came back to the group', async () => {
      const b = await open(3);
      const { approval } = await waiting(b);
      const click = say(approval, grace);
      await b.control.decide(click);
      b.directory.members.delete(grace.oid);
      await b.control.decide(say(approval, heidi));
      b.directory.members.add(grace.oid);

      expect(await b.control.decide(click)).toMatchObject({ outcome: 'recorded', by: [heidi, grace] });
    });

    it('wakes the run with a rejection and its reason', async () => {
      const b = await open();
      const { id, approval } = await waiting(b);
      const { version } = (await b.reads.run(id)) ?? { version: 0 };

      const result = await b.control.decide(say(id, grace, { verdict: 'reject', reason: ' sshd is open ' }));
      await b.until(id, (r) => r.version > version);

      expect(result.approval).toMatchObject({ status: 'rejected', decisions: [{ reason: 'sshd is open' }] });
      expect(await b.db.database.query('select kind, body from signal')).toEqual([
        { kind: 'decided', body: { approval, reason: 'sshd is open' } },
      ]);
    });

    it('refuses after world time has outrun the approval, even before the engine noticed, and lists it no more', async () => {
      const b = await open();
      const { approval } = await waiting(b);
      const listed = (ms: number) => b.reads.approvalsPending(new Date(b.clock.now().getTime() + ms));
      expect([await listed(minutes(60) - 1), await listed(minutes(60))]).toMatchObject([[{ id: approval }], []]);
      b.clock.advance(minutes(60));

      const late = b.control.decide(say(approval, grace));

      await expect(late).rejects.toMatchObject({ code: 'APPROVAL_CLOSED', facts: { status: 'expired' } });
    });
  });

  describe('withdrawing', () => {
    it('is for those who asked, closes the approval and wakes the run', async () => {
      const b = await open();
      const { id, approval } = await waiting(b);
      const request = { request: approval, intent: intent() };

      await expect(b.control.withdraw({ ...request, person: grace })).rejects.toMatchObject({
        code: 'WRONG_ROLE',
        message: `${approval} can be withdrawn by those who asked for it: Ada.`,
        hint: 'An approver can stop it by rejecting it.',
        next: [{ verb: 'reject', values: { request: approval } }],
      });
      const result = await b.control.withdraw({ ...request, person: ada, reason: 'wrong base' });

      expect(result.approval.status).toBe('withdrawn');
      expect(await b.db.database.query('select kind, run_id from signal')).toEqual([{ kind: 'withdraw', run_id: id }]);
      await expect(b.control.decide(say(approval, grace))).rejects.toMatchObject({
        code: 'APPROVAL_CLOSED',
        message: expect.stringContaining('was withdrawn'),
      });
    });
  });

  it('takes no signal from a button of another plan than the run has by then', async () => {
    const b = await open();
    const { id } = await waiting(b);
    const request = { request: id, kind: 'cancel', person: ada, body: { reason: 'no' }, via: 'button' } as const;

    for (const forged of [{}, { hash: 'hash-0' }])
      await expect(b.control.signal({ ...request, ...forged, intent: intent() })).rejects.toMatchObject({
        code: 'CARD_STALE',
        message: `That card is not for the current plan of ${id}; nothing was done.`,
        hint: 'See the current state.',
        next: [{ verb: 'status', values: { request: id } }],
      });

    expect(await b.db.database.query('select 1 from signal')).toEqual([]);
    await b.control.signal({ ...request, hash: 'hash-1', intent: intent() });
    expect(await b.db.database.query('select kind from signal')).toEqual([{ kind: 'cancel' }]);
  });

  it('refuses what the stage does not take, in the words of the workflow', async () => {
    const b = await open();
    const { id } = await b.start();

    const refused = b.control.signal({ request: id, kind: 'rebuild', person: ada, intent: intent() });

    await expect(refused).rejects.toThrow('plan does not take rebuild');
    expect(await b.db.database.query('select 1 from signal')).toEqual([]);
  });

  it('refuses what comes when the run has ended, also in a stage that takes it', async () => {
    opened = await bench(toyWorkflow({ work: () => ({ kind: 'end', outcome: 'done' }) }));
    const { id } = await opened.start();
    const cancel = () => opened?.control.signal({ request: id, kind: 'cancel', person: ada, intent: intent() });
    await cancel();
    opened.replica();
    await opened.until(id, (run) => run.endedAt !== null);

    await expect(cancel()).rejects.toThrow('work does not take cancel');
  });
});
