import type { World } from '../../kernel/world';
import { key } from '../arm';
import { object, type Resource, text } from '../compute/resource';
import { compute } from '../compute/section';
import { vmType } from '../compute/vm-shared';
import { agentless, withoutAgent, withoutMonitor, withoutRules } from '../estate/fleet';
import { galleryResourceGroup, platformSubscription } from '../names';

/**
 * What stands on the machines that the story begins with, beside what is stored: extensions, which Resource Graph has
 * among `resources`, and associations with data collection rules, which are in `insightsresources`. VMs of a synthetic
 * estate have none of either.
 */

const arcType = 'Microsoft.HybridCompute/machines';
export const extensionTypes = [`${vmType}/extensions`, `${arcType}/extensions`] as const;
export const associationType = 'Microsoft.Insights/dataCollectionRuleAssociations';

const rule = `/subscriptions/${platformSubscription}/resourceGroups/${galleryResourceGroup}/providers/Microsoft.Insights/dataCollectionRules/dcr-machines`;

/** Machines on which something may stand. */
function machines(world: World): Resource[] {
  return Object.values(compute(world).resources).filter((machine) => mayHave(world, machine));
}

/** An Arc machine that is not connected has nothing. */
function mayHave(world: World, { type, id, properties }: Resource): boolean {
  if (type === arcType) return properties['status'] === 'Connected';
  const made = Date.parse(text(properties['timeCreated']) ?? '');
  return type === vmType && made < world.beganMs && id.split('/', 3)[2] !== platformSubscription;
}

/** Those of one machine, by its id. */
export function standingOn(world: World, id: string): Resource[] {
  const { resources } = compute(world);
  const machine = resources[key(id)];
  if (!machine || !mayHave(world, machine)) return [];
  return partsOf(machine).filter((one) => resources[key(one.id)] === undefined);
}

/** Those that are not stored: whatever was deployed in the meantime is. */
export function standingExtensions(world: World): Resource[] {
  const { resources } = compute(world);
  return machines(world)
    .flatMap((machine) => partsOf(machine))
    .filter(({ id }) => resources[key(id)] === undefined);
}

function partsOf(machine: Resource): Resource[] {
  const { name } = machine;
  if (name === agentless) return [];
  const os = isWindows(machine) ? 'Windows' : 'Linux';
  const monitor = { publisher: 'Microsoft.Azure.Monitor', type: `AzureMonitor${os}Agent`, typeHandlerVersion: '1.33' };
  const guest = {
    ...{ publisher: 'Microsoft.GuestConfiguration', typeHandlerVersion: '1.26' },
    type: os === 'Linux' ? 'ConfigurationForLinux' : 'ConfigurationforWindows',
  };
  return [
    ...(machine.type === vmType && !withoutAgent.has(name) ? [extension(machine, `AzurePolicyfor${os}`, guest)] : []),
    ...(withoutMonitor.has(name) ? [] : [extension(machine, monitor.type, monitor)]),
  ];
}

function extension(machine: Resource, name: string, properties: Resource['properties']): Resource {
  const provisioningState = 'Succeeded';
  return {
    ...{ id: `${machine.id}/extensions/${name}`, name, type: `${machine.type}/extensions`, location: machine.location },
    properties: { ...properties, autoUpgradeMinorVersion: true, enableAutomaticUpgrade: true, provisioningState },
  };
}

/** The table `insightsresources`, as far as it is about machines. */
export function ruleAssociations(world: World): Resource[] {
  return machines(world)
    .filter(({ name }) => name !== agentless && !withoutRules.has(name))
    .map((machine) => ({
      id: `${machine.id}/providers/${associationType}/machines`,
      ...{ name: 'machines', type: associationType, location: '' },
      properties: { dataCollectionRuleId: rule, provisioningState: 'Succeeded' },
    }));
}

function isWindows({ type, properties }: Resource): boolean {
  const named =
    type === vmType ? object(object(properties['storageProfile'])['osDisk'])['osType'] : properties['osType'];
  return String(named).toLowerCase() === 'windows';
}
