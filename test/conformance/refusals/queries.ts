import { goldbotIdentity } from '../../../sandbox/azure/authorization/names';
import type { Azure } from './azure';
import { subscription } from './names';
import type { Refusal } from './row';

const known = subscription.split('/').at(-1) ?? '';
const dead = '00000000-0000-4000-8000-00000000dead';
const goldbots = { authorization: 'Bearer sandbox' };
const query = (kql: string, subscriptions?: readonly string[]) => (azure: Azure) =>
  azure.send('POST', '/providers/Microsoft.ResourceGraph/resources', {
    query: kql,
    ...(subscriptions && { subscriptions }),
  });
const join = (table: string) => `| join kind=leftouter (${table} | project id) on id`;

/** One row whose text is so often doubled: of 2^24 bytes, which is 16 MiB, with what is around it. */
function rowsOfBytes(power: number): string {
  const doubled = Array.from({ length: power }, () => '| extend text = strcat(text, text)').join(' ');
  return `resources | take 1 | project text = 'x' ${doubled}`;
}

/** Azure Resource Graph; its codes stand in the details. */
export const queryRefusals: readonly Refusal[] = [
  {
    id: 'ARG-01',
    request: query(rowsOfBytes(24)),
    fine: query(rowsOfBytes(23)),
    refused: { status: 400, code: 'BadRequest', nested: 'ResponsePayloadTooLarge' },
  },
  {
    id: 'ARG-02',
    request: query('resources | project id', [dead]),
    fine: query('resources | project id', [dead, known]),
    refused: { status: 400, code: 'BadRequest', nested: 'NoValidSubscriptionsInQueryRequest' },
  },
  {
    id: 'ARG-03',
    request: query('resources | summarize n = count()', [known, dead]),
    refused: {
      silent: async (azure, answer) => {
        const readable = await query('resources | summarize n = count()', [known])(azure);
        expect((answer.body as { data: unknown }).data).toEqual((readable.body as { data: unknown }).data);
        expect(JSON.stringify(answer.body)).not.toContain(dead);
      },
    },
  },
  {
    id: 'ARG-04',
    request: query('resources | project id', [known, 'platform']),
    fine: query('resources | project id', [known]),
    refused: { status: 400, code: 'BadRequest', nested: 'SubscriptionsContainInvalidGuids' },
  },
  {
    id: 'ARG-05',
    request: query(`resources ${join('policyresources')} ${join('policyresources')}`),
    fine: query(`resources ${join('policyresources')}`),
    refused: { status: 400, code: 'BadRequest', nested: 'DisallowedMaxNumberOfRemoteTables' },
  },
  {
    id: 'ARG-06',
    request: query('healthresources | project id'),
    fine: query('resources | project id'),
    refused: { status: 400, code: 'BadRequest', nested: 'DisallowedLogicalTableName' },
  },
];

const graph = 'https://graph.microsoft.com/v1.0';
const groups = (n: number) => ({ groupIds: Array(n).fill('b0bb1e50-0000-4000-8000-000000000003') });
const check =
  (user: string, n = 1) =>
  (azure: Azure) =>
    azure.send('POST', `${graph}/users/${user}/checkMemberGroups`, groups(n));
const members = (azure: Azure) =>
  azure.send('GET', `${graph}/groups/b0bb1e50-0000-4000-8000-000000000003/transitiveMembers`, undefined, goldbots);
const mine = `${graph}/servicePrincipals/${goldbotIdentity.objectId}/appRoleAssignments`;
const ada = 'a1d0c000-0000-4000-8000-000000000001';

/** Beside the two that the directory lists. */
const inGroups = (otherGroups: number) => (azure: Azure) =>
  azure.conditions({ people: [{ person: ada, otherGroups }] });
const groupsOfAda = (azure: Azure) =>
  azure.send('POST', `${graph}/users/${ada}/getMemberGroups`, { securityEnabledOnly: false });

/** Microsoft Graph. */
export const graphRefusals: readonly Refusal[] = [
  {
    id: 'GRAPH-01',
    given: async (azure) => {
      const { body } = await azure.send('GET', mine);
      for (const { id } of (body as { value: { id: string }[] }).value) await azure.send('DELETE', `${mine}/${id}`);
    },
    request: members,
    refused: { status: 403 },
  },
  {
    id: 'GRAPH-02',
    request: check(dead),
    fine: check(ada),
    refused: { status: 404, code: 'Request_ResourceNotFound' },
    names: [dead],
  },
  { id: 'GRAPH-04', request: check(ada, 21), fine: check(ada, 20), refused: { status: 400 } },
  {
    id: 'GRAPH-05',
    given: inGroups(10_999),
    request: groupsOfAda,
    fine: async (azure) => {
      await inGroups(10_998)(azure);
      return groupsOfAda(azure);
    },
    refused: { status: 400 },
    also: async (azure) => {
      await inGroups(10_998)(azure);
      expect(((await groupsOfAda(azure)).body as { value: string[] }).value).toHaveLength(11_000);
    },
  },
  {
    id: 'GRAPH-07',
    request: (azure) => azure.send('GET', `${graph}/users/${ada}/getMemberGroups`),
    fine: (azure) => azure.send('POST', `${graph}/users/${ada}/getMemberGroups`, { securityEnabledOnly: false }),
    refused: { status: 400, code: 'Request_BadRequest' },
  },
];
