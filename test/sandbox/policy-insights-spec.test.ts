import { teamGroup } from '../../sandbox/azure/estate/shape';
import { judgeProtocol } from '../conformance/protocol';
import { judged } from '../conformance/shared';
import { judgeSpec } from '../conformance/spec';
import { judgeTypes } from '../conformance/types';
import { everything, insightsWorld, machineOf } from './policy-insights-world';

const landing = '/providers/Microsoft.Management/managementGroups/landing-zones/providers/Microsoft.Authorization';
const legacy = teamGroup('legacy');
const subscription = legacy.slice(0, legacy.indexOf('/resourceGroups'));
const insights = 'providers/Microsoft.PolicyInsights';
const vm = machineOf('legacy', 'vm-legacy-core-001');

/** Every operation at every kind of scope, with what is refused. */
async function exchanges() {
  const { sandbox, send, query, wait } = insightsWorld();
  for (const scope of [everything, subscription, legacy, vm]) {
    await query(scope, { $top: '3' });
    await query(scope, { $top: '2' }, 'policyStates/latest/summarize');
    await query(scope, { $top: '2' }, 'policyEvents/default/queryResults');
  }
  await query(legacy, { $filter: 'colour eq 1' });
  await query(legacy, { $top: '1', $expand: 'PolicyEvaluationDetails' });
  const triggered = await send(
    'POST',
    `${legacy}/${insights}/policyStates/latest/triggerEvaluation?api-version=2024-10-01`,
  );
  await send('POST', `${subscription}/${insights}/policyStates/latest/triggerEvaluation?api-version=2024-10-01`);
  const location = triggered.headers?.['location'] ?? '';
  await send('GET', location);
  wait(10);
  await send('GET', location);
  const remediation = `${legacy}/${insights}/remediations/tags`;
  const properties = { policyAssignmentId: `${landing}/policyAssignments/machine-baseline` };
  await send('PUT', `${remediation}?api-version=2024-10-01`, { properties });
  await send('PUT', `${remediation}?api-version=2024-10-01`, {
    properties: { ...properties, policyDefinitionReferenceId: 'inheritTeamTag' },
  });
  await send('GET', `${remediation}?api-version=2024-10-01`);
  await send('POST', `${remediation}/listDeployments?api-version=2024-10-01`);
  await send('POST', `${remediation}/cancel?api-version=2024-10-01`);
  wait(10);
  await send('GET', `${legacy}/${insights}/remediations?api-version=2024-10-01`);
  await send('DELETE', `${remediation}?api-version=2024-10-01`);
  const attestation = `${vm}/${insights}/attestations/tested`;
  const assignment = `${legacy}/providers/Microsoft.Authorization/policyAssignments/recovery-tested`;
  await send('PUT', `${attestation}?api-version=2024-10-01`, {
    properties: { policyAssignmentId: assignment, complianceState: 'Compliant', comments: 'restored on Sunday' },
  });
  await send('GET', `${attestation}?api-version=2024-10-01`);
  await send('GET', `${vm}/${insights}/attestations?api-version=2024-10-01`);
  await send('DELETE', `${attestation}?api-version=2024-10-01`);
  const guest = `${machineOf('web', 'vm-web-cms-002')}/providers/Microsoft.GuestConfiguration/guestConfigurationAssignments`;
  const one = await send('GET', `${guest}?api-version=2024-04-05`);
  const { value } = one.body as { value: { name: string; properties: { latestReportId: string } }[] };
  await send('GET', `${guest}/${value[0]?.name}?api-version=2024-04-05`);
  await send('GET', `${guest}/${value[0]?.name}/reports?api-version=2024-04-05`);
  await send('GET', `${value[0]?.properties.latestReportId}?api-version=2024-04-05`);
  await send('GET', `${guest}/nothing?api-version=2024-04-05`);
  return sandbox.exchanges;
}

/** About the sender, who is this test. */
const notOurs = ['bearer token', 'content of a request', 'api-version', 'ids'];
/** Remediations have states of their own and are polled plainly, and a scan's Location answers 202: as recorded. */
const ofRemediations = ['provisioning states', 'headers of an unfinished resource'];
const ofScans = ['statuses'];

/** Judged by the resource types; where a scan is polled no specification says. */
const withoutSpec = /\/Microsoft\.GuestConfiguration\/|\/asyncOperationResults\//;

function notAsked(url: string): string[] {
  if (/\/remediations/.test(url)) return [...notOurs, ...ofRemediations];
  return /\/asyncOperationResults/.test(url) ? [...notOurs, ...ofScans] : notOurs;
}

judged('Policy Insights and guest configuration, by the specification and the resource types', () => {
  it('finds nothing wrong with any exchange, and knows every operation', async () => {
    const operations = new Set<string>();
    const wrong: string[] = [];
    for (const exchange of await exchanges()) {
      const { operation, wrong: bySpec } = await judgeSpec(exchange);
      if (!withoutSpec.test(exchange.url)) operations.add(operation ?? `unknown: ${exchange.method} ${exchange.url}`);
      const all = [...bySpec, ...(judgeTypes(exchange) ?? []), ...judgeProtocol(exchange, notAsked(exchange.url))];
      wrong.push(...all.map((text) => `${exchange.method} ${exchange.url} ${exchange.status}: ${text}`));
    }
    expect(wrong).toEqual([]);
    expect([...operations].sort()).toEqual([
      'Attestations_CreateOrUpdateAtResource',
      'Attestations_DeleteAtResource',
      'Attestations_GetAtResource',
      'Attestations_ListForResource',
      'PolicyEvents_ListQueryResultsForManagementGroup',
      'PolicyEvents_ListQueryResultsForResource',
      'PolicyEvents_ListQueryResultsForResourceGroup',
      'PolicyEvents_ListQueryResultsForSubscription',
      'PolicyStates_ListQueryResultsForManagementGroup',
      'PolicyStates_ListQueryResultsForResource',
      'PolicyStates_ListQueryResultsForResourceGroup',
      'PolicyStates_ListQueryResultsForSubscription',
      'PolicyStates_SummarizeForManagementGroup',
      'PolicyStates_SummarizeForResource',
      'PolicyStates_SummarizeForResourceGroup',
      'PolicyStates_SummarizeForSubscription',
      'PolicyStates_TriggerResourceGroupEvaluation',
      'PolicyStates_TriggerSubscriptionEvaluation',
      'Remediations_CancelAtResourceGroup',
      'Remediations_CreateOrUpdateAtResourceGroup',
      'Remediations_DeleteAtResourceGroup',
      'Remediations_GetAtResourceGroup',
      'Remediations_ListDeploymentsAtResourceGroup',
      'Remediations_ListForResourceGroup',
    ]);
  });
});
