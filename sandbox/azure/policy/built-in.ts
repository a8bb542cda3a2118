import { key } from '../arm';
import type { JsonObject } from '../compute/resource';
import type { PolicyObject } from './model';

/**
 * Azure's own policies, on the tenant: the initiative that lets guest configuration look into machines, and the two that
 * install the Azure Monitor agent. Names and what they do are Azure's; the rules are shorter: of the marketplace images that
 * the monitor agent is installed on, they know the publishers.
 */

const vm = 'Microsoft.Compute/virtualMachines';
const ofGuest = 'Microsoft.GuestConfiguration';
const ofMonitor = 'Microsoft.Azure.Monitor';
const role = (id: string) => `/providers/Microsoft.Authorization/roleDefinitions/${id}`;
/** Contributor, for which Azure's own definitions of guest configuration ask. */
const contributor = role('b24988ac-6180-42a0-ab88-20f7382dd24c');
/** Virtual Machine Contributor, for which those of the monitor agent ask. */
const machineContributor = role('9980e02c-c2be-4d73-94e8-173b1dc7cf3c');

interface BuiltIn {
  readonly name: string;
  readonly displayName: string;
  readonly properties: JsonObject;
}

function made(type: 'policyDefinitions' | 'policySetDefinitions', { name, displayName, properties }: BuiltIn) {
  const at = '2020-05-01T00:00:00.0000000Z';
  const one: PolicyObject = {
    id: `/providers/Microsoft.Authorization/${type}/${name}`,
    name,
    type: `Microsoft.Authorization/${type}`,
    systemData: { createdAt: at, lastModifiedAt: at },
    properties: {
      ...{ displayName, policyType: 'BuiltIn', metadata: { category: 'Guest Configuration', version: '1.0.0' } },
      ...{ version: '1.0.0', versions: ['1.0.0'], parameters: {} },
      ...properties,
    },
  };
  return one;
}

// Named as Azure names them; an object literal with `then` would look like a promise to the linter.
const rule = (allOf: readonly JsonObject[], outcome: JsonObject): JsonObject => ({
  mode: 'Indexed',
  policyRule: Object.fromEntries([
    ['if', { allOf: [{ field: 'type', equals: vm }, ...allOf] }],
    ['then', outcome],
  ]) as JsonObject,
});

function identityFor(name: string, displayName: string, when: JsonObject, type: string): PolicyObject {
  const operations = [{ operation: 'addOrReplace', field: 'identity.type', value: type }];
  const outcome = { effect: 'modify', details: { roleDefinitionIds: [contributor], operations } };
  return made('policyDefinitions', { name, displayName, properties: rule([when], outcome) });
}

interface Extension {
  readonly name: string;
  readonly publisher: string;
  readonly type: string;
}

function deploymentOf({ name, publisher, type }: Extension): JsonObject {
  const template = {
    resources: [
      {
        type: `${vm}/extensions`,
        name: `[concat(parameters('vmName'), '/${name}')]`,
        location: "[parameters('location')]",
        properties: { publisher, type, autoUpgradeMinorVersion: true, enableAutomaticUpgrade: true },
      },
    ],
  };
  const parameters = { vmName: { value: "[field('name')]" }, location: { value: "[field('location')]" } };
  return { properties: { mode: 'incremental', parameters, template } };
}

function extensionFor(name: string, os: 'Linux' | 'Windows'): PolicyObject {
  const [extension, type] = [
    `AzurePolicyfor${os}`,
    os === 'Linux' ? 'ConfigurationForLinux' : 'ConfigurationforWindows',
  ];
  const details = {
    ...{ type: `${vm}/extensions`, name: extension, roleDefinitionIds: [contributor] },
    existenceCondition: {
      allOf: [
        { field: `${vm}/extensions/publisher`, equals: ofGuest },
        { field: `${vm}/extensions/provisioningState`, equals: 'Succeeded' },
      ],
    },
    deployment: deploymentOf({ name: extension, publisher: ofGuest, type }),
  };
  const displayName = `Deploy the ${os} Guest Configuration extension to enable Guest Configuration assignments on ${os} VMs`;
  const when = [
    { field: `${vm}/storageProfile.osDisk.osType`, equals: os },
    { field: 'identity.type', contains: 'SystemAssigned' },
  ];
  return made('policyDefinitions', {
    ...{ name, displayName },
    properties: rule(when, { effect: 'deployIfNotExists', details }),
  });
}

const members = [
  identityFor(
    '3cf2ab00-13f1-4d0c-8971-2ac904541a7e',
    'Add system-assigned managed identity to enable Guest Configuration assignments on virtual machines with no identities',
    {
      anyOf: [
        { field: 'identity.type', exists: 'false' },
        { field: 'identity.type', equals: 'None' },
      ],
    },
    'SystemAssigned',
  ),
  identityFor(
    '497dff13-db2a-4c0f-8603-28fa3b331ab6',
    'Add system-assigned managed identity to enable Guest Configuration assignments on VMs with a user-assigned identity',
    { field: 'identity.type', equals: 'UserAssigned' },
    'SystemAssigned,UserAssigned',
  ),
  extensionFor('331e8ea8-378a-410f-a2e5-ae22f38bb0da', 'Linux'),
  extensionFor('385f5831-96d4-41db-9a3c-cd3af78aaae6', 'Windows'),
];

/** Members are called as Azure calls them. */
const references = ['identityWithNone', 'identityWithUserAssigned', 'extensionLinux', 'extensionWindows'];

const prerequisites = made('policySetDefinitions', {
  name: '12794019-7a00-42cf-95c2-882eed337cc8',
  displayName: 'Deploy prerequisites to enable Guest Configuration policies on virtual machines',
  properties: {
    policyDefinitions: members.map(({ id }, n) => ({
      ...{ policyDefinitionReferenceId: references[n] ?? '', policyDefinitionId: id, definitionVersion: '1.*.*' },
      parameters: {},
    })),
  },
});

const publishers = {
  Linux: ['RedHat', 'SUSE', 'Canonical', 'Oracle', 'OpenLogic', 'almalinux', 'resf', 'microsoftcblmariner'],
  Windows: ['MicrosoftWindowsServer', 'MicrosoftSQLServer', 'MicrosoftWindowsDesktop', 'MicrosoftVisualStudio'],
} as const;

/** Golden images are not among those that it knows, unless the assignment has it look at every system of its kind. */
function monitorFor({ name, os, displayName }: { name: string; os: 'Linux' | 'Windows'; displayName: string }) {
  const type = `AzureMonitor${os}Agent`;
  const images = `listOf${os}ImageIdToInclude`;
  const own = [`${vm}/extensions/type`, `${vm}/extensions/publisher`, `${vm}/extensions/provisioningState`];
  const values = [type, ofMonitor, 'Succeeded'];
  const details = {
    ...{ type: `${vm}/extensions`, roleDefinitionIds: [machineContributor] },
    existenceCondition: { allOf: own.map((field, n) => ({ field, equals: values[n] ?? '' })) },
    deployment: deploymentOf({ name: type, publisher: ofMonitor, type }),
  };
  const anySystem = [
    { value: "[parameters('scopeToSupportedImages')]", equals: false },
    { field: `${vm}/storageProfile.osDisk.osType`, like: `${os}*` },
  ];
  const when = [
    { field: 'identity.type', contains: 'SystemAssigned' },
    {
      anyOf: [
        { allOf: anySystem },
        { field: 'Microsoft.Compute/imageId', in: `[parameters('${images}')]` },
        { field: 'Microsoft.Compute/imagePublisher', in: [...publishers[os]] },
      ],
    },
  ];
  const parameters = {
    effect: { type: 'String', allowedValues: ['DeployIfNotExists', 'Disabled'], defaultValue: 'DeployIfNotExists' },
    scopeToSupportedImages: { type: 'Boolean', allowedValues: [true, false], defaultValue: true },
    [images]: { type: 'Array', defaultValue: [] },
  };
  const written = rule(when, { effect: "[parameters('effect')]", details });
  const metadata = { category: 'Monitoring', version: '1.0.0' };
  return made('policyDefinitions', { name, displayName, properties: { ...written, parameters, metadata } });
}

const monitors = [
  monitorFor({
    ...{ name: 'a4034bc6-ae50-406d-bf76-50f4ee5a7811', os: 'Linux' },
    displayName:
      'Configure Linux virtual machines to run Azure Monitor Agent with system-assigned managed identity-based authentication',
  }),
  monitorFor({
    ...{ name: 'ca817e41-e85a-4783-bc7f-dc532d36235e', os: 'Windows' },
    displayName: 'Configure Windows virtual machines to run Azure Monitor Agent using system-assigned managed identity',
  }),
];

const builtIns = [...members, prerequisites, ...monitors];
const all: ReadonlyMap<string, PolicyObject> = new Map(builtIns.map((one) => [key(one.id), one]));

/** One of Azure's own; nobody can change it. */
export const builtInPolicy = (id: string): PolicyObject | undefined => all.get(key(id));
