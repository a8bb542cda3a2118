import { rootManagementGroup } from '../../../sandbox/azure/authorization/names';
import { landingZonesId, rootGroupId } from '../../../sandbox/azure/estate/management-groups';
import { seedEstate } from '../../../sandbox/azure/estate/seed';
import { syntheticSubscription, teamGroup } from '../../../sandbox/azure/estate/shape';
import { principalIdOf } from '../../../sandbox/azure/identity';
import type { SandboxResponse } from '../../../sandbox/kernel/types';
import { type Azure, errorOf, machine } from './azure';
import { subscription } from './names';
import type { Refusal } from './row';

const policy = 'providers/Microsoft.Authorization';
const insights = 'providers/Microsoft.PolicyInsights';
const at = (scope: string, type: string, name = 'row') => `${scope}/${policy}/${type}/${name}`;
const definition = at(subscription, 'policyDefinitions');
const set = at(subscription, 'policySetDefinitions');
const assignment = at(subscription, 'policyAssignments');
const legacy = teamGroup('legacy');
const legacySubscription = legacy.split('/resourceGroups/')[0] ?? '';
const golden = at(landingZonesId, 'policyAssignments', 'only-golden-images');
const baseline = at(landingZonesId, 'policyAssignments', 'machine-baseline');
const modifies = at(rootGroupId, 'policyDefinitions', 'lab-cost-centre');
const effects = { effect: { type: 'String', allowedValues: ['Audit', 'Deny'], defaultValue: 'Audit' } };

const rule = (effect = 'audit') =>
  Object.fromEntries([
    ['if', { field: 'type', equals: 'Microsoft.Compute/virtualMachines' }],
    ['then', { effect }],
  ]);
const custom = (rest: object = {}) => ({ properties: { policyRule: rule(), ...rest } });
const flexible = custom({ policyRule: rule("[parameters('effect')]"), parameters: effects });
const ofSet = (members: readonly object[], parameters: object = {}) => ({
  properties: { policyDefinitions: members, parameters },
});
const passesOn = ofSet(
  [{ policyDefinitionId: definition, parameters: { effect: { value: "[parameters('effect')]" } } }],
  effects,
);
const assigned = (policyDefinitionId: string, rest: object = {}) => ({ properties: { policyDefinitionId, ...rest } });
const exempt = (policyAssignmentId: string, rest: object = {}) => ({
  properties: { policyAssignmentId, exemptionCategory: 'Waiver', ...rest },
});

type Act = (azure: Azure) => Promise<unknown>;
type Ask = Refusal['request'];
const put =
  (path: string, body: object): Ask =>
  (azure) =>
    azure.send('PUT', path, body);
const ask =
  (method: string, path: string): Ask =>
  (azure) =>
    azure.send(method, path);
const have =
  (...wanted: readonly (readonly [string, object])[]): Act =>
  async (azure) => {
    for (const [path, body] of wanted) await azure.done('PUT', path, body);
  };
const after =
  (given: Act, then: Ask): Ask =>
  async (azure) => {
    await given(azure);
    return then(azure);
  };
/** As many as there may be of a kind: one. */
const full =
  (what: string, ...wanted: readonly (readonly [string, object])[]): Act =>
  async (azure) => {
    await have(...wanted)(azure);
    await azure.conditions({ limits: [{ what, most: 1 }] });
  };
const made = have([definition, custom()]);
const expandable = have([definition, flexible]);
const missing = (type: string): Ask => ask('GET', at(subscription, type, 'nowhere'));

/** Definitions, sets, assignments and exemptions. */
export const policyRefusals: readonly Refusal[] = [
  {
    id: 'POL-01',
    request: put(at(legacy, 'policyAssignments'), assigned(modifies, { parameters: { costCentre: { value: 'c' } } })),
    fine: put(at(legacy, 'policyAssignments'), {
      location: 'westeurope',
      identity: { type: 'SystemAssigned' },
      ...assigned(modifies, { parameters: { costCentre: { value: 'c' } } }),
    }),
    refused: { status: 400, code: 'ResourceIdentityRequired' },
    also: async (azure) => {
      await have([agents, installs])(azure);
      const answer = await azure.send('PUT', agentsHere, assigned(agents));
      expect([answer.status, errorOf(answer).code]).toEqual([400, 'ResourceIdentityRequired']);
    },
  },
  {
    id: 'POL-02',
    request: missing('policyAssignments'),
    fine: ask('GET', golden),
    refused: { status: 404, code: 'PolicyAssignmentNotFound' },
    names: ['nowhere'],
  },
  {
    id: 'POL-03',
    request: put(assignment, assigned(at(subscription, 'policyDefinitions', 'nowhere'))),
    fine: after(made, put(assignment, assigned(definition))),
    refused: { status: 404, code: 'PolicyDefinitionNotFound' },
    names: ['nowhere'],
  },
  {
    id: 'POL-04',
    request: missing('policySetDefinitions'),
    fine: ask('GET', at(rootGroupId, 'policySetDefinitions', 'machine-baseline')),
    refused: { status: 404, code: 'PolicySetDefinitionNotFound' },
    names: ['nowhere'],
  },
  {
    id: 'POL-05',
    given: have([at(legacy, 'policyExemptions', 'other'), exempt(golden)]),
    request: ask('GET', at(legacy, 'policyExemptions', 'nowhere')),
    fine: after(have([at(legacy, 'policyExemptions'), exempt(golden)]), ask('GET', at(legacy, 'policyExemptions'))),
    refused: { status: 404, code: 'PolicyExemptionNotFound' },
    names: ['nowhere'],
  },
  {
    id: 'POL-06',
    given: made,
    request: put(assignment, assigned(definition, { parameters: { dropped: { value: 1 } } })),
    fine: after(made, put(assignment, assigned(definition))),
    refused: { status: 400, code: 'UndefinedPolicyParameter' },
    names: ['dropped', 'row'],
  },
  {
    id: 'POL-07',
    request: put(definition, custom({ policyRule: rule('forbid') })),
    fine: put(definition, custom()),
    refused: { status: 400, code: 'InvalidPolicyRule' },
    names: ['forbid'],
  },
  {
    id: 'POL-08',
    request: put(at(legacy, 'policyExemptions'), exempt(golden, { policyDefinitionReferenceIds: ['inheritTeamTag'] })),
    fine: put(at(legacy, 'policyExemptions'), exempt(baseline, { policyDefinitionReferenceIds: ['inheritTeamTag'] })),
    refused: { status: 400, code: 'InvalidPolicyDefinitionReference' },
    names: ['row'],
  },
  {
    id: 'POL-09',
    given: have([definition, custom()], [assignment, assigned(definition)]),
    request: ask('DELETE', definition),
    fine: after(made, ask('DELETE', definition)),
    refused: { status: 400, code: 'InvalidDeletePolicyDefinitionRequest' },
    names: ['row', assignment],
  },
  {
    id: 'POL-10',
    given: have([definition, flexible], [set, passesOn], [assignment, assigned(set)]),
    request: ask('DELETE', set),
    fine: after(have([definition, flexible], [set, passesOn]), ask('DELETE', set)),
    refused: { status: 400 },
    names: ['row', assignment],
  },
  {
    id: 'POL-11',
    given: have([definition, flexible], [set, passesOn]),
    request: put(set, ofSet([{ policyDefinitionId: definition }])),
    fine: after(have([definition, flexible], [set, passesOn]), put(set, passesOn)),
    refused: { status: 400, code: 'InvalidPolicySetParameterUpdate' },
    names: ['effect'],
  },
  {
    id: 'POL-12',
    given: expandable,
    request: put(definition, custom()),
    fine: after(expandable, put(definition, flexible)),
    refused: { status: 400 },
  },
  {
    id: 'POL-13',
    given: expandable,
    request: put(set, ofSet([{ policyDefinitionId: definition }], effects)),
    fine: after(expandable, put(set, passesOn)),
    refused: { status: 400 },
    names: ['row', 'effect'],
  },
  {
    id: 'POL-14',
    request: put(at('/managementGroups/contoso', 'policyExemptions'), exempt(golden)),
    fine: put(at(legacy, 'policyExemptions'), exempt(golden)),
    refused: { status: 404, code: 'MissingSubscription' },
  },
  {
    id: 'POL-15',
    given: full('policyDefinitions', [definition, custom()]),
    request: put(`${definition}-2`, custom()),
    fine: after(full('policyDefinitions', [definition, custom()]), put(definition, custom())),
    refused: { status: 400, code: 'PolicyDefinitionQuotaExceeded' },
  },
  {
    id: 'POL-16',
    request: put(
      at(landingZonesId, 'policyAssignments', 'x'.repeat(25)),
      assigned(at(rootGroupId, 'policyDefinitions', 'no-huge-sizes')),
    ),
    fine: put(
      at(landingZonesId, 'policyAssignments', 'x'.repeat(24)),
      assigned(at(rootGroupId, 'policyDefinitions', 'no-huge-sizes')),
    ),
    refused: { status: 400, code: 'InvalidPolicyAssignmentName' },
    names: ['x'.repeat(25)],
  },
  {
    id: 'POL-17',
    given: made,
    request: put(at(legacySubscription, 'policyAssignments'), assigned(definition)),
    fine: after(made, put(assignment, assigned(definition))),
    refused: { status: 400 },
    names: ['row'],
  },
  {
    id: 'POL-19',
    given: full('policyAssignments', [definition, custom()], [assignment, assigned(definition)]),
    request: put(`${assignment}-2`, assigned(definition)),
    fine: after(
      full('policyAssignments', [definition, custom()], [assignment, assigned(definition)]),
      put(assignment, assigned(definition)),
    ),
    refused: { status: 400 },
  },
  {
    id: 'POL-20',
    given: full('policyExemptions', [at(legacy, 'policyExemptions'), exempt(golden)]),
    request: put(at(legacy, 'policyExemptions', 'row-2'), exempt(golden)),
    fine: after(
      full('policyExemptions', [at(legacy, 'policyExemptions'), exempt(golden)]),
      put(at(legacy, 'policyExemptions'), exempt(golden)),
    ),
    refused: { status: 400 },
  },
  {
    id: 'POL-21',
    given: full('policySetDefinitions', [definition, flexible], [set, passesOn]),
    request: put(`${set}-2`, passesOn),
    fine: after(full('policySetDefinitions', [definition, flexible], [set, passesOn]), put(set, passesOn)),
    refused: { status: 400 },
  },
  {
    id: 'POL-22',
    given: made,
    request: put(assignment, assigned(definition, { notScopes: Array(401).fill(legacy) })),
    fine: after(made, put(assignment, assigned(definition, { notScopes: Array(400).fill(legacy) }))),
    refused: { status: 400 },
  },
  {
    id: 'POL-23',
    request: put(definition, custom({ description: 'x'.repeat(1_048_577) })),
    fine: put(definition, custom({ description: 'x'.repeat(1_000_000) })),
    refused: { status: 413 },
  },
];

const task = (name = 'row', scope = legacy) => `${scope}/${insights}/remediations/${name}`;
const tags = (rest: object = {}) => ({
  properties: { policyAssignmentId: baseline, policyDefinitionReferenceId: 'inheritTeamTag', ...rest },
});
const started = have([task(), tags()]);
const running: Act = (azure) => azure.send('PUT', task(), tags());
const statesOf = (scope: string) => `${scope}/${insights}/policyStates/latest/queryResults`;
const states = statesOf(legacy);
const synthetic = statesOf(`/subscriptions/${syntheticSubscription(0)}`);
const pageIn = ({ body }: SandboxResponse) =>
  body as { readonly value: object[]; readonly '@odata.count': number; readonly '@odata.nextLink'?: string };

/** A machine that the policy would tag, an hour ago: it has been evaluated. */
const untagged: Act = (azure) =>
  azure.done('PUT', `${legacy}/providers/Microsoft.Compute/virtualMachines/vm-row`, machine());

const agentType = 'Microsoft.Compute/virtualMachines/extensions';
const agents = at(legacySubscription, 'policyDefinitions', 'agents');
const agentsHere = at(legacy, 'policyAssignments', 'agents');

/** Machines shall have an agent, and get it if they have none. */
const installs = custom({
  policyRule: {
    ...rule(),
    ...Object.fromEntries([
      [
        'then',
        {
          effect: 'deployIfNotExists',
          details: {
            type: agentType,
            roleDefinitionIds: [
              '/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c',
            ],
            existenceCondition: { field: `${agentType}/type`, equals: 'AzureMonitorLinuxAgent' },
            deployment: {
              properties: {
                mode: 'incremental',
                parameters: { vm: { value: "[field('name')]" } },
                template: {
                  resources: [
                    {
                      type: agentType,
                      name: "[concat(parameters('vm'), '/agent')]",
                      properties: { publisher: 'Microsoft.Azure.Monitor', type: 'AzureMonitorLinuxAgent' },
                    },
                  ],
                },
              },
            },
          },
        },
      ],
    ]),
  },
});
const withIdentity = { location: 'westeurope', identity: { type: 'SystemAssigned' } };
const agentless: Act = async (azure) => {
  await have([agents, installs], [agentsHere, { ...withIdentity, ...assigned(agents) }])(azure);
  await untagged(azure);
};
const contributor = 'b24988ac-6180-42a0-ab88-20f7382dd24c';
const giveRole: Act = async (azure) => {
  const principal = { principalType: 'ServicePrincipal' };
  await azure.done('PUT', roles(legacy, 9), grant(principalIdOf(agentsHere), principal, contributor));
};
const install = (name = 'row') => put(task(name), { properties: { policyAssignmentId: agentsHere } });

/** How a task counts, and the worst state of the machine's: what somebody sees at this moment. */
async function countOf(azure: Azure, name: string): Promise<object> {
  const { properties } = (await azure.send('GET', task(name))).body as {
    properties: { provisioningState: string; deploymentStatus: object };
  };
  return { state: properties.provisioningState, ...properties.deploymentStatus };
}

async function agentsOf(azure: Azure): Promise<{ readonly states: string[]; readonly names: string[] }> {
  const filter = `$filter=${encodeURIComponent("PolicyDefinitionAction eq 'deployifnotexists'")}`;
  const { value } = (await azure.send('POST', `${states}?${filter}`)).body as { value: { complianceState: string }[] };
  const query = `resources | where type =~ '${agentType}' | project name`;
  const rows = await azure.send('POST', '/providers/Microsoft.ResourceGraph/resources', { query });
  const names = (rows.body as { data: { name: string }[] }).data.map(({ name }) => name);
  return { states: value.map(({ complianceState }) => complianceState), names };
}

async function takeRoles(azure: Azure): Promise<void> {
  const mine = `${landingZonesId}/${policy}/roleAssignments`;
  const { body } = await azure.send('GET', `${mine}?$filter=principalId eq '${principalIdOf(baseline)}'`);
  for (const { id } of (body as { value: { id: string }[] }).value) await azure.send('DELETE', id);
}

/** What is asked about states, and what mends them. */
export const insightsRefusals: readonly Refusal[] = [
  {
    id: 'PI-01',
    given: started,
    request: ask('POST', `${task()}/cancel`),
    fine: after(running, ask('POST', `${task()}/cancel`)),
    refused: { status: 400, code: 'InvalidCancelRemediationRequest' },
  },
  {
    id: 'PI-02',
    request: put(task('x'.repeat(261)), tags()),
    fine: put(task('x'.repeat(260)), tags()),
    refused: { status: 400 },
  },
  {
    id: 'PI-03',
    given: running,
    request: put(task('row-2'), tags()),
    fine: after(started, put(task('row-2'), tags())),
    refused: { status: 400, code: 'InvalidCreateRemediationRequest' },
    names: ['row', baseline, 'inheritTeamTag'],
  },
  {
    id: 'PI-04',
    request: put(task('row', landingZonesId), tags({ resourceDiscoveryMode: 'ReEvaluateCompliance' })),
    fine: put(task('row', legacySubscription), tags({ resourceDiscoveryMode: 'ReEvaluateCompliance' })),
    refused: { status: 400, code: 'InvalidCreateRemediationRequest' },
    names: ['row'],
  },
  {
    id: 'PI-05',
    given: async (azure) => {
      await running(azure);
      await azure.send('POST', `${task()}/cancel`);
    },
    request: ask('DELETE', task()),
    fine: after(started, ask('DELETE', task())),
    refused: { status: 400, code: 'InvalidDeleteRemediationRequest' },
  },
  {
    id: 'PI-06',
    given: agentless,
    request: install(),
    fine: after(async (azure) => {
      await agentless(azure);
      await giveRole(azure);
    }, install()),
    refused: { operation: 'Failed' },
    names: [agentsHere, 'PolicyDeployment_'],
    also: async (azure) => {
      expect(await agentsOf(azure)).toEqual({ states: ['NonCompliant'], names: [] });
      // The task ends before it counts what failed.
      await install('row-2')(azure);
      azure.later(2);
      const count = { state: 'Failed', totalDeployments: 1, successfulDeployments: 0 };
      expect(await countOf(azure, 'row-2')).toEqual({ ...count, failedDeployments: 0 });
      azure.later(2);
      expect(await countOf(azure, 'row-2')).toEqual({ ...count, failedDeployments: 1 });
      await giveRole(azure);
      await azure.done('PUT', task('row-3'), { properties: { policyAssignmentId: agentsHere } });
      expect(await agentsOf(azure)).toEqual({ states: ['Compliant'], names: ['agent'] });
      await azure.done('DELETE', `${legacy}/providers/Microsoft.Compute/virtualMachines/vm-row`);
      expect(await agentsOf(azure)).toEqual({ states: [], names: [] });
    },
  },
  {
    id: 'PI-07',
    given: async (azure) => {
      await untagged(azure);
      await takeRoles(azure);
    },
    request: put(task(), tags()),
    fine: after(untagged, put(task(), tags())),
    refused: { operation: 'Failed' },
    names: ['PATCH', principalIdOf(baseline), 'Microsoft.Resources/tags/write'],
  },
  {
    id: 'PI-08',
    given: async (azure) => {
      await started(azure);
      await azure.done('DELETE', baseline);
    },
    request: ask('GET', task()),
    refused: { silent: async (_, answer) => expect(answer.body).toMatchObject({ name: 'row' }) },
  },
  {
    id: 'PI-10',
    request: ask('GET', states),
    fine: ask('POST', states),
    refused: { status: 405, code: 'HttpMethodNotSupported' },
    names: ['queryResults'],
  },
  {
    id: 'PI-11',
    given: async ({ world }) => seedEstate(world, { vms: 600, teams: 4, seed: 7 }),
    request: ask('POST', synthetic),
    refused: {
      // Who does not follow the link takes the first thousand for all.
      silent: async (azure, answer) => {
        const first = pageIn(answer);
        expect([first.value.length, first['@odata.count']]).toEqual([1_000, 1_000]);
        const next = pageIn(await azure.send('POST', first['@odata.nextLink'] ?? ''));
        expect(next.value.length).toBeGreaterThan(0);
        const small = pageIn(await azure.send('POST', `${synthetic}?$top=5`));
        expect([small.value.length, small['@odata.nextLink']]).toEqual([5, undefined]);
      },
    },
  },
  {
    id: 'PI-12',
    request: put(task(), tags({ resourceCount: 50_001 })),
    fine: put(task(), tags({ resourceCount: 50_000 })),
    refused: { status: 400 },
  },
  {
    id: 'PI-13',
    given: async (azure) => {
      await started(azure);
      azure.later(61 * 24 * 60);
    },
    request: ask('GET', task()),
    fine: after(started, ask('GET', task())),
    refused: { status: 404 },
  },
];

const roles = (scope: string, n: number) => at(scope, 'roleAssignments', `60a551e0-601d-4b07-8000-00000000010${n}`);
const reader = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';
const ownerRole = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635';
const stranger = '0b1ec700-0000-4000-8000-0000000000ff';
const grant = (principalId = stranger, rest: object = { principalType: 'ServicePrincipal' }, role = reader) => ({
  properties: { roleDefinitionId: `${subscription}/${policy}/roleDefinitions/${role}`, principalId, ...rest },
});
const goldbots = { authorization: 'Bearer sandbox' };
const initial = `${rootManagementGroup}/${policy}/roleAssignments/60a551e0-601d-4b07-8000-000000000001`;
const takeOwnership: Act = (azure) => azure.done('DELETE', initial);
const granted = have([roles(subscription, 1), grant()]);

/** Role assignments. */
export const roleRefusals: readonly Refusal[] = [
  {
    id: 'RBAC-01',
    request: put(roles(subscription, 1), grant(stranger, {})),
    fine: put(roles(subscription, 1), grant(stranger)),
    refused: { status: 400, code: 'PrincipalNotFound' },
    names: [stranger.replaceAll('-', '')],
  },
  {
    id: 'RBAC-03',
    given: granted,
    request: put(roles(subscription, 1), grant(stranger.replace('ff', 'fe'))),
    fine: after(granted, put(roles(subscription, 1), grant())),
    refused: { status: 400, code: 'RoleAssignmentUpdateNotPermitted' },
  },
  {
    id: 'RBAC-04',
    given: takeOwnership,
    request: (azure) => azure.send('PUT', roles(subscription, 1), grant(), goldbots),
    refused: { status: 403 },
    names: ['Microsoft.Authorization/roleAssignments/write', subscription],
  },
  {
    id: 'RBAC-05',
    given: async (azure) => {
      await have([roles(subscription, 1), grant(stranger, undefined, ownerRole)])(azure);
      await takeOwnership(azure);
    },
    request: ask('DELETE', roles(subscription, 1)),
    fine: after(
      have([roles(subscription, 1), grant(stranger, undefined, ownerRole)]),
      ask('DELETE', roles(subscription, 1)),
    ),
    refused: { status: 400 },
  },
  {
    id: 'RBAC-06',
    given: full('roleAssignments', [roles(subscription, 1), grant()]),
    request: put(roles(subscription, 2), grant(stranger.replace('ff', 'fe'))),
    fine: after(full('roleAssignments', [roles(subscription, 1), grant()]), put(roles(subscription, 1), grant())),
    refused: { status: 400 },
  },
  {
    id: 'RBAC-07',
    given: granted,
    request: put(roles(subscription, 2), grant()),
    refused: { status: 409, code: 'RoleAssignmentExists' },
    names: ['60a551e0601d4b078000000000000101'],
  },
];
