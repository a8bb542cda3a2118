import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { restorePoller } from '@azure/arm-imagebuilder';
import { addAzureFace } from '../../sandbox/azure';
import { resourceGroups } from '../../sandbox/azure/compute/groups';
import { buildResourceGroup, platformSubscription } from '../../sandbox/azure/names';
import { Sandbox } from '../../sandbox/kernel/sandbox';
import { World } from '../../sandbox/kernel/world';
import { ask } from './client';
import {
  definition,
  get,
  imageBuilder,
  lastRun,
  put,
  readLog,
  sdkTemplate,
  shell,
  start,
  template,
  templates,
  version,
} from './image-builder-world';

const soon = { updateIntervalInMs: 1 };
const group = buildResourceGroup;

describe('an image template', () => {
  it('is provisioned within a minute, with its source resolved and a staging group of its own', async () => {
    const azure = imageBuilder();
    const poller = azure.images.createOrUpdate(
      group,
      't1',
      sdkTemplate({ properties: { autoRun: { state: 'Disabled' } } }),
      soon,
    );
    await poller.submitted();
    const before = await azure.images.get(group, 't1');
    expect(before.provisioningState).toBe('Creating');
    expect(before.source).toMatchObject({ exactVersion: 'latest' });

    azure.world.clock.advance(1);
    const made = await poller;

    expect(made.provisioningState).toBe('Succeeded');
    expect(made.source).toMatchObject({ version: 'latest', exactVersion: '22.04.202611120' });
    expect(made.exactStagingResourceGroup).toMatch(/\/resourceGroups\/IT_rg-image-builds_t1_[-0-9a-f]{36}$/);
    expect(made.lastRunStatus).toBeUndefined();
    const staging = resourceGroups(azure.world)[made.exactStagingResourceGroup?.toLowerCase() ?? ''];
    expect(staging?.tags['createdBy']).toBe('AzureVMImageBuilder');
  });

  it('cannot be put twice', async () => {
    const azure = imageBuilder();
    await put(azure, 't1', template());
    const { status, body } = await put(azure, 't1', template());
    expect(status).toBe(409);
    expect(body).toMatchObject({
      error: { code: 'Conflict', message: expect.stringContaining('currently not supported') },
    });
  });

  it('lets only identity, tags, distribute and vmProfile be changed', async () => {
    const azure = imageBuilder();
    await put(azure, 't1', template());
    azure.world.clock.advance(60);
    const url = `${templates}/t1?${version}`;
    expect((await ask(azure.sandbox, 'PATCH', url, { tags: { a: 'b' } })).status).toBe(200);
    expect((await get(azure, 't1')).body).toMatchObject({ tags: { a: 'b' } });
    expect((await ask(azure.sandbox, 'PATCH', url, { properties: { customize: [] } })).status).toBe(400);
  });

  it('is listed, and gone with its staging group once deleted', async () => {
    const azure = imageBuilder();
    await put(azure, 't1', template());
    azure.world.clock.advance(1);
    const staging = (await azure.images.get(group, 't1')).exactStagingResourceGroup?.toLowerCase() ?? '';
    const refused = await ask(azure.sandbox, 'DELETE', `${templates}/t1?${version}`);
    expect(refused.status).toBe(405);
    azure.world.clock.advance(60);
    const names: (string | undefined)[] = [];
    for await (const t of azure.images.listByResourceGroup(group)) names.push(t.name);
    expect(names).toEqual(['t1']);
    const deletion = azure.images.delete(group, 't1', soon);
    await deletion.submitted();
    azure.world.clock.advance(1);
    await deletion;
    await expect(azure.images.get(group, 't1')).rejects.toMatchObject({ statusCode: 404, code: 'ResourceNotFound' });
    expect(resourceGroups(azure.world)[staging]).toBeUndefined();
    expect((await ask(azure.sandbox, 'DELETE', `${templates}/t1?${version}`)).status).toBe(204);
  });
});

describe('a build', () => {
  it('starts by itself, goes through its states in about twenty minutes and creates the version', async () => {
    const azure = imageBuilder();
    const seen = new Set<string>();
    const customize = [
      shell('updates', 'sudo apt-get update', 'sudo DEBIAN_FRONTEND=noninteractive apt-get -y dist-upgrade'),
      shell(
        'hardening',
        "printf 'PermitRootLogin no\\n' | sudo tee /etc/ssh/sshd_config.d/10-hardening.conf",
        'sudo systemctl restart ssh',
      ),
      shell('tattoo', 'sudo mkdir -p /etc/goldbot', 'echo "version=1.6.0" | sudo tee /etc/goldbot/tattoo'),
    ];
    const validate = { inVMValidations: [shell('sshd', 'sudo sshd -T | grep -q "permitrootlogin no"')] };
    await put(azure, 't1', template({ customize, validate }));
    let minutes = 0;
    for (; minutes < 60; minutes += 1) {
      azure.world.clock.advance(1);
      const run = await lastRun(azure, 't1');
      seen.add(`${run['runState']} ${run['runSubState'] ?? ''}`.trim());
      if (run['runState'] !== 'Running') break;
      expect(run['endTime']).toBe('0001-01-01T00:00:00Z');
    }
    expect([...seen]).toEqual([
      'Running Queued',
      'Running Building',
      'Running Customizing',
      'Running Validating',
      'Running Distributing',
      'Succeeded',
    ]);
    expect(minutes).toBeGreaterThanOrEqual(13);
    expect(minutes).toBeLessThanOrEqual(25);
    expect(azure.versions).toEqual([
      expect.objectContaining({
        galleryImageId: definition,
        version: '1.6.0',
        excludeFromLatest: true,
        targetRegions: [{ name: 'westeurope', replicaCount: 3 }],
        tags: expect.objectContaining({
          run: 'r-1',
          VMImageBuilderSource: expect.stringContaining('(22.04.202611120)'),
        }),
      }),
    ]);
    const guest = azure.guestOf(`${definition}/versions/1.6.0`);
    expect(guest?.files['/etc/goldbot/tattoo']?.content).toBe('version=1.6.0\n');
    expect(guest?.users).not.toHaveProperty('packer');
    const output = await azure.images.getRunOutput(group, 't1', 'ubuntu-22');
    expect(output).toMatchObject({ artifactId: `${definition}/versions/1.6.0`, provisioningState: 'Succeeded' });
  });

  it('takes the next version number when none is named', async () => {
    const azure = imageBuilder({ hooks: { listVersions: () => ['1.5.9', '1.10.2'] } });
    await put(azure, 't1', template({ distribute: { galleryImageId: definition } }));
    await put(azure, 't2', template({ distribute: { galleryImageId: definition, versioning: { scheme: 'Source' } } }));
    azure.world.clock.advance(60);
    azure.world.settle();
    expect(azure.versions.map((v) => v.version).sort()).toEqual(['1.10.3', '22.4.202611120']);
  });

  it('is run again by hand, and resumed by another process of the client', async () => {
    const azure = imageBuilder();
    await put(azure, 't1', template({ properties: { autoRun: { state: 'Disabled' } } }));
    azure.world.clock.advance(1);
    const poller = azure.images.run(group, 't1');
    await poller.submitted();
    const state = await poller.serialize();
    await expect(azure.images.run(group, 't1').submitted()).rejects.toMatchObject({
      statusCode: 405,
      code: 'OperationNotAllowed',
    });
    azure.world.clock.advance(60);
    const again = restorePoller(azure.client, state, azure.images.run, soon);
    await again.pollUntilDone();
    expect((await lastRun(azure, 't1'))['runState']).toBe('Succeeded');
  });

  it('goes to a VHD and to a managed image as well, and says where they are', async () => {
    const azure = imageBuilder();
    const imageId = `/subscriptions/${platformSubscription}/resourceGroups/${group}/providers/Microsoft.Compute/images/hello`;
    const distribute = [
      { type: 'VHD', runOutputName: 'vhd' },
      { type: 'ManagedImage', runOutputName: 'managed', imageId, location: 'westeurope' },
    ];
    await put(azure, 't1', template({ properties: { distribute } }));
    azure.world.clock.advance(60);
    expect(await azure.images.getRunOutput(group, 't1', 'vhd')).toMatchObject({
      artifactUri: expect.stringMatching(/^https:\/\/\w+\.blob\.core\.windows\.net\/vhds\/[-0-9a-f]+\.vhd$/),
    });
    expect(await azure.images.getRunOutput(group, 't1', 'managed')).toMatchObject({ artifactId: imageId });
    expect(azure.guestOf(imageId)?.os.version).toBe('22.04');
    await expect(azure.images.getRunOutput(group, 't1', 'other')).rejects.toMatchObject({ statusCode: 404 });
  });

  it('is a managed image of Compute, which machines can be made of', async () => {
    const world = new World({ startMs: start, speed: 0 });
    const sandbox = new Sandbox(world);
    addAzureFace(sandbox);
    const at = (rest: string, version = '2024-07-01') =>
      `/subscriptions/${platformSubscription}/resourceGroups/${group}/providers/${rest}?api-version=${version}`;
    const imageId = at('Microsoft.Compute/images/hello').split('?')[0] ?? '';
    const distribute = [{ type: 'ManagedImage', runOutputName: 'm', imageId, location: 'westeurope' }];
    const body = template({ properties: { distribute } });
    await ask(sandbox, 'PUT', at('Microsoft.VirtualMachineImages/imageTemplates/t1', '2024-02-01'), body);
    world.clock.advance(120);

    expect(await ask(sandbox, 'GET', at('Microsoft.Compute/images/hello'))).toMatchObject({
      status: 200,
      body: {
        location: 'westeurope',
        tags: { VMImageBuilderSource: expect.stringContaining('Canonical') },
        properties: { hyperVGeneration: 'V2', storageProfile: { osDisk: { osType: 'Linux', diskSizeGB: 30 } } },
      },
    });
  });

  it('starts from a gallery version as well as from the marketplace', async () => {
    const azure = imageBuilder();
    await put(azure, 't1', template({ customize: [shell('mark', 'echo one | sudo tee /etc/mark')] }));
    azure.world.clock.advance(60);
    azure.world.settle();
    const source = { type: 'SharedImageVersion', imageVersionId: `${definition}/versions/1.6.0` };
    const distribute = { galleryImageId: `${definition}/versions/1.7.0` };
    await put(
      azure,
      't2',
      template({ customize: [shell('see', 'grep -qx one /etc/mark')], distribute, properties: { source } }),
    );
    azure.world.clock.advance(60);
    expect((await lastRun(azure, 't2'))['runState']).toBe('Succeeded');
    expect(azure.versions.at(-1)?.tags['VMImageBuilderSource']).toContain('/versions/1.6.0');
  });

  it('is canceled within a minute and leaves no version', async () => {
    const azure = imageBuilder();
    await put(azure, 't1', template());
    azure.world.clock.advance(4);
    expect((await ask(azure.sandbox, 'POST', `${templates}/t1/cancel?${version}`)).status).toBe(204);
    expect(await lastRun(azure, 't1')).toMatchObject({ runState: 'Canceling', message: 'Canceling image build' });
    azure.world.clock.advance(60);
    expect(await lastRun(azure, 't1')).toMatchObject({ runState: 'Canceled' });
    expect(azure.versions).toEqual([]);
    expect((await ask(azure.sandbox, 'POST', `${templates}/t1/cancel?${version}`)).status).toBe(405);
  });

  it('goes on after the sandbox was restarted', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'goldbot-sandbox-'));
    const file = join(folder, 'sandbox.json');
    const before = imageBuilder({ world: { file } });
    await put(before, 't1', template());
    before.world.clock.advance(5);
    expect((await lastRun(before, 't1'))['runState']).toBe('Running');
    before.world.close();
    const after = imageBuilder({ world: { file } });
    expect(await lastRun(after, 't1')).toEqual(await lastRun(before, 't1'));
    after.world.clock.advance(60);
    expect((await lastRun(after, 't1'))['runState']).toBe('Succeeded');
    expect(after.versions).toHaveLength(1);
    after.world.close();
    rmSync(folder, { recursive: true });
  });
});

describe('the log of a build', () => {
  it('grows during the run and leads from the staging group to the first real error', async () => {
    const azure = imageBuilder();
    const customize = [
      shell('agents', 'sudo apt-get update', 'sudo apt-get install -y auditd'),
      shell('broken', 'echo before', 'sudo systemctl restart no-such-service', 'echo never'),
    ];
    await put(azure, 't1', template({ customize }));
    azure.world.clock.advance(1);
    const staging = String((await get(azure, 't1')).body.properties['exactStagingResourceGroup']);
    azure.world.clock.advance(5);
    const early = await readLog(azure, staging);
    expect(early).toContain('PACKER OUT ==> azure-arm: Running builder ...');
    expect(early).not.toContain('no-such-service');
    azure.world.clock.advance(60);
    const log = await readLog(azure, staging);
    expect(log.startsWith(early)).toBe(true);
    expect(log).toContain('debconf: unable to initialize frontend: Dialog');
    expect(log).toContain(
      '==> azure-arm: Failed to restart no-such-service.service: Unit no-such-service.service not found.',
    );
    expect(log).toContain('Script exited with non-zero exit status: 5. Allowed exit codes are: [0]');
    expect(log).not.toContain('azure-arm: never');
    const run = await lastRun(azure, 't1');
    expect(run).toMatchObject({ runState: 'Failed', runSubState: 'Customizing' });
    expect(run['message']).toMatch(/packerlogs\/[-0-9a-f]{36}\/customization\.log/);
    expect(azure.versions).toEqual([]);
  });

  it('says what was not executed', async () => {
    const azure = imageBuilder();
    const customize = [
      { type: 'File', name: 'agent', sourceUri: 'https://example.com/agent.deb', destination: '/tmp/agent.deb' },
      { type: 'Shell', name: 'remote', scriptUri: 'https://example.com/x.sh' },
      shell('odd', 'frobnicate'),
    ];
    await put(azure, 't1', template({ customize }));
    azure.world.clock.advance(60);
    expect((await lastRun(azure, 't1'))['runState']).toBe('Succeeded');
    const log = await readLog(azure, String((await get(azure, 't1')).body.properties['exactStagingResourceGroup']));
    expect(log.match(/sandbox: not executed/g)).toHaveLength(3);
  });

  it('is closed to those who do not say who they are', async () => {
    const azure = imageBuilder();
    await put(azure, 't1', template());
    azure.world.clock.advance(9);
    const { status, headers } = await ask(
      azure.sandbox,
      'GET',
      'https://x.blob.core.windows.net/packerlogs?restype=container&comp=list',
    );
    expect([status, headers?.['x-ms-error-code']]).toEqual([409, 'PublicAccessNotPermitted']);
  });
});
