import { definitionId } from '../../core/azure-id';
import { call } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { type Assignment, grantName, type Holding, holdings, scopeKind } from '../../core/image-access';
import type { AccessPlan } from '../../core/runs';
import { type AccessEnds, beforeGiving, ending, endWords, takeBack, untilWords } from './ends';
import { act, type ChangeKind, type Next } from './stages';

/** Gives groups rights to images by role assignments on the definition alone, and takes back none but those that it gave. */

interface AccessDeps {
  readonly ends: AccessEnds;
}

export const grant = ({ ends }: AccessDeps): ChangeKind<AccessPlan> => ({
  async survey(context, plan) {
    const assigned = await context.read.assignmentsAt(plan.gallery);
    const own = assigned.find(isOwn(plan));
    const other = assigned.find(isSameByOthers(plan));
    if (!own && other) throw notOurs(plan, other);
    const wider = othersThan(own, assigned, plan);
    return {
      before: own ? `has it ${untilWords(await ends.of(nameOf(plan)))}` : (wider.map(byWords)[0] ?? 'does not have it'),
      warnings: [...widerWords(wider, plan), endWords(plan, 'role')],
    };
  },

  async next({ read, write, run, now }, plan): Promise<Next> {
    const name = nameOf(plan);
    const isThere = (await read.assignmentsAt(plan.gallery)).some(isOwn(plan));
    const first = await beforeGiving(ends, name, plan, { now, isThere });
    if (first) return first;
    if (isThere) return { kind: 'so', outcome: grantedWords(plan) };
    const { group, role, reason } = plan;
    const why = [`goldbot ${run.id}`, reason].filter(Boolean).join(': ');
    return act('assigning the role', () =>
      write.assignImageRole(plan.gallery, name, { role: role.id, group: group.id, why }),
    );
  },
});

export const ungrant = ({ ends }: AccessDeps): ChangeKind<AccessPlan> => ({
  async survey({ read }, plan) {
    const assigned = await read.assignmentsAt(plan.gallery);
    const own = assigned.find(isOwn(plan));
    const other = assigned.find(isSameByOthers(plan));
    if (!own && other && !plan.atEnd) throw notOurs(plan, other);
    const before = own ? `has it ${untilWords(await ends.of(nameOf(plan)))}` : 'does not have it by goldbot';
    return { before, warnings: widerWords(othersThan(own, assigned, plan), plan) };
  },

  async next(context, plan): Promise<Next> {
    const assigned = await context.read.assignmentsAt(plan.gallery);
    const own = assigned.find(isOwn(plan));
    return takeBack(context, plan, {
      ...{ ends, name: nameOf(plan), found: own },
      take: ({ id }) => act('taking the role away', () => context.write.removeAssignment(id)),
      renewed: (kept) => renewedWords(plan, kept),
      taken: () => ({ kind: 'so', outcome: takenWords(plan, othersThan(own, assigned, plan)) }),
    });
  },
});

const nameOf = ({ gallery, role, group }: AccessPlan): string =>
  grantName({ scope: definitionId(gallery), role: role.id, group: group.id });

const isOwn =
  (plan: AccessPlan) =>
  ({ id }: Assignment): boolean =>
    id.toLowerCase().endsWith(`/${nameOf(plan)}`);

/** The same role for the same group on the same definition, under a name that goldbot did not choose. */
const isSameByOthers =
  (plan: AccessPlan) =>
  (one: Assignment): boolean =>
    !isOwn(plan)(one) &&
    one.principal.id === plan.group.id &&
    one.role.id === plan.role.id &&
    one.scope.toLowerCase() === definitionId(plan.gallery).toLowerCase();

/** By what else the group has the right. */
function othersThan(own: Assignment | undefined, all: readonly Assignment[], plan: AccessPlan): readonly Holding[] {
  return holdings(all).filter(
    ({ id, principal, rights }) => id !== own?.id && principal.id === plan.group.id && rights.includes(plan.right),
  );
}

function notOurs({ group, right, image }: AccessPlan, { role }: Assignment): UserError {
  const what = `${group.name} may ${right} ${image} by the role ${role.name} already, which somebody assigned without goldbot.`;
  return new UserError('GIVEN_BY_OTHERS', what, {
    hint: 'Whoever assigned it can take it away in Azure; goldbot takes back only what it gave.',
    next: [call('access', { image })],
  });
}

const byWords = ({ role, scope }: Holding): string => `has it by ${role.name} on the ${scopeKind(scope)}`;

function widerWords(wider: readonly Holding[], { group, right }: AccessPlan): readonly string[] {
  return wider.slice(0, 2).map((one) => `${group.name} may ${right} it in any case: it ${byWords(one)}.`);
}

function grantedWords({ group, right, image, role, until }: AccessPlan): string {
  const ends = until === undefined ? '' : ` until ${ending(new Date(until))}`;
  return `${group.name} may ${right} ${image}${ends}, by the role ${role.name}. Azure lets people in within ten minutes.`;
}

function renewedWords({ group, right, image }: AccessPlan, kept: Date | undefined): string {
  return `${group.name} was given it again meanwhile: it may ${right} ${image} ${untilWords(kept)}. Nothing was taken back.`;
}

function takenWords({ group, right, image }: AccessPlan, wider: readonly Holding[]): string {
  const [first] = wider;
  const still = first ? ` It still may ${right} it: it ${byWords(first)}.` : '';
  return `${group.name} no longer has what goldbot gave it: to ${right} ${image}.${still}`;
}
