/**
 * Moves every open run on: claims a due row, runs one stage under a lease and a fence, commits. Schedules that make runs.
 */
export { createSchedules, type ScheduleKind } from './schedules';
export {
  again,
  type Patch,
  type Stage,
  type StageContext,
  type Step,
  to,
  type Workflow,
} from './stage';
export { createEngine, type Knobs } from './worker';
