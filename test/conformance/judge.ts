import { judgeProtocol } from './protocol';
import { judgeSpec } from './spec';
import { judgeTypes } from './types';
import type { Judgement, Wire } from './wire';

/**
 * Addresses that neither the specifications nor the types have a word about; every other unknown address is a
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
  {
    address: /\/providers\/Microsoft\.HybridCompute\/machines\/[^/]+\/runCommands\/[^/?]+\?/i,
    operation: 'MachineRunCommands',
    why: 'no specification and no types of Microsoft.HybridCompute lie beside us',
  },
  {
    address: /\/providers\/Microsoft\.ContainerInstance\/locations\/[^/]+\/usages\?/i,
    operation: 'Location_ListUsage',
    why: 'no specification and no types of Microsoft.ContainerInstance lie beside us',
  },
];

/** The status of a long-running operation: no specification lists these addresses; `protocol.ts` knows them. */
const operationStatus = /\/providers\/[^/]+\/locations\/[^/]+\/(operations|capsOperations|DiskOperations)\/[^/?]+\?/i;

/** Operations without a specification that can be read: what else judges them besides what ARM asks of all. */
const unspecified: readonly {
  readonly method: RegExp;
  readonly address: RegExp;
  readonly operation: (method: string) => string;
  /** The resource types must know it. */
  readonly types: boolean;
  readonly why: string;
}[] = [
  {
    method: /^(GET|PATCH)$/,
    address: /\/providers\/Microsoft\.Resources\/tags\/default$/i,
    operation: (method) => (method === 'GET' ? 'Tags_GetAtScope' : 'Tags_UpdateAtScope'),
    types: true,
    why: 'of Microsoft.Resources the types lie beside us, and no specification',
  },
  {
    method: /^(GET|PUT|DELETE)$/,
    address: /\/providers\/Microsoft\.Authorization\/policyAssignments\/[^/]+$/i,
    operation: (method) => `PolicyAssignments_${{ GET: 'Get', PUT: 'Create' }[method] ?? 'Delete'}`,
    types: true,
    why: 'its specification refers to common/v2/types.json, which does not lie beside us',
  },
  {
    method: /^(GET|PUT)$/,
    address: /\/providers\/Microsoft\.Authorization\/policyExemptions\/[^/]+$/i,
    operation: (method) => `PolicyExemptions_${method === 'GET' ? 'Get' : 'CreateOrUpdate'}`,
    types: false,
    why: 'no specification and no types of exemptions lie beside us: protocol/policies.ts says what documentation says',
  },
  {
    method: /^(GET|PATCH)$/,
    address: /\/virtualMachineScaleSets\/[^/]+\/lifecycleHookEvents(\/[^/]+)?$/i,
    operation: (method) => `VirtualMachineScaleSetLifeCycleHookEvents_${method === 'GET' ? 'Get' : 'Update'}`,
    types: false,
    why: 'of 2025-11-01 and later no specification lies beside us; the SDK reads and writes it',
  },
  {
    method: /^GET$/,
    address: /\/providers\/Microsoft\.PolicyInsights\/asyncOperationResults\/[^/]+$/i,
    operation: () => 'asyncOperationResults',
    types: false,
    why: 'specifications name the address in a Location header only: protocol.ts knows it',
  },
  {
    method: /^GET$/,
    address: /\/resourceGroups\/[^/]+\/providers\/.*\/providers\/Microsoft\.Authorization\/permissions$/i,
    operation: () => 'Permissions_ListForResource',
    types: false,
    why: 'its specification wants a parent of every resource; of those without one it has no word',
  },
  {
    method: /^GET$/,
    address: /\/galleries\/[^/]+\/softDeletedArtifactTypes\/Images\/artifacts\/[^/]+\/versions$/i,
    operation: () => 'SoftDeletedResource_ListByArtifactName',
    types: false,
    why: 'of galleries at 2025-03-03 the types lie beside us, and no specification',
  },
  {
    method: /^GET$/,
    address: /\/providers\/Microsoft\.Authorization\/locks$/i,
    operation: () => 'ManagementLocks_ListByScope',
    types: false,
    why: 'no specification of locks lies beside us',
  },
  {
    method: /^GET$/,
    address: /^\/subscriptions\/[^/]+\/resourcegroups$/i,
    operation: () => 'ResourceGroups_List',
    types: false,
    why: 'no specification of Microsoft.Resources lies beside us',
  },
  {
    method: /^GET$/,
    address: /^\/subscriptions\/[^/]+$/i,
    operation: () => 'Subscriptions_Get',
    types: false,
    why: 'no specification of Microsoft.Resources lies beside us',
  },
  {
    method: /^GET$/,
    address: /^\/subscriptions\/[^/]+\/locations$/i,
    operation: () => 'Subscriptions_ListLocations',
    types: false,
    why: 'no specification of Microsoft.Resources lies beside us',
  },
  {
    method: /^GET$/,
    address: /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+$/i,
    operation: () => 'ResourceGroups_Get',
    types: false,
    why: 'no specification of Microsoft.Resources lies beside us',
  },
  {
    method: /^GET$/,
    address: /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+\/resources$/i,
    operation: () => 'Resources_ListByResourceGroup',
    types: false,
    why: 'no specification of Microsoft.Resources lies beside us',
  },
  {
    method: /^GET$/,
    address: /^\/subscriptions\/[^/]+\/providers\/[^/]+$/i,
    operation: () => 'Providers_Get',
    types: false,
    why: 'no specification of Microsoft.Resources lies beside us',
  },
  {
    method: /^GET$/,
    address: /\/providers\/Microsoft\.ManagedIdentity\/userAssignedIdentities\/[^/]+$/i,
    operation: () => 'UserAssignedIdentities_Get',
    types: true,
    why: 'of Microsoft.ManagedIdentity the types lie beside us, and no specification',
  },
  {
    method: /^GET$/,
    address: /\/providers\/Microsoft\.Network\/virtualNetworks\/[^/]+$/i,
    operation: () => 'VirtualNetworks_Get',
    types: true,
    why: 'of Microsoft.Network the types lie beside us, and no specification',
  },
];

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
  const types = judgeTypes(exchange);
  const alone = unspecifiedOf(exchange);
  if (alone) {
    const missed = alone.types && !types ? ['no resource type knows it'] : [];
    return { operation: alone.operation(exchange.method), wrong: [...missed, ...(types ?? []), ...protocol] };
  }
  const spec = await judgeSpec(exchange);
  const wrong = [...spec.wrong, ...(types ?? []), ...protocol];
  if (spec.operation) return { operation: spec.operation, wrong };
  return { wrong: [...wrong, `unknown operation: ${exchange.method} ${exchange.url}`] };
}

function unspecifiedOf({ method, url }: Wire) {
  const { pathname } = new URL(url);
  return unspecified.find((one) => one.method.test(method) && one.address.test(pathname));
}
