import { decide } from './control/decide';
import { auditingRefusals, type ControlDeps } from './control/deps';
import { signal } from './control/signal';
import { startOrJoin } from './control/start-or-join';
import type { RunControl } from './control/types';
import { withdraw } from './control/withdraw';

export type {
  DecideRequest,
  Person,
  RunControl,
  SignalRequest,
  StartRequest,
} from './control/types';
export { createDigestControl, type DigestControl } from './digest/settings';

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
