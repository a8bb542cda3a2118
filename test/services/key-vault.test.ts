import { createHttpHeaders, type PipelineRequest } from '@azure/core-rest-pipeline';
import { CryptographyClient, KeyClient } from '@azure/keyvault-keys';
import { preAuthentication, signatureFits } from '../../core/provenance';
import { createSandbox } from '../../sandbox';
import { goldbotIdentity, signingAssignment } from '../../sandbox/azure/authorization/names';
import { vaultId, vaultName } from '../../sandbox/azure/names';
import { sandboxCredential } from '../../services';
import { ask, fakeCredential, sandboxHttpClient } from '../sandbox/client';
import { connect, failure } from './azure';

const vault = `https://${vaultName}.vault.azure.net`;
const keyId = `${vault}/keys/goldbot`;
const bearer = { authorization: 'Bearer administrator' };
const version = 'api-version=7.4';

function vaultWorld() {
  const azure = connect(createSandbox({ speed: 0 }).sandbox, { credential: sandboxCredential });
  // Role assignments of a world that begins are known to the data plane after two minutes.
  azure.world.clock.advance(10);
  return azure;
}

describe('a key of a key vault', () => {
  it('signs what goldbot states, as others can verify it, with its newest version', async () => {
    const azure = vaultWorld();
    const first = await azure.signer(keyId).sign(preAuthentication('{"a":1}'));
    expect(first.key).toMatchObject({ kind: 'key vault', id: expect.stringMatching(/\/keys\/goldbot\/[0-9a-f]{32}$/) });
    expect(signatureFits('{"a":1}', first.value, first.key.public)).toBe(true);
    expect(signatureFits('{"a":2}', first.value, first.key.public)).toBe(false);
    expect(await azure.read.vaultKey(first.key.id)).toEqual(first.key.public);

    await ask(azure.sandbox, 'POST', `${keyId}/rotate?${version}`, {}, bearer);
    const second = await azure.signer(keyId).sign(preAuthentication('{"a":1}'));
    expect(second.key.id).not.toBe(first.key.id);
    expect(await azure.read.vaultKey(first.key.id)).toEqual(first.key.public);
    expect((await azure.signer(first.key.id).sign(preAuthentication('{"a":1}'))).key).toEqual(first.key);
  });

  it.each<[string, (azure: ReturnType<typeof vaultWorld>) => Promise<unknown>, RegExp]>([
    [
      'its role was taken away',
      ({ sandbox }) =>
        ask(
          sandbox,
          'DELETE',
          `${vaultId}/providers/Microsoft.Authorization/roleAssignments/${signingAssignment}?api-version=2022-04-01`,
        ),
      /^The vault does not let goldbot use the key goldbot of kv-golden-images: its identity has no role there\.$/,
    ],
    [
      'the vault is closed',
      ({ sandbox }) =>
        ask(sandbox, 'POST', '/_sandbox/conditions', {
          keyVaults: [{ vault: vaultName, publicNetworkAccess: 'Disabled' }],
        }),
      /: the vault is closed to the public network\.$/,
    ],
    [
      'the key was disabled',
      async ({ sandbox }) => {
        const shown = await ask(sandbox, 'GET', `${keyId}?${version}`, undefined, bearer);
        const { kid } = (shown.body as { key: { kid: string } }).key;
        return ask(sandbox, 'PATCH', `${kid}?${version}`, { attributes: { enabled: false } }, bearer);
      },
      /: the key is disabled\.$/,
    ],
  ])('is refused in words that say what to do when %s', async (_, change, words) => {
    const azure = vaultWorld();
    await change(azure);
    const error = await failure(azure.signer(keyId).sign(Buffer.from('x')));
    expect(error).toMatchObject({ code: 'AZ_FORBIDDEN', message: expect.stringMatching(words) });
    expect((error as { hint?: string }).hint).toBe(
      'Give goldbot’s identity the role Key Vault Crypto User on the key, and let the vault be reached from where goldbot runs.',
    );
  });

  it('is unavailable where something else answers, as a proxy does', async () => {
    const { sandbox } = createSandbox({ speed: 0 });
    const proxied = {
      ...sandboxHttpClient(sandbox),
      sendRequest: async (request: PipelineRequest) =>
        request.url.includes('vault.azure.net')
          ? { request, status: 200, headers: createHttpHeaders(), bodyAsText: '<html>sign in</html>' }
          : sandboxHttpClient(sandbox).sendRequest(request),
    };
    const azure = connect(sandbox, { httpClient: proxied });
    expect(await failure(azure.signer(keyId).sign(Buffer.from('x')))).toMatchObject({
      code: 'AZ_UNAVAILABLE',
      message: 'Something other than a key vault answered.',
    });
  });

  it('is told missing where there is none, and silent where nobody answers', async () => {
    const azure = vaultWorld();
    expect(await failure(azure.signer(`${vault}/keys/other`).sign(Buffer.from('x')))).toMatchObject({
      code: 'AZ_NOT_FOUND',
    });
    expect(await azure.read.vaultKey(`${vault}/keys/other`)).toBeUndefined();
    const nowhere = await failure(azure.signer('https://kv-nowhere.vault.azure.net/keys/k').sign(Buffer.from('x')));
    expect(nowhere).toMatchObject({
      code: 'AZ_SILENT',
      message: expect.stringContaining('signing with the key k of kv-nowhere'),
    });
  });
});

describe('the key vault of the sandbox', () => {
  it('is one that the client of Azure works with: it asks for a token, shows keys, makes and rotates them, and signs', async () => {
    const { sandbox, world } = vaultWorld();
    const options = { httpClient: sandboxHttpClient(sandbox), retryOptions: { maxRetries: 0 } };
    const keys = new KeyClient(vault, fakeCredential, options);
    const made = await keys.createEcKey('second', { curve: 'P-256' });
    expect(made.key).toMatchObject({ kty: 'EC', crv: 'P-256' });
    const rotated = await keys.rotateKey('second');
    expect(rotated.properties.version).not.toBe(made.properties.version);
    const client = new CryptographyClient(rotated.id ?? '', fakeCredential, options);
    const digest = Buffer.alloc(32, 7);
    const { result } = await client.sign('ES256', digest);
    expect(result).toHaveLength(64);
    expect(sandbox.exchanges.map(({ status }) => status)).toContain(401);
    expect(world.clock.nowMs()).toBeGreaterThan(0);
  });

  it.each<[string, string, string, object | undefined, number, RegExp]>([
    ['no api-version', 'GET', keyId, undefined, 400, /api-version must be specified/],
    ['an unknown one', 'GET', `${keyId}?api-version=1.0`, undefined, 400, /is not recognized/],
    [
      'a digest of the wrong length',
      'SIGN',
      keyId,
      { alg: 'ES256', value: 'AAAA' },
      400,
      /3 bytes\. ES256 requires 32 bytes/,
    ],
    ['another algorithm', 'SIGN', keyId, { alg: 'RS256', value: 'AAAA' }, 400, /signing algorithm are incompatible/],
    [
      'a key that is not there',
      'GET',
      `${vault}/keys/none?${version}`,
      undefined,
      404,
      /was not found in this key vault/,
    ],
  ])('refuses %s', async (_, method, url, body, status, words) => {
    const { sandbox } = vaultWorld();
    const shown = await ask(sandbox, 'GET', `${keyId}?${version}`, undefined, bearer);
    const { kid } = (shown.body as { key: { kid: string } }).key;
    const signs = method === 'SIGN';
    const answer = await ask(sandbox, signs ? 'POST' : method, signs ? `${kid}/sign?${version}` : url, body, bearer);
    expect([answer.status, JSON.stringify(answer.body)]).toEqual([status, expect.stringMatching(words)]);
  });

  it('names the caller, the action and the key to whom it refuses', async () => {
    const { sandbox } = vaultWorld();
    const created = await ask(
      sandbox,
      'POST',
      `${vault}/keys/x/create?${version}`,
      { kty: 'EC' },
      { authorization: 'Bearer sandbox' },
    );
    expect(created.status).toBe(403);
    const { error } = created.body as { error: { code: string; message: string; innererror: { code: string } } };
    expect(error).toMatchObject({ code: 'Forbidden', innererror: { code: 'ForbiddenByRbac' } });
    expect(error.message).toContain(`oid=${goldbotIdentity.objectId}`);
    expect(error.message).toContain("Action: 'Microsoft.KeyVault/vaults/keys/create/action'");
  });
});
