import { definitionId } from '../../core/azure-id';
import { call } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { type Assignment, grantName, type Holding, holdings, scopeKind } from '../../core/image-access';
import type { AccessPlan } from '../../core/runs';
import { dayOf } from '../../core/time';
import type { AccessEnds } from './ends';
import { act, type ChangeContext, type ChangeKind, type Next } from './stages';

/** Gives groups rights to images by role assignments on the definition alone, and takes back none but those that it gave. */

interface AccessDeps {
  readonly ends: AccessEnds;
}

/** The end is kept before the right is given: a replica that dies in between has promised nothing that nobody keeps. */
export const grant = ({ ends }: AccessDeps): ChangeKind<AccessPlan> => ({
  async survey(context, plan) {
    const assigned = await context.read.assignmentsAt(plan.gallery);
    const own = assigned.find(isOwn(plan));
    const other = assigned.find(isSameByOthers(plan));
    if (!own && other) throw notOurs(plan, other);
    const wider = othersThan(own, assigned, plan);
    return {
      before: own ? `has it ${untilWords(await ends.of(nameOf(plan)))}` : (wider.map(byWords)[0] ?? 'does not have it'),
      warnings: [...widerWords(wider, plan), ...endWords(plan)],
    };
  },

  async next({ read, write, run, now }, plan): Promise<Next> {
    const name = nameOf(plan);
    const [kept, assigned] = await Promise.all([ends.of(name), read.assignmentsAt(plan.gallery)]);
    const isThere = assigned.some(isOwn(plan));
    const until = plan.until === undefined ? undefined : new Date(plan.until);
    const isKept = kept?.getTime() === until?.getTime();
    if (isThere && isKept) return { kind: 'so', outcome: grantedWords(plan) };
    if (until && until <= now) {
      const why = `${ending(until)} has passed; nothing was given. Ask again with a later end.`;
      return { kind: 'failed', why };
    }
    if (!isKept) {
      return act('keeping its end', () => (until ? ends.keep(name, plan, until) : ends.drop(name)));
    }
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
    const { read, write } = context;
    const name = nameOf(plan);
    const kept = await ends.of(name);
    if (plan.atEnd && isRenewed(context, kept)) return { kind: 'so', outcome: renewedWords(plan, kept) };
    const assigned = await read.assignmentsAt(plan.gallery);
    const own = assigned.find(isOwn(plan));
    if (own) return act('taking the role away', () => write.removeAssignment(own.id));
    if (!plan.atEnd && kept) return act('forgetting its end', () => ends.drop(name));
    return { kind: 'so', outcome: takenWords(plan, othersThan(own, assigned, plan)) };
  },
});

/** With its year: it may be far ahead. */
const ending = (at: Date): string => `${dayOf(at)}, ${at.toISOString().slice(11, 16)} UTC`;

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

/** Somebody gave it anew, with a later end or none, after this end was agreed to. */
function isRenewed({ now }: ChangeContext, kept: Date | undefined): boolean {
  return kept === undefined || kept > now;
}

const untilWords = (until: Date | undefined): string =>
  until === undefined ? 'without an end' : `until ${ending(until)}`;

const byWords = ({ role, scope }: Holding): string => `has it by ${role.name} on the ${scopeKind(scope)}`;

function widerWords(wider: readonly Holding[], { group, right }: AccessPlan): readonly string[] {
  return wider.slice(0, 2).map((one) => `${group.name} may ${right} it in any case: it ${byWords(one)}.`);
}

function endWords({ until }: AccessPlan): readonly string[] {
  if (until === undefined) return ['It has no end: it stays until somebody takes it back.'];
  return [
    'goldbot keeps the end, not Azure: it takes the role back within a minute after, and if it is down, once it is up.',
  ];
}

function grantedWords({ group, right, image, role, until }: AccessPlan): string {
  const ends = until === undefined ? '' : ` until ${ending(new Date(until))}`;
  return `${group.name} may ${right} ${image}${ends}, by the role ${role.name}. Azure lets people in within ten minutes.`;
}

function renewedWords({ group, right, image }: AccessPlan, kept: Date | undefined): string {
  return `${group.name} was given it anew meanwhile: it may ${right} ${image} ${untilWords(kept)}. Nothing was taken back.`;
}

function takenWords({ group, right, image }: AccessPlan, wider: readonly Holding[]): string {
  const [first] = wider;
  const still = first ? ` It still may ${right} it: it ${byWords(first)}.` : '';
  return `${group.name} no longer has what goldbot gave it: to ${right} ${image}.${still}`;
}
