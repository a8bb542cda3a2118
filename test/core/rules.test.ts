import { rightsOf } from '../../core/access';
import { parseTattoo, type Tattoo, tattooFile, tattooFromTags, tattooTags } from '../../core/images';
import { blockedBy, changeNumberProblem, tally } from '../../core/runs';
import { exampleCatalogue } from '../support/catalogue';

describe('the approval rule', () => {
  const rule = { group: 'g', groupName: 'approvers', quorum: 2 };
  const members = new Set(['grace', 'heidi']);

  it('needs as many different approvers as the quorum says', () => {
    const twice = [
      { oid: 'grace', verdict: 'approve' as const },
      { oid: 'grace', verdict: 'approve' as const },
    ];
    expect(tally(rule, twice, members)).toBe('pending');
    expect(tally(rule, [...twice, { oid: 'heidi', verdict: 'approve' }], members)).toBe('approved');
  });

  it('does not count who left the group', () => {
    const both = [
      { oid: 'grace', verdict: 'approve' as const },
      { oid: 'heidi', verdict: 'approve' as const },
    ];
    expect(tally(rule, both, new Set(['grace']))).toBe('pending');
  });

  it('lets one rejection end it', () => {
    expect(
      tally(
        rule,
        [
          { oid: 'grace', verdict: 'approve' },
          { oid: 'heidi', verdict: 'reject' },
        ],
        members,
      ),
    ).toBe('rejected');
  });
});

describe('a change number', () => {
  const rule = { group: 'g', groupName: 'approvers', quorum: 1 };
  const strict = { ...rule, changeNumber: 'CHG[0-9]{7}|EMERGENCY' };
  it.each([
    ['is not needed where no rule asks for one', { rule }, undefined, undefined],
    ['may be given all the same', { rule }, 'RFC-1042', undefined],
    ['looks like one even then', { rule }, 'soon', 'other pattern'],
    ['is needed where the rule asks for one', { rule: strict }, undefined, 'missing'],
    ['of the pattern is enough', { rule: strict }, 'CHG0031234', undefined],
    [
      'matches as a whole, whatever alternatives there are',
      { rule: strict },
      'CHG0031234 or EMERGENCY',
      'other pattern',
    ],
    ['is given once for all who approve', { rule: strict, changeNumber: 'CHG0031234' }, undefined, undefined],
    ['may be repeated', { rule: strict, changeNumber: 'CHG0031234' }, 'CHG0031234', undefined],
    ['is not replaced by another', { rule: strict, changeNumber: 'CHG0031234' }, 'CHG0031235', 'another'],
  ])('%s', (_, request, given, why) => {
    expect(changeNumberProblem(request, given)?.why).toBe(why);
  });
});

describe('the tattoo', () => {
  const tattoo: Tattoo = {
    schema: '1',
    image: 'ubuntu-22',
    version: '1.6.0',
    source: 'Canonical:0001-com-ubuntu-server-jammy:22_04-lts-gen2:22.04.202611120',
    os: 'Ubuntu 22.04.5 LTS',
    built: '2026-11-22T10:00:00.000Z',
    run: 'R-7F3KQ',
    recipe: 'abc',
  };

  it('reads what it wrote, from the guest and from tags', () => {
    expect(parseTattoo(tattooFile(tattoo))).toEqual(tattoo);
    expect(tattooFromTags(tattooTags(tattoo))).toEqual(tattoo);
  });

  it('is none when a field is missing or the schema is another', () => {
    expect(parseTattoo(tattooFile(tattoo).replace(/^run=.*\n/m, ''))).toBeUndefined();
    expect(parseTattoo(tattooFile(tattoo).replace('schema=1', 'schema=2'))).toBeUndefined();
  });

  it('has a hash that any change of a field changes', () => {
    const hash = (t: Tattoo) => tattooTags(t)['goldbot-tattoo-sha256'];
    for (const field of ['image', 'version', 'source', 'os', 'built', 'run', 'recipe'] as const) {
      expect(hash({ ...tattoo, [field]: 'x' })).not.toBe(hash(tattoo));
    }
  });
});

describe('rights', () => {
  const catalogue = exampleCatalogue();
  const groupOf = (name: string) => catalogue.roles.find((r) => r.name === name)?.group ?? '';

  it('come from groups alone', () => {
    expect(rightsOf(catalogue, []).has('viewer')).toBe(false);
    expect(rightsOf(catalogue, []).has('all')).toBe(true);
    expect(rightsOf(catalogue, [groupOf('goldbot-publishers')]).has('publisher', 'ubuntu-22')).toBe(true);
  });

  it('let an admin publish but not decide', () => {
    const admin = rightsOf(catalogue, [groupOf('goldbot-admins')]);
    expect(admin.has('publisher')).toBe(true);
    expect(admin.has('approver')).toBe(false);
  });

  it('end at the images that a grant names', () => {
    const limited = {
      ...catalogue,
      roles: [{ group: 'g', name: 'web', role: 'publisher' as const, images: ['ubuntu-22'] }],
    };
    expect(rightsOf(limited, ['g']).has('publisher', 'ubuntu-22')).toBe(true);
    expect(rightsOf(limited, ['g']).has('publisher', 'windows-2022')).toBe(false);
  });
});

describe('who could decide', () => {
  const rule = { group: 'g', groupName: 'Approvers', quorum: 2 };
  const ids = ['a', 'b', 'c'];
  it.each<[string, string[], object, object | undefined]>([
    ['as many as are needed', ['a'], { count: 3, ids }, undefined],
    ['one too few', ['a', 'B'], { count: 3, ids }, { why: 'too few', members: 3, able: 1 }],
    ['actors who are in no group', ['x', 'y'], { count: 3, ids }, undefined],
    ['more than are told of: nobody knows', ['a', 'b'], { count: 4, ids }, undefined],
    ['nobody', [], { count: 0, ids: [] }, { why: 'empty group' }],
    ['a group that is gone', [], { size: 'missing', count: 0, ids: [] }, { why: 'no such group' }],
    ['a group that is too large', [], { size: 'too large', count: 9, ids }, { why: 'group too large' }],
  ])('%s', (_, actors, deciders, blocked) => {
    const people = actors.map((oid) => ({ oid }));
    expect(blockedBy(rule, people, { size: 'fits', ...deciders } as never)).toEqual(blocked);
  });
});
