import type { Route, SandboxRequest, SandboxResponse } from '../kernel/types';
import type { World } from '../kernel/world';
import { armError, key } from './arm';
import { decoded } from './authorization/action';
import { type OnScope, onScopes } from './authorization/on-scopes';
import { isWithin, scopesOver } from './authorization/scope';
import { object, text } from './compute/resource';

const levels = ['CanNotDelete', 'ReadOnly'] as const;
type Level = (typeof levels)[number];

interface Lock {
  readonly id: string;
  readonly name: string;
  readonly scope: string;
  readonly level: Level;
  readonly notes?: string;
  /** It is deleted, and holds until then all the same; world time. */
  readonly untilMs?: number;
}

interface LocksSection {
  locks: Record<string, Lock>;
}

const locks = (world: World): Record<string, Lock> => world.section<LocksSection>('locks', () => ({ locks: {} })).locks;

/** World time for which a deleted lock still holds. */
const lingerMs = 60_000;

/** Management locks: on every scope, and for everything below it. */
export function lockRoutes(world: World): Route[] {
  return onScopes(world, 'locks', { list, GET: get, PUT: put, DELETE: remove });
}

const idOf = ({ scope, name }: OnScope): string =>
  `${scope === '/' ? '' : scope}/providers/Microsoft.Authorization/locks/${name}`;

const known = ({ world }: OnScope): Lock[] => Object.values(locks(world)).filter((lock) => lock.untilMs === undefined);

function list(on: OnScope): SandboxResponse {
  return {
    status: 200,
    body: {
      value: known(on)
        .filter((lock) => isWithin(lock.scope, on.scope))
        .map(view),
    },
  };
}

function get(on: OnScope): SandboxResponse {
  const lock = known(on).find(({ id }) => key(id) === key(idOf(on)));
  if (lock) return { status: 200, body: view(lock) };
  return armError(404, 'LockNotFound', `The lock '${on.name}' could not be found.`);
}

function put(on: OnScope): SandboxResponse {
  const properties = object(object(on.request.body)['properties']);
  const level = levels.find((l) => l === properties['level']);
  if (!level) {
    return armError(400, 'InvalidLockLevel', `The lock level must be one of '${levels.join(', ')}'.`);
  }
  const all = locks(on.world);
  const before = all[key(idOf(on))];
  const notes = text(properties['notes']);
  const lock = { id: idOf(on), name: on.name, scope: on.scope, level, ...(notes !== undefined && { notes }) };
  all[key(lock.id)] = lock;
  return { status: before ? 200 : 201, body: view(lock) };
}

function remove(on: OnScope): SandboxResponse {
  const all = locks(on.world);
  const lock = all[key(idOf(on))];
  if (!lock || lock.untilMs !== undefined) return { status: 204 };
  all[key(lock.id)] = { ...lock, untilMs: on.world.clock.nowMs() + lingerMs };
  return { status: 200 };
}

function view({ id, name, level, notes }: Lock) {
  return {
    id,
    name,
    type: 'Microsoft.Authorization/locks',
    properties: { level, ...(notes !== undefined && { notes }) },
  };
}

/** Asking is no change, although it is a POST. */
const questions =
  /\/Microsoft\.ResourceGraph\/|\/Microsoft\.PolicyInsights\/.*\/(?:queryResults|summarize)$|\/checkPolicyRestrictions$/i;

/**
 * ARM's 409 for a change that a lock forbids: `ReadOnly` every write and action, either level deletions, of what is
 * locked and of everything that a locked thing is in.
 */
export function locked(world: World, { method, url }: SandboxRequest): SandboxResponse | undefined {
  const path = decoded(url.pathname);
  if (method === 'GET' || method === 'HEAD' || /\/Microsoft\.Authorization\/locks\//i.test(path)) return undefined;
  if (method === 'POST' && questions.test(path)) return undefined;
  const all = Object.values(locks(world)).filter(
    ({ untilMs }) => untilMs === undefined || untilMs > world.clock.nowMs(),
  );
  if (all.length === 0) return undefined;
  const above = new Set(scopesOver(path));
  const isDelete = method === 'DELETE';
  const holding = all.filter(({ scope, level }) => {
    if (above.has(key(scope))) return isDelete || level === 'ReadOnly';
    return isDelete && isWithin(scope, path);
  });
  if (holding.length === 0) return undefined;
  const scopes = [...new Set(holding.map(({ scope }) => `'${scope}'`))].join(', ');
  const message = `The scope '${path}' cannot perform ${isDelete ? 'delete' : 'write'} operation because following scope(s) are locked: ${scopes}. Please remove the lock and try again.`;
  return armError(409, 'ScopeLocked', message);
}
