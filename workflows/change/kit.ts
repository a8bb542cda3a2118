import type { Catalogue } from '../../core/catalogue';
import { errorCatalogue, explain, isUserError, type UserError } from '../../core/errors';
import type { ChangeData, ChangeEnding, ChangeOutcome, ChangePlan, ChangeStage } from '../../core/runs';
import type { Stage, StageContext, Step } from '../engine';

export type ChangeStep = Step<ChangePlan, ChangeData>;
export type ChangeContext = StageContext<ChangePlan, ChangeData>;
export type ChangeStageDefinition = Stage<ChangePlan, ChangeData> & { readonly name: ChangeStage };

/** What changes need beside Azure. */
export interface ChangeDeps {
  /** The catalogue in force now. */
  catalogue(): Catalogue;
}

/** What a change has to do next, found out by looking. */
export type Next =
  /** It is so; `outcome` says it as a sentence. */
  | { readonly kind: 'so'; readonly outcome: string; readonly data?: Partial<ChangeData> }
  /** The next effect. */
  | { readonly kind: 'do'; readonly progress: string; readonly effect: () => Promise<Partial<ChangeData> | undefined> }
  /** Azure is at it. `patienceMs` of world time; ten minutes when absent. */
  | {
      readonly kind: 'wait';
      readonly progress: string;
      readonly patienceMs?: number;
      readonly data?: Partial<ChangeData>;
    }
  /** It cannot become so. */
  | { readonly kind: 'failed'; readonly why: string; readonly data?: Partial<ChangeData> };

/** What would change, for deciders. */
export interface Survey {
  readonly before: string;
  readonly warnings?: readonly string[];
}

/** How one kind of change is done. */
export interface Doing<Plan extends ChangePlan> {
  /** How it is now. @throws UserError when it is not possible at all. */
  survey(context: ChangeContext, plan: Plan): Promise<Survey>;
  /** Asked before and after each effect, and again after a crash: it must look. */
  next(context: ChangeContext, plan: Plan): Promise<Next>;
}

export const outcomes: Readonly<Record<ChangeEnding, ChangeOutcome>> = {
  done: 'done',
  failed: 'failed',
  cancelled: 'cancelled',
  expired: 'expired',
  refused: 'cancelled',
  withdrawn: 'cancelled',
};

export function finish(
  how: ChangeEnding,
  why: string,
  { by, data = {} }: { readonly by?: string; readonly data?: Partial<ChangeData> } = {},
): ChangeStep {
  const ending = { how, why, ...(by !== undefined && { by }) };
  return {
    kind: 'end',
    outcome: outcomes[how],
    data: { progress: undefined, waitingSince: undefined, ...data, ending },
  };
}

export function cancelled({ inbox }: ChangeContext): ChangeStep | undefined {
  const cancel = inbox.find((signal) => signal.kind === 'cancel');
  return cancel && finish('cancelled', cancel.body.reason ?? 'no reason given', { by: cancel.by.name });
}

export async function orFail(step: () => Promise<ChangeStep>): Promise<ChangeStep> {
  try {
    return await step();
  } catch (error) {
    if (!isFinal(error)) throw error;
    return finish('failed', explain(error));
  }
}

function isFinal(error: unknown): error is UserError {
  if (!isUserError(error)) return false;
  // A machine that is off, a resource with a lock: Azure calls it a conflict, and it does not pass by itself.
  if (error.facts['azureCode'] === 'OperationNotAllowed') return true;
  // Nobody waits with a change until the world has been mended for it; a missing role alone is given to goldbot soon.
  return errorCatalogue[error.code].again !== 'later' && error.code !== 'AZ_FORBIDDEN';
}
