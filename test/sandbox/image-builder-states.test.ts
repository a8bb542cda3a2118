import { resourceGroups } from '../../sandbox/azure/compute/groups';
import { buildResourceGroup, galleryResourceGroup, platformSubscription } from '../../sandbox/azure/names';
import { ask } from './client';
import {
  definition,
  get,
  type ImageBuilderWorld,
  imageBuilder,
  intoWindows,
  lastRun,
  put,
  template,
  templates,
  version,
  windowsDefinition,
} from './image-builder-world';

const url = (action = '') => `${templates}/t1${action}?${version}`;
const manual = { autoRun: { state: 'Disabled' } };
const subscription = `/subscriptions/${platformSubscription}`;

/** What a request is answered: its status, and what an error says of the two states. */
async function answer({ sandbox }: ImageBuilderWorld, method: string, action = '', body?: object): Promise<string> {
  const { status, body: said } = await ask(sandbox, method, url(action), body);
  const { code = '', message = '' } = (said as { error?: { code: string; message: string } } | undefined)?.error ?? {};
  const states =
    /Operation Microsoft\.VirtualMachineImages\/imageTemplates\/(\S+) is not allowed in (provisioning state: .*)\.$/.exec(
      message,
    );
  return [status, code, states?.[1], states?.[2]].filter(Boolean).join(' ');
}

const forbidden = (action: string, provisioning: string, run: string) =>
  `405 OperationNotAllowed ${action} provisioning state: ${provisioning} or run state: ${run}`;

describe('the state of a template forbids', () => {
  it('everything while it is created', async () => {
    const azure = imageBuilder();
    await put(azure, 't1', template());
    expect(await answer(azure, 'DELETE')).toBe(forbidden('delete', 'creating', ''));
    expect(await answer(azure, 'POST', '/run')).toBe(forbidden('run/action', 'creating', ''));
    expect(await answer(azure, 'POST', '/cancel')).toBe(forbidden('cancel/action', 'creating', ''));
    expect(await answer(azure, 'PATCH', '', { tags: {} })).toBe(forbidden('write', 'creating', ''));
  });

  it('everything but cancelling while it runs, and that once', async () => {
    const azure = imageBuilder();
    await put(azure, 't1', template());
    azure.world.clock.advance(4);
    expect(await answer(azure, 'DELETE')).toBe(forbidden('delete', 'provisioned', 'running'));
    expect(await answer(azure, 'POST', '/run')).toBe(forbidden('run/action', 'provisioned', 'running'));
    expect(await answer(azure, 'PATCH', '', { tags: {} })).toBe(forbidden('write', 'provisioned', 'running'));
    expect(await lastRun(azure, 't1')).toHaveProperty('runSubState');
    expect(await answer(azure, 'POST', '/cancel')).toBe('204');
    expect(await lastRun(azure, 't1')).not.toHaveProperty('runSubState');
    expect(await answer(azure, 'POST', '/cancel')).toBe(forbidden('cancel/action', 'provisioned', 'canceling'));
    expect(await answer(azure, 'DELETE')).toBe(forbidden('delete', 'provisioned', 'canceling'));
  });

  it.each([
    ['never', 'Canceling', forbidden('delete', 'provisioned', 'canceling')],
    ['failed', 'Running', forbidden('delete', 'provisioned', 'running')],
    [undefined, 'Canceled', '202'],
  ] as const)('deleting a build whose cancel ends as %s: later it is %s', async (lro, state, deleted) => {
    const azure = imageBuilder();
    await put(azure, 't1', template());
    azure.world.clock.advance(4);
    if (lro) azure.sandbox.faults.add({ match: { url: '/cancel' }, lro });
    expect(await answer(azure, 'POST', '/cancel')).toBe('204');
    azure.world.clock.advance(lro === 'failed' ? 2 : 60);
    expect(await lastRun(azure, 't1')).toMatchObject({ runState: state });
    expect(await answer(azure, 'DELETE')).toBe(deleted);
  });

  it('running what failed to be provisioned, which can only be deleted', async () => {
    const azure = imageBuilder();
    await put(azure, 't1', template({ properties: { customize: [{ type: 'Shell' }] } }));
    azure.world.clock.advance(1);
    expect((await get(azure, 't1')).body.properties).toMatchObject({
      provisioningState: 'Failed',
      provisioningError: { provisioningErrorCode: 'NoCustomizerScript', message: expect.stringContaining('inline') },
    });
    expect(await answer(azure, 'POST', '/run')).toBe(forbidden('run/action', 'failed', ''));
    expect((await put(azure, 't1', template())).status).toBe(409);
    expect(await answer(azure, 'DELETE')).toBe('202');
    azure.world.clock.advance(1);
    expect((await put(azure, 't1', template())).status).toBe(201);
  });

  it('cancelling what has ended', async () => {
    const azure = imageBuilder();
    await put(azure, 't1', template());
    azure.world.clock.advance(60);
    expect(await answer(azure, 'POST', '/cancel')).toBe(forbidden('cancel/action', 'provisioned', 'succeeded'));
  });
});

describe('patching a template', () => {
  const made = async () => {
    const azure = imageBuilder();
    await put(azure, 't1', template({ properties: { ...manual, vmProfile: { osDiskSizeGB: 64 } } }));
    azure.world.clock.advance(1);
    return azure;
  };

  it('changes identity, tags, outputs and profile, and fills in defaults as creating does', async () => {
    const azure = await made();
    const vhd = { type: 'SharedImage', galleryImageId: definition, runOutputName: 'ubuntu-22' };
    const patch = {
      tags: { a: 'b' },
      identity: { type: 'None' },
      properties: { distribute: [vhd], vmProfile: { vmSize: 'Standard_D4s_v5' } },
    };
    expect(await answer(azure, 'PATCH', '', patch)).toBe('200');
    expect((await get(azure, 't1')).body).toMatchObject({
      tags: { a: 'b' },
      identity: { type: 'None' },
      properties: {
        distribute: [{ ...vhd, excludeFromLatest: false, artifactTags: {} }],
        vmProfile: { vmSize: 'Standard_D4s_v5', osDiskSizeGB: 64 },
        source: { exactVersion: '22.04.202611120' },
      },
    });
  });

  it.each(['source', 'customize', 'validate', 'buildTimeoutInMinutes', 'stagingResourceGroup', 'autoRun'])(
    'does not change %s',
    async (field) => {
      const azure = await made();
      expect(await answer(azure, 'PATCH', '', { properties: { [field]: {} } })).toBe('400 ValidationFailed');
    },
  );
});

describe('a template', () => {
  it('comes back with what was recorded: ids, defaults and no empty checksum', async () => {
    const azure = imageBuilder();
    const script = { type: 'Shell', name: 'x', scriptUri: 'https://example.com/x.sh', sha256Checksum: '' };
    const { status, body } = await put(azure, 't1', template({ customize: [script], properties: manual }));
    expect(status).toBe(201);
    expect(body).toMatchObject({
      id: expect.stringMatching(/^\/subscriptions\/[-0-9a-f]{36}\/resourcegroups\/rg-image-builds\/providers\/Micro/),
      properties: {
        source: { exactVersion: 'latest' },
        provisioningState: 'Creating',
        buildTimeoutInMinutes: 0,
        vmProfile: { vmSize: '', osDiskSizeGB: 0 },
        stagingResourceGroup: '',
        exactStagingResourceGroup: '',
      },
    });
    const [step] = (body as { properties: { customize: object[] } }).properties.customize;
    expect(step).not.toHaveProperty('sha256Checksum');
    azure.world.clock.advance(1);
    expect((await get(azure, 't1')).body.properties['customize']).toEqual([
      { ...script, sha256Checksum: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ]);
  });

  it('from a Windows version of the gallery takes PowerShell and no shell', async () => {
    const azure = imageBuilder();
    const windows = {
      type: 'PlatformImage',
      publisher: 'MicrosoftWindowsServer',
      offer: 'WindowsServer',
      sku: '2022-datacenter-g2',
    };
    await put(azure, 't0', template({ customize: [], properties: { source: windows }, distribute: intoWindows }));
    azure.world.clock.advance(120);
    azure.world.settle();
    const source = { type: 'SharedImageVersion', imageVersionId: `${windowsDefinition}/versions/1.6.0` };
    const step = (type: string) =>
      template({ customize: [{ type, inline: ['1'] }], properties: { ...manual, source }, distribute: intoWindows });
    await put(azure, 't1', step('PowerShell'));
    await put(azure, 't2', step('Shell'));
    azure.world.clock.advance(1);
    expect((await get(azure, 't1')).body.properties).toMatchObject({ provisioningState: 'Succeeded' });
    expect((await get(azure, 't2')).body.properties).toMatchObject({
      provisioningError: { provisioningErrorCode: 'UnsupportedCustomizerType' },
    });
  });
});

describe('a staging group of one’s own', () => {
  const staged = async (azure: ImageBuilderWorld, name: string, group: string) => {
    await put(azure, name, template({ properties: { ...manual, stagingResourceGroup: group } }));
    azure.world.clock.advance(1);
    const { properties } = (await get(azure, name)).body;
    const { provisioningErrorCode } = (properties['provisioningError'] ?? {}) as { provisioningErrorCode?: string };
    return provisioningErrorCode ?? properties['exactStagingResourceGroup'];
  };
  const own = `${subscription}/resourceGroups/rg-staging`;

  it('is made when it is not there, and is no other template’s', async () => {
    const azure = imageBuilder();
    expect(await staged(azure, 't1', own)).toBe(own);
    expect(await staged(azure, 't2', own)).toBe('InternalOperationError');
  });

  it('must be empty, near, and of the same subscription', async () => {
    const azure = imageBuilder();
    const full = `${subscription}/resourceGroups/${galleryResourceGroup}`;
    expect(await staged(azure, 't1', full)).toBe('BadStagingResourceGroup');
    const far = `${subscription}/resourceGroups/rg-far`;
    const like = resourceGroups(azure.world)[`${subscription}/resourcegroups/${buildResourceGroup}`.toLowerCase()];
    if (!like) throw new Error('no build group');
    resourceGroups(azure.world)[far.toLowerCase()] = { ...like, id: far, name: 'rg-far', location: 'eastus' };
    expect(await staged(azure, 't2', far)).toBe('BadStagingResourceGroup');
    const other = own.replace(platformSubscription, '99999999-0000-4000-8000-000000000000');
    expect(await staged(azure, 't3', other)).toBe('BadStagingResourceGroup');
  });
});

describe('a trigger', () => {
  const source = { properties: { kind: 'SourceImage' } };
  const made = async () => {
    const azure = imageBuilder();
    await put(azure, 't1', template({ properties: manual, distribute: { galleryImageId: definition } }));
    azure.world.clock.advance(1);
    const { triggers } = azure.client;
    const poller = triggers.createOrUpdate(buildResourceGroup, 't1', 'new', source, { updateIntervalInMs: 1 });
    await poller.submitted();
    azure.world.clock.advance(1);
    return { azure, triggers, trigger: await poller };
  };

  it('is created, listed, and gone once deleted', async () => {
    const { azure, triggers, trigger } = await made();
    expect(trigger).toMatchObject({
      id: expect.stringMatching(/\/resourcegroups\/.*\/imageTemplates\/t1\/triggers\/new$/),
      type: 'Microsoft.VirtualMachineImages/imageTemplates/triggers',
      properties: {
        kind: 'SourceImage',
        provisioningState: 'Succeeded',
        status: { code: 'Healthy', message: 'Trigger is active' },
      },
    });
    const names: (string | undefined)[] = [];
    for await (const t of triggers.listByImageTemplate(buildResourceGroup, 't1')) names.push(t.name);
    expect(names).toEqual(['new']);
    expect(await answer(azure, 'DELETE', '/triggers/new')).toBe('202');
    azure.world.clock.advance(1);
    expect(await answer(azure, 'GET', '/triggers/new')).toBe('404 ResourceNotFound');
    expect(await answer(azure, 'DELETE', '/triggers/new')).toBe('204');
  });

  it('builds when the marketplace has a newer version of the source, and not before', async () => {
    const { azure } = await made();
    azure.world.clock.advance(2 * 24 * 60);
    expect(await lastRun(azure, 't1')).toBeUndefined();
    azure.world.clock.advance(3 * 24 * 60);
    expect(await lastRun(azure, 't1')).toMatchObject({ runState: 'Succeeded' });
    expect((await get(azure, 't1')).body.properties['source']).toMatchObject({ exactVersion: '22.04.202611260' });
    expect(azure.versions.map((v) => v.tags['VMImageBuilderSource'])).toEqual([
      expect.stringContaining('(22.04.202611260)'),
    ]);
  });

  it('builds nothing once it is deleted', async () => {
    const { azure } = await made();
    await answer(azure, 'DELETE', '/triggers/new');
    azure.world.clock.advance(20 * 24 * 60);
    expect(await lastRun(azure, 't1')).toBeUndefined();
  });

  it.each([
    ['another kind', { properties: { kind: 'sourceImage' } }, '400 ValidationFailed'],
    ['no kind', { properties: {} }, '400 ValidationFailed'],
  ])('of %s is refused', async (_, body, refusal) => {
    const { azure } = await made();
    expect(await answer(azure, 'PUT', '/triggers/other', body)).toBe(refusal);
  });
});
