/**
 * The one door through which dialogs change anything: start or join a run, send it a signal, decide, withdraw.
 */
export { createDigestControl, type DigestControl } from '../digest';
export {
  createRunControl,
  type DecideRequest,
  type RunControl,
  type SignalRequest,
  type StartRequest,
} from './control';
