import type { ChangeRead, ChangeWrite } from '../../core/azure';
import { nameOfId } from '../../core/azure-id';
import { type BaselineState, baselineId, baselineProperties } from '../../core/compliance';
import { arm, fieldsOf, type ReadContext, textOf, unlessMissing, type WriteContext } from '../azure';

const version = '2025-03-01';

export function baselineRead(azure: ReadContext): Pick<ChangeRead, 'baseline'> {
  return {
    /**
     * A policy assignment by its resource id; undefined when there is none.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET {scope}/providers/Microsoft.Authorization/policyAssignments/{name}
     */
    baseline: (id) =>
      azure.ask(`asking about the assignment “${nameOfId(id)}”`, async () => {
        const found = await unlessMissing(arm(azure, { method: 'GET', path: id, version }));
        return found && stateIn(found.body);
      }),
  };
}

export function baselineWrite(azure: WriteContext): Pick<ChangeWrite, 'assignBaseline'> {
  return {
    /**
     * Assigns a policy of Azure's own, with a system-assigned identity. Safe to repeat: the same name is the same
     * assignment, which keeps its identity. The identity has no role.
     *
     * @throws UserError `AZ_BAD_REQUEST`, `AZ_NOT_FOUND` (no such scope or definition), `AZ_FORBIDDEN`, `AZ_THROTTLED`,
     * `AZ_SILENT`, `FENCED`.
     * @see PUT {scope}/providers/Microsoft.Authorization/policyAssignments/{name}
     */
    assignBaseline: ({ scope, location }, assignment) =>
      azure.change(`assigning “${assignment.name}” to “${nameOfId(scope)}”`, async () => {
        const body = { location, identity: { type: 'SystemAssigned' }, properties: baselineProperties(assignment) };
        await arm(azure, { method: 'PUT', path: baselineId(scope, assignment), version, body });
      }),
  };
}

function stateIn(body: unknown): BaselineState {
  const { properties: given, identity } = fieldsOf(body);
  const properties = fieldsOf(given);
  const principal = textOf(fieldsOf(identity)['principalId']);
  return {
    definition: textOf(properties['policyDefinitionId']) ?? '',
    enforced: properties['enforcementMode'] !== 'DoNotEnforce',
    ...(principal !== undefined && { identity: principal }),
  };
}
