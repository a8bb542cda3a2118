/**
 * Publishing by schedule: when the next run of an image begins (schedule.ts), what people set by command (control.ts),
 * and who is told when a day cannot be met (watch.ts). Called by app, which hands it to the engine, and by
 * workflows/start for the settings.
 */
export { createScheduleControl, type ScheduleControl } from './control';
export { type Hindrance, publishKind } from './parts';
export { publishSchedules } from './schedule';
