import { parseRequestId } from '../../core/runs';
import { dropSchedule, findApproval, joinCard, type Queryable, quietKind, type Schedule } from '../../store';
import type { ScheduleKind } from './schedules';

interface Spec {
  /** Of the card that was posted in quiet hours and mentioned nobody. */
  readonly topic: string;
}

/** Once the quiet hours are over, a message beside it calls those for whom it still waits. Once for each card. */
export function quietSchedules(): ScheduleKind {
  return {
    kind: quietKind,
    reconcile: async () => {},
    async fire(tx, { key, spec, nextAt }: Schedule<Spec>) {
      const calling = await callOf(tx, spec.topic);
      if (calling !== undefined) await joinCard(tx, spec.topic, { topic: calling, kind: 'news' });
      await dropSchedule(tx, key);
      return { nextAt, records: [] };
    },
    about: ({ spec }: Schedule<Spec>) => ({ subject: spec.topic }),
  };
}

/** The message that calls: of a request one more reminder, of news the same once more. Undefined: nobody is waited for. */
async function callOf(tx: Queryable, topic: string): Promise<string | undefined> {
  const [about, id = '', word = ''] = topic.split(':');
  if (about === 'news') return `news:${id}:again-${word}`;
  const request = about === 'approval' ? parseRequestId(id) : undefined;
  const approval = request && (await findApproval(tx, request));
  return approval?.status === 'pending' ? `news:${approval.runId}:remind-${approval.id}-0` : undefined;
}
