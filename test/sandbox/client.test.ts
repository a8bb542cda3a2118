import { createHttpHeaders, createPipelineRequest } from '@azure/core-rest-pipeline';
import { Sandbox } from '../../sandbox/kernel/sandbox';
import { World } from '../../sandbox/kernel/world';
import { ask, sandboxHttpClient } from './client';

function echo() {
  const sandbox = new Sandbox(new World({ speed: 0 }));
  sandbox.add('azure', [
    { method: 'PUT', path: '/echo', handle: ({ body, headers }) => ({ status: 201, body: { body, headers } }) },
  ]);
  return sandbox;
}

const put = (body: string) =>
  createPipelineRequest({
    url: 'https://management.azure.com/echo',
    method: 'PUT',
    body,
    headers: createHttpHeaders({ 'X-Ms-A': 'b' }),
  });

describe('the sandbox as transport of an Azure client', () => {
  it('carries JSON and lower-case headers there and back', async () => {
    const answer = await sandboxHttpClient(echo()).sendRequest(put('{"a":1}'));
    expect(answer.status).toBe(201);
    expect(JSON.parse(answer.bodyAsText ?? '')).toEqual({ body: { a: 1 }, headers: { 'x-ms-a': 'b' } });
  });

  it('shows a lost answer as the reset connection that Azure clients know', async () => {
    const sandbox = echo();
    sandbox.faults.add({ match: { method: 'PUT' }, dropAfterAccept: true });
    await expect(sandboxHttpClient(sandbox).sendRequest(put('{}'))).rejects.toMatchObject({ code: 'ECONNRESET' });
    expect(sandbox.exchanges).toHaveLength(1);
  });

  it('stops waiting when the caller does', async () => {
    const sandbox = echo();
    sandbox.faults.add({ match: { method: 'PUT' }, delayMs: 200 });
    const request = put('{}');
    request.timeout = 20;
    await expect(sandboxHttpClient(sandbox).sendRequest(request)).rejects.toMatchObject({ name: 'AbortError' });
  });

  it('asks plain questions too', async () => {
    expect((await ask(echo(), 'GET', '/nothing')).status).toBe(501);
  });
});
