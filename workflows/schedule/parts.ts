import type { Catalogue, ImageConfig } from '../../core/catalogue';
import type { PublishRun } from '../../core/runs';
import type { Telemetry } from '../../core/telemetry';
import type { Clock } from '../../core/time';
import type { Database, Queryable } from '../../store';
import type { Workflow } from '../engine';

export const publishKind = 'publish';

/** Why a run of an image cannot begin at this moment. */
export interface Hindrance {
  /** A sentence: what holds it, who, since when. */
  readonly why: string;
  /** World time at which it will be over, if that is known. */
  readonly until?: Date;
  /** The open run that is in the way. */
  readonly run?: PublishRun;
}

export interface PublishScheduleDeps {
  /** Where the runs that come due say that they began. */
  readonly telemetry?: Pick<Telemetry, 'here'>;
  readonly database: Database;
  readonly clock: Clock;
  readonly catalogue: () => Catalogue;
  readonly workflow: Pick<Workflow<unknown, unknown>, 'first' | 'stages' | 'needs'>;
  /** Undefined: nothing is in the way. */
  mayStart(db: Queryable, image: ImageConfig, now: Date): Promise<Hindrance | undefined>;
}

/** What becomes of a time of the schedule that has no run: it waits, begins, or is left out. */
export function scheduleCard({ name, approval }: ImageConfig, period: string) {
  return { topic: scheduleTopic(name, period), channel: approval.channel, kind: 'schedule' };
}

export function scheduleTopic(image: string, period: string): string {
  return `schedule:${image}:${period}`;
}
