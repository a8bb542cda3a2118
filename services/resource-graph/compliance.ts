import type { Exemption, MachineCompliance } from '../../core/compliance';
import type { ReadContext } from '../azure';
import { queries, whole } from './queries';

const managementGroup = '/providers/microsoft.management/managementgroups/';

/**
 * Out of the same tables as the counts, so that a figure on a card and its rows agree; Policy Insights would be asked
 * as often and would not know the guest's reasons.
 */
export async function complianceOf(azure: ReadContext, id: string): Promise<MachineCompliance> {
  const machine = id.toLowerCase();
  const [policies, guest, exemptions] = await Promise.all([
    whole(azure, queries.machinePolicies(machine)),
    whole(azure, queries.machineGuests(machine)),
    whole(azure, queries.exemptionsAbove(machine)),
  ]);
  return { policies, guest, exemptions: await concerning(azure, machine, exemptions) };
}

/** Those of management groups only when the machine's subscription is in them: asked only when there are any. */
async function concerning(
  azure: ReadContext,
  machine: string,
  exemptions: readonly Exemption[],
): Promise<readonly Exemption[]> {
  if (!exemptions.some(({ scope }) => scope.startsWith(managementGroup))) return exemptions;
  const groups = new Map(await whole(azure, queries.managementGroups()));
  const above = (groups.get(machine.split('/')[2] ?? '') ?? []).map((name) => managementGroup + name.toLowerCase());
  return exemptions.filter(({ scope }) => !scope.startsWith(managementGroup) || above.includes(scope));
}
