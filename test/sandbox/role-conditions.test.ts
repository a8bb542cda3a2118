import { goldbotIdentity, initialAssignment, rootManagementGroup } from '../../sandbox/azure/authorization/names';
import { type Azure, errorOf, openAzure } from '../conformance/refusals/azure';
import { gallery, subscription } from '../conformance/refusals/names';

const roles = 'providers/Microsoft.Authorization/roleAssignments';
const imageReader = 'cf7c76d2-98a3-4358-a134-615aa78bf44d';
const reader = 'acdd72a7-3385-48ef-bd42-f606fba81ae7';
const rbacAdministrator = 'f58310d9-a9f6-439a-9e8d-f62e7b41a168';
const guid = (n: number) => `5c4ed01e-0000-4000-8000-${String(n).padStart(12, '0')}`;
const asGoldbot = { authorization: 'Bearer sandbox' };
const version = '?api-version=2022-04-01';

/** As the portal writes it for "only these roles, only to groups". */
const onlyImageReaderToGroups = ['write', 'delete']
  .map((verb) => {
    const of = verb === 'write' ? '@Request' : '@Resource';
    const attribute = (name: string) => `${of}[Microsoft.Authorization/roleAssignments:${name}]`;
    return `((!(ActionMatches{'Microsoft.Authorization/roleAssignments/${verb}'})) OR (
      ${attribute('RoleDefinitionId')} ForAnyOfAnyValues:GuidEquals {${imageReader}} AND
      ${attribute('PrincipalType')} ForAnyOfAnyValues:StringEqualsIgnoreCase {'Group'}))`;
  })
  .join(' AND ');

function assign(azure: Azure, n: number, more: object, headers?: Readonly<Record<string, string>>) {
  const properties = { principalId: guid(50 + n), principalType: 'Group', roleDefinitionId: imageReader, ...more };
  return azure.send('PUT', `${gallery}/${roles}/${guid(n)}${version}`, { properties }, headers);
}

/** goldbot may assign roles on the subscription, as far as its condition goes, and nothing else. */
async function delegated(condition?: string): Promise<Azure> {
  const azure = openAzure();
  const properties = {
    principalId: goldbotIdentity.objectId,
    principalType: 'ServicePrincipal',
    roleDefinitionId: rbacAdministrator,
    ...(condition !== undefined && { condition, conditionVersion: '2.0' }),
  };
  await azure.done('PUT', `${subscription}/${roles}/${guid(90)}${version}`, { properties });
  await azure.done('DELETE', `${rootManagementGroup}/${roles}/${initialAssignment}${version}`);
  return azure;
}

describe('whoever assigns roles under a condition', () => {
  it('gives and takes what it names, and is refused the rest', async () => {
    const azure = await delegated(onlyImageReaderToGroups);
    await assign(azure, 4, { roleDefinitionId: reader });
    const answers = [
      await assign(azure, 1, {}, asGoldbot),
      await assign(azure, 2, { roleDefinitionId: reader }, asGoldbot),
      await assign(azure, 3, { principalType: 'User' }, asGoldbot),
      await azure.send('DELETE', `${gallery}/${roles}/${guid(4)}${version}`, undefined, asGoldbot),
      await azure.send('DELETE', `${gallery}/${roles}/${guid(1)}${version}`, undefined, asGoldbot),
      await azure.send('GET', `${gallery}/${roles}${version}`, undefined, asGoldbot),
    ];

    expect(answers.map(({ status }) => status)).toEqual([201, 403, 403, 403, 200, 200]);
    expect(errorOf(answers[1] as never)).toMatchObject({
      code: 'AuthorizationFailed',
      message: expect.stringContaining('Microsoft.Authorization/roleAssignments/write'),
    });
  });

  it('without one gives every role', async () => {
    const azure = await delegated();

    expect((await assign(azure, 1, { roleDefinitionId: reader }, asGoldbot)).status).toBe(201);
  });

  it.each([
    ["! ActionMatches{'*/write'} || @Request[a/b:PrincipalId] GuidEquals 'x'", 403],
    [`@Request[a/b:RoleDefinitionId] ForAnyOfAllValues:GuidNotEquals {${reader}, ${rbacAdministrator}}`, 201],
    [`@Request[a/b:RoleDefinitionId] ForAnyOfAllValues:GuidNotEquals {${reader}, ${imageReader}}`, 403],
    ["@Request[a/b:PrincipalType] StringEquals 'group'", 403],
    ["NOT (@Request[a/b:PrincipalType] StringEquals 'User')", 201],
    ["@Environment[utcNow] StringEquals 'x' OR ActionMatches{'*'}", 201],
  ])('under %s is answered %i', async (condition, status) => {
    const azure = await delegated(condition);

    expect((await assign(azure, 1, {}, asGoldbot)).status).toBe(status);
  });

  it.each([
    '(ActionMatches{',
    "@Request[a/b:PrincipalType] Resembles 'x'",
    "ActionMatches{'*'} ActionMatches{'*'}",
    'Yes',
  ])('cannot have the condition %s', async (condition) => {
    const answer = await assign(openAzure(), 1, { condition, conditionVersion: '2.0' });

    expect([answer.status, errorOf(answer).code]).toEqual([400, 'InvalidRoleAssignmentCondition']);
  });

  it('keeps its condition to be read', async () => {
    const azure = await delegated(onlyImageReaderToGroups);
    const { body } = await azure.send('GET', `${subscription}/${roles}/${guid(90)}${version}`);

    expect(body).toMatchObject({ properties: { condition: onlyImageReaderToGroups, conditionVersion: '2.0' } });
  });
});

describe('whoever changes the image of a scale set', () => {
  const team = '/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1004/resourceGroups/rg-data';
  const set = `${team}/providers/Microsoft.Compute/virtualMachineScaleSets/vmss-data-workers`;
  const image = `${gallery}/images/ubuntu-22/versions/1.5.0`;
  const properties = { virtualMachineProfile: { storageProfile: { imageReference: { id: image } } } };

  it('has to be let to read the version, too', async () => {
    const azure = openAzure();
    const given = { principalId: goldbotIdentity.objectId, principalType: 'ServicePrincipal' };
    const contributor = { ...given, roleDefinitionId: '9980e02c-c2be-4d73-94e8-173b1dc7cf3c' };
    await azure.done('PUT', `${team}/${roles}/${guid(91)}${version}`, { properties: contributor });
    await azure.done('DELETE', `${rootManagementGroup}/${roles}/${initialAssignment}${version}`);
    const refused = await azure.send('PATCH', set, { properties }, asGoldbot);
    const readsImages = { ...given, roleDefinitionId: imageReader };
    await azure.done('PUT', `${gallery}/${roles}/${guid(92)}${version}`, { properties: readsImages });

    expect(errorOf(refused)).toMatchObject({
      code: 'LinkedAuthorizationFailed',
      message: expect.stringContaining(image),
    });
    expect((await azure.send('PATCH', set, { properties }, asGoldbot)).status).toBe(200);
  });
});
