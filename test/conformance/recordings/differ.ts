import type { Answer } from './tape';

/**
 * What two answers may differ in without anybody noticing: the road they came by, and what the recorder took out of
 * what it kept (azure-cli's recorder strips ids of requests, Retry-After and the count of reads).
 */
const unseen = new Set([
  'cache-control',
  'connection',
  'content-length',
  'content-type',
  'date',
  'expires',
  'pragma',
  'server',
  'strict-transport-security',
  'transfer-encoding',
  'vary',
  'via',
  'x-cache',
  'x-content-type-options',
  'x-msedge-ref',
  'retry-after',
  'x-ms-client-request-id',
  'x-ms-correlation-request-id',
  'x-ms-ratelimit-remaining-subscription-reads',
  'x-ms-request-id',
  'x-ms-routing-request-id',
]);

/** Fields that say how far something is. */
const stateNames = new Set([
  'provisioningState',
  'status',
  'runState',
  'runSubState',
  'executionState',
  'aggregatedState',
  'state',
]);
const stateCode = /^(ProvisioningState|PowerState|OSState)\//;

/** Members of these are named by people, not by Azure. */
const freeNames = new Set(['tags', 'artifactTags', 'userAssignedIdentities']);

/** Every difference between what Azure answered and what somebody else answered to the same, values aside; each once. */
export function differences(recorded: Answer, answered: Answer): string[] {
  // An error says all there is to say: that nothing of the rest is there need not be said apart.
  if (recorded.status < 400 && answered.status >= 400)
    return [`status ${recorded.status} became ${answered.status}: ${errorOf(answered)}`];
  return [
    ...(recorded.status === answered.status ? [] : [`status ${recorded.status} became ${answered.status}`]),
    ...sets('header', headerNames(recorded), headerNames(answered)),
    ...sets('body', shape(recorded.body), shape(answered.body)),
    ...stateDifferences(states(recorded.body), states(answered.body)),
  ];
}

function errorOf({ body }: Answer): string {
  const { code, message } = (body as { error?: { code?: string; message?: string } } | null)?.error ?? {};
  return `${code} ${message}`;
}

function headerNames({ headers }: Answer): string[] {
  return Object.keys(headers)
    .map((name) => name.toLowerCase())
    .filter((name) => !unseen.has(name));
}

function sets(what: string, before: readonly string[], after: readonly string[]): string[] {
  const lost = before.filter((one) => !after.includes(one));
  const added = after.filter((one) => !before.includes(one));
  return [
    ...outermost(lost).map((one) => `${what} ${one} lost`),
    ...outermost(added).map((one) => `${what} ${one} added`),
  ];
}

const root = 'as a whole';

/** Without what lies inside of what is in the list as well: a lost profile is one loss. */
function outermost(found: readonly string[]): string[] {
  const pathOf = (one: string) => one.replace(/ \(\w+\)$/, '');
  const inside = (one: string, other: string) =>
    pathOf(other) === root || ['.', '['].some((next) => one.startsWith(`${pathOf(other)}${next}`));
  return found.filter((one) => !found.some((other) => other !== one && inside(one, other)));
}

/** `properties.targetRegions[].name (string)`: every path of a body with the kind of its value; items of a list are one. */
function shape(body: unknown): string[] {
  const found = new Set<string>();
  walk(body, '', (path, value) => found.add(`${path || root} (${kindOf(value)})`));
  return [...found].sort();
}

function states(body: unknown): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  walk(body, '', (path, value) => {
    const name = path.split('.').at(-1) ?? '';
    const said = stateNames.has(name)
      ? String(value)
      : name === 'code' && stateCode.test(String(value))
        ? String(value)
        : '';
    if (said !== '' && typeof value === 'string') found.set(path, (found.get(path) ?? new Set()).add(said));
  });
  return found;
}

/** Of paths that both have: a lost path is a difference of shape already. */
function stateDifferences(before: Map<string, Set<string>>, after: Map<string, Set<string>>): string[] {
  return [...before].flatMap(([path, values]) => {
    const now = after.get(path);
    const [was, is] = [[...values].sort().join(', '), [...(now ?? [])].sort().join(', ')];
    return now === undefined || was === is ? [] : [`state ${path}: ${was} became ${is}`];
  });
}

function walk(value: unknown, path: string, visit: (path: string, value: unknown) => void): void {
  if (value === undefined || (value === null && path === '')) return;
  visit(path, value);
  if (Array.isArray(value)) {
    for (const item of value) walk(item, `${path}[]`, visit);
  } else if (typeof value === 'object' && value !== null) {
    const free = freeNames.has(path.split('.').at(-1) ?? '');
    for (const [name, member] of Object.entries(value)) walk(member, join(path, free ? '*' : name), visit);
  }
}

const join = (path: string, name: string) => (path === '' ? name : `${path}.${name}`);

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'list' : typeof value;
}
