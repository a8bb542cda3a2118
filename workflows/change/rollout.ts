import { definitionId, galleryVersionId } from '../../core/azure-id';
import { call } from '../../core/command-call';
import { UserError } from '../../core/errors';
import {
  hasCopy,
  latestIn,
  mayReimage,
  nextOfAsked,
  nextOfSet,
  type RollingUpgrade,
  readSet,
  reimagedWords,
  reimaging,
  type SetProgress,
  type SetSeen,
  type SetStep,
  stopping,
  tallyOf,
  whyNotRollOut,
} from '../../core/lifecycle';
import type { RolloutPlan } from '../../core/runs';
import { minutes, momentOf } from '../../core/time';
import { putOff, questionsOf } from './defer';
import { goesOnWords, halted, halting } from './halt';
import { type ChangeContext, type ChangeDeps, type ChangeKind, type Next, stopOf, waits } from './stages';

/**
 * Brings the scale sets of a team to a version: one set after the other; each gets the version into its model, then its
 * instances, batch by batch. The first batch that is unhealthy ends it. What has been done stays as it is, and is told.
 */
export const rollout = (deps: Pick<ChangeDeps, 'deferral' | 'beside'>): ChangeKind<RolloutPlan> => ({
  async survey(context, plan) {
    const { read } = context;
    const why = (await deferred(deps, plan)) ?? (await whyNot(context, plan));
    if (why !== undefined) throw notNow(plan, why);
    const seen = await Promise.all(plan.sets.map(({ id }) => readSet(read, id)));
    const all = seen.flatMap((set) => set?.instances ?? []);
    const on = all.filter(({ version }) => version === plan.version).length;
    const gone = plan.sets.filter((_, n) => !seen[n]).map(({ name }) => `${name} is gone: it is left out.`);
    const blind = seen.flatMap((set) => (set?.instances.some(({ health }) => health === 'unknown') ? [set.name] : []));
    const { singles = [] } = plan;
    const whose = blind.length === 1 ? 'its' : 'their';
    return {
      before: [
        ...(plan.sets.length > 0 ? [`${on} of ${all.length} instances on ${plan.version}`] : []),
        ...(singles.length > 0 ? [`${singles.length} that stand alone behind it`] : []),
      ].join(', '),
      warnings: [
        ...lossWords(plan),
        ...(await placeWords(context, deps)),
        ...(await deadlines(context, plan)),
        ...gone,
        ...(blind.length > 0
          ? [`Nobody reports the health of ${blind.join(', ')}: goldbot sees only whether ${whose} instances run.`]
          : []),
      ],
    };
  },

  /** Azure would begin by itself before the window: what it asks is put off into it, as far as Azure lets. */
  async early(context, plan) {
    return plan.window && putOff(context, plan.sets, new Date(new Date(plan.window.from).getTime() + answerMs));
  },

  async next(context, plan): Promise<Next> {
    let progress: Readonly<Record<string, SetProgress>> = context.run.data.rollout ?? {};
    for (const set of plan.sets) {
      const before = progress[set.id];
      if (before?.state === 'done' || before?.state === 'left') continue;
      const { step, upgrade } = await stepOf(context, plan, set, before);
      progress = { ...progress, [set.id]: step.progress };
      if (step.kind !== 'over') return taken(context, plan, { set, step, upgrade, progress, deps });
    }
    return { kind: 'so', outcome: outcomeOf(plan, progress), data: { rollout: progress } };
  },
});

/** What is lost on instances that move, and that the rest is its owners'. */
function lossWords({ sets, version, singles = [] }: RolloutPlan): readonly string[] {
  const reimages = sets.flatMap((set) => (set.reimages ? [set.name] : []));
  const looks =
    'goldbot replaces no machine that stands alone: once the scale sets are done it tells their owners, and looks on for 30 days.';
  return [
    ...(sets.length > 0 ? ['Each instance that is moved gets a new disk: what was changed inside is lost.'] : []),
    ...(reimages.length > 0
      ? [
          `goldbot reimages an instance of ${reimages.join(', ')} that takes ${version} and still runs another version: its system disk is lost, with all that is on it; data disks stay.`,
        ]
      : []),
    ...(singles.length > 0 ? [looks] : []),
  ];
}

/** Nothing is lost of what owners have appointed, as far as it is still to come. */
async function placeWords({ run }: ChangeContext, { beside }: Pick<ChangeDeps, 'beside'>): Promise<readonly string[]> {
  const plan = run.plan as RolloutPlan;
  if ((plan.singles ?? []).length === 0) return [];
  const open = (await beside(run)).filter(({ data }) => data.ending === undefined);
  return open.map(
    ({ id, plan: { target } }) =>
      `${id}, which looks on at ${target}, ends once this one has come as far; its appointments move here.`,
  );
}

/** Whoever does not answer Azure has answered all the same. */
async function deadlines({ read }: ChangeContext, { sets, window }: RolloutPlan): Promise<readonly string[]> {
  const asked = await questionsOf(read, sets);
  const all = asked.map(({ name, questions }) => questions.map((question) => ({ ...question, set: name })));
  const from = window && new Date(window.from);
  return all.flat().map(({ set, until, latest, otherwise }) => {
    const does = otherwise === 'approve' ? 'begins by itself' : 'does not begin';
    if (from && from <= latest)
      return `Without an answer here Azure ${does} with ${set} at ${momentOf(until)}; agreed to, it waits for the window.`;
    if (from)
      return `Azure waits with ${set} until ${momentOf(latest)} at most, which is before the window: it ${does} then.`;
    return `Without an answer Azure ${does} with ${set} at ${momentOf(until)}.`;
  });
}

/** World time into the window until which Azure waits for the answer that comes with its beginning. */
const answerMs = minutes(30);

type SetPlanned = RolloutPlan['sets'][number];

interface Looked {
  readonly step: SetStep;
  /** What has become of the upgrade by Azure that began since the run did; undefined: none has. */
  readonly upgrade: RollingUpgrade['state'] | undefined;
}

async function stepOf(
  context: ChangeContext,
  plan: RolloutPlan,
  { id, way, asks, location, reimages }: SetPlanned,
  progress: SetProgress | undefined,
): Promise<Looked> {
  const { read, run, now } = context;
  const [seen, upgrade, questions = []] = await Promise.all([
    readSet(read, id),
    way === 'batches' ? undefined : read.rollingUpgrade(id),
    asks === 'hook' ? read.upgradeQuestions(id) : undefined,
  ]);
  const definition = definitionId(plan.gallery);
  const wanted = {
    id,
    definition,
    version: plan.version,
    since: run.createdAt,
    progress,
    upgrade,
    mayReimage: reimages,
  };
  const own = upgrade && upgrade.startedAt >= run.createdAt ? upgrade.state : undefined;
  const looked = (step: SetStep): Looked => ({ step: kept(step, progress), upgrade: own });
  if (asks && way === 'azure') return looked(nextOfAsked(seen, { ...wanted, asks, questions }, now));
  const step = nextOfSet(seen, wanted, now);
  if (step.kind === 'reimage') return looked(await allowed(context, id, step));
  return looked(step.kind === 'upgrade' && isFollowing(seen) ? await asLatest({ read, plan, location, step }) : step);
}

const kept = (step: SetStep, before: SetProgress | undefined): SetStep =>
  before?.halt ? { ...step, progress: { ...step.progress, halt: before.halt } } : step;

/** What people agreed to is done as long as they want it and the role for it is there: otherwise it stops as without it. */
async function allowed(
  context: ChangeContext,
  id: string,
  step: SetStep & { readonly kind: 'reimage' },
): Promise<SetStep> {
  const isWanted = stopOf(context) === undefined && (await mayReimage(context.read, id));
  return isWanted ? step : stopping(step.progress, step.otherwise);
}

const isFollowing = (seen: SetSeen | undefined): boolean => !/\/versions\/\d/.test(seen?.image ?? '');

/** The instances of a set that names no version get whatever is latest: nothing is done where that is another one by now. */
async function asLatest({
  read,
  plan: { gallery, version },
  location,
  step,
}: Pick<ChangeContext, 'read'> & {
  readonly plan: RolloutPlan;
  readonly location: string;
  readonly step: SetStep;
}): Promise<SetStep> {
  const latest = latestIn(await read.versions(gallery), location)?.version;
  if (latest === version) return step;
  const note = `takes the latest, which is ${latest ?? 'none'} now`;
  return { kind: 'over', progress: { ...step.progress, state: 'left', note } };
}

interface Taken {
  readonly set: SetPlanned;
  readonly step: SetStep;
  readonly progress: Readonly<Record<string, SetProgress>>;
}

async function taken(
  context: ChangeContext,
  plan: RolloutPlan,
  { set, step, upgrade, progress, deps }: Taken & Looked & { readonly deps: Pick<ChangeDeps, 'deferral'> },
): Promise<Next> {
  const data = { rollout: progress };
  const stop = stopOf(context);
  const stopped =
    stop && (halting(context, { set, upgrade, progress }) ?? ended(plan, stop, { set, step, upgrade, progress }));
  if (stopped) return stopped;
  switch (step.kind) {
    case 'wait':
      return { kind: 'wait', progress: step.why, wait: waits.instances, lookMs: minutes(1), data };
    case 'stop':
      return { kind: 'failed', why: stopWords(plan, `${set.name} ${step.why}`, progress), data };
    case 'model':
    case 'approve':
    case 'reimage':
    case 'upgrade': {
      const where = step.kind === 'model' ? set.location : undefined;
      const why = closed(context, plan) ?? (await deferred(deps, plan)) ?? (await whyNot(context, plan, where));
      const stuck = step.kind === 'reimage' ? `; ${set.name} ${step.otherwise}` : '';
      if (why !== undefined)
        return { kind: 'failed', why: stopWords(plan, why.replace(/\.$/, '') + stuck, progress), data };
      return doing(context, plan, { set, step, progress });
    }
    case 'over':
      throw new Error(`${set.name} has nothing to do`);
  }
}

/** Undefined: something of goldbot's is half done. */
function ended(
  plan: RolloutPlan,
  { why }: { readonly why: string },
  { set, step, upgrade, progress: before }: Taken & Looked,
): Next | undefined {
  if (isHalfDone(step) && upgrade !== 'cancelled') return undefined;
  const progress = halted({ set, upgrade, progress: before });
  return { kind: 'stopped', why: cancelWords(plan, { why, progress }), data: { rollout: progress } };
}

function doing(
  { write, now }: ChangeContext,
  plan: RolloutPlan,
  {
    set,
    step,
    progress,
  }: Taken & { readonly step: SetStep & { readonly kind: 'model' | 'upgrade' | 'approve' | 'reimage' } },
): Next {
  const { id, name } = set;
  if (step.kind === 'model') {
    const set = () => write.setModelImage(id, galleryVersionId(plan.gallery, plan.version));
    return { kind: 'do', progress: `${name}: its model`, act: () => set().then(() => ({ rollout: progress })) };
  }
  if (step.kind === 'approve') {
    const { question } = step;
    const rollout = { ...progress, [id]: { ...step.progress, batch: { ids: [], at: now.toISOString() } } };
    const answer = () => (question ? write.answerQuestion(id, question) : write.approveUpgrade(id));
    return { kind: 'do', progress: `${name}: letting Azure upgrade it`, act: () => answer().then(() => ({ rollout })) };
  }
  const { ids } = step;
  if (step.kind === 'reimage') {
    const rollout = { ...progress, [id]: reimaging(step.progress, ids, now) };
    const what = `${name}: reimaging ${ids.length} that took the version and kept the disk`;
    if (!step.progress.batch?.reimage) return { kind: 'do', progress: `${what}, next`, act: async () => ({ rollout }) };
    const act = () => write.reimageInstances(id, ids, plan.version).then(() => ({ rollout }));
    return { kind: 'do', progress: what, act };
  }
  const batch = { ids, at: now.toISOString() };
  const rollout = { ...progress, [id]: { ...step.progress, batch } };
  return {
    kind: 'do',
    progress: `${name}: ${step.progress.on} of ${step.progress.of} on ${plan.version}, ${ids.length} more now`,
    act: () => write.upgradeInstances(id, ids).then(() => ({ rollout })),
  };
}

/** Why the version is rolled out to nobody any more, or not there, where a set would come to depend on it; a sentence. */
async function whyNot(
  { read, now }: ChangeContext,
  { gallery, version }: RolloutPlan,
  location?: string,
): Promise<string | undefined> {
  const found = await read.version(gallery, version);
  if (!found) return `The gallery has no ${version} any more.`;
  const isThere = location === undefined || hasCopy([found], version, location);
  return whyNotRollOut(found, now) ?? (isThere ? undefined : `${version} has no copy in ${location} any more.`);
}

/** What the team has put off is not begun, nor gone on with; a sentence. */
async function deferred(deps: Pick<ChangeDeps, 'deferral'>, { team, image }: RolloutPlan): Promise<string | undefined> {
  const found = team === null ? undefined : await deps.deferral(team, image);
  return found && `${found.by} deferred ${image} for ${found.team} until ${momentOf(found.until)}: “${found.reason}”.`;
}

function closed({ now }: ChangeContext, { window }: RolloutPlan): string | undefined {
  const until = window && new Date(window.until);
  return until && until <= now ? `The window ended: ${momentOf(until)}` : undefined;
}

/** A batch of goldbot's is on its way, and not yet known to be well. */
const isHalfDone = ({ kind, progress: { batch } }: SetStep): boolean =>
  kind === 'stop' || (kind === 'wait' && (batch?.ids.length ?? 0) > 0);

const notNow = ({ image }: RolloutPlan, why: string): UserError =>
  new UserError('UNKNOWN_VERSION', why, { hint: 'See where things stand.', next: [call('versions', { image })] });

/** Where it stands, so that nobody has to look. */
function stopWords(plan: RolloutPlan, why: string, progress: Taken['progress']): string {
  const { on, of } = tallyOf(progress);
  const many =
    of === 0
      ? 'nothing was changed'
      : `${on} of ${of} instances that were looked at run ${plan.version}, and the others what they ran`;
  return `${why}; goldbot stopped there: ${many}.`;
}

/** After a cancel: what is so now, what was not begun, and what goes on although nobody waits for it. */
function cancelWords(
  { version, sets }: RolloutPlan,
  { why, progress }: { readonly why: string; readonly progress: Taken['progress'] },
): string {
  const begun = sets.flatMap(({ id, name, way }) => {
    const one = progress[id];
    if (!one || !isBegun(one, way)) return [];
    const goesOn = way === 'batches' ? 'what starts in it runs that' : goesOnWords({ id, name }, one);
    return [`${name} has ${one.on} of ${one.of} on ${version}${one.state === 'now' ? `, and ${goesOn}` : ''}`];
  });
  const rest = sets.filter(({ id, way }) => !progress[id] || !isBegun(progress[id], way)).map(({ name }) => name);
  const parts = [...begun, ...(rest.length > 0 ? [`not begun: ${rest.join(', ')}`] : [])];
  return `${why.replace(/\.+$/, '')}. No batch of goldbot's is half done: ${parts.join('; ')}.`;
}

const isBegun = ({ state, isNamed, batch, halt }: SetProgress, way: SetPlanned['way']): boolean =>
  state !== 'now' || halt !== undefined || (way === 'azure' ? batch !== undefined : isNamed === true);

function outcomeOf({ version, sets }: RolloutPlan, progress: Taken['progress']): string {
  if (sets.length === 0) return 'There was no scale set to move.';
  const { on, of } = tallyOf(progress);
  const notes = sets.flatMap(({ id, name }) => {
    const one = progress[id];
    const notes = one ? [reimagedWords(one), one.note] : [];
    return notes.flatMap((note) => (note === undefined ? [] : [`${name} ${note}.`]));
  });
  return [`${on} of ${of} instances run ${version}.`, ...notes].join(' ');
}
