import { builderIdentity, buildResourceGroup } from '../../sandbox/azure/names';
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
  template,
  templates,
  version,
} from './image-builder-world';

const soon = { updateIntervalInMs: 1 };

function changed(change: (body: ReturnType<typeof template>) => object) {
  return { ...template(), ...change(template()) };
}

const source = (given: object) => changed((t) => ({ properties: { ...t.properties, source: given } }));
const properties = (given: object) => changed((t) => ({ properties: { ...t.properties, ...given } }));
const distribute = (given: object) => template({ distribute: given });

describe('Image Builder refuses at once', () => {
  it.each([
    ['an unknown field', properties({ costumize: [] }), 'ValidationFailed', "Unrecognized field 'costumize'"],
    [
      'a field in the wrong case',
      properties({ optimize: { VMBoot: { state: 'Enabled' } } }),
      'ValidationFailed',
      "'VMBoot'",
    ],
    [
      'a value that is not one of its values',
      properties({ autoRun: { state: 'On' } }),
      'ValidationFailed',
      "Field 'state' has a bad value: 'On'",
    ],
    [
      'a build without an identity',
      { ...template(), identity: undefined },
      'ValidationFailed',
      "Missing field 'identity'",
    ],
    [
      'an identity that does not exist',
      { ...template(), identity: { type: 'UserAssigned', userAssignedIdentities: { [`${builderIdentity}-x`]: {} } } },
      'FailedIdentityOperation',
      'was not found',
    ],
    [
      'a region that does not exist',
      { ...template(), location: 'westeuropa' },
      'LocationNotAvailableForResourceType',
      "'westeuropa'",
    ],
    [
      'a gallery id that is none',
      distribute({ galleryImageId: '/subscriptions/<subscriptionID>/x' }),
      'ValidationFailed',
      "Field 'galleryImageId' has a bad value",
    ],
    [
      'a target region that does not exist',
      distribute({ targetRegions: [{ name: 'atlantis' }] }),
      'ValidationFailed',
      'atlantis',
    ],
    [
      'regions given in both ways',
      distribute({ replicationRegions: ['westeurope'] }),
      'ValidationFailed',
      'replicationRegions',
    ],
    [
      'a timeout of more than 16 hours',
      properties({ buildTimeoutInMinutes: 961 }),
      'ValidationFailed',
      'buildTimeoutInMinutes',
    ],
    ['a body that is no object', 'hello', 'LocationRequired', 'location'],
  ])('%s', async (_, body, code, text) => {
    const azure = imageBuilder();
    const answer = await put(azure, 't1', body);
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({ error: { code, message: expect.stringContaining(text) } });
    expect((await get(azure, 't1')).status).toBe(404);
  });

  it('an API version it does not have, and fields that are newer than the version', async () => {
    const azure = imageBuilder();
    expect((await put(azure, 't1', template(), 'api-version=2019-01-01')).body).toMatchObject({
      error: { code: 'NoRegisteredProviderFound' },
    });
    expect((await put(azure, 't1', template(), '')).body).toMatchObject({
      error: { code: 'MissingApiVersionParameter' },
    });
    const newer = properties({ additionalDataDisks: [{ sizeGB: 10 }] });
    expect((await put(azure, 't1', newer, 'api-version=2024-02-01')).status).toBe(400);
    expect((await put(azure, 't1', newer)).status).toBe(201);
  });

  it('a resource group that does not exist', async () => {
    const azure = imageBuilder();
    const url = `${templates.replace(buildResourceGroup, 'rg-nowhere')}/t1?${version}`;
    expect(await ask(azure.sandbox, 'PUT', url, template())).toMatchObject({
      status: 404,
      body: { error: { code: 'ResourceGroupNotFound' } },
    });
  });
});

describe('provisioning fails', () => {
  const platform = {
    type: 'PlatformImage',
    publisher: 'Canonical',
    offer: '0001-com-ubuntu-server-jammy',
    sku: '22_04-lts-gen2',
  };
  it.each([
    ['for a version that is not there', source({ ...platform, version: '22.04.202001010' }), 'BadPIRSource'],
    ['for a kind of source that is none', source({ type: 'Floppy' }), 'BadSourceType'],
    [
      'for a gallery version that is not there',
      source({ type: 'SharedImageVersion', imageVersionId: `${definition}/versions/9.9.9` }),
      'BadSharedImageVersionSource',
    ],
    [
      'for an unknown customizer',
      properties({ customize: [{ type: 'shell', inline: ['true'] }] }),
      'BadCustomizerType',
    ],
    [
      'for a customizer of the other system',
      properties({ customize: [{ type: 'PowerShell', inline: ['1'] }] }),
      'UnsupportedCustomizerType',
    ],
    [
      'for a customizer without a script',
      properties({ customize: [{ type: 'Shell', name: 'x' }] }),
      'NoCustomizerScript',
    ],
    [
      'for a validator without a script',
      properties({ validate: { inVMValidations: [{ type: 'Shell', inline: [] }] } }),
      'NoValidatorScript',
    ],
    ['for an unknown output', distribute({ type: 'Tape' }), 'BadDistributeType'],
  ])('%s', async (_, body, code) => {
    const azure = imageBuilder();
    expect((await put(azure, 't1', body)).status).toBe(201);
    azure.world.clock.advance(60);
    const { body: made } = await get(azure, 't1');
    expect(made.properties).toMatchObject({
      provisioningState: 'Failed',
      provisioningError: { provisioningErrorCode: code },
    });
    expect(made.properties['lastRunStatus']).toBeUndefined();
    expect(azure.versions).toEqual([]);
  });

  it('for an image definition that is not there, and the client learns why', async () => {
    const azure = imageBuilder({ hooks: { definitionExists: () => false } });
    const poller = azure.images.createOrUpdate(buildResourceGroup, 't1', sdkTemplate(), soon);
    await poller.submitted();
    azure.world.clock.advance(1);
    await expect(poller).rejects.toThrow(/BadSharedImageDistribute/);
  });
});

describe('a build fails', () => {
  it('in validation, with a log of its own and no version', async () => {
    const azure = imageBuilder();
    const validate = { inVMValidations: [shell('time', 'timedatectl show -p NTPSynchronized --value | grep -qx no')] };
    await put(azure, 't1', template({ validate }));
    azure.world.clock.advance(60);
    const run = await lastRun(azure, 't1');
    expect(run).toMatchObject({ runState: 'Failed', runSubState: 'Validating' });
    const staging = String((await get(azure, 't1')).body.properties['exactStagingResourceGroup']);
    expect(await readLog(azure, staging, 'validation.log')).toContain('In-VM validation failed: time');
    expect(azure.versions).toEqual([]);
  });

  it('in validation and is distributed all the same when told so', async () => {
    const azure = imageBuilder();
    const validate = { continueDistributeOnFailure: true, inVMValidations: [shell('no', 'false')] };
    await put(azure, 't1', template({ validate }));
    azure.world.clock.advance(60);
    expect((await lastRun(azure, 't1'))['runState']).toBe('Failed');
    expect(azure.versions).toHaveLength(1);
  });

  it('while distributing when the gallery refuses', async () => {
    const createVersion = () => {
      throw new Error('The gallery image version 1.6.0 already exists.');
    };
    const azure = imageBuilder({ hooks: { createVersion } });
    await put(azure, 't1', template());
    azure.world.clock.advance(60);
    const run = await lastRun(azure, 't1');
    expect(run).toMatchObject({ runState: 'Failed', runSubState: 'Distributing' });
    expect(run['message']).toContain('already exists');
  });

  it('when its time is over', async () => {
    const azure = imageBuilder();
    await put(azure, 't1', template({ properties: { buildTimeoutInMinutes: 6 } }));
    azure.world.clock.advance(6);
    expect((await lastRun(azure, 't1'))['runState']).toBe('Running');
    azure.world.clock.advance(1);
    const run = await lastRun(azure, 't1');
    expect(run).toMatchObject({ runState: 'Failed' });
    expect(run['message']).toContain("'context deadline exceeded'");
    expect(azure.versions).toEqual([]);
  });

  it('when the gallery is not ready before its time is over', async () => {
    const createVersion = () => ({ readyAt: Number.MAX_SAFE_INTEGER });
    const azure = imageBuilder({ hooks: { createVersion } });
    await put(azure, 't1', template({ properties: { buildTimeoutInMinutes: 30 } }));
    azure.world.clock.advance(29);
    expect(await lastRun(azure, 't1')).toMatchObject({ runState: 'Running', runSubState: 'Distributing' });
    azure.world.clock.advance(2);
    const run = await lastRun(azure, 't1');
    expect(run).toMatchObject({ runState: 'Failed', runSubState: 'Distributing' });
    expect(run['message']).toContain('Failed in distributing');
  });

  it('with Azure’s code in the operation of a run that was started by hand', async () => {
    const azure = imageBuilder();
    const body = template({ customize: [shell('no', 'exit 3')], properties: { autoRun: { state: 'Disabled' } } });
    await put(azure, 't1', body);
    azure.world.clock.advance(1);
    const poller = azure.images.run(buildResourceGroup, 't1', soon);
    await poller.submitted();
    azure.world.clock.advance(60);
    await expect(poller.pollUntilDone()).rejects.toThrow(/PackerBuildFailed/);
  });
});

describe('faults', () => {
  it.each([
    ['failed', 60, 'Failed'],
    ['canceled', 60, 'Canceled'],
    ['gone', 60, 'Succeeded'],
    ['never', 200, 'Running'],
    ['never', 300, 'Failed'],
  ] as const)(
    '%s on the PUT of a template with autoRun: after %d minutes the build is %s',
    async (lro, minutes, state) => {
      const azure = imageBuilder();
      azure.sandbox.faults.add({ match: { method: 'PUT' }, lro });
      const { headers } = await put(azure, 't1', template());
      azure.world.clock.advance(minutes);
      expect((await get(azure, 't1')).body.properties['provisioningState']).toBe('Succeeded');
      expect((await lastRun(azure, 't1'))['runState']).toBe(state);
      const poll = await ask(azure.sandbox, 'GET', headers?.['azure-asyncoperation'] ?? '');
      expect(poll.status).toBe(lro === 'gone' ? 404 : 200);
    },
  );

  it.each([
    ['failed', 'Failed'],
    ['never', 'Creating'],
  ] as const)('%s on the PUT of a template without autoRun: it is %s', async (lro, state) => {
    const azure = imageBuilder();
    azure.sandbox.faults.add({ match: { method: 'PUT' }, lro });
    await put(azure, 't1', template({ properties: { autoRun: { state: 'Disabled' } } }));
    azure.world.clock.advance(600);
    expect((await get(azure, 't1')).body.properties['provisioningState']).toBe(state);
    expect(await lastRun(azure, 't1')).toBeUndefined();
  });

  it('a run that cannot reach its machine says so in the log', async () => {
    const azure = imageBuilder();
    azure.sandbox.faults.add({ match: { method: 'PUT' }, lro: 'failed' });
    await put(azure, 't1', template());
    azure.world.clock.advance(60);
    const staging = String((await get(azure, 't1')).body.properties['exactStagingResourceGroup']);
    expect(await readLog(azure, staging)).toContain('==> azure-arm: Timeout waiting for SSH.');
  });
});
