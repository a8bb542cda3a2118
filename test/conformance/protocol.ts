import { bodyChecks } from './protocol/bodies';
import { type Check, type Seen, seen } from './protocol/checks';
import { conversationChecks } from './protocol/conversations';
import { errorChecks } from './protocol/errors';
import { headerChecks } from './protocol/headers';
import { identityChecks } from './protocol/identity';
import { operationChecks } from './protocol/operations';
import { pagingChecks } from './protocol/paging';
import { policyChecks } from './protocol/policies';
import { requestChecks, senderChecks } from './protocol/requests';
import type { Wire } from './wire';

/** What Azure's schemas are blind to, exchange by exchange. */
export const checks: readonly Check[] = [
  ...requestChecks,
  ...headerChecks,
  ...operationChecks,
  ...identityChecks,
  ...bodyChecks,
  ...errorChecks,
  ...pagingChecks,
  ...policyChecks,
];

/**
 * What is wrong with one exchange beyond its schemas: `headers of a 202: a 202 without location`. Nothing is said about
 * hosts other than ARM's.
 */
export function judgeProtocol(exchange: Wire, but: readonly string[] = []): string[] {
  return judgeBy(checks, exchange, but);
}

/** What is wrong with a request of goldbot's, beyond what every client owes. */
export function judgeSender(exchange: Wire): string[] {
  return judgeBy(senderChecks, exchange, []);
}

/** What is wrong with exchanges in their order. They must be all that was said, from the beginning. */
export function judgeConversation(exchanges: readonly Wire[]): string[] {
  const all = exchanges.map(seen).filter((exchange): exchange is Seen => exchange !== undefined);
  return conversationChecks.flatMap(({ name, check }) => check(all).map((text) => `${name}: ${text}`));
}

function judgeBy(by: readonly Check[], exchange: Wire, but: readonly string[]): string[] {
  const arm = seen(exchange);
  if (!arm) return [];
  return by
    .filter(({ name }) => !but.includes(name))
    .flatMap(({ name, check }) => check(arm).map((text) => `${name}: ${text}`));
}

export { conversationChecks, senderChecks };
