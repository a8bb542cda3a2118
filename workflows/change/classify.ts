import { serviceModelTag } from '../../core/compliance';
import type { ClassifyPlan } from '../../core/runs';
import type { ChangeContext, Doing, Next } from './kit';

/** The owner's word about a machine, kept where everybody else finds it too: in a tag of the machine. */
export const classify: Doing<ClassifyPlan> = {
  async survey({ read }, plan) {
    const tags = await read.tagsOf(plan.machineId);
    return { before: (tags && modelIn(tags)) ?? 'undecided' };
  },

  async next(context, plan): Promise<Next> {
    const { read, write } = context;
    const tags = await read.tagsOf(plan.machineId);
    if (!tags) return { kind: 'failed', why: `${plan.target} is gone: Azure has no such machine any more.` };
    if (modelIn(tags) === plan.model) return { kind: 'so', outcome: outcomeOf(context, plan) };
    return {
      kind: 'do',
      progress: 'setting the tag',
      effect: async () => {
        await write.mergeTags(plan.machineId, { [serviceModelTag]: plan.model });
        return undefined;
      },
    };
  },
};

function outcomeOf({ run }: ChangeContext, { target, model }: ClassifyPlan): string {
  const { before } = run.data;
  const was = before === undefined || before === model ? 'It was tagged so already' : `Before: ${before}`;
  return `${target} is ${model}. ${was}. Resource Graph, and with it compliance and digests, follows in some minutes.`;
}

/** Azure's names of tags are the same in any case. */
function modelIn(tags: Readonly<Record<string, string>>): string | undefined {
  return Object.entries(tags).find(([name]) => name.toLowerCase() === serviceModelTag)?.[1];
}
