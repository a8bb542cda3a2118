import type { Route } from '../../sandbox/kernel/types';
import { azureOf } from './azure';
import { wholeAzure } from './whole-azure';

const jammy = { publisher: 'Canonical', offer: '0001-com-ubuntu-server-jammy', sku: '22_04-lts-gen2' };
const versions =
  '/subscriptions/{s}/providers/Microsoft.Compute/locations/{l}/publishers/{p}/artifacttypes/vmimage/offers/{o}/skus/{k}/versions';
const stored = (name: string, more: object = {}) => ({
  id: `/${name}`,
  name,
  location: 'westeurope',
  properties: more,
});

describe('the marketplace', () => {
  it('lists the versions of an image by number, oldest first', async () => {
    const names = ['22.04.202611120', '22.04.99', '22.04.202611013'];
    const list: Route = {
      method: 'GET',
      path: versions,
      handle: () => ({ status: 200, body: names.map((n) => stored(n)) }),
    };
    const found = await azureOf([list]).looks.marketplaceVersions('westeurope', jammy);
    expect(found.map((v) => v.version)).toEqual(['22.04.99', '22.04.202611013', '22.04.202611120']);
  });

  it('tells that a version is on its way out, and what to take instead', async () => {
    const status = {
      imageState: 'ScheduledForDeprecation',
      scheduledDeprecationTime: '2027-04-01T00:00:00Z',
      alternativeOption: { type: 'Plan', value: 'Canonical:ubuntu-24_04-lts:server:latest' },
    };
    const body = stored('22.04.1', { imageDeprecationStatus: status });
    const get: Route = { method: 'GET', path: `${versions}/{v}`, handle: () => ({ status: 200, body }) };
    const found = await azureOf([get]).looks.marketplaceVersion('westeurope', jammy, '22.04.1');
    expect(found).toEqual({
      version: '22.04.1',
      deprecation: {
        state: 'ScheduledForDeprecation',
        at: new Date('2027-04-01T00:00:00Z'),
        alternative: 'Canonical:ubuntu-24_04-lts:server:latest',
      },
    });
  });

  it('of the sandbox has versions, and knows the one that it lists', async () => {
    const { looks } = wholeAzure();
    const found = await looks.marketplaceVersions('westeurope', jammy);
    const newest = found.at(-1)?.version ?? '';
    expect(newest).toMatch(/^22\.04\.2\d{8}$/);
    await expect(looks.marketplaceVersion('westeurope', jammy, newest)).resolves.toMatchObject({ version: newest });
    await expect(looks.marketplaceVersion('westeurope', jammy, '22.04.1')).resolves.toBeUndefined();
  });
});
