import { addAzureFace } from '../../sandbox/azure';
import { goldbotIdentity } from '../../sandbox/azure/authorization/names';
import { Sandbox } from '../../sandbox/kernel/sandbox';
import { World } from '../../sandbox/kernel/world';
import { ask } from './client';

const graph = 'https://graph.microsoft.com/v1.0';
const person = (n: number) => `a1d0c000-0000-4000-8000-00000000000${n}`;
const [ada, grace, mallory] = [person(1), person(2), person(6)];
const group = (n: number) => `b0bb1e50-0000-4000-8000-0000000000${String(n).padStart(2, '0')}`;
const [publishers, approvers, admins] = [group(1), group(2), group(3)];

function open() {
  const sandbox = new Sandbox(new World({ speed: 0 }));
  addAzureFace(sandbox);
  const call = (method: string, path: string, body?: unknown, headers?: Record<string, string>) =>
    ask(sandbox, method, `${graph}${path}`, body, headers);
  const isMember = async (who: string, ...groupIds: string[]) =>
    ((await call('POST', `/users/${who}/checkMemberGroups`, { groupIds })).body as { value: string[] }).value;
  return { call, isMember };
}

describe('Microsoft Graph', () => {
  it('says which of the groups that are asked for a person is in, and no others', async () => {
    const { isMember } = open();

    expect(await isMember(grace, publishers, approvers)).toEqual([approvers]);
    expect(await isMember(ada, approvers)).toEqual([]);
  });

  it('changes memberships by its own verbs, and the next question sees it', async () => {
    const { call, isMember } = open();
    const reference = { '@odata.id': `${graph}/directoryObjects/${ada}` };

    const added = await call('POST', `/groups/${approvers}/members/$ref`, reference);
    const during = await isMember(ada, approvers);
    const twice = await call('POST', `/groups/${approvers}/members/$ref`, reference);
    const removed = await call('DELETE', `/groups/${approvers}/members/${ada}/$ref`);

    expect(added.status).toBe(204);
    expect(during).toEqual([approvers]);
    expect(twice).toMatchObject({ status: 400, body: { error: { code: 'Request_BadRequest' } } });
    expect(removed.status).toBe(204);
    expect(await isMember(ada, approvers)).toEqual([]);
  });

  it('does not know a person of another tenant', async () => {
    const { call } = open();

    for (const path of [`/users/${mallory}`, `/users/${mallory}/checkMemberGroups`]) {
      const answer = await call(path.endsWith('Groups') ? 'POST' : 'GET', path, { groupIds: [approvers] });
      expect(answer).toMatchObject({ status: 404, body: { error: { code: 'Request_ResourceNotFound' } } });
    }
    const reference = { '@odata.id': `${graph}/users/${mallory}` };
    expect((await call('POST', `/groups/${approvers}/members/$ref`, reference)).status).toBe(404);
  });

  it('lists people, groups and members, and finds a group by its name', async () => {
    const { call } = open();
    const values = (answer: { body?: unknown }) =>
      (answer.body as { value: { displayName: string }[] }).value.map((v) => v.displayName);

    expect(values(await call('GET', '/users'))).toEqual(['Ada', 'Grace', 'Heidi', 'Linus', 'Dana', 'Judy']);
    expect(values(await call('GET', `/groups/${admins}/members`))).toEqual(['Grace', 'Heidi']);
    expect(values(await call('GET', "/groups?$filter=displayName eq 'payments-owners'"))).toEqual(['payments-owners']);
    expect(await call('GET', `/groups/${approvers}`)).toMatchObject({
      body: { id: approvers, displayName: 'goldbot-approvers' },
    });
    expect((await call('POST', `/users/${grace}/getMemberGroups`, { securityEnabledOnly: false })).body).toMatchObject({
      value: expect.arrayContaining([approvers, admins]),
    });
  });

  it('lets goldbot ask only what its permissions cover', async () => {
    const { call } = open();
    const asGoldbot = { authorization: 'Bearer sandbox' };
    const question = [`/users/${grace}/checkMemberGroups`, { groupIds: [approvers] }] as const;
    const assignments = `/servicePrincipals/${goldbotIdentity.objectId}/appRoleAssignments`;
    const readsProfiles = { principalId: goldbotIdentity.objectId, appRoleId: '97235f07-e226-4f63-ace3-39588e11d3a1' };

    const members = await call('GET', `/groups/${approvers}/transitiveMembers?$select=id`, undefined, asGoldbot);
    const before = await call('POST', ...question, asGoldbot);
    const writes = await call('DELETE', `/groups/${approvers}/members/${grace}/$ref`, undefined, asGoldbot);
    const granted = await call('POST', assignments, readsProfiles);
    const after = await call('POST', ...question, asGoldbot);

    expect(members).toMatchObject({
      status: 200,
      body: { value: [{ id: grace }, { id: person(3) }, { id: person(7) }] },
    });
    expect(before).toMatchObject({ status: 403, body: { error: { code: 'Authorization_RequestDenied' } } });
    expect(writes.status).toBe(403);
    expect(granted.status).toBe(201);
    expect(after).toMatchObject({ status: 200, body: { value: [approvers] } });
  });

  it('lists the members of nested groups, page by page', async () => {
    const { call } = open();
    await call('POST', `/groups/${publishers}/members/$ref`, { '@odata.id': `${graph}/groups/${approvers}` });
    const page = async (path: string) =>
      (await call('GET', path)).body as { value: { id: string }[]; '@odata.nextLink'?: string };

    const first = await page(`/groups/${publishers}/transitiveMembers?$select=id&$top=3`);
    const second = await page(first['@odata.nextLink']?.slice(graph.length) ?? '');

    expect([...first.value, ...second.value].map(({ id }) => id)).toEqual([
      ada,
      approvers,
      grace,
      person(3),
      person(7),
    ]);
    expect(first.value.map((member) => Object.keys(member))).toContainEqual(['@odata.type', 'id']);
    expect(second).not.toHaveProperty('@odata.nextLink');
    for (const top of [0, 1_000]) {
      expect((await call('GET', `/groups/${publishers}/transitiveMembers?$top=${top}`)).status).toBe(400);
    }
  });

  it.each([
    ['no group ids', {}, 'Request_BadRequest'],
    ['a group id that is no guid', { groupIds: ['admins'] }, 'Request_BadRequest'],
    [
      'more than 20 group ids',
      { groupIds: Array.from({ length: 21 }, () => approvers) },
      'Directory_ResultSizeLimitExceeded',
    ],
  ])('refuses a question with %s', async (_, body, code) => {
    const { call } = open();

    const answer = await call('POST', `/users/${grace}/checkMemberGroups`, body);

    expect(answer).toMatchObject({ status: 400, body: { error: { code, innerError: expect.any(Object) } } });
  });
});
