import type { Viewer } from '../../cards';
import type { Person } from '../../core/access';
import type { Directory } from '../../core/azure';
import {
  type Approval,
  type ApprovalRule,
  approvedImage,
  type ChangeRun,
  type Delegation,
  groupsDeciding,
  isInForce,
  noPlaceOf,
  type PublishRun,
  placesTaken,
  type Run,
} from '../../core/runs';
import type { Reads } from '../../store/reads';
import type { CommandContext } from '../conversation';
import { ifKnown } from './versions';

/** How somebody stands to open requests. It is for showing alone: whoever decides is checked again when it counts. */

/** Who looks. */
export type Looking = Pick<CommandContext, 'person' | 'rights' | 'rightsUnknown' | 'now'>;

/** `unknown`: Microsoft Graph is silent. */
export type Standing = Viewer | { readonly as: 'onlooker' } | { readonly as: 'unknown' };

/** What is known of a person's groups and of the places that were passed on to them. */
export interface Places {
  /** Of the groups that decide, those that they are in; undefined: Microsoft Graph is silent. */
  readonly member: readonly string[] | undefined;
  readonly held: readonly PlaceHeld[];
}

/** A delegation to the person, and in which of the groups the one is whose place it is. */
interface PlaceHeld extends Delegation {
  readonly groups: readonly string[];
}

interface Asked {
  readonly approval: Approval;
  readonly run: Run;
}

interface StandingDeps {
  readonly directory: Pick<Directory, 'memberOf'>;
  readonly reads: Pick<Reads, 'delegations'>;
}

/** Asks the directory, which remembers for a minute who is in a group: many who look at once are one question. */
export async function placesOf(
  { person: { oid }, now }: Pick<Looking, 'person' | 'now'>,
  asked: readonly Approval[],
  { directory, reads }: StandingDeps,
): Promise<Places> {
  const groups = [...new Set(asked.flatMap((a) => groupsDeciding(a, now).map(({ group }) => group)))];
  if (groups.length === 0) return { member: [], held: [] };
  const passedOn = (await reads.delegations(now)).filter(({ to }) => to.oid === oid);
  const groupsOf = (person: string) => ifKnown(directory.memberOf(person, groups));
  const held = passedOn.map(async (one) => ({ ...one, groups: (await groupsOf(one.from.oid)) ?? [] }));
  return { member: await groupsOf(oid), held: await Promise.all(held) };
}

export function standingOf(looking: Looking, { approval, run }: Asked, places: Places): Standing {
  const { person, rights } = looking;
  const actor = run.actors.find(({ oid }) => oid === person.oid);
  if (actor) return { as: 'asker', did: actor.did };
  const own = approval.decisions.find(({ oid }) => oid === person.oid);
  if (own) return { as: 'decided', verdict: own.verdict };
  if (!places.member) return { as: 'unknown' };
  const inRole = run.kind === 'change' || rights.has('approver', run.subject);
  if (!inRole) return { as: 'onlooker' };
  if (isDecider(looking, approval, places)) return { as: 'decider' };
  const place = placeFor(looking, { approval, run }, places);
  return place ? { as: 'decider', inPlaceOf: place.name } : { as: 'onlooker' };
}

/** Whether they are in a group that decides now. */
export function isDecider({ now }: Pick<Looking, 'now'>, approval: Approval, { member = [] }: Places): boolean {
  return groupsDeciding(approval, now).some(({ group }) => member.includes(group));
}

/** In whose place the person may decide; undefined: nobody's but perhaps their own. */
export function placeFor(
  { now }: Pick<Looking, 'now'>,
  { approval, run }: Asked,
  { held }: Places,
): Person | undefined {
  const image = approvedImage(run);
  const deciding = groupsDeciding(approval, now).map(({ group }) => group);
  return held.find(
    (one) =>
      image !== undefined &&
      isInForce(one, image, now) &&
      one.groups.some((group) => deciding.includes(group)) &&
      noPlaceOf(one.from.oid, approval, run.actors) === undefined,
  )?.from;
}

/** What somebody does about a run who has no part in it; `approval`: its newest request. */
export interface Second {
  readonly does: 'confirm' | 'review';
  readonly approval?: Approval | undefined;
}

/** Tells how whoever looks stands to an open request, or to what else waits for a second person. */
export type Stand = (asked: Approval | Second, run: Run) => Promise<Standing>;

export function standOf(looking: Looking, deps: StandingDeps): Stand {
  return async (asked, run) => {
    if ('does' in asked) return standingToSecond(looking, { ...asked, run }, deps);
    return standingOf(looking, { approval: asked, run }, await placesOf(looking, [asked], deps));
  };
}

async function standingToSecond(
  looking: Looking,
  { does, approval, run }: Second & { readonly run: Run },
  { directory }: StandingDeps,
): Promise<Standing> {
  const { person, rights, rightsUnknown } = looking;
  const actor = run.actors.find(({ oid }) => oid === person.oid);
  if (actor) return { as: 'asker', did: actor.did };
  if (rightsUnknown) return { as: 'unknown' };
  if (does === 'review') {
    const decided = approval?.decisions.find(({ oid }) => oid === person.oid);
    if (decided) return { as: 'decided', verdict: decided.verdict };
    return { as: mayReview(rights, approvedImage(run)) ? 'decider' : 'onlooker' };
  }
  if (rights.has('admin', run.subject)) return { as: 'decider' };
  const rule = ruleOf(run);
  const member = rule ? await ifKnown(directory.memberOf(person.oid, [rule.group])) : [];
  if (!member) return { as: 'unknown' };
  return { as: member.length > 0 ? 'decider' : 'onlooker' };
}

/** By which it is decided about the run. */
export function ruleOf(run: Run): ApprovalRule | undefined {
  if (run.kind === 'digest') return undefined;
  return run.kind === 'publish' ? run.plan.fixed?.rule : run.plan.approval?.rule;
}

const reviewers = ['approver', 'admin', 'auditor'] as const;

/** By their roles alone: who took part may not. */
export function mayReview(rights: Looking['rights'], image: string | undefined): boolean {
  return reviewers.some((role) => rights.has(role, image));
}

/** Whose card differs from everybody's; absent for those to whom it looks the same. */
export function viewerOf(standing: Standing | undefined): { readonly viewer?: Viewer } {
  return standing && standing.as !== 'onlooker' && standing.as !== 'unknown' ? { viewer: standing } : {};
}

/**
 * Who has a card of their own: may decide and has not yet, or asked for it. Absent while nobody knows who is in the
 * group. Whoever has decided is asked for nothing more.
 */
export function ownersOf(
  approval: Approval,
  run: PublishRun | ChangeRun,
  { delegations = [], now }: { readonly delegations?: readonly Delegation[]; readonly now: Date },
): { readonly owners?: readonly string[] } {
  const { deciders } = run.data;
  if (!deciders) return {};
  const decided = new Set(approval.decisions.map(({ oid }) => oid));
  const stand = placesTaken(delegations, approval, { run, now }).map(({ to }) => to.oid);
  const askers = run.actors.map(({ oid }) => oid);
  return { owners: [...new Set([...deciders.ids, ...stand, ...askers])].filter((oid) => !decided.has(oid)) };
}
