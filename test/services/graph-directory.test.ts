import type { HttpClient } from '@azure/core-rest-pipeline';
import type { Route } from '../../sandbox/kernel/types';
import { azureOf, failure } from './azure';

const path = '/v1.0/users/{id}/checkMemberGroups';
const groups = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `group-${from + i}`);

/** A directory in which ada is in every group whose number is even. */
function directoryOf() {
  const asked: string[][] = [];
  const route: Route = {
    method: 'POST',
    host: 'graph.microsoft.com',
    path,
    handle: ({ body }, { id }) => {
      const { groupIds } = body as { groupIds: string[] };
      asked.push(groupIds);
      if (id !== 'ada') return { status: 404, body: { error: { code: 'Request_ResourceNotFound', message: 'No.' } } };
      if (groupIds.length > 20)
        return { status: 400, body: { error: { code: 'Request_BadRequest', message: 'Many.' } } };
      const value = groupIds.filter((g) => Number(g.split('-')[1]) % 2 === 0);
      return { status: 200, body: { value: value.map((g) => g.toUpperCase()) } };
    },
  };
  return { asked, ...azureOf([route]) };
}

describe('the directory', () => {
  it('answers with the groups that the person is in, as they were asked for', async () => {
    const { directory } = directoryOf();
    await expect(directory.memberOf('ada', ['group-2', 'group-3', 'group-4'])).resolves.toEqual(['group-2', 'group-4']);
  });

  it('asks Graph about twenty groups at a time', async () => {
    const { directory, asked } = directoryOf();
    await expect(directory.memberOf('ada', groups(0, 45))).resolves.toHaveLength(23);
    expect(asked.map((a) => a.length)).toEqual([20, 20, 5]);
  });

  it('finds a person whom it does not know in no group', async () => {
    await expect(directoryOf().directory.memberOf('mallory', ['group-2'])).resolves.toEqual([]);
  });

  it('asks nothing about no groups', async () => {
    const { directory, asked } = directoryOf();
    await expect(directory.memberOf('ada', [])).resolves.toEqual([]);
    expect(asked).toEqual([]);
  });

  it('cannot be led to another path by what stands for a person', async () => {
    const { directory, sandbox } = directoryOf();
    await directory.memberOf('../groups/x?y=', ['group-2']);
    expect(sandbox.exchanges[0]?.url).toContain('/v1.0/users/..%2Fgroups%2Fx%3Fy%3D/checkMemberGroups');
  });

  it.each([400, 401, 403, 429, 500])('fails closed when Graph answers %d', async (status) => {
    const { directory, sandbox } = directoryOf();
    sandbox.faults.add({ match: { url: 'graph' }, status });
    await expect(directory.memberOf('ada', ['group-2'])).rejects.toMatchObject({ code: 'DIRECTORY_SILENT' });
  });

  it('names the permission that is missing', async () => {
    const { directory, sandbox } = directoryOf();
    sandbox.faults.add({ match: {}, status: 403 });
    const error = await failure(directory.memberOf('ada', ['group-2']));
    expect(error.hint).toContain('GroupMember.Read.All');
  });

  it('fails closed when one of several answers is missing', async () => {
    const { directory, sandbox } = directoryOf();
    sandbox.faults.add({ match: {}, status: 403, times: 1 });
    await expect(directory.memberOf('ada', groups(0, 45))).rejects.toMatchObject({ code: 'DIRECTORY_SILENT' });
  });

  it('fails closed on an answer that says nothing', async () => {
    const odd: Route = { method: 'POST', host: 'graph.microsoft.com', path, handle: () => ({ status: 200, body: {} }) };
    const { directory } = azureOf([odd]);
    await expect(directory.memberOf('ada', ['group-2'])).rejects.toMatchObject({ code: 'DIRECTORY_SILENT' });
  });

  it('does not wait for a Graph that hangs', async () => {
    const hanging: HttpClient = { sendRequest: () => new Promise(() => {}) };
    const { directory } = azureOf([], { httpClient: hanging });
    await expect(directory.memberOf('ada', ['group-2'])).rejects.toMatchObject({ code: 'DIRECTORY_SILENT' });
  });

  it('tries once more when the connection breaks', async () => {
    const { directory, sandbox } = directoryOf();
    sandbox.faults.add({ match: {}, dropAfterAccept: true, times: 1 });
    await expect(directory.memberOf('ada', ['group-2'])).resolves.toEqual(['group-2']);
  });
});
