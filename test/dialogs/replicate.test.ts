import type { AzureRead, GalleryVersion, RegionStatus } from '../../core/azure';
import type { ScaleSet } from '../../core/compliance';
import type { VersionPlan } from '../../core/runs';
import { dialogWorld, now } from './support/world';

const source =
  '/subscriptions/5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001/resourcegroups/rg-golden-images/providers/microsoft.compute/galleries/gold/images/ubuntu-22';
const region = (name: string, more: Partial<RegionStatus> = {}): RegionStatus => ({
  ...{ name, replicas: 1, state: 'Completed', progress: 100, excludedFromLatest: false },
  ...more,
});
const version = (number: string, more: Partial<GalleryVersion> = {}): GalleryVersion => ({
  ...{ id: `${source}/versions/${number}`, image: 'ubuntu-22', version: number, provisioningState: 'Succeeded' },
  ...{ excludedFromLatest: false, blockDeletionBeforeEndOfLife: false, home: 'westeurope' },
  ...{ tags: { 'goldbot-published': '2026-10-01T00:00:00Z' }, regions: [region('West Europe'), region('East US')] },
  ...more,
});
const set = (location: string, number = ''): ScaleSet => ({
  ...{ subscription: 's', resourceGroup: 'rg', id: `/s/${location}`, name: `vmss-${location}`, tags: {}, source },
  ...{ version: number, selfUpgrading: true, takesReimage: true, location, mode: 'Rolling' },
});

function world(
  sets: readonly ScaleSet[],
  versions = [version('1.4.1'), version('1.5.0')],
  more: Partial<AzureRead> = {},
) {
  const read: Partial<AzureRead> = {
    versions: async () => versions,
    version: async (_, number) => versions.find((one) => one.version === number),
    softDeleted: async () => [{ version: '1.3.0' }],
    machineCounts: async () => ({ rows: [], members: [], asOf: now }),
    managementGroups: async () => new Map(),
    scaleSets: async () => ({ rows: sets, asOf: now }),
    imageConsumers: async () => ({ rows: [], asOf: now }),
    regions: async () => ['westeurope', 'eastus', 'uksouth', 'brazilsouth', 'ukwest'],
    machineSizes: async (_, location, [name = '']) => {
      if (!['eastus', 'uksouth', 'ukwest'].includes(location)) return [];
      return [{ name, family: 'f', cores: 2, ...(location === 'ukwest' && { closed: 'NotAvailableForSubscription' }) }];
    },
  };
  const held = dialogWorld({ read: { ...read, ...more } });
  const says = async (text: string) => (await held.say('grace', text)).text;
  const started = () => (held.started as unknown as readonly { plan: VersionPlan; subject: string }[])[0];
  return { says, started };
}
const command = (text: string): string => /^replicate .*--agreed [0-9a-f]{8}.*$/m.exec(text)?.[0] ?? 'none';

describe('replicate', () => {
  it('says what the way of a first copy costs, once, or that nobody can say', async () => {
    const disks = [{ lun: null, sizeGiB: 30 }];
    const since = new Date('2026-10-01');
    const told = world([], [version('1.5.0', { disks })], {
      trafficPrices: async () => [{ region: 'westeurope', usd: 0.05, meter: 'm', since }],
    });
    const [there, more] = [
      await told.says('replicate ubuntu-22@1.5.0 --add "UK South:3"'),
      await told.says('replicate ubuntu-22@1.5.0 --add "East US:3"'),
    ];
    expect(there).toContain(' The way to UK South costs at most US$ 1.50 once.');
    // It has a copy already: the next ones are made from that.
    expect(more).not.toContain('The way to');
    const untold = world([], [version('1.5.0', { disks })]);
    expect(await untold.says('replicate ubuntu-22@1.5.0 --add "UK South:3"')).toContain(
      ' What the way to UK South costs is not counted: the price list does not tell.',
    );
  });

  it('shows what there would be beside what Azure advises, and starts without asking where nobody is moved', async () => {
    const { says, started } = world([set('westeurope')]);
    const text = await says('replicate ubuntu-22@1.5.0 --add "UK South:3" --reason "payments opens in East US"');
    expect(text).toContain('Change the copies of ubuntu-22 1.5.0?');
    expect(text).toContain('UK South; Now: 0; Then: 3; Azure advises: 3');
    expect(text).toContain('Decides: nobody else');
    await says(command(text));
    expect(started()).toMatchObject({
      subject: 'replicate:ubuntu-22@1.5.0',
      plan: {
        copies: { set: [{ name: 'UK South', replicas: 3 }], again: [], remove: [] },
        reason: 'payments opens in East US',
      },
    });
    expect(started()?.plan.approval).toBeUndefined();
  });

  it('asks approvers where somebody would take another version, and breaks glass where something breaks', async () => {
    const follows = world([set('eastus')], [version('1.4.1'), version('1.5.0')]);
    const text = await follows.says('replicate ubuntu-22@1.5.0 --remove eastus');
    expect(text).toContain('takes 1.4.1 for its next machines');
    await follows.says(command(text));
    expect(follows.started()?.plan.approval?.rule).toMatchObject({ groupName: 'goldbot-approvers', quorum: 1 });
    const pinned = world([set('eastus', '1.5.0')]);
    const breaks = await pinned.says('replicate ubuntu-22@1.5.0 --remove eastus');
    expect(breaks).toContain('it names this version, which would have no copy there');
    expect(breaks).toContain('Break glass: It takes 2 people of goldbot-approvers besides you');
    expect(command(breaks)).toBe('none');
  });

  it('tells what Azure advises when nothing is asked for, and offers that', async () => {
    const { says, started } = world([]);
    const text = await says('replicate ubuntu-22@1.5.0');
    expect(text).toContain('Copies of ubuntu-22 1.5.0');
    expect(text).not.toContain('--agreed');
    expect(text).toContain('replicate ubuntu-22@1.5.0 --add "East US:3, West Europe:3"');
    expect(started()).toBeUndefined();
  });

  it.each([
    ['--add "Mars West"', 'Azure has no region “Mars West” for this subscription.'],
    ['--add brazilsouth', 'brazilsouth has no Standard_D2s_v5, which ubuntu-22 is tested on.'],
    ['--add ukwest', 'ukwest does not give Standard_D2s_v5 to this subscription (NotAvailableForSubscription).'],
    ['--add "East US:many"', 'Azure has no region “East US:many” for this subscription.'],
    ['--add uksouth --remove "UK South"', 'UK South is named twice.'],
    ['--remove "West Europe"', 'West Europe is where 1.5.0 was made: Azure keeps a copy there.'],
    ['--retry', 'No copy of 1.5.0 has failed: there is nothing to try again.'],
  ])('%s: says why not', async (options, why) => {
    const { says, started } = world([]);
    expect(await says(`replicate ubuntu-22@1.5.0 ${options}`)).toContain(why);
    expect(started()).toBeUndefined();
  });

  it('says of a deleted version that it has to come back first, and needs a number', async () => {
    const { says } = world([]);
    expect(await says('replicate ubuntu-22@1.3.0 --add uksouth')).toContain(
      '1.3.0 is deleted, and the gallery keeps it: restore it first.',
    );
    expect(await says('replicate ubuntu-22@1.2.0 --add uksouth')).toContain(
      'The gallery has no version 1.2.0 of ubuntu-22.',
    );
    expect(await says('replicate ubuntu-22 --add uksouth')).toContain(
      'is about one version of ubuntu-22; none was named.',
    );
  });
});
