import {
  type Button,
  count,
  due,
  duration,
  moment,
  monthlyButton,
  noticeCard,
  type Reply,
  type ScheduleRow,
  schedulesCard,
  statusButton,
} from '../../cards';
import { workingDay } from '../../core/calendar';
import type { ImageConfig } from '../../core/catalogue';
import { call } from '../../core/command-call';
import {
  type Approval,
  approvalRule,
  barredFrom,
  blockedBy,
  decidersInTurn,
  highestQuorum,
  type PublishRun,
  stageLabel,
  stepsOf,
  turnOf,
} from '../../core/runs';
import {
  countBack,
  type Estimate,
  type Estimates,
  estimatesOf,
  firstAfter,
  type Leg,
  occurrenceOf,
  projectedEnd,
  promisedBy,
  type Rhythm,
  scheduleSpec,
} from '../../core/schedule';
import { days, hours, seconds, within } from '../../core/time';
import type { Failing, Reads, ScheduleState } from '../../store/reads';
import type { Answer, CommandContext, Deps } from '../conversation';
import { heldWords } from './holds';
import { localDay, localMoment, periodName } from './moments';
import { ifKnown } from './versions';

interface Shown {
  readonly image: ImageConfig;
  /** Just now, by this person. */
  readonly changed: boolean;
}

/** When an image is published next, how that is counted, and what became of the last time. */
export async function scheduleAnswer(ctx: CommandContext, { image, changed }: Shown, deps: Deps): Promise<Answer> {
  const state = await deps.reads.schedules.state(image.name);
  const spec = scheduleSpec(image, state.setting?.setting);
  const may = ctx.rights.has('publisher', image.name);
  if (!spec) return unscheduled(image, may);
  const estimates = estimatesOf(image, state.past, spec.rhythm.zone);
  const details = [
    changed ? 'This was set just now.' : '',
    ...(spec.on ? nextLines(state, spec.rhythm, estimates) : ['Nothing begins by itself.']),
    spec.on ? tooSoon(ctx.now, state, spec.rhythm, estimates) : '',
    lastLine(state),
    ...(spec.on ? await decidersLines(image, deps) : []),
    setBy(state),
  ];
  return noticeCard({
    message: spec.on ? `${image.name} ${rhythmWords(spec.rhythm)}` : `The schedule of ${image.name} is off`,
    details: details.filter((line) => line !== ''),
    buttons: [...(may ? buttons(image.name, state, spec.on) : []), ...lastButton(state)],
    next: may
      ? [call('schedule', { image: image.name, rhythm: 'monthly', readyBy: 'last', tz: spec.rhythm.zone })]
      : [],
  });
}

function unscheduled({ name }: ImageConfig, may: boolean): Answer {
  return noticeCard({
    message: `${name} has no schedule`,
    details: ['It is published when somebody asks for it.'],
    buttons: may ? [monthlyButton(name)] : [],
    next: may
      ? [
          call('schedule', { image: name, rhythm: 'monthly', readyBy: '1' }),
          call('schedule', { image: name, rhythm: 'cron', cron: '0 6 * * 1' }),
        ]
      : [],
  });
}

/** One line per image. */
export async function scheduleList(
  ctx: CommandContext,
  images: readonly ImageConfig[],
  { reads }: Pick<Deps, 'reads'>,
): Promise<Answer> {
  const rows = await Promise.all(
    images.map(async (image) => ({
      ...rowOf(image, await reads.schedules.state(image.name)),
      isYours: ctx.rights.has('publisher', image.name),
    })),
  );
  return schedulesCard({ schedules: rows, asOf: ctx.now });
}

function rowOf(image: ImageConfig, state: ScheduleState): ScheduleRow {
  const spec = scheduleSpec(image, state.setting?.setting);
  const last = lastShort(state);
  const common = {
    image: image.name,
    ...(last !== undefined && { last }),
    ...(state.setting && { setBy: state.setting.byName }),
  };
  if (!spec) return { ...common, state: 'none' };
  const rhythm = shortRhythm(spec.rhythm);
  if (!spec.on) return { ...common, rhythm, state: 'off' };
  const { next } = state;
  const now = next?.failing ? 'fails' : next?.spec.waits ? 'waits' : 'on';
  return { ...common, rhythm, state: now, ...(next && { startAt: next.startAt }) };
}

function shortRhythm(rhythm: Rhythm): string {
  return 'cron' in rhythm
    ? `by “${rhythm.cron}” (${rhythm.zone})`
    : `ready on the ${dayWords(rhythm)} (${rhythm.zone})`;
}

/** `November 2026, in time`. */
function lastShort({ last }: ScheduleState): string | undefined {
  if (last?.kind !== 'publish' || !last.plan.schedule) return undefined;
  const how = last.data.unchanged ? 'nothing new' : (punctuality(last) ?? last.outcome ?? stageName(last));
  return `${periodName(last.plan.schedule.period)}, ${how}`;
}

/** After the image's name: `is ready on the 1st of each month (Europe/Berlin)`. */
function rhythmWords(rhythm: Rhythm): string {
  if ('cron' in rhythm) return `begins by “${rhythm.cron}” (${rhythm.zone})`;
  return `is ready on the ${dayWords(rhythm)} of each month (${rhythm.zone})`;
}

function dayWords({ readyBy }: Exclude<Rhythm, { cron: unknown }>): string {
  return readyBy === 'last' ? 'last day' : ordinal(readyBy);
}

function ordinal(n: number): string {
  const ending = n > 10 && n < 14 ? undefined : { 1: 'st', 2: 'nd', 3: 'rd' }[n % 10];
  return `${n}${ending ?? 'th'}`;
}

function nextLines({ next }: ScheduleState, rhythm: Rhythm, estimates: Estimates): readonly string[] {
  if (!next) return ['It is planned within half a minute.'];
  const { spec, startAt } = next;
  const { zone } = rhythm;
  const by = occurrenceOf(rhythm, spec.period, estimates)?.readyBy;
  const skipped = spec.skip !== undefined && spec.skip < spec.period ? `${periodName(spec.skip)} is left out.` : '';
  const { waits } = spec;
  if (next.failing) return [failingWords(`The publish of ${periodName(spec.period)}`, next.failing), skipped];
  if (waits) {
    const held =
      waits.startAt === undefined
        ? `has waited since ${localMoment(waits.since, zone)}`
        : `is to begin on ${localMoment(waits.startAt, zone)}, and something is in its way`;
    return [`! ${periodName(spec.period)} ${held}: ${waits.why}`, skipped];
  }
  if (!by) return [`The next begins on ${localMoment(startAt, zone)}.`, usualLine(estimates), skipped];
  return [
    `The next, ${periodName(spec.period)}, begins on ${localMoment(startAt, zone)}, so that it is in every region when ${localDay(by, zone)} begins.`,
    `Counted back from there: ${legWords(countBack(by, estimates, zone))}, and a quarter more for what goes slower. Approval counts in working days.${typicalWords(estimates)}`,
    skipped,
  ];
}

/** Of something that is due and fails, from its name on: `The publish of December 2026`. */
export function failingWords(what: string, { tries, error, since }: Failing): string {
  const often = count(tries, 'try', 'tries');
  return `! ${what} has failed since ${moment(since)} (${often}): ${error.replace(/[.\s]+$/, '')}. It is tried again by itself; tell whoever runs goldbot, whose log has the details.`;
}

function usualLine(estimates: Estimates): string {
  const legs = Object.entries(estimates).map(
    ([stage, estimate]) => ({ stage, estimate }) as Pick<Leg, 'stage' | 'estimate'>,
  );
  return `It usually takes: ${legWords(legs)}.${typicalWords(estimates)}`;
}

const legNames: Readonly<Record<Leg['stage'], string>> = {
  build: 'build',
  test: 'test',
  approve: 'approval',
  replicate: 'replication',
  publish: 'publishing',
};

function legWords(legs: readonly Pick<Leg, 'stage' | 'estimate'>[]): string {
  return legs.map(({ stage, estimate }) => `${legName(stage, estimate)} ${tookWords(stage, estimate)}`).join(', ');
}

function legName(stage: Leg['stage'], { region, typical }: Estimate): string {
  return region === undefined || typical ? legNames[stage] : `${legNames[stage]} to ${region}`;
}

function tookWords(stage: Leg['stage'], { ms, runs, typical }: Estimate): string {
  const time = stage === 'approve' ? workingWords(ms) : duration(ms);
  return `${time} (${typical ? 'typical' : `median of ${runs} runs`})`;
}

/** Said once: it holds for every stage that few runs are known of. */
function typicalWords(estimates: Estimates): string {
  const few = Object.values(estimates).some(({ runs, typical }) => typical && runs > 0);
  return few ? ' Typical times count until the image has run three times.' : '';
}

function workingWords(ms: number): string {
  const whole = ms / workingDay;
  return Number.isInteger(whole) ? count(whole, 'working day') : `${duration(ms)} of working time`;
}

/** A day of this month that is near, but cannot be met any more. */
function tooSoon(now: Date, { next, last }: ScheduleState, rhythm: Rhythm, estimates: Estimates): string {
  if (!next || 'cron' in rhythm) return '';
  // What begins after this is the first that can be met: the one before it has its start in the past.
  const before = firstAfter(rhythm, new Date(now.getTime() - days(31)), estimates);
  const isMissed = before?.readyBy && before.readyBy > now && before.startAt <= now && before.period < next.spec.period;
  const isRun = last?.kind === 'publish' && last.plan.schedule?.period === before?.period;
  if (!isMissed || isRun || before.period === next.spec.skip) return '';
  return `! ${localDay(before.readyBy, rhythm.zone)} is too near: that run would have had to begin on ${localMoment(before.startAt, rhythm.zone)}. Publish it yourself if it is needed.`;
}

function lastLine(state: ScheduleState): string {
  const words = lastWords(state);
  return words === '' ? 'It has not begun a version yet.' : `The last time: ${words}.`;
}

function lastWords({ last }: ScheduleState): string {
  if (last?.kind !== 'publish' || !last.plan.schedule) return '';
  return `${periodName(last.plan.schedule.period)}, ${last.id}, ${outcomeWords(last)}`;
}

function outcomeWords(run: PublishRun): string {
  const { outcome, data, plan } = run;
  if (data.unchanged) return `nothing had changed since ${data.unchanged.version}`;
  if (data.publishedAt === undefined) return outcome ?? `at “${stageName(run)}”`;
  const when = punctuality(run);
  const published = `published ${plan.fixed?.version ?? ''} on ${moment(data.publishedAt)}`;
  return when === undefined ? published : `${published}, ${when}`;
}

const stageName = ({ stage }: PublishRun): string => stageLabel(stage) ?? stage;

/** `in time`, `2 d 5 h late`; undefined for what was promised for no day, or is not published. */
function punctuality(run: PublishRun): string | undefined {
  if (run.data.publishedAt === undefined || run.plan.schedule?.readyBy === undefined) return undefined;
  const late = lateMs(run);
  return late > 0 ? `${duration(late)} late` : 'in time';
}

/** How long after its day a run was published, in milliseconds; zero in time. */
function lateMs({ plan, data }: PublishRun): number {
  const by = plan.schedule?.readyBy;
  return by === undefined || data.publishedAt === undefined
    ? 0
    : Math.max(0, Date.parse(data.publishedAt) - Date.parse(by));
}

/** Machine time: it only warns, and nobody waits longer for that. */
const graphMs = seconds(2);

/** Who must approve, and whether the group has so many. */
async function decidersLines(
  { approval }: ImageConfig,
  { deciders }: Pick<Deps, 'deciders'>,
): Promise<readonly string[]> {
  const { group, groupName } = approval;
  const rule = approvalRule({ approval }, 2);
  const needed = rule.quorum;
  const found = await ifKnown(within(graphMs, deciders(group), () => undefined));
  if (found && blockedBy({ quorum: needed }, [], found)) {
    return [
      `! Nobody asks for it, so it takes ${count(needed, 'member')} of ${groupName} to approve it, and there are ${found.count}: no scheduled run can be published.`,
    ];
  }
  const most = highestQuorum(approval);
  const more = most > needed ? ` What is special about a version may ask for up to ${most}.` : '';
  const before = (rule.first ?? []).map((one) => `${count(one.quorum, 'member')} of ${one.groupName}`);
  return [
    ...(before.length === 0 ? [] : [`${before.join(', then ')} must approve it first.`]),
    `Nobody asks for it, so ${count(needed, 'member')} of ${groupName} must approve it, in ${approval.channel}.${more}`,
  ];
}

function setBy({ setting }: ScheduleState): string {
  if (!setting) return 'It is as the catalogue has it; nobody has changed it by command.';
  return `Set by ${setting.byName} on ${moment(setting.at)}; everything else is as in the catalogue.`;
}

function buttons(image: string, { next }: ScheduleState, isOn: boolean): readonly Button[] {
  const button = (title: string, rhythm: string): Button => ({ title, call: call('schedule', { image, rhythm }) });
  if (!isOn) return [button('Turn on', 'on')];
  const isSkipped = next?.spec.skip !== undefined && next.spec.skip < next.spec.period;
  return [
    isSkipped ? button('Do not skip it', 'on') : button('Skip the next one', 'skip'),
    monthlyButton(image, 'Change the day'),
    button('Turn off', 'off'),
  ];
}

const lastButton = ({ last }: ScheduleState): readonly Button[] => (last ? [statusButton(last.id)] : []);

/** What becomes of a time of a schedule that something holds up. */
export async function presentScheduled(
  { image, period }: { readonly image: string; readonly period: string },
  { reads, now }: { readonly reads: Reads; readonly now: Date },
): Promise<Reply> {
  const [{ next }, run] = await Promise.all([reads.schedules.state(image), reads.schedules.runOf(image, period)]);
  const what = `${image}, ${periodName(period)}`;
  const see = [call('schedule', { image })];
  if (run) {
    return noticeCard({
      message: `${what}: ${run.id} has begun`,
      details: [`The schedule had waited. It began on ${moment(run.createdAt)}.`],
      buttons: [statusButton(run.id)],
      next: see,
    });
  }
  const owed = next?.spec.period === period ? next : undefined;
  const lines = owed && waitingLines(owed);
  if (!owed || !lines) {
    return noticeCard({
      message: `${what}: no run has begun`,
      details: ['The schedule does not wait any more.'],
      next: see,
    });
  }
  const by = promisedBy(owed.spec.rhythm, period);
  const isPast = by !== undefined && by <= now;
  const how = owed.spec.waits?.startAt === undefined ? 'cannot begin' : 'may begin too late';
  return noticeCard({
    message: `${what}: the publish ${how}${isPast ? ', and its day is past' : ''}`,
    details: [...lines, ...(by ? [promise(by, owed.spec.rhythm.zone, isPast)] : [])],
    next: [call('status'), ...see],
  });
}

/** Why what is owed has not begun; undefined when nothing is in its way. */
function waitingLines({ spec: { period, waits }, failing }: NonNullable<ScheduleState['next']>) {
  if (failing) return [failingWords(`The publish of ${periodName(period)}`, failing)];
  if (!waits) return undefined;
  const itself =
    waits.startAt === undefined
      ? `The schedule has waited since ${moment(waits.since)}. It begins by itself as soon as nothing is in the way.`
      : `It is to begin on ${due(waits.startAt)}; it begins by itself as soon as nothing is in the way then.`;
  return [`! ${waits.why}`, itself];
}

function promise(by: Date, zone: string, isPast: boolean): string {
  const day = localDay(by, zone);
  // What is over before its day stands there unchanged when the day has come.
  return isPast
    ? `It was to be in every region by the beginning of ${day} (${moment(by)}).`
    : `It is to be in every region when ${day} begins (${moment(by)}).`;
}

/** A warning beside a scheduled run: `late` once its day is past, `holdup-<stage>` before. It follows the run. */
export async function presentHoldup(
  run: PublishRun,
  word: string,
  { reads, now }: { readonly reads: Reads; readonly now: Date },
): Promise<Reply> {
  const { readyBy, zone = 'UTC' } = run.plan.schedule ?? {};
  if (readyBy === undefined) throw new Error(`${run.id} was to be ready by no day`);
  const { past } = await reads.schedules.state(run.subject);
  const what = `${run.subject} ${run.plan.fixed?.version ?? ''}`.trim();
  const by = new Date(readyBy);
  const common = { buttons: [statusButton(run.id)], next: [call('schedule', { image: run.subject })] };
  const promised = promise(by, zone, true);
  if (run.outcome || run.data.ending || run.data.publishedAt !== undefined) {
    return noticeCard({ ...common, message: afterwards(run, what), details: [promised] });
  }
  const { fixed } = run.plan;
  const estimates = estimatesOf({ os: fixed?.recipe.os ?? 'Linux', regions: [...(fixed?.regions ?? [])] }, past, zone);
  const end = projectedEnd(run, now, { estimates, zone });
  const isLate = now >= by;
  // The day has its own message, with what holds the run up now.
  if (isLate && word !== 'late')
    return noticeCard({ ...common, message: `${what} was not ready in time`, details: [promised] });
  // Somebody has decided or repaired it since people were told; whatever comes next may still hold it up.
  const isInTime = !isLate && end !== undefined && end <= by;
  return noticeCard({
    ...common,
    message: isLate
      ? `${what} is late`
      : isInTime
        ? `${what} may be ready in time after all`
        : `${what} will not be ready in time`,
    details: [
      promise(by, zone, isLate),
      end ? `As things are, expect it by ${localMoment(fullHour(end), zone)}.` : '',
      isInTime ? '' : `! ${await heldBy(run, reads)}`,
    ].filter((line) => line !== ''),
  });
}

/** What is foretold moves on with every look at a run; its card is edited once an hour for that at most. */
const fullHour = (at: Date): Date => new Date(Math.ceil(at.getTime() / hours(1)) * hours(1));

function afterwards(run: PublishRun, what: string): string {
  const { unchanged, ending, publishedAt } = run.data;
  if (unchanged) return `${run.subject}: nothing had changed since ${unchanged.version}, so nothing was published`;
  if (publishedAt === undefined) return `${what} was not published: ${run.outcome ?? ending?.outcome}`;
  const late = lateMs(run);
  return late > 0 ? `${what} was published ${duration(late)} late` : `${what} was published in time`;
}

/** What holds a run up, since when, and who can do something about it. */
async function heldBy(run: PublishRun, reads: Reads): Promise<string> {
  const since = run.data.times?.at(-1)?.from ?? run.createdAt;
  if (run.stage === 'repair') {
    const { what = 'the attempt', error = 'no error was kept' } = run.data.failure ?? {};
    return `It has needed repair since ${moment(since)}: ${what}: ${error}. A publisher rebuilds or cancels it.`;
  }
  if (run.stage === 'hold') return heldWords(run).join(' ');
  if (run.stage !== 'approve') return `It has been at “${stageName(run)}” since ${moment(since)}.`;
  const [approval] = await reads.approvalsOfRun(run.id);
  if (approval?.status !== 'pending') return `It has been waiting for a decision since ${moment(since)}.`;
  const { rule, decisions } = approval;
  const people = stepsOf(rule).reduce((sum, { quorum }) => sum + quorum, 0);
  const decided =
    decisions.length === 0 ? 'nobody has decided yet' : `${decisions.map(({ name }) => name).join(' and ')} approved`;
  const waits = `${approval.id} has waited for ${decidersInTurn(rule)} since ${moment(approval.askedAt)}: ${decided}, and it takes ${people}.`;
  return `${waits} ${await whoCan(run, approval, reads)}`.trim();
}

/** Names are known of those who have decided or asked before. */
async function whoCan({ actors, data }: PublishRun, approval: Approval, reads: Reads): Promise<string> {
  const { deciders } = data;
  const { decisions } = approval;
  const turn = turnOf(approval);
  if (!deciders || blockedBy(turn, barredFrom(turn, approval, actors), deciders)) return '';
  const out = new Set([...actors, ...decisions].map(({ oid }) => oid.toLowerCase()));
  const able = deciders.ids.filter((id) => !out.has(id));
  const names = [...(await reads.namesOf(able)).values()].slice(0, 3);
  if (names.length === 0) return `${count(able.length, 'of its members', 'of its members')} can decide.`;
  const rest = able.length - names.length;
  const all = rest > 0 ? [...names, `${rest} more`] : names;
  return `${all.length === 1 ? all[0] : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`} can decide.`;
}
