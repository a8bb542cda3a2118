import type { JsonObject } from '../compute/resource';
import { identityAnswered, principalIdOf } from '../identity';
import { location, teamSubscriptions } from '../names';
import type { PolicyObject, PolicyType } from '../policy/model';
import { landingZonesId, rootGroupId } from './management-groups';
import { definitions, initiative } from './policy-definitions';
import type { Sketch } from './policy-sketch';
import { day, galleryRef, teamGroup } from './shape';

/** The policies that the tenant begins with, each kind by lower-case id. */
export function storyPolicies(startMs: number): Record<PolicyType, Record<string, PolicyObject>> {
  const made = (ageDays: number) => systemData(startMs - ageDays * day);
  const all = (type: PolicyType, objects: readonly Sketch[]) =>
    Object.fromEntries(objects.map((sketch) => entry(type, sketch, made(sketch.age))));
  return {
    policyDefinitions: all('policyDefinitions', definitions),
    policySetDefinitions: all('policySetDefinitions', [initiative]),
    policyAssignments: all('policyAssignments', assignments),
    policyExemptions: all('policyExemptions', exemptions(startMs)),
  };
}

export function entry(type: PolicyType, sketch: Sketch, data: JsonObject): [string, PolicyObject] {
  const { name, scope, properties, changes = false } = sketch;
  const id = `${scope}/providers/Microsoft.Authorization/${type}/${name}`;
  const own = changes && { location, identity: identityAnswered({ type: 'SystemAssigned' }, id) };
  return [
    id.toLowerCase(),
    { id, name, type: `Microsoft.Authorization/${type}`, ...own, systemData: data, properties },
  ];
}

/** The identities of the story's assignments and where they may write. */
export const policyPrincipals = () =>
  assignments.flatMap(({ changes, scope, name }) =>
    changes
      ? [{ scope, principalId: principalIdOf(`${scope}/providers/Microsoft.Authorization/policyAssignments/${name}`) }]
      : [],
  );

export function systemData(atMs: number): JsonObject {
  const [by, at] = ['governance@contoso.example', new Date(atMs).toISOString()];
  return {
    createdBy: by,
    createdByType: 'User',
    createdAt: at,
    lastModifiedBy: by,
    lastModifiedByType: 'User',
    lastModifiedAt: at,
  };
}

const vm = (team: Parameters<typeof teamGroup>[0], name: string): string =>
  `${teamGroup(team)}/providers/Microsoft.Compute/virtualMachines/${name}`;

/** Excluded everywhere while they move: no policy ever looked at them. */
const notScopes = [vm('legacy', 'vm-legacy-core-005'), vm('legacy', 'vm-legacy-core-006')];

const of = (name: string): string => `${rootGroupId}/providers/Microsoft.Authorization/policyDefinitions/${name}`;

const changing = (sketch: Sketch): Sketch => ({ ...sketch, changes: true });

function assignment(scope: string, name: string, properties: JsonObject): Sketch {
  return {
    name,
    scope,
    age: 140,
    properties: {
      definitionVersion: '1.*.*',
      notScopes,
      enforcementMode: 'Default',
      assignmentType: 'Custom',
      ...properties,
      scope,
    },
  };
}

export const goldenAssignment = `${landingZonesId}/providers/Microsoft.Authorization/policyAssignments/only-golden-images`;

const assignments: readonly Sketch[] = [
  assignment(landingZonesId, 'only-golden-images', {
    displayName: 'Machines come from the golden images',
    policyDefinitionId: of('only-golden-images'),
    parameters: { gallery: { value: galleryRef }, effect: { value: 'Audit' } },
  }),
  changing(
    assignment(landingZonesId, 'machine-baseline', {
      displayName: 'Baseline of all machines',
      policyDefinitionId: `${rootGroupId}/providers/Microsoft.Authorization/policySetDefinitions/${initiative.name}`,
      enforcementMode: 'DoNotEnforce',
      parameters: { locations: { value: ['westeurope', 'northeurope'] } },
    }),
  ),
  assignment(`/subscriptions/${teamSubscriptions[1]}`, 'no-huge-sizes', {
    displayName: 'No machines of the M series',
    policyDefinitionId: of('no-huge-sizes'),
    parameters: {},
  }),
  changing(
    assignment(`/subscriptions/${teamSubscriptions[2]}`, 'cost-centre', {
      displayName: 'Cost centre of the subscription',
      policyDefinitionId: of('lab-cost-centre'),
      enforcementMode: 'DoNotEnforce',
      parameters: { costCentre: { value: 'cc-4000' } },
    }),
  ),
  changing(
    assignment(teamGroup('data'), 'cost-centre-data', {
      displayName: 'Cost centre of data',
      policyDefinitionId: of('lab-cost-centre'),
      enforcementMode: 'DoNotEnforce',
      parameters: { costCentre: { value: 'cc-4100' } },
    }),
  ),
  assignment(teamGroup('web'), 'edge-regions', {
    displayName: 'Edge machines run where their tag says',
    policyDefinitionId: of('edge-regions'),
    parameters: {},
  }),
  assignment(teamGroup('legacy'), 'recovery-tested', {
    displayName: 'The recovery of pets was tested this year',
    policyDefinitionId: of('recovery-tested'),
    parameters: {},
  }),
];

/** One without an end, one with months to go, one that ends this week, one that is over. */
function exemptions(startMs: number): Sketch[] {
  const exemption = (id: string, category: string, endsInDays?: number): Sketch => ({
    name: `exempt-${id.split('/').at(-1)}`,
    scope: id,
    age: 60,
    properties: {
      policyAssignmentId: goldenAssignment,
      exemptionCategory: category,
      displayName: `${id.split('/').at(-1)} cannot be rebuilt yet`,
      description:
        category === 'Waiver' ? 'The vendor supports this installation only.' : 'Isolated in its own network.',
      ...(endsInDays !== undefined && { expiresOn: new Date(startMs + endsInDays * day).toISOString() }),
    },
  });
  return [
    exemption(vm('legacy', 'vm-legacy-erp-001'), 'Waiver'),
    exemption(vm('legacy', 'vm-legacy-erp-002'), 'Mitigated', 120),
    exemption(vm('payments', 'vm-payments-hsm-001'), 'Waiver', 5),
    exemption(vm('payments', 'vm-payments-hsm-002'), 'Waiver', -9),
  ];
}
