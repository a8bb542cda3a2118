import { rootManagementGroup } from '../../sandbox/azure/authorization/names';
import { judgeProtocol } from '../conformance/protocol';
import { judged } from '../conformance/shared';
import { judgeSpec } from '../conformance/spec';
import { judgeTypes } from '../conformance/types';
import { assignRole, defineRole, reader, testRole, withdrawAll } from '../deploy/restricted';
import { ask } from './client';
import { group, machine, make, onlyGallery, path, policyWorld, subscription, version, vmUrl } from './policy-world';

const roles = 'api-version=2022-04-01';

/** Every verb of roles and policies once, with what is refused. */
async function everything() {
  const { sandbox } = policyWorld();
  const send = (method: string, url: string, body?: unknown) =>
    ask(sandbox, method, url, body, { 'content-type': 'application/json' });
  await withdrawAll(sandbox);
  await defineRole(sandbox, ['*/read']);
  await assignRole(sandbox, subscription, testRole);
  await defineRole(sandbox, ['*/read']);
  const roleUrl = `${subscription}/providers/Microsoft.Authorization/roleDefinitions`;
  const assignmentUrl = `${subscription}/providers/Microsoft.Authorization/roleAssignments`;
  const name = '7e571e57-0000-4000-8000-000000000001';
  const properties = { roleDefinitionId: `${roleUrl}/${reader}`, principalId: name, principalType: 'User' };
  await send('PUT', `${assignmentUrl}/${name}?${roles}`, { properties });
  for (const url of [`${roleUrl}?${roles}`, `${roleUrl}/${reader}?${roles}`, `${roleUrl}/nothing?${roles}`]) {
    await send('GET', url);
  }
  for (const url of [assignmentUrl, `${assignmentUrl}/${name}`, `${assignmentUrl}/${name.replace('1', '2')}`]) {
    await send('GET', `${url}?${roles}`);
  }
  await send('GET', `${rootManagementGroup}/providers/Microsoft.Authorization/roleAssignments?${roles}`);
  await send('DELETE', `${assignmentUrl}/${name}?${roles}`);
  const made = await make(sandbox, path(subscription, 'policyDefinitions', 'only-gallery'), onlyGallery);
  const parameters = { galleries: { value: ['/none'] }, effect: { value: 'Deny' } };
  const assigned = { policyDefinitionId: made.id, parameters };
  const set = { policyDefinitions: [{ ...assigned, policyDefinitionReferenceId: 'one' }] };
  await make(sandbox, path(subscription, 'policySetDefinitions', 'set'), set);
  await make(sandbox, path(group, 'policyAssignments', 'golden'), assigned);
  await send('PUT', path(group, 'policyAssignments', 'lacks'), { properties: { policyDefinitionId: made.id } });
  await send('PATCH', path(group, 'policyAssignments', 'golden'), { location: 'westeurope' });
  await send('PUT', vmUrl('vm-1'), machine({ id: '/elsewhere' }));
  for (const type of ['policyDefinitions', 'policySetDefinitions', 'policyAssignments']) {
    const scope = type === 'policyAssignments' ? group : subscription;
    await send('GET', `${scope}/providers/Microsoft.Authorization/${type}?${version}`);
    await send(
      'GET',
      path(scope, type, { policyDefinitions: 'only-gallery', policyAssignments: 'golden' }[type] ?? 'set'),
    );
    await send('GET', path(scope, type, 'nothing'));
  }
  await send('DELETE', path(group, 'policyAssignments', 'golden'));
  await send('DELETE', path(subscription, 'policySetDefinitions', 'set'));
  await send('DELETE', path(subscription, 'policyDefinitions', 'only-gallery'));
  return sandbox.exchanges;
}

/** Files of the specification that these need are not beside us: the resource types judge them. */
const withoutSpec = /\/Microsoft\.Authorization\/policy(?:Assignments|SetDefinitions)/;
/** About the sender, who is this test; and lists here hold what is above and below a scope. */
const notOurs = ['bearer token', 'content of a request', 'api-version', 'ids'];
/** ARM's gateway refuses before Compute does: Compute's specification does not have what the gateway adds. */
const ofGateway = /OBJECT_ADDITIONAL_PROPERTIES.*: additionalInfo$/;

judged('roles and policies, by the specification and the resource types', () => {
  it('finds nothing wrong with any exchange, and knows every operation', async () => {
    const operations = new Set<string>();
    const wrong: string[] = [];
    for (const exchange of await everything()) {
      const { operation, wrong: bySpec } = withoutSpec.test(exchange.url)
        ? { operation: undefined, wrong: [] }
        : await judgeSpec(exchange);
      const byTypes = judgeTypes(exchange);
      operations.add(operation ?? (byTypes ? typeOf(exchange.url) : `unknown: ${exchange.method} ${exchange.url}`));
      const all = [...bySpec, ...(byTypes ?? []), ...judgeProtocol(exchange, notOurs)];
      const counted = all.filter((text) => !ofGateway.test(text));
      wrong.push(...counted.map((text) => `${exchange.method} ${exchange.url} ${exchange.status}: ${text}`));
    }
    expect(wrong).toEqual([]);
    expect([...operations].sort()).toEqual([
      'PolicyDefinitions_CreateOrUpdate',
      'PolicyDefinitions_Delete',
      'PolicyDefinitions_Get',
      'PolicyDefinitions_List',
      'RoleAssignments_Create',
      'RoleAssignments_Delete',
      'RoleAssignments_Get',
      'RoleAssignments_ListForScope',
      'RoleAssignments_ListForSubscription',
      'RoleDefinitions_CreateOrUpdate',
      'RoleDefinitions_Get',
      'RoleDefinitions_List',
      'VirtualMachines_CreateOrUpdate',
      'types of policyAssignments',
      'types of policySetDefinitions',
    ]);
  });
});

const typeOf = (url: string): string => `types of ${/Microsoft\.Authorization\/(\w+)/.exec(url)?.[1]}`;
