import { clouds } from '../../core/cloud';

/**
 * What a request does, without a name of anything: `PUT Microsoft.Compute/galleries/images/versions`. All that operators
 * see of a request's address, so that neither customers' names nor a query with a signature in it get out.
 */
export function operationOf(method: string, url: string): string {
  const { hostname, pathname } = new URL(url);
  const segments = pathname.split('/').filter((segment) => segment !== '');
  return `${method} ${ofProvider(segments) ?? ofHost(hostname, segments)}`;
}

/** Whose limits a request counts against. Resource Graph has its own, although Resource Manager passes it on. */
export function serviceOf(operation: string): string {
  const [, what = ''] = operation.split(' ');
  if (what.startsWith('Microsoft.ResourceGraph/')) return 'resource-graph';
  const [host = ''] = what.split('/');
  return byHost.get(host) ?? 'resource-manager';
}

const byHost: ReadonlyMap<string, string> = new Map([
  ['graph', 'graph'],
  ['vault', 'key-vault'],
  ['blob', 'storage'],
  ['other', 'other'],
]);

/** Of hosts that are named by customers (`contoso.vault.azure.net`) the name is cut. */
export function hostOf(url: string): string {
  const { hostname } = new URL(url);
  return ours.has(hostname) ? hostname : hostname.replace(/^[^.]+/, '*');
}

/** Those that are the same for every customer, with what operators call them. */
const ours: ReadonlyMap<string, 'arm' | 'graph'> = new Map(
  Object.values(clouds).flatMap(({ arm, graph }) => [
    [new URL(arm).hostname, 'arm'],
    [new URL(graph).hostname, 'graph'],
  ]),
);

/** Undefined for hosts that are named by customers. */
export const serviceOfHost = (hostname: string): 'arm' | 'graph' | undefined => ours.get(hostname);

/** The last resource type in the path; a trailing action or list is one more word of it. */
function ofProvider(segments: readonly string[]): string | undefined {
  const at = segments.map((segment) => segment.toLowerCase()).lastIndexOf('providers');
  const namespace = segments[at + 1];
  if (at < 0 || namespace === undefined || !/^[A-Za-z]+(\.[A-Za-z]+)+$/.test(namespace)) return undefined;
  return [
    namespace,
    ...segments
      .slice(at + 2)
      .filter((_, n) => n % 2 === 0)
      .map(typeWord),
  ].join('/');
}

/** Of what has no resource type, the words that are in the list; of other hosts only their kind. */
function ofHost(hostname: string, segments: readonly string[]): string {
  const kind = ours.get(hostname) ?? (/\.vault\./.test(hostname) ? 'vault' : undefined);
  if (kind) return [kind, ...segments.filter((segment) => words.has(segment))].join('/');
  return /\.blob\./.test(hostname) ? 'blob' : 'other';
}

const words = new Set([
  ...['subscriptions', 'resourceGroups', 'resourcegroups', 'resources', 'providers', 'locations', 'skus'],
  ...['groups', 'users', 'transitiveMembers', 'transitiveMemberOf', 'checkMemberGroups', 'getMemberGroups', '$count'],
  ...['microsoft.graph.user', 'keys', 'sign'],
]);

const typeWord = (segment: string): string => (/^[A-Za-z]{1,60}$/.test(segment) ? segment : '{}');
