import type { World } from '../../kernel/world';
import { key } from '../arm';
import { isWithin } from '../authorization/scope';
import { list, type Resource, type SeedParameters } from '../compute/resource';
import { syntheticSubscription, vmsPerSubscription } from '../estate/shape';
import {
  syntheticClass,
  syntheticGroupId,
  syntheticGroupOf,
  syntheticGroupStarts,
  syntheticTeamOf,
} from '../estate/synthetic';
import { policies, scopeOf } from '../policy/section';
import { lastCycle } from './cycle';
import { judge } from './judge';
import type { Member } from './members';
import { policyInsights, type RawState } from './section';

const minute = 60_000;

export type Judged = readonly (readonly [member: number, state: RawState])[];

/** States that a VM's class does not explain and that only a run of Azure Policy could reveal. */
const oddStates = [undefined, 'NonCompliant', 'Exempt', 'Conflict', 'Unknown', 'Error'] as const;
const nothing: Judged = [];

/** Derives the states of a synthetic estate's VMs from their numbers; VMs that are alike are judged once. */
export class SyntheticJudge {
  private readonly known = new Map<number, Judged>();
  private readonly cycle: number;
  /** For each resource group, the last evaluation that somebody asked for; mostly nobody did. */
  private readonly scans: readonly number[];
  private readonly special: Special;

  constructor(
    private readonly world: World,
    private readonly seed: SeedParameters,
    private readonly members: readonly Member[],
  ) {
    this.cycle = lastCycle(world.clock.nowMs());
    this.special = specialScopes(world, members);
    this.scans = scansOf(world, seed);
  }

  /** World time of the last evaluation: the daily one takes four hours. */
  atMs(n: number): number {
    const daily = this.cycle - ((n * 37) % 240) * minute;
    return Math.max(daily, this.scans[syntheticGroupOf(this.seed, n)] ?? 0);
  }

  /** One in 150 was never evaluated; nothing is known about it. Members are identified by their index. */
  statesOf(n: number, resource: Resource): Judged {
    if (n % 150 === 149) return nothing;
    const subscription = Math.floor(n / vmsPerSubscription);
    const { subscriptions, ids, names, teams } = this.special;
    if (names || (ids.size > 0 && ids.has(key(resource.id)))) return this.judged(n, resource);
    const place = subscriptions.has(subscription) ? syntheticGroupOf(this.seed, n) + 1 : 0;
    const team = teams ? syntheticTeamOf(this.seed, n) : 0;
    const kind = ((syntheticClass(this.seed, n) * 8 + oddity(n)) * 8_192 + place) * 1_024 + team;
    const found = this.known.get(kind) ?? this.judged(n, resource);
    this.known.set(kind, found);
    return found;
  }

  private judged(n: number, resource: Resource): Judged {
    const odd = oddStates[oddity(n)];
    const states = new Map(
      judge(this.world, resource, this.members, this.cycle).map(({ member, state }) => [member, state]),
    );
    return this.members.flatMap((member, at): Judged => {
      const state = states.get(member.key);
      if (state === undefined) return [];
      return [[at, odd !== undefined && state === 'Compliant' && at % 3 === 0 ? odd : state]];
    });
  }
}

/** 0 for most VMs. */
function oddity(n: number): number {
  const at = (n * 7_919) % 1_000;
  if (at < 60) return 1;
  if (at < 80) return 2;
  if (at < 84) return 3;
  if (at < 90) return 4;
  return at < 95 ? 5 : 0;
}

function scansOf(world: World, seed: SeedParameters): readonly number[] {
  const { scans } = policyInsights(world);
  if (scans.length === 0) return [];
  return syntheticGroupStarts(seed).map((n) => {
    const group = key(syntheticGroupId(seed, n));
    return Math.max(0, ...scans.filter(({ scope }) => isWithin(group, scope)).map(({ endMs }) => endMs));
  });
}

interface Special {
  /** Numbers of subscriptions that policies tell apart from the others. */
  readonly subscriptions: ReadonlySet<number>;
  /** Lower-case ids of VMs that policies name. */
  readonly ids: ReadonlySet<string>;
  /** Rules look at names: each VM is judged for itself. */
  readonly names: boolean;
  /** Rules look at which team a VM belongs to. */
  readonly teams: boolean;
}

function specialScopes(world: World, members: readonly Member[]): Special {
  const { policyAssignments, policyExemptions } = policies(world);
  const scopes = [...Object.values(policyAssignments), ...Object.values(policyExemptions)].flatMap((one) => [
    scopeOf(one.id),
    ...list(one.properties['notScopes']).map(String),
  ]);
  const written = members.map(({ definition, parameters }) =>
    JSON.stringify([definition.properties['policyRule'] ?? null, parameters]).toLowerCase(),
  );
  const named = scopes.map((scope) => /^\/subscriptions\/([^/]+)/i.exec(scope)?.[1]?.toLowerCase());
  const numbers = Array.from({ length: 50 }, (_, n) => n).filter((n) => named.includes(syntheticSubscription(n)));
  return {
    subscriptions: new Set(numbers),
    ids: new Set(scopes.map(key).filter((scope) => scope.includes('/virtualmachines/'))),
    names: written.some((text) => /"field":"(?:name|id|fullname)"|field\('(?:name|id|fullname)'\)/.test(text)),
    teams: written.some((text) => /\{"field":"tags\['?team'?\]","(?!exists)/.test(text)),
  };
}
