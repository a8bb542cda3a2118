import type { AzureRead, AzureWrite } from '../../../core/azure';
import { isUserError } from '../../../core/errors';
import { type ChangeData, type ChangePlan, changeSubject, type RequestId } from '../../../core/runs';
import { changeWorkflow } from '../../../workflows/change';
import type { StageContext, Step } from '../../../workflows/engine';
import { exampleCatalogue } from '../../support/catalogue';

/** Changes of versions, step by step, as the engine would make them: without the database, and as quick as Azure answers. */

type Context = StageContext<ChangePlan, ChangeData>;

export interface ChangeRunDriver {
  readonly stage: () => string | undefined;
  readonly data: () => ChangeData;
  /** As people agreed to it, once they have. */
  readonly plan: () => ChangePlan;
  /** One step; world time passes as the step asks. */
  step(): Promise<void>;
  decide(status: 'approved' | 'rejected'): void;
  /** Somebody who took no part looks back at it. */
  review(): void;
}

interface Around {
  readonly read: AzureRead;
  readonly write: AzureWrite;
  readonly clock: { now(): Date; advance(minutes: number): void };
}

/** A step that fails so often is not a hiccup. */
const mostTries = 400;

export function changeRuns({ read, write, clock }: Around) {
  const turns = new Map<string, RequestId>();
  const over = new Set<RequestId>();
  const never = async () => undefined;
  const workflow = changeWorkflow({
    catalogue: exampleCatalogue,
    lockOf: never,
    takeTurn: async (image, run) => {
      const holder = turns.get(image);
      if (holder !== undefined && !over.has(holder)) return holder;
      turns.set(image, run);
      return run;
    },
    leaveTurn: async () => undefined,
    deferral: never,
    readings: async () => [],
    asks: never,
    beside: async () => [],
    wake: never,
    deciders: async () => ({ size: 'some', count: 2, ids: [] }) as never,
    outcomeOf: async (id) => (over.has(id as RequestId) ? 'failed' : undefined),
    isShown: async () => true,
    recorded: never,
    ends: { of: never, keep: never, drop: never } as never,
    // What was tested and approved is no matter here: each version is.
    promotable: async () => ({ doubts: [] }),
    certified: never,
    verified: async () => {
      throw new Error('no machine is read here');
    },
  });
  let count = 0;

  return (plan: ChangePlan): ChangeRunDriver => {
    count += 1;
    const id = `R-${String(count).padStart(5, '0')}` as RequestId;
    let run = {
      id,
      kind: 'change',
      subject: changeSubject(plan),
      plan,
      planHash: null,
      actors: [],
      data: {},
      createdAt: clock.now(),
    } as never as Context['run'];
    let stage: string | undefined = workflow.first;
    let approval: Record<string, unknown> | undefined;
    let inbox: readonly object[] = [];
    let tries = 0;

    const follow = (step: Step<ChangePlan, ChangeData>): void => {
      if ('data' in step && step.data) run = { ...run, data: { ...run.data, ...step.data } as ChangeData };
      switch (step.kind) {
        case 'again':
          clock.advance(step.ms / 60_000);
          break;
        case 'to':
          if (step.plan) run = { ...run, plan: step.plan.value, planHash: step.plan.hash };
          stage = step.stage;
          break;
        case 'ask':
          approval = {
            ...{ status: 'pending', planHash: run.planHash, rule: step.rule, decisions: [], askedAt: clock.now() },
            expiresAt: new Date(clock.now().getTime() + step.ttlMs),
          };
          break;
        case 'end':
          stage = undefined;
          over.add(id);
      }
    };

    return {
      stage: () => stage,
      data: () => run.data,
      plan: () => run.plan,
      review: () => {
        inbox = [{ kind: 'review', by: { oid: 'dana', name: 'Dana' }, body: { reason: 'so' }, at: clock.now() }];
      },
      decide: (status) => {
        const decisions = [
          {
            name: 'Heidi',
            verdict: status === 'approved' ? 'approve' : 'reject',
            at: clock.now(),
            decidedAt: clock.now(),
          },
        ];
        approval = { ...approval, status, decisions, closed: { at: clock.now(), by: 'Heidi' } };
      },
      step: async () => {
        const definition = workflow.stages.find(({ name }) => name === stage);
        if (!definition) throw new Error(`no stage ${stage}`);
        const context = { run: { ...run, stage }, inbox, approval, now: clock.now(), read, write };
        try {
          follow(await definition.run(context as never as Context));
          tries = 0;
        } catch (error) {
          tries += 1;
          if (!isUserError(error) || tries > mostTries) throw error;
          clock.advance(1);
        }
      },
    };
  };
}
