import type { AzureRead } from '../../core/azure';
import type { Machine } from '../../core/compliance';
import { type Ground, judgedMachines, wantedMachines } from '../../dialogs/inventory/machines';

/** Azure's answer is in the order of ids; the team's own machines come after more of others than a page has rows. */
const others = Array.from({ length: 1_400 }, (_, n) => machine(`a-${String(n).padStart(4, '0')}`, 'others'));
const own = Array.from({ length: 300 }, (_, n) => machine(`b-${String(n).padStart(4, '0')}`, 'own'));
const all = [...others, ...own];

function machine(name: string, team: string): Machine {
  const place = { subscription: 's', resourceGroup: 'rg', location: 'westeurope' };
  return {
    ...place,
    id: `/vms/${name}`,
    name,
    type: 'vm',
    tags: { team },
    source: '',
    version: '',
    behindModel: false,
  };
}

const asOf = new Date(0);
const ground = {
  total: own.length,
  wants: ({ tags }: Machine) => tags['team'] === 'own',
  filter: {},
  owns: () => true,
  shares: [],
  places: [{ subscription: 's', resourceGroup: 'rg' }],
} as unknown as Ground;

const answer = <Row>(rows: readonly Row[], limit: number) => ({ rows: rows.slice(0, limit), total: rows.length, asOf });
const read = (states: readonly Machine[] = []): AzureRead =>
  ({
    machineList: async (_: unknown, limit: number) => answer(all, limit),
    policyMachines: async (_: unknown, __: unknown, limit: number) => {
      return answer(
        states.map(({ id }) => ({ machine: id, worst: 'Compliant' })),
        Math.min(limit, 1_500),
      );
    },
  }) as unknown as AzureRead;

const names = (rows: readonly Machine[]) => rows.map(({ name }) => name);

describe('a list of machines that lie among those of others', () => {
  it('reads on until it has what a page shows, and then says nothing of a part', async () => {
    const { machines, total, gaps } = await wantedMachines(read(), ground, { skip: 285, take: 15 });
    expect([names(machines), total, gaps]).toEqual([names(own.slice(285)), 300, []]);
  });

  it('calls nobody “not evaluated” beyond the end of states that were cut short', async () => {
    const slice = { skip: 0, take: 15, narrowed: false };
    const verdict = { of: 'policy', is: undefined } as const;
    const evaluated = all.filter(({ name }) => name !== 'b-0003');
    const found = await judgedMachines(read(evaluated), ground, verdict, slice);
    expect(names(found.machines)).toEqual(['b-0003']);
    expect(found.gaps).toMatchObject([{ figure: 'machines', reason: 'not read', first: 1_500, total: 1_699 }]);
  });
});
