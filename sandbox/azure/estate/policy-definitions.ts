import type { Json } from '../../kernel/types';
import type { JsonObject } from '../compute/resource';
import { rootGroupId } from './management-groups';
import type { Sketch } from './policy-sketch';

const machineTypes: Json = ['Microsoft.Compute/virtualMachines', 'Microsoft.Compute/virtualMachineScaleSets'];
const taggedTypes: Json = [...(machineTypes as string[]), 'Microsoft.HybridCompute/machines'];

interface Rule {
  readonly displayName: string;
  readonly category: string;
  readonly allOf: readonly JsonObject[];
  /** The effect, or `[parameters('effect')]`. */
  readonly effect: string;
  readonly details?: JsonObject;
  readonly parameters?: JsonObject;
}

export function definition(name: string, rule: Rule): Sketch {
  const outcome: JsonObject = { effect: rule.effect, ...(rule.details && { details: rule.details }) };
  return {
    name,
    scope: rootGroupId,
    age: 150,
    properties: {
      displayName: rule.displayName,
      policyType: 'Custom',
      mode: 'Indexed',
      metadata: { category: rule.category, version: '1.0.0' },
      version: '1.0.0',
      versions: ['1.0.0'],
      parameters: rule.parameters ?? {},
      // Named as Azure names them; an object literal with `then` would look like a promise to the linter.
      policyRule: Object.fromEntries([
        ['if', { allOf: [...rule.allOf] }],
        ['then', outcome],
      ]) as JsonObject,
    },
  };
}

const writesTag = (name: string, value: string): JsonObject => ({
  roleDefinitionIds: ['/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c'],
  operations: [{ operation: 'add', field: `tags['${name}']`, value }],
});

const teamIsMissing: readonly JsonObject[] = [
  { field: 'type', in: taggedTypes },
  { field: "tags['team']", exists: 'false' },
];

/** The custom definitions of the tenant, on its root management group. */
export const definitions: readonly Sketch[] = [
  definition('only-golden-images', {
    displayName: 'Only golden images',
    category: 'Compute',
    parameters: {
      gallery: { type: 'String' },
      effect: { type: 'String', allowedValues: ['Audit', 'Deny', 'Disabled'], defaultValue: 'Audit' },
    },
    allOf: [
      { field: 'type', in: machineTypes },
      { not: { field: 'Microsoft.Compute/imageId', like: "[concat(parameters('gallery'), '/images/*')]" } },
    ],
    effect: "[parameters('effect')]",
  }),
  definition('require-team-tag', {
    displayName: 'Machines have a tag that names their team',
    category: 'Tags',
    allOf: teamIsMissing,
    effect: 'audit',
  }),
  definition('inherit-team-tag', {
    displayName: 'The team tag comes from the resource group when it is missing',
    category: 'Tags',
    allOf: teamIsMissing,
    effect: 'modify',
    details: writesTag('team', "[resourceGroup().tags['team']]"),
  }),
  definition('allowed-locations', {
    displayName: 'Machines run in these regions',
    category: 'General',
    parameters: { locations: { type: 'Array' } },
    allOf: [
      { field: 'type', in: machineTypes },
      { field: 'location', notIn: "[parameters('locations')]" },
    ],
    effect: 'audit',
  }),
  definition('no-huge-sizes', {
    displayName: 'No machines of the M series',
    category: 'Compute',
    allOf: [
      { field: 'type', equals: 'Microsoft.Compute/virtualMachines' },
      { field: 'Microsoft.Compute/virtualMachines/sku.name', like: 'Standard_M*' },
    ],
    effect: 'deny',
  }),
  definition('lab-cost-centre', {
    displayName: 'Laboratory machines carry a cost centre',
    category: 'Tags',
    parameters: { costCentre: { type: 'String' } },
    allOf: [
      { field: 'type', equals: 'Microsoft.Compute/virtualMachines' },
      { field: "tags['role']", equals: 'lab' },
      { field: "tags['cost-centre']", exists: 'false' },
    ],
    effect: 'modify',
    details: writesTag('cost-centre', "[parameters('costCentre')]"),
  }),
  definition('edge-regions', {
    displayName: 'Edge machines run where their tag says',
    category: 'General',
    allOf: [
      { field: 'type', equals: 'Microsoft.Compute/virtualMachines' },
      { field: "tags['role']", equals: 'edge' },
      // Fails for machines without the tag: the target of `notIn` is then not a list.
      { field: 'location', notIn: "[field('tags[regions]')]" },
    ],
    effect: 'audit',
  }),
  definition('recovery-tested', {
    displayName: 'The recovery of pets was tested this year',
    category: 'Operations',
    allOf: [
      { field: 'type', equals: 'Microsoft.Compute/virtualMachines' },
      { field: "tags['service-model']", equals: 'pet' },
    ],
    effect: 'manual',
    details: { defaultState: 'Unknown' },
  }),
];

export const member = (reference: string, name: string, parameters: JsonObject = {}): JsonObject => ({
  policyDefinitionReferenceId: reference,
  policyDefinitionId: `${rootGroupId}/providers/Microsoft.Authorization/policyDefinitions/${name}`,
  definitionVersion: '1.*.*',
  parameters,
});

/** What every machine is held to, as one assignment. */
export const initiative: Sketch = {
  name: 'machine-baseline',
  scope: rootGroupId,
  age: 150,
  properties: {
    displayName: 'Baseline of all machines',
    policyType: 'Custom',
    metadata: { category: 'Compute', version: '1.0.0' },
    version: '1.0.0',
    versions: ['1.0.0'],
    parameters: { locations: { type: 'Array' } },
    policyDefinitions: [
      member('requireTeamTag', 'require-team-tag'),
      member('inheritTeamTag', 'inherit-team-tag'),
      member('allowedLocations', 'allowed-locations', { locations: { value: "[parameters('locations')]" } }),
    ],
  },
};
