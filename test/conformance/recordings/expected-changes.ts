import { type Expected, inGroup } from './expectation';

const machine = `${inGroup}/Microsoft.Compute/virtualMachines/*`;
const set = `${inGroup}/Microsoft.Compute/virtualMachineScaleSets/*`;
const instance = `${set}/virtualMachines/*`;
const insights = 'providers/Microsoft.PolicyInsights';
const policies = '/subscriptions/*/providers/Microsoft.Authorization';

/** Nothing of these was recorded: goldbot reads policy states by Resource Graph, as `policy_insights` does not. */
export const changes: readonly Expected[] = [
  { operation: 'VirtualMachineRunCommands_Delete', shape: `DELETE ${machine}/runCommands/*` },
  { operation: 'VirtualMachineScaleSetVMs_Get', shape: `GET ${instance}` },
  { operation: 'VirtualMachineScaleSets_Get', shape: `GET ${set}` },
  { operation: 'VirtualMachineScaleSetVMs_List', shape: `GET ${set}/virtualMachines` },
  { operation: 'VirtualMachineScaleSetRollingUpgrades_GetLatest', shape: `GET ${set}/rollingUpgrades/*` },
  { operation: 'VirtualMachineScaleSets_Update', shape: `PATCH ${set}` },
  { operation: 'VirtualMachineScaleSets_ApproveRollingUpgrade', shape: `POST ${set}/approveRollingUpgrade` },
  { operation: 'VirtualMachineScaleSetLifeCycleHookEvents_Get', shape: `GET ${set}/lifecycleHookEvents` },
  { operation: 'VirtualMachineScaleSetLifeCycleHookEvents_Update', shape: `PATCH ${set}/lifecycleHookEvents/*` },
  { operation: 'VirtualMachineScaleSets_UpdateInstances', shape: `POST ${set}/manualupgrade` },
  { operation: 'VirtualMachineScaleSetRollingUpgrades_Cancel', shape: `POST ${set}/rollingUpgrades/cancel` },
  { operation: 'VirtualMachineScaleSets_Reimage', shape: `POST ${set}/reimage` },
  { operation: 'VirtualMachineScaleSetVMRunCommands_Get', shape: `GET ${instance}/runCommands/*` },
  { operation: 'VirtualMachineScaleSetVMRunCommands_CreateOrUpdate', shape: `PUT ${instance}/runCommands/*` },
  { operation: 'VirtualMachineScaleSetVMRunCommands_Delete', shape: `DELETE ${instance}/runCommands/*` },
  { operation: 'Tags_GetAtScope', shape: `GET ${machine}/providers/Microsoft.Resources/tags/*` },
  { operation: 'Tags_UpdateAtScope', shape: `PATCH ${machine}/providers/Microsoft.Resources/tags/*` },
  { operation: 'PolicyExemptions_Get', shape: `GET ${machine}/providers/Microsoft.Authorization/policyExemptions/*` },
  {
    operation: 'PolicyExemptions_CreateOrUpdate',
    shape: `PUT ${machine}/providers/Microsoft.Authorization/policyExemptions/*`,
  },
  { operation: 'PolicyDefinitions_Get', shape: `GET ${policies}/policyDefinitions/*` },
  { operation: 'PolicyDefinitions_CreateOrUpdate', shape: `PUT ${policies}/policyDefinitions/*` },
  { operation: 'PolicyAssignments_Get', shape: `GET ${policies}/policyAssignments/*` },
  { operation: 'PolicyAssignments_Create', shape: `PUT ${policies}/policyAssignments/*` },
  { operation: 'PolicyAssignments_Delete', shape: `DELETE ${policies}/policyAssignments/*` },
  { operation: 'Remediations_GetAtResource', shape: `GET ${machine}/${insights}/remediations/*` },
  { operation: 'Remediations_CreateOrUpdateAtResource', shape: `PUT ${machine}/${insights}/remediations/*` },
  {
    operation: 'PolicyStates_TriggerSubscriptionEvaluation',
    shape: `POST /subscriptions/*/${insights}/policyStates/*/triggerEvaluation`,
  },
  {
    operation: 'PolicyStates_TriggerResourceGroupEvaluation',
    shape: `POST /subscriptions/*/resourceGroups/*/${insights}/policyStates/*/triggerEvaluation`,
  },
  { operation: 'asyncOperationResults', shape: `GET /subscriptions/*/${insights}/asyncOperationResults/*` },
];
