/**
 * The month: when a publish must begin so that a version is everywhere by its day, counted back from how long the image's
 * own runs took; when an open run will be ready; and whether there is a reason to build at all. Pure; workflows/schedule
 * starts the runs and warns, `schedule` explains.
 */
export {
  countBack,
  type Estimate,
  type Estimates,
  estimatesOf,
  type Leg,
  type PastRun,
  projectedEnd,
  projectFrom,
  timedStageOf,
} from './estimates';
export { type Need, needOf, type PublishedBefore } from './need';
export {
  dueOccurrence,
  firstAfter,
  type Occurrence,
  occurrenceOf,
  promisedBy,
  type Rhythm,
  rhythmKey,
  type ScheduleSetting,
  type ScheduleSpec,
  scheduleKey,
  scheduleRunKey,
  scheduleSpec,
} from './rhythm';
