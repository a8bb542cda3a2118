import { holdSentence, type Override, type PublishRun } from '../../core/runs';
import { again } from '../engine';
import { type HoldDeps, holdsOfImage, holdWait, lookAtHold } from '../holds';
import {
  cancellable,
  finish,
  move,
  type PlannedContext,
  type PublishLimit,
  type PublishStageDefinition,
  type PublishStep,
} from './stage';

/** Locks and freezes: what is asked before a build, before the copies and before the flag, and the stage that waits. */

type Guarded = 'customise' | 'replicate' | 'publish';

/** The build stays where goldbot builds; what follows goes to all regions. */
function regionsOf({ plan }: PlannedContext, before: Guarded): readonly string[] {
  return before === 'customise' ? [plan.place.location] : plan.regions.map(({ name }) => name);
}

const isGuarded = (stage: string | undefined): stage is Guarded =>
  stage === 'customise' || stage === 'replicate' || stage === 'publish';

const holdsBefore = (context: PlannedContext, deps: HoldDeps, before: Guarded, override?: Override) =>
  holdsOfImage(deps, { image: context.plan.image, regions: regionsOf(context, before) }, context.now, override);

/** The step into `hold` when a lock or a freeze holds the run; undefined when it may go on. */
export async function heldBefore(
  context: PlannedContext,
  deps: HoldDeps,
  before: Guarded,
): Promise<PublishStep | undefined> {
  const { now, data } = context;
  const holds = await holdsBefore(context, deps, before, data.override);
  const [first] = holds;
  if (!first) return undefined;
  return { ...move(context, 'hold', { held: { before, at: now.toISOString(), holds } }), why: holdSentence(first) };
}

const holdLimit: PublishLimit = {
  ...holdWait,
  afterwards: 'The run expires, and what it made is deleted.',
  past: async (context) => {
    const { held } = context.run.data;
    const why = ['it was held for too long.', ...(held?.holds ?? []).map(holdSentence)].join(' ');
    return finish(context, { outcome: 'expired', why });
  },
};

/** Waits until no lock and no freeze holds the run, or a second person lets it through a freeze. */
export const hold = (deps: HoldDeps): PublishStageDefinition =>
  cancellable('hold', { limit: holdLimit, takes: ['override', 'confirm'], waits: true }, async (context) => {
    const { held } = context.data;
    const before = held?.before;
    if (!isGuarded(before)) throw new Error(`${context.run.id} is held, and nobody knows before what`);
    const { lookMs, data } = await lookAtHold(
      context,
      (override) => holdsBefore(context, deps, before, override),
      wish(context.run),
    );
    // The base may have been withdrawn meanwhile: `capture` looks once more.
    return lookMs === undefined
      ? move(context, before === 'customise' ? 'capture' : before, data)
      : again(lookMs, data);
  });

function wish({ plan, actors }: Pick<PublishRun, 'plan' | 'actors'>): Pick<Override, 'reason' | 'by'> | undefined {
  const { override: reason } = plan.request;
  const by = actors.find(({ did }) => did === 'requested');
  return reason !== undefined && by ? { reason, by: { oid: by.oid, name: by.name } } : undefined;
}
