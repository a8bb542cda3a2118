import { z } from 'zod';
import { moment, noticeCard, statusButton } from '../../cards';
import { findImage, type ImageConfig } from '../../core/catalogue';
import { call, exampleCall } from '../../core/command-call';
import { isUserError, UserError } from '../../core/errors';
import {
  approvalRule,
  changeNumberProblem,
  isSettled,
  lacksOutputs,
  outputChoices,
  type PublishPlan,
  type PublishRequest,
  type PublishRun,
  type Run,
  stageLabel,
} from '../../core/runs';
import { needOf } from '../../core/schedule';
import { parseWhen } from '../../core/time';
import { askFirst, cardPlace, joinFlag } from '../changes';
import {
  type Answer,
  type CommandContext,
  changeNumber,
  choice,
  count,
  type Deps,
  defineCommand,
  flag,
  imageName,
  list,
  textArg,
  word,
} from '../conversation';
import { argsOf, ifKnown, planAnswer, presentRun, previewPlan, publishAnyway, requesterOf } from '../present';

const args = z.object({
  image: imageName,
  from: word('Base version', 'latest|exact', { form: false, example: 'latest' }).optional(),
  version: word('Version number', 'x.y.z', { form: false, example: '1.6.1' }).optional(),
  bump: choice('Which part of the number to raise', ['patch', 'minor', 'major']).optional(),
  regions: list('Regions', 'a,b', { form: false, example: 'West Europe, North Europe' }).optional(),
  replicas: count('Replicas in each region', 100, { form: false, example: '2' }).optional(),
  output: choice(
    'What to make from it besides the version in the gallery, once it is published',
    outputChoices,
  ).optional(),
  eol: word('End of life, such as +6mo, 2027-05-21 or none', 'when', { example: '+6mo', pick: 'day' }).optional(),
  note: textArg('Note').optional(),
  change: changeNumber.optional(),
  override: textArg('Why a freeze should not hold it', { form: false, people: true }).optional(),
  plan: flag('Only show the plan'),
  force: flag('Even if nothing has changed since the newest version'),
  join: joinFlag,
});
type Args = z.output<typeof args>;

/** `publish <image>`: starts a run and answers with its card at once; the run reports on it as it goes. */
export const publish = defineCommand({
  verb: 'publish',
  summary: 'Builds, tests and, once approved, publishes a new version of a golden image.',
  group: 'Publish',
  role: 'publisher',
  effect: 'write',
  programs: true,
  args,
  examples: [
    'publish ubuntu-22',
    'publish ubuntu-22 --from 22.04.202611120 --note "openssl fix"',
    'publish ubuntu-22 --bump patch --eol +6mo',
    'publish ubuntu-22 --output all --plan',
    'publish ubuntu-22 --force',
  ],

  async run(ctx, given, deps) {
    const image = imageNamed(deps, given.image);
    const request = requestOf(ctx, given, image);
    const open = await deps.reads.openRun(image.name);
    if (given.plan) return planAnswer(ctx, image, request, deps);
    if (open?.kind === 'publish') {
      const first = isSettled(open) ? endingAnswer(open) : given.join ? undefined : await askToJoin(ctx, open, deps);
      if (first) return first;
    } else {
      await refuseEarly(ctx, image, request, deps);
      const same = await askIfUnchanged(ctx, image, request, deps);
      if (same) return same;
    }
    const plan: PublishPlan = { request, approvalChannel: image.approval.channel, fixed: null };
    const { run, joined } = await deps.runs.startOrJoin({
      kind: 'publish',
      subject: image.name,
      plan,
      person: ctx.person,
      intent: `publish:${ctx.intent}`,
      card: cardPlace(ctx, image.approval.channel),
    });
    const card = presentRun(run, { now: ctx.now });
    return joined ? joinedAnswer(ctx, run, given) : { ...card, topic: `run:${run.id}` };
  },
});

function imageNamed(deps: Deps, name: string): ImageConfig {
  const image = findImage(deps.catalogue(), name);
  if (!image) throw new Error(`${name} left the catalogue while it was being read`);
  return image;
}

/** @throws UserError `BAD_COMMAND` */
function requestOf(ctx: CommandContext, given: Args, image: ImageConfig): PublishRequest {
  const { from, version, bump, regions, replicas, note, override, output } = given;
  if (version !== undefined && bump !== undefined) {
    throw new UserError('BAD_COMMAND', '--version and --bump say two different things.', {
      hint: 'Name one of them.',
      next: [call('publish', { image: image.name, version }), call('publish', { image: image.name, bump })],
    });
  }
  const endOfLife = given.eol === undefined ? undefined : endOfLifeOf(given.eol, ctx.now, image);
  return {
    ...(from !== undefined && { from }),
    ...(version !== undefined && { version }),
    ...(bump !== undefined && { bump }),
    ...(regions !== undefined && { regions }),
    ...(replicas !== undefined && { replicas }),
    ...(endOfLife !== undefined && { endOfLife }),
    ...(output !== undefined && { output }),
    ...(note !== undefined && { note }),
    ...(given.change !== undefined && { changeNumber: changeOf(given.change, image) }),
    ...(given.force && { force: true }),
    ...(override !== undefined && { override }),
  };
}

/** Said at once rather than to whoever approves hours later. */
function changeOf(number: string, image: ImageConfig): string {
  const problem = changeNumberProblem({ rule: approvalRule(image) }, number);
  if (problem?.why !== 'other pattern') return number;
  throw new UserError('CHANGE_NUMBER', `"${number}" is not a change number for ${image.name}; nothing was started.`, {
    hint: `It has to match ${problem.pattern}, as the catalogue says.`,
    next: [exampleCall('publish', { image: image.name, change: 'CHG0031234' })],
  });
}

function endOfLifeOf(text: string, now: Date, image: ImageConfig): string | null {
  if (text.toLowerCase() === 'none') return null;
  const when = parseWhen(text, now);
  if (when && when.getTime() > now.getTime()) return when.toISOString();
  const why = when ? 'is in the past' : 'is not a date';
  throw new UserError('BAD_COMMAND', `The end of life "${text.slice(0, 40)}" ${why}.`, {
    hint: 'Write a date, a duration or none.',
    next: ['+6mo', 'none'].map((eol) => exampleCall('publish', { image: image.name, eol })),
  });
}

/** A wrong number or base is said at once instead of by a run that fails. When Azure is silent, the run finds out. */
async function refuseEarly(
  ctx: CommandContext,
  image: ImageConfig,
  request: PublishRequest,
  deps: Deps,
): Promise<void> {
  const { from, version, regions, output } = request;
  if (from === undefined && version === undefined && regions === undefined && output === undefined) return;
  try {
    await previewPlan(ctx, image, request, deps);
  } catch (error) {
    if (!isUserError(error) || !error.code.startsWith('AZ_')) throw error;
  }
}

/**
 * A copy of the newest version is seldom what somebody wants: they are asked first. Undefined: something has changed, they
 * have said what is to be different, or Azure is silent; then the run begins.
 */
async function askIfUnchanged(
  ctx: CommandContext,
  image: ImageConfig,
  request: PublishRequest,
  deps: Deps,
): Promise<Answer | undefined> {
  const { force, version, bump, endOfLife } = request;
  if (force || version !== undefined || bump !== undefined || endOfLife !== undefined) return undefined;
  const { past } = await deps.reads.schedules.state(image.name);
  if (past.length === 0) return undefined;
  const preview = await ifKnown(previewPlan(ctx, image, request, deps));
  const newest = preview?.plan.previousVersion;
  if (!preview || !newest) return undefined;
  const before = await deps.reads.schedules.published(image.name, newest);
  const need = needOf(preview.plan, before, { at: ctx.now, rebuildAfter: image.rebuildAfter });
  if (need.build) return undefined;
  const { publishedAt } = need.since;
  return noticeCard({
    message: `Nothing has changed in ${image.name} since ${newest}`,
    details: [
      `Base ${preview.plan.base.version}, recipe, tests and regions are those of ${newest} of ${moment(publishedAt)}.`,
      'Updates that the recipe itself fetches may be newer. Nothing has been started.',
    ],
    buttons: [publishAnyway(image.name, argsOf(request))],
    next: [call('publish', { image: image.name, plan: true })],
  });
}

function askToJoin(ctx: CommandContext, run: PublishRun, deps: Deps): Promise<Answer | undefined> {
  const joins = call('publish', { image: run.subject, join: true });
  const question = `${run.subject} is being published already: join ${run.id}?`;
  return askFirst(ctx, run, { question, yes: { title: 'Join', call: joins }, no: 'Do not join' }, deps);
}

/** Nobody joins a run that is over: it would publish nothing for them. */
function endingAnswer(run: PublishRun): Answer {
  const { ending } = run.data;
  const how = run.outcome ?? ending?.outcome ?? 'published';
  const name = `${run.subject} ${run.plan.fixed?.version ?? ''}`.trim();
  const by = ending?.by === undefined ? '' : ` by ${ending.by}`;
  const tidies = run.outcome ? 'It is over.' : tidyingOf(run);
  return noticeCard({
    message: how === 'published' ? `${name} is published already` : `The publish of ${name} ${ended[how]}${by}`,
    details: [`That was ${run.id}. ${tidies}`, 'No run was started: send it again when that one is over.'],
    buttons: [statusButton(run.id)],
    next: [
      ...(lacksOutputs(run)
        ? [call('rebuild', { request: run.id }), call('cancel', { request: run.id }, 'reason')]
        : []),
      call('publish', { image: run.subject }),
    ],
  });
}

function tidyingOf(run: PublishRun): string {
  if (lacksOutputs(run)) return tidying.outputs;
  return run.stage === 'replicate' || run.stage === 'distribute' ? tidying[run.stage] : tidying.cleanup;
}

const tidying = {
  replicate: 'Its regions are still being served; it is over when that is done.',
  distribute: 'Its outputs are still being made; it is over when that is done.',
  outputs: 'Its outputs need repair, and it is over when somebody has rebuilt or cancelled it.',
  cleanup: 'It is still deleting what nobody needs any more.',
} as const;

const ended: Readonly<Record<'cancelled' | 'expired' | 'failed' | 'unchanged', string>> = {
  unchanged: 'had nothing new',
  cancelled: 'was cancelled',
  expired: 'was not decided in time',
  failed: 'has failed',
};

function joinedAnswer(ctx: CommandContext, run: PublishRun, given: Args): Answer {
  if (isSettled(run)) return endingAnswer(run);
  const { from, version, bump, regions, replicas, output, eol, note, change, override } = given;
  const ignored = [from, version, bump, regions, replicas, output, eol, note, change, override].some(
    (option) => option !== undefined,
  );
  const own = run.actors.some((a) => a.oid === ctx.person.oid && a.did === 'requested');
  const who = own ? 'you' : requesterOf(run);
  const notice = noticeCard({
    message: own ? `${run.id} is already under way` : `You joined ${run.id}`,
    details: [
      `${run.subject} is being published already, asked for by ${who}; ${whereIs(run)}. No second run was started.`,
      own ? '' : 'You now follow it, and as a participant you cannot decide on it.',
      ignored ? 'Your options were not used: the run had already begun.' : '',
    ],
    buttons: [statusButton(run.id)],
  });
  return { ...notice, outcome: { yes: true, request: run.id } };
}

function whereIs({ stage }: Run): string {
  if (stage === 'repair') return 'it waits for repair: rebuild or cancel it';
  if (stage === 'hold') return 'it is held by a lock or a freeze';
  if (stage === 'approve') return 'it waits for approval';
  const label = stageLabel(stage);
  return label === undefined ? 'it is under way' : `it is at “${label}”`;
}
