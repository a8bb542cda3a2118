import { definitionId } from '../../core/azure-id';
import { type Catalogue, freezesOfRollout } from '../../core/catalogue';
import {
  appointed,
  barredAt,
  handOver,
  insideWords,
  lookInside,
  nextTrackMs,
  reminded,
  type Single,
  seeSingles,
  singlesBy,
  type Tracked,
  takeOver,
  trackEnd,
} from '../../core/lifecycle';
import type { ChangeRun, RolloutPlan } from '../../core/runs';
import { days, minutes, seconds } from '../../core/time';
import type { CardAddress } from '../../store';
import { again } from '../engine';
import {
  type ChangeContext,
  type ChangeDeps,
  type ChangeStageDefinition,
  type ChangeStep,
  finish,
  stopOf,
} from './stages';

/**
 * A rollout looks on after its scale sets are done: owners replace the machines that stand alone, some at a time that they
 * have appointed. Nothing is written to Azure here, and the inventory is asked once an hour for all of them. A newer rollout
 * to the same team that has come as far takes its place.
 */
export const track = (deps: TrackDeps) =>
  ({
    name: 'track',
    limit: {
      waitsFor: 'owners to replace machines that stand alone',
      // Owners have thirty days, or until a day after the furthest appointment: both end by themselves before this.
      ms: days(130),
      afterwards: 'The run ends, and says which machines are left.',
      past: async ({ run }) => ended(run.plan as RolloutPlan, trackedOf(run.data.tracked, run.createdAt)),
    },
    takes: ['cancel', 'appoint'],
    waits: true,
    run: async (context) => {
      const { run, now } = context;
      const plan = run.plan as RolloutPlan;
      const { older, newer, superseded } = othersOf(run, await deps.beside(run));
      const before = heard(context, superseded.reduce(tookOver, trackedOf(run.data.tracked, now)));
      const stop = stopOf(context);
      if (stop) return stopped(plan, before, stop);
      if (older.length > 0 && !isLate(context)) {
        for (const { id } of older) await deps.wake(id, now);
        return again(handOverMs, { tracked: before });
      }
      if (newer) return supersededBy(newer, plan, before, now);
      return looked(context, before, deps);
    },
  }) satisfies ChangeStageDefinition;

type TrackDeps = Pick<ChangeDeps, 'catalogue' | 'beside' | 'wake' | 'readings'>;

/** Until an earlier rollout has ended in favour of this one, which takes it one step. */
const handOverMs = seconds(5);
/** A replica of an earlier release may have it, which does not know that it is to end. */
const longestHandOverMs = minutes(10);

const isLate = ({ run, now }: ChangeContext): boolean =>
  now.getTime() - (run.inStage?.since ?? now).getTime() > longestHandOverMs;

interface Others {
  /** That look on as well. What somebody tells one of them is heard before it ends. */
  readonly older: readonly ChangeRun[];
  readonly newer: ChangeRun | undefined;
  /** That have ended in favour of this one. */
  readonly superseded: readonly ChangeRun[];
}

/** Each begins once the one before looks on: the order in which they were asked for is the order of their versions. */
function othersOf({ id, createdAt }: ChangeContext['run'], all: readonly ChangeRun[]): Others {
  const superseded = all.filter(({ data }) => data.ending?.supersededBy === id);
  const open = all.filter(({ data }) => data.ending === undefined);
  const isOlder = (one: ChangeRun) => one.createdAt < createdAt || (+one.createdAt === +createdAt && one.id < id);
  return { older: open.filter(isOlder), newer: open.filter((one) => !isOlder(one)).at(-1), superseded };
}

const tookOver = (tracked: Tracked, { id, data }: ChangeRun): Tracked =>
  takeOver(tracked, { id, appointments: data.tracked?.appointments ?? {} });

async function looked(context: ChangeContext, before: Tracked, deps: TrackDeps): Promise<ChangeStep> {
  const { run, now, read } = context;
  const plan = run.plan as RolloutPlan;
  const { singles = [], image, version } = plan;
  const source = definitionId(plan.gallery).toLowerCase();
  const { asOf, ...outside } = await seeSingles(read, { singles, source, version, before: before.seen });
  const seen = await lookInside(read, { ...outside, readings: deps.readings, image, version }, now);
  const tracked = { ...before, seen, asOf: asOf.toISOString() };
  if (singlesBy(singles, tracked).behind.length === 0) {
    return finish('done', `${setsWords(run.data.moved)}${singlesWords(plan, tracked)}`, { data: { tracked } });
  }
  if (trackEnd(tracked) <= now) return ended(plan, tracked);
  return going(context, tracked, deps.catalogue());
}

const trackedOf = (kept: Tracked | undefined, since: Date): Tracked =>
  kept ?? { seen: {}, appointments: {}, reminders: 0, since: since.toISOString() };

/** With what owners have said since the last step, in its order. */
function heard({ inbox }: ChangeContext, tracked: Tracked): Tracked {
  return inbox.reduce((kept, { kind, body: { machine: id, when: at }, by, at: madeAt }) => {
    if (kind !== 'appoint' || id === undefined) return kept;
    return appointed(kept, { id, by: by.name, madeAt: madeAt.toISOString(), ...(at !== undefined && { at }) });
  }, tracked);
}

/** The card stands in the team's own channel from the first look on; a reminder is a message beside it. */
function going({ run, now }: ChangeContext, tracked: Tracked, catalogue: Catalogue): ChangeStep {
  const plan = run.plan as RolloutPlan;
  const channel = catalogue.teams.get(plan.team ?? '')?.channel;
  const times = { freezes: freezesOfRollout(catalogue, plan), window: plan.window };
  const told = reminded(tracked, now, (at) => barredAt(at, times, now)?.why);
  const next = told ?? tracked;
  const cards: CardAddress[] =
    channel === undefined
      ? []
      : [
          ...(run.data.tracked?.asOf ? [] : [{ topic: `run:${run.id}`, channel, kind: 'run' }]),
          ...(told ? [{ topic: `news:${run.id}:appointed-${told.reminders}`, channel, kind: 'news' }] : []),
        ];
  return { ...again(nextTrackMs(next, now), { tracked: next }), ...(cards.length > 0 && { cards }) };
}

function ended(plan: RolloutPlan, tracked: Tracked): ChangeStep {
  return finish('expired', `the time that owners had is over. ${singlesWords(plan, tracked)}`, { data: { tracked } });
}

function stopped(plan: RolloutPlan, tracked: Tracked, { why, by }: { readonly why: string; readonly by: string }) {
  const words = `${why.replace(/\.+$/, '')}. Its appointments end with it. ${singlesWords(plan, tracked)}`;
  return finish('cancelled', words, { by, data: { tracked } });
}

/** Appointments that hold for the newer one stay in its data, where that finds them. */
function supersededBy({ id, plan: newer }: ChangeRun, plan: RolloutPlan, tracked: Tracked, now: Date): ChangeStep {
  const { singles: to = [], target } = newer as RolloutPlan;
  const { moved, lapsed } = handOver(tracked, { from: plan.singles ?? [], to }, now);
  const many = Object.keys(moved).length;
  const appointments = [
    ...(many > 0 ? [many === 1 ? '1 appointment moves to it' : `${many} appointments move to it`] : []),
    ...(lapsed.length > 0
      ? [
          `${lapsed.length === 1 ? 'that of' : 'those of'} ${namesOf(lapsed)} ${lapsed.length === 1 ? 'lapses' : 'lapse'}`,
        ]
      : []),
  ];
  const words = [
    `${id} has brought ${target} to the same team, and looks on in its place.`,
    ...(appointments.length > 0 ? [`${capital(appointments.join('; '))}.`] : []),
    singlesWords(plan, tracked),
  ].join(' ');
  return finish('superseded', words, { supersededBy: id, data: { tracked: { ...tracked, appointments: moved } } });
}

const capital = (text: string): string => text.replace(/^./, (letter) => letter.toUpperCase());

const setsWords = (moved: string | undefined): string => (moved === undefined ? '' : `${moved} `);

const mostNames = 5;

/** They add up to all that were behind. */
function singlesWords({ singles = [], version }: RolloutPlan, tracked: Tracked): string {
  const { behind, there, gone } = singlesBy(singles, tracked);
  const inside = insideWords(there, tracked);
  const how = inside.length === 0 ? '' : `, ${inside.join(', ')}`;
  const parts = [
    singles.length === 1
      ? `${there.length} of 1 machine that stands alone runs ${version} or a newer one${how}`
      : `${there.length} of ${singles.length} machines that stand alone run ${version} or a newer one${how}`,
    ...(gone.length > 0 ? [`${gone.length} gone from the image`] : []),
    ...(behind.length > 0 ? [`left: ${namesOf(behind)}`] : []),
  ];
  return `${parts.join('; ')}.`;
}

function namesOf(singles: readonly Single[]): string {
  const rest = singles.length - mostNames;
  const names = singles.slice(0, mostNames).map(({ name }) => name);
  return rest > 0 ? `${names.join(', ')} and ${rest} more` : names.join(', ');
}
