import { accessEndKind, changeStages, changeSubject, type EndingPlan, isAccessPlan } from '../../core/runs';
import type { Telemetry } from '../../core/telemetry';
import { dayOf } from '../../core/time';
import {
  type Database,
  dropRequestId,
  dropSchedule,
  findSchedule,
  goldbot,
  insertRun,
  pauseSchedule,
  putSchedule,
  type Schedule,
  takeRequestId,
  wantCard,
} from '../../store';
import type { Fired, ScheduleKind } from '../engine';
import { act, type ChangeContext, type Next } from './stages';

/**
 * When rights to images and shares of galleries end. Azure forgets none by itself (its own schedules need a licence):
 * goldbot keeps the date from before it gives, and a run takes back when it comes.
 */

interface Spec {
  /** What is done then. */
  readonly plan: EndingPlan;
  /** Where people hear of it. */
  readonly channel?: string;
}

/** The ends as the runs that give and take see them; `name`: of the role assignment, or of the share. */
export interface AccessEnds {
  of(name: string): Promise<Date | undefined>;
  keep(name: string, plan: EndingPlan, at: Date): Promise<void>;
  /** `at`: unless somebody has moved it since. */
  drop(name: string, at?: Date): Promise<void>;
}

const keyOf = (name: string): string => `${accessEndKind}:${name}`;

export function accessEnds(database: Database): AccessEnds {
  return {
    of: async (name) => (await findSchedule(database, keyOf(name)))?.nextAt,
    keep: (name, plan, at) => {
      const { approval } = plan;
      const spec: Spec = { plan: takingBack(plan), ...(approval && { channel: approval.channel }) };
      return putSchedule(database, { key: keyOf(name), kind: accessEndKind, spec, nextAt: at });
    },
    drop: (name, at) => dropSchedule(database, keyOf(name), at),
  };
}

/** What is done at the end of what a plan gives; nobody is asked again. */
function takingBack(plan: EndingPlan): EndingPlan {
  const atEnd = { atEnd: true, reason: 'the end that was agreed to' } as const;
  if (isAccessPlan(plan)) {
    const { approval: _, until: __, ...access } = plan;
    return { ...access, ...atEnd, verb: 'ungrant' };
  }
  const { approval: _, until: __, ...share } = plan;
  return { ...share, ...atEnd, verb: 'unshare' };
}

/**
 * What has to be done about the end before anything is given: a replica that dies in between has promised nothing that
 * nobody keeps. Undefined: it is kept as it was agreed to.
 */
export async function beforeGiving(
  ends: AccessEnds,
  name: string,
  plan: EndingPlan,
  { now, isThere }: { readonly now: Date; readonly isThere: boolean },
): Promise<Next | undefined> {
  const until = plan.until === undefined ? undefined : new Date(plan.until);
  const isKept = (await ends.of(name))?.getTime() === until?.getTime();
  if (isThere && isKept) return undefined;
  if (until && until <= now) {
    return { kind: 'failed', why: `${ending(until)} has passed; nothing was given. Ask again with a later end.` };
  }
  if (isKept) return undefined;
  return act('keeping its end', () => (until ? ends.keep(name, plan, until) : ends.drop(name)));
}

/** What is there, how to take it, and what people read then. */
interface Taking<Found> {
  readonly ends: AccessEnds;
  readonly name: string;
  readonly found: Found | undefined;
  take(found: Found): Next;
  /** It was given anew, with a later end or none, after this end was agreed to. */
  renewed(kept: Date | undefined): string;
  taken(): Next;
}

/** An end is forgotten once what it ends is gone; one that somebody has moved meanwhile is theirs. */
export async function takeBack<Found>({ now }: ChangeContext, plan: EndingPlan, taking: Taking<Found>): Promise<Next> {
  const { ends, name, found } = taking;
  const kept = await ends.of(name);
  const isOthers = plan.atEnd === true && (kept === undefined || kept > now);
  if (found !== undefined) return isOthers ? { kind: 'so', outcome: taking.renewed(kept) } : taking.take(found);
  if (kept && !isOthers) return act('forgetting its end', () => ends.drop(name, kept));
  return taking.taken();
}

/** With its year: it may be far ahead. */
export const ending = (at: Date): string => `${dayOf(at)}, ${at.toISOString().slice(11, 16)} UTC`;

export const untilWords = (until: Date | undefined): string =>
  until === undefined ? 'without an end' : `until ${ending(until)}`;

/** What deciders should know of the end. `what`: the role, the share. */
export function endWords({ until }: EndingPlan, what: string): string {
  return until === undefined
    ? 'It has no end: it stays until somebody takes it back.'
    : `goldbot keeps the end, not Azure: it takes the ${what} back within a minute after, and if it is down, once it is up.`;
}

/** Fires each end once. */
export function accessEndSchedules({ telemetry }: { readonly telemetry?: Pick<Telemetry, 'here'> }): ScheduleKind {
  return {
    kind: accessEndKind,
    reconcile: async () => {},
    fire: (tx, schedule, now) => fire(tx, schedule, now, telemetry),
    about: ({ spec }: Schedule<Spec>) => ({ subject: spec.plan.image }),
  };
}

async function fire(
  tx: Parameters<ScheduleKind['fire']>[0],
  { key, spec, nextAt }: Schedule<Spec>,
  now: Date,
  telemetry: Pick<Telemetry, 'here'> | undefined,
): Promise<Fired> {
  const { plan, channel } = spec;
  const id = await takeRequestId(tx, 'run');
  const subject = changeSubject(plan);
  const started = await insertRun(tx, {
    ...{ id, kind: 'change', subject, plan, now },
    stages: changeStages,
    stage: changeStages[0],
    dedupe: `${key}:${nextAt.toISOString()}`,
    trace: telemetry?.here(),
  });
  // An earlier end of the same right may still be at it: it takes back whatever is there when it can.
  if (!started) await dropRequestId(tx, id);
  else if (channel !== undefined) await wantCard(tx, { topic: `run:${id}`, channel, kind: 'run' });
  await pauseSchedule(tx, key, now);
  const about = { subject, request: id, runId: id, detail: { plan } };
  return { nextAt, records: started ? [{ at: now, who: goldbot, action: 'start', ...about }] : [] };
}
