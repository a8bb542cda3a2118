/**
 * The golden image process: plan, capture, customise, tattoo, test, repair, approve, replicate, publish, age, distribute,
 * announce, cleanup. A stage is a function of what Azure says now; stage.ts has the vocabulary of the stages, and plan.ts,
 * build.ts, test.ts, approve.ts, publish.ts, distribute.ts and cleanup.ts the stages. The engine calls them; `start` asks `refuse`.
 */
import { galleryVersionId } from '../../core/azure-id';
import { call } from '../../core/command-call';
import { UserError } from '../../core/errors';
import {
  isPastCancel,
  type PublishData,
  type PublishPlan,
  type PublishRun,
  replicateBeforePublish,
  type SignalKind,
  statusOf,
} from '../../core/runs';
import { type Happening, toldOf } from '../../core/webhooks';
import type { Workflow } from '../engine';
import { approve } from './approve';
import { customise, tattoo } from './build';
import { cleanup, secondLookMs } from './cleanup';
import { distribute } from './distribute';
import { hold } from './hold';
import { capture, plan, repair } from './plan';
import { age, announce, publish, replicate } from './publish';
import type { PublishDeps, PublishStep } from './stage';
import { test } from './test';

export { certificateOfCandidate, signatures, signing } from './certificate';
export { nextRemoval, reaper, removals } from './leftovers';
export { waits as publishWaits } from './stage';

/**
 * plan → capture → customise → tattoo → test ⇄ repair → approve → replicate → publish → age → distribute → announce →
 * cleanup. `distribute` is passed by where nothing is to be made beside the gallery's version. Runs that began before there was this order publish first and replicate then.
 */
export function publishWorkflow(deps: PublishDeps, settings = { secondLookMs }): Workflow<PublishPlan, PublishData> {
  return {
    kind: 'publish',
    first: 'plan',
    needs: [replicateBeforePublish],
    stages: [
      plan(deps),
      capture,
      customise(deps),
      tattoo,
      test,
      repair,
      hold(deps),
      approve(deps),
      replicate(deps),
      publish(deps),
      age,
      distribute,
      announce,
      cleanup(deps, settings),
    ],
    news,
    tells: (run, step, now) => toldOf(deps.catalogue(), happened(run, step), now),
    refuse,
  };
}

/** In the step that finds the version published; its tidying up is nobody's news. */
function happened(run: Pick<PublishRun, 'id' | 'plan' | 'data'>, { data }: PublishStep): readonly Happening[] {
  const { fixed } = run.plan;
  if (!fixed || run.data.publishedAt !== undefined || data?.publishedAt === undefined) return [];
  const { image, version, target } = fixed;
  const regions = fixed.regions.map(({ name }) => name);
  const about = { image, version, id: galleryVersionId(target, version), regions };
  return [{ kind: 'published', subject: `${image}/${version}`, runId: run.id, data: about }];
}

function news(run: PublishRun, stage: string): string | undefined {
  if (stage === 'repair' && run.stage === 'distribute') return `outputs-${run.data.distribution?.attempt ?? 1}`;
  if (stage === 'repair') return `repair-${run.attempt}`;
  if (stage === 'hold') return `hold-${run.attempt}-${run.stage}`;
  return stage === 'cleanup' ? 'outcome' : undefined;
}

/** What a run would have to be, as the end of a sentence. */
const needs: Record<SignalKind, string> = {
  cancel: 'cancelled',
  rebuild: 'rebuilt: that is for runs that need repair',
  withdraw: 'withdrawn: that is for runs that wait for approval',
  decided: 'decided: that is for runs that wait for approval',
  override: 'overridden: no freeze holds it now',
  confirm: 'overridden: no freeze holds it now',
  saw: 'told what Teams did: it asks nobody',
  appoint: 'told when a machine is replaced: it rolls nothing out',
  review: 'reviewed: no glass was broken',
};

/** Why a signal cannot be taken now, for the person who sent it. */
function refuse(signal: SignalKind, run: PublishRun): UserError {
  const status = statusOf(run);
  if (run.outcome) {
    return new UserError('RUN_ENDED', `${run.id} is over: ${run.outcome}.`, {
      hint: 'Start a new one.',
      next: [call('publish', { image: run.subject })],
    });
  }
  if (signal === 'cancel' && status === 'cancelling') {
    return new UserError('RUN_BUSY', `${run.id} is being cancelled already.`, {
      hint: 'Watch it.',
      next: [call('status', { request: run.id })],
    });
  }
  if (signal === 'cancel' && run.data.ending && run.data.ending.outcome !== 'published') {
    return new UserError(
      'RUN_BUSY',
      `${run.id} has ended (${status}) and is being cleaned up; there is nothing to cancel.`,
      {
        hint: 'Watch it.',
        next: [call('status', { request: run.id })],
      },
    );
  }
  if (signal === 'cancel' && isPastCancel(run)) {
    return new UserError(
      'RUN_PAST_CANCEL',
      `${run.id} has begun to publish ${run.subject}; that cannot be cancelled.`,
      {
        hint: 'goldbot cannot undo it in this version: exclude the version from latest in Azure.',
        next: [call('status', { request: run.id })],
      },
    );
  }
  return new UserError('RUN_BUSY', `${run.id} is in the stage ${run.stage} and cannot be ${needs[signal]}.`, {
    hint: 'See where it stands.',
    next: [call('status', { request: run.id })],
  });
}
