import type { Person } from '../../core/access';
import type { ApprovalRule, RequestId } from '../../core/runs';
import { minutes } from '../../core/time';
import type { DecideRequest } from '../../workflows/start';
import { type bench, intent, rule, type ToyContext, type ToyStep, toyWorkflow } from './bench';

export const planned: ToyStep = { kind: 'to', stage: 'approve', plan: { value: {}, hash: 'hash-1' } };

/** Asks once, and stays where it is whatever comes of it. */
export function asking(quorum = 1, more: Partial<ApprovalRule> = {}): Parameters<typeof bench>[0] {
  const approve = ({ approval, inbox }: ToyContext): ToyStep => {
    if (inbox.some((s) => s.kind === 'cancel')) return { kind: 'end', outcome: 'cancelled' };
    if (approval) return { kind: 'again', ms: minutes(600) };
    return { kind: 'ask', rule: { ...rule, quorum, ...more }, ttlMs: minutes(60), channel: 'approvals' };
  };
  return toyWorkflow({ plan: () => planned, approve });
}

export function say(request: RequestId, person: Person, more: Partial<DecideRequest> = {}): DecideRequest {
  return { request, person, verdict: 'approve', via: 'text', intent: intent(), ...more };
}
