import { type FixedPlan, guardChanges, rolesFor } from '../../core/runs';
import { fixed } from '../dialogs/support/plan';
import { exampleCatalogue } from '../support/catalogue';

const test = (name: string, run = 'true') => ({ name, run, timeoutSeconds: 120 });
const approver = { role: 'approver', group: 'g', name: 'approvers' };
const before: FixedPlan = { ...fixed, tests: [test('sshd'), test('chrony')], roles: [approver] };

describe('what stands guard over an image', () => {
  it.each<[string, Partial<FixedPlan>, readonly string[]]>([
    ['nothing', {}, []],
    ['a test that is gone', { tests: [test('sshd')] }, ['test chrony is gone']],
    [
      'a test that is another one',
      { tests: [test('sshd', 'exit 0'), test('chrony'), test('agents')] },
      ['test sshd has changed', 'test agents is new'],
    ],
    ['fewer approvals', { rule: { ...fixed.rule, quorum: 3, own: 0 } }, ['quorum 1 → 0']],
    [
      'other approvers',
      { rule: { ...fixed.rule, group: 'x', groupName: 'others' } },
      ['approvers goldbot-approvers → others'],
    ],
    [
      'who is asked late, and what they need',
      { rule: { ...fixed.rule, changeNumber: 'CHG.*', escalation: { group: 'h', groupName: 'heads', channel: 'c' } } },
      ['asked late nobody → heads', 'change number not needed → CHG.*'],
    ],
    [
      'who decides first',
      { rule: { ...fixed.rule, first: [{ group: 's', groupName: 'security', quorum: 2, channel: 'c' }] } },
      ['decide first nobody → 2 of security'],
    ],
    [
      'risks',
      { rule: { ...fixed.rule, risks: [{ when: ['first-version'], quorum: 2 }] } },
      ['approvals by risk none → 2 for first-version'],
    ],
    [
      'roles',
      { roles: [{ ...approver, group: 'x', name: 'others' }] },
      ['approvers is no approver any more', 'others is approver now'],
    ],
    ['the name of a group is none', { roles: [{ ...approver, name: 'renamed' }] }, []],
  ])('tells of a change: %s', (_, change, told) => {
    expect(guardChanges(before, { ...before, ...change })).toEqual(told);
  });

  it('says nothing of roles that an earlier goldbot did not keep', () => {
    const { roles: _, ...old } = before;
    expect([guardChanges(old, before), guardChanges(before, old)]).toEqual([[], []]);
  });

  it('has the roles for this image that do more than look', () => {
    const { roles } = exampleCatalogue();
    const [first] = roles.filter(({ role }) => role === 'approver');
    const elsewhere = { ...first, group: 'x', images: ['windows-2022'] } as (typeof roles)[number];
    const found = rolesFor('ubuntu-22', [...roles, elsewhere]);
    expect(found.map(({ role }) => role)).not.toContain('viewer');
    expect(found.map(({ group }) => group)).toContain(first?.group);
    expect(found.map(({ group }) => group)).not.toContain('x');
  });
});
