import type { World } from '../../kernel/world';
import { key } from '../arm';
import { isWithin } from '../authorization/scope';
import { type JsonObject, list, object, type Resource, text } from '../compute/resource';
import { evaluatePolicies, type InForce, type PolicyVerdict } from '../policy/in-force';
import type { PolicyObject } from '../policy/section';
import { type Member, memberKey } from './members';
import { policyInsights, type RawState } from './section';

export interface Judgement {
  /** Key of the member. */
  readonly member: string;
  readonly state: RawState;
  readonly verdict: PolicyVerdict;
}

/** What Azure Policy would say about a resource at this time, given everything in force over it. */
export function judge(world: World, resource: Resource, members: readonly Member[], atMs: number): Judgement[] {
  const puts = putsOf(members, key(resource.type));
  const body = resource as unknown as JsonObject;
  const verdicts = evaluatePolicies(world, { id: resource.id, type: resource.type, body }, { atMs, puts });
  const contested = contestedFields(verdicts);
  return verdicts.map((verdict) => {
    const member = memberKey(verdict.assignment.id, verdict.reference);
    return { member, verdict, state: stateOf(world, verdict, { id: resource.id, atMs, contested }) };
  });
}

type Puts = ReadonlyMap<string, readonly InForce[]>;
const known = new WeakMap<readonly Member[], Map<string, Puts>>();

/** What each assignment puts in force for resources of a type; sorted out once for all that are judged by these members. */
function putsOf(members: readonly Member[], type: string): (assignment: PolicyObject) => readonly InForce[] {
  const types = known.get(members) ?? new Map<string, Puts>();
  known.set(members, types);
  const found = types.get(type) ?? byAssignment(members.filter((member) => member.types?.has(type) ?? true));
  types.set(type, found);
  return ({ id }) => found.get(key(id)) ?? [];
}

/** In the order of the set that is assigned. */
function byAssignment(members: readonly Member[]): Puts {
  const found = new Map<string, InForce[]>();
  for (const { assignment, one } of members.toSorted((a, b) => a.place - b.place)) {
    const id = key(assignment.id);
    found.set(id, [...(found.get(id) ?? []), one]);
  }
  return found;
}

interface About {
  readonly id: string;
  readonly atMs: number;
  readonly contested: ReadonlySet<string>;
}

function stateOf(world: World, verdict: PolicyVerdict, { id, atMs, contested }: About): RawState {
  if (verdict.state === 'Exempt') return 'Exempt';
  if (verdict.failed) return 'Error';
  if (key(verdict.effect) === 'manual') return attested(world, verdict, id, atMs);
  if (verdict.state === 'NonCompliant' && writes(verdict).some(({ field }) => contested.has(field))) return 'Conflict';
  return verdict.state;
}

/** For a manual policy: the attested state while the attestation lasts, otherwise the definition's initial state. */
function attested(world: World, verdict: PolicyVerdict, id: string, atMs: number): RawState {
  if (verdict.state === 'Compliant') return 'Compliant';
  const found = Object.values(policyInsights(world).attestations)
    .filter(({ properties }) => key(text(properties['policyAssignmentId']) ?? '') === key(verdict.assignment.id))
    .filter(({ properties }) => {
      const reference = text(properties['policyDefinitionReferenceId']);
      return reference === undefined || key(reference) === key(verdict.reference ?? '');
    })
    .filter(({ properties }) => !(Date.parse(text(properties['expiresOn']) ?? '') <= atMs))
    .findLast((one) => isWithin(id, one.id.slice(0, key(one.id).lastIndexOf('/providers/microsoft.policyinsights/'))));
  const begins = detailsOf(verdict)['defaultState'];
  return (found?.properties['complianceState'] ?? begins ?? 'Unknown') as RawState;
}

function detailsOf({ definition }: PolicyVerdict): JsonObject {
  return object(object(object(definition.properties['policyRule'])['then'])['details']);
}

/** The fields that a policy with effect modify wants to write, and the values, before parameters are filled in. */
function writes(verdict: PolicyVerdict): { field: string; value: string }[] {
  if (key(verdict.effect) !== 'modify') return [];
  return list(detailsOf(verdict)['operations'])
    .map(object)
    .map((operation) => ({ field: key(String(operation['field'])), value: valueWritten(verdict, operation) }));
}

const valueWritten = ({ parameters }: PolicyVerdict, { value }: JsonObject): string =>
  String(value).replace(/^\[parameters\('([^']+)'\)\]$/, (_, name: string) => String(parameters[name]));

/** Fields that two policies want to write differently: Azure applies neither. */
function contestedFields(verdicts: readonly PolicyVerdict[]): ReadonlySet<string> {
  const wanted = new Map<string, string>();
  const contested = new Set<string>();
  for (const { field, value } of verdicts.filter(({ state }) => state === 'NonCompliant').flatMap(writes)) {
    if (wanted.has(field) && wanted.get(field) !== value) contested.add(field);
    wanted.set(field, value);
  }
  return contested;
}
