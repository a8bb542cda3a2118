import type { PolicyDenial, PreflightRead } from '../../core/preflight';
import { arm, type Fields, fieldsOf, type ReadContext, textOf } from '../azure';

export function denialRead(azure: ReadContext): Pick<PreflightRead, 'policyDenials'> {
  return {
    /**
     * Policies that would forbid a resource that is about to be made in a subscription or resource group. What the body
     * leaves out counts as not set.
     *
     * @throws UserError `AZ_FORBIDDEN`, `AZ_NOT_FOUND`, `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see POST {scope}/providers/Microsoft.PolicyInsights/checkPolicyRestrictions
     */
    policyDenials: (scope, { apiVersion, ...resourceContent }) =>
      azure.ask('asking what policies forbid', async () => {
        const path = `${scope}/providers/Microsoft.PolicyInsights/checkPolicyRestrictions`;
        const body = { resourceDetails: { resourceContent, apiVersion } };
        const answer = await arm(azure, { method: 'POST', path, version: '2023-03-01', body });
        const { policyEvaluations } = fieldsOf(fieldsOf(answer.body)['contentEvaluationResult']);
        return (Array.isArray(policyEvaluations) ? policyEvaluations : []).flatMap((one) => denialOf(fieldsOf(one)));
      }),
  };
}

/** Evaluations that failed say so in place of a result: they forbid nothing by themselves. */
function denialOf({ policyInfo, evaluationResult, effectDetails }: Fields): PolicyDenial[] {
  const { policyAssignmentId, policyDefinitionId } = fieldsOf(policyInfo);
  const assignment = textOf(policyAssignmentId);
  const effect = textOf(fieldsOf(effectDetails)['policyEffect']) ?? 'deny';
  if (assignment === undefined || evaluationResult !== 'NonCompliant' || effect.toLowerCase() !== 'deny') return [];
  return [{ assignment, definition: textOf(policyDefinitionId) ?? '' }];
}
