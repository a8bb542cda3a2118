import type { World } from '../../kernel/world';
import { type JsonObject, object, type Resource, text } from '../compute/resource';
import { compute } from '../compute/section';
import { guidOf } from '../compute/vm-view';
import { platformSubscription } from '../names';
import { day, teamGroup } from './shape';

const vmType = 'Microsoft.Compute/virtualMachines';
const assignment = `/subscriptions/${platformSubscription}/providers/Microsoft.Authorization/policyAssignments/only-golden-images`;
const definition = `/subscriptions/${platformSubscription}/providers/Microsoft.Authorization/policyDefinitions/only-golden-images`;

/** Machines that policies speak of: live VMs and those that Arc connected. */
function machines(world: World): Resource[] {
  const types: readonly string[] = [vmType, 'Microsoft.HybridCompute/machines'];
  return Object.values(compute(world).resources).filter((r) => types.includes(r.type));
}

const isGolden = (vm: Resource): boolean =>
  text(object(object(vm.properties['storageProfile'])['imageReference'])['id']) !== undefined;

/** The table `policyresources`: one state for each VM, and the exemptions. */
export function policyRows(world: World): Resource[] {
  const exempt = new Set(exemptions(world).map((e) => String(e.properties['resourceId']).toLowerCase()));
  const states = machines(world)
    .filter((vm) => vm.type === vmType)
    .map((vm): Resource => {
      const compliant = isGolden(vm) ? 'Compliant' : exempt.has(vm.id.toLowerCase()) ? 'Exempt' : 'NonCompliant';
      return {
        id: `${vm.id}/providers/Microsoft.PolicyInsights/policyStates/${guidOf(vm.id)}`,
        name: guidOf(vm.id),
        type: 'Microsoft.PolicyInsights/policyStates',
        location: vm.location,
        properties: {
          resourceId: vm.id.toLowerCase(),
          resourceType: vm.type,
          resourceLocation: vm.location,
          complianceState: compliant,
          isCompliant: compliant !== 'NonCompliant',
          policyAssignmentId: assignment.toLowerCase(),
          policyAssignmentName: 'only-golden-images',
          policyDefinitionId: definition.toLowerCase(),
          policyDefinitionAction: 'audit',
          timestamp: lastCycle(world),
        },
      };
    });
  return [...states, ...exemptions(world)];
}

/** Policy evaluates once a day. */
function lastCycle(world: World): string {
  return new Date(Math.floor(world.clock.nowMs() / day) * day + 2 * 3_600_000 - day).toISOString();
}

/** Three exemptions: one for ever, one that ends soon, one that is over. */
function exemptions(world: World): Resource[] {
  const created = (vm: Resource) => Date.parse(text(vm.properties['timeCreated']) ?? '') || world.clock.nowMs();
  const on = [
    { vm: `${teamGroup('legacy')}/providers/${vmType}/vm-legacy-erp-001`, category: 'Waiver', days: undefined },
    { vm: `${teamGroup('legacy')}/providers/${vmType}/vm-legacy-erp-002`, category: 'Mitigated', days: 400 },
    { vm: `${teamGroup('payments')}/providers/${vmType}/vm-payments-hsm-001`, category: 'Waiver', days: 2 },
  ];
  return on.flatMap(({ vm: id, category, days }): Resource[] => {
    const vm = compute(world).resources[id.toLowerCase()];
    if (!vm) return [];
    const name = `exempt-${vm.name}`;
    const expires: JsonObject =
      days === undefined ? {} : { expiresOn: new Date(created(vm) + days * day).toISOString() };
    return [
      {
        id: `${vm.id}/providers/Microsoft.Authorization/policyExemptions/${name}`,
        name,
        type: 'Microsoft.Authorization/policyExemptions',
        location: '',
        properties: {
          policyAssignmentId: assignment,
          resourceId: vm.id,
          exemptionCategory: category,
          displayName: `${vm.name} cannot be rebuilt yet`,
          ...expires,
        },
      },
    ];
  });
}

/** The table `guestconfigurationresources`: whether the tattoo inside a machine is what its image says. */
export function guestAssignments(world: World): Resource[] {
  const checked = new Date(Math.floor(world.clock.nowMs() / 900_000) * 900_000).toISOString();
  return machines(world).map((machine): Resource => {
    const status = guestStatus(world, machine);
    const id = `${machine.id}/providers/Microsoft.GuestConfiguration/guestConfigurationAssignments/GoldbotTattoo`;
    return {
      id,
      name: 'GoldbotTattoo',
      type: 'Microsoft.GuestConfiguration/guestConfigurationAssignments',
      location: machine.location,
      properties: {
        targetResourceId: machine.id,
        complianceStatus: status,
        lastComplianceStatusChecked: status === 'Pending' ? null : checked,
        latestAssignmentReport: {
          id: guidOf(id),
          complianceStatus: status,
          resources: [{ resourceId: 'TattooPresent', complianceStatus: status, reasons: reasons(status) }],
        },
        provisioningState: 'Succeeded',
      },
    };
  });
}

function guestStatus(world: World, machine: Resource): 'Compliant' | 'NonCompliant' | 'Pending' {
  if (compute(world).power[machine.id.toLowerCase()]) return 'Pending';
  if (machine.properties['status'] === 'Disconnected') return 'Pending';
  return machine.type === vmType && isGolden(machine) ? 'Compliant' : 'NonCompliant';
}

const reasons = (status: string): JsonObject[] =>
  status === 'NonCompliant' ? [{ code: 'TattooMissing', phrase: 'There is no tattoo inside this machine.' }] : [];
