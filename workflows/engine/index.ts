/**
 * The one worker: claims whatever is due (runs, and what else app/ hands to it), does it under a lease and a fence, and
 * commits a run's step with its approvals, cards and audit in one transaction. Schedules that make runs.
 */
export { aboutLeftover, keepTold } from './commit';
export { awaitDeciders, type DecidersOf, lookAtDeciders, opening } from './deciders';
export { quietSchedules } from './quiet';
export { createSchedules, eachAlone, type Fired, type ScheduleKind, type Schedules } from './schedules';
export {
  again,
  atOnce,
  isPast,
  type Late,
  listedBy,
  type Patch,
  type Stage,
  type StageContext,
  type StageLimit,
  type Step,
  takenBy,
  to,
  type Wait,
  type Workflow,
} from './stage';
export { createEngine, type EngineOptions, type EngineSettings } from './step';
export { createWorker, type Worker } from './worker';
