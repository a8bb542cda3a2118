import type { SandboxRequest } from '../../kernel/types';
import { key } from '../arm';
import type { JsonObject } from '../compute/resource';
import type { QueryOptions } from './query';
import type { PolicyState } from './records';
import type { Scope } from './scope';
import { type RawState, rawStates } from './section';

interface About {
  readonly request: SandboxRequest;
  readonly scope: Scope;
  readonly options: QueryOptions;
}

/** The worst of several states is that of the whole. */
const worstFirst: readonly RawState[] = ['NonCompliant', 'Conflict', 'Error', 'Unknown', 'Exempt', 'Compliant'];

/** States of resources and of policies, each by the worst. */
class Tally {
  private readonly resources = new Map<string, number>();
  private readonly policies = new Map<string, number>();

  add({ resource, member, state }: PolicyState): void {
    const rank = worstFirst.indexOf(state);
    const id = key(resource.id);
    this.resources.set(id, Math.min(this.resources.get(id) ?? rank, rank));
    this.policies.set(member.key, Math.min(this.policies.get(member.key) ?? rank, rank));
  }

  resourceDetails = (): JsonObject[] => details(this.resources);
  policyDetails = (): JsonObject[] => details(this.policies);
  nonCompliant = (): number => [...this.resources.values()].filter((rank) => rank === 0).length;
  nonCompliantPolicies = (): number => [...this.policies.values()].filter((rank) => rank === 0).length;
  groupDetails = (): JsonObject[] => details(this.resources);
}

function details(ranks: ReadonlyMap<string, number>): JsonObject[] {
  const counts = new Map<RawState, number>();
  for (const rank of ranks.values()) {
    const state = worstFirst[rank] ?? 'Unknown';
    counts.set(state, (counts.get(state) ?? 0) + 1);
  }
  return rawStates
    .filter((state) => counts.has(state))
    .map((state) => ({ complianceState: state.toLowerCase(), count: counts.get(state) ?? 0 }));
}

interface Group {
  readonly tally: Tally;
  readonly sample: PolicyState;
  readonly members: Map<string, { readonly tally: Tally; readonly sample: PolicyState }>;
}

/** What `summarize` answers: the whole, each assignment, and each definition of it. */
export function summaryOf(found: Iterable<{ readonly state: PolicyState }>, about: About): JsonObject {
  const whole = new Tally();
  const groups = new Map<string, Group>();
  for (const { state } of found) {
    whole.add(state);
    const id = key(state.member.assignment.id);
    const group = groups.get(id) ?? { tally: new Tally(), sample: state, members: new Map() };
    groups.set(id, group);
    group.tally.add(state);
    const member = group.members.get(state.member.key) ?? { tally: new Tally(), sample: state };
    group.members.set(state.member.key, member);
    member.tally.add(state);
  }
  const ordered = [...groups.values()].sort((a, b) => b.tally.nonCompliant() - a.tally.nonCompliant());
  return {
    results: { ...results(whole, about, ''), policyGroupDetails: whole.groupDetails() },
    policyAssignments: ordered.slice(0, about.options.top).map((group) => assignmentOf(group, about)),
  };
}

function results(tally: Tally, about: About, more: string): JsonObject {
  return {
    queryResultsUri: queryUri(about, more),
    nonCompliantResources: tally.nonCompliant(),
    nonCompliantPolicies: tally.nonCompliantPolicies(),
    resourceDetails: tally.resourceDetails(),
    policyDetails: tally.policyDetails(),
  };
}

function assignmentOf({ tally, sample, members }: Group, about: About): JsonObject {
  const { assignment, set } = sample.member;
  const own = ` and PolicyAssignmentId eq '${key(assignment.id)}'`;
  const { nonCompliantPolicies: _, ...ofGroup } = results(
    tally,
    about,
    `${own} and PolicySetDefinitionId eq '${set ? key(set.id) : ''}' and '' in PolicyDefinitionGroupNames`,
  );
  return {
    policyAssignmentId: key(assignment.id),
    policySetDefinitionId: set ? key(set.id) : '',
    results: { ...results(tally, about, own), policyGroupDetails: tally.groupDetails() },
    policyDefinitions: [...members.values()].map((member) => definitionOf(member, about, own)),
    policyGroups: [{ policyGroupName: '', results: { ...ofGroup, policyGroupDetails: tally.groupDetails() } }],
  };
}

function definitionOf({ tally, sample }: Omit<Group, 'members'>, about: About, own: string): JsonObject {
  const { definition, reference = '', effect } = sample.member;
  const more = `${own} and PolicyDefinitionId eq '${key(definition.id)}'`;
  const { nonCompliantPolicies: _, ...some } = results(tally, about, more);
  return {
    policyDefinitionGroupNames: [''],
    policyDefinitionReferenceId: key(reference),
    policyDefinitionId: key(definition.id),
    effect: key(effect),
    results: { ...some, policyGroupDetails: tally.groupDetails() },
  };
}

/** Where the raw records are, as Azure writes it: not encoded, and with its own form of times. */
function queryUri({ request, scope, options }: About, more: string): string {
  const time = (atMs: number) =>
    new Date(atMs)
      .toISOString()
      .replace('T', ' ')
      .replace(/\.\d+Z$/, 'Z');
  const filter = request.url.searchParams.get('$filter');
  const all = `${filter ? `(${filter})` : ''}${filter ? more : more.replace(/^ and /, '')}`;
  const version = request.url.searchParams.get('api-version');
  const path = `https://management.azure.com${scope.written}/providers/Microsoft.PolicyInsights/policyStates/latest/queryResults`;
  return `${path}?api-version=${version}&$from=${time(options.fromMs)}&$to=${time(options.toMs)}${all ? `&$filter=${all}` : ''}`;
}
