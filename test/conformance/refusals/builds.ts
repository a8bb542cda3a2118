import { createHmac } from 'node:crypto';
import { builtInRoles } from '../../../sandbox/azure/authorization/built-in';
import { goldbotIdentity, logsAssignment } from '../../../sandbox/azure/authorization/names';
import { ask } from '../../sandbox/client';
import { type Azure, errorOf } from './azure';
import { build } from './fits';
import { buildGroup, subscription } from './names';
import type { Refusal } from './row';

const templateId = (name = 'row') => `${buildGroup}/providers/Microsoft.VirtualMachineImages/imageTemplates/${name}`;
const put =
  (change: object = {}, name = 'row') =>
  (azure: Azure) =>
    azure.send('PUT', templateId(name), build({}, change));
const made = (azure: Azure) => azure.done('PUT', templateId(), build({}));
const act = (action: string) => (azure: Azure) => azure.send('POST', `${templateId()}/${action}`);
const remove = (azure: Azure) => azure.send('DELETE', templateId());
type Ask = Refusal['request'];
const after =
  (...[first, ...rest]: readonly Ask[]): Ask =>
  async (azure) => {
    const answer = await (first as Ask)(azure);
    return rest.length > 0 ? after(...rest)(azure) : answer;
  };
const running = after(made, act('run'), async (azure) => {
  azure.later(2);
  return azure.send('GET', templateId());
});
const canceling = after(running, act('cancel'));
const group = (name: string) => `${subscription}/resourceGroups/${name}`;
const staged = (name: string) => ({ stagingResourceGroup: group(name) });
const newGroup =
  (name: string, location = 'westeurope'): Ask =>
  (azure) =>
    azure.send('PUT', group(name), { location });
const gallery: Ask = (azure) =>
  azure.done('PUT', `${group('rg-own')}/providers/Microsoft.Compute/galleries/left`, { location: 'westeurope' });
const retired = { type: 'PlatformImage', publisher: 'Canonical', offer: 'nowhere', sku: '1', version: 'latest' };

/** Azure VM Image Builder: templates, and what their state forbids. */
export const buildRefusals: readonly Refusal[] = [
  {
    id: 'AIB-02',
    given: running,
    request: remove,
    fine: after(made, remove),
    refused: { status: 405, code: 'OperationNotAllowed' },
    names: ['imageTemplates/delete', 'running'],
  },
  {
    id: 'AIB-03',
    given: canceling,
    request: remove,
    fine: after(made, remove),
    refused: { status: 405, code: 'OperationNotAllowed' },
    names: ['imageTemplates/delete', 'canceling'],
  },
  {
    id: 'AIB-04',
    given: canceling,
    request: act('cancel'),
    fine: canceling,
    refused: { status: 405, code: 'OperationNotAllowed' },
    names: ['imageTemplates/cancel/action', 'canceling'],
  },
  {
    id: 'AIB-05',
    given: put(),
    request: remove,
    fine: after(made, remove),
    refused: { status: 405, code: 'OperationNotAllowed' },
    names: ['creating'],
  },
  {
    id: 'AIB-09',
    request: put({ source: retired }),
    fine: put(),
    refused: { operation: 'Failed' },
    names: ['westeurope', 'Canonical', 'nowhere'],
  },
  {
    id: 'AIB-12',
    given: (azure) => azure.done('PUT', templateId('other'), build({}, staged('rg-own'))),
    request: put(staged('rg-own')),
    refused: { operation: 'Failed', code: 'InternalOperationError' },
  },
  {
    id: 'AIB-36',
    given: after(put({ source: retired }), async (azure) => {
      azure.later(60);
      return azure.send('GET', templateId());
    }),
    request: act('run'),
    fine: after(made, act('run')),
    refused: { status: 405, code: 'OperationNotAllowed' },
    names: ['failed'],
  },
  {
    id: 'AIB-37',
    given: after(newGroup('rg-own'), gallery),
    request: put(staged('rg-own')),
    fine: after(newGroup('rg-own'), put(staged('rg-own'))),
    refused: { operation: 'Failed' },
    names: [group('rg-own')],
  },
  {
    id: 'AIB-38',
    request: after(newGroup('rg-far', 'eastus2'), put(staged('rg-far'))),
    fine: after(newGroup('rg-near'), put({ stagingResourceGroup: group('rg-near').slice(1) })),
    refused: { operation: 'Failed' },
    names: [group('rg-far')],
  },
];

const token = { authorization: 'Bearer somebody', 'x-ms-version': '2021-12-02' };

const goldbots = { ...token, authorization: 'Bearer sandbox' };

interface Account {
  readonly id: string;
  readonly name: string;
  readonly properties: { readonly primaryEndpoints: { readonly blob: string } };
}

/** The storage account that holds the logs of the row's template. */
async function accountOf(azure: Azure): Promise<Account> {
  const { body } = await azure.send('GET', templateId());
  const { exactStagingResourceGroup } = (body as { properties: { exactStagingResourceGroup: string } }).properties;
  const accounts = await azure.send('GET', `${exactStagingResourceGroup}/providers/Microsoft.Storage/storageAccounts`);
  return (accounts.body as { value: Account[] }).value[0] as Account;
}

type Headers = Readonly<Record<string, string>>;
interface Signed {
  readonly query?: string;
  readonly headers?: Headers;
}

/** The log of a build in its storage account, asked for with these headers or as `how` signs it. */
const readLog = (how?: Headers | ((azure: Azure, blob: URL) => Promise<Signed>)) => async (azure: Azure) => {
  const logs = `${(await accountOf(azure)).properties.primaryEndpoints.blob}packerlogs`;
  const listed = await azure.send('GET', `${logs}?restype=container&comp=list`, undefined, token);
  const [, name] = /<Name>([^<]+)</.exec(String(listed.body)) ?? [];
  const blob = `${logs}/${name}`;
  const { query = '', headers } = typeof how === 'function' ? await how(azure, new URL(blob)) : { headers: how };
  // What is signed has no api-version; storage asks for none.
  return ask(azure.sandbox, 'GET', `${blob}${query}`, undefined, headers ?? {});
};

/** Somebody who assigns roles gives goldbot the one for logs, or takes it away; an Owner it is in any case. */
const assigned = `${subscription}/providers/Microsoft.Authorization/roleAssignments/${logsAssignment}`;
const takeLogs = (azure: Azure) => azure.done('DELETE', assigned);
const giveLogs = (azure: Azure) =>
  azure.send('PUT', assigned, {
    properties: {
      roleDefinitionId: `${subscription}/providers/Microsoft.Authorization/roleDefinitions/${builtInRoles.blobDataReader.name}`,
      principalId: goldbotIdentity.objectId,
      principalType: goldbotIdentity.principalType,
    },
  });
const network = (publicNetworkAccess: string) => async (azure: Azure) =>
  azure.conditions({ storage: [{ account: (await accountOf(azure)).name, publicNetworkAccess }] });

async function hmac(azure: Azure, lines: readonly string[]): Promise<string> {
  const { body } = await azure.send('POST', `${(await accountOf(azure)).id}/listKeys`);
  const [key] = (body as { keys: { value: string }[] }).keys;
  return createHmac('sha256', Buffer.from(key?.value ?? '', 'base64'))
    .update(lines.join('\n'))
    .digest('base64');
}

/** An address that is good for an hour, signed with a key as Azure documents it for service SAS. */
const sharedAccess =
  (sp = 'r', change: { readonly minutes?: number; readonly of?: string } = {}) =>
  async (azure: Azure, { hostname, pathname }: URL): Promise<Signed> => {
    const se = new Date(azure.world.clock.nowMs() + (change.minutes ?? 60) * 60_000).toISOString();
    const [sv, sr] = ['2021-12-02', 'b'];
    const resource = `/blob/${hostname.split('.')[0]}${change.of ?? pathname}`;
    const sig = await hmac(azure, [sp, '', se, resource, '', '', '', sv, sr, ...Array(7).fill('')]);
    return { query: `?${new URLSearchParams({ sp, se, sv, sr, sig })}` };
  };

/** A header signed with a key. */
const sharedKey = async (azure: Azure, { hostname, pathname }: URL): Promise<Signed> => {
  const account = hostname.split('.')[0];
  const own = { 'x-ms-date': azure.world.clock.now().toUTCString(), 'x-ms-version': '2021-12-02' };
  const signed = Object.entries(own).map(([name, value]) => `${name}:${value}`);
  const signature = await hmac(azure, ['GET', ...Array(11).fill(''), ...signed, `/${account}${pathname}`]);
  return { headers: { ...own, authorization: `SharedKey ${account}:${signature}` } };
};
const keys = (allowSharedKeyAccess: boolean) => async (azure: Azure) =>
  azure.conditions({ storage: [{ account: (await accountOf(azure)).name, allowSharedKeyAccess }] });
const codeOf = async (azure: Azure, how: Parameters<typeof readLog>[0]) => errorOf(await readLog(how)(azure)).code;

/** Blobs: the logs of builds. */
export const blobRefusals: readonly Refusal[] = [
  {
    id: 'BLOB-01',
    given: running,
    request: readLog(),
    fine: after(running, readLog(token)),
    refused: { status: 409, code: 'PublicAccessNotPermitted' },
  },
  {
    id: 'BLOB-02',
    given: after(running, takeLogs),
    request: readLog(goldbots),
    fine: after(running, readLog(goldbots)),
    refused: { status: 403, code: 'AuthorizationPermissionMismatch' },
    also: async (azure) => {
      await giveLogs(azure);
      expect((await readLog(goldbots)(azure)).status).toBe(403);
      azure.later(2);
      expect((await readLog(goldbots)(azure)).status).toBe(200);
    },
  },
  {
    id: 'BLOB-03',
    given: async (azure) => {
      await running(azure);
      await network('Disabled')(azure);
    },
    request: readLog(goldbots),
    fine: async (azure) => {
      await running(azure);
      await network('Enabled')(azure);
      return readLog(goldbots)(azure);
    },
    refused: { status: 403, code: 'AuthorizationFailure' },
    also: async (azure) =>
      expect(await accountOf(azure)).toMatchObject({ properties: { publicNetworkAccess: 'Disabled' } }),
  },
  {
    id: 'BLOB-04',
    given: async (azure) => {
      await running(azure);
      await keys(false)(azure);
    },
    request: readLog(sharedKey),
    fine: after(running, readLog(sharedKey)),
    refused: { status: 403, code: 'KeyBasedAuthenticationNotPermitted' },
    also: async (azure) => {
      expect(await codeOf(azure, sharedAccess())).toBe('KeyBasedAuthenticationNotPermitted');
      expect((await readLog(goldbots)(azure)).status).toBe(200);
    },
  },
  {
    id: 'BLOB-06',
    given: running,
    request: readLog(sharedAccess('l')),
    fine: after(running, readLog(sharedAccess('r'))),
    refused: { status: 403, code: 'AuthorizationPermissionMismatch' },
  },
  {
    id: 'BLOB-05',
    given: running,
    request: readLog({ ...token, 'x-ms-version': '2015-04-05' }),
    fine: after(running, readLog(token)),
    refused: { status: 403, code: 'AuthenticationFailed' },
    also: async (azure) => {
      const bad = [sharedAccess('r', { minutes: -1 }), sharedAccess('r', { of: '/packerlogs/other' })];
      for (const how of bad) expect(await codeOf(azure, how)).toBe('AuthenticationFailed');
    },
  },
];
