import type { Person } from '../access';
import type { TeamConfig } from '../catalogue';
import type { ComplianceFigures, Deltas, Gap } from '../compliance';
import type { Sharee } from '../image-access';
import { type DigestTime, days, minutes, nextDigest, weekOf, weeks } from '../time';
import type { RunOf } from './run';

/** What a team has set by command; it wins over `teams.yaml`, field by field. */
export interface DigestSetting extends Partial<DigestTime> {
  readonly on?: boolean;
  readonly onlyChanges?: boolean;
  /** Whom a digest mentions in a week in which something got worse: those who have asked for it themselves. */
  readonly mention?: readonly Person[];
}

/** When and how a team gets its digest, as its schedule has it. */
export interface DigestSpec extends DigestTime {
  readonly team: string;
  /** No message in a week in which nothing changed. */
  readonly onlyChanges: boolean;
}

/** What a digest run was started for. */
export interface DigestPlan {
  readonly team: string;
  /** ISO week in the team's zone: `2026-W47`. */
  readonly week: string;
  readonly zone: string;
  /** When it is due; ISO 8601, world time. */
  readonly dueAt: string;
  /** It could not be fired in time: goldbot was down. */
  readonly late: boolean;
  /** Earlier weeks whose digest will never be sent. */
  readonly missed: number;
  readonly onlyChanges: boolean;
  /** Name of the person who asked for it, in addition to the weekly one. */
  readonly askedBy?: string;
}

export interface DigestData {
  /** Of those who speak for the team: an Entra group (object id). Absent in what earlier versions counted. */
  readonly owners?: string;
  /**
   * With whom Azure shares the gallery of its images although nobody agreed to an end; those that goldbot takes back are
   * not among them. Absent in what earlier versions counted, and for a team that runs none of its images.
   */
  readonly unending?: readonly Sharee[];
  /** What Azure did not tell beside the figures. */
  readonly gaps?: readonly Gap[];
  /** Where its card went; absent when none was sent. */
  readonly channel?: string;
  /** Why no card was sent. */
  readonly untold?: string;
}

export interface DigestRun extends RunOf<DigestPlan, DigestData> {
  readonly kind: 'digest';
}

/** A digest that is later than this says so. */
const lateMs = minutes(15);

const usual: DigestTime = { day: 'mon', time: '09:00', zone: 'UTC' };

/** The settings in force; `own` is what the team has set by command. */
export function digestSpec(
  team: string,
  config: TeamConfig['digest'],
  own: DigestSetting = {},
): DigestSpec & { readonly on: boolean } {
  const { day, time, zone } = { ...usual, ...(config === false ? {} : config), ...own };
  return { team, day, time, zone, onlyChanges: own.onlyChanges ?? false, on: own.on ?? config !== false };
}

/** One key per team and ISO week: the run that has it is the week's digest. */
export function digestKey(team: string, week: string): string {
  return `digest:${team}:${week}`;
}

export interface DueDigest {
  /** The newest due time that has passed; earlier ones are not caught up on. */
  readonly dueAt: Date;
  readonly week: string;
  readonly late: boolean;
  /** Digests skipped between the planned one and this one. */
  readonly missed: number;
}

/** Which digest a schedule owes at `now`; `nextAt` is not after `now`. */
export function dueDigest(nextAt: Date, when: DigestTime, now: Date): DueDigest {
  let dueAt = nextAt;
  for (;;) {
    // Starting little more than a week before `now`: an outage of years must not become a loop over years.
    const later = nextDigest(new Date(Math.max(dueAt.getTime(), now.getTime() - weeks(1) - days(1))), when);
    if (later > now) break;
    dueAt = later;
  }
  return {
    dueAt,
    week: weekOf(dueAt, when.zone),
    late: now.getTime() - dueAt.getTime() > lateMs,
    missed: Math.round((dueAt.getTime() - nextAt.getTime()) / weeks(1)),
  };
}

/** The machines of one week and where they stand. */
export interface WeekFigures {
  /** ISO week: `2026-W47`. */
  readonly week: string;
  /** Those that can have a state: instances of a uniform scale set have none of their own. */
  readonly machines: number;
  readonly compliant: number;
  readonly notCompliant: number;
  readonly notEvaluated: number;
  readonly exempt: number;
}

/** Machines by their worst state. Undefined when policy states are missing, which is not a week at zero. */
export function weekFigures(week: string, { policy }: ComplianceFigures): WeekFigures | undefined {
  if (!policy) return undefined;
  const { Compliant: compliant, NonCompliant: notCompliant, Exempt: exempt } = policy.machines;
  const { notEvaluated } = policy;
  const machines = notEvaluated + Object.values(policy.machines).reduce((sum, count) => sum + count, 0);
  return { week, machines, compliant, notCompliant, notEvaluated, exempt };
}

/** Whether there is anything to tell a team that wants changes only. What ends soon is not a change, nor are dates. */
export function hasNews({ since, wins, setbacks, others, incomparable, exemptions }: Deltas): boolean {
  if (since === undefined) return true;
  const { granted, ended } = exemptions;
  return [wins, setbacks, others, incomparable, granted, ended].some((list) => list.length > 0);
}
