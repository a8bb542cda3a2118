import type { PolicyObject, PolicyType } from '../policy/model';
import { landingZonesId, rootGroupId } from './management-groups';
import { entry, systemData } from './policies';
import { definition, member } from './policy-definitions';
import type { Sketch } from './policy-sketch';

const vms = { field: 'type', equals: 'Microsoft.Compute/virtualMachines' };
const vm = 'Microsoft.Compute/virtualMachines';

/** With the story's own, every VM of a synthetic estate has ten definitions in force. */
const definitions: readonly Sketch[] = [
  ['service-model-named', { field: "tags['service-model']", exists: 'false' }],
  ['team-named', { field: "tags['team']", exists: 'false' }],
  ['disk-from-image', { field: `${vm}/storageProfile.osDisk.createOption`, notEquals: 'FromImage' }],
  ['no-publisher', { field: 'Microsoft.Compute/imagePublisher', exists: 'true' }],
  ['sizes-of-the-house', { field: `${vm}/sku.name`, notLike: 'Standard_D*' }],
  ['windows-in-europe', { field: 'location', equals: 'eastus' }],
].map(([name, condition]) =>
  definition(String(name), {
    displayName: String(name).replaceAll('-', ' '),
    category: 'Compute',
    allOf: [vms, condition as { field: string }],
    effect: 'audit',
  }),
);

const initiative: Sketch = {
  name: 'house-rules',
  scope: rootGroupId,
  age: 150,
  properties: {
    displayName: 'House rules',
    policyType: 'Custom',
    metadata: { category: 'Compute', version: '1.0.0' },
    version: '1.0.0',
    versions: ['1.0.0'],
    parameters: {},
    policyDefinitions: definitions.map(({ name }) => member(name, name)),
  },
};

const assignment: Sketch = {
  name: 'house-rules',
  scope: landingZonesId,
  age: 140,
  properties: {
    displayName: 'House rules',
    policyDefinitionId: `${rootGroupId}/providers/Microsoft.Authorization/policySetDefinitions/house-rules`,
    definitionVersion: '1.*.*',
    notScopes: [],
    enforcementMode: 'Default',
    assignmentType: 'Custom',
    parameters: {},
    scope: landingZonesId,
  },
};

/** Adds the policies of synthetic estates to the existing ones. */
export function addSyntheticPolicies(all: Record<PolicyType, Record<string, PolicyObject>>, startMs: number): void {
  const made = systemData(startMs);
  for (const [type, sketches] of [
    ['policyDefinitions', definitions],
    ['policySetDefinitions', [initiative]],
    ['policyAssignments', [assignment]],
  ] as const) {
    for (const sketch of sketches) {
      const [id, object] = entry(type, sketch, made);
      all[type][id] = object;
    }
  }
}
