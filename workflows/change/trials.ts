import { type ErrorCode, explain, isFinal } from '../../core/errors';
import type { TryPlan } from '../../core/runs';
import { days, hours, minutes } from '../../core/time';
import {
  answered,
  type PatchTrial,
  patchTrials,
  type TrialAnswer,
  type TrialBody,
  type TrialId,
  type TrialState,
  type TrialsData,
  type TrialVersion,
  trialDefinition,
  trialIds,
  trialSpec,
  trialTag,
} from '../../core/trials';
import { type ChangeContext, type ChangeDeps, type ChangeKind, type Next, waits } from './stages';

/**
 * Tries what no document settles: makes a definition and a version for it, asks one question after the other, and
 * deletes both, whatever came of it. What a replica that dies in between has done is seen by what is there: a trial whose
 * answer was lost is made again.
 */
export const tryOut = ({ isShown }: Pick<ChangeDeps, 'isShown'>): ChangeKind<TryPlan> => ({
  survey: async ({ read, run }, plan) => {
    const state = await read.trial(plan.gallery);
    return { before: foundWords(state, run.id) };
  },

  async next(context, plan): Promise<Next> {
    const state = await context.read.trial(plan.gallery);
    const trials = trialsOf(context);
    if (isForeign(state)) return { kind: 'failed', why: foreignWords(plan) };
    if (trials.over === undefined && !areAnswered(trials))
      return orClearUp(context, state, () => ask(context, plan, state));
    return (await clearUp(context, plan, state)) ?? (await askPerson(context, plan, isShown)) ?? over(plan, trials);
  },
});

type Given = ChangeContext;

const trialsOf = ({ run }: Given): TrialsData => run.data.trials ?? {};

const keeping = (context: Given, more: TrialsData) => ({ trials: { ...trialsOf(context), ...more } });

const note = (context: Given, progress: string, more: TrialsData): Next => ({
  kind: 'do',
  progress,
  act: async () => keeping(context, more),
});

function areAnswered({ answers = {} }: TrialsData): boolean {
  return ofAzure.every((id) => answers[id] !== undefined);
}

const ofAzure = trialIds.filter((id) => id !== 'mention-by-edit');

/** Somebody else’s definition of the same name. */
function isForeign({ definition }: TrialState): boolean {
  return definition !== undefined && definition.runId === undefined;
}

function foreignWords({ gallery }: TryPlan): string {
  return `The gallery ${gallery.gallery} has a definition ${trialDefinition} that goldbot did not make; nothing was tried. Rename or delete it, then ask again.`;
}

function foundWords({ definition, version }: TrialState, run: string): string {
  if (!definition) return 'nothing of earlier trials is there';
  const of = definition.runId === run ? 'this run' : `an earlier run (${definition.runId ?? 'of somebody else'})`;
  return `${version ? 'a version' : 'a definition'} of ${of} is there`;
}

/** What was made is deleted, however the trials end: an error that stays ends them, and the run goes on. */
async function orClearUp(context: Given, state: TrialState, step: () => Promise<Next>): Promise<Next> {
  const since = context.run.data.waitingSince;
  const waited = since === undefined ? 0 : context.now.getTime() - Date.parse(since);
  if (waited > waits.trials.ms) return ended(context, 'Azure did not come to an end with the version.');
  try {
    const next = await step();
    if (next.kind !== 'do') return next;
    return { ...next, act: () => next.act().catch((error) => endedBy(context, state, error)) };
  } catch (error) {
    return { kind: 'do', progress: 'ending the trials', act: () => endedBy(context, state, error) };
  }
}

const ended = (context: Given, why: string): Next => note(context, 'ending the trials', { over: why });

/** Before anything is made, a role that is missing is waited for, as everywhere. @throws what may pass by itself. */
async function endedBy(context: Given, { definition }: TrialState, error: unknown) {
  const isAwaited: readonly ErrorCode[] = definition === undefined ? ['AZ_FORBIDDEN'] : [];
  if (!isFinal(error, isAwaited)) throw error;
  return keeping(context, { over: explain(error) });
}

/** The next step of the trials at Azure. */
async function ask(context: Given, plan: TryPlan, { definition, version }: TrialState): Promise<Next> {
  const { write, run } = context;
  const { made, sent } = trialsOf(context);
  if (!definition) {
    const spec = { source: plan.source.definition, run: run.id };
    const act = () => write.makeTrialDefinition(plan.gallery, spec).then(() => ({}));
    return { kind: 'do', progress: `making the definition ${trialDefinition}`, act };
  }
  if (!version) {
    if (made) return ended(context, 'The version is gone: somebody has deleted it.');
    const spec = { source: plan.source, run: run.id, endOfLife: endOfLife(context) };
    const act = () => write.makeTrialVersion(plan.gallery, spec).then(() => ({}));
    return { kind: 'do', progress: 'making the version', act };
  }
  if (!made) return adopt(context, plan, version);
  if (version.provisioningState === 'Failed' && sent === undefined) return ended(context, 'The version has failed.');
  const trial = patchTrials.find(({ id }) => !isAnswered(context, id));
  return trial ? tried(context, plan, { trial, version }) : writtenWhileBusy(context, plan, version);
}

/** Of the version; far enough that nothing ends meanwhile. */
const endOfLife = ({ run }: Given): string => new Date(run.createdAt.getTime() + days(365)).toISOString();

const isAnswered = (context: Given, id: TrialId): boolean => trialsOf(context).answers?.[id] !== undefined;

/** A version with the tag of this run was made by a replica that died over it; any other one is of an earlier run. */
function adopt(context: Given, plan: TryPlan, version: TrialVersion): Next {
  if (version.tags[trialTag] === context.run.id)
    return note(context, 'the version is being made', { made: true, region: version.region });
  if (!isEnded(version)) return busy(version);
  const act = () => context.write.deleteTrial(plan.gallery, 'version').then(() => ({}));
  return { kind: 'do', progress: 'deleting the version of earlier trials', act };
}

function busy({ provisioningState }: TrialVersion): Next {
  return { kind: 'wait', progress: `the version for trials: ${provisioningState}`, wait: waits.trials };
}

function isEnded({ provisioningState }: TrialVersion): boolean {
  return provisioningState === 'Succeeded' || provisioningState === 'Failed';
}

interface Trying {
  readonly trial: PatchTrial;
  readonly version: TrialVersion;
}

/** One question: set back what it needs, send, wait, look. */
function tried(context: Given, plan: TryPlan, { trial, version }: Trying): Next {
  const { sent, setBack = [] } = trialsOf(context);
  const { id, question } = trial;
  if (!isEnded(version)) return busy(version);
  if (sent?.id === id) {
    const { exchange } = sent;
    const verdict = exchange.status >= 400 ? 'refused' : trial.isKept(version) ? 'kept' : 'lost';
    return answer(context, id, answered(id, verdict, { at: context.now, exchange }));
  }
  const whole = trialSpec(context.run.id, { region: version.region, endOfLife: endOfLife(context) });
  if (!trial.ready(version)) {
    if (setBack.includes(id)) {
      const said = 'It could not be tried: what might be lost was not there, and could not be set.';
      return answer(context, id, answered(id, 'not answered', { at: context.now, said }));
    }
    const act = async () => {
      const { status } = await context.write.patchTrialVersion(plan.gallery, whole);
      return status === 409 ? {} : keeping(context, { setBack: [...setBack, id] });
    };
    return { kind: 'do', progress: `setting the version back for: ${question}`, act };
  }
  const act = async () => {
    const exchange = await context.write.patchTrialVersion(plan.gallery, trial.body(whole));
    // Azure was still at work on what came before: nothing was answered.
    return exchange.status === 409 ? {} : keeping(context, { sent: { id, exchange } });
  };
  return { kind: 'do', progress: `trying: ${question}`, act };
}

function answer(context: Given, id: TrialId, given: TrialAnswer): Next {
  const { answers, sent: _, ...rest } = trialsOf(context);
  const trials: TrialsData = { ...rest, answers: { ...answers, [id]: given } };
  return { kind: 'do', progress: `answered: ${given.said}`, act: async () => ({ trials }) };
}

/** A write that keeps the version busy, then another one that ought to be refused. */
function writtenWhileBusy(context: Given, plan: TryPlan, version: TrialVersion): Next {
  const id = 'write-while-busy';
  const whole = trialSpec(context.run.id, { region: version.region, endOfLife: endOfLife(context) });
  const { publishingProfile: profile } = whole;
  // A second copy takes Azure minutes; a change of tags might be over before anybody looks.
  const targetRegions = profile.targetRegions.map((region) => ({ ...region, regionalReplicaCount: 2 }));
  const longer = { ...whole, publishingProfile: { ...profile, targetRegions } };
  const write = (body: TrialBody) => context.write.patchTrialVersion(plan.gallery, body);
  if (!trialsOf(context).busy) {
    if (version.provisioningState !== 'Succeeded') return busy(version);
    const act = async () => ((await write(longer)).status < 400 ? keeping(context, { busy: true }) : {});
    return { kind: 'do', progress: 'keeping the version busy', act };
  }
  const act = async () => {
    const exchange = await write(whole);
    const verdict = exchange.status >= 400 ? 'refused' : 'accepted';
    const { answers, ...rest } = trialsOf(context);
    return { trials: { ...rest, answers: { ...answers, [id]: answered(id, verdict, { at: context.now, exchange }) } } };
  };
  if (version.provisioningState === 'Updating') return { kind: 'do', progress: 'writing to the busy version', act };
  const said = 'Nobody knows: Azure was done with the first write before the second could be sent.';
  return answer(context, id, answered(id, 'not answered', { at: context.now, said }));
}

/** For so long Azure counts a version that is gone as one that the definition still has: seconds, as people report. */
const nestedMs = minutes(1);

/** First the version, then the definition. Undefined once both are gone. */
async function clearUp(context: Given, plan: TryPlan, { definition, version }: TrialState): Promise<Next | undefined> {
  if (!definition) return undefined;
  const remove = (what: 'version' | 'definition'): Next => {
    const act = () => context.write.deleteTrial(plan.gallery, what).then(() => ({}));
    return { kind: 'do', progress: `deleting the ${what} for trials`, act };
  };
  if (version) return isEnded(version) ? remove('version') : busy(version);
  const { goneAt } = trialsOf(context);
  if (goneAt === undefined)
    return note(context, 'the version for trials is gone', { goneAt: context.now.toISOString() });
  if (context.now.getTime() - Date.parse(goneAt) >= nestedMs) return remove('definition');
  return { kind: 'wait', progress: 'Azure notices that the version is gone', wait: waits.trials };
}

/** How long somebody has to say what Teams did. */
const patience = hours(12);
const channelPatience = hours(1);

/** The message without a mention, the edit that adds it, and what the person says. Undefined once that is known. */
async function askPerson(
  context: Given,
  { mention }: TryPlan,
  isShown: ChangeDeps['isShown'],
): Promise<Next | undefined> {
  const id = 'mention-by-edit';
  const { now, run, inbox } = context;
  const { postedFrom, mentionedAt } = trialsOf(context);
  if (!mention || isAnswered(context, id)) return undefined;
  const told = (said: TrialAnswer): Next => {
    const answers = { ...trialsOf(context).answers, [id]: said };
    const trials = keeping(context, { answers });
    return { kind: 'wait', progress: said.said, wait: waits.person, data: trials };
  };
  const wait = (progress: string, more: TrialsData = {}) =>
    ({ kind: 'wait', progress, wait: waits.person, data: keeping(context, more), lookMs: minutes(1) }) as const;
  const topic = `news:${run.id}:mention` as const;
  if (postedFrom === undefined) {
    const card = { topic, channel: mention.channel, kind: 'news' };
    return { ...wait('posting a message', { postedFrom: now.toISOString() }), cards: [card] };
  }
  const isLate = (since: string, ms: number) => now.getTime() - Date.parse(since) > ms;
  if (mentionedAt === undefined) {
    if (await isShown(topic)) return wait('mentioning by an edit', { mentionedAt: now.toISOString() });
    if (!isLate(postedFrom, channelPatience)) return wait('posting a message');
    const said = `It was not tried: nothing could be posted in “${mention.channel}”.`;
    return told(answered(id, 'not answered', { at: now, said }));
  }
  const saw = inbox.find(({ kind }) => kind === 'saw');
  if (saw) return told(answered(id, saw.body.note === 'yes' ? 'notified' : 'silent', { at: now }));
  if (!isLate(mentionedAt, patience)) return wait(`waiting for ${mention.name} to say what Teams did`);
  return told(answered(id, 'not answered', { at: now, said: 'Nobody said what Teams did.' }));
}

function over(plan: TryPlan, trials: TrialsData): Next {
  const asked = plan.mention ? trialIds : ofAzure;
  const known = asked.filter((id) => !['not answered', undefined].includes(trials.answers?.[id]?.verdict));
  const what = `${known.length} of ${asked.length} questions answered; what was made for them is deleted.`;
  if (trials.over !== undefined) return { kind: 'failed', why: `${what} It ended early: ${trials.over}` };
  const file = 'npm run doctor -- --answers writes them into a file.';
  return { kind: 'so', outcome: `${what} ${file}` };
}
