import type { Machine, MachineCompliance } from '../../core/compliance';
import { adviceOn } from '../../dialogs/inventory/machine';

const machine = { id: '/vm', name: 'vm-1', type: 'vm' } as Machine;
const origin = { lineage: 'latest' } as never;

function advice(...write: readonly string[]): string {
  const policies = write.map((effect) => ({
    assignment: `/x/policyAssignments/${effect}-policy`,
    name: `${effect}-policy`,
    state: 'NonCompliant',
    effect,
    evaluatedAt: new Date(0),
  }));
  const compliance = { policies, guest: [], exemptions: [] } as unknown as MachineCompliance;
  return adviceOn({ machine, team: 'web', compliance, origin, model: 'pet' }).join(' ');
}

describe('what to do about a policy that fails', () => {
  it('is a remediation where the policy can mend, also behind one that cannot', () => {
    expect(advice('audit', 'Modify')).toBe(
      'Fix what Modify-policy found with “remediate vm-1 --policy Modify-policy”, or have the machine exempted for a while.',
    );
  });

  it('is never a remediation of a policy that only looks: it would be refused', () => {
    expect(advice('audit')).toBe(
      'audit-policy only audits: fix what it found by hand, or have the machine exempted for a while.',
    );
  });

  it('is to ask for an evaluation where there was none', () => {
    expect(advice()).toBe(
      'Azure Policy has not evaluated it, which does not mean that it is compliant. Ask for it with “rescan web”.',
    );
  });
});

describe('what to do about a machine behind the latest version', () => {
  const behind = (model: 'pet' | 'cattle' | 'undecided') =>
    adviceOn({
      machine,
      team: 'web',
      compliance: { policies: [{ state: 'Compliant' }], guest: [], exemptions: [] } as unknown as MachineCompliance,
      origin: { lineage: 'behind' } as never,
      model,
    }).join(' ');

  it('depends on whether it is a pet, cattle, or nobody has said', () => {
    expect(behind('cattle')).toBe('Redeploy it from the newest version in the next maintenance window.');
    expect(behind('pet')).toBe('Agree on an appointment with its owner: it is rebuilt or upgraded by hand.');
    expect(behind('undecided')).toBe('Say what it is with “classify vm-1 pet --reason "…"”, or cattle.');
  });
});

describe('what to do about a machine without a team', () => {
  it('is to give it one', () => {
    const of = (team: string | null) =>
      adviceOn({
        ...{ machine, team, origin, model: 'pet' },
        compliance: { policies: [{ state: 'Compliant' }], guest: [], exemptions: [] } as unknown as MachineCompliance,
      });
    expect(of(null)).toEqual(['No team has vm-1: tag it, or add its scope to teams.yaml.']);
    expect(of('web')).toEqual([]);
  });
});
