import type { AzureRead, Remediation } from '../../core/azure';
import { restrictionName } from '../../core/compliance';
import type {
  ChangeData,
  ClassifyPlan,
  ExemptPlan,
  RemediatePlan,
  RescanPlan,
  RestrictPlan,
  TattooPlan,
} from '../../core/runs';
import { classify, readTattoo } from '../../workflows/change/machines';
import { exempt, remediate, rescan } from '../../workflows/change/policies';
import { restrict as restrictOf } from '../../workflows/change/restrict';
import {
  byWayOfClose,
  type ChangeContext,
  type ChangeStageDefinition,
  close,
  finish,
} from '../../workflows/change/stages';
import { createDigestControl, digestWorkflow } from '../../workflows/digest';
import { exampleCatalogue } from '../support/catalogue';

/** What the card of a change calls "Before", and what came of it, word for word. */
const now = new Date('2026-11-23T09:00:00Z');
const surveyed = (read: unknown, data: ChangeData = {}) =>
  ({ read: read as AzureRead, now, run: { id: 'R-22222', data } }) as unknown as ChangeContext;
const restrict = restrictOf({ catalogue: exampleCatalogue });
const about = { machineId: '/vm', target: 'vm-1', team: 'web', assignment: '/sub/assignments/Baseline' } as const;

describe('before a remediation', () => {
  const row = (state: string, reference?: string, assignment = '/SUB/assignments/baseline') => ({
    ...{ assignment, state },
    ...(reference && { reference }),
  });
  const policies = [
    row('Compliant', 'Other'),
    row('NonCompliant', 'InheritTeamTag'),
    row('Exempt'),
    row('Error', 'x', '/y'),
  ];
  const beforehand = async (reference?: string, rows = policies) => {
    const plan: RemediatePlan = { verb: 'remediate', policy: 'b', ...about, ...(reference && { reference }) };
    return (await remediate.survey(surveyed({ machineCompliance: async () => ({ policies: rows }) }), plan)).before;
  };

  it('is the state of the very definition that is to mend, not of the first of its initiative', async () => {
    expect(await beforehand('inheritteamtag')).toBe('NonCompliant');
    expect(await beforehand('other')).toBe('Compliant');
    expect(await beforehand()).toBe('Exempt');
    expect(await beforehand('absent')).toBe('not evaluated');
  });
});

describe('before an exemption', () => {
  const plan: ExemptPlan = { verb: 'exempt', policy: 'b', until: '2027-01-01T00:00:00Z', ...about };
  it.each([
    ['none of goldbot', undefined, 'not exempt by goldbot'],
    ['one that runs on', { expiresAt: new Date(now.getTime() + 1) }, 'exempt until 23 Nov 2026'],
    ['one that ends now', { expiresAt: now }, 'no longer exempt: that ended on 23 Nov 2026'],
    ['one without an end', {}, 'exempt for ever'],
  ])('is told of %s', async (_, found, words) => {
    const { before, warnings } = await exempt.survey(surveyed({ exemption: async () => found }), plan);
    expect(before).toBe(words);
    expect(warnings).toEqual(['Until then b ignores vm-1, whatever happens to it.']);
  });
});

describe('before a restriction', () => {
  it('is what each scope has, also where somebody switched it off in Azure', async () => {
    const plan = { verb: 'restrict', targets: [{ scope: 'a' }, { scope: 'b' }, { scope: 'c' }], dryRun: [] } as never;
    const restriction = async ({ scope }: { scope: string }) =>
      scope === 'a' ? { defined: false } : { defined: true, assigned: { effect: 'deny', enforced: scope === 'b' } };
    const { before } = await restrict.survey(surveyed({ restriction }), plan);
    expect(before).toBe('not restricted, deny, deny, but not enforced');
  });
});

describe('a change about which people were asked', () => {
  const ends = { kind: 'end', outcome: 'done', data: { ending: { how: 'done', why: 'So.' } } } as const;
  const stage = (step: object) =>
    byWayOfClose({ name: 'apply', takes: [], run: async () => step } as unknown as ChangeStageDefinition);
  const step = (asked: boolean, taken: object = ends) =>
    stage(taken).run({
      run: { plan: asked ? { approval: { channel: 'x' } } : {}, data: {} },
    } as unknown as ChangeContext);

  it('ends by way of a message that tells them, and any other at once', async () => {
    expect(await step(true)).toEqual({ kind: 'to', stage: 'close', data: ends.data });
    expect(await step(true, { kind: 'end', outcome: 'failed' })).toEqual({ kind: 'to', stage: 'close' });
    expect(await step(false)).toEqual(ends);
    const waits = { kind: 'again', inMs: 5 };
    expect(await step(true, waits)).toEqual(waits);
  });
});

describe('what came of a change', () => {
  const restricting = (effect: RestrictPlan['effect']): RestrictPlan => ({
    ...{ verb: 'restrict', target: 'payments', team: 'payments', effect, galleries: ['/g'], dryRun: [] },
    targets: [{ scope: '/subscriptions/s', name: restrictionName, notScopes: [], buildGroups: [] }],
  });

  it.each<[RestrictPlan['effect'], string]>([
    ['audit', 'New machines of payments that are not golden are reported as non-compliant; none is stopped.'],
    ['deny', 'Azure refuses new machines of payments that are not golden; everywhere within a few minutes. '],
    ['off', 'payments is no longer restricted by goldbot.'],
  ])('restrict %s', async (effect, words) => {
    const assigned = { enforced: true, effect, galleries: ['/g'], notScopes: [], buildGroups: [] };
    const restriction = async () => ({ defined: true, ...(effect !== 'off' && { assigned }) });
    const next = await restrict.next(surveyed({ restriction }), restricting(effect));
    expect(next).toMatchObject({ kind: 'so', outcome: expect.stringContaining(words) });
    if (effect !== 'deny') expect(JSON.stringify(next)).not.toMatch(/refuses|are stopped/);
  });

  const task = (change: Partial<Remediation>): Remediation =>
    ({ state: 'succeeded', total: 1, succeeded: 1, ...change }) as Remediation;
  it.each<[string, Remediation, object]>([
    [
      'one of one',
      task({}),
      {
        kind: 'so',
        outcome: 'vm-1 was remediated by b: 1 of 1 deployment. Its state follows with the next evaluation.',
      },
    ],
    [
      'nothing to do',
      task({ total: 0, succeeded: 0 }),
      {
        kind: 'so',
        outcome:
          'b found nothing to remediate on vm-1; it may have been fixed since it was last evaluated. A rescan shows it.',
      },
    ],
    [
      'a failure',
      task({ state: 'failed', total: 2, succeeded: 1, message: 'no quota' }),
      {
        kind: 'failed',
        why: '1 of 2 deployments succeeded. The Azure portal shows what kept Azure from the rest (Policy, Remediation). If it says Forbidden or that permissions are missing, ask the owner of the policy assignment “Baseline” to give its identity the role that b names, then remediate again. Azure says: no quota',
      },
    ],
    ['a cancel', task({ state: 'cancelled' }), { kind: 'failed', why: 'somebody cancelled the remediation in Azure.' }],
    ['work', task({ state: 'running', total: 3 }), { kind: 'wait', progress: '1 of 3 deployments done' }],
  ])('remediate, %s', async (_, remediation, next) => {
    const plan: RemediatePlan = { verb: 'remediate', policy: 'b', ...about };
    expect(await remediate.next(surveyed({ remediation: async () => remediation }), plan)).toMatchObject(next);
  });

  it('exempt, rescan and classify', async () => {
    const until = '2027-01-01T00:00:00Z';
    const exempting: ExemptPlan = { verb: 'exempt', policy: 'b', until, reason: 'why', ...about };
    const found = async () => ({ expiresAt: new Date(until), reason: 'why' });
    const exempted = await exempt.next(surveyed({ exemption: found }), exempting);
    expect(exempted).toEqual({ kind: 'so', outcome: 'vm-1 is exempt from b until 1 Jan 2027.' });

    const scanning: RescanPlan = { verb: 'rescan', target: 'payments', team: 'payments', scopes: ['/s'] };
    const scanned = await rescan.next(surveyed({}, { evaluations: { '/s': '' } }), scanning);
    expect(scanned).toMatchObject({ outcome: expect.stringContaining('Azure Policy has evaluated payments.') });

    const classifying: ClassifyPlan = { verb: 'classify', machineId: '/vm', target: 'vm-1', team: 'web', model: 'pet' };
    const tagsOf = async () => ({ 'service-model': 'pet' });
    const classified = (before: string) => classify.next(surveyed({ tagsOf }, { before }), classifying);
    expect(await classified('cattle')).toMatchObject({
      outcome:
        'vm-1 is pet. Before: cattle. Resource Graph, and with it compliance and digests, follows in a few minutes.',
    });
    const gone = await classify.next(surveyed({ tagsOf: async () => undefined }), classifying);
    expect(gone).toEqual({ kind: 'failed', why: 'vm-1 is gone: Azure no longer has it.' });
    expect(await classified('pet')).toMatchObject({ outcome: expect.stringContaining('It already had that tag.') });
  });
});

describe('a tattoo that is read inside a machine', () => {
  const machineId = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/virtualMachines/vm-1';
  const plan: TattooPlan = {
    verb: 'tattoo',
    machineId,
    target: 'vm-1',
    team: 'web',
    os: 'Linux',
    location: 'westeurope',
  };
  const asked: { script: string }[] = [];
  const write = {
    runCommand: async (_machine: unknown, command: { script: string }) => void asked.push(command),
  };
  const next = (
    state: object,
    data: ChangeData = {},
    os: TattooPlan['os'] = 'Linux',
    facts: readonly object[] = [],
  ) => {
    const read = { command: async () => state, machines: async () => facts };
    const context = { ...surveyed(read, data), write } as unknown as ChangeContext;
    return readTattoo({} as never).next(context, { ...plan, os });
  };

  it.each<[TattooPlan['os'], string]>([
    ['Linux', 'cat /etc/goldbot/tattoo'],
    ['Windows', "OpenSubKey('SOFTWARE\\goldbot\\tattoo')"],
  ])('is asked for where %s keeps it', async (os, script) => {
    const step = await next({ state: 'absent' }, {}, os);
    if (step.kind === 'do') await step.act();
    expect(step).toMatchObject({ kind: 'do', progress: 'asking the machine' });
    expect(asked.at(-1)?.script).toContain(script);
  });

  it('goes from the machine that reads to the machine that has answered, and to one that is gone by then', async () => {
    expect(await readTattoo({} as never).survey(surveyed({}), plan)).toEqual({ before: 'known from outside alone' });
    expect(await next({ state: 'running' })).toMatchObject({ kind: 'wait', progress: 'the machine reads its tattoo' });
    const answered = await next({ state: 'done', exitCode: 0, output: 'x'.repeat(4_001), error: '' });
    expect(answered).toMatchObject({ kind: 'do', progress: 'the machine has answered' });
    const data = answered.kind === 'do' ? await answered.act() : {};
    expect(data.guest?.output).toHaveLength(4_000);
    const why = 'vm-1 is gone: Azure no longer has it.';
    expect(await next({ state: 'absent' }, data)).toEqual({ kind: 'failed', why });
  });

  it.each([
    [600_000, 'wait'],
    [600_001, 'do'],
  ])('is waited for ten minutes, then given up: %d ms', async (ms, kind) => {
    const waitingSince = new Date(now.getTime() - ms).toISOString();
    const step = await next({ state: 'running' }, { waitingSince });
    expect(step.kind).toBe(kind);
    if (step.kind === 'do') expect(await step.act()).toEqual({ gaveUp: true });
  });
});

describe('the end of a change', () => {
  const asked = (ending: ChangeData['ending']) => ({ run: { plan: {}, data: { ending } }, inbox: [] }) as never;

  it.each([
    [{ how: 'refused', why: 'too risky', by: 'Grace' }, 'cancelled'],
    [{ how: 'withdrawn', why: 'wrong machine', by: 'Ada' }, 'cancelled'],
    [{ how: 'expired', why: 'nobody decided' }, 'expired'],
    [{ how: 'done', why: 'vm-1 is pet.' }, 'done'],
    [{ how: 'failed', why: 'vm-1 is gone' }, 'failed'],
  ] as const)('tells auditors how and by whom: %j', async (ending, outcome) => {
    const by = 'by' in ending ? ending.by : undefined;
    const audit = { how: ending.how, said: ending.why, by };
    expect(finish(ending.how, ending.why, { by })).toMatchObject({ kind: 'end', outcome, audit });
    // Of those whom people were asked about, too, which end a step later.
    expect(await close.run(asked(ending))).toEqual({ kind: 'end', outcome, audit });
  });
});

describe('a digest', () => {
  it('takes no click, and says what there is instead', () => {
    const { refuse } = digestWorkflow({} as never);
    const run = { id: 'R-22222', plan: { team: 'payments' } };
    const next = [{ verb: 'digest', values: { team: 'payments' } }];
    expect(refuse('cancel', { ...run, outcome: null } as never)).toMatchObject({
      ...{ code: 'RUN_BUSY', next },
      message: 'R-22222 is a digest of payments; it goes out by itself.',
      hint: 'See when digests come, and change it.',
    });
    expect(refuse('cancel', { ...run, outcome: 'done' } as never)).toMatchObject({
      ...{ code: 'RUN_ENDED', next },
      message: 'R-22222, a digest of payments, is over.',
      hint: 'See what became of it.',
    });
  });

  it('is not set for a team that has just left the catalogue', async () => {
    const catalogue = () => ({ teams: new Map() }) as never;
    const digests = createDigestControl({ database: undefined as never, clock: { now: () => now }, catalogue });
    const setting = digests.set({
      team: 'payments',
      change: { on: true },
      person: { oid: 'a', name: 'Ada' },
      intent: 'i',
    });
    await expect(setting).rejects.toMatchObject({
      code: 'UNKNOWN_TEAM',
      message: 'The team payments has just left the catalogue; nothing was set.',
    });
  });
});
