import { copyOf } from '../kernel/copy';
import type { Json, Route, SandboxRequest, SandboxResponse } from '../kernel/types';
import type { World } from '../kernel/world';
import { armError } from './arm';
import { regionName } from './compute/regions';

/**
 * What is so in this Azure and cannot be brought about by Azure's own verbs: how much a region has left, what an
 * image's agents do, what a subscription is registered for. `POST /_sandbox/conditions` sets it; the services read it
 * where the real ones would, and refuse (or not) by their own rules. No condition names an answer.
 */

/** Entries are told apart by what `by` names; the rest is what is so. */
interface Kind {
  readonly by: Readonly<Record<string, Check>>;
  readonly says: Readonly<Record<string, Check>>;
}

/** The value as it is kept; undefined when it is not one. */
type Check = (value: Json) => Json | undefined;

const whole: Check = (v) => (typeof v === 'number' && Number.isInteger(v) && v >= 0 ? v : undefined);
const flag: Check = (v) => (typeof v === 'boolean' ? v : undefined);
const region: Check = (v) => (typeof v === 'string' && v !== '' ? regionName(v) : undefined);
const lower: Check = (v) => (typeof v === 'string' && v !== '' ? v.toLowerCase() : undefined);
const oneOf =
  (...values: readonly string[]): Check =>
  (v) =>
    values.includes(String(v)) ? v : undefined;

const kinds = {
  /** Approved cores of a region for every subscription: in all, of one family, or `lowPriorityCores`. */
  quota: { by: { location: region, family: lower }, says: { cores: whole } },
  /** Whether subscriptions may use a VM size in a region or one of its zones, and whether every cluster there has it. */
  sizes: { by: { location: region, size: lower, zone: lower }, says: { offered: flag, inEachCluster: flag } },
  /** For how many more machines of a size there is room, in a region, a zone, or with one constraint. */
  capacity: {
    by: { location: region, size: lower, zone: lower, constraint: oneOf('ephemeralOsDisk', 'acceleratedNetworking') },
    says: { free: whole },
  },
  /**
   * A region as a whole: closed to new resources, without room for replicas, so slow to spread a finished image, or one
   * that Image Builder has not come to.
   */
  regions: {
    by: { location: region },
    says: { open: flag, replicas: flag, imageLagMinutes: whole, imageBuilder: flag },
  },
  /** What happens inside machines of an image (a definition or a version), or of one machine. */
  agent: {
    by: { image: lower, vm: lower },
    says: {
      boots: flag,
      provisions: oneOf('late', 'fails'),
      agent: oneOf('silent'),
      runCommand: oneOf('silent'),
    },
  },
  /** Whether instances of scale sets do their work: all of a set, all that run an image or one version of it, or one. */
  health: { by: { set: lower, instance: lower, image: lower }, says: { healthy: flag } },
  /** Whether instances of scale sets that are upgraded keep the disk that they have, although they take the model. */
  upgrades: { by: { set: lower, instance: lower }, says: { keepsDisk: flag } },
  /** How many more addresses a subnet has, and whether its network policies hold for private link services. */
  network: {
    by: { subnet: lower },
    says: { free: whole, privateLinkServiceNetworkPolicies: oneOf('Enabled', 'Disabled') },
  },
  /**
   * Which resource a storage account is that is named by its host alone: who may read there is then known; and whether
   * it is open to the public network, over which everybody here comes, and to who signs with one of its keys.
   */
  storage: {
    by: { account: lower },
    says: { id: lower, publicNetworkAccess: oneOf('Enabled', 'Disabled'), allowSharedKeyAccess: flag },
  },
  /** Whether a vault is open to the public network, over which everybody here comes. */
  keyVaults: { by: { vault: lower }, says: { publicNetworkAccess: oneOf('Enabled', 'Disabled') } },
  /** Whether there is a file at an address. */
  files: { by: { uri: lower }, says: { exists: flag } },
  /** Resource providers that a subscription is registered for; all of them as long as nothing is said. */
  registration: { by: { subscription: lower, namespace: lower }, says: { registered: flag } },
  subscriptions: { by: { subscription: lower }, says: { state: oneOf('Disabled', 'Enabled') } },
  /**
   * What a PATCH of a version does to what it does not name, whether a null clears its end of life, and what becomes of a
   * region's type of storage that is left out: no document says, so that this Azure can be one or the other.
   */
  galleries: {
    by: { gallery: lower },
    says: {
      patch: oneOf('merges', 'replaces'),
      endOfLifeNull: oneOf('clears', 'keeps'),
      regionWithoutStorage: oneOf('refused', 'keeps'),
    },
  },
  /** How many of a kind there may be in one place, where Azure's own number is too large to be made. */
  limits: {
    by: {
      what: oneOf(
        'policyDefinitions',
        'policySetDefinitions',
        'policyAssignments',
        'policyExemptions',
        'roleAssignments',
        'containerGroups',
        'imageBuilderTriggers',
      ),
    },
    says: { most: whole },
  },
  /** Whether the public price list has a region. */
  prices: { by: { location: region }, says: { listed: flag } },
  /** What the tenant has paid for beside Entra itself; nothing of it at first. */
  licences: { by: { plan: oneOf('EntraIdP2', 'EntraIdGovernance') }, says: { held: flag } },
  /** Something of somebody else's that keeps a staging group from being deleted. */
  staging: { by: { group: lower }, says: { privateEndpoint: flag } },
  /** A resource provider that takes long to answer, and one whose reads are lost now and then while it builds. */
  providers: { by: { namespace: lower }, says: { answersAfterSeconds: whole, losesEachNthRead: whole } },
  /** In how many groups somebody is beside those that this directory lists. */
  people: { by: { person: lower }, says: { otherGroups: whole } },
  /** Whether Packer reaches a build machine of a size before it gives up: a small Windows may take too long. */
  builds: { by: { size: lower }, says: { reached: flag } },
  /** Azure works on the host of a machine. */
  maintenance: { by: { vm: lower }, says: { running: flag } },
} as const satisfies Readonly<Record<string, Kind>>;

export type ConditionKind = keyof typeof kinds;
export type Condition = Readonly<Record<string, Json>>;

interface ConditionsSection {
  kept: Partial<Record<ConditionKind, Condition[]>>;
}

const section = (world: World): ConditionsSection =>
  world.section<ConditionsSection>('conditions', () => ({ kept: {} }));

/** Everything of a kind that holds for a place: each entry whose `by` says nothing else than `place` does. */
export function conditionsOf(world: World, kind: ConditionKind, place: Condition): readonly Condition[] {
  const names = Object.keys(kinds[kind].by);
  return (section(world).kept[kind] ?? []).filter((entry) =>
    names.every((name) => entry[name] === undefined || entry[name] === checked(kinds[kind].by, name, place[name])),
  );
}

/** What is said about a place, taken together; the entry that says more about where comes last and wins. */
export function condition(world: World, kind: ConditionKind, place: Condition): Condition {
  const narrow = (entry: Condition) => Object.keys(kinds[kind].by).filter((name) => entry[name] !== undefined).length;
  const all = [...conditionsOf(world, kind, place)].sort((a, b) => narrow(a) - narrow(b));
  return Object.assign({}, ...all) as Condition;
}

/** The entry about exactly this place, and no wider one. */
export function exactly(world: World, kind: ConditionKind, place: Condition): Condition | undefined {
  const names = Object.keys(kinds[kind].by);
  return conditionsOf(world, kind, place).find((e) =>
    names.every((n) => (e[n] === undefined) === (place[n] === undefined)),
  );
}

/** Called when a condition is set that counts from now on: answers how much there is at this moment. */
export type Count = (world: World, kind: ConditionKind, entry: Condition) => number;

/** `POST /_sandbox/conditions {quota: [{…}], …}`, `GET` for what is set, `DELETE` to have none. */
export function conditionRoutes(world: World, count: Count): Route[] {
  const [path, host] = ['/_sandbox/conditions', '*'];
  const shown = (): SandboxResponse => ({ status: 200, body: copyOf(section(world).kept) });
  return [
    { method: 'GET', host, path, handle: shown },
    { method: 'POST', host, path, handle: (request) => set(world, request, count) ?? shown() },
    {
      method: 'DELETE',
      host,
      path,
      handle: () => {
        section(world).kept = {};
        return shown();
      },
    },
  ];
}

function set(world: World, { body }: SandboxRequest, count: Count): SandboxResponse | undefined {
  if (!isRecord(body)) return bad('The body must be a JSON object, sent with content-type application/json.');
  const named = Object.entries(body).map(([name, value]) => entriesOf(name, value));
  const problem = named.find((n): n is string => typeof n === 'string');
  if (problem !== undefined) return bad(problem);
  for (const { kind, entries } of named as Named[]) for (const entry of entries) keep(world, kind, entry, count);
  return undefined;
}

interface Named {
  readonly kind: ConditionKind;
  readonly entries: readonly Condition[];
}

function entriesOf(name: string, value: Json | undefined): Named | string {
  if (!(name in kinds)) return `There is no condition \`${name}\`; there are ${Object.keys(kinds).join(', ')}.`;
  const kind = name as ConditionKind;
  if (!Array.isArray(value) || !value.every(isRecord)) return `\`${name}\` is a list of objects.`;
  const problem = value.map((entry) => problemOf(kind, entry as Condition)).find((p) => p !== undefined);
  if (problem !== undefined) return `\`${name}\`: ${problem}`;
  const { by, says } = kinds[kind];
  const all: Readonly<Record<string, Check>> = { ...by, ...says };
  const entries = value.map((entry) => {
    const fields = Object.entries(entry as Condition).map(([n, v]) => [n, v === null ? null : all[n]?.(v)]);
    return Object.fromEntries(fields) as Condition;
  });
  return { kind, entries };
}

function problemOf(kind: ConditionKind, entry: Condition): string | undefined {
  const { by, says } = kinds[kind];
  const all: Readonly<Record<string, Check>> = { ...by, ...says };
  if (!Object.keys(by).some((name) => name in entry)) return `say which: ${Object.keys(by).join(', ')}.`;
  if (!Object.keys(says).some((name) => name in entry)) return `say what is so: ${Object.keys(says).join(', ')}.`;
  for (const [name, value] of Object.entries(entry)) {
    if (!(name in all)) return `there is no \`${name}\`; give ${Object.keys(all).join(', ')}.`;
    if (value !== null && all[name]?.(value) === undefined) return `\`${name}\` cannot be ${JSON.stringify(value)}.`;
  }
  return undefined;
}

/** The newest word about a place counts; null takes a word back. `free` is kept as what there is in all. */
function keep(world: World, kind: ConditionKind, entry: Condition, count: Count): void {
  const { kept } = section(world);
  const names = Object.keys(kinds[kind].by);
  const isSame = (other: Condition) => names.every((n) => (other[n] ?? null) === (entry[n] ?? null));
  const before = kept[kind]?.find(isSame);
  const free = entry['free'];
  const room = typeof free === 'number' ? { room: free + count(world, kind, entry) } : {};
  const now = Object.entries({ ...before, ...entry, ...room }).filter(([, value]) => value !== null);
  const others = (kept[kind] ?? []).filter((other) => !isSame(other));
  const says = now.some(([name]) => name in kinds[kind].says);
  kept[kind] = says ? [...others, Object.fromEntries(now)] : others;
}

function checked(checks: Readonly<Record<string, Check>>, name: string, value: Json | undefined): Json | undefined {
  return value === undefined ? undefined : checks[name]?.(value);
}

function isRecord(value: unknown): value is Record<string, Json> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const bad = (message: string): SandboxResponse => armError(400, 'BadInput', message);
