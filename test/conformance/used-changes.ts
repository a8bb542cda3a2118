import { resourceId } from '../../core/azure-id';
import { type RestrictionTarget, restrictionName } from '../../core/compliance';
import { type Names, type Used, vmId } from './used';

const authorization = 'Microsoft.Authorization';
const insights = 'Microsoft.PolicyInsights';
const resources = 'Microsoft.Resources';

/** Of an address: what stands before its last provider. */
const scopeOf = ({ id }: Names): string => id.replace(/\/providers\/(?!.*\/providers\/).*$/i, '');
const image = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/galleries/gold/images/i/versions/1.5.0';
const assignment = `/subscriptions/s/providers/${authorization}/policyAssignments/a`;

function target(names: Names): RestrictionTarget {
  const name = names.id.split('/').at(-1) ?? restrictionName;
  return { scope: scopeOf(names), name, notScopes: [], buildGroups: [] };
}

const instanceId = ({ place }: Names): string =>
  resourceId(place, 'Microsoft.Compute/virtualMachineScaleSets/virtualMachines', 'set', '0');
const script = { script: 'true', timeoutSeconds: 60 };
const ofInstance: Readonly<Record<'Get' | 'CreateOrUpdate' | 'Delete', Pick<Used, 'by' | 'call'>>> = {
  Get: { by: 'command', call: (azure, names) => azure.command(instanceId(names), names.command) },
  CreateOrUpdate: {
    by: 'runCommand',
    call: (azure, names) =>
      azure.runCommand({ id: instanceId(names), location: names.place.location }, { name: names.command, ...script }),
  },
  Delete: { by: 'deleteCommand', call: (azure, names) => azure.deleteCommand(instanceId(names), names.command) },
};

/** The set that an address is of, or one by any name. */
const setId = ({ id, place }: Names): string =>
  /^.*\/virtualMachineScaleSets\/[^/]+/i.exec(id)?.[0] ??
  resourceId(place, 'Microsoft.Compute/virtualMachineScaleSets', 'set');
const ofSets: readonly (readonly [operation: string, by: Used['by'], call: Used['call']])[] = [
  ['VirtualMachineScaleSets_Get', 'scaleSet', (azure, names) => azure.scaleSet(setId(names))],
  [
    'VirtualMachineScaleSetVMs_List',
    'setInstances',
    (azure, names) => azure.setInstances(setId(names), { isFlexible: false }),
  ],
  ['VirtualMachineScaleSetRollingUpgrades_GetLatest', 'rollingUpgrade', (a, names) => a.rollingUpgrade(setId(names))],
  ['VirtualMachineScaleSets_Update', 'setModelImage', (azure, names) => azure.setModelImage(setId(names), image)],
  [
    'VirtualMachineScaleSets_UpdateInstances',
    'upgradeInstances',
    (a, names) => a.upgradeInstances(setId(names), ['0']),
  ],
  [
    'VirtualMachineScaleSets_Reimage',
    'reimageInstances',
    (a, names) => a.reimageInstances(setId(names), ['0'], '1.5.0'),
  ],
  ['VirtualMachineScaleSetRollingUpgrades_Cancel', 'cancelUpgrade', (a, names) => a.cancelUpgrade(setId(names))],
  ['VirtualMachineScaleSets_ApproveRollingUpgrade', 'approveUpgrade', (a, names) => a.approveUpgrade(setId(names))],
  [
    'VirtualMachineScaleSetLifeCycleHookEvents_Get',
    'upgradeQuestions',
    (azure, names) => azure.upgradeQuestions(setId(names)),
  ],
  [
    'VirtualMachineScaleSetLifeCycleHookEvents_Update',
    'putOffQuestion',
    (azure, names) => azure.putOffQuestion(setId(names), 'q', new Date('2026-12-01T00:00:00Z')),
  ],
];

/** What changes for teams use. */
export const usedByChanges: readonly Used[] = [
  {
    provider: 'Microsoft.Compute',
    operation: 'VirtualMachineRunCommands_Delete',
    by: 'deleteCommand',
    call: (azure, { place, machine, command }) => azure.deleteCommand(vmId(place, machine), command),
  },
  ...(['Get', 'CreateOrUpdate', 'Delete'] as const).map((verb): Used => {
    const operation = `VirtualMachineScaleSetVMRunCommands_${verb}`;
    return { provider: 'Microsoft.Compute', operation, ...ofInstance[verb] };
  }),
  {
    provider: 'Microsoft.Compute',
    operation: 'VirtualMachineScaleSetVMs_Get',
    by: 'machines',
    call: (azure, names) => azure.machines(instanceId(names)),
  },
  ...ofSets.map(([operation, by, call]): Used => ({ provider: 'Microsoft.Compute', operation, by, call })),
  {
    provider: resources,
    operation: 'Tags_GetAtScope',
    by: 'tagsOf',
    call: (azure, names) => azure.tagsOf(scopeOf(names)),
  },
  {
    provider: resources,
    operation: 'Tags_UpdateAtScope',
    by: 'mergeTags',
    call: (azure, names) => azure.mergeTags(scopeOf(names), { model: 'pet' }),
  },
  {
    provider: authorization,
    operation: 'PolicyExemptions_Get',
    by: 'exemption',
    call: (azure, { id }) => azure.exemption(id),
  },
  {
    provider: authorization,
    operation: 'PolicyExemptions_CreateOrUpdate',
    by: 'putExemption',
    call: (azure, { id }) =>
      azure.putExemption(id, {
        assignment,
        title: 'because',
        reason: 'because',
        expiresAt: new Date('2027-01-01T00:00:00Z'),
        run: 'R-7F3KQ',
      }),
  },
  {
    provider: authorization,
    operation: 'PolicyDefinitions_Get',
    by: 'restriction',
    call: (azure, names) => azure.restriction(target(names)),
  },
  {
    provider: authorization,
    operation: 'PolicyDefinitions_CreateOrUpdate',
    by: 'defineRestriction',
    call: (azure, names) => azure.defineRestriction(scopeOf(names)),
  },
  {
    provider: authorization,
    operation: 'PolicyAssignments_Get',
    by: 'restriction',
    call: (azure, names) => azure.restriction(target(names)),
  },
  {
    provider: authorization,
    operation: 'PolicyAssignments_Create',
    by: 'assignRestriction',
    call: (azure, names) => azure.assignRestriction(target(names), { effect: 'audit', galleries: [] }),
  },
  {
    provider: authorization,
    operation: 'PolicyAssignments_Delete',
    by: 'removeRestriction',
    call: (azure, names) => azure.removeRestriction(target(names)),
  },
  {
    provider: insights,
    operation: 'Remediations_GetAtResource',
    by: 'remediation',
    call: (azure, { id }) => azure.remediation(id),
  },
  {
    provider: insights,
    operation: 'Remediations_CreateOrUpdateAtResource',
    by: 'startRemediation',
    call: (azure, { id }) => azure.startRemediation(id, { assignment }),
  },
  {
    provider: insights,
    operation: 'PolicyStates_TriggerSubscriptionEvaluation',
    by: 'startEvaluation',
    call: (azure, names) => azure.startEvaluation(scopeOf(names)),
  },
  {
    provider: insights,
    operation: 'PolicyStates_TriggerResourceGroupEvaluation',
    by: 'startEvaluation',
    call: (azure, names) => azure.startEvaluation(scopeOf(names)),
  },
  {
    provider: insights,
    operation: 'asyncOperationResults',
    by: 'evaluation',
    call: (azure, { id }) => azure.evaluation(`https://management.azure.com${id}?api-version=2024-10-01`),
  },
];
