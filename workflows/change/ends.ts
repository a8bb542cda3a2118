import { type AccessPlan, changeStages, changeSubject } from '../../core/runs';
import type { Telemetry } from '../../core/telemetry';
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

/**
 * When rights to images end. Azure forgets no role assignment by itself (its own schedules need a licence): goldbot keeps
 * the date from before it gives the right, and a run takes the right back when it comes.
 */

export const accessEndKind = 'access-end';

interface Spec {
  /** What is done then. */
  readonly plan: AccessPlan;
  /** Where people hear of it. */
  readonly channel?: string;
}

/** The ends as the runs that give and take rights see them; `name`: of the role assignment. */
export interface AccessEnds {
  of(name: string): Promise<Date | undefined>;
  keep(name: string, plan: AccessPlan, at: Date): Promise<void>;
  drop(name: string): Promise<void>;
}

const keyOf = (name: string): string => `${accessEndKind}:${name}`;

export function accessEnds(database: Database): AccessEnds {
  return {
    of: async (name) => (await findSchedule(database, keyOf(name)))?.nextAt,
    keep: (name, plan, at) => {
      const { approval, until: _, verb: __, ...rest } = plan;
      const ending: AccessPlan = { ...rest, verb: 'ungrant', atEnd: true, reason: 'the end that was agreed to' };
      const spec: Spec = { plan: ending, ...(approval && { channel: approval.channel }) };
      return putSchedule(database, { key: keyOf(name), kind: accessEndKind, spec, nextAt: at });
    },
    drop: (name) => dropSchedule(database, keyOf(name)),
  };
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
