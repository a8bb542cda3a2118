import { judgeProtocol } from './protocol';
import { judgeSpec } from './spec';
import { judgeTypes } from './types';
import type { Judgement, Wire } from './wire';

/**
 * Addresses that neither specification nor types of `../shared` have a word about; every other unknown address is a
 * mistake. What ARM asks of every exchange holds of those at ARM all the same.
 */
const beyond: readonly { readonly address: RegExp; readonly operation: string; readonly why: string }[] = [
  {
    address: /^https:\/\/graph\.microsoft\.com\//,
    operation: 'Microsoft Graph',
    why: 'no specification of Microsoft Graph lies beside us',
  },
  {
    address: /^https:\/\/[^/]+\.blob\.core\.windows\.net\//,
    operation: 'Blob Storage',
    why: 'no specification of the blob service lies beside us',
  },
  {
    address: /\/providers\/Microsoft\.Storage\/storageAccounts\?/,
    operation: 'StorageAccounts_ListByResourceGroup',
    why: 'no specification and no types of Microsoft.Storage lie beside us',
  },
];

/** The status of a long-running operation: no specification lists these addresses; `protocol.ts` knows them. */
const operationStatus = /\/providers\/[^/]+\/locations\/[^/]+\/(operations|capsOperations|DiskOperations)\/[^/?]+\?/i;

export interface Verdict extends Judgement {
  /** Nobody has a word about it, and it is known that nobody has. */
  readonly unjudged?: string;
}

/** Everything that Azure's own words say about one exchange, both directions. An address that nobody knows is wrong. */
export async function judge(exchange: Wire): Promise<Verdict> {
  const known = beyond.find(({ address }) => address.test(exchange.url));
  const protocol = judgeProtocol(exchange);
  if (known) return { operation: known.operation, wrong: protocol, unjudged: known.why };
  if (operationStatus.test(exchange.url)) return { operation: 'operation status', wrong: protocol };
  const spec = await judgeSpec(exchange);
  const wrong = [...spec.wrong, ...(judgeTypes(exchange) ?? []), ...protocol];
  if (spec.operation) return { operation: spec.operation, wrong };
  return { wrong: [...wrong, `unknown operation: ${exchange.method} ${exchange.url}`] };
}
