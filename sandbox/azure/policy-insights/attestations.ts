import type { Route, SandboxResponse } from '../../kernel/types';
import type { World } from '../../kernel/world';
import { armError, key } from '../arm';
import { isWithin } from '../authorization/scope';
import { type JsonObject, object, text } from '../compute/resource';
import { scopeOf } from '../policy/section';
import { type Extension, extensionRoutes, listOn, missing, systemData } from './extension';
import { membersOf } from './members';
import { type Kept, policyInsights } from './section';

/** Attestations: the state that somebody answers for, of policies with effect manual. */
export function attestationRoutes(world: World): Route[] {
  const all = () => policyInsights(world).attestations;
  return extensionRoutes(world, 'attestations', {
    list: (on) => listOn(all(), on, view),
    GET: (on) => {
      const found = all()[key(on.id)];
      return found ? { status: 200, body: view(found) } : missing('Attestation', on);
    },
    PUT: put,
    DELETE: (on) => {
      const found = all()[key(on.id)];
      delete all()[key(on.id)];
      return found ? { status: 200, body: view(found) } : { status: 204 };
    },
  });
}

function put(on: Extension): SandboxResponse {
  const { world, request, name, id } = on;
  const given = object(object(request.body)['properties']);
  const refused = refusal(on, given);
  if (refused) return refused;
  const all = policyInsights(world).attestations;
  const before = all[key(id)];
  const now = world.clock.nowMs();
  const at = new Date(now).toISOString();
  const changed = before?.properties['complianceState'] !== given['complianceState'];
  all[key(id)] = {
    id,
    createdMs: before?.createdMs ?? now,
    properties: {
      complianceState: 'Unknown',
      ...given,
      provisioningState: 'Succeeded',
      lastComplianceStateChangeAt: changed ? at : (before?.properties['lastComplianceStateChangeAt'] ?? at),
    },
    systemData: systemData(request, before?.createdMs ?? now, now),
  };
  const body = view(all[key(id)] as Kept);
  return { status: before ? 200 : 201, body: { ...body, name } };
}

function view({ id, properties, systemData: data }: Kept): JsonObject {
  return {
    id,
    name: id.split('/').at(-1) ?? '',
    type: 'Microsoft.PolicyInsights/attestations',
    ...(data && { systemData: data }),
    properties,
  };
}

function refusal({ world, scope, name }: Extension, given: JsonObject): SandboxResponse | undefined {
  const invalid = (why: string) =>
    armError(400, 'InvalidCreateAttestationRequest', `The request to create attestation '${name}' is invalid. ${why}`);
  const id = text(given['policyAssignmentId']) ?? '';
  const members = membersOf(world).filter(({ assignment }) => key(assignment.id) === key(id));
  const [first] = members;
  if (!first) return invalid(`The policy assignment '${id}' could not be found.`);
  if (!isWithin(scope, scopeOf(first.assignment.id))) {
    return invalid(`The scope '${scope}' is not within that of the policy assignment '${id}'.`);
  }
  const reference = text(given['policyDefinitionReferenceId']);
  const meant = reference === undefined ? members : members.filter((m) => key(m.reference ?? '') === key(reference));
  if (!meant.some(({ effect }) => key(effect) === 'manual')) {
    return invalid(`The policy assignment '${id}' has no policy definition with the effect 'manual' that is meant.`);
  }
  const state = given['complianceState'];
  if (state === undefined || ['Compliant', 'NonCompliant', 'Unknown'].includes(String(state))) return undefined;
  return invalid(`The compliance state '${String(state)}' is not one of 'Compliant, NonCompliant, Unknown'.`);
}
