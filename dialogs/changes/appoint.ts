import { appointButton, due, moment, noticeCard, unappointButton } from '../../cards';
import { sameId } from '../../core/azure-id';
import { type Catalogue, freezesOfRollout } from '../../core/catalogue';
import { type CommandCall, call, exampleCall } from '../../core/command-call';
import { UserError } from '../../core/errors';
import {
  appointmentOf,
  type Barred,
  barredAt,
  furthestAppointmentDays,
  type Single,
  stateOf,
} from '../../core/lifecycle';
import type { ChangeRun, RolloutPlan } from '../../core/runs';
import { days } from '../../core/time';
import { clockMoment } from '../../core/windows';
import type { Answer, CommandContext, Deps } from '../conversation';
import { chooseMachine, mustAct } from '../inventory';

/** A machine that an open rollout leaves to its owners. */
interface Meant {
  readonly run: ChangeRun;
  readonly plan: RolloutPlan;
  readonly single: Single;
}

/** When a machine's owners mean to replace it. goldbot reminds them, and leaves the machine alone. */
export async function appointMachine(
  ctx: CommandContext,
  { machine, at }: { readonly machine: string; readonly at: string },
  deps: Deps,
): Promise<Answer> {
  const meant = await meantSingle(ctx, { machine, verb: 'appoint', given: { at } }, deps);
  if (!('single' in meant)) return meant;
  const { run, plan, single } = meant;
  const { state, version } = stateOf(run.data.tracked, single);
  if (state !== 'behind') throw isDone(single, state === 'there' ? `runs ${version} already` : 'is gone', run);
  const channel = deps.catalogue().teams.get(plan.team ?? '')?.channel;
  const example = exampleCall('appoint', { machine: single.name, at: 'sat 22:00' });
  const when = timeFor({ at, zone: clockOf(plan.team, deps.catalogue()), example }, ctx.now);
  const freezes = freezesOfRollout(deps.catalogue(), plan);
  const barred = barredAt(when, { freezes, window: plan.window }, ctx.now);
  if (barred) throw notThen({ machine: single, at, when }, barred);
  const before = appointmentOf(run.data.tracked, single);
  await tell(ctx, { run, machine: single.id, when: when.toISOString() }, deps);
  const where = channel === undefined ? 'beside the card of the rollout' : `in ${channel}`;
  return noticeCard({
    message: `${single.name} is to be replaced on ${due(when)}`,
    details: [
      ...(before ? [`Before, it was ${moment(before.at)}, appointed by ${before.by}.`] : []),
      `It runs ${version}; ${plan.target} is rolled out in ${run.id}.`,
      `goldbot reminds ${where} before it, with what to do. It changes nothing on the machine: its owners replace it.`,
    ],
    buttons: [appointButton(single.id, 'Move'), unappointButton(single.id)],
    next: [call('status', { request: run.id })],
  });
}

/** Takes the time back. */
export async function withdrawAppointment(ctx: CommandContext, machine: string, deps: Deps): Promise<Answer> {
  const meant = await meantSingle(ctx, { machine, verb: 'unappoint', given: {} }, deps);
  if (!('single' in meant)) return meant;
  const { run, single } = meant;
  const before = appointmentOf(run.data.tracked, single);
  const next = { buttons: [appointButton(single.id)], next: [call('status', { request: run.id })] };
  if (!before) {
    return noticeCard({ message: `${single.name} has no appointment`, details: ['Nothing was done.'], ...next });
  }
  await tell(ctx, { run, machine: single.id }, deps);
  return noticeCard({
    message: `The appointment of ${single.name} is withdrawn`,
    details: [
      `It was ${moment(before.at)}, made by ${before.by}.`,
      `The machine still is behind, and ${run.id} still waits for it.`,
    ],
    ...next,
  });
}

async function tell(
  ctx: CommandContext,
  { run, ...body }: { readonly run: ChangeRun; readonly machine: string; readonly when?: string },
  { runs }: Deps,
): Promise<void> {
  // It is no decision about the run's plan, so that no click on an older card is too old for it.
  await runs.signal({ request: run.id, kind: 'appoint', person: ctx.person, body, intent: `appoint:${ctx.intent}` });
}

interface Typed {
  readonly machine: string;
  readonly verb: 'appoint' | 'unappoint';
  readonly given: Readonly<Record<string, string>>;
}

/** By name or id, of a team that the person may act for; a choice among several. @throws UserError */
async function meantSingle(ctx: CommandContext, { machine, verb, given }: Typed, deps: Deps): Promise<Meant | Answer> {
  const all = (await deps.reads.openChanges({ verb: 'rollout' })).flatMap((run) => singlesIn(run, machine));
  // Of two rollouts the one that looks on, and of those the newest, which takes over what the other has.
  const open = [...all].reverse().sort((a, b) => Number(b.run.stage === 'track') - Number(a.run.stage === 'track'));
  const [first] = open;
  if (!first) throw notAwaited(machine);
  const own = open.filter(({ plan }) => ctx.rights.actsFor(plan.team));
  const ids = [...new Map(own.map(({ single }) => [single.id.toLowerCase(), single])).values()];
  if (ids.length > 1) return chooseMachine(machine, ids, (id) => call(verb, { machine: id, ...given }));
  const meant = own[0] ?? first;
  const { plan, single } = meant;
  mustAct(ctx, deps.catalogue(), plan.team, { act: `appoint when ${single.name} is replaced` });
  return meant;
}

function singlesIn(run: { readonly kind: string }, typed: string): readonly Meant[] {
  const change = run as ChangeRun;
  if (run.kind !== 'change' || change.plan.verb !== 'rollout' || change.data.ending) return [];
  const plan = change.plan;
  const is = ({ id, name }: Single) => sameId(id, typed) || name.toLowerCase() === typed.trim().toLowerCase();
  return (plan.singles ?? []).filter(is).map((single) => ({ run: change, plan, single }));
}

function notAwaited(machine: string): UserError {
  return new UserError('UNKNOWN_MACHINE', `No open rollout waits for "${machine.slice(0, 80)}"; nothing was done.`, {
    hint: 'Roll a version out to its team first, or see what is open.',
    next: [exampleCall('rollout', { image: 'ubuntu-22', team: 'payments' }), call('status')],
  });
}

function isDone({ name }: Single, what: string, { id }: ChangeRun): UserError {
  return new UserError('BAD_COMMAND', `${name} ${what}: there is nothing to appoint.`, {
    hint: 'See what is left.',
    next: [call('status', { request: id })],
  });
}

/** The clock of the team's digest; UTC where it has none. */
export function clockOf(team: string | null | undefined, catalogue: Catalogue): string {
  const digest = catalogue.teams.get(team ?? '')?.digest;
  return digest ? digest.zone : 'UTC';
}

interface Written {
  /** As it was typed. */
  readonly at: string;
  readonly zone: string;
  /** The same command with a time that can be read. */
  readonly example: CommandCall;
}

/**
 * The time that somebody wrote for a machine.
 *
 * @throws UserError `BAD_COMMAND` for what is no time, not ahead, or too far.
 */
export function timeFor({ at, zone, example }: Written, now: Date): Date {
  const read = clockMoment(at, zone, now);
  const why = typeof read === 'string' ? read : whyNotThen(read, now);
  if (why === undefined && typeof read !== 'string') return read;
  throw new UserError('BAD_COMMAND', `"${at.slice(0, 40)}" ${why}; nothing was appointed.`, {
    facts: { field: 'at' },
    hint: `Write a time ahead, by the clock of ${zone}.`,
    next: [example],
  });
}

/** With the next time at which it could be, which is one click. */
function notThen(
  { machine, at, when }: { readonly machine: Single; readonly at: string; readonly when: Date },
  { why, free }: Barred,
): UserError {
  const message = `"${at.slice(0, 40)}" (${moment(when)}) ${why}; nothing was appointed.`;
  if (!free) return new UserError('BAD_COMMAND', message, { hint: 'No time is free within two years.' });
  const next = [call('appoint', { machine: machine.id, at: `${free.toISOString().slice(0, 16).replace('T', ' ')}Z` })];
  return new UserError('BAD_COMMAND', message, { hint: `The next free time is ${moment(free)}.`, next });
}

/** Undefined: machines may be appointed for then. */
function whyNotThen(when: Date, now: Date): string | undefined {
  if (when <= now) return 'is past';
  const isFar = when.getTime() - now.getTime() > days(furthestAppointmentDays);
  return isFar ? `is more than ${furthestAppointmentDays} days ahead` : undefined;
}
