import { day } from '../estate/shape';

/** At this time of the day, in UTC, everything is evaluated. */
const cycleAt = 2 * 3_600_000;

/** The last daily evaluation before a time. */
export const lastCycle = (atMs: number): number => Math.floor((atMs - cycleAt) / day) * day + cycleAt;
