import type { Person } from '../access';
import { type ChangeRun, isVersionPlan } from './change';
import type { PublishRun } from './publish';
import type { Actor, Approval, Run } from './run';

/**
 * An approver who is away lets somebody decide in their place until a moment. What is passed on is one place: the person
 * who takes it and the one whose it is count for one, only what somebody decides by being in the group is passed on, and
 * whoever may not decide has nothing to pass on. It ends by itself.
 */
export interface Delegation {
  /** Whose place it is. */
  readonly from: Person;
  readonly to: Person;
  /** Null: of every image. */
  readonly image: string | null;
  /** World time. */
  readonly until: Date;
  /** World time. */
  readonly at: Date;
}

/** Nobody is away for longer than this without saying so again. */
export const longestDelegationDays = 60;

/** The image whose approvers decide about a run; undefined where a team's owners or admins do, who pass on nothing. */
export function approvedImage(run: Run): string | undefined {
  if (run.kind === 'publish') return run.subject;
  return run.kind === 'change' && isVersionPlan(run.plan) ? run.plan.image : undefined;
}

export function isInForce({ image, until }: Delegation, about: string, now: Date): boolean {
  return until > now && (image === null || image === about);
}

/** Why nobody can decide in the place of somebody in the group. */
export type NoPlace =
  | { readonly why: 'took part'; readonly did: Actor['did'] }
  /** `by`: who has decided for that place; the person themself or somebody in their place. */
  | { readonly why: 'decided'; readonly by: string };

/** Undefined: the place of `oid` is free. */
export function noPlaceOf(
  oid: string,
  { decisions }: Pick<Approval, 'decisions'>,
  actors: readonly Actor[],
): NoPlace | undefined {
  const actor = actors.find((one) => one.oid === oid);
  if (actor) return { why: 'took part', did: actor.did };
  const decided = decisions.find((one) => one.oid === oid || one.inPlaceOf?.oid === oid);
  return decided && { why: 'decided', by: decided.name };
}

interface At {
  readonly run: PublishRun | ChangeRun;
  readonly now: Date;
}

/** Who may decide in whose place about an open request, by what is known of its group; none where nobody knows it. */
export function placesTaken(
  delegations: readonly Delegation[],
  approval: Pick<Approval, 'decisions'>,
  at: At,
): readonly Delegation[] {
  const members = new Set(at.run.data.deciders?.ids ?? []);
  return placesPassedOn(delegations, approval, at).filter(({ from }) => members.has(from.oid.toLowerCase()));
}

/** Who may decide in whose place about an open request, if those are in its group. */
export function placesPassedOn(
  delegations: readonly Delegation[],
  approval: Pick<Approval, 'decisions'>,
  { run, now }: At,
): readonly Delegation[] {
  const image = approvedImage(run);
  if (image === undefined) return [];
  return delegations.filter(
    (one) =>
      isInForce(one, image, now) &&
      noPlaceOf(one.from.oid, approval, run.actors) === undefined &&
      !run.actors.some(({ oid }) => oid === one.to.oid),
  );
}
