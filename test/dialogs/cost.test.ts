import type { AzureRead, GalleryVersion } from '../../core/azure';
import { UserError } from '../../core/errors';
import { exampleCatalogue } from '../support/catalogue';
import { inventoryWorld } from './support/inventory-world';
import { dialogWorld } from './support/world';

const version = (number: string, more: Partial<GalleryVersion> = {}): GalleryVersion => ({
  ...{ id: number, image: 'ubuntu-22', version: number, provisioningState: 'Succeeded', excludedFromLatest: false },
  ...{ blockDeletionBeforeEndOfLife: false, tags: { 'goldbot-published': '2026-10-01T00:00:00Z' } },
  regions: [{ name: 'West Europe', replicas: 2, state: 'Completed', progress: 100, excludedFromLatest: false }],
  disks: [{ lun: null, sizeGiB: 30 }],
  ...more,
});

async function said(read: Partial<AzureRead>, words = 'cost ubuntu-22'): Promise<string> {
  const { say } = dialogWorld({
    read: {
      versions: async () => [version('1.4.1'), version('1.5.0', { disks: [] })],
      keepsDeleted: async () => true,
      machinesByVersion: async () => new Map([['ubuntu-22', new Map([['1.4.1', 3]])]]),
      copyPrices: async () => [
        { region: 'westeurope', storage: 'Standard_LRS', usd: 0.05, meter: 'm', since: new Date('2026-10-01') },
      ],
      ...read,
    },
  });
  return (await say('grace', words)).text;
}

describe('cost', () => {
  it('says what each version costs, what retiring it saves, and what is not in the figures', async () => {
    const text = await said({});
    expect(text).toContain('ubuntu-22 costs at most US$ 3.00 a month, as far as known\n2 versions · 4 copies');
    expect(text).toMatch(
      /^1\.4\.1 .*2 copies of 30 GiB · retiring it saves US\$ 1\.50 · 3 machines · US\$ 3\.00 · show ubuntu-22@1\.4\.1$/m,
    );
    expect(text).toContain('! Not in the figures: 1 version whose size Azure does not say.');
    expect(text).toContain('the newest since 1 Oct 2026');
    expect(text).toContain('one copy in each region, which is paid for until it goes');
  });

  it('names a region that the list does not have, and says when the list could not be read', async () => {
    const elsewhere = {
      region: 'eastus',
      storage: 'Standard_LRS',
      usd: 1,
      meter: 'm',
      since: new Date('2026-10-01'),
    } as const;
    expect(await said({ copyPrices: async () => [elsewhere] })).toContain(
      '! Not in the figures: West Europe, which the price list does not have.',
    );
    const silent = await said({ copyPrices: () => Promise.reject(new UserError('AZ_SILENT', 'x', { hint: 'y' })) });
    expect(silent).toContain('since the price list could not be read');
    expect(silent).toContain('US$ 3.00');
  });

  it('without an image says what all of them cost, and what giving up the oldest of each saves', async () => {
    const { say } = inventoryWorld();
    const { text } = await say('grace', 'cost');
    // The two images, and the five versions, are what is said of all.
    expect(text).toContain(
      'All images cost at most US$ 127.96 a month\n5 versions · 35 copies · 2 images · gallery gold',
    );
    expect(text).toMatch(
      /^windows-2022 · 2 versions · 14 copies · retiring 1\.1\.0 saves US\$ 47\.24, 14 machines · US\$ 94\.48 · cost windows-2022$/m,
    );
    expect(text).toMatch(
      /^ubuntu-22 · 3 versions · 21 copies · retiring 1\.3\.0 saves US\$ 11\.16, 28 machines · US\$ 33\.48 · cost ubuntu-22$/m,
    );
    expect(text).toContain('Retiring the oldest version of each image would save at most US$ 58.40 a month.');
    expect(text).toContain('the newest since 1 Oct 2026');
  });

  it('tells apart what the second gallery costs', async () => {
    const example = exampleCatalogue();
    const secondGallery = { name: 'gold_dr', resourceGroup: 'rg-golden-images-dr' };
    const catalogue = { ...example, azure: { ...example.azure, secondGallery } };
    const { text } = await inventoryWorld({ catalogue }).say('grace', 'cost');
    expect(text).toContain('at most US$ 127.96 a month\n5 versions');
    expect(text).toMatch(
      /The second gallery gold_dr costs at most US\$ \d+\.\d\d a month besides this: 5 versions in 31 copies\./,
    );
  });

  it('without an image says what is missing', async () => {
    const silent = () => Promise.reject(new UserError('AZ_SILENT', 'Azure is silent.', { hint: 'y' }));
    const text = await said({ machineCounts: silent }, 'cost');
    expect(text).toContain('machines not counted');
    expect(text).toContain('1 figure is missing or incomplete');
    expect(text).toContain('! Not in the figures: 3 versions whose size Azure does not say.');
  });
});
