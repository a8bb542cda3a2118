import { callTopic } from '../../core/mentions';
import { type AfterQuiet, dropSchedule, joinCard, quietKind, type Schedule } from '../../store';
import type { ScheduleKind } from './schedules';

/**
 * Once the quiet hours are over, one message beside the card that had called nobody calls those for whom it still waits.
 * Whether it does is known where it is drawn, as it is delivered.
 */
export function quietSchedules(): ScheduleKind {
  return {
    kind: quietKind,
    reconcile: async () => {},
    async fire(tx, { key, spec, nextAt }: Schedule<AfterQuiet>) {
      const topic = callTopic(spec.topic, nextAt);
      await joinCard(tx, spec.topic, { topic, kind: 'news', channel: spec.channel });
      await dropSchedule(tx, key);
      return { nextAt, records: [] };
    },
    about: ({ spec }: Schedule<AfterQuiet>) => ({ subject: spec.topic }),
  };
}
