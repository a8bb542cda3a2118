import type { HttpClient } from '@azure/core-rest-pipeline';
import { mostDeciders } from '../../core/azure';
import { clouds } from '../../core/cloud';
import { addAzureFace } from '../../sandbox/azure';
import { goldbotIdentity } from '../../sandbox/azure/authorization/names';
import { entra } from '../../sandbox/entra/people';
import { Sandbox } from '../../sandbox/kernel/sandbox';
import { World } from '../../sandbox/kernel/world';
import { createAzure, sandboxCredential } from '../../services';
import { graphDirectory } from '../../services/graph';
import { ask, sandboxHttpClient } from '../sandbox/client';
import { azureOf, failure } from './azure';

const graph = 'https://graph.microsoft.com/v1.0';
const id = (kind: 'a1d0c000' | 'b0bb1e50', n: number) => `${kind}-0000-4000-8000-${String(n).padStart(12, '0')}`;
const [ada, grace, heidi] = [1, 2, 3].map((n) => id('a1d0c000', n)) as [string, string, string];
const [publishers, approvers, admins] = [1, 2, 3].map((n) => id('b0bb1e50', n)) as [string, string, string];

/** The directory of the sandbox as goldbot's identity sees it: with the permissions that it has been granted alone. */
function open(httpClient?: HttpClient) {
  const sandbox = new Sandbox(new World({ speed: 0 }));
  addAzureFace(sandbox);
  const azure = createAzure({
    credential: sandboxCredential,
    httpClient: httpClient ?? sandboxHttpClient(sandbox),
    subscription: '00000000-0000-4000-8000-000000000000',
    sleep: async () => {},
  });
  const call = (method: string, path: string, body?: unknown) => ask(sandbox, method, `${graph}${path}`, body);
  const groupOf = (members: readonly string[]) => {
    const group = { id: id('b0bb1e50', 100 + entra(sandbox.world).groups.length), name: 'made', members: [...members] };
    entra(sandbox.world).groups.push(group);
    return group;
  };
  return { directory: azure.directory, sandbox, call, groupOf, asked: () => sandbox.exchanges.length };
}

const people = (count: number) => Array.from({ length: count }, (_, i) => id('a1d0c000', 1_000 + i));

describe('the directory', () => {
  it('answers with the groups that the person is in, as they were asked for and in any case', async () => {
    const { directory } = open();
    const asked = [approvers.toUpperCase(), publishers, admins];
    await expect(directory.memberOf(grace.toUpperCase(), asked)).resolves.toEqual([approvers.toUpperCase(), admins]);
  });

  it('needs the permission GroupMember.Read.All and no other, and names it when it is missing', async () => {
    const { directory, call } = open();
    await expect(directory.memberOf(grace, [approvers])).resolves.toEqual([approvers]);

    const assignments = `/servicePrincipals/${goldbotIdentity.objectId}/appRoleAssignments`;
    const { value } = (await call('GET', assignments)).body as { value: { id: string }[] };
    expect(value).toHaveLength(1);
    await call('DELETE', `${assignments}/${value[0]?.id}`);

    const error = await failure(directory.membersNow(approvers, [grace]));
    expect(error.code).toBe('DIRECTORY_SILENT');
    expect(error.hint).toBe(
      "Give goldbot's identity the Microsoft Graph application permission GroupMember.Read.All, then try again.",
    );
  });

  it('counts members of nested groups', async () => {
    const { directory, groupOf } = open();
    const outer = groupOf([groupOf([ada]).id]);
    await expect(directory.memberOf(ada, [outer.id])).resolves.toEqual([outer.id]);
    await expect(directory.membersNow(outer.id, [ada, grace])).resolves.toEqual(new Set([ada]));
  });

  it('reads groups of any size, page by page', async () => {
    const { directory, groupOf, asked } = open();
    const everybody = groupOf([...people(2_500), ada]);
    await expect(directory.memberOf(ada, [everybody.id])).resolves.toEqual([everybody.id]);
    expect(asked()).toBe(3);
  });

  it('knows nobody in a group that Entra does not have', async () => {
    const { directory } = open();
    const gone = id('b0bb1e50', 99);
    await expect(directory.memberOf(ada, [gone, publishers])).resolves.toEqual([publishers]);
    await expect(directory.sizeOf(gone)).resolves.toBe('missing');
    expect((await failure(directory.membersNow(gone, [ada]))).message).toBe('Entra has no such group.');
  });

  it('asks nothing about no groups', async () => {
    const { directory, asked } = open();
    await expect(directory.memberOf('ada', [])).resolves.toEqual([]);
    expect(asked()).toBe(0);
  });

  it('finds groups by their name, whatever is in it, or by their object id', async () => {
    const { directory, sandbox, groupOf } = open();
    const group = groupOf([]);
    Object.assign(group, { name: "o'neil & sons" });
    await expect(directory.groups("O'NEIL & sons")).resolves.toEqual([
      { id: group.id, name: "o'neil & sons", security: true },
    ]);
    await expect(directory.groups(approvers.toUpperCase())).resolves.toMatchObject([{ name: 'goldbot-approvers' }]);
    await expect(directory.groups(id('b0bb1e50', 999))).resolves.toEqual([]);
    await expect(directory.groups('nobody')).resolves.toEqual([]);
    const [first] = sandbox.exchanges;
    const escaped = "O''NEIL & sons";
    expect(decodeURIComponent(first?.url ?? '')).toContain(`$filter=displayName eq '${escaped}'&$select=id,`);
  });

  it('cannot be led to another path by what stands for a group', async () => {
    const { directory, sandbox } = open();
    await directory.memberOf(ada, ['../users/x?y=']).catch(() => undefined);
    expect(sandbox.exchanges[0]?.url).toContain('/v1.0/groups/..%2Fusers%2Fx%3Fy%3D/transitiveMembers');
  });

  it('does not follow a next page that is not Graph’s', async () => {
    const next = 'https://graph.microsoft.com.evil.example/v1.0/x';
    const { directory, sandbox } = azureOf([
      {
        ...{ method: 'GET', host: 'graph.microsoft.com', path: '/v1.0/groups/{id}/transitiveMembers' },
        handle: () => ({ status: 200, body: { value: [], '@odata.nextLink': next } }),
      },
    ]);
    await expect(directory.memberOf('a', ['g'])).rejects.toMatchObject({ code: 'DIRECTORY_SILENT' });
    expect(sandbox.exchanges).toHaveLength(1);
  });
});

describe('members as known', () => {
  const told: unknown[] = [];
  const log = {
    info: () => {},
    warn: (fields: object, text: string) => void told.push([fields, text]),
    error: () => {},
  };
  function withClock() {
    const world = open();
    let nowMs = 0;
    const azure = { request: requestOf(world.sandbox), cloud: clouds.Public } as unknown as Parameters<
      typeof graphDirectory
    >[0];
    const directory = graphDirectory(azure, { nowMs: () => nowMs, log: log as never });
    const pass = (ms: number) => {
      nowMs += ms;
    };
    const leave = () => world.call('DELETE', `/groups/${approvers}/members/${grace}/$ref`);
    return { ...world, directory, pass, leave };
  }

  /** Reads of one group sent so far. */
  const reads = (exchanges: readonly { readonly url: string }[]) =>
    exchanges.filter(({ url }) => url.includes('transitiveMembers')).length;

  it('are used for a minute, then read again in the background', async () => {
    const { directory, sandbox, pass, leave } = withClock();
    await directory.memberOf(grace, [approvers]);
    await leave();
    pass(59_999);
    await expect(directory.memberOf(grace, [approvers])).resolves.toEqual([approvers]);
    expect(reads(sandbox.exchanges)).toBe(1);

    pass(1);
    await expect(directory.memberOf(grace, [approvers])).resolves.toEqual([approvers]);
    await new Promise((done) => setTimeout(done, 20));
    expect(reads(sandbox.exchanges)).toBe(2);
    await expect(directory.memberOf(grace, [approvers])).resolves.toEqual([]);
  });

  it('stay good for five minutes while Graph does not tell them anew, and operators read that it does not', async () => {
    const { directory, sandbox, pass } = withClock();
    await directory.memberOf(grace, [approvers]);
    sandbox.faults.add({ match: {}, status: 503 });
    pass(60_000);
    await expect(directory.memberOf(grace, [approvers])).resolves.toEqual([approvers]);
    await new Promise((done) => setTimeout(done, 20));
    expect(told).toMatchObject([[{ group: approvers }, 'the members of a group were not read again']]);
    pass(240_000);
    await expect(directory.memberOf(grace, [approvers])).rejects.toMatchObject({ code: 'DIRECTORY_SILENT' });
  });

  it('are not used after five minutes', async () => {
    const { directory, pass, leave } = withClock();
    await directory.memberOf(grace, [approvers]);
    await leave();
    pass(300_000);
    await expect(directory.memberOf(grace, [approvers])).resolves.toEqual([]);
  });

  it('are not used longer than whoever asks allows', async () => {
    const { directory, sandbox, pass, leave } = withClock();
    await directory.memberOf(grace, [approvers]);
    await leave();
    pass(9_999);
    await expect(directory.memberOf(grace, [approvers], 10_000)).resolves.toEqual([approvers]);
    pass(1);
    await expect(directory.memberOf(grace, [approvers], 10_000)).resolves.toEqual([]);
    expect(reads(sandbox.exchanges)).toBe(2);
  });

  it('are never used for a decision', async () => {
    const { directory, leave } = withClock();
    await directory.memberOf(grace, [approvers]);
    await leave();
    await expect(directory.membersNow(approvers, [grace, heidi])).resolves.toEqual(new Set([heidi]));
  });

  it('are read once for everybody who asks at the same time', async () => {
    const { directory, sandbox } = withClock();
    await Promise.all([ada, grace, heidi].map((person) => directory.memberOf(person, [approvers, admins])));
    expect(reads(sandbox.exchanges)).toBe(2);
  });
});

/** What services/azure sends, without its pipeline. */
function requestOf(sandbox: Sandbox) {
  return async ({ method, url }: { method: string; url: string }) => {
    const { status, body } = await ask(sandbox, method, url);
    return { status, headers: { get: () => undefined }, text: JSON.stringify(body), request: { url } };
  };
}

describe('a group whose members decide', () => {
  it('may have two thousand members, nested ones included, and not one more', async () => {
    const { directory, groupOf } = open();
    const [fits, large] = [groupOf(people(mostDeciders)), groupOf(people(mostDeciders + 1))];
    await expect(directory.sizeOf(fits.id)).resolves.toBe('fits');
    await expect(directory.sizeOf(large.id)).resolves.toBe('too large');
    await expect(directory.membersNow(fits.id, people(1))).resolves.toEqual(new Set(people(1)));
    expect((await failure(directory.membersNow(large.id, people(1)))).message).toBe(
      'The group has more than 2,000 members.',
    );
  });

  it('is told with its people, among whom no group within it counts', async () => {
    const { directory, groupOf } = open();
    const empty = groupOf([]);
    const [outer, hollow] = [groupOf([empty.id, ada.toUpperCase()]), groupOf([empty.id])];
    await expect(directory.deciders(outer.id)).resolves.toEqual({ size: 'fits', count: 1, ids: [ada] });
    await expect(directory.deciders(hollow.id)).resolves.toEqual({ size: 'fits', count: 0, ids: [] });
    await expect(directory.deciders(id('b0bb1e50', 99))).resolves.toMatchObject({ size: 'missing', count: 0 });
    const many = await directory.deciders(groupOf(people(60)).id);
    expect([many.count, many.ids.length]).toEqual([60, 50]);
  });

  it('is not read to its end to know that it is too large', async () => {
    const { directory, groupOf, asked } = open();
    const everybody = groupOf(people(9_000));
    await expect(directory.sizeOf(everybody.id)).resolves.toBe('too large');
    expect(asked()).toBe(3);
  });
});

describe('a Graph that fails', () => {
  it.each([400, 401, 403, 429, 500])('is no answer: %d', async (status) => {
    const { directory, sandbox } = open();
    sandbox.faults.add({ match: { url: 'graph' }, status });
    await expect(directory.memberOf(ada, [publishers])).rejects.toMatchObject({ code: 'DIRECTORY_SILENT' });
  });

  it('is no answer when one of several groups is missing', async () => {
    const { directory, sandbox } = open();
    sandbox.faults.add({ match: {}, status: 403, times: 1 });
    await expect(directory.memberOf(ada, [publishers, approvers])).rejects.toMatchObject({ code: 'DIRECTORY_SILENT' });
  });

  it('is no answer when it says nothing', async () => {
    const odd = { method: 'GET', host: 'graph.microsoft.com', path: '/v1.0/groups/{id}/transitiveMembers' };
    const { directory } = azureOf([{ ...odd, handle: () => ({ status: 200, body: {} }) }]);
    await expect(directory.memberOf('ada', ['group-2'])).rejects.toMatchObject({
      code: 'DIRECTORY_SILENT',
      hint: 'Nothing was done. Try again in a minute.',
      cause: { message: 'asking Microsoft Graph: Error: Microsoft Graph answered without a value' },
    });
  });

  it('is not waited for when it hangs', async () => {
    const { directory } = open({ sendRequest: () => new Promise(() => {}) });
    await expect(directory.membersNow(publishers, [ada])).rejects.toMatchObject({ code: 'DIRECTORY_SILENT' });
  });

  it('is asked once more when the connection breaks', async () => {
    const { directory, sandbox } = open();
    sandbox.faults.add({ match: {}, dropAfterAccept: true, times: 1 });
    await expect(directory.memberOf(ada, [publishers])).resolves.toEqual([publishers]);
  });
});
