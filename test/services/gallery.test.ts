import { definitionId } from '../../core/azure-id';
import type { Route } from '../../sandbox/kernel/types';
import { ask } from '../sandbox/client';
import { armError, azureOf, failure, held, ubuntu } from './azure';
import { wholeAzure } from './whole-azure';

const versions =
  '/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.Compute/galleries/{gallery}/images/{i}/versions';
const stored = (name: string, more: object = {}) => ({
  id: `/x/versions/${name}`,
  name,
  location: 'westeurope',
  properties: { provisioningState: 'Succeeded', publishingProfile: {}, storageProfile: {} },
  ...more,
});

/** Two pages, the second under a link as Azure makes them. */
const twoPages: Route = {
  method: 'GET',
  path: versions,
  handle: ({ url }) =>
    url.searchParams.has('$skiptoken')
      ? { status: 200, body: { value: [stored('1.0.0')] } }
      : { status: 200, body: { value: [stored('1.10.0'), stored('1.9.0')], nextLink: `${url.href}&$skiptoken=2` } },
};

describe('the gallery', () => {
  it('lists the versions of every page by number', async () => {
    const { read } = azureOf([twoPages]);
    const found = await read.versions(ubuntu);
    expect(found.map((v) => v.version)).toEqual(['1.0.0', '1.9.0', '1.10.0']);
  });

  it('knows an image without a definition as not found', async () => {
    const { read } = wholeAzure();
    await expect(read.versions({ ...ubuntu, definition: 'nothing' })).rejects.toMatchObject({
      code: 'AZ_NOT_FOUND',
      message: 'The gallery gold has no image definition nothing.',
      facts: { missing: 'image definition' },
    });
    await expect(read.definition({ ...ubuntu, definition: 'nothing' })).resolves.toBeUndefined();
    await expect(read.version(ubuntu, '99.0.0')).resolves.toBeUndefined();
  });

  it('that is missing itself is another mistake', async () => {
    const { read } = wholeAzure();
    const nowhere = { ...ubuntu, gallery: 'silver' };
    const errors = await Promise.all(
      [read.versions(nowhere), read.definition(nowhere), read.definitions(nowhere)].map(failure),
    );
    expect(errors.map((e) => e.code)).toEqual(['AZ_NOT_FOUND', 'AZ_NOT_FOUND', 'AZ_NOT_FOUND']);
    expect(errors.map((e) => e.facts['missing'])).toEqual([undefined, undefined, undefined]);
    expect(errors[0]?.hint).toContain('catalog/azure.yaml');
  });

  it('tells what a definition takes', async () => {
    const { read, sandbox } = wholeAzure();
    const expected = {
      name: 'ubuntu-22',
      state: 'Generalized',
      os: 'Linux',
      generation: 'V2',
      architecture: 'x64',
      security: 'TrustedLaunchSupported',
    };
    expect(await read.definition(ubuntu)).toEqual(expected);
    const purchasePlan = { name: 'n', product: 'p', publisher: 'u' };
    await ask(sandbox, 'PUT', `${definitionId({ ...ubuntu, definition: 'arm' })}?api-version=2024-03-03`, {
      location: 'westeurope',
      properties: {
        osType: 'Linux',
        osState: 'Specialized',
        architecture: 'Arm64',
        purchasePlan,
        identifier: { publisher: 'a', offer: 'b', sku: 'c' },
      },
    });
    const all = await read.definitions(ubuntu);
    expect(all.map((d) => d.name).sort()).toEqual(['arm', 'ubuntu-22', 'windows-2022']);
    expect(all.find((d) => d.name === 'arm')).toEqual({
      name: 'arm',
      state: 'Specialized',
      os: 'Linux',
      generation: 'V1',
      architecture: 'Arm64',
      plan: purchasePlan,
    });
  });

  it('tells of each region how far replication is', async () => {
    const { read } = wholeAzure();
    const [newest] = (await read.versions(ubuntu)).slice(-1);
    const version = await read.version(ubuntu, newest?.version ?? '');
    expect(version).toMatchObject({ image: 'ubuntu-22', provisioningState: 'Succeeded', version: newest?.version });
    expect(version?.regions.length).toBeGreaterThan(0);
    for (const region of version?.regions ?? []) {
      expect(region).toMatchObject({ state: 'Completed', progress: 100, replicas: expect.any(Number) });
      expect(region.name).toMatch(/^[A-Z]\w+ [A-Z]/);
    }
  });

  it('changes what it is told and nothing else', async () => {
    const azure = wholeAzure();
    const [before] = (await azure.read.versions(ubuntu)).slice(-1);
    const version = before?.version ?? '';
    const endOfLife = new Date('2028-01-31T00:00:00.000Z');
    await azure.write(held).updateVersion(ubuntu, version, { endOfLife, tags: { 'goldbot-state': 'aged' } });
    azure.world.clock.advance(60);
    const after = await azure.read.version(ubuntu, version);
    expect(after).toMatchObject({ endOfLife, provisioningState: 'Succeeded' });
    expect(after?.excludedFromLatest).toBe(before?.excludedFromLatest);
    expect(after?.tags).toEqual({ ...before?.tags, 'goldbot-state': 'aged' });
    expect(after?.regions.map((r) => [r.name, r.replicas])).toEqual(before?.regions.map((r) => [r.name, r.replicas]));
  });

  it('removes an end of life and a tag by null', async () => {
    const azure = wholeAzure();
    const [before] = (await azure.read.versions(ubuntu)).slice(-1);
    const version = before?.version ?? '';
    const endOfLife = new Date('2028-01-31T00:00:00.000Z');
    await azure.write(held).updateVersion(ubuntu, version, { endOfLife, tags: { a: 'b', c: 'd' } });
    azure.world.clock.advance(60);
    await azure.write(held).updateVersion(ubuntu, version, { endOfLife: null, tags: { a: null } });
    azure.world.clock.advance(60);
    const after = await azure.read.version(ubuntu, version);
    expect(after?.endOfLife).toBeUndefined();
    expect(after?.tags).toEqual({ ...before?.tags, c: 'd' });
  });

  it('says both the end of life and whether it blocks deletion, whatever changes', async () => {
    const azure = wholeAzure();
    const [newest] = (await azure.read.versions(ubuntu)).slice(-1);
    await azure.write(held).updateVersion(ubuntu, newest?.version ?? '', { tags: { a: 'b' } });
    const patch = azure.sandbox.exchanges.find((e) => e.method === 'PATCH');
    expect(patch?.requestBody).toMatchObject({
      properties: {
        publishingProfile: { endOfLifeDate: newest?.endOfLife?.toISOString() ?? null },
        safetyProfile: { blockDeletionBeforeEndOfLife: newest?.blockDeletionBeforeEndOfLife },
      },
    });
  });

  it('brings a version to a region with the storage and the key that are set for it', async () => {
    const azure = wholeAzure();
    const [newest] = (await azure.read.versions(ubuntu)).slice(-1);
    const diskEncryptionSetId = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/diskEncryptionSets/des';
    const more = {
      name: 'France Central',
      replicas: 1,
      storageAccountType: 'Premium_LRS' as const,
      diskEncryptionSetId,
    };
    await azure.write(held).updateVersion(ubuntu, newest?.version ?? '', {
      regions: [...(newest?.regions ?? []).map((r) => ({ ...r, diskEncryptionSetId })), more],
    });
    const body = azure.sandbox.exchanges.find((e) => e.method === 'PATCH')?.requestBody as {
      properties: { publishingProfile: { targetRegions: object[] } };
    };
    expect(body.properties.publishingProfile.targetRegions.at(-1)).toEqual({
      name: 'France Central',
      regionalReplicaCount: 1,
      storageAccountType: 'Premium_LRS',
      encryption: { osDiskImage: { diskEncryptionSetId } },
    });
  });

  it('brings a version to more regions with their replicas', async () => {
    const azure = wholeAzure();
    const [newest] = (await azure.read.versions(ubuntu)).slice(-1);
    const version = newest?.version ?? '';
    const regions = [...(newest?.regions ?? []), { name: 'France Central', replicas: 4 }];
    await azure.write(held).updateVersion(ubuntu, version, { regions });
    const meanwhile = await azure.read.version(ubuntu, version);
    const region = meanwhile?.regions.find((r) => r.name === 'France Central');
    expect(region).toMatchObject({ replicas: 4, state: 'Replicating' });
    azure.world.clock.advance(120);
    const after = await azure.read.version(ubuntu, version);
    expect(after?.regions.every((r) => r.state === 'Completed')).toBe(true);
  });

  it('sends nothing when everything is as it should be', async () => {
    const azure = wholeAzure();
    const [newest] = (await azure.read.versions(ubuntu)).slice(-1);
    const same = { excludedFromLatest: newest?.excludedFromLatest ?? false, regions: newest?.regions ?? [] };
    await azure.write(held).updateVersion(ubuntu, newest?.version ?? '', same);
    expect(azure.sent('PATCH')).toEqual([]);
  });

  it('leaves a version that Azure is still at work on, as a conflict', async () => {
    const azure = wholeAzure();
    const [newest] = (await azure.read.versions(ubuntu)).slice(-1);
    const version = newest?.version ?? '';
    await azure.write(held).updateVersion(ubuntu, version, { tags: { a: '1' } });
    const error = await failure(azure.write(held).updateVersion(ubuntu, version, { tags: { a: '2' } }));
    expect(error.code).toBe('AZ_CONFLICT');
  });

  describe('when Azure refuses the PATCH', () => {
    const made = (publishedDate: string) =>
      stored('1.0.0', {
        properties: {
          provisioningState: 'Succeeded',
          publishingProfile: { publishedDate, targetRegions: [{ name: 'West Europe' }] },
          storageProfile: { osDiskImage: { hostCaching: 'ReadOnly', source: { uri: 'https://x/1.vhd' } } },
        },
      });
    const one = `${versions}/{v}`;
    const here: readonly [number, object] = [200, made('2026-11-01T00:00:00Z')];

    async function changing(refusal: number, looks: readonly (readonly [number, object])[]) {
      let asked = 0;
      const look: Route = {
        method: 'GET',
        path: one,
        handle: () => {
          const [status, body] = looks[Math.min(asked++, looks.length - 1)] ?? [404, {}];
          return { status, body: body as never };
        },
      };
      const patch: Route = { method: 'PATCH', path: one, handle: () => armError(refusal, 'No', 'Not so.') };
      const put: Route = {
        method: 'PUT',
        path: one,
        handle: () => ({ status: 200, body: made('2026-11-01T00:00:00Z') }),
      };
      const azure = azureOf([look, patch, put]);
      const change = azure.write(held).updateVersion(ubuntu, '1.0.0', { excludedFromLatest: true });
      const code = await change.then(
        () => 'done',
        (error: { code: string }) => error.code,
      );
      return { code, put: azure.sandbox.exchanges.find((e) => e.method === 'PUT')?.requestBody };
    }

    it.each([400, 405])('as such (%i), puts what is still there, without its source', async (refusal) => {
      const { code, put } = await changing(refusal, [here]);
      expect(code).toBe('done');
      expect(put).toMatchObject({
        location: 'westeurope',
        properties: { publishingProfile: { excludeFromLatest: true }, storageProfile: { osDiskImage: { source: {} } } },
      });
      expect(JSON.stringify(put)).not.toMatch(/uri|publishedDate|null/);
    });

    it.each<[string, number, readonly (readonly [number, object])[]]>([
      [
        'what somebody deleted meanwhile',
        405,
        [here, [404, { error: { code: 'ResourceNotFound', message: 'Gone.' } }]],
      ],
      ['another version under its number', 405, [here, [200, made('2026-11-02T00:00:00Z')]]],
      ['after any other refusal', 409, [here]],
      ['without the right', 403, [here]],
    ])('puts nothing: %s', async (_, refusal, looks) => {
      const { code, put } = await changing(refusal, looks);
      expect(code).toMatch(/^AZ_/);
      expect(put).toBeUndefined();
    });
  });

  it('deletes a version, and once more without an error', async () => {
    const azure = wholeAzure();
    const [oldest] = await azure.read.versions(ubuntu);
    const version = oldest?.version ?? '';
    await azure.write(held).updateVersion(ubuntu, version, { blockDeletionBeforeEndOfLife: false });
    azure.world.clock.advance(60);
    await azure.write(held).deleteVersion(ubuntu, version);
    await azure.write(held).deleteVersion(ubuntu, version);
    azure.world.clock.advance(60);
    await azure.write(held).deleteVersion(ubuntu, version);
    await expect(azure.read.version(ubuntu, version)).resolves.toBeUndefined();
  });

  it('says why a version cannot be deleted yet', async () => {
    const remove: Route = {
      method: 'DELETE',
      path: `${versions}/{v}`,
      handle: () => armError(409, 'OperationNotAllowed', 'It cannot be deleted before its end of life date.'),
    };
    const get: Route = {
      method: 'GET',
      path: `${versions}/{v}`,
      handle: () => ({ status: 200, body: stored('1.0.0') }),
    };
    const error = await failure(azureOf([remove, get]).write(held).deleteVersion(ubuntu, '1.0.0'));
    expect(error).toMatchObject({ code: 'AZ_CONFLICT', message: expect.stringContaining('before its end of life') });
  });
});
