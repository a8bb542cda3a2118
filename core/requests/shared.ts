import { hashOf } from '../hash';
import type { Approval, PublishRun, SharedTopic } from '../runs';

/**
 * The card on which a scheduled run asks: one for all runs of the same rhythm and period whose requests go to the same
 * people in the same channel. Undefined: the run asks on a card of its own.
 */
export function sharedCardOf({ plan }: Pick<PublishRun, 'plan'>): SharedTopic | undefined {
  const { schedule, approvalChannel: channel, fixed } = plan;
  if (!schedule || !fixed) return undefined;
  const { key, period } = schedule;
  return `requests:${hashOf({ key, period, channel, group: fixed.rule.group }).slice(0, 16)}`;
}

/** What requests are bound to, all in one: another plan or object behind any of these ids gives another seal. */
export function sealOf(approvals: readonly Pick<Approval, 'id' | 'planHash' | 'fingerprint'>[]): string {
  const bound = approvals.map(({ id, planHash, fingerprint = null }) => ({ id, planHash, fingerprint }));
  return hashOf(bound.sort((a, b) => (a.id < b.id ? -1 : 1)));
}
