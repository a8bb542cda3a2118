import { key } from '../arm';
import { type JsonObject, object, type Resource, text } from '../compute/resource';
import { groupsOver } from '../estate/management-groups';
import { type PolicyObject, scopeOf } from '../policy/section';
import type { Member } from './members';
import type { RawState } from './section';

/** One state of one resource. */
export interface PolicyState {
  readonly resource: Resource;
  readonly member: Member;
  readonly state: RawState;
  readonly atMs: number;
}

/** Which states: those under a scope (lower case, no slash at its end), those of the resources from an id on. */
export interface Which {
  readonly scope?: string;
  readonly after?: string;
  /** `live`: without the VMs of a synthetic estate that nobody touched. */
  readonly which?: 'all' | 'live';
}

/** A state and the lower-case id of its resource, with a slash at its end: then `vm-1` and `vm` sort as their states do. */
export interface Placed {
  readonly place: string;
  readonly state: PolicyState;
}

/** How the portal and Resource Graph order states: the worst has the greatest weight. */
export const stateWeights: Readonly<Record<RawState, number>> = {
  NonCompliant: 300,
  Compliant: 200,
  Conflict: 100,
  Error: 75,
  Exempt: 50,
  Unknown: 25,
};

/** A state as Policy Insights answers it, in the order of recorded ones. */
export function recordOf(one: PolicyState): JsonObject {
  const { resource, member, state, atMs } = one;
  const { head, tail } = partsOf(member);
  return {
    timestamp: new Date(atMs).toISOString(),
    resourceId: key(resource.id),
    ...head,
    isCompliant: state !== 'NonCompliant',
    ...placeOf(resource),
    resourceTags: 'tbd',
    ...tail,
    managementGroupIds: managementGroupIds(resource.id),
    policyDefinitionReferenceId: key(member.reference ?? ''),
    complianceState: state,
    policyDefinitionGroupNames: [''],
    policyDefinitionVersion: String(member.definition.properties['version'] ?? '1.0.0'),
    policySetDefinitionVersion: member.set ? String(member.set.properties['version'] ?? '1.0.0') : '',
    policyAssignmentVersion: '',
    complianceReasonCode: '',
  };
}

function placeOf({ id, type, location }: Resource): JsonObject {
  const [, , subscriptionId = '', , resourceGroup = ''] = id.split('/', 5);
  return { subscriptionId, resourceType: type, resourceLocation: location, resourceGroup };
}

export function managementGroupIds(id: string): string {
  return groupsOver(id.split('/', 3)[2] ?? '')
    .map(({ name }) => name)
    .join(',');
}

interface Parts {
  readonly head: JsonObject;
  readonly tail: JsonObject;
}

const parts = new WeakMap<Member, Parts>();

/** What the states of a member have in common. */
function partsOf(member: Member): Parts {
  const known = parts.get(member);
  if (known) return known;
  const { assignment, definition, set } = member;
  const made: Parts = {
    head: {
      policyAssignmentId: key(assignment.id),
      policyDefinitionId: key(definition.id),
      effectiveParameters: '',
    },
    tail: {
      policyAssignmentName: assignment.name,
      policyAssignmentOwner: 'tbd',
      policyAssignmentParameters: JSON.stringify(object(assignment.properties['parameters'])),
      policyAssignmentScope: scopeOf(assignment.id),
      policyDefinitionName: definition.name,
      policyDefinitionAction: key(member.effect),
      policyDefinitionCategory: categoryOf(definition),
      policySetDefinitionId: set ? key(set.id) : '',
      policySetDefinitionName: set?.name ?? '',
      policySetDefinitionOwner: '',
      policySetDefinitionCategory: set ? categoryOf(set) : '',
      policySetDefinitionParameters: '',
    },
  };
  parts.set(member, made);
  return made;
}

const categoryOf = ({ properties }: PolicyObject): string =>
  (text(object(properties['metadata'])['category']) ?? '').toLowerCase();
