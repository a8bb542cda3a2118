/**
 * A team's weekly digest: when it is due (schedule.ts, with what people set by command) and the run that gathers the
 * figures and asks for a card (run.ts), whose rows people set aside for a while (snooze.ts). The first run counts for all teams; the others find its count in the store.
 * Called by app, which hands it to the engine, and by workflows/start for the settings.
 */
export { digestWorkflow } from './run';
export { createDigestControl, type DigestControl, digestKind, digestSchedules, passOverDigests } from './schedule';
