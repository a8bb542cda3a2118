import type { DigestSpec } from '../core/runs';
import type { ScheduleSpec } from '../core/schedule';
import type { Clock } from '../core/time';
import { type Database, pendingApprovals, schedulesOf } from '../store';
import { digestKind } from '../workflows/digest';
import { publishKind } from '../workflows/schedule';
import type { Log } from './run';

/** What comes by itself, and when (world time). */
export interface Moment {
  readonly kind: 'digest' | 'schedule' | 'end of an approval';
  readonly name: string;
  readonly at: Date;
}

/** Every digest, run of a schedule and end of a request that is ahead of this goldbot, as its database has them. */
export async function momentsOf(database: Database, clock: Clock): Promise<readonly Moment[]> {
  const [digests, schedules, approvals] = await Promise.all([
    schedulesOf<DigestSpec>(database, digestKind),
    schedulesOf<ScheduleSpec>(database, publishKind),
    pendingApprovals(database, clock.now()),
  ]);
  const runs = <Row extends { readonly pausedAt: Date | null }>(row: Row) => row.pausedAt === null;
  return [
    ...digests.filter(runs).map(({ spec, nextAt: at }) => ({ kind: 'digest', name: spec.team, at }) as const),
    ...schedules.filter(runs).map(({ spec, nextAt: at }) => ({ kind: 'schedule', name: spec.image, at }) as const),
    ...approvals.map(({ id, expiresAt: at }) => ({ kind: 'end of an approval', name: id, at }) as const),
  ];
}

/** Machine time between two looks at what is ahead. */
const lookMs = 2_000;

/**
 * Tells the sandbox what is ahead whenever that changed, so that people can let its time pass until then: neither Azure
 * nor Teams knows when a digest comes. Returns how to stop.
 */
export function tellMoments(
  teamsUrl: string,
  deps: {
    readonly moments: () => Promise<readonly Moment[]>;
    /** The world that the sandbox plays: after a reset it knows nothing. */
    readonly world: () => string;
    readonly log: Pick<Log, 'warn'>;
  },
): () => void {
  let stopped = false;
  let told = '';
  const look = async () => {
    const body = JSON.stringify({ moments: await deps.moments() });
    const tells = `${deps.world()} ${body}`;
    if (tells !== told) await post(teamsUrl, body);
    told = tells;
  };
  const again = async () => {
    await look().catch((err: unknown) => stopped || deps.log.warn({ err }, 'the sandbox was not told what is ahead'));
    if (!stopped) setTimeout(again, lookMs).unref();
  };
  void again();
  return () => {
    stopped = true;
  };
}

async function post(teamsUrl: string, body: string): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${teamsUrl}/_sandbox/moments`, { method: 'POST', headers, body });
  if (!response.ok) throw new Error(`the sandbox answered ${response.status}: ${await response.text()}`);
}
