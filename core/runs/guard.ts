import type { Catalogue } from '../catalogue';
import { hashOf } from '../hash';
import type { FixedPlan } from './publish';
import type { ApprovalRule } from './run';

/**
 * What stands guard over an image: its tests, its approval rule, and who has which role for it. Whoever may change the
 * catalogue may loosen it, so a version tells what of it is not as it was when the last one was made.
 */

/** Who may do something about an image besides looking. */
export interface ImageRole {
  readonly role: string;
  /** Entra group (object id). */
  readonly group: string;
  readonly name: string;
}

/** The roles for an image, by the catalogue; in an order that its lines do not change. */
export function rolesFor(image: string, roles: Catalogue['roles']): readonly ImageRole[] {
  return roles
    .filter(({ role, images }) => !['viewer', 'auditor'].includes(role) && (!images || images.includes(image)))
    .map(({ role, group, name }) => ({ role, group, name }))
    .sort((a, b) => (`${a.role} ${a.group}` < `${b.role} ${b.group}` ? -1 : 1));
}

/** What of it has changed between two versions, a clause each: `quorum 2 → 1`, `test sshd is gone`. Empty for nothing. */
export function guardChanges(before: FixedPlan, after: FixedPlan): readonly string[] {
  return [...testChanges(before, after), ...ruleChanges(before.rule, after.rule), ...roleChanges(before, after)];
}

function testChanges({ tests: before }: FixedPlan, { tests: after }: FixedPlan): readonly string[] {
  const gone = before.filter(({ name }) => after.every((test) => test.name !== name));
  const changed = after.flatMap((test) => {
    const was = before.find(({ name }) => name === test.name);
    if (!was) return [`test ${test.name} is new`];
    return hashOf(was) === hashOf(test) ? [] : [`test ${test.name} has changed`];
  });
  return [...gone.map(({ name }) => `test ${name} is gone`), ...changed];
}

function ruleChanges(before: ApprovalRule, after: ApprovalRule): readonly string[] {
  const own = (rule: ApprovalRule) => rule.own ?? rule.quorum;
  const other = (part: (rule: ApprovalRule) => unknown) => hashOf(part(before) ?? null) !== hashOf(part(after) ?? null);
  const group = (of: ApprovalRule['escalation']) => of?.groupName ?? 'nobody';
  const more = ({ risks = [] }: ApprovalRule) =>
    risks.map(({ when, quorum }) => `${quorum} for ${when.join(', ')}`).join('; ') || 'none';
  const order = ({ first = [] }: ApprovalRule) =>
    first.map(({ groupName, quorum }) => `${quorum} of ${groupName}`).join(', then ') || 'nobody';
  const firstOf = ({ first = [] }: ApprovalRule) => first.map(({ group: id, quorum }) => `${quorum} ${id}`);
  return [
    ...(other(firstOf) ? [`decide first ${order(before)} → ${order(after)}`] : []),
    ...(other((rule) => rule.group) ? [`approvers ${before.groupName} → ${after.groupName}`] : []),
    ...(other(own) ? [`quorum ${own(before)} → ${own(after)}`] : []),
    ...(other((rule) => rule.risks) ? [`approvals by risk ${more(before)} → ${more(after)}`] : []),
    ...(other((rule) => rule.escalation?.group)
      ? [`asked late ${group(before.escalation)} → ${group(after.escalation)}`]
      : []),
    ...(other((rule) => rule.changeNumber)
      ? [`change number ${before.changeNumber ?? 'not needed'} → ${after.changeNumber ?? 'not needed'}`]
      : []),
  ];
}

/** Plans of earlier versions of goldbot do not tell: nothing is said of them. */
function roleChanges({ roles: before }: FixedPlan, { roles: after }: FixedPlan): readonly string[] {
  if (!before || !after) return [];
  const without = (some: readonly ImageRole[], others: readonly ImageRole[]) =>
    some.filter(({ role, group }) => others.every((one) => one.role !== role || one.group !== group));
  return [
    ...without(before, after).map(({ role, name }) => `${name} is no ${role} any more`),
    ...without(after, before).map(({ role, name }) => `${name} is ${role} now`),
  ];
}
