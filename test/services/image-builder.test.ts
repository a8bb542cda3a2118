import type { BuildSpec } from '../../core/azure';
import { builderIdentity } from '../../sandbox/azure/names';
import type { Route, SandboxResponse } from '../../sandbox/kernel/types';
import { armError, azureOf, failure, held, place, ubuntu } from './azure';

const templates = '/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.VirtualMachineImages/imageTemplates';
const name = 'ubuntu-22-1-6-0-a1-3f9c1ab2';

const spec = {
  identity: builderIdentity,
  source: {
    publisher: 'Canonical',
    offer: '0001-com-ubuntu-server-jammy',
    sku: '22_04-lts-gen2',
    version: '22.04.202611120',
  },
  customize: [{ type: 'Shell', name: 'updates', inline: ['sudo apt-get update'] }],
  validate: [{ type: 'Shell', name: 'sshd', inline: ['sudo sshd -t'] }],
  target: { ...ubuntu, version: '1.6.0' },
  regions: [{ name: 'West Europe', replicas: 1 }],
  vmSize: 'Standard_D2s_v5',
  timeoutMinutes: 90,
  tags: { 'goldbot-run': 'R-7F3KQ' },
  artifactTags: { 'goldbot-version': '1.6.0' },
} satisfies BuildSpec;

/** A template as Azure shows it; `more` replaces what it says of itself. */
function shown(more: object = {}, tags: object = spec.tags) {
  const properties = {
    provisioningState: 'Succeeded',
    source: { type: 'PlatformImage', ...spec.source },
    distribute: [{ type: 'SharedImage', galleryImageId: '/g', runOutputName: 'goldbot' }],
    ...more,
  };
  return { id: `/x/${name}`, name, location: 'westeurope', tags, identity: { type: 'None' }, properties };
}

const get = (body?: object): Route => ({
  method: 'GET',
  path: `${templates}/{t}`,
  handle: () => (body ? { status: 200, body } : armError(404, 'ResourceNotFound', 'No such template.')),
});
const answers = (method: string, path: string, response: SandboxResponse): Route => ({
  method,
  path,
  handle: () => response,
});
const notAllowed = armError(405, 'OperationNotAllowed', 'Operation x is not allowed in run state: running.');
const conflict = armError(409, 'Conflict', 'Update/Upgrade of image templates is currently not supported.');

describe('what Image Builder says about a build', () => {
  const run = (runState: string, more: object = {}) => ({ lastRunStatus: { runState, ...more } });
  const started = '2026-11-20T09:00:00Z';
  const ended = '2026-11-20T09:20:00Z';
  const packer = 'Build failed. PackerBuildFailed. During the image build a failure has occurred.';
  const leaked = ` https://x.blob.core.windows.net/log?sig=`;
  const cases: [title: string, properties: object, expected: object][] = [
    ['is being prepared', { provisioningState: 'Creating' }, { state: 'provisioning' }],
    [
      'was not accepted',
      {
        provisioningState: 'Failed',
        provisioningError: { provisioningErrorCode: 'BadSourceType', message: 'No ?sig=c2VjcmV0&se=2.' },
      },
      { state: 'failed', code: 'BadSourceType', message: 'No ?sig=[cut]&se=2.' },
    ],
    ['goes away', { provisioningState: 'Deleting' }, { state: 'deleting' }],
    ['has not begun', {}, { state: 'idle' }],
    [
      'goes on',
      run('Running', { runSubState: 'Customizing', startTime: started, endTime: '0001-01-01T00:00:00Z' }),
      { state: 'running', subState: 'Customizing', startedAt: new Date(started) },
    ],
    ['is being stopped', run('Canceling'), { state: 'cancelling' }],
    [
      'failed and Azure knows no end',
      run('Failed', { message: '', endTime: '0001-01-01T00:00:00Z' }),
      { state: 'failed', code: 'RunFailed', message: '' },
    ],
    ['was stopped', run('Canceled'), { state: 'canceled' }],
    [
      'failed',
      run('Failed', { message: `${packer}${leaked}c2VjcmV0`, endTime: ended }),
      { state: 'failed', code: 'PackerBuildFailed', message: `${packer}${leaked}[cut]`, endedAt: new Date(ended) },
    ],
    [
      'half failed',
      run('PartiallySucceeded', { message: '' }),
      { state: 'failed', code: 'RunPartiallySucceeded', message: '' },
    ],
  ];
  it.each(cases)('when it %s', async (_, properties, expected) => {
    await expect(azureOf([get(shown(properties))]).read.build(place, name)).resolves.toEqual(expected);
  });

  it('when there is none', async () => {
    await expect(azureOf([get()]).read.build(place, name)).resolves.toEqual({ state: 'absent' });
  });

  it('when it succeeded, with what it made', async () => {
    const output = { name: 'goldbot', properties: { artifactId: '/galleries/gold/images/ubuntu-22/versions/1.6.0' } };
    const azure = azureOf([
      get(shown(run('Succeeded', { endTime: ended }))),
      answers('GET', `${templates}/{t}/runOutputs/goldbot`, { status: 200, body: output }),
    ]);
    await expect(azure.read.build(place, name)).resolves.toEqual({
      state: 'succeeded',
      endedAt: new Date(ended),
      artifactId: output.properties.artifactId,
    });
  });
});

describe('starting a build', () => {
  const accepted = {
    status: 201,
    headers: { 'azure-asyncoperation': 'https://management.azure.com/op' },
    body: shown(),
  };

  it('takes what an enterprise must set', async () => {
    const azure = azureOf([answers('PUT', `${templates}/{t}`, accepted)]);
    const subnet = (name: string) =>
      `/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/${name}`;
    const network = { subnetId: subnet('builds'), containerInstanceSubnetId: subnet('containers') };
    const tags = { costCenter: '4711', 'goldbot-run': 'forged' };
    await azure.write(held).startBuild(place, name, {
      ...spec,
      source: { ...spec.source, plan: { name: 'n', product: 'p', publisher: 'u' } },
      regions: [{ name: 'West Europe', replicas: 1, storageAccountType: 'Standard_ZRS' }],
      settings: {
        osDiskSizeGiB: 64,
        network,
        stagingResourceGroup: '/subscriptions/s/resourceGroups/rg-staging',
        tags,
      },
    });
    expect(azure.sandbox.exchanges[0]?.requestBody).toMatchObject({
      tags: { costCenter: '4711', 'goldbot-run': 'R-7F3KQ' },
      properties: {
        source: {
          type: 'PlatformImage',
          ...spec.source,
          planInfo: { planName: 'n', planProduct: 'p', planPublisher: 'u' },
        },
        distribute: [{ targetRegions: [{ name: 'West Europe', replicaCount: 1, storageAccountType: 'Standard_ZRS' }] }],
        vmProfile: { vmSize: 'Standard_D2s_v5', osDiskSizeGB: 64, vnetConfig: network },
        stagingResourceGroup: '/subscriptions/s/resourceGroups/rg-staging',
        managedResourceTags: { costCenter: '4711', 'goldbot-run': 'R-7F3KQ' },
      },
    });
    expect(JSON.stringify(azure.sandbox.exchanges[0]?.requestBody)).not.toContain('"plan"');
  });

  const gold = { subscription: 's', resourceGroup: 'g', gallery: 'gold', definition: 'base' };
  it.each([
    [
      'a version of a gallery',
      { kind: 'imageVersion', image: gold, version: '1.4.0', plan: { name: 'n', product: 'p', publisher: 'u' } },
      {
        type: 'SharedImageVersion',
        imageVersionId:
          '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute/galleries/gold/images/base/versions/1.4.0',
      },
    ],
    [
      'a managed image',
      { kind: 'managedImage', id: '/subscriptions/s/resourceGroups/g/providers/m', version: '3f9c1ab2' },
      { type: 'ManagedImage', imageId: '/subscriptions/s/resourceGroups/g/providers/m' },
    ],
  ] as const)('starts from %s', async (_, source, sent) => {
    const azure = azureOf([answers('PUT', `${templates}/{t}`, accepted)]);
    await azure.write(held).startBuild(place, name, { ...spec, source });
    expect(azure.sandbox.exchanges[0]?.requestBody).toHaveProperty('properties.source', sent);
  });

  it('is one PUT that also runs, of a candidate that nobody gets by latest', async () => {
    const azure = azureOf([answers('PUT', `${templates}/{t}`, accepted)]);
    await azure.write(held).startBuild(place, name, spec);
    expect(azure.sandbox.exchanges).toHaveLength(1);
    expect(azure.sandbox.exchanges[0]?.requestBody).toEqual({
      location: 'westeurope',
      tags: spec.tags,
      identity: { type: 'UserAssigned', userAssignedIdentities: { [builderIdentity]: {} } },
      properties: {
        source: { type: 'PlatformImage', ...spec.source },
        customize: spec.customize,
        validate: { continueDistributeOnFailure: false, sourceValidationOnly: false, inVMValidations: spec.validate },
        distribute: [
          {
            type: 'SharedImage',
            galleryImageId: expect.stringMatching(/\/galleries\/gold\/images\/ubuntu-22\/versions\/1\.6\.0$/),
            runOutputName: 'goldbot',
            excludeFromLatest: true,
            targetRegions: [{ name: 'West Europe', replicaCount: 1 }],
            artifactTags: spec.artifactTags,
          },
        ],
        buildTimeoutInMinutes: 90,
        vmProfile: { vmSize: 'Standard_D2s_v5' },
        managedResourceTags: { 'goldbot-run': 'R-7F3KQ' },
        autoRun: { state: 'Enabled' },
      },
    });
  });

  it('adopts a template of the same run', async () => {
    const azure = azureOf([answers('PUT', `${templates}/{t}`, conflict), get(shown())]);
    await azure.write(held).startBuild(place, name, spec);
    expect(azure.sent('PUT')).toHaveLength(1);
  });

  it.each([
    ['another run', { 'goldbot-run': 'R-22222' }, 'R-22222'],
    ['nobody', {}, 'does not belong to a run of goldbot'],
  ])('refuses a template of %s and says whose it is', async (_, tags, whose) => {
    const azure = azureOf([answers('PUT', `${templates}/{t}`, conflict), get(shown({}, tags))]);
    const error = await failure(azure.write(held).startBuild(place, name, spec));
    expect(error).toMatchObject({
      code: 'AZ_CONFLICT',
      message: expect.stringContaining(whose),
      hint: `Delete the template “${name}” in ${place.resourceGroup} if nobody needs it, then rebuild.`,
    });
  });
});

describe('other changes to a build', () => {
  const runPath = `${templates}/{t}/run`;
  const cancelPath = `${templates}/{t}/cancel`;
  const gone = armError(404, 'ResourceNotFound', 'No such template.');
  const busy = (runState: string) => get(shown({ lastRunStatus: { runState } }));

  it.each([conflict, notAllowed])(
    'running adopts a run that goes on, whatever the refusal: $status',
    async (refusal) => {
      const azure = azureOf([answers('POST', runPath, refusal), busy('Running')]);
      await azure.write(held).runTemplate(place, name);
      expect(azure.sent('POST')).toHaveLength(1);
    },
  );

  it('running tells of a conflict that is no run', async () => {
    const azure = azureOf([answers('POST', runPath, conflict), busy('Canceling')]);
    await expect(azure.write(held).runTemplate(place, name)).rejects.toMatchObject({ code: 'AZ_CONFLICT' });
  });

  it.each([
    ['takes the 204 of Azure', [answers('POST', cancelPath, { status: 204 })]],
    ['is content when there is no template', [answers('POST', cancelPath, gone)]],
    ['is content when nothing runs', [answers('POST', cancelPath, conflict), busy('Failed')]],
    ['is content when it is cancelled already', [answers('POST', cancelPath, notAllowed), busy('Canceling')]],
  ])('cancelling %s', async (_, routes) => {
    await expect(azureOf(routes).write(held).cancelBuild(place, name)).resolves.toBeUndefined();
  });

  it.each([
    ['takes the 202 of Azure', [answers('DELETE', `${templates}/{t}`, { status: 202 })]],
    ['is content when there is no template', [answers('DELETE', `${templates}/{t}`, gone)]],
    [
      'is content when it goes already',
      [answers('DELETE', `${templates}/{t}`, notAllowed), get(shown({ provisioningState: 'Deleting' }))],
    ],
  ])('deleting %s', async (_, routes) => {
    await expect(azureOf(routes).write(held).deleteTemplate(place, name)).resolves.toBeUndefined();
  });

  it.each([conflict, notAllowed])(
    'deleting tells that a run goes on, which is to be waited for: $status',
    async (refusal) => {
      const azure = azureOf([answers('DELETE', `${templates}/{t}`, refusal), busy('Running')]);
      await expect(azure.write(held).deleteTemplate(place, name)).rejects.toMatchObject({ code: 'AZ_CONFLICT' });
    },
  );
});
