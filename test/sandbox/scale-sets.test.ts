import { teamSubscriptions } from '../../sandbox/azure/names';
import { type Azure, errorOf, openAzure, outcome } from '../conformance/refusals/azure';
import { ubuntu } from '../conformance/refusals/names';

const set = (team: number, group: string, name: string): string =>
  `/subscriptions/${teamSubscriptions[team]}/resourceGroups/rg-${group}/providers/Microsoft.Compute/virtualMachineScaleSets/${name}`;
const rolling = set(0, 'payments', 'vmss-payments-queue');
const automatic = set(0, 'payments', 'vmss-payments-api');
const manual = set(2, 'data', 'vmss-data-workers');
const flexible = set(1, 'web', 'vmss-web-jobs');
const newest = `${ubuntu}/versions/1.5.0`;
const oldest = `${ubuntu}/versions/1.3.0`;
const [data, payments] = [manual, rolling].map((id) => id.split('/providers/')[0]);

const imageOf = (id: string) => ({ virtualMachineProfile: { storageProfile: { imageReference: { id } } } });
const patch = (azure: Azure, id: string, properties: object) => azure.send('PATCH', id, { properties });
const scaled = (azure: Azure, id: string, capacity: number) => azure.send('PATCH', id, { sku: { capacity } });

interface Instance {
  readonly instanceId: string;
  readonly properties: {
    readonly latestModelApplied: boolean;
    readonly provisioningState: string;
    readonly storageProfile: { readonly imageReference: { readonly exactVersion: string } };
    readonly instanceView: { readonly vmHealth?: { readonly status: { readonly code: string } } };
  };
}

async function instances(azure: Azure, id: string): Promise<readonly Instance[]> {
  return ((await azure.send('GET', `${id}/virtualMachines`)).body as { value: Instance[] }).value;
}

const versionOf = ({ properties }: Instance) => properties.storageProfile.imageReference.exactVersion;
const versions = async (azure: Azure, id: string) => (await instances(azure, id)).map(versionOf);
const latest = async (azure: Azure, id: string) => (await azure.send('GET', `${id}/rollingUpgrades/latest`)).body;

/** A copy of the newest version under the next number, which every set that follows the image may take. */
async function release(azure: Azure, version = '1.6.0'): Promise<void> {
  await azure.done('PUT', `${ubuntu}/versions/${version}`, {
    location: 'westeurope',
    properties: { storageProfile: { source: { id: newest } }, publishingProfile: { excludeFromLatest: true } },
  });
  const change = { properties: { publishingProfile: { excludeFromLatest: false } } };
  const answer = await azure.send('PATCH', `${ubuntu}/versions/${version}`, change);
  expect(answer.status).toBe(200);
  azure.later(1);
}

const automatically = { automaticOSUpgradePolicy: { enableAutomaticOSUpgrade: true } };
const deferred = { automaticOSUpgradePolicy: { osRollingUpgradeDeferral: true } };
function hooks(type: string, waitDuration?: string) {
  return { lifecycleHooksProfile: { lifecycleHooks: [{ type, ...(waitDuration && { waitDuration }) }] } };
}
function platform() {
  const imageReference = {
    publisher: 'Canonical',
    offer: '0001-com-ubuntu-server-jammy',
    sku: '22_04-lts-gen2',
    version: 'latest',
  };
  return { virtualMachineProfile: { storageProfile: { imageReference } } };
}
function windows(): string {
  return ubuntu.replace('ubuntu-22', 'windows-2022');
}
function idAndVersion() {
  return { virtualMachineProfile: { storageProfile: { imageReference: { id: newest, version: 'latest' } } } };
}

describe('the model of a scale set', () => {
  it('changes alone where the mode is Manual; instances follow when they are told to', async () => {
    const azure = openAzure();
    await azure.done('PATCH', manual, { properties: imageOf(newest), tags: { team: 'data', seen: 'yes' } });
    const before = await instances(azure, manual);
    await azure.done('POST', `${manual}/manualupgrade`, { instanceIds: ['0', '3'] });

    const after = await instances(azure, manual);
    expect(before.map(versionOf)).toEqual(['1.3.0', '1.3.0', '1.3.0', '1.3.0', '1.3.0']);
    expect(before.every((i) => !i.properties.latestModelApplied)).toBe(true);
    expect(after.map(versionOf)).toEqual(['1.5.0', '1.3.0', '1.3.0', '1.5.0', '1.3.0']);
    expect(after.filter((i) => i.properties.latestModelApplied).map((i) => i.instanceId)).toEqual(['0', '3']);
    expect((await azure.send('GET', manual)).body).toMatchObject({ tags: { seen: 'yes' }, etag: '"2"' });
  });

  it('reaches all instances at once where the mode is Automatic, but for those that are protected', async () => {
    const azure = openAzure();
    const upgradePolicy = { mode: 'Automatic' };
    await azure.done('PUT', `${manual}/virtualMachines/1`, {
      location: 'westeurope',
      properties: { protectionPolicy: { protectFromScaleSetActions: true } },
    });
    await azure.done('PATCH', manual, { properties: { upgradePolicy, ...imageOf(newest) } });

    expect(await versions(azure, manual)).toEqual(['1.5.0', '1.3.0', '1.5.0', '1.5.0', '1.5.0']);
  });

  it('is rolled out batch by batch where the mode is Rolling, and its operation ends with the last', async () => {
    const azure = openAzure();
    const answer = await patch(azure, rolling, imageOf(newest));
    azure.later(1);
    const begun = [await versions(azure, rolling), await latest(azure, rolling), await azure.operation(answer)];
    azure.later(59);

    expect(begun).toMatchObject([
      ['1.5.0', '1.4.1', '1.3.0'],
      {
        properties: {
          policy: { maxBatchInstancePercent: 20 },
          runningStatus: { code: 'RollingForward' },
          progress: { inProgressInstanceCount: 1, pendingInstanceCount: 2 },
        },
      },
      { status: 'InProgress' },
    ]);
    expect(await versions(azure, rolling)).toEqual(['1.5.0', '1.5.0', '1.5.0']);
    expect(await azure.operation(answer)).toMatchObject({ status: 'Succeeded' });
    expect(await latest(azure, rolling)).toMatchObject({
      properties: { runningStatus: { code: 'Completed' }, progress: { successfulInstanceCount: 3 } },
    });
  });

  it('takes nothing else while it changes', async () => {
    const azure = openAzure();
    await patch(azure, rolling, imageOf(newest));

    const answer = await azure.send('PATCH', rolling, { tags: {} });

    expect({ status: answer.status, code: errorOf(answer).code }).toEqual({ status: 409, code: 'Conflict' });
  });

  it.each([
    ['what it began with', { orchestrationMode: 'Flexible' }, 409, 'PropertyChangeNotAllowed'],
    ['an image that is no platform image any more', platform(), 409, 'OperationNotAllowed'],
    ['a version that is gone', imageOf(`${ubuntu}/versions/9.9.9`), 404, 'GalleryImageNotFound'],
    ['an image of another system', imageOf(`${windows()}/versions/1.2.0`), 409, 'PropertyChangeNotAllowed'],
    ['an id together with a version', idAndVersion(), 400, 'InvalidParameter'],
    ['batches without health', { upgradePolicy: { mode: 'Rolling' } }, 400, 'BadRequest'],
    ['a mode that does not exist', { upgradePolicy: { mode: 'Blue' } }, 400, 'InvalidParameter'],
    [
      'a batch of nothing',
      { upgradePolicy: { rollingUpgradePolicy: { maxBatchInstancePercent: 1 } } },
      400,
      'InvalidParameter',
    ],
    ['automatic upgrades without health', { upgradePolicy: automatically }, 400, 'BadRequest'],
    ['deferral of what is not automatic', { upgradePolicy: deferred }, 400, 'InvalidParameter'],
    ['a hook that waits too long', hooks('UpgradeAutoOSScheduling', 'P3D'), 400, 'InvalidParameter'],
  ])('refuses %s', async (_, properties, status, code) => {
    const azure = openAzure();

    const answer = await patch(azure, manual, properties);

    expect({ status: answer.status, code: errorOf(answer).code }).toEqual({ status, code });
  });

  it('cannot name a version while its OS is upgraded automatically', async () => {
    const answer = await patch(openAzure(), automatic, imageOf(newest));

    expect(answer.status).toBe(400);
    expect(errorOf(answer).message).toContain("with version set to 'latest'");
  });

  it('is not made here', async () => {
    const azure = openAzure();
    const made = (group = data) =>
      azure.send('PUT', `${group}/providers/Microsoft.Compute/virtualMachineScaleSets/new`, { location: 'westeurope' });

    expect((await made()).status).toBe(501);
    expect(errorOf(await made(data?.replace('rg-data', 'rg-nowhere'))).code).toBe('ResourceGroupNotFound');
  });
});

describe('the capacity of a scale set', () => {
  it('brings instances of what the model comes to now, and takes the last ones away', async () => {
    const azure = openAzure();
    await azure.done('PATCH', `${ubuntu}/versions/1.5.0`, {
      properties: { publishingProfile: { excludeFromLatest: true } },
    });
    await scaled(azure, automatic, 7);
    const making = (await instances(azure, automatic)).at(-1)?.properties.provisioningState;
    azure.later(5);
    const more = await versions(azure, automatic);
    await scaled(azure, automatic, 2);
    azure.later(5);

    expect(making).toBe('Creating');
    // The next highest that is eligible, after the newest was excluded.
    expect(more).toEqual([...Array(6).fill('1.5.0'), '1.4.1']);
    expect((await instances(azure, automatic)).map((i) => i.instanceId)).toEqual(['0', '1']);
    expect((await azure.send('GET', automatic)).body).toMatchObject({ sku: { capacity: 2 } });
  });

  it('cannot grow on a version that is gone, and can on one that is only soft-deleted', async () => {
    const azure = openAzure();
    const gallery = ubuntu.replace(/\/images\/.*/, '');
    await azure.done('PATCH', gallery, { properties: { softDeletePolicy: { isSoftDeleteEnabled: true } } });
    await azure.done('PATCH', oldest, { properties: { safetyProfile: { blockDeletionBeforeEndOfLife: false } } });
    await azure.done('DELETE', oldest);
    await azure.done('PATCH', manual, { sku: { capacity: 6 } });
    const kept = (await versions(azure, manual)).at(-1);
    azure.later(8 * 24 * 60);

    const answer = await scaled(azure, manual, 7);

    expect(kept).toBe('1.3.0');
    expect({ status: answer.status, code: errorOf(answer).code }).toEqual({
      status: 404,
      code: 'GalleryImageNotFound',
    });
    expect((await scaled(azure, manual, 5)).status).toBe(200);
  });

  it('ends at the quota, which counts instances too, and at what a region has left', async () => {
    const azure = openAzure();
    await azure.conditions({ quota: [{ location: 'westeurope', cores: 14 }] });
    const over = await scaled(azure, manual, 8);
    await azure.conditions({
      quota: [{ location: 'westeurope', cores: null }],
      capacity: [{ location: 'westeurope', size: 'Standard_D2s_v5', free: 1 }],
    });
    const answer = await scaled(azure, manual, 7);

    expect(errorOf(over).message).toContain('Current Usage: 10, Additional Required: 6');
    expect(await outcome(azure, answer)).toMatchObject({ status: 'Failed', error: { code: 'AllocationFailed' } });
    expect(await instances(azure, manual)).toHaveLength(5);
  });

  it('spares what is protected from scale-in, and is refused where too much is', async () => {
    const azure = openAzure();
    const protectionPolicy = { protectFromScaleIn: true };
    await azure.done('PUT', `${rolling}/virtualMachines/2`, {
      location: 'westeurope',
      properties: { protectionPolicy },
    });
    await azure.done('PATCH', rolling, { sku: { capacity: 1 } });

    expect((await instances(azure, rolling)).map((i) => i.instanceId)).toEqual(['2']);
    expect((await scaled(azure, rolling, 0)).status).toBe(409);
  });

  it('cannot grow on a version that is soft-deleted where the set is flexible', async () => {
    const azure = openAzure();
    const gallery = ubuntu.replace(/\/images\/.*/, '');
    await azure.done('PATCH', gallery, { properties: { softDeletePolicy: { isSoftDeleteEnabled: true } } });
    await azure.done('PATCH', newest, { properties: { safetyProfile: { blockDeletionBeforeEndOfLife: false } } });
    await azure.done('DELETE', newest);

    expect(errorOf(await scaled(azure, flexible, 5)).code).toBe('GalleryImageNotFound');
  });

  it('is of virtual machines where the set is flexible, which are upgraded by their names', async () => {
    const azure = openAzure();
    await azure.done('PATCH', flexible, { sku: { capacity: 2 } });
    const list = async () => {
      const { body } = await azure.send('GET', `${flexible.split('/virtualMachineScaleSets')[0]}/virtualMachines`);
      return (body as { value: { name: string; properties: Instance['properties'] }[] }).value;
    };
    const [first] = await list();
    await azure.done('PATCH', flexible, { properties: imageOf(`${ubuntu}/versions/1.4.1`) });
    await azure.done('POST', `${flexible}/manualupgrade`, { instanceIds: [first?.name] });

    const now = await list();
    await azure.done('DELETE', `${flexible.split('/virtualMachineScaleSets')[0]}/virtualMachines/${first?.name}`);
    await azure.done('PATCH', flexible, { tags: { team: 'web' } });

    expect((await azure.send('GET', flexible)).body).toMatchObject({ sku: { capacity: 1 } });
    expect(await list()).toHaveLength(1);
    expect(now.every((vm) => vm.properties.latestModelApplied === undefined)).toBe(true);
    expect(now.map((vm) => vm.properties.storageProfile.imageReference.exactVersion)).toEqual(['1.4.1', '1.5.0']);
    expect((await azure.send('POST', `${flexible}/manualupgrade`, { instanceIds: ['0'] })).status).toBe(400);
    expect(await instances(azure, flexible)).toEqual([]);
  });
});

describe('instances', () => {
  it('get a new disk by a reimage, all of them when none is named, and say no other model was applied', async () => {
    const azure = openAzure();
    await azure.done('PATCH', manual, { properties: imageOf(newest) });
    await azure.done('POST', `${manual}/reimage`, { instanceIds: ['2'] });
    const one = await versions(azure, manual);
    await azure.done('POST', `${manual}/reimage`);

    const all = await instances(azure, manual);
    expect(one).toEqual(['1.3.0', '1.3.0', '1.5.0', '1.3.0', '1.3.0']);
    expect(all.map(versionOf)).toEqual(Array(5).fill('1.5.0'));
    expect(all.some((i) => i.properties.latestModelApplied)).toBe(false);
  });

  it('go to the exact version that a reimage names', async () => {
    const azure = openAzure();
    await azure.done('POST', `${automatic}/virtualMachines/4/reimage`, { exactVersion: '1.4.1' });

    expect((await versions(azure, automatic))[4]).toBe('1.4.1');
  });

  it.each([
    ['manualupgrade', { instanceIds: ['77'] }, 400, 'InvalidParameter', '77'],
    ['manualupgrade', {}, 400, 'InvalidParameter', 'instanceIds'],
    ['reimage', { instanceIds: ['77'] }, 400, 'InvalidParameter', '77'],
    ['reimage', { instanceIds: ['1'] }, 409, 'OperationNotAllowed', 'protected'],
  ])('are refused a %s of %j', async (act, body, status, code, names) => {
    const azure = openAzure();
    const protectionPolicy = { protectFromScaleSetActions: true };
    await azure.done('PUT', `${manual}/virtualMachines/1`, {
      location: 'westeurope',
      properties: { protectionPolicy },
    });

    const answer = await azure.send('POST', `${manual}/${act}`, body);

    expect({ status: answer.status, code: errorOf(answer).code }).toEqual({ status, code });
    expect(errorOf(answer).message).toContain(names);
  });

  it('cannot be reimaged from a version that is gone', async () => {
    const azure = openAzure();
    await azure.done('PATCH', oldest, { properties: { safetyProfile: { blockDeletionBeforeEndOfLife: false } } });
    await azure.done('DELETE', oldest);

    const answer = await azure.send('POST', `${manual}/reimage`, { instanceIds: ['0'] });

    expect(errorOf(answer).code).toBe('GalleryImageNotFound');
    expect(await versions(azure, manual)).toEqual(Array(5).fill('1.3.0'));
  });

  it('report their health where the model says how it is known', async () => {
    const azure = openAzure();
    await azure.conditions({ health: [{ instance: `${rolling}/virtualMachines/1`, healthy: false }] });
    const codes = (await instances(azure, rolling)).map((i) => i.properties.instanceView.vmHealth?.status.code);

    expect(codes).toEqual(['HealthState/healthy', 'HealthState/unhealthy', 'HealthState/healthy']);
    expect((await instances(azure, manual))[0]?.properties.instanceView.vmHealth).toBeUndefined();
  });

  it('are locked with their group', async () => {
    const azure = openAzure();
    const lock = `${payments}/providers/Microsoft.Authorization/locks/keep`;
    await azure.done('PUT', lock, { properties: { level: 'ReadOnly' } });

    const answers = await Promise.all([
      azure.send('POST', `${rolling}/reimage`),
      azure.send('POST', `${rolling}/rollingUpgrades/cancel`),
      scaled(azure, rolling, 4),
    ]);

    expect(answers.map((answer) => errorOf(answer).code)).toEqual(['ScopeLocked', 'ScopeLocked', 'ScopeLocked']);
  });
});

describe('a rolling upgrade', () => {
  const sick = (version: string) => ({ health: [{ image: `${ubuntu}/versions/${version}`, healthy: false }] });

  it('does not begin while more than a fifth of the set is unhealthy', async () => {
    const azure = openAzure();
    await azure.conditions({ health: [{ instance: `${rolling}/virtualMachines/0`, healthy: false }] });
    const answer = await patch(azure, rolling, imageOf(newest));

    const error = { code: 'MaxUnhealthyInstancePercentExceededBeforeRollingUpgrade' };
    expect(await outcome(azure, answer)).toMatchObject({ status: 'Failed', error });
    expect(await versions(azure, rolling)).toEqual(['1.4.1', '1.4.1', '1.3.0']);
    expect((await azure.send('GET', rolling)).body).toMatchObject({ properties: { provisioningState: 'Failed' } });
  });

  it('stops with the first batch that is not healthy on the new version', async () => {
    const azure = openAzure();
    await azure.conditions(sick('1.5.0'));
    const answer = await patch(azure, rolling, imageOf(newest));

    const ended = await outcome(azure, answer);
    expect(ended).toMatchObject({ error: { code: 'MaxUnhealthyInstancePercentExceededInRollingUpgrade' } });
    expect(await versions(azure, rolling)).toEqual(['1.5.0', '1.4.1', '1.3.0']);
    expect(await latest(azure, rolling)).toMatchObject({
      properties: {
        runningStatus: { code: 'Faulted' },
        progress: { failedInstanceCount: 1, pendingInstanceCount: 2 },
        error: { code: 'MaxUnhealthyInstancePercentExceededInRollingUpgrade' },
      },
    });
  });

  it('stops where too many of those that were upgraded are unhealthy, however well the rest is', async () => {
    const azure = openAzure();
    await azure.conditions(sick('1.5.0'));
    const rollingUpgradePolicy = { maxUnhealthyInstancePercent: 100 };
    const answer = await patch(azure, rolling, { upgradePolicy: { rollingUpgradePolicy }, ...imageOf(newest) });

    const error = { code: 'MaxUnhealthyUpgradedInstancePercentExceededInRollingUpgrade' };
    expect(await outcome(azure, answer)).toMatchObject({ status: 'Failed', error });
    expect(await versions(azure, rolling)).toEqual(['1.5.0', '1.4.1', '1.3.0']);
  });

  it('leaves alone what is protected', async () => {
    const azure = openAzure();
    const protectionPolicy = { protectFromScaleSetActions: true };
    await azure.done('PUT', `${rolling}/virtualMachines/0`, {
      location: 'westeurope',
      properties: { protectionPolicy },
    });
    await azure.done('PATCH', rolling, { properties: imageOf(newest) });

    expect(await versions(azure, rolling)).toEqual(['1.4.1', '1.5.0', '1.5.0']);
  });

  it('puts the old disks back where the policy asks for it', async () => {
    const azure = openAzure();
    await azure.conditions(sick('1.5.0'));
    const rollingUpgradePolicy = { rollbackFailedInstancesOnPolicyBreach: true, maxBatchInstancePercent: 100 };
    await patch(azure, rolling, { upgradePolicy: { rollingUpgradePolicy }, ...imageOf(newest) });
    azure.later(60);

    expect(await versions(azure, rolling)).toEqual(['1.4.1', '1.4.1', '1.3.0']);
  });

  it('can be cancelled: what has begun is finished, and the rest stays as it was', async () => {
    const azure = openAzure();
    await patch(azure, rolling, imageOf(newest));
    azure.later(1);
    await azure.done('POST', `${rolling}/rollingUpgrades/cancel`);

    expect(await versions(azure, rolling)).toEqual(['1.5.0', '1.4.1', '1.3.0']);
    expect(await latest(azure, rolling)).toMatchObject({
      properties: { runningStatus: { code: 'Cancelled', lastAction: 'Cancel' }, progress: { pendingInstanceCount: 2 } },
    });
    const again = await azure.send('POST', `${rolling}/rollingUpgrades/cancel`);
    expect({ status: again.status, message: errorOf(again).message }).toEqual({
      status: 409,
      message: 'There is no ongoing Rolling Upgrade to cancel.',
    });
  });

  it('never was one of a set that nobody upgraded', async () => {
    const answer = await openAzure().send('GET', `${manual}/rollingUpgrades/latest`);

    expect(answer.status).toBe(404);
  });
});

describe('automatic OS upgrades', () => {
  it('are told in the history, with who began them and to what', async () => {
    const azure = openAzure();
    await release(azure);
    azure.later(120);

    expect(await versions(azure, automatic)).toEqual(Array(6).fill('1.6.0'));
    expect((await azure.send('GET', `${automatic}/osUpgradeHistory`)).body).toMatchObject({
      value: [
        {
          properties: {
            runningStatus: { code: 'Completed' },
            progress: { successfulInstanceCount: 6, pendingInstanceCount: 0 },
            startedBy: 'Platform',
            targetImageReference: { exactVersion: '1.6.0' },
          },
        },
      ],
    });
  });

  it('go back by themselves when the new version is not healthy, and stop', async () => {
    const azure = openAzure();
    await azure.conditions({ health: [{ image: `${ubuntu}/versions/1.6.0`, healthy: false }] });
    await release(azure);
    azure.later(120);

    expect(await versions(azure, automatic)).toEqual(Array(6).fill('1.5.0'));
    expect((await azure.send('GET', `${automatic}/osUpgradeHistory`)).body).toMatchObject({
      value: [
        {
          properties: { runningStatus: { code: 'Faulted' }, rollbackInfo: { successfullyRolledbackInstanceCount: 2 } },
        },
      ],
    });
  });

  it('can be begun by hand on a set that follows its image, and on no other', async () => {
    const azure = openAzure();
    await azure.done('POST', `${automatic}/virtualMachines/0/reimage`, { exactVersion: '1.4.1' });
    const pinned = await azure.send('POST', `${rolling}/osRollingUpgrade`);
    const answer = await azure.send('POST', `${automatic}/osRollingUpgrade`);

    expect(answer.status).toBe(202);
    expect(await outcome(azure, answer)).toMatchObject({ status: 'Succeeded' });
    expect(await versions(azure, automatic)).toEqual(Array(6).fill('1.5.0'));
    expect({ status: pinned.status, code: errorOf(pinned).code }).toEqual({ status: 409, code: 'OperationNotAllowed' });
  });

  it('wait for an approval where they are deferred; instances can be approved one by one', async () => {
    const azure = openAzure();
    const upgradePolicy = { automaticOSUpgradePolicy: { osRollingUpgradeDeferral: true } };
    await azure.done('PATCH', automatic, { properties: { upgradePolicy } });
    await release(azure);
    azure.later(300);
    const waiting = await versions(azure, automatic);
    await azure.done('POST', `${automatic}/approveRollingUpgrade`, { instanceIds: ['0', '1'] });
    const two = await versions(azure, automatic);
    await azure.done('POST', `${automatic}/virtualMachines/2/approveRollingUpgrade`);
    await azure.done('POST', `${automatic}/approveRollingUpgrade`);

    expect(waiting).toEqual(Array(6).fill('1.5.0'));
    expect(two).toEqual(['1.6.0', '1.6.0', ...Array(4).fill('1.5.0')]);
    expect(await versions(azure, automatic)).toEqual(Array(6).fill('1.6.0'));
    expect((await azure.send('POST', `${rolling}/approveRollingUpgrade`)).status).toBe(409);
  });
});

describe('lifecycle hooks', () => {
  interface Event {
    readonly id: string;
    readonly properties: { readonly waitUntil: string; readonly maxWaitUntil: string; readonly state: string };
  }
  const events = async (azure: Azure) =>
    ((await azure.send('GET', `${automatic}/lifecycleHookEvents`)).body as { value: Event[] }).value;

  async function asked(type: string, waitDuration?: string) {
    const azure = openAzure();
    await azure.done('PATCH', automatic, { properties: hooks(type, waitDuration) });
    await release(azure);
    azure.later(15);
    const [event] = await events(azure);
    if (!event) throw new Error('nobody was asked');
    return { azure, event };
  }

  it('ask before an upgrade, and take no answer for a yes', async () => {
    const { azure, event } = await asked('UpgradeAutoOSScheduling');
    const before = await versions(azure, automatic);
    azure.later(120);

    expect(event.properties).toMatchObject({
      state: 'Active',
      defaultAction: 'Approve',
      targetResources: [{ resource: { id: automatic }, actionState: 'Waiting' }],
    });
    expect(before).toEqual(Array(6).fill('1.5.0'));
    expect(await versions(azure, automatic)).toEqual(Array(6).fill('1.6.0'));
    expect((await events(azure))[0]?.properties).toMatchObject({
      state: 'Completed',
      targetResources: [{ actionState: 'Approved' }],
    });
  });

  it('can be put off until two days after they were asked, and no longer', async () => {
    const { azure, event } = await asked('UpgradeAutoOSScheduling');
    const { maxWaitUntil } = event.properties;
    const tooLate = new Date(Date.parse(maxWaitUntil) + 1_000).toISOString();
    const refused = await patch(azure, event.id, { waitUntil: tooLate });
    const accepted = await patch(azure, event.id, { waitUntil: maxWaitUntil });
    azure.later(40 * 60);
    const waiting = await versions(azure, automatic);
    azure.later(12 * 60);

    expect(errorOf(refused).code).toBe('InvalidParameter');
    expect(accepted.status).toBe(200);
    expect(waiting).toEqual(Array(6).fill('1.5.0'));
    expect(await versions(azure, automatic)).toEqual(Array(6).fill('1.6.0'));
  });

  it('take no answer for a no where the model says so', async () => {
    const azure = openAzure();
    const lifecycleHooks = [{ type: 'UpgradeAutoOSScheduling', defaultAction: 'Reject' }];
    await azure.done('PATCH', automatic, { properties: { lifecycleHooksProfile: { lifecycleHooks } } });
    await release(azure);
    azure.later(180);

    expect((await events(azure))[0]?.properties).toMatchObject({ state: 'Completed' });
    expect(await versions(azure, automatic)).toEqual(Array(6).fill('1.5.0'));
  });

  it('are those of the front of web, which has eight hours to answer', async () => {
    const azure = openAzure();
    const front = set(1, 'web', 'vmss-web-front');
    await release(azure);
    azure.later(7 * 60);
    const { body } = await azure.send('GET', `${front}/lifecycleHookEvents`);
    const waiting = await versions(azure, front);
    azure.later(3 * 60);

    expect(body).toMatchObject({ value: [{ properties: { state: 'Active', type: 'UpgradeAutoOSScheduling' } }] });
    expect(waiting).toEqual([...Array(6).fill('1.5.0'), '1.4.1', '1.4.1']);
    expect(await versions(azure, front)).toEqual(Array(8).fill('1.6.0'));
  });

  it('ask before each batch, about its instances alone', async () => {
    const { azure, event } = await asked('UpgradeAutoOSRollingBatchStarting', 'PT4H');
    const targetResources = ['0', '1'].map((n) => ({
      resource: { id: `${automatic}/virtualMachines/${n}` },
      actionState: 'Approved',
    }));
    await patch(azure, event.id, { targetResources: targetResources.slice(0, 1) });
    const half = (await events(azure))[0]?.properties.state;
    await patch(azure, event.id, { targetResources: targetResources.slice(1) });
    azure.later(30);

    expect(half).toBe('Active');
    expect(await versions(azure, automatic)).toEqual(['1.6.0', '1.6.0', ...Array(4).fill('1.5.0')]);
    expect((await events(azure)).map((e) => e.properties.state)).toEqual(['Completed', 'Active']);
  });

  it('take no No in the preview: whoever rejects is told that Azure has an error', async () => {
    const { azure, event } = await asked('UpgradeAutoOSScheduling', 'PT8H');
    const rejected = { targetResources: [{ resource: { id: automatic }, actionState: 'Rejected' }] };

    const answer = await patch(azure, event.id, rejected);

    expect(answer.status).toBe(500);
    expect((await azure.send('GET', event.id)).body).toMatchObject({ properties: { state: 'Active' } });
  });

  it('ask for nothing any more once the version is excluded', async () => {
    const { azure, event } = await asked('UpgradeAutoOSScheduling', 'PT8H');
    await azure.done('PATCH', `${ubuntu}/versions/1.6.0`, {
      properties: { publishingProfile: { excludeFromLatest: true } },
    });
    await patch(azure, event.id, { targetResources: [{ resource: { id: automatic }, actionState: 'Approved' }] });
    azure.later(120);

    expect(await versions(azure, automatic)).toEqual(Array(6).fill('1.5.0'));
    expect((await azure.send('GET', `${automatic}/osUpgradeHistory`)).body).toEqual({ value: [] });
  });
});
