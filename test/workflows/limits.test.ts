import { UserError } from '../../core/errors';
import { type ChangePlan, planHash, repairTtlMs } from '../../core/runs';
import { days, hours, minutes, seconds } from '../../core/time';
import { changeWaits, changeWorkflow } from '../../workflows/change';
import { digestWorkflow } from '../../workflows/digest';
import { atOnce, type StageContext, type Step, type Workflow } from '../../workflows/engine';
import { publishWorkflow, removals } from '../../workflows/publish';
import { exampleCatalogue } from '../support/catalogue';
import { unheld } from '../support/unheld';

const since = new Date('2026-11-27T17:00:00Z');
const now = new Date('2026-11-29T17:00:00Z');
const until = 'Fri 27 Nov, 17:00 UTC';

/** What no limit may need: it is for the day on which Azure says nothing. */
const noAzure = new Proxy({}, { get: () => () => Promise.reject(new Error('Azure is not to be asked')) }) as never;

/** The last step of a stage whose every step waits, or fails with `error`. */
async function past<P, D>(
  { kind, stages }: Workflow<P, D>,
  name: string,
  { error, write = noAzure, ...run }: { readonly error?: string; readonly [field: string]: unknown },
): Promise<Step<P, D> | undefined> {
  const limit = stages.find((stage) => stage.name === name)?.limit;
  if (!limit || limit === atOnce) throw new Error(`${kind} does not wait in ${name}`);
  const about = { id: 'R-7F3KQ', kind, subject: 'ubuntu-22', stage: name, attempt: 1, data: {}, createdAt: since };
  const context = {
    run: { ...about, ...run },
    inbox: [],
    approval: run['approval'],
    now,
    read: noAzure,
    write,
  };
  return limit.past(context as unknown as StageContext<P, D>, { since, ...(error !== undefined && { error }) });
}

const place = { subscription: 's', resourceGroup: 'rg-image-builds', location: 'westeurope' };
const fixed = { version: '1.6.0', tests: [], buildTimeoutMinutes: 240, place, target: { definition: 'ubuntu-22' } };
const plan = { request: {}, approvalChannel: 'a', fixed };
const catalogue = exampleCatalogue;
const publish = publishWorkflow({ ...unheld, catalogue } as never);

describe('past its limit, a publish', () => {
  const failureOf = async (stage: string, more = {}, write: never = noAzure) => {
    const step = await past(publish, stage, { plan, write, ...more });
    return step?.kind === 'to' && step.stage === 'repair' ? step.data?.failure : step;
  };

  it.each([
    ['capture', 'Azure to say whether the base is still offered'],
    ['tattoo', 'the gallery to finish the candidate'],
    ['approve', 'the approvers'],
    ['publish', 'the gallery to publish the version'],
  ])('needs repair in %s, and says what was waited for, since when, and why', async (stage, what) => {
    expect(await failureOf(stage)).toMatchObject({ stage, error: `goldbot has waited for ${what} since ${until}.` });
    expect(await failureOf(stage, { error: 'Azure answered 500.' })).toMatchObject({
      error: `goldbot has waited for ${what} since ${until}. The last try failed: Azure answered 500.`,
    });
  });

  it('says after a publish that did not end what may be public', async () => {
    expect(await failureOf('publish')).toMatchObject({
      remedy:
        'Look at the version in the Azure portal: if it is public there, it stays that way. Rebuild to publish the next number.',
    });
  });

  it('fails in plan, where it has made nothing', async () => {
    const why = `goldbot has waited for Azure to list base images and versions since ${until}. The last try failed: No.`;
    expect(await past(publish, 'plan', { plan, error: 'No.' })).toMatchObject({
      stage: 'cleanup',
      data: { ending: { outcome: 'failed', why } },
    });
  });

  it('says of a build that does not end whether Image Builder would cancel it', async () => {
    const data = { template: 't' };
    const write = (cancelBuild: () => Promise<void>) => ({ cancelBuild }) as never;
    const refused = new UserError('AZ_CONFLICT', 'Azure does not allow it now.', { hint: 'Wait.' });
    expect(
      await failureOf(
        'customise',
        { data },
        write(async () => {}),
      ),
    ).toMatchObject({
      error: `The build did not end within its 240 minutes (since ${until}); goldbot asked Image Builder to cancel it.`,
    });
    expect(
      await failureOf(
        'customise',
        { data },
        write(() => Promise.reject(refused)),
      ),
    ).toMatchObject({
      error: `The build did not end within its 240 minutes (since ${until}); Image Builder would not cancel it (Azure does not allow it now).`,
    });
  });

  it('leaves a build that nobody has seen to its people', async () => {
    expect(await failureOf('customise', { error: 'Azure answered 500.' })).toMatchObject({
      error: `The build did not end within its 240 minutes (since ${until}); no build was seen. The last look failed: Azure answered 500.`,
      remedy: 'Look in the log for the step that hangs, then rebuild.',
    });
  });

  it('waits for a decision as long as the request itself is open', async () => {
    expect(await past(publish, 'approve', { plan, approval: { status: 'pending' } })).toBeUndefined();
  });

  it('expires in repair after two weeks, and looks on time', async () => {
    const repair = publish.stages.find(({ name }) => name === 'repair');
    const next = async (leftMs: number) => {
      const inStage = { since, limit: { until: new Date(now.getTime() + leftMs) } };
      return await repair?.run({ run: { plan, data: {}, inStage }, inbox: [], now } as never);
    };
    expect(repair?.limit).toMatchObject({ ms: days(14) });
    expect(await next(repairTtlMs)).toMatchObject({ kind: 'again', ms: days(1) });
    expect(await next(hours(1))).toMatchObject({ kind: 'again', ms: hours(1) + 1 });
    expect(await past(publish, 'repair', { plan })).toMatchObject({
      stage: 'cleanup',
      data: { ending: { outcome: 'expired', why: 'nobody rebuilt or cancelled it within 14 days' } },
    });
  });

  it('goes on when regions or old versions are late, and keeps why', async () => {
    expect(await past(publish, 'replicate', { plan, stages: ['publish', 'replicate'] })).toMatchObject({
      ...{ kind: 'to', stage: 'age' },
    });
    const ageTrouble = `goldbot has waited for Azure to mark earlier versions as aged since ${until}. The last try failed: It is locked.`;
    expect(await past(publish, 'age', { plan, stages: [], error: 'It is locked.' })).toMatchObject({
      stage: 'announce',
      data: { ageTrouble },
    });
  });

  it.each([
    [[], 'repair'],
    [['Completed', 'Replicating'], 'repair'],
    [['Completed', 'Unknown'], 'repair'],
    [['Failed', 'Failed'], 'repair'],
    [['Completed', 'Failed'], 'publish'],
  ])('publishes nothing that is still being copied: %j', async (states, stage) => {
    const regions = states.map((state) => ({ name: 'x', state, progress: 1 }));
    const step = await past(publish, 'replicate', { plan, data: { regions }, stages: ['replicate', 'publish'] });
    expect(step).toMatchObject({ kind: 'to', stage });
    if (stage !== 'repair') return;
    expect(step?.data).toMatchObject({
      failure: {
        error: `goldbot has waited for Azure to copy the version to its regions since ${until}.`,
        remedy:
          'Look at the regions of the version in the Azure portal. Rebuild, with fewer regions if one of them is the reason, or cancel.',
      },
    });
  });

  it('ends its test with the verdict that stands, and leaves the machine', async () => {
    const data = { tests: [{ name: 'sshd', passed: false, exitCode: 1, output: 'inactive' }], nextTest: 1 };
    const step = await past(publish, 'test', { plan, data, error: 'It is locked.' });
    expect(step).toMatchObject({
      stage: 'repair',
      data: { failure: { what: 'sshd', error: 'inactive' }, handed: ['gbt-7f3kq-a1'] },
      leftovers: [{ kind: 'machine', name: 'gbt-7f3kq-a1', answer: 'It is locked.' }],
    });
  });

  it.each([
    ['a machine', { state: 'absent' }, {}],
    ['a test', { state: 'ready' }, { machine: 'gbt-7f3kq-a1', nextTest: 0 }],
  ])('begins no longer %s, which its last step would delete at once', async (_, machine, data) => {
    const test = publish.stages.find(({ name }) => name === 'test');
    const inStage = { since, limit: { waitsFor: 'the test machine', until: since, afterwards: 'It ends.' } };
    const about = { id: 'R-7F3KQ', kind: 'publish', subject: 'ubuntu-22', stage: 'test', attempt: 1 };
    const run = { ...about, data, plan: { ...plan, fixed: { ...fixed, recipe: { os: 'Linux' } } }, inStage };
    const read = { testMachine: async () => machine, command: async () => ({ state: 'absent' }) };
    const context = { run, inbox: [], approval: undefined, now, read, write: noAzure };
    expect(await test?.run(context as never)).toEqual({ kind: 'again', ms: 0 });
    const inTime = { ...run, inStage: { ...inStage, limit: { ...inStage.limit, until: now } } };
    await expect(test?.run({ ...context, run: inTime } as never)).rejects.toThrow();
  });

  it('ends its clean-up with all that it knows of, and with what it could not even list', async () => {
    const template = { id: '/t', kind: 'template', since: since.toISOString(), said: 'Azure is deleting it' };
    const data = { ending: { outcome: 'cancelled', why: 'x' }, cleaned: ['t', 'v'], cleaning: { t: template } };
    expect(await past(publish, 'cleanup', { plan, data })).toMatchObject({
      ...{ kind: 'end', outcome: 'cancelled', data: { cleaned: ['v'] } },
      leftovers: [{ id: '/t', kind: 'template', name: 't', since, answer: 'Azure is deleting it' }],
    });
    const silent = await past(publish, 'cleanup', { plan, data, error: 'Azure did not answer in time.' });
    expect(silent?.leftovers?.map(({ kind, name, answer }) => [kind, name, answer])).toEqual([
      ['template', 't', 'Azure is deleting it'],
      ['unread', 'whatever R-7F3KQ made in rg-image-builds', 'Azure did not answer in time.'],
    ]);
  });
});

describe('past its limit, a change', () => {
  const change = changeWorkflow({ catalogue } as never);
  const asked = { verb: 'classify', approval: undefined } as unknown as ChangePlan;

  it.each([
    ['plan', 'Azure to say how things are'],
    ['approve', 'the approvers'],
    ['apply', 'Azure to make the change'],
    ['verify', 'Azure to make the change'],
  ])('fails in %s, says since when, and that asking again continues', async (stage, what) => {
    const why = `goldbot has waited for ${what} since ${until}. The last try failed: It is locked. The same command again continues from there.`;
    expect(await past(change, stage, { plan: asked, error: 'It is locked.' })).toMatchObject({
      outcome: 'failed',
      data: { ending: { how: 'failed', why } },
    });
  });

  it('waits for a decision as long as the request itself is open', async () => {
    expect(await past(change, 'approve', { plan: asked, approval: { status: 'pending' } })).toBeUndefined();
  });
});

describe('past its limit, a digest', () => {
  const digest = digestWorkflow({ catalogue } as never);
  const untold = `Azure did not answer since ${until} (Azure answered 500)`;

  it('is not sent', async () => {
    const step = await past(digest, 'gather', { plan: { team: 'payments' }, error: 'Azure answered 500.' });
    expect(step).toEqual({ kind: 'end', outcome: 'done', data: { untold }, audit: { said: untold } });
  });

  it('that somebody asked for says so where it would have been', async () => {
    const asked = { team: 'payments', askedBy: 'Linus' };
    const step = await past(digest, 'gather', { plan: asked, error: 'Azure answered 500.' });
    expect(step).toMatchObject({
      data: { untold },
      cards: [{ topic: 'digest:R-7F3KQ', channel: catalogue().teams.get('payments')?.channel, kind: 'digest' }],
    });
  });
});

describe('on both sides of a wait', () => {
  const ago = (ms: number) => new Date(now.getTime() - ms).toISOString();
  const stageOf = <P, D>({ stages }: Workflow<P, D>, name: string) => {
    const stage = stages.find((one) => one.name === name);
    if (!stage) throw new Error(`no ${name}`);
    return (context: unknown) => stage.run(context as StageContext<P, D>);
  };
  const recipe = { os: 'Linux', customize: [{ type: 'Shell', name: 'updates' }], validate: [] };
  const whole = { ...fixed, image: 'ubuntu-22', recipe, tests: [{ name: 'sshd', run: 'true', timeoutSeconds: 60 }] };
  const publishing = { id: 'R-7F3KQ', attempt: 1, createdAt: since, plan: { ...plan, fixed: whole } };

  const template = /^ubuntu-22-1-6-0-a1-/;
  it.each([
    [minutes(5), []],
    [minutes(5) + 1, [expect.stringMatching(template)]],
  ])('a template that has been idle for %d ms is started only after five minutes', async (ms, started) => {
    const asked: string[] = [];
    const read = { build: async () => ({ state: 'idle' }) };
    const write = { runTemplate: async (_: unknown, name: string) => void asked.push(name) };
    const run = { ...publishing, stage: 'customise', data: { waiting: { what: 'idle', since: ago(ms) } } };
    await stageOf(publish, 'customise')({ run, read, write, now, inbox: [] });
    expect(asked).toEqual(started);
  });

  const never = {
    error: expect.stringMatching(
      /^Image Builder has been preparing the template ubuntu-22-1-6-0-a1-\w+ since Sun 29 Nov, 15:59 UTC and does not come to an end\.$/,
    ),
    remedy: 'Rebuild: the next attempt makes another template. Only Azure support can say what holds this one.',
  };
  it.each([
    [hours(1), undefined, { kind: 'again', data: { progress: 'Image Builder is preparing the template' } }],
    [hours(1) + 1, undefined, { kind: 'to', stage: 'repair', data: { failure: never } }],
    [
      hours(1) + 1,
      '/subscriptions/s/resourceGroups/rg-own',
      {
        kind: 'to',
        data: {
          failure: {
            remedy:
              'Give the identity of the build Contributor on /subscriptions/s/resourceGroups/rg-own (`build.stagingResourceGroup`), then rebuild: the next attempt makes another template.',
          },
        },
      },
    ],
  ])(
    'a template that Image Builder has been preparing for %d ms in the group %s',
    async (ms, stagingResourceGroup, expected) => {
      const settings = stagingResourceGroup && { buildSettings: { stagingResourceGroup } };
      const read = { build: async () => ({ state: 'provisioning' }) };
      const data = { waiting: { what: 'preparation', since: ago(ms) } };
      const run = { ...publishing, plan: { ...plan, fixed: { ...whole, ...settings } }, stage: 'customise', data };
      expect(await stageOf(publish, 'customise')({ run, read, write: noAzure, now, inbox: [] })).toMatchObject(
        expected,
      );
    },
  );

  it.each([
    ['provisioning', 'startBuild'],
    ['failed', 'deleteTemplate'],
  ])(
    'a template of the attempt before that is %s, in a staging group that must be empty: %s',
    async (state, expected) => {
      const asked: string[] = [];
      const note = (name: string) => async () => void asked.push(name);
      const read = {
        version: async () => undefined,
        build: async (_: unknown, name: string) => ({ state: name === 'before' ? state : 'absent' }),
        leftovers: async () => [{ kind: 'template', name: 'before', runId: 'R-7F3KQ' }],
      };
      const write = { startBuild: note('startBuild'), deleteTemplate: note('deleteTemplate') };
      const buildSettings = { stagingResourceGroup: '/subscriptions/s/resourceGroups/rg-own' };
      const recipe = { os: 'Linux', customize: [], validate: [] };
      const built = { ...whole, base: {}, regions: [], recipe, buildSettings };
      const run = { ...publishing, attempt: 2, plan: { ...plan, fixed: built }, stage: 'customise', data: {} };
      await stageOf(publish, 'customise')({ run, read, write, now, inbox: [] });
      expect(asked).toEqual([expected]);
    },
  );

  it.each([
    [minutes(30), 'creating', { kind: 'again', data: { progress: 'starting a fresh test machine' } }],
    [minutes(30) + 1, 'creating', { data: { tests: [{ passed: false }] } }],
    [hours(1), 'deleting', { kind: 'again', data: { progress: 'deleting the test machine' } }],
    [hours(1) + 1, 'deleting', { kind: 'to', stage: 'repair', leftovers: [{ name: 'gbt-7f3kq-a1' }] }],
  ])('a test machine that has been waited for %d ms while it is %s', async (ms, state, expected) => {
    const [what, tested] =
      state === 'creating'
        ? ['gbt-7f3kq-a1', {}]
        : ['deletion of the test machine', { nextTest: 2, tests: [{ name: 'a', passed: false, output: 'b' }] }];
    const data = { ...tested, machine: 'gbt-7f3kq-a1', waiting: { what, since: ago(ms) } };
    const read = { testMachine: async () => ({ state }) };
    const run = { ...publishing, stage: 'test', data };
    expect(await stageOf(publish, 'test')({ run, read, write: noAzure, now, inbox: [] })).toMatchObject(expected);
  });

  it.each([
    [minutes(6), 'again', undefined],
    [minutes(6) + 1, 'again', 'did not end in time'],
  ])('the answer of a test with a time-out of a minute is waited for %d ms', async (ms, kind, output) => {
    const data = {
      machine: 'gbt-7f3kq-a1',
      nextTest: 1,
      tests: [],
      waiting: { what: 'goldbot-1-sshd', since: ago(ms) },
    };
    const read = { testMachine: async () => ({ state: 'ready' }), command: async () => ({ state: 'running' }) };
    const run = { ...publishing, stage: 'test', data };
    const step = await stageOf(publish, 'test')({ run, read, write: noAzure, now, inbox: [] });
    expect(step.kind).toBe(kind);
    expect(step.data?.tests?.at(-1)?.output).toBe(output);
  });

  const remediation = { verb: 'remediate', machineId: '/m', assignment: '/a', policy: 'p', target: 'vm-1' };
  const rescan = { verb: 'rescan', scopes: ['/s'], target: 'payments' };
  const running = async () => ({ state: 'running', total: 2, succeeded: 1 });
  it.each([
    [remediation, minutes(90), '1 of 2 deployments done', 90],
    [rescan, hours(4), 'Azure has evaluated 0 of 1 scopes', 240],
  ])('%j may take %d ms', async (asked, ms, progress, minutesAgo) => {
    const change = changeWorkflow({ catalogue } as never);
    const read = { remediation: running, evaluation: async () => 'running' };
    const step = async (waitedMs: number) => {
      const data = { waitingSince: ago(waitedMs), evaluations: { '/s': 'https://x' } };
      const run = { id: 'R-7F3KQ', plan: asked, stage: 'verify', data };
      return await stageOf(change, 'verify')({ run, read, write: noAzure, now, inbox: [] });
    };
    expect(await step(ms)).toMatchObject({ kind: 'again', data: { progress } });
    const why = `Azure accepted it ${minutesAgo} minutes ago and is not done: ${progress}. Look at it in the Azure portal; the same command again continues from there.`;
    expect(await step(ms + 1)).toMatchObject({ kind: 'end', outcome: 'failed', data: { ending: { why } } });
  });

  it.each([
    ['a build', 'customise', { build: async () => ({ state: 'running', subState: 'Building' }) }],
    ['the copy of a build', 'customise', { build: async () => ({ state: 'running', subState: 'Distributing' }) }],
  ])('%s is looked at for the last time when its limit is over, and no later', async (_, stage, read) => {
    const data = { times: [{ stage, attempt: 1, from: ago(hours(5)) }] };
    const until = new Date(now.getTime() + minutes(1));
    const inStage = { limit: { until } };
    const run = { ...publishing, stage, data, inStage };
    const step = await stageOf(publish, stage)({ run, read, write: noAzure, now, inbox: [] });
    expect(step).toMatchObject({ kind: 'again' });
    expect((step as { readonly ms: number }).ms).toBeLessThanOrEqual(minutes(1) + 2);
  });

  it.each([
    [minutes(5), { kind: 'again', data: { waiting: { what: 'version' } } }],
    [
      minutes(5) + 1,
      {
        ...{ kind: 'to', stage: 'repair' },
        data: {
          failure: {
            error: 'Image Builder reported success, but the gallery has no ubuntu-22 1.6.0.',
            remedy: 'Rebuild to build it again under the next number.',
          },
        },
      },
    ],
  ])('what was built is looked for in the gallery for %d ms', async (ms, expected) => {
    const run = { ...publishing, stage: 'tattoo', data: { waiting: { what: 'version', since: ago(ms) } } };
    const read = { version: async () => undefined };
    expect(await stageOf(publish, 'tattoo')({ run, read, write: noAzure, now, inbox: [] })).toMatchObject(expected);
  });

  it.each([
    [minutes(30), 'Updating', 0],
    [minutes(30) + 1, 'Updating', 1],
    [0, 'Succeeded', 1],
    [0, 'Failed', 1],
  ])('what is not what was tested is hidden after %d ms while the gallery says %s', async (ms, state, times) => {
    const hidden: unknown[] = [];
    const version = { version: '1.6.0', source: '/b', tags: {}, regions: [], excludedFromLatest: false };
    const read = { version: async () => ({ ...version, provisioningState: state }) };
    const write = { updateVersion: async (...change: unknown[]) => void hidden.push(change.at(-1)) };
    const hash = planHash(whole as never);
    const approval = { status: 'approved', planHash: hash, fingerprint: { source: '/a' }, decisions: [] };
    const data = { waiting: { what: 'hide', since: ago(ms) } };
    const run = { ...publishing, planHash: hash, stage: 'publish', data };
    expect(await stageOf(publish, 'publish')({ run, read, write, now, approval, inbox: [] })).toMatchObject({
      ...{ kind: 'again', ms: seconds(20) },
      data: { progress: '1.6.0 is not what was tested: goldbot hides it from latest' },
    });
    expect(hidden).toEqual(Array(times).fill({ excludedFromLatest: true }));
  });

  it.each([
    [3, 'AZ_UNAVAILABLE', 'rejects'],
    [4, 'AZ_UNAVAILABLE', 'resolves'],
    [0, 'AZ_FORBIDDEN', 'resolves'],
    [9, 'FENCED', 'rejects'],
  ] as const)(
    'the log of a build, which only informs, is given up after %d tries of %s: it %s',
    async (tries, code, how) => {
      const silence = () => Promise.reject(new UserError(code, 'No answer.', { hint: 'Later.' }));
      const read = { build: async () => ({ state: 'failed', message: 'exit code 1' }), buildLog: silence };
      const run = { ...publishing, stage: 'customise', tries, data: { template: 't' } };
      const step = Promise.resolve(stageOf(publish, 'customise')({ run, read, write: noAzure, now, inbox: [] }));
      if (how === 'rejects') return expect(step).rejects.toMatchObject({ code });
      return expect(step).resolves.toMatchObject({ stage: 'repair', data: { failure: { error: 'exit code 1' } } });
    },
  );

  it.each([
    [11, 'again'],
    [12, 'end'],
  ])('a write that was repeated %d times and never shows is repeated %s', async (before, kind) => {
    const asked = { verb: 'classify', machineId: '/vm', target: 'vm-1', model: 'pet' };
    const written: unknown[] = [];
    const write = { mergeTags: async (id: string) => void written.push(id) };
    const data = { begunAt: ago(minutes(1)), progress: 'setting the tag', repeats: before };
    const run = { id: 'R-7F3KQ', plan: asked, stage: 'apply', data };
    const read = { tagsOf: async () => ({}) };
    const step = await stageOf(changeWorkflow({ catalogue } as never), 'apply')({ run, read, write, now, inbox: [] });
    expect([step.kind, written]).toEqual([kind, kind === 'again' ? ['/vm'] : []]);
    if (step.kind === 'end')
      expect(step.data?.ending?.why).toBe(
        'Azure accepted it 12 times (setting the tag), and each time it was not so afterwards: somebody or something undoes it.',
      );
  });

  it.each([
    [1, 'again'],
    [0, 'end'],
  ])('an exemption that would end in %d ms is written: %s', async (ms, kind) => {
    const until = new Date(now.getTime() + ms).toISOString();
    const machineId = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm-1';
    const asked = { verb: 'exempt', machineId, target: 'vm-1', assignment: '/a', policy: 'b', until };
    const ends: unknown[] = [];
    const write = { putExemption: async (_: string, { expiresAt }: { expiresAt: Date }) => void ends.push(expiresAt) };
    const run = { id: 'R-7F3KQ', plan: asked, stage: 'apply', data: {} };
    const read = { exemption: async () => undefined };
    const context = { run, read, write, now, inbox: [] };
    const apply = await stageOf(changeWorkflow({ catalogue } as never), 'apply')(context);
    const verified = await stageOf(changeWorkflow({ catalogue } as never), 'verify')(context);
    expect(apply.kind).toBe(kind === 'again' ? 'again' : 'to');
    expect(ends).toEqual(kind === 'again' ? [new Date(until)] : []);
    if (kind === 'end')
      expect(verified).toMatchObject({
        data: { ending: { why: '29 Nov 2026 has passed; nothing was exempted. Ask again with a later day.' } },
      });
  });

  it.each([
    [minutes(10), 'again'],
    [minutes(10) + 1, 'end'],
  ])('a command is waited for %d ms to be gone from the machine, then its reading counts', async (ms, kind) => {
    const asked = { verb: 'tattoo', machineId: '/subscriptions/s/resourceGroups/g/providers/M/v/vm-1', target: 'vm-1' };
    const data = { gaveUp: true, removingSince: ago(ms) };
    const run = { id: 'R-7F3KQ', plan: asked, stage: 'verify', data };
    const read = { command: async () => ({ state: 'running' }) };
    const step = await stageOf(changeWorkflow({ catalogue } as never), 'verify')({ run, read, now, inbox: [] });
    expect(step.kind).toBe(kind);
    if (kind === 'end') {
      const why =
        'vm-1 did not answer within 10 minutes; Azure has not removed the command from it yet. Check that it is running and that its VM agent is ready, then ask again.';
      expect(step.data?.ending).toMatchObject({ how: 'failed', why });
    }
  });
});

describe('a run says how long it waits, for whom or what, and what becomes of it then', () => {
  const [repair, again] = [
    'The run needs repair: rebuild or cancel.',
    'The change fails; the same command again continues from there.',
  ];
  const tests = [{ name: 'sshd', run: 'true', timeoutSeconds: 60 }];
  const asked = { ...plan, fixed: { ...fixed, tests, rule: {}, approvalTtlMs: days(3) } };
  const request = { verb: 'exempt', approval: { rule: {}, ttlMs: days(3) } };

  type Said = readonly [ms: number, waitsFor: string, plus: string | undefined, afterwards: string];
  const said = <P, D>({ stages }: Workflow<P, D>, run: object): Record<string, Said> =>
    Object.fromEntries(
      stages.flatMap(({ name, limit }) => {
        if (limit === atOnce) return [];
        const ms = limit.ms + (limit.plus?.ms(run as never) ?? 0);
        return [[name, [ms, limit.waitsFor, limit.plus?.what, limit.afterwards] as const]];
      }),
    );

  it('a publish, with what its own plan allows', () => {
    expect(said(publish, { plan: asked, data: {} })).toEqual({
      plan: [days(1), 'Azure to list base images and versions', undefined, 'The run fails; nothing was published.'],
      capture: [days(1), 'Azure to say whether the base is still offered', undefined, repair],
      customise: [
        hours(10),
        'Image Builder',
        "the build's own time-out",
        'The build is cancelled, and the run needs repair: rebuild (with another template) or cancel.',
      ],
      tattoo: [days(1), 'the gallery to finish the candidate', undefined, repair],
      test: [
        days(1) + minutes(6),
        'the test machine',
        'the time-outs of the tests',
        'The test counts as failed unless its result is known; the machine is deleted, or handed to the reaper.',
      ],
      repair: [
        days(14),
        'a person to rebuild or cancel the run',
        undefined,
        'The run expires, and what it made is deleted; one that has published ends without the outputs that are missing.',
      ],
      hold: [
        days(30),
        'a lock or a freeze to be over',
        'the time that the freeze lasts',
        'The run expires, and what it made is deleted.',
      ],
      approve: [
        days(4),
        'the approvers',
        "the approval request's time to live",
        'An open request expires at its own time, and the run with it; that of a schedule is asked again until two weeks after its day. If nobody could be asked, the run needs repair.',
      ],
      publish: [days(1), 'the gallery to publish the version', undefined, repair],
      replicate: [
        days(2),
        'Azure to copy the version to its regions',
        undefined,
        'The run needs repair: rebuild or cancel. One of before, which has published already, goes on, and its outcome names the regions that are not served yet.',
      ],
      age: [
        hours(6),
        'Azure to mark earlier versions as aged',
        undefined,
        'The run goes on; its outcome says that some are not marked.',
      ],
      distribute: [
        hours(10),
        'Image Builder to make the outputs',
        "the build's own time-out",
        'The build is cancelled, and the run needs repair: rebuild (with another template) or cancel.',
      ],
      cleanup: [
        days(1),
        'Azure to tell and delete what the run made',
        undefined,
        'The run ends; what is left is handed to the reaper.',
      ],
    });
    expect(Object.values(removals).map(({ ms, waitsFor }) => [ms, waitsFor])).toEqual([
      [hours(6), 'an image template to be gone'],
      [hours(6), 'a test machine to be gone'],
      [hours(6), 'a candidate to be gone'],
    ]);
  });

  it('a change, whose request may be open for as long as it says', () => {
    const change = changeWorkflow({ catalogue } as never);
    const copying = 'the time that copying takes, where a version is copied';
    expect(said(change, { plan: { ...request, verb: 'replicate' }, data: {} })['verify']?.[0]).toBe(days(3));
    expect(said(change, { plan: request, data: {} })).toEqual({
      plan: [days(1), 'Azure to say how things are', undefined, again],
      approve: [
        days(4),
        'the approvers',
        "the approval request's time to live",
        'An open request expires at its own time, and the change with it.',
      ],
      wait: [days(1), 'the moment that was named', 'the time until then', again],
      hold: [
        days(30),
        'a lock or a freeze to be over',
        'the time that the freeze lasts',
        'The run expires; nothing was published or changed.',
      ],
      apply: [days(1), 'Azure to make the change', copying, again],
      verify: [days(1), 'Azure to make the change', copying, again],
      review: [
        days(365),
        'somebody who took no part to review what was broken',
        undefined,
        'The run ends, and its audit says that nobody reviewed it.',
      ],
      track: [
        days(130),
        'owners to replace machines that stand alone',
        undefined,
        'The run ends, and says which machines are left.',
      ],
    });
    expect(Object.values(changeWaits)).toEqual([
      {
        ...{ ms: minutes(10), waitsFor: 'a machine to read its tattoo' },
        afterwards: 'The command is removed from the machine, and the reading fails.',
      },
      {
        ...{ ms: minutes(10), waitsFor: 'Azure to remove the command from the machine' },
        afterwards: 'The reading counts all the same; its card says that the command is still there.',
      },
      { ms: hours(2), waitsFor: 'Azure to delete what builds left', afterwards: again },
      { ms: hours(6), waitsFor: 'the gallery to change a version', afterwards: again },
      { ms: days(2), waitsFor: 'Azure to copy a version to regions', afterwards: again },
      { ms: minutes(30), waitsFor: 'Azure to change with whom a gallery is shared', afterwards: again },
      { ms: hours(12), waitsFor: 'Azure to upgrade instances of a scale set', afterwards: again },
      { ms: hours(12), waitsFor: 'another change of the same image', afterwards: again },
      {
        ...{ ms: hours(2), waitsFor: 'Azure to make, change or delete the version for trials' },
        afterwards:
          'The trials end; what was made for them is deleted, and what Azure does not delete is listed in `leftovers`.',
      },
      {
        ...{ ms: hours(14), waitsFor: 'somebody to say whether Teams notified them' },
        afterwards: 'The question stays open; it is asked for twelve hours.',
      },
      { ms: minutes(90), waitsFor: 'a remediation', afterwards: again },
      { ms: hours(4), waitsFor: 'an evaluation of policies', afterwards: again },
    ]);
  });

  it('a digest, the weekly one until the next one is due', () => {
    const digest = digestWorkflow({ catalogue } as never);
    const waits = (ms: number) => ({
      gather: [
        ms,
        'Azure to count the machines',
        'a week for the weekly one',
        'The digest is not sent; one that somebody asked for says so in its channel.',
      ],
    });
    expect(said(digest, { plan: { team: 'payments' } })).toEqual(waits(hours(6) + days(7) + hours(2)));
    expect(said(digest, { plan: { team: 'payments', askedBy: 'Linus' } })).toEqual(waits(hours(6)));
  });
});
