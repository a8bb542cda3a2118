import { lackWords } from '../../cards/parts/words';
import type { PlacedMachine } from '../../core/compliance';
import { type AgentPart, agentsOfTeams, unseenParts } from '../../core/compliance/agents';
import type { Share } from '../../core/compliance/attribution';

const place = (resourceGroup: string) => ({ subscription: 's', resourceGroup });
const lacking = (name: string, resourceGroup: string, ...lacks: AgentPart[]) => ({
  ...{ ...place(resourceGroup), id: `/vm/${name}`, name, lacks },
});
const share = (resourceGroup: string, alone: boolean): Share => ({
  ...{ ...place(resourceGroup), alone, few: true, named: true, judged: 1 },
});
const shares = new Map([
  ['pay', [share('rg-pay', true), share('rg-both', false)]],
  ['web', [share('rg-both', false), share('rg-web', true)]],
]);
const members = new Map<PlacedMachine['id'], string | null>([
  ['/vm/b1', 'pay'],
  ['/vm/b2', 'web'],
]);

describe('what machines of teams lack', () => {
  it('is counted by part, with the first names in order; those of a shared group belong to whom Azure named', () => {
    const found = agentsOfTeams(
      [
        ...['z', 'c', 'y', 'a', 'x', 'd'].map((name) => lacking(name, 'rg-pay', 'monitor agent')),
        lacking('b1', 'rg-both', 'collection rule'),
        lacking('b2', 'rg-both', 'guest configuration', 'collection rule'),
        lacking('b3', 'rg-both', 'monitor agent'),
      ],
      [],
      { shares, members },
    );
    expect([...found]).toEqual([
      [
        'pay',
        [
          { part: 'monitor agent', machines: 6, first: ['a', 'c', 'd', 'x', 'y'] },
          { part: 'collection rule', machines: 1, first: ['b1'] },
        ],
      ],
      [
        'web',
        [
          { part: 'guest configuration', machines: 1, first: ['b2'] },
          { part: 'collection rule', machines: 1, first: ['b2'] },
        ],
      ],
    ]);
  });

  it('is the VM agent alone where that is missing, since nothing else can be there', () => {
    const one = lacking('a', 'rg-web', 'vm agent', 'guest configuration', 'monitor agent', 'collection rule');
    expect(agentsOfTeams([one], [], { shares, members }).get('web')).toEqual([
      { part: 'vm agent', machines: 1, first: ['a'] },
    ]);
  });

  it('leaves out what goldbot sees nowhere', () => {
    const own = [lacking('a', 'rg-web', 'monitor agent', 'collection rule')];
    expect(
      agentsOfTeams(own, ['monitor agent'], { shares, members })
        .get('web')
        ?.map(({ part }) => part),
    ).toEqual(['collection rule']);
  });

  it('is seen nowhere when every machine that could have it lacks it, and never the VM agent', () => {
    const all: AgentPart[] = ['vm agent', 'guest configuration', 'monitor agent', 'collection rule'];
    const two = [lacking('a', 'g', ...all), lacking('b', 'g', ...all)];
    expect(unseenParts({ vm: 2, arc: 0 }, two)).toEqual(['guest configuration', 'monitor agent', 'collection rule']);
    expect(unseenParts({ vm: 3, arc: 0 }, two)).toEqual([]);
    // Arc machines have guest configuration in their own agent.
    expect(unseenParts({ vm: 2, arc: 1 }, two)).toEqual(['guest configuration']);
    expect(unseenParts({ vm: 0, arc: 0 }, [])).toEqual([]);
  });

  it('is told with three names and how many more there are', () => {
    const first = ['a', 'b', 'c', 'd', 'e'];
    expect(lackWords({ part: 'monitor agent', machines: 9, first })).toBe(
      '9 machines lack an Azure Monitor agent: a, b, c and 6 more',
    );
    expect(lackWords({ part: 'vm agent', machines: 1, first: ['a'] })).toBe('1 machine lacks a VM agent: a');
    expect(lackWords({ part: 'collection rule', machines: 3, first: ['a', 'b', 'c'] })).toMatch(/: a, b, c$/);
  });
});
