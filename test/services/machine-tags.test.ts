import type { Route } from '../../sandbox/kernel/types';
import { armError, azureOf, failure, held } from './azure';

const id = '/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Compute/virtualMachines/vm 1';
const path = '/{scope+}/providers/Microsoft.Resources/tags/default';
const answering = (method: string, handle: Route['handle']): Route => ({ method, path, handle });
const ok = (tags: object) => ({ status: 200, body: { properties: { tags } } });

describe('tags of a machine', () => {
  it('are asked for and merged at its own scope, encoded, in one request each', async () => {
    const azure = azureOf([
      answering('GET', () => ok({ team: 'web' })),
      answering('PATCH', () => ({ status: 202, headers: { location: 'https://management.azure.com/later' } })),
    ]);
    expect(await azure.read.tagsOf(id)).toEqual({ team: 'web' });
    await azure.write(held).mergeTags(id, { 'service-model': 'pet' });
    const [, patch] = azure.sandbox.exchanges;
    expect(patch?.requestBody).toEqual({ operation: 'Merge', properties: { tags: { 'service-model': 'pet' } } });
    expect(patch?.url).toContain(
      '/virtualMachines/vm%201/providers/Microsoft.Resources/tags/default?api-version=2025-04-01',
    );
    expect(azure.sandbox.exchanges).toHaveLength(2);
  });

  it('are undefined of a machine that is gone, and an error to set', async () => {
    const gone = () => armError(404, 'ResourceNotFound', 'gone');
    const azure = azureOf([answering('GET', gone), answering('PATCH', gone)]);
    expect(await azure.read.tagsOf(id)).toBeUndefined();
    expect((await failure(azure.write(held).mergeTags(id, {}))).code).toBe('AZ_NOT_FOUND');
  });

  it('are never patched twice when Azure fails, and not at all once the lease is over', async () => {
    const azure = azureOf([answering('PATCH', () => armError(503, 'ServiceUnavailable', 'later'))]);
    expect((await failure(azure.write(held).mergeTags(id, {}))).code).toBe('AZ_UNAVAILABLE');
    expect(azure.sent('PATCH')).toHaveLength(1);
    expect((await failure(azure.write({ leftMs: () => 0 }).mergeTags(id, {}))).code).toBe('FENCED');
    expect(azure.sent('PATCH')).toHaveLength(1);
  });

  it('tell what role is missing, and the command that gives it', async () => {
    const message =
      "The client '11111111-1111-4111-8111-111111111111' with object id '11111111-1111-4111-8111-111111111111' does not have authorization to perform action 'Microsoft.Resources/tags/write' over scope '/subscriptions/s1/resourceGroups/rg'.";
    const azure = azureOf([answering('PATCH', () => armError(403, 'AuthorizationFailed', message))]);
    const error = await failure(azure.write(held).mergeTags(id, {}));
    expect([error.code, error.message]).toEqual([
      'AZ_FORBIDDEN',
      expect.stringContaining('Microsoft.Resources/tags/write'),
    ]);
    expect(error.hint).toContain('deploy/roles/goldbot-classifier.json');
  });
});
