import { changeHash } from '../../core/runs';
import { minutes, seconds } from '../../core/time';
import { again } from '../engine';
import type { Doings } from './doing';
import {
  type ChangeContext,
  type ChangeStageDefinition,
  type ChangeStep,
  cancelled,
  finish,
  type Next,
  orFail,
  outcomes,
} from './kit';

/** Longest wait between two looks at an open approval; clicks and expiry wake the run earlier. */
const longestWaitMs = minutes(6 * 60);
const lookEveryMs = seconds(15);
const patienceMs = minutes(10);
/** World time before what Azure took is looked for. */
const settleMs = seconds(3);
/** Azure may show what it took only a moment later; the effect is then repeated. */
const mostRepeats = 12;

/** Looks how it is, so that deciders and the card can say what would change. Changes nothing. */
export const plan = (doingOf: Doings): ChangeStageDefinition => ({
  name: 'plan',
  takes: ['cancel'],
  run: async (context) =>
    cancelled(context) ??
    orFail(async () => {
      const { run } = context;
      const survey = await doingOf(run.plan).survey(context, run.plan);
      const stage = run.plan.approval ? 'approve' : 'apply';
      return { kind: 'to', stage, data: { ...survey }, plan: { value: run.plan, hash: changeHash(run.plan) } };
    }),
});

/** Asks, and waits for people. The approval is bound to the plan's hash. */
export const approve: ChangeStageDefinition = {
  name: 'approve',
  takes: ['cancel', 'withdraw', 'decided'],
  waits: true,
  run: async (context) => cancelled(context) ?? decided(context),
};

function decided({ approval, run, now }: ChangeContext): ChangeStep {
  const asked = run.plan.approval;
  if (!asked) return { kind: 'to', stage: 'apply' };
  if (!approval || approval.planHash !== run.planHash) {
    return { kind: 'ask', rule: asked.rule, ttlMs: asked.ttlMs, channel: asked.channel };
  }
  switch (approval.status) {
    case 'pending':
      return again(Math.min(Math.max(approval.expiresAt.getTime() - now.getTime(), 0), longestWaitMs));
    case 'approved':
      return { kind: 'to', stage: 'apply' };
    case 'rejected': {
      const decision = approval.decisions.find((d) => d.verdict === 'reject');
      return finish('refused', decision?.reason ?? 'no reason given', decision ? { by: decision.name } : {});
    }
    case 'expired':
      return finish('expired', `nobody of ${asked.rule.groupName} decided in time`);
    case 'withdrawn':
    case 'void':
      return finish('withdrawn', `the asking ${approval.id} was taken back`);
  }
}

/** One effect a step, each after a look: what a replica that died has done already is not done again. */
export const apply = (doingOf: Doings): ChangeStageDefinition => ({
  name: 'apply',
  takes: [],
  run: (context) =>
    orFail(async () => {
      const next = await doingOf(context.run.plan).next(context, context.run.plan);
      if (next.kind !== 'do') return { kind: 'to', stage: 'verify', data: { ...dataOf(next) } };
      const { progress, repeats: before = 0 } = context.run.data;
      const repeats = progress === next.progress ? before + 1 : 0;
      if (repeats > mostRepeats) return finish('failed', neverShown(next.progress, mostRepeats));
      const data = await next.effect();
      return again(settleMs, { waitingSince: undefined, ...data, repeats, progress: next.progress });
    }),
});

/** Ends when Azure itself says that it is so. */
export const verify = (doingOf: Doings): ChangeStageDefinition => ({
  name: 'verify',
  takes: [],
  run: (context) =>
    orFail(async () => {
      const next = await doingOf(context.run.plan).next(context, context.run.plan);
      const data = dataOf(next);
      switch (next.kind) {
        case 'so':
          return finish('done', next.outcome, { data });
        case 'failed':
          return finish('failed', next.why, { data });
        case 'do':
          // There is more to do, or somebody has changed it back in between.
          return { kind: 'to', stage: 'apply' };
        case 'wait':
          return waitOn(context, next);
      }
    }),
});

function neverShown(what: string, times: number): string {
  return `Azure took it ${times} times (${what}) and each time it was not so afterwards: somebody or something undoes it.`;
}

/** After days of waiting nobody looks at the card: what came of it is told beside it, and then the run ends. */
export const close: ChangeStageDefinition = {
  name: 'close',
  takes: [],
  run: async ({ run }) => ({ kind: 'end', outcome: outcomes[run.data.ending?.how ?? 'failed'] }),
};

/** A stage whose end goes by way of `close` where people were asked. */
export function told(stage: ChangeStageDefinition): ChangeStageDefinition {
  return {
    ...stage,
    run: async (context) => {
      const step = await stage.run(context);
      if (step.kind !== 'end' || !context.run.plan.approval) return step;
      return { kind: 'to', stage: close.name, ...(step.data && { data: step.data }) };
    },
  };
}

function waitOn({ run, now }: ChangeContext, next: Next & { kind: 'wait' }): ChangeStep {
  const waitingSince = run.data.waitingSince ?? now.toISOString();
  const waited = now.getTime() - new Date(waitingSince).getTime();
  if (waited > (next.patienceMs ?? patienceMs)) {
    const why = `Azure took it ${Math.round(waited / 60_000)} minutes ago and is not done: ${next.progress}.`;
    return finish('failed', `${why} Look at it in the Azure portal; the same command again goes on from there.`);
  }
  return again(lookEveryMs, { ...next.data, progress: next.progress, waitingSince });
}

function dataOf(next: Next) {
  return next.kind === 'do' ? {} : (next.data ?? {});
}
