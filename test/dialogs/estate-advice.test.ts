import type { Machine, MachineCompliance } from '../../core/compliance';
import { commands } from '../../dialogs';
import { adviceOn } from '../../dialogs/inventory/advice';

const machine = { id: '/vm', name: 'vm-1', type: 'vm' } as Machine;
const origin = { lineage: 'latest' } as never;

function advice(...write: readonly string[]): string {
  const policies = write.map((effect) => ({
    assignment: `/x/policyAssignments/${effect}-policy`,
    name: effect,
    state: 'NonCompliant',
    effect,
    evaluatedAt: new Date(0),
  }));
  const compliance = { policies, guest: [], exemptions: [] } as unknown as MachineCompliance;
  return adviceOn({ commands }, { machine, team: 'web', compliance, origin, model: 'pet' }).join(' ');
}

describe('what to do about a policy that fails', () => {
  it('is a remediation where the policy can mend, also behind one that cannot', () => {
    expect(advice('audit', 'Modify')).toContain('remediate vm-1 --policy Modify-policy');
  });

  it('is never a remediation of a policy that only looks: it would be refused', () => {
    expect(advice('audit')).toContain('audit-policy only looks');
    expect(advice('audit')).not.toContain('remediate');
  });
});
