import type { BuildPlace } from '../../core/azure';
import { isUserError } from '../../core/errors';
import { isSame, type Remain, type RemainToDelete } from '../../core/leftovers';
import type { ChangeData, LeftoversPlan } from '../../core/runs';
import { nextRemoval } from '../publish';
import type { ChangeContext, ChangeDeps, ChangeKind, Next } from './stages';
import { waits } from './stages';

/**
 * Deletes what builds left, one thing after the other and nothing but what people agreed to. Before each deletion Azure
 * is asked again whether it is still of the same run, and goldbot's own books whether that run is over.
 */
export const deleteLeftovers = ({ outcomeOf }: Pick<ChangeDeps, 'outcomeOf'>): ChangeKind<LeftoversPlan> => ({
  survey: async (_, { things }) => ({ before: `${things.length} left` }),

  async next(context, plan): Promise<Next> {
    const { read, run } = context;
    const images = plan.things.flatMap(({ image }) => (image ? [image] : []));
    const distinct = [...new Map(images.map((image) => [JSON.stringify(image), image])).values()];
    const there = await read.remains(plan.place, distinct);
    const spared = run.data.spared ?? {};
    let busy: string | undefined;
    for (const thing of plan.things.filter(({ id }) => spared[id] === undefined)) {
      const now = there.find(({ id }) => id.toLowerCase() === thing.id.toLowerCase());
      if (!now) continue;
      const reason = await reasonToSpare({ thing, now }, outcomeOf);
      if (reason !== undefined) return spare(context, thing, reason);
      const step = await stepOf(context, plan.place, thing);
      if (step.kind === 'do') return step;
      busy ??= step.progress;
    }
    if (busy !== undefined) return { kind: 'wait', progress: busy, wait: waits.leftovers };
    return over(plan, spared);
  },
});

interface Meeting {
  readonly thing: RemainToDelete;
  readonly now: Remain;
}

async function reasonToSpare({ thing, now }: Meeting, outcomeOf: ChangeDeps['outcomeOf']): Promise<string | undefined> {
  if (!isSame(thing, now)) return 'it is not what it was: somebody has put something else in its place';
  const outcome = await outcomeOf(thing.runId);
  return outcome === undefined ? `its run ${thing.runId} is not over` : undefined;
}

function spare({ run }: ChangeContext, { id, name }: RemainToDelete, reason: string): Next {
  const data: Partial<ChangeData> = { spared: { ...run.data.spared, [id]: `${name}: ${reason}` } };
  return { kind: 'do', progress: `leaving ${name} alone`, act: async () => data };
}

/** Templates and machines have no image; nobody looks for one. */
const nowhere = { subscription: '', resourceGroup: '', gallery: '', definition: '' };

type Step = (Next & { kind: 'do' }) | { readonly kind: 'busy'; readonly progress: string };

/** What Azure refuses to delete is left, with its reason, and the others go on. */
async function stepOf(context: ChangeContext, place: BuildPlace, thing: RemainToDelete): Promise<Step> {
  const { read, write, run } = context;
  const asked = run.data.asked ?? {};
  const isVersion = thing.kind === 'candidate' || thing.kind === 'copy';
  const left = { ...thing, kind: isVersion ? ('version' as const) : thing.kind };
  const { busy, act } = await nextRemoval({ read, write }, { place, target: thing.image ?? nowhere }, left);
  // Azure shows a deletion a moment after it has taken it; asked once, it is waited for.
  if (busy !== undefined || asked[thing.id] !== undefined)
    return { kind: 'busy', progress: busy ?? `deleting ${thing.name}` };
  return {
    kind: 'do',
    progress: `deleting ${thing.name}`,
    act: async () => {
      try {
        const isGoing = await act();
        return isGoing ? { asked: { ...asked, [thing.id]: context.now.toISOString() } } : {};
      } catch (error) {
        if (!isUserError(error) || error.code === 'FENCED') throw error;
        const said = `${thing.name}: ${error.message.replace(/[.]$/, '')}`;
        return { spared: { ...run.data.spared, [thing.id]: said } };
      }
    },
  };
}

/** All that a card has room for; the list that was agreed to has every name. */
const namedAtMost = 6;

function named(things: readonly RemainToDelete[]): string {
  const rest = things.length - namedAtMost;
  const names = things.slice(0, namedAtMost).map(({ name }) => name);
  return `${names.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

function over({ things }: LeftoversPlan, spared: Readonly<Record<string, string>>): Next {
  const left = Object.values(spared);
  const gone = things.filter(({ id }) => spared[id] === undefined);
  const deleted = `${gone.length} of ${things.length} deleted: ${named(gone)}.`;
  if (left.length === 0) return { kind: 'so', outcome: deleted };
  const why = `Left alone: ${left.join('; ')}.`;
  return gone.length === 0 ? { kind: 'failed', why } : { kind: 'so', outcome: `${deleted} ${why}` };
}
