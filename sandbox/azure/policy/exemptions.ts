import type { SandboxResponse } from '../../kernel/types';
import { armError, key } from '../arm';
import type { OnScope } from '../authorization/on-scopes';
import { isWithin } from '../authorization/scope';
import { list, object, text } from '../compute/resource';
import { tooMany } from './limits';
import { listed, put, refusedName } from './objects';
import { policyNamed, scopeOf } from './section';

export function putExemption(on: OnScope): SandboxResponse {
  const given = object(object(on.request.body)['properties']);
  const refused = refusedName(on.name, 64) ?? refusedExemption(on, given) ?? tooMany(on, 'policyExemptions');
  return refused ?? put(on, 'policyExemptions', { ...given });
}

function refusedExemption(
  { world, scope, name }: OnScope,
  given: ReturnType<typeof object>,
): SandboxResponse | undefined {
  const invalid = (message: string) => armError(400, 'InvalidCreatePolicyExemptionRequest', message);
  const id = text(given['policyAssignmentId']) ?? '';
  const assignment = policyNamed(world, id);
  if (!/\/policyassignments\//i.test(id) || !assignment) {
    return armError(404, 'PolicyAssignmentNotFound', `The policy assignment '${id}' could not be found.`);
  }
  if (!['Waiver', 'Mitigated'].includes(String(given['exemptionCategory']))) {
    return invalid(`The exemption category of '${name}' must be one of 'Waiver, Mitigated'.`);
  }
  const ends = text(given['expiresOn']);
  if (ends !== undefined && Number.isNaN(Date.parse(ends))) return invalid(`'${ends}' is not a date and time.`);
  const ofSet = policyNamed(world, text(assignment.properties['policyDefinitionId']) ?? '');
  if (list(given['policyDefinitionReferenceIds']).length > 0 && !ofSet?.properties['policyDefinitions']) {
    const message = `The policy exemption '${name}' create request is invalid. Policy definition reference IDs are only valid for assignments of policy set definitions.`;
    return armError(400, 'InvalidPolicyDefinitionReference', message);
  }
  if (isWithin(scope, scopeOf(assignment.id))) return undefined;
  return invalid(`The policy exemption '${name}' is not at or below the scope of its policy assignment '${id}'.`);
}

export function listExemptions(on: OnScope): SandboxResponse {
  return listed(on, {
    type: 'policyExemptions',
    known: ['atScope', 'atExactScope', 'policyAssignmentId'],
    wanted: (found, terms) => {
      const assignment = terms['policyassignmentid'];
      if (assignment !== undefined && key(String(found.properties['policyAssignmentId'])) !== key(String(assignment))) {
        return false;
      }
      const own = scopeOf(found.id);
      if (terms['atexactscope']) return key(own) === key(on.scope);
      return isWithin(on.scope, own) || (!terms['atscope'] && isWithin(own, on.scope));
    },
  });
}
