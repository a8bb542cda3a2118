import { definitionId } from '../../core/azure-id';
import {
  appointed,
  nextTrackMs,
  reminded,
  type Single,
  seeSingles,
  singlesBy,
  type Tracked,
  trackEnd,
} from '../../core/lifecycle';
import type { RolloutPlan } from '../../core/runs';
import { days } from '../../core/time';
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
 * have appointed. Nothing is written to Azure here, and the inventory is asked once an hour for all of them.
 */
export const track = ({ catalogue }: Pick<ChangeDeps, 'catalogue'>): ChangeStageDefinition => ({
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
    const { run, now, read } = context;
    const plan = run.plan as RolloutPlan;
    const { singles = [], version } = plan;
    const before = heard(context, trackedOf(run.data.tracked, now));
    const stop = stopOf(context);
    if (stop) return stopped(plan, before, stop);
    const source = definitionId(plan.gallery).toLowerCase();
    const { seen, asOf } = await seeSingles(read, { singles, source, version, before: before.seen });
    const tracked = { ...before, seen, asOf: asOf.toISOString() };
    if (singlesBy(singles, tracked).behind.length === 0) {
      return finish('done', `${setsWords(run.data.moved)}${singlesWords(plan, tracked)}`, { data: { tracked } });
    }
    if (trackEnd(tracked) <= now) return ended(plan, tracked);
    return going(context, tracked, catalogue().teams.get(plan.team ?? '')?.channel);
  },
});

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
function going({ run, now }: ChangeContext, tracked: Tracked, channel: string | undefined): ChangeStep {
  const told = reminded(tracked, now);
  const next = told ?? tracked;
  const cards: CardAddress[] =
    channel === undefined
      ? []
      : [
          ...(run.data.tracked ? [] : [{ topic: `run:${run.id}`, channel, kind: 'run' }]),
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

const setsWords = (moved: string | undefined): string => (moved === undefined ? '' : `${moved} `);

const mostNames = 5;

/** They add up to all that were behind. */
function singlesWords({ singles = [], version }: RolloutPlan, tracked: Tracked): string {
  const { behind, there, gone } = singlesBy(singles, tracked);
  const parts = [
    singles.length === 1
      ? `${there.length} of 1 machine that stands alone runs ${version} or a newer one`
      : `${there.length} of ${singles.length} machines that stand alone run ${version} or a newer one`,
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
