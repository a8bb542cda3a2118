import type { AzureRead, Remediation } from '../../core/azure';
import { restrictionName } from '../../core/compliance';
import type { ChangeData, ClassifyPlan, ExemptPlan, RemediatePlan, RescanPlan, RestrictPlan } from '../../core/runs';
import { classify } from '../../workflows/change/machines';
import { exempt, remediate, rescan, restrict } from '../../workflows/change/policies';
import type { ChangeContext } from '../../workflows/change/stages';

/** What the card of a change calls "Before", and what came of it, word for word. */
const now = new Date('2026-11-23T09:00:00Z');
const surveyed = (read: unknown, data: ChangeData = {}) =>
  ({ read: read as AzureRead, now, run: { id: 'R-22222', data } }) as unknown as ChangeContext;
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
    ['one that runs on', { expiresAt: new Date(now.getTime() + 1) }, 'exempt until 2026-11-23'],
    ['one that ends now', { expiresAt: now }, 'no longer exempt: that ended on 2026-11-23'],
    ['one without an end', {}, 'exempt for ever'],
  ])('is told of %s', async (_, found, words) => {
    const { before } = await exempt.survey(surveyed({ exemption: async () => found }), plan);
    expect(before).toBe(words);
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

describe('what came of a change', () => {
  const restricting = (effect: RestrictPlan['effect']): RestrictPlan => ({
    ...{ verb: 'restrict', target: 'payments', team: 'payments', effect, galleries: ['/g'], dryRun: [] },
    targets: [{ scope: '/subscriptions/s', name: restrictionName, notScopes: [], buildGroups: [] }],
  });

  it.each<[RestrictPlan['effect'], string]>([
    ['audit', 'New machines of payments that are not golden are reported as non-compliant; none is stopped.'],
    ['deny', 'Azure refuses new machines of payments that are not golden; everywhere within some minutes. '],
    ['off', 'payments is no longer restricted by goldbot.'],
  ])('restrict %s', async (effect, words) => {
    const assigned = { enforced: true, effect, galleries: ['/g'], notScopes: [], buildGroups: [] };
    const restriction = async () => ({ defined: true, ...(effect !== 'off' && { assigned }) });
    const next = await restrict.next(surveyed({ restriction }), restricting(effect));
    expect(next).toMatchObject({ kind: 'so', outcome: expect.stringContaining(words) });
    if (effect !== 'deny') expect(JSON.stringify(next)).not.toMatch(/refuses|are stopped/);
  });

  const task = (change: Partial<Remediation>): Remediation =>
    ({ state: 'succeeded', total: 1, succeeded: 1, failed: 0, ...change }) as Remediation;
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
      { kind: 'so', outcome: expect.stringContaining('b found nothing to remediate on vm-1;') },
    ],
    [
      'a failure',
      task({ state: 'failed', total: 2, succeeded: 1, failed: 1, message: 'no quota' }),
      {
        kind: 'failed',
        why: '1 of 2 deployments succeeded, 1 failed. Why stands in the Azure portal (Policy, Remediation). If it says Forbidden, ask the owner of the policy assignment “Baseline” to give its identity the role that b names, then remediate again. Azure says: no quota',
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
    expect(exempted).toEqual({ kind: 'so', outcome: 'vm-1 is exempt from b until 2027-01-01.' });

    const scanning: RescanPlan = { verb: 'rescan', target: 'payments', team: 'payments', scopes: ['/s'] };
    const scanned = await rescan.next(surveyed({}, { evaluations: { '/s': '' } }), scanning);
    expect(scanned).toMatchObject({ outcome: expect.stringContaining('Azure Policy has evaluated payments.') });

    const classifying: ClassifyPlan = { verb: 'classify', machineId: '/vm', target: 'vm-1', team: 'web', model: 'pet' };
    const tagsOf = async () => ({ 'service-model': 'pet' });
    const classified = (before: string) => classify.next(surveyed({ tagsOf }, { before }), classifying);
    expect(await classified('cattle')).toMatchObject({
      outcome: expect.stringContaining('vm-1 is pet. Before: cattle.'),
    });
    expect(await classified('pet')).toMatchObject({ outcome: expect.stringContaining('It already had that tag.') });
  });
});
