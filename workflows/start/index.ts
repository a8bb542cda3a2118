/**
 * The one door through which dialogs change anything: start or join a run, send it a signal, decide, withdraw.
 */
export { createDigestControl, createRunControl, type DigestControl, type RunControl } from './control';
