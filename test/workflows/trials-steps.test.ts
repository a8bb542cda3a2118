import { UserError } from '../../core/errors';
import type { Signal, TryPlan } from '../../core/runs';
import { type TrialState, type TrialsData, type TrialVersion, trialDefinition, trialIds } from '../../core/trials';
import type { ChangeContext, Next } from '../../workflows/change/stages';
import { tryOut } from '../../workflows/change/trials';

/** Steps of trials that a world comes to only when something is wrong, or when somebody has to answer. */
const now = new Date('2026-11-23T09:00:00Z');
const id = 'R-7F3KQ';
const gallery = { subscription: 's', resourceGroup: 'g', gallery: 'gold' };
const plan: TryPlan = {
  ...{ verb: 'try', target: trialDefinition, team: null, cost: 'little', gallery },
  source: { definition: 'ubuntu-22', version: '1.5.0' },
};
const mentioning: TryPlan = { ...plan, mention: { channel: 'Image Factory / General', oid: 'a', name: 'Ada' } };
const whole: TrialVersion = {
  ...{ provisioningState: 'Succeeded', tags: { [trialDefinition]: id }, excludedFromLatest: true },
  ...{
    region: 'West Europe',
    endOfLife: '2027-11-23T00:00:00.000Z',
    allowsRegionRemoval: true,
    storage: 'Premium_LRS',
  },
};
const of = { definition: { runId: id }, version: whole } as const;

interface Given {
  readonly state: TrialState;
  readonly trials?: TrialsData;
  readonly waitingSince?: string;
  readonly plan?: TryPlan;
  readonly inbox?: readonly Partial<Signal>[];
  readonly isShown?: boolean;
  readonly error?: unknown;
}

/** What comes next, and what its write leaves; `error` is what each write ends with. */
async function next(given: Given): Promise<{ told: Next; asked: readonly unknown[]; trials: TrialsData | undefined }> {
  const { state, trials, waitingSince, plan: asks = plan, inbox = [], isShown = false, error } = given;
  const asked: unknown[] = [];
  const write = new Proxy(
    {},
    {
      get:
        (_, name) =>
        async (...args: unknown[]) => {
          asked.push([name, ...args]);
          if (error) throw error;
          return { status: 200 };
        },
    },
  );
  const data = { ...(trials && { trials }), ...(waitingSince !== undefined && { waitingSince }) };
  const run = { id, data, plan: asks, createdAt: now };
  const read = { trial: async () => state };
  const context = { run, now, inbox, read, write } as unknown as ChangeContext;
  const told = await tryOut({ isShown: async () => isShown }).next(context, asks);
  const kept = told.kind === 'do' ? await told.act() : told.data;
  return { told, asked, trials: kept?.trials };
}

const refused = new UserError('AZ_POLICY', 'Policy says no.', { hint: 'Ask who wrote it.' });
const forbidden = new UserError('AZ_FORBIDDEN', 'A role is missing.', { hint: 'Give it.' });

describe('trials that cannot go on', () => {
  it('leave a definition alone that somebody else has made', async () => {
    const { told, asked } = await next({ state: { definition: {} } });
    expect(asked).toEqual([]);
    expect(told).toEqual({
      kind: 'failed',
      why: 'The gallery gold has a definition goldbot-trials that goldbot did not make; nothing was tried. Rename or delete it, then ask again.',
    });
  });

  it.each([
    ['the version cannot be made', { state: { definition: { runId: id } } }],
    ['a change is refused for good', { state: of, trials: { made: true } }],
  ] as const)('end when %s, and say why', async (_, given) => {
    expect((await next({ ...given, error: refused })).trials?.over).toBe('Policy says no. Ask who wrote it.');
    expect((await next({ ...given, error: forbidden })).trials?.over).toBe('A role is missing. Give it.');
  });

  it('wait for a role as everything does, as long as there is nothing to delete', async () => {
    await expect(next({ state: {}, error: forbidden })).rejects.toBe(forbidden);
    expect((await next({ state: {}, error: refused })).trials?.over).toContain('Policy says no.');
  });

  it.each([
    [
      'somebody deletes the version',
      { state: { definition: { runId: id } } },
      'The version is gone: somebody has deleted it.',
    ],
    [
      'the version fails',
      { state: { ...of, version: { ...whole, provisioningState: 'Failed' } } },
      'The version has failed.',
    ],
    [
      'Azure takes longer than two hours',
      { state: { ...of, version: { ...whole, provisioningState: 'Updating' } }, waitingSince: '2026-11-23T06:59:00Z' },
      'Azure did not come to an end with the version.',
    ],
  ] as const)('end when %s', async (_, given, why) => {
    expect((await next({ ...given, trials: { made: true } })).trials?.over).toBe(why);
  });

  it('delete the version, then the definition once Azure has noticed, and nothing before the version is ready', async () => {
    const over = { made: true, over: 'Policy says no.' } as const;
    const busy = await next({ state: { ...of, version: { ...whole, provisioningState: 'Updating' } }, trials: over });
    expect(busy.told).toMatchObject({ kind: 'wait', progress: 'the version for trials: Updating' });
    const version = await next({ state: of, trials: over });
    expect(version.asked).toEqual([['deleteTrial', gallery, 'version']]);
    const empty = { definition: { runId: id } };
    const gone = await next({ state: empty, trials: over });
    expect([gone.asked, gone.trials?.goneAt]).toEqual([[], now.toISOString()]);
    const early = await next({ state: empty, trials: { ...over, goneAt: '2026-11-23T08:59:01Z' } });
    expect(early.told.kind).toBe('wait');
    const definition = await next({ state: empty, trials: { ...over, goneAt: '2026-11-23T08:59:00Z' } });
    expect(definition.asked).toEqual([['deleteTrial', gallery, 'definition']]);
    const { told } = await next({ state: {}, trials: over });
    expect(told).toEqual({
      kind: 'failed',
      why: '0 of 6 questions answered; what was made for them is deleted. It ended early: Policy says no.',
    });
  });
});

describe('a single trial', () => {
  const sent = (status: number) => ({
    id: 'patch-without-tags' as const,
    exchange: { method: 'PATCH', path: '/', apiVersion: '1', client: 'c', body: {}, status, code: 'X', message: 'No.' },
  });

  it('sets back what it needs once, and is not answered when that cannot be', async () => {
    const bare = { ...of, version: { ...whole, tags: {} } };
    const first = await next({ state: bare, trials: { made: true } });
    expect(first.asked).toMatchObject([['patchTrialVersion', gallery, { tags: { 'goldbot-run': id } }]]);
    expect(first.told).toMatchObject({
      progress: 'setting the version back for: Does a PATCH of a version that names no tags keep them?',
    });
    expect(first.trials?.setBack).toEqual(['patch-without-tags']);
    const { trials } = await next({ state: bare, trials: { made: true, setBack: ['patch-without-tags'] } });
    expect(trials?.answers?.['patch-without-tags']).toMatchObject({ verdict: 'not answered' });
  });

  it('leaves out what it asks about, and nothing else', async () => {
    const { asked } = await next({ state: of, trials: { made: true } });
    const [[, , body]] = asked as [[string, object, object]];
    expect(Object.keys(body).sort()).toEqual(['publishingProfile', 'safetyProfile']);
  });

  it.each([
    [200, whole, 'kept', 'Tags that a PATCH does not name stay.'],
    [200, { ...whole, tags: {} }, 'lost', 'A PATCH without tags takes them away.'],
    [400, whole, 'refused', 'Azure refuses it with 400 X: “No”.'],
  ] as const)('is answered by what the version is afterwards: %i', async (status, version, verdict, said) => {
    const { trials } = await next({ state: { ...of, version }, trials: { made: true, sent: sent(status) } });
    expect(trials?.answers?.['patch-without-tags']).toMatchObject({ verdict, said });
    expect(trials?.sent).toBeUndefined();
  });
});

describe('writing to a version that is busy', () => {
  const said = { verdict: 'kept', said: 'So.', at: now.toISOString() } as const;
  const answers = Object.fromEntries(trialIds.slice(0, 5).map((one) => [one, said]));
  const updating = { ...of, version: { ...whole, provisioningState: 'Updating' } } as const;

  it('asks for a second copy, then writes while Azure makes it', async () => {
    const first = await next({ state: of, trials: { made: true, answers } });
    expect(first.told).toMatchObject({ progress: 'keeping the version busy' });
    expect(first.asked).toMatchObject([
      [
        'patchTrialVersion',
        gallery,
        { publishingProfile: { targetRegions: [{ name: 'West Europe', regionalReplicaCount: 2 }] } },
      ],
    ]);
    expect(first.trials?.busy).toBe(true);
    const second = await next({ state: updating, trials: { made: true, answers, busy: true } });
    expect(second.told).toMatchObject({ progress: 'writing to the busy version' });
    expect(second.trials?.answers?.['write-while-busy']).toMatchObject({
      ...{ verdict: 'accepted', said: 'Azure takes a write while it works on another one.' },
    });
  });

  it('is not answered when Azure was too quick', async () => {
    const { trials } = await next({ state: of, trials: { made: true, answers, busy: true } });
    expect(trials?.answers?.['write-while-busy']).toMatchObject({
      verdict: 'not answered',
      said: 'Nobody knows: Azure was done with the first write before the second could be sent.',
    });
  });

  it('was the last question: what they came to can be written into a file', async () => {
    const all = { ...answers, 'write-while-busy': said };
    expect((await next({ state: {}, trials: { answers: all } })).told).toEqual({
      kind: 'so',
      outcome:
        '6 of 6 questions answered; what was made for them is deleted. npm run doctor -- --answers writes them into a file.',
    });
  });
});

describe('what an earlier run has left', () => {
  const others = { ...of, version: { ...whole, tags: { [trialDefinition]: 'R-22222' } } };

  it('is deleted and made anew; what a dead replica of this run has made is taken over', async () => {
    const theirs = await next({ state: others });
    expect(theirs.told).toMatchObject({ progress: 'deleting the version of earlier trials' });
    expect(theirs.asked).toEqual([['deleteTrial', gallery, 'version']]);
    const own = await next({ state: of });
    expect([own.asked, own.trials]).toEqual([[], { made: true, region: 'West Europe' }]);
  });
});

describe('asking somebody what Teams did', () => {
  const over = 'the rest does not matter here';
  const person = (given: Partial<Given>) => next({ state: {}, plan: mentioning, trials: { over }, ...given });
  const postedFrom = '2026-11-23T08:30:00.000Z';
  const mentionedAt = '2026-11-23T08:31:00.000Z';

  it('posts a message, and mentions nobody before it is in Teams', async () => {
    const posted = await person({});
    expect(posted.told).toMatchObject({
      kind: 'wait',
      cards: [{ topic: `news:${id}:mention`, channel: 'Image Factory / General', kind: 'news' }],
    });
    expect(posted.trials?.postedFrom).toBe(now.toISOString());
    expect((await person({ trials: { over, postedFrom } })).trials?.mentionedAt).toBeUndefined();
    const shown = await person({ trials: { over, postedFrom }, isShown: true });
    expect(shown.told).toMatchObject({ progress: 'mentioning by an edit' });
    expect(shown.trials?.mentionedAt).toBe(now.toISOString());
  });

  it.each([
    ['yes', 'notified', 'An edit that adds a mention notifies the person.'],
    ['no', 'silent', 'An edit that adds a mention notifies nobody.'],
  ] as const)('takes %s for an answer', async (note, verdict, said) => {
    const inbox = [{ kind: 'saw' as const, body: { note } }];
    const { trials } = await person({ trials: { over, postedFrom, mentionedAt }, inbox });
    expect(trials?.answers?.['mention-by-edit']).toMatchObject({ verdict, said });
  });

  it.each([
    [
      'nothing could be posted',
      { postedFrom: '2026-11-23T07:59:00.000Z' },
      'It was not tried: nothing could be posted in “Image Factory / General”.',
    ],
    ['nobody answers', { postedFrom, mentionedAt: '2026-11-22T20:59:00.000Z' }, 'Nobody said what Teams did.'],
  ])('is not answered when %s', async (_, since, said) => {
    const { trials } = await person({ trials: { over, ...since } });
    expect(trials?.answers?.['mention-by-edit']).toMatchObject({ verdict: 'not answered', said });
  });
});
