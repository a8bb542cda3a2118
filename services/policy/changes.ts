import type { ChangeRead, ChangeWrite, ExemptionSpec, Remediation, RemediationSpec } from '../../core/azure';
import { nameOfId, parseAzureId } from '../../core/azure-id';
import type { Exemption } from '../../core/compliance';
import { arm, fieldsOf, type ReadContext, textOf, unlessMissing, type WriteContext } from '../azure';

const exemptions = '2022-07-01-preview';
const insights = '2024-10-01';

export function policyChangeRead(azure: ReadContext): Pick<ChangeRead, 'exemption' | 'remediation' | 'evaluation'> {
  return {
    /**
     * An exemption by its resource id; undefined when there is none.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET {scope}/providers/Microsoft.Authorization/policyExemptions/{name}
     */
    exemption: (id) =>
      azure.ask(`asking about the exemption “${nameOfId(id)}”`, async () => {
        const found = await unlessMissing(arm(azure, { method: 'GET', path: id, version: exemptions }));
        return found && exemptionIn(id, found.body);
      }),

    /**
     * A remediation by its resource id; undefined when there is none.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET {scope}/providers/Microsoft.PolicyInsights/remediations/{name}
     */
    remediation: (id) =>
      azure.ask(`asking about the remediation “${nameOfId(id)}”`, async () => {
        const found = await unlessMissing(arm(azure, { method: 'GET', path: id, version: insights }));
        return found && remediationIn(found.body);
      }),

    /**
     * Whether an evaluation is over, by the URL that starting it returned. One that Azure has forgotten is over.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET …/asyncOperationResults/{id}
     */
    evaluation: (url) =>
      azure.ask('asking whether the evaluation is over', async () => {
        const found = await unlessMissing(arm(azure, { method: 'GET', path: url, version: insights }));
        return found?.status === 202 ? 'running' : 'done';
      }),
  };
}

export function policyChangeWrite(
  azure: WriteContext,
): Pick<ChangeWrite, 'putExemption' | 'startRemediation' | 'startEvaluation'> {
  return {
    putExemption: (id, spec) => putExemption(azure, id, spec),
    startRemediation: (id, spec) => startRemediation(azure, id, spec),
    startEvaluation: (scope) => startEvaluation(azure, scope),
  };
}

/**
 * Creates or renews an exemption. Safe to repeat: the same id is the same exemption.
 *
 * @throws UserError `AZ_NOT_FOUND` (no such machine or assignment), `AZ_BAD_REQUEST`, `AZ_FORBIDDEN` (the assignment's
 * scope needs `policyAssignments/exempt/action`), `AZ_THROTTLED`, `AZ_SILENT`, `FENCED`.
 * @see PUT {scope}/providers/Microsoft.Authorization/policyExemptions/{name}
 */
function putExemption(azure: WriteContext, id: string, spec: ExemptionSpec): Promise<void> {
  const properties = {
    policyAssignmentId: spec.assignment,
    ...(spec.reference !== undefined && { policyDefinitionReferenceIds: [spec.reference] }),
    exemptionCategory: 'Waiver',
    displayName: spec.title,
    description: spec.reason,
    expiresOn: spec.expiresAt.toISOString(),
    metadata: { goldbot: { run: spec.run } },
  };
  return azure.change(`exempting from “${nameOfId(spec.assignment)}”`, async () => {
    await arm(azure, { method: 'PUT', path: id, version: exemptions, body: { properties } });
  });
}

/**
 * Starts a remediation of one resource. Safe to repeat: the same id is the same task, and one that exists is left alone
 * (a PUT of a task that has ended would start it again).
 *
 * @throws UserError `AZ_BAD_REQUEST` (the policy cannot remediate, or its assignment has no identity), `AZ_NOT_FOUND`,
 * `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_SILENT`, `FENCED`.
 * @see PUT {resource}/providers/Microsoft.PolicyInsights/remediations/{name}
 */
function startRemediation(azure: WriteContext, id: string, spec: RemediationSpec): Promise<void> {
  return azure.change(`remediating “${nameOfId(spec.assignment)}”`, async () => {
    if (await unlessMissing(arm(azure.read, { method: 'GET', path: id, version: insights }))) return;
    const properties = {
      policyAssignmentId: spec.assignment,
      ...(spec.reference !== undefined && { policyDefinitionReferenceId: spec.reference }),
      resourceDiscoveryMode: 'ExistingNonCompliant',
      resourceCount: 1,
      parallelDeployments: 1,
    };
    await arm(azure, { method: 'PUT', path: id, version: insights, body: { properties } });
  });
}

/**
 * Asks Azure Policy to evaluate a subscription or resource group now; returns the URL to ask whether it is over,
 * undefined when it is over at once. A repeat starts another evaluation, which costs Azure time and changes nothing.
 *
 * @throws UserError `AZ_FORBIDDEN`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT` (it may have been accepted),
 * `FENCED`.
 * @see POST {scope}/providers/Microsoft.PolicyInsights/policyStates/latest/triggerEvaluation
 */
function startEvaluation(azure: WriteContext, scope: string): Promise<string | undefined> {
  const path = `${scope}/providers/Microsoft.PolicyInsights/policyStates/latest/triggerEvaluation`;
  return azure.change(`asking Azure Policy to evaluate “${nameOfId(scope)}”`, async () => {
    const { headers, status } = await arm(azure, { method: 'POST', path, version: insights });
    return status === 202 ? headers.get('location') : undefined;
  });
}

function exemptionIn(id: string, body: unknown): Exemption {
  const properties = fieldsOf(fieldsOf(body)['properties']);
  const reason = textOf(properties['description']);
  const expires = textOf(properties['expiresOn']);
  return {
    id,
    name: nameOfId(id),
    scope: parseAzureId(id)?.scope.toLowerCase() ?? '',
    assignment: (textOf(properties['policyAssignmentId']) ?? '').toLowerCase(),
    category: properties['exemptionCategory'] === 'Mitigated' ? 'Mitigated' : 'Waiver',
    ...(reason !== undefined && { reason }),
    ...(expires !== undefined && { expiresAt: new Date(expires) }),
  };
}

const ended: Readonly<Record<string, Remediation['state']>> = {
  succeeded: 'succeeded',
  complete: 'succeeded',
  failed: 'failed',
  canceled: 'cancelled',
  cancelled: 'cancelled',
};

/** Azure documents `provisioningState` as any text; whatever is not over is running. */
function remediationIn(body: unknown): Remediation {
  const properties = fieldsOf(fieldsOf(body)['properties']);
  const status = fieldsOf(properties['deploymentStatus']);
  const message = textOf(properties['statusMessage']);
  const number = (name: string) => (typeof status[name] === 'number' ? (status[name] as number) : 0);
  return {
    state: ended[(textOf(properties['provisioningState']) ?? '').toLowerCase()] ?? 'running',
    total: number('totalDeployments'),
    succeeded: number('successfulDeployments'),
    ...(message !== undefined && { message }),
  };
}
