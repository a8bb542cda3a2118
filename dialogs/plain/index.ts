/**
 * Sentences that are not written in the grammar: read by rules and a table of wordings, without a model. A read is
 * answered at once, a write at most offered. Called by the conversation for every message of a person.
 */
export { listen } from './listen';
export { type Understood, understand } from './understand';
