import type { RescanPlan } from '../../core/runs';
import { minutes } from '../../core/time';
import type { ChangeContext, Doing, Next } from './kit';

/** An evaluation of a subscription takes minutes to hours, as Azure documents it. */
const patienceMs = minutes(4 * 60);

/** One evaluation for each scope; each is started once, and its URL is kept. */
export const rescan: Doing<RescanPlan> = {
  async survey(_, plan) {
    const many = plan.scopes.length === 1 ? '1 scope' : `${plan.scopes.length} scopes`;
    return { before: `${many} to evaluate` };
  },

  async next(context, plan): Promise<Next> {
    const { run, write } = context;
    const known = run.data.evaluations ?? {};
    const open = plan.scopes.find((scope) => known[scope] === undefined);
    if (open !== undefined) {
      return {
        kind: 'do',
        progress: `${Object.keys(known).length + 1} of ${plan.scopes.length} scopes started`,
        effect: async () => ({ evaluations: { ...known, [open]: (await write.startEvaluation(open)) ?? '' } }),
      };
    }
    return running(context, plan, known);
  },
};

async function running(
  { read }: ChangeContext,
  plan: RescanPlan,
  known: Readonly<Record<string, string>>,
): Promise<Next> {
  const asked = await Promise.all(
    Object.entries(known).map(async ([scope, url]) => {
      const over = url === '' || (await read.evaluation(url)) === 'done';
      return [scope, over ? '' : url] as const;
    }),
  );
  const evaluations = Object.fromEntries(asked);
  const done = asked.filter(([, url]) => url === '').length;
  if (done < plan.scopes.length) {
    const progress = `Azure has evaluated ${done} of ${plan.scopes.length} scopes`;
    return { kind: 'wait', progress, patienceMs, data: { evaluations } };
  }
  const outcome = `Azure Policy has evaluated ${plan.target}. What runs inside of the machines keeps its own clock: guest configuration reports every 15 minutes by itself, and nothing here hurries it.`;
  return { kind: 'so', outcome, data: { evaluations } };
}
