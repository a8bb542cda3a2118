import { resourceGroupId, sameId, subscriptionId } from '../azure-id';
import { byText } from '../collections';
import { type AgentPart, isVmId, type LackingMachine } from './agents';
import type { Machine, Place } from './inventory';
import type { MachinePolicy } from './policies';

/*
 * Azure's own policies that bring what a machine lacks, and how goldbot assigns them. An assignment that deploys has an
 * identity of its own, which can do nothing until somebody gives it a role: goldbot may not.
 */

/** What `remediate --policy` takes for a policy that is assigned nowhere yet. */
export const baselineNames = ['guest-configuration', 'monitor-agent'] as const;
export type BaselineName = (typeof baselineNames)[number];

/** One assignment of one of Azure's own definitions. */
export interface BaselineAssignment {
  /** A scope always has the same assignment. */
  readonly name: string;
  readonly displayName: string;
  /** Id of a policy or an initiative on the tenant. */
  readonly definition: string;
  readonly parameters: Readonly<Record<string, boolean>>;
}

export interface Baseline {
  readonly name: BaselineName;
  /** What machines lack without it. */
  readonly part: AgentPart;
  /** As Azure calls it. */
  readonly title: string;
  readonly assignments: readonly BaselineAssignment[];
  /** Names of the policies by which a machine has a state: those of an initiative, or the assigned ones. */
  readonly policies: readonly string[];
}

const onTenant = (type: 'policyDefinitions' | 'policySetDefinitions', name: string): string =>
  `/providers/Microsoft.Authorization/${type}/${name}`;

const monitors = {
  linux: 'a4034bc6-ae50-406d-bf76-50f4ee5a7811',
  windows: 'ca817e41-e85a-4783-bc7f-dc532d36235e',
} as const;

/**
 * Ids as Azure documents them. The policies of the monitor agent know marketplace images alone, unless they are told not to
 * ask where a machine comes from: without that they would pass over every golden one.
 *
 * @see https://github.com/Azure/azure-policy, built-in-policies: policySetDefinitions/Guest Configuration, and
 * policyDefinitions/Monitoring/AzureMonitor_Agent_Linux_VM_DINE.json and AzureMonitor_Agent_Windows_VM_DINE.json
 */
export const baselines: Readonly<Record<BaselineName, Baseline>> = {
  'guest-configuration': {
    ...{ name: 'guest-configuration', part: 'guest configuration' },
    title: 'Deploy prerequisites to enable Guest Configuration policies on virtual machines',
    assignments: [
      {
        name: 'goldbot-guest-config',
        displayName: 'Machines have what guest configuration needs',
        definition: onTenant('policySetDefinitions', '12794019-7a00-42cf-95c2-882eed337cc8'),
        parameters: {},
      },
    ],
    policies: [
      '3cf2ab00-13f1-4d0c-8971-2ac904541a7e',
      '497dff13-db2a-4c0f-8603-28fa3b331ab6',
      '331e8ea8-378a-410f-a2e5-ae22f38bb0da',
      '385f5831-96d4-41db-9a3c-cd3af78aaae6',
    ],
  },
  'monitor-agent': {
    ...{ name: 'monitor-agent', part: 'monitor agent' },
    title: 'Configure virtual machines to run Azure Monitor Agent with system-assigned managed identity',
    assignments: (['linux', 'windows'] as const).map((os) => ({
      name: `goldbot-monitor-${os}`,
      displayName: `Machines have the Azure Monitor agent (${os === 'linux' ? 'Linux' : 'Windows'})`,
      definition: onTenant('policyDefinitions', monitors[os]),
      parameters: { scopeToSupportedImages: false },
    })),
    policies: [monitors.linux, monitors.windows],
  },
};

/** What the deployments of all of them need: to change machines, and to deploy to them. Built into Azure. */
export const baselineRole = {
  name: 'Virtual Machine Contributor',
  id: '9980e02c-c2be-4d73-94e8-173b1dc7cf3c',
} as const;

export function baselineNamed(typed: string): Baseline | undefined {
  const wanted = typed.trim().toLowerCase();
  const name = baselineNames.find((one) => one === wanted);
  return name && baselines[name];
}

/** The rows of a machine by which a baseline looks at it, whoever assigned that. */
export function baselineRows({ policies }: Baseline, rows: readonly MachinePolicy[]): readonly MachinePolicy[] {
  return rows.filter(({ definition }) =>
    policies.some((name) => sameId(definition, onTenant('policyDefinitions', name))),
  );
}

export function baselineId(scope: string, { name }: Pick<BaselineAssignment, 'name'>): string {
  return `${scope}/providers/Microsoft.Authorization/policyAssignments/${name}`;
}

/** Where an assignment by this name would cover the resource group: there, and in its subscription. */
export function baselineScopes(place: Place): readonly [group: string, subscription: string] {
  return [resourceGroupId(place), subscriptionId(place.subscription)];
}

/** What is in Azure by that id. */
export interface BaselineState {
  readonly definition: string;
  readonly enforced: boolean;
  /** Object id of its identity; absent: it has none, and deploys nothing. */
  readonly identity?: string;
}

/** `properties` of the policy assignment. */
export function baselineProperties({ displayName, definition, parameters }: BaselineAssignment) {
  return {
    displayName,
    policyDefinitionId: definition,
    enforcementMode: 'Default',
    parameters: Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, { value }])),
  };
}

/** Whether it is the wanted one, and can deploy once somebody gives its identity the role. */
export function isAssigned(state: BaselineState, { definition }: BaselineAssignment): boolean {
  return sameId(state.definition, definition) && state.enforced && state.identity !== undefined;
}

/** The VMs of a resource group that a baseline is about, by name. */
export interface BaselineReach {
  /** How many VMs there are. */
  readonly machines: number;
  /** Those that lack it and can get it. */
  readonly lacking: readonly string[];
  /** Pets among those: nobody remediates them unasked. */
  readonly pets: readonly string[];
  /** Without the VM agent, through which everything is installed. */
  readonly closed: readonly string[];
}

export function baselineReach(
  { part }: Baseline,
  machines: readonly Pick<Machine, 'id' | 'model' | 'name'>[],
  lacking: readonly LackingMachine[],
): BaselineReach {
  const vms = machines.filter(({ id }) => isVmId(id));
  const lacks = new Map(lacking.map((one) => [one.id.toLowerCase(), one.lacks]));
  const of = (wanted: (lacks: readonly AgentPart[], one: (typeof vms)[number]) => boolean) =>
    vms
      .filter((one) => wanted(lacks.get(one.id.toLowerCase()) ?? [], one))
      .map(({ name }) => name)
      .sort(byText);
  const gets = (own: readonly AgentPart[]) => own.includes(part) && !own.includes('vm agent');
  return {
    machines: vms.length,
    lacking: of(gets),
    pets: of((own, { model }) => gets(own) && model === 'pet'),
    closed: of((own) => own.includes(part) && own.includes('vm agent')),
  };
}

/** What an owner of the scope types, so that an identity may do what its assignment is for. */
export function roleCommand(scope: string, identity: string): string {
  return `az role assignment create --assignee-object-id ${identity} --assignee-principal-type ServicePrincipal --role "${baselineRole.name}" --scope ${scope}`;
}
