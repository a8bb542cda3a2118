/**
 * One change for a team, asked for by command: plan, approve where somebody must, apply (unless a freeze holds it), verify, close. stages.ts has
 * the stages; machines.ts (classify, tattoo), policies.ts (exempt, remediate, rescan), assign.ts, restrict.ts, versions.ts (eol, age,
 * revoke, retire, restore), latest.ts (promote, rollback, channel), replicas.ts (replicate), second.ts (copy), access.ts (grant, ungrant), sharing.ts
 * (share, unshare), rollout.ts and defer.ts say what each kind reads and writes, leftovers.ts and trials.ts what goldbot does to things of its own; endings.ts begins by itself what nobody asks for, and asks.ts tells teams what Azure asks them.
 */
import { galleryVersionId } from '../../core/azure-id';
import { call } from '../../core/command-call';
import { UserError } from '../../core/errors';
import {
  type AccessPlan,
  type ChangeData,
  type ChangePlan,
  type ChangeRun,
  type Descendant,
  type EndingPlan,
  isVersionPlan,
  type RequestId,
  type RolloutPlan,
  type SharePlan,
  type SignalKind,
  type VersionPlan,
  type VersionVerb,
} from '../../core/runs';
import { type Happening, type ImageEvent, toldOf } from '../../core/webhooks';
import type { Workflow } from '../engine';
import { grant, ungrant } from './access';
import { assign } from './assign';
import { defer, shownWhereAsked } from './defer';
import { channel, promote, rollback } from './latest';
import { deleteLeftovers } from './leftovers';
import { classify, readTattoo } from './machines';
import { exempt, remediate, rescan } from './policies';
import { replicate } from './replicas';
import { restrict } from './restrict';
import { review } from './review';
import { rollout } from './rollout';
import { copy } from './second';
import { share, unshare } from './sharing';
import {
  apply,
  approve,
  byWayOfClose,
  type ChangeDeps,
  type ChangeKind,
  close,
  hold,
  type KindOf,
  plan,
  tellsLeft,
  verify,
  wait,
} from './stages';
import { track } from './track';
import { tryOut } from './trials';
import { age, eol, restore, retire, revoke } from './versions';

export { askLooks } from './asks';
export { endingLooks } from './endings';
export { accessEndSchedules, accessEnds } from './ends';
export { waits as changeWaits } from './stages';

/** One change for a team: plan → approve (where somebody must) → apply → verify → close. */
export function changeWorkflow(deps: ChangeDeps): Workflow<ChangePlan, ChangeData> {
  const kindOf = kindsOf(deps);
  const stages = [
    plan(kindOf),
    approve(deps),
    wait(kindOf),
    hold(deps),
    tellsLeft(apply(kindOf, deps), kindOf),
    tellsLeft(verify(kindOf), kindOf),
    track(deps),
  ]
    .map(byWayOfClose)
    .map(shownWhereAsked(deps));
  return { kind: 'change', first: 'plan', stages: [...stages, review, close], news, tells: tells(deps), refuse };
}

type Kinds = {
  readonly [Verb in Exclude<ChangePlan['verb'], VersionVerb | EndingPlan['verb']>]: ChangeKind<
    Extract<ChangePlan, { verb: Verb }>
  >;
} & { readonly [Verb in VersionVerb]: ChangeKind<VersionPlan> } & {
  readonly [Verb in AccessPlan['verb']]: ChangeKind<AccessPlan>;
} & {
  readonly [Verb in SharePlan['verb']]: ChangeKind<SharePlan>;
};

function kindsOf(deps: ChangeDeps): KindOf {
  const kinds: Kinds = {
    classify,
    exempt,
    remediate,
    assign,
    rescan,
    restrict: restrict(deps),
    tattoo: readTattoo(deps),
    leftovers: deleteLeftovers(deps),
    eol: eol(deps),
    age: age(deps),
    revoke: revoke(deps),
    retire: retire(deps),
    restore: restore(deps),
    try: tryOut(deps),
    promote: promote(deps),
    rollback: rollback(deps),
    channel: channel(deps),
    replicate: replicate(deps),
    copy: copy(deps),
    grant: grant(deps),
    ungrant: ungrant(deps),
    share: share(deps),
    unshare: unshare(deps),
    rollout: rollout(deps),
    defer: defer(deps),
  };
  return (plan) => kinds[plan.verb] as ChangeKind<ChangePlan>;
}

/** What of the life of a version others are told. */
const told: Readonly<Partial<Record<ChangePlan['verb'], ImageEvent>>> = {
  promote: 'promoted',
  rollback: 'promoted',
  revoke: 'revoked',
  retire: 'retired',
  eol: 'end-of-life',
};

/** In the step in which it is done, not when somebody has reviewed it: glass that was broken is news at once. */
function tells({ catalogue }: ChangeDeps): NonNullable<Workflow<ChangePlan, ChangeData>['tells']> {
  return ({ id, plan, data: before }, step, now) => {
    const { data } = step;
    if (plan.verb === 'rollout') {
      const isDone = step.kind === 'to' && step.stage === 'track';
      return toldOf(catalogue(), isDone ? redeploys(plan, id) : [], now);
    }
    const isNew = before.ending === undefined && data?.ending?.how === 'done';
    return toldOf(catalogue(), isNew && isVersionPlan(plan) ? happenedBy(plan, id) : [], now);
  };
}

function happenedBy(plan: VersionPlan, runId: RequestId): readonly Happening[] {
  const kind = told[plan.verb];
  if (!kind) return [];
  const { to, image, gallery, versions, descendants = [], regions, until } = plan;
  const more = { ...(regions && { regions }), ...(until !== undefined && { endOfLife: until }) };
  const happening = (of: Descendant, extra: Happening['data'] = {}): Happening => ({
    ...{ kind, subject: `${of.image}/${of.version}`, runId },
    data: { image: of.image, version: of.version, id: galleryVersionId(of.gallery, of.version), ...more, ...extra },
  });
  // A rollback is about the version that is gone back to.
  if (to !== undefined) return [happening({ image, gallery, version: to }, { hidden: versions })];
  return [
    ...versions.map((version) => happening({ image, gallery, version })),
    ...descendants.map((one) => happening(one)),
  ];
}

/** Whoever redeploys a team's cattle learns which; scale sets have gone first, and are well. */
function redeploys(
  { image, version, gallery, team, singles = [] }: RolloutPlan,
  runId: RequestId,
): readonly Happening[] {
  const machines = singles.filter(({ model }) => model === 'cattle').map(({ id }) => id);
  if (machines.length === 0) return [];
  const data = { image, version, id: galleryVersionId(gallery, version), machines, ...(team !== null && { team }) };
  return [{ kind: 'redeploy', subject: `${image}/${version}`, runId, data }];
}

function news(run: ChangeRun, stage: string): string | undefined {
  if (stage === 'hold') return 'hold';
  if (stage === review.name) return 'outcome';
  return stage === close.name ? (run.stage === review.name ? 'reviewed' : 'outcome') : undefined;
}

function refuse(signal: SignalKind, run: ChangeRun): UserError {
  const { plan: asked, outcome, stage, data } = run;
  const watch = { hint: 'Watch it.', next: [call('status', { request: run.id })] };
  const by = data.ending?.supersededBy;
  if (by) {
    const next = { hint: 'See the one that has taken its place.', next: [call('status', { request: by })] };
    return new UserError('RUN_ENDED', `${run.id} is over: ${by} has superseded it.`, next);
  }
  if (outcome) {
    return new UserError('RUN_ENDED', `${run.id} is over: ${outcome}.`, { ...watch, hint: 'See the outcome.' });
  }
  if (signal === 'override' || signal === 'confirm') {
    return new UserError('RUN_BUSY', `${run.id} is not held by a freeze now (it is at ${stage}).`, watch);
  }
  if (signal === 'review') {
    return new UserError('RUN_BUSY', `${run.id} has nothing to review now (it is at ${stage}).`, watch);
  }
  if (signal === 'rebuild') {
    return new UserError('RUN_BUSY', `${run.id} is a change, and changes are not rebuilt.`, watch);
  }
  if (signal === 'appoint') {
    const what = `${run.id} has not come to machines that stand alone yet: it is at ${stage}. Nothing was appointed.`;
    return new UserError('RUN_BUSY', what, { ...watch, hint: 'Appoint once its scale sets are done.' });
  }
  if (signal === 'saw') {
    return new UserError('RUN_BUSY', `${run.id} asks nobody what Teams did (it is at ${stage}).`, watch);
  }
  if (signal === 'cancel') {
    const what = `${run.id} is changing ${asked.target} already (${stage}); that cannot be cancelled.`;
    return new UserError('RUN_PAST_CANCEL', what, watch);
  }
  return new UserError('RUN_BUSY', `${run.id} does not wait for a decision now (it is at ${stage}).`, watch);
}
