/**
 * The requests of one schedule share a card: shared.ts says which those are and what they are bound to, remarks.ts which of
 * them are unremarkable and may be decided together. Pure; the workflow asks, dialogs show and decide.
 */
export { type InQuestion, remarks } from './remarks';
export { sealOf, sharedCardOf } from './shared';
