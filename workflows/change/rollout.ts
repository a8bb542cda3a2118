import { definitionId, galleryVersionId } from '../../core/azure-id';
import { call } from '../../core/command-call';
import { UserError } from '../../core/errors';
import { nextOfSet, readSet, type SetProgress, type SetStep, tallyOf, whyNotRollOut } from '../../core/lifecycle';
import type { RolloutPlan } from '../../core/runs';
import { minutes, momentOf } from '../../core/time';
import { type ChangeContext, type ChangeKind, type Next, waits } from './stages';

/**
 * Brings the scale sets of a team to a version: one set after the other; each gets the version into its model, then its
 * instances, batch by batch. The first batch that is unhealthy ends it. What has been done stays as it is, and is told.
 */
export const rollout: ChangeKind<RolloutPlan> = {
  async survey(context, plan) {
    const { read } = context;
    const why = await whyNot(context, plan);
    if (why !== undefined) throw notNow(plan, why);
    const seen = await Promise.all(plan.sets.map(({ id }) => readSet(read, id)));
    const all = seen.flatMap((set) => set?.instances ?? []);
    const on = all.filter(({ version }) => version === plan.version).length;
    const gone = plan.sets.filter((_, n) => !seen[n]).map(({ name }) => `${name} is gone: it is left out.`);
    const blind = seen.flatMap((set) => (set?.instances.some(({ health }) => health === 'unknown') ? [set.name] : []));
    const whose = blind.length === 1 ? 'its' : 'their';
    return {
      before: `${on} of ${all.length} instances on ${plan.version}`,
      warnings: [
        'Each instance that is moved gets a new disk: what was changed inside is lost.',
        ...gone,
        ...(blind.length > 0
          ? [`Nobody reports the health of ${blind.join(', ')}: goldbot sees only whether ${whose} instances run.`]
          : []),
      ],
    };
  },

  async next(context, plan): Promise<Next> {
    let progress: Readonly<Record<string, SetProgress>> = context.run.data.rollout ?? {};
    for (const set of plan.sets) {
      const before = progress[set.id];
      if (before?.state === 'done' || before?.state === 'left') continue;
      const step = await stepOf(context, plan, set, before);
      progress = { ...progress, [set.id]: step.progress };
      if (step.kind !== 'over') return taken(context, plan, { set, step, progress });
    }
    return { kind: 'so', outcome: outcomeOf(plan, progress), data: { rollout: progress } };
  },
};

type SetPlanned = RolloutPlan['sets'][number];

async function stepOf(
  { read, run, now }: ChangeContext,
  plan: RolloutPlan,
  { id, way }: SetPlanned,
  progress: SetProgress | undefined,
): Promise<SetStep> {
  const [seen, upgrade] = await Promise.all([
    readSet(read, id),
    way === 'rolling' ? read.rollingUpgrade(id) : undefined,
  ]);
  const wanted = { definition: definitionId(plan.gallery), version: plan.version, since: run.createdAt };
  return nextOfSet(seen, { ...wanted, progress, upgrade }, now);
}

interface Taken {
  readonly set: SetPlanned;
  readonly step: SetStep;
  readonly progress: Readonly<Record<string, SetProgress>>;
}

async function taken(context: ChangeContext, plan: RolloutPlan, { set, step, progress }: Taken): Promise<Next> {
  const data = { rollout: progress };
  switch (step.kind) {
    case 'wait':
      return { kind: 'wait', progress: step.why, wait: waits.instances, lookMs: minutes(1), data };
    case 'stop':
      return { kind: 'failed', why: stopWords(plan, `${set.name} ${step.why}`, progress), data };
    case 'model':
    case 'upgrade': {
      const why = closed(context, plan) ?? (await whyNot(context, plan));
      if (why !== undefined) return { kind: 'failed', why: stopWords(plan, why.replace(/\.$/, ''), progress), data };
      return doing(context, plan, { set, step, progress });
    }
    case 'over':
      throw new Error(`${set.name} has nothing to do`);
  }
}

function doing(
  { write, now }: ChangeContext,
  plan: RolloutPlan,
  { set, step, progress }: Taken & { readonly step: SetStep & { readonly kind: 'model' | 'upgrade' } },
): Next {
  const { id, name } = set;
  if (step.kind === 'model') {
    const act = () => write.setModelImage(id, galleryVersionId(plan.gallery, plan.version));
    return { kind: 'do', progress: `${name}: its model`, act: () => act().then(() => ({ rollout: progress })) };
  }
  const { ids } = step;
  const batch = { ids, at: now.toISOString() };
  const rollout = { ...progress, [id]: { ...step.progress, batch } };
  return {
    kind: 'do',
    progress: `${name}: ${step.progress.on} of ${step.progress.of} on ${plan.version}, ${ids.length} more now`,
    act: () => write.upgradeInstances(id, ids).then(() => ({ rollout })),
  };
}

/** Why the version is rolled out to nobody any more, a sentence. */
async function whyNot({ read, now }: ChangeContext, { gallery, version }: RolloutPlan): Promise<string | undefined> {
  const found = await read.version(gallery, version);
  return found ? whyNotRollOut(found, now) : `The gallery has no ${version} any more.`;
}

function closed({ now }: ChangeContext, { window }: RolloutPlan): string | undefined {
  const until = window && new Date(window.until);
  return until && until <= now ? `The window ended: ${momentOf(until)}` : undefined;
}

const notNow = ({ image }: RolloutPlan, why: string): UserError =>
  new UserError('UNKNOWN_VERSION', why, { hint: 'See how things are.', next: [call('versions', { image })] });

/** Where it stands, so that nobody has to look. */
function stopWords(plan: RolloutPlan, why: string, progress: Taken['progress']): string {
  const { on, of } = tallyOf(progress);
  const many =
    of === 0
      ? 'nothing was changed'
      : `${on} of ${of} instances that were looked at run ${plan.version}, and the others what they ran`;
  return `${why}; goldbot stopped there: ${many}.`;
}

function outcomeOf({ version, sets }: RolloutPlan, progress: Taken['progress']): string {
  const { on, of } = tallyOf(progress);
  const notes = sets.flatMap(({ id, name }) => {
    const note = progress[id]?.note;
    return note === undefined ? [] : [`${name} ${note}.`];
  });
  return [`${on} of ${of} instances run ${version}.`, ...notes].join(' ');
}
