import { type Machine, stoppedBy } from '../../core/compliance';

const at = (day: number) => new Date(Date.UTC(2026, 10, day));

function machine(name: string, more: Partial<Machine> = {}): Machine {
  return {
    ...{ id: `/vms/${name}`, name, type: 'vm', subscription: 's1', resourceGroup: 'rg-a', location: 'westeurope' },
    ...{ source: 'canonical:a:b', version: '1.0.0', behindModel: false, tags: { team: 'web' }, createdAt: at(3) },
    ...more,
  };
}

const teamOf = ({ tags }: Machine) => tags['team'] ?? null;

describe('what a restriction would have stopped', () => {
  it('is none of the machines without an image: their disks were restored, or they run outside Azure', () => {
    const restored = machine('restored', { source: '', version: '' });
    const outside = machine('outside', { type: 'arc' });
    expect(stoppedBy([restored, outside], teamOf, [])).toEqual([]);
    expect(stoppedBy([restored, outside, machine('new')], teamOf, [])).toMatchObject([{ team: 'web', deployments: 1 }]);
  });

  it('is one deployment for a scale set, and one for each machine; the teams with most come first', () => {
    const member = (n: number) => machine(`set_${n}`, { type: 'instance', scaleSet: 'set', createdAt: at(n) });
    const data = { tags: { team: 'data' } };
    const all = [
      member(1),
      member(2),
      machine('a', data),
      machine('b', { ...data, source: 'canonical:x:y', written: 'Canonical:X:y' }),
    ];
    expect(stoppedBy(all, teamOf, [])).toEqual([
      { team: 'data', deployments: 2, sources: ['canonical:a:b', 'Canonical:X:y'], last: at(3) },
      { team: 'web', deployments: 1, sources: ['canonical:a:b'], last: at(2) },
    ]);
  });
});
