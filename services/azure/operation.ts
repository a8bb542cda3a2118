/**
 * What a request does, without a name of anything: `PUT Microsoft.Compute/galleries/images/versions`. All that operators
 * see of a request's address, so that neither customers' names nor a query with a signature in it get out.
 */
export function operationOf(method: string, url: string): string {
  const { hostname, pathname } = new URL(url);
  const segments = pathname.split('/').filter((segment) => segment !== '');
  return `${method} ${ofProvider(segments) ?? ofHost(hostname, segments)}`;
}

/** Of hosts that are named by customers (`contoso.vault.azure.net`) the name is cut. */
export function hostOf(url: string): string {
  const { hostname } = new URL(url);
  return ours.has(hostname) ? hostname : hostname.replace(/^[^.]+/, '*');
}

const ours = new Set([
  ...['management.azure.com', 'management.usgovcloudapi.net', 'management.chinacloudapi.cn'],
  ...['graph.microsoft.com', 'graph.microsoft.us', 'dod-graph.microsoft.us', 'microsoftgraph.chinacloudapi.cn'],
]);

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

/** ARM's own paths and those of Graph alternate collection and name; of anything else only the kind of host is told. */
function ofHost(hostname: string, segments: readonly string[]): string {
  if (/^management\./.test(hostname))
    return (
      segments
        .filter((_, n) => n % 2 === 0)
        .map(typeWord)
        .join('/') || 'arm'
    );
  // `v1.0/groups/<id>/transitiveMembers`
  if (/graph/.test(hostname)) return ['graph', ...segments.slice(1).filter(isWord)].join('/');
  if (/\.vault\./.test(hostname)) return ['vault', ...[segments[0], segments[3]].filter(isWord)].join('/');
  return /\.blob\./.test(hostname) ? 'blob' : 'other';
}

const known = new Set(['groups', 'users', 'transitiveMembers', 'transitiveMemberOf', 'members', 'checkMemberGroups']);
const more = new Set([
  'getMemberGroups',
  'microsoft.graph.user',
  'microsoft.graph.group',
  '$count',
  '$batch',
  'keys',
  'sign',
]);
const isWord = (segment: string | undefined): segment is string =>
  segment !== undefined && (known.has(segment) || more.has(segment));

const typeWord = (segment: string): string => (/^[A-Za-z]{1,60}$/.test(segment) ? segment : '{}');
