import { inWords } from '../../cards';
import { UserError } from '../../core/errors';
import { callTopic } from '../../core/mentions';
import { sealOf, sharedCardOf } from '../../core/requests';
import { type Approval, type PublishPlan, type PublishRun, planHash, type RequestId } from '../../core/runs';
import { renderTopic } from '../../dialogs';
import type { Reads } from '../../store/reads';
import { buttonsOf } from '../chaos/months/people';
import { anApproval, fixed } from './support/plan';
import { aRun, type DialogWorld, dialogWorld, groupsOf, now, people, type Who } from './support/world';

const schedule: NonNullable<PublishPlan['schedule']> = {
  ...{ key: 'monthly 1 UTC', period: '2026-12', zone: 'UTC', missed: 0 },
  ...{ startAt: '2026-11-25T00:00:00Z', expectedAt: '2026-12-01T00:00:00Z' },
};
const rule = { ...fixed.rule, quorum: 2 };
const contents = { changes: { packages: { changed: 41, added: 0, removed: 0 }, top: [], lists: {} } };
const decided = (name: string, verdict: 'approve' | 'reject' = 'approve', reason: string | null = null) => ({
  ...{ oid: `oid-${name}`, name, verdict, reason, via: 'button', at: now },
});

interface Month {
  readonly images: readonly [image: string, run: RequestId, approval: RequestId][];
  readonly run?: (image: string) => Partial<PublishRun>;
  readonly approval?: (image: string) => Partial<Approval>;
  /** What `decide` of the store says to a request; nothing: it records it. */
  readonly refuses?: (request: RequestId) => Error | undefined;
}

const three: Month['images'] = [
  ['ubuntu-22', 'R-22222', 'R-99992'],
  ['ubuntu-24', 'R-33333', 'R-99993'],
  ['windows-2022', 'R-44444', 'R-99994'],
];
const planOf = (image: string): PublishPlan => ({
  ...{ request: {}, approvalChannel: 'Image Factory / approvals', schedule },
  fixed: { ...fixed, image, rule },
});
const topic = sharedCardOf({ plan: planOf('any') });
if (!topic) throw new Error('a scheduled run shares its card');

/** Three images that came due together and are waited for; everything but `change` is unremarkable. */
function month({ images, run, approval, refuses }: Month = { images: three }): DialogWorld {
  // The group of the rule is none of the catalogue's.
  const memberOf = async (oid: string, asked: readonly string[]) =>
    asked.filter((one) => groupsOf(oid).includes(one) || (one === rule.group && oid === people.grace.oid));
  const world = dialogWorld({ directory: { memberOf } });
  const { approvals, runs, decided: acts, deps } = world;
  const published: Reads['schedules']['published'] = async (image, version) => ({
    runId: 'R-55555',
    fixed: { ...fixed, image, version },
    publishedAt: now,
  });
  const decide: DialogWorld['deps']['runs']['decide'] = async (request) => {
    const refused = refuses?.(request.request);
    if (refused) throw refused;
    acts.push(request);
    const found = approvals.get(request.request) as Approval;
    const after = { ...found, decisions: [...found.decisions, decided(request.person.name)] };
    approvals.set(found.id, after);
    return { approval: after, run: runs.get(found.runId) as PublishRun, outcome: 'recorded', by: [] };
  };
  Object.assign(deps.reads.schedules, { published });
  Object.assign(deps.runs, { decide });
  for (const [image, id, asks] of images) {
    const plan = planOf(image);
    const hash = planHash(plan.fixed as NonNullable<PublishPlan['fixed']>);
    const data = { tests: [{ name: 'sshd', passed: true, exitCode: 0, output: '' }], contents, selfUpgrading: [] };
    runs.set(
      id,
      aRun(id, { subject: image, plan, planHash: hash, stage: 'approve', actors: [], data, ...run?.(image) }),
    );
    const bound = { rule, planHash: hash, fingerprint: { source: `/${image}` } as never, sharedCard: topic };
    approvals.set(asks, anApproval({ id: asks, runId: id, ...bound, ...approval?.(image) } as Partial<Approval>));
  }
  return world;
}

const shown = (world: DialogWorld) => renderTopic(topic, world.deps.reads, now);

async function buttonsFor(world: DialogWorld, who: Who) {
  const answer = await world.look(who, topic ?? null);
  return buttonsOf(answer.kind === 'card' ? answer.reply.card : undefined);
}

async function approveAll(world: DialogWorld) {
  const button = (await buttonsFor(world, 'grace')).find(({ verb }) => verb === 'approve-all');
  if (!button) throw new Error('nothing to approve together');
  return button.data;
}

const approvalIn = (world: DialogWorld) => (id: string) => world.approvals.get(id as RequestId) as Approval;

const press = (world: DialogWorld, who: Who, data: object, clicked: string | null = topic) =>
  world.click(who, 'approve-all', data, { clicked });

describe('the card of a schedule', () => {
  it('lists what is unremarkable and what is not, with what changed, the tests and the approvals', async () => {
    const world = month({
      images: three,
      run: (image) => (image === 'windows-2022' ? { attempt: 2 } : {}),
      approval: (image) => (image === 'ubuntu-24' ? { decisions: [decided('Grace')] } : {}),
    });
    const text = inWords((await shown(world)).text);
    expect(text.split('\n')).toEqual([
      'Publish 3 images for December 2026?',
      'goldbot-approvers decides · until Wed 25 Nov, 09:00 UTC',
      'Unremarkable (2):',
      '○ ubuntu-22 1.6.0 · base 22.04.202611120 · 41 packages changed · recipe unchanged · ✓ 1 of 1 test passed · replaces 1.5.0 · R-99992 · 0 of 2 approvals',
      '○ ubuntu-24 1.6.0 · base 22.04.202611120 · 41 packages changed · recipe unchanged · ✓ 1 of 1 test passed · replaces 1.5.0 · R-99993 · 1 of 2 approvals: Grace',
      'To be reviewed one by one (1):',
      '! windows-2022 1.6.0 · It took 2 attempts. · base 22.04.202611120 · 41 packages changed · recipe unchanged · ✓ 1 of 1 test passed · replaces 1.5.0 · R-99994 · 0 of 2 approvals',
      '“Approve all 2” approves exactly those listed as unremarkable, each for itself; what is added later is not among them.',
      'Open one to see all of it, to approve it by itself, or to reject it with a reason.',
      'approve-all R-99992,R-99993 · status R-99994 · status R-99992',
      'status R-99993',
    ]);
  });

  it('is the card of one request while only one run asks there', async () => {
    const world = month({ images: three.slice(0, 1) });
    const { text } = await shown(world);
    expect(text).toMatch(/^Publish ubuntu-22 1.6.0\?/);
    const approve = (await buttonsFor(world, 'grace')).find(({ verb }) => verb === 'approve');
    const answer = await world.click('grace', 'approve', approve?.data, { clicked: topic });
    expect(answer).toMatchObject({ kind: 'card', reply: { topic } });
    expect(world.decided).toMatchObject([{ request: 'R-99992', via: 'button' }]);
  });

  it('after quiet hours is called about in a line, to those who decide, while something is open', async () => {
    const calling = (world: DialogWorld) => renderTopic(callTopic(topic, now), world.deps.reads, now);
    const called = await calling(month());
    expect(called.mentions).toMatchObject({ to: 'your decision', waits: true });
    expect(called.text.split('\n')[0]).toBe((await shown(month())).text.split('\n')[0]);
    const over = await calling(month({ images: three, approval: () => ({ status: 'approved' }) }));
    expect([over.mentions, over.text]).toEqual([undefined, expect.stringContaining('It waits for nobody any more.')]);
  });

  it('offers to approve one alone when only one is unremarkable', async () => {
    const world = month({ images: three, run: (image) => (image === 'ubuntu-22' ? {} : { attempt: 2 }) });
    const [first] = await buttonsFor(world, 'grace');
    expect(first).toMatchObject({ verb: 'approve', data: { request: 'R-99992' } });
  });

  it('shows what became of each, and offers nothing once all are decided', async () => {
    const status = (image: string) => (image === 'windows-2022' ? 'rejected' : 'approved');
    const world = month({
      images: three,
      run: (image) => ({ stage: image === 'windows-2022' ? 'repair' : 'replicate' }),
      approval: (image) => ({
        status: status(image),
        decisions:
          image === 'windows-2022' ? [decided('Heidi', 'reject', 'WinRM is on')] : [decided('Grace'), decided('Heidi')],
      }),
    });
    const { text, card } = await shown(world);
    expect(text).toContain('Decided: December 2026');
    expect(text).toContain('ubuntu-22 1.6.0 approved · Approved by Grace, Heidi · It is being copied');
    expect(text).toContain('windows-2022 1.6.0 rejected · Rejected by Heidi: “WinRM is on”');
    expect(buttonsOf(card)).toEqual([]);
  });

  it('shows of a run that asks again the newest request alone', async () => {
    const world = month({
      images: three,
      approval: (image) => (image === 'ubuntu-22' ? { status: 'expired' } : {}),
    });
    world.approvals.set('R-99995', {
      ...(world.approvals.get('R-99992') as Approval),
      id: 'R-99995',
      status: 'pending',
    });
    const { text } = await shown(world);
    expect(text).toContain('R-99995');
    expect(text).not.toContain('R-99992');
  });

  it('names what is being rebuilt, also when nothing else is left', async () => {
    const gone = (image: string) => ({ plan: { ...planOf(image), fixed: null }, planHash: null, stage: 'plan' });
    const rejected = { status: 'rejected' as const, decisions: [decided('Heidi', 'reject', 'no')] };
    const one = month({
      images: three,
      run: (image) => (image === 'ubuntu-24' ? gone(image) : {}),
      approval: (image) => (image === 'ubuntu-24' ? rejected : {}),
    });
    const { text } = await shown(one);
    expect(text).toContain('Publish 2 images for December 2026?');
    expect(text).toContain('Being rebuilt, and asked about again once tested: ubuntu-24.');
    const all = await shown(month({ images: three, run: gone, approval: () => rejected }));
    expect(all.text.split('\n')).toEqual([
      'Nothing to decide now: December 2026',
      '3 requests',
      'Being rebuilt, and asked about again once tested: ubuntu-22, ubuntu-24, windows-2022.',
    ]);
  });

  it('does not call void what was rejected and is rebuilt with a new plan', async () => {
    const again = (image: string) => ({ plan: { ...planOf(image) }, planHash: 'e'.repeat(64), attempt: 2 });
    const rejected = { status: 'rejected' as const, decisions: [decided('Heidi', 'reject', 'no')] };
    const only24 = <T>(change: (image: string) => T) => ({
      run: (image: string) => (image === 'ubuntu-24' ? change(image) : {}),
      approval: (image: string) => (image === 'ubuntu-24' ? rejected : {}),
    });
    const under = month({ images: three, ...only24((image) => ({ ...again(image), stage: 'build' })) });
    const { text } = await shown(under);
    expect(text).toContain('Being rebuilt, and asked about again once tested: ubuntu-24.');
    expect(text).not.toContain('void');
    const joined = await renderTopic('news:R-33333:asked-R-99993', under.deps.reads, now);
    expect(joined.text).toContain('R-99993, ubuntu-24, is rejected');

    const data = { failure: { what: 'sshd', error: 'exit code 1', stage: 'test' } } as never;
    const broken = month({ images: three, ...only24((image) => ({ ...again(image), stage: 'repair', data })) });
    expect((await shown(broken)).text).toContain(
      'ubuntu-24 was rebuilt after R-99993, and needs repair again: exit code 1.',
    );
    const ending = { outcome: 'cancelled', by: 'Grace', why: 'not this month' } as never;
    const over = month({
      images: three,
      ...only24((image) => ({ ...again(image), stage: 'done', outcome: 'cancelled', data: { ending } }) as never),
    });
    const ended = (await shown(over)).text;
    expect(ended).toContain('ubuntu-24 was rebuilt after R-99993. Grace cancelled the run: not this month.');
    expect(ended).not.toContain('Being rebuilt');
  });

  it('says the end of each that has another one, and whose ending nobody decided', async () => {
    const late = new Date('2026-11-26T09:00:00Z');
    const ends = month({ images: three, approval: (image) => (image === 'ubuntu-24' ? { expiresAt: late } : {}) });
    const { text } = await shown(ends);
    expect(text).toContain('goldbot-approvers decides · the first until Wed 25 Nov, 09:00 UTC');
    expect(text).toContain('R-99993 · 0 of 2 approvals · until Thu 26 Nov, 09:00 UTC');
    const closed = { status: 'withdrawn' as const, closed: { at: now, by: 'Ada', why: 'the wrong month' } };
    const { text: over } = await shown(
      month({ images: three, run: () => ({ stage: 'repair' }), approval: () => closed as never }),
    );
    expect(over).toContain('Closed: December 2026');
    expect(over).toContain('Ada withdrew it: “the wrong month”');
    expect(over).toContain('Closed:\n');
    expect(over).not.toContain('Decided');
  });

  it('counts what does not fit apart: what waits, and what is closed', async () => {
    const ids = Array.from({ length: 16 }, (_, i) => '23456789ABCDEFGH'[i]);
    const images = ids.map((id) => [`image-${id}`, `R-2222${id}`, `R-9999${id}`]) as never;
    const isClosed = (image: string) => /[A-H]$/.test(image);
    const some = month({
      images,
      run: (image) => (/[23456]$/.test(image) ? { attempt: 2 } : {}),
      approval: (image) => (isClosed(image) ? { status: 'expired' } : {}),
    });
    const { text } = await shown(some);
    expect(text).toContain('Publish 8 images for December 2026?');
    expect(text).toContain('Unremarkable (3):');
    expect(text).toContain('To be reviewed one by one (4 of 5):');
    expect(text).toContain('Waiting too, and in the list of approvals: 1 more.');
    expect(text).toContain('Closed as well: 4 more.');
  });

  it('says once that packages could not be compared', async () => {
    const lists = { updates: { added: 3, removed: 0, changed: 0 } };
    const world = month({
      images: three.slice(0, 2),
      run: () => ({
        data: {
          tests: [{ name: 'sshd', passed: true, exitCode: 0, output: '' }],
          contents: { changes: { top: [], lists } } as never,
          selfUpgrading: [],
        },
      }),
    });
    const { text } = await shown(world);
    expect(text).toContain('What is inside was not compared: there is no list of its packages.');
    expect(text).toContain('3 new updates');
    expect(text).not.toContain('packages not compared');
  });

  it('opens one beside itself, so that the others can still be decided there', async () => {
    const world = month();
    const answer = await world.click('grace', 'status', { request: 'R-99993' }, { clicked: topic });
    expect(answer).toMatchObject({ kind: 'post', reply: { topic: 'approval:R-99993' } });
  });

  it('is told of in its thread when one more asks there, until that is decided', async () => {
    const world = month({ images: three, run: (image) => (image === 'ubuntu-24' ? { attempt: 2 } : {}) });
    const told = async (run: RequestId, asks: string) =>
      inWords((await renderTopic(`news:${run}:asked-${asks}`, world.deps.reads, now)).text);
    const plain = await told('R-22222', 'R-99992');
    expect(plain).toContain('ubuntu-22 1.6.0 waits for approval too');
    expect(plain).toContain('R-99992 is on the card above, with others of December 2026.');
    expect(plain).toContain('It is unremarkable.');
    expect(await told('R-33333', 'R-99993')).toContain('! To be reviewed by itself: It took 2 attempts.');
    world.approvals.set('R-99992', { ...(world.approvals.get('R-99992') as Approval), status: 'approved' });
    expect(await told('R-22222', 'R-99992')).toContain('R-99992, ubuntu-22 1.6.0, is approved');
  });

  it('says of one that asks again on it that it does', async () => {
    const world = month({ images: three.slice(0, 1) });
    const told = (of: RequestId) => renderTopic(`news:R-22222:asked-${of}`, world.deps.reads, now);
    const { text } = await told('R-99992');
    await expect(told('R-77777')).rejects.toThrow('R-77777 asks on no card with others');
    expect(text).toContain('R-99992 asks again on the card above.');
  });
});

describe('approving all that is unremarkable', () => {
  it('decides each for itself, by its own plan, and answers with the card', async () => {
    const world = month();
    const answer = await press(world, 'grace', await approveAll(world));
    expect(answer).toMatchObject({ kind: 'card', reply: { topic } });
    expect(world.decided).toEqual(
      three.map(([image, , request]) =>
        expect.objectContaining({
          ...{ request, verdict: 'approve', via: 'button' },
          hash: planHash(planOf(image).fixed as NonNullable<PublishPlan['fixed']>),
        }),
      ),
    );
    expect(new Set(world.decided.map(({ intent }) => intent)).size).toBe(3);
  });

  it('never approves what was added after the card was drawn', async () => {
    const world = month({ images: three.slice(0, 2) });
    const data = await approveAll(world);
    const [added] = month({ images: three.slice(2) }).approvals.values();
    world.approvals.set('R-99994', added as Approval);
    await press(world, 'grace', data);
    expect(world.decided.map(({ request }) => request)).toEqual(['R-99992', 'R-99993']);
  });

  it('names what is refused, to the person who clicked alone, and lets the others stand', async () => {
    const world = month({
      images: three,
      refuses: (request) =>
        request === 'R-99993'
          ? new UserError('APPROVAL_CLOSED', 'R-99993 has expired; nothing was changed.', { hint: 'See the outcome.' })
          : undefined,
    });
    const answer = await press(world, 'grace', await approveAll(world));
    expect(answer).toEqual({
      kind: 'message',
      text: 'You approved 2 of 3. ubuntu-24 1.6.0 (R-99993) is not approved: R-99993 has expired; nothing was changed. See the outcome.',
    });
    expect(world.decided.map(({ request }) => request)).toEqual(['R-99992', 'R-99994']);
  });

  it('leaves alone what has become remarkable since the card was drawn', async () => {
    const world = month();
    const data = await approveAll(world);
    const run = world.runs.get('R-33333') as PublishRun;
    world.runs.set(run.id, { ...run, attempt: 2, data: { ...run.data, newerBase: '22.04.202611190' } });
    const answer = await press(world, 'grace', data);
    expect(answer).toMatchObject({
      kind: 'message',
      text: expect.stringContaining(
        'R-99993 is to be reviewed by itself: There is a newer base by now: 22.04.202611190. And 1 more. Open it and decide there.',
      ),
    });
    expect(world.decided.map(({ request }) => request)).toEqual(['R-99992', 'R-99994']);
    expect(world.refusals).toMatchObject([
      { subject: 'ubuntu-24', request: 'R-99993', detail: { code: 'APPROVAL_ALONE', said: 'approve-all' } },
    ]);
  });

  it('takes requests of one card alone, whatever seal comes with them, and records who tried', async () => {
    const world = month();
    const other = { ...(world.approvals.get('R-99994') as Approval), sharedCard: 'requests:0000000000000000' as const };
    world.approvals.set(other.id, other);
    const forged = { requests: 'R-99992,R-99994', hash: sealOf(['R-99992', other.id].map(approvalIn(world))) };
    expect(await press(world, 'grace', forged)).toMatchObject({
      text: expect.stringContaining('not the one that asks'),
    });
    expect(world.decided).toEqual([]);
    expect(world.refusals).toMatchObject([{ detail: { code: 'WRONG_PLACE', said: 'approve-all' } }]);
  });

  it('names each when all are refused, and not all for the same reason', async () => {
    const refused = (code: 'APPROVAL_NOT_YOURS' | 'DIRECTORY_SILENT', what: string) =>
      new UserError(code, what, { hint: 'Ask again.' });
    const world = month({
      images: three.slice(0, 2),
      refuses: (request) =>
        request === 'R-99992'
          ? refused('APPROVAL_NOT_YOURS', 'Grace is not in goldbot-approvers.')
          : refused('DIRECTORY_SILENT', 'Microsoft Graph did not say who is in it.'),
    });
    expect(await press(world, 'grace', await approveAll(world))).toMatchObject({
      text: expect.stringMatching(
        /^Nothing was approved\. ubuntu-22 .* is not in goldbot-approvers.* ubuntu-24 .* Graph did not say/,
      ),
    });
  });

  it('is told as a bug when one breaks', async () => {
    const world = month({
      images: three,
      refuses: (id) => (id === 'R-99993' ? new Error('no such column') : undefined),
    });
    const answer = await press(world, 'grace', await approveAll(world));
    expect(answer).toMatchObject({ kind: 'message', bug: { error: { message: 'no such column' } } });
    expect(world.decided.map(({ request }) => request)).toEqual(['R-99992', 'R-99994']);
  });

  it('is refused once when nobody of a group may decide about any of them', async () => {
    const refused = new UserError('APPROVAL_NOT_YOURS', 'Grace is not in goldbot-approvers.', {
      hint: 'Ask a member.',
    });
    const world = month({ images: three, refuses: () => refused });
    const answer = await press(world, 'grace', await approveAll(world));
    expect(answer).toEqual({ kind: 'message', text: 'Grace is not in goldbot-approvers. Ask a member.' });
  });

  it('counts for the images that the person approves, names the others, and records what was refused', async () => {
    const world = month();
    const catalogue = world.deps.catalogue();
    const roles = catalogue.roles.map((one) => (one.role === 'approver' ? { ...one, images: ['ubuntu-22'] } : one));
    Object.assign(world.deps, {
      catalogue: () => ({ ...catalogue, roles: roles.filter(({ role }) => role !== 'admin') }),
    });
    const answer = await press(world, 'grace', await approveAll(world));
    expect(answer).toMatchObject({
      kind: 'message',
      text: expect.stringMatching(
        /^You approved 1 of 3\. ubuntu-24 .* needs the role approver.*windows-2022 .* needs the role/,
      ),
    });
    expect(world.decided.map(({ request }) => request)).toEqual(['R-99992']);
    expect(world.refusals).toMatchObject([
      { subject: 'ubuntu-24', request: 'R-99993', detail: { code: 'WRONG_ROLE', said: 'approve-all' } },
      { subject: 'windows-2022', request: 'R-99994', detail: { code: 'WRONG_ROLE', said: 'approve-all' } },
    ]);
  });

  it('needs the role of an approver', async () => {
    const world = month();
    const answer = await press(world, 'dana', await approveAll(world));
    expect(answer).toMatchObject({ kind: 'message', text: expect.stringContaining('needs the role approver') });
    expect(world.decided).toEqual([]);
  });

  it.each<[string, (data: Record<string, unknown>) => object, string | null, string]>([
    ['without a hash', ({ hash: _, ...data }) => data, topic, 'does not say which plan'],
    [
      'with another hash',
      (data) => ({ ...data, hash: 'f'.repeat(64) }),
      topic,
      'not what that card showed; nothing was decided. Look at the card again and decide there.',
    ],
    [
      'for fewer than its card listed',
      (data) => ({ ...data, requests: 'R-99992,R-99993' }),
      topic,
      'not what that card',
    ],
    ['with one of them twice', (data) => ({ ...data, requests: 'R-99992,R-99992' }), topic, 'takes each request once'],
    [
      'with what is no id',
      (data) => ({ ...data, requests: 'R-99992,nothing' }),
      topic,
      '"nothing" is not a request id; nothing was decided. Take the ids from the list.',
    ],
    ['with what is not there', (data) => ({ ...data, requests: 'R-77777' }), topic, 'There is no request R-77777'],
    ['on the card of another month', (data) => data, 'requests:0000000000000000', 'not the one that asks'],
    ['on what goldbot did not post', (data) => data, null, 'not the one that asks'],
    ['that carries more than the card had', (data) => ({ ...data, oid: 'a2' }), topic, 'carries a "oid"'],
  ])('does nothing for a click %s', async (_, forge, clicked, words) => {
    const world = month();
    const answer = await press(world, 'grace', forge(await approveAll(world)), clicked);
    expect(answer).toMatchObject({ kind: 'message', text: expect.stringContaining(words) });
    expect((answer as { text: string }).text).toContain('nothing was decided');
    expect(world.decided).toEqual([]);
  });

  it('works as a sentence, with the ids apart or together, and tells what each came to', async () => {
    const world = month();
    const { text } = await world.say('grace', 'approve-all R-99992, R-99993 R-99994');
    expect(text).toContain('You approved all 3');
    expect(text).toContain('ubuntu-22 1.6.0 (R-99992): 1 of 2 approvals');
    expect(world.decided.map(({ via }) => via)).toEqual(['text', 'text', 'text']);
    // Said again it is another act; a card pressed again is the same.
    await world.say('grace', 'approve-all R-99992');
    expect(new Set(world.decided.map(({ intent }) => intent)).size).toBe(4);
  });

  it('takes as many as a card holds', async () => {
    const ids = Array.from({ length: 9 }, (_, i) => `R-9998${i + 2 === 10 ? 'A' : i + 2}` as RequestId);
    const world = month({ images: ids.map((id, i) => ['ubuntu-22', `R-8888${i + 2 === 10 ? 'A' : i + 2}`, id]) });
    const { text } = await world.say('grace', `approve-all ${ids.join(',')}`);
    const nothing = await world.say('grace', 'approve-all ","');
    expect(nothing.text).toContain('requests takes ids such as R-9WXB4 with commas between them, not ","');
    expect(text).toContain('takes at most 8 requests; nothing was decided');
    expect((await world.say('grace', 'help approve-all')).text).toContain('approve-all R-9WXB4,R-3JJQ7');
    expect(world.decided).toEqual([]);
  });
});
