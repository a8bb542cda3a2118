import type { AzureRead } from '../../core/azure';
import type { ExemptPlan, RemediatePlan } from '../../core/runs';
import { exempt, remediate } from '../../workflows/change/policies';
import type { ChangeContext } from '../../workflows/change/stages';

/** What the card of a change calls "Before". */
const now = new Date('2026-11-23T09:00:00Z');
const surveyed = (read: unknown) => ({ read: read as AzureRead, now }) as ChangeContext;
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
