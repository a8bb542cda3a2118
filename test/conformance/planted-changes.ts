import { type Planted, properties, renamed } from './planted-body';

/** Of the changes for teams: one of each kind for goldbot's services and for the sandbox. */
export const plantedInChanges: readonly Planted[] = [
  {
    mistake: 'services: a word that tags do not take',
    operation: 'Tags_UpdateAtScope',
    plant: ({ requestBody }) => {
      (requestBody as Record<string, unknown>)['operation'] = 'Add';
    },
    caught: /operation/,
  },
  {
    mistake: 'services: an api-version that goldbot does not mean',
    operation: 'Tags_GetAtScope',
    plant: (exchange) => {
      exchange.url = exchange.url.replace('2025-04-01', '2021-04-01');
    },
    caught: /api-version is 2021-04-01/,
  },
  {
    mistake: 'services: a category that exemptions do not have',
    operation: 'PolicyExemptions_CreateOrUpdate',
    plant: ({ requestBody }) => {
      (properties(requestBody) as Record<string, unknown>)['exemptionCategory'] = 'Waived';
    },
    caught: /exemptionCategory of the request/,
  },
  {
    mistake: 'services: a typo in a field of a policy definition',
    operation: 'PolicyDefinitions_CreateOrUpdate',
    plant: ({ requestBody }) => renamed(properties(requestBody), 'policyRule', 'rule'),
    caught: /rule/,
  },
  {
    mistake: 'services: a typo in a field of an assignment, which no specification judges',
    operation: 'PolicyAssignments_Create',
    plant: ({ requestBody }) => renamed(properties(requestBody), 'policyDefinitionId', 'definitionId'),
    caught: /request \/properties\/definitionId: is no field/,
  },
  {
    mistake: 'services: a wrong enum value in a remediation',
    operation: 'Remediations_CreateOrUpdateAtResource',
    plant: ({ requestBody }) => {
      (properties(requestBody) as Record<string, unknown>)['resourceDiscoveryMode'] = 'Existing';
    },
    caught: /resourceDiscoveryMode/,
  },
  {
    mistake: 'services: an address that nobody knows at a provider without a specification',
    operation: 'Tags_GetAtScope',
    plant: (exchange) => {
      exchange.url = exchange.url.replace('/tags/default', '/labels/default');
    },
    caught: /unknown operation/,
  },
  {
    mistake: 'sandbox: a number as a text in the answer about a remediation',
    operation: 'Remediations_GetAtResource',
    plant: ({ responseBody }) => {
      const status = properties(responseBody)['deploymentStatus'] as Record<string, unknown>;
      status['totalDeployments'] = 'one';
    },
    caught: /totalDeployments/,
  },
  {
    mistake: 'sandbox: a state that remediations do not have',
    operation: 'Remediations_GetAtResource',
    plant: ({ responseBody }) => {
      (properties(responseBody) as Record<string, unknown>)['provisioningState'] = 'Mending';
    },
    caught: /provisioning states: .* is Mending/,
  },
  {
    mistake: 'sandbox: a scan that nobody can wait for',
    operation: 'PolicyStates_TriggerResourceGroupEvaluation',
    plant: (exchange) => {
      const { location: _, ...rest } = exchange.responseHeaders;
      exchange.responseHeaders = rest;
    },
    caught: /a 202 without location/,
  },
  {
    mistake: 'sandbox: an answer about a scan that is no answer',
    operation: 'asyncOperationResults',
    plant: (exchange) => {
      exchange.status = 201;
    },
    caught: /GET answers 201/,
  },
  {
    mistake: 'sandbox: the id of another exemption',
    operation: 'PolicyExemptions_Get',
    plant: ({ responseBody }) => {
      const exemption = responseBody as Record<string, unknown>;
      exemption['id'] = `${exemption['id']}-2`;
    },
    caught: /ids: id .* is not of/,
  },
];
