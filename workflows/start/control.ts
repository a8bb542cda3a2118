import { decide } from './decide';
import { auditingRefusals, type ControlDeps } from './deps';
import { signal } from './signal';
import { startOrJoin } from './start-or-join';
import type { RunControl } from './types';
import { withdraw } from './withdraw';

export { createDigestControl, type DigestControl } from '../digest';
export type {
  DecideRequest,
  RunControl,
  SignalRequest,
  StartRequest,
} from './types';

/** The one door through which dialogs change anything. */
export function createRunControl(deps: ControlDeps): RunControl {
  return {
    startOrJoin: (request) => startOrJoin(deps, request),
    signal: (request) => auditingRefusals(deps, { verb: request.kind, ...request }, () => signal(deps, request)),
    decide: (request) => {
      const { person, verdict, hash, via, reason } = request;
      const attempt = { verb: verdict, request: request.request, person, detail: { hash, via, reason } };
      return auditingRefusals(deps, attempt, () => decide(deps, request));
    },
    withdraw: (request) => auditingRefusals(deps, { verb: 'withdraw', ...request }, () => withdraw(deps, request)),
  };
}
