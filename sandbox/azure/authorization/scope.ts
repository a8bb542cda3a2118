import { key } from '../arm';
import { groupsAbove, groupsOver, managementGroupId } from '../estate/management-groups';
import { rootManagementGroup } from './names';

/**
 * The scopes above and including this one, the nearest first and all in lower case: resource, its parents, resource
 * group, subscription, management group, tenant. An assignment on any of them holds here.
 */
export function scopesOver(scope: string): readonly string[] {
  const id = withoutSlashes(key(scope));
  const known = remembered.get(id);
  if (known) return known;
  if (remembered.size >= mostRemembered) remembered.clear();
  const found = scopesOverId(id);
  remembered.set(id, found);
  return found;
}

/** What is above a scope never changes, and every policy and role needs it for every resource. */
const remembered = new Map<string, readonly string[]>();
const mostRemembered = 20_000;

const withoutSlashes = (id: string): string => (id.endsWith('/') ? id.replace(/\/+$/, '') : id);

function scopesOverId(id: string): string[] {
  const subscription = /^\/subscriptions\/[^/]+/.exec(id)?.[0];
  if (subscription === undefined) return [...managementGroups(id), '/'];
  const group = /^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+/.exec(id)?.[0];
  const resources = resourcesOf(id);
  const below = group === undefined ? resources : [...resources, group];
  const groups = groupsOver(subscription.slice('/subscriptions/'.length)).map(({ name }) =>
    key(managementGroupId(name)),
  );
  return [...new Set([...below, subscription, ...groups, '/'])];
}

function managementGroups(id: string): string[] {
  const group = /^\/providers\/microsoft\.management\/managementgroups\/[^/]+/.exec(id)?.[0];
  if (group === undefined) return [];
  const above = groupsAbove(group.slice(key(managementGroupId('')).length)).map(({ name }) =>
    key(managementGroupId(name)),
  );
  return [...new Set([group, ...above, key(rootManagementGroup)])];
}

/** The resource of an id and its parents, children first; an extension resource is below what it extends. */
function resourcesOf(id: string): string[] {
  const at = id.indexOf('/providers/');
  if (at < 0) return [];
  const head = id.slice(0, at);
  const found: string[] = [];
  let path = head;
  for (const [i, part] of id.slice(at).split('/providers/').slice(1).entries()) {
    const [namespace = '', ...rest] = part.split('/');
    path = `${i === 0 ? head : path}/providers/${namespace}`;
    for (let n = 0; n < rest.length; n += 2) {
      path += `/${rest.slice(n, n + 2).join('/')}`;
      found.unshift(path);
    }
  }
  return found;
}

/** Whether `scope` is `above`, or somewhere below it. */
export function isWithin(scope: string, above: string): boolean {
  const wanted = key(above);
  return scopesOver(scope).includes(wanted.length > 1 ? withoutSlashes(wanted) : wanted);
}

/** What kind of scope somebody has written, or undefined if Azure knows no such scope. */
export function scopeKind(
  scope: string,
): 'tenant' | 'managementGroup' | 'subscription' | 'group' | 'resource' | undefined {
  const id = key(scope);
  if (id === '' || id === '/') return 'tenant';
  if (/^\/providers\/microsoft\.management\/managementgroups\/[^/]+$/.test(id)) return 'managementGroup';
  if (/^\/subscriptions\/[^/]+$/.test(id)) return 'subscription';
  if (/^\/subscriptions\/[^/]+\/resourcegroups\/[^/]+$/.test(id)) return 'group';
  return /^\/subscriptions\/[^/]+\/(?:resourcegroups\/[^/]+\/)?providers\/[^/]+(?:\/[^/]+\/[^/]+)+$/.test(id)
    ? 'resource'
    : undefined;
}
