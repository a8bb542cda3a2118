/** What a request does, as role definitions name it, and where. */
export interface Access {
  /** `Microsoft.Compute/galleries/images/versions/read`, in the casing of the request. */
  readonly action: string;
  readonly scope: string;
  /** Of what a resource holds, not of the resource: a blob and not its account. */
  readonly isData?: true;
}

const verbs: Readonly<Record<string, string>> = {
  GET: 'read',
  HEAD: 'read',
  PUT: 'write',
  PATCH: 'write',
  DELETE: 'delete',
};

/** Documented: what these are called does not follow from their paths. */
const exceptions: readonly (readonly [action: string, at: RegExp])[] = [
  ['Microsoft.Resources/subscriptions/providers/read', /^\/subscriptions\/[^/]+\/providers\/[^/]+$/i],
  ['Microsoft.PolicyInsights/checkPolicyRestrictions/read', /\/Microsoft\.PolicyInsights\/checkPolicyRestrictions$/i],
];

/**
 * The action that ARM checks for a request: the types of its path and a verb; a POST is the action that its last
 * segment names. A list is checked on what holds it. Undefined for what everybody may ask and whose answer is
 * filtered instead: the subscriptions there are, and Resource Graph.
 */
export function accessOf(method: string, pathname: string): Access | undefined {
  // Documented: `virtualMachineScaleSets/rollingUpgrades/action` is what cancels one.
  const path = pathname.replace(/\/+$/, '').replace(/(\/rollingUpgrades)\/cancel$/i, '$1');
  const { holder, namespace, rest } = parts(path);
  const [documented] = exceptions.find(([, at]) => at.test(path)) ?? [];
  if (documented !== undefined) return { action: documented, scope: holder };
  if (namespace === undefined || /^microsoft\.resourcegraph$/i.test(namespace)) return undefined;
  const named = method === 'POST' && rest.length % 2 === 1 ? rest.slice(0, -1) : rest;
  const types = named.filter((_, i) => i % 2 === 0).join('/');
  const verb = method === 'POST' ? `${rest.at(-1)}/action` : verbs[method];
  if (verb === undefined) return undefined;
  const action = [namespace, ...(types === '' ? [] : [types]), verb].join('/');
  return { action, scope: scopeOf(path, { holder, rest, method }) };
}

interface Parts {
  /** Everything before `/providers/` of the resource: what an extension resource extends. */
  readonly holder: string;
  readonly namespace: string | undefined;
  readonly rest: readonly string[];
}

/** Subscriptions and resource groups are types of Microsoft.Resources although their paths do not say so. */
function parts(path: string): Parts {
  const at = path.toLowerCase().lastIndexOf('/providers/');
  if (at >= 0) {
    const [namespace, ...rest] = path.slice(at + '/providers/'.length).split('/');
    return { holder: path.slice(0, at), namespace, rest };
  }
  const rest = path.split('/').slice(1);
  const isSubscription = rest[0]?.toLowerCase() === 'subscriptions' && rest.length > 1;
  return { holder: '', namespace: isSubscription ? 'Microsoft.Resources' : undefined, rest };
}

function scopeOf(path: string, { holder, rest, method }: Omit<Parts, 'namespace'> & { method: string }): string {
  if (rest.length % 2 === 0) return path;
  if (rest.length === 1) return holder === '' ? '/' : holder;
  const parent = path.slice(0, path.lastIndexOf('/'));
  // What Azure lists by region belongs to the subscription: `…/locations/westeurope/publishers` and below.
  return method === 'GET' && rest[0]?.toLowerCase() === 'locations' ? holder : parent;
}

/**
 * A path as it was meant; one that is not well-formed stays as it is. A slash within a name stays encoded: the router
 * takes it for a part of the name, and so must code that looks for types in the path.
 */
export function decoded(path: string): string {
  try {
    return decodeURIComponent(path.replace(/%2f/gi, '%252F'));
  } catch {
    return path;
  }
}
