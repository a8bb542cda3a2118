import type { Json, Route } from '../../sandbox/kernel/types';
import { azureOf } from './azure';
import { wholeAzure } from './whole-azure';

const jammy = { publisher: 'Canonical', offer: '0001-com-ubuntu-server-jammy', sku: '22_04-lts-gen2' };
const versions =
  '/subscriptions/{s}/providers/Microsoft.Compute/locations/{l}/publishers/{p}/artifacttypes/vmimage/offers/{o}/skus/{k}/versions';
const stored = (name: string, more: Json = {}) => ({
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
    const found = await azureOf([list]).read.marketplaceVersions('westeurope', jammy);
    expect(found.map((v) => v.version)).toEqual(['22.04.99', '22.04.202611013', '22.04.202611120']);
  });

  const one = (status: number, body: Json): Route => ({
    method: 'GET',
    path: `${versions}/{v}`,
    handle: () => ({ status, body }),
  });
  const about = (version: string, status: Json) =>
    azureOf([one(200, stored(version, { imageDeprecationStatus: status }))]).read.marketplaceVersion(
      'westeurope',
      jammy,
      version,
    );

  it('tells that a version is on its way out, and what to take instead', async () => {
    const at = '2027-04-01T00:00:00Z';
    const status = { imageState: 'ScheduledForDeprecation', scheduledDeprecationTime: at };
    const deprecation = { state: 'ScheduledForDeprecation', at: new Date(at) };
    await expect(about('22.04.1', status)).resolves.toEqual({ version: '22.04.1', deprecation });
    const plan = { ...status, alternativeOption: { type: 'Plan', value: '22_04-lts-gen2' } };
    await expect(about('22.04.1', plan)).resolves.toMatchObject({
      deprecation: { ...deprecation, alternative: 'plan 22_04-lts-gen2' },
    });
    const none = { ...status, alternativeOption: { type: 'None' } };
    await expect(about('22.04.1', none)).resolves.toEqual({ version: '22.04.1', deprecation });
  });

  it('tells a deprecated version from one that never was, though Azure has the same status for both', async () => {
    const asked = (code: string) =>
      azureOf([one(404, { error: { code, message: 'x' } })]).read.marketplaceVersion('westeurope', jammy, '22.04.1');
    await expect(asked('ImageVersionDeprecated')).resolves.toEqual({
      version: '22.04.1',
      deprecation: { state: 'Deprecated' },
    });
    await expect(asked('NotFound')).resolves.toBeUndefined();
    await expect(about('22.04.1', { imageState: 'Deprecated' })).resolves.toMatchObject({
      deprecation: { state: 'Deprecated' },
    });
  });

  it('tells what a version is made for, and no guess where Azure says nothing', async () => {
    const { read } = wholeAzure();
    const traits = async (publisher: string, offer: string, sku: string) => {
      const image = { publisher, offer, sku };
      const newest = (await read.marketplaceVersions('westeurope', image)).at(-1)?.version ?? '';
      return (await read.marketplaceVersion('westeurope', image, newest))?.traits;
    };
    expect(await traits('Canonical', jammy.offer, '22_04-lts-gen2')).toEqual({
      os: 'Linux',
      generation: 'V2',
      architecture: 'x64',
      security: 'TrustedLaunchSupported',
    });
    expect(await traits('Canonical', jammy.offer, '22_04-lts')).toEqual({
      os: 'Linux',
      generation: 'V1',
      architecture: 'x64',
    });
    expect(await traits('Canonical', jammy.offer, '22_04-lts-arm64')).toMatchObject({ architecture: 'Arm64' });
    expect(await traits('MicrosoftWindowsServer', 'WindowsServer', '2019-Datacenter')).toMatchObject({
      os: 'Windows',
      generation: 'V1',
    });
    const cis = [
      'center-for-internet-security-inc',
      'cis-ubuntu-linux-2204-l1',
      'cis-ubuntu-linux-2204-l1-gen2',
    ] as const;
    expect(await traits(...cis)).toMatchObject({ plan: { publisher: cis[0], product: cis[1], name: cis[2] } });
    expect(await about('22.04.1', { imageState: 'Active' })).toEqual({ version: '22.04.1' });
  });

  it('of the sandbox has versions, and knows the one that it lists', async () => {
    const { read } = wholeAzure();
    const found = await read.marketplaceVersions('westeurope', jammy);
    const newest = found.at(-1)?.version ?? '';
    expect(newest).toMatch(/^22\.04\.2\d{8}$/);
    await expect(read.marketplaceVersion('westeurope', jammy, newest)).resolves.toMatchObject({ version: newest });
    await expect(read.marketplaceVersion('westeurope', jammy, '22.04.1')).resolves.toBeUndefined();
  });
});
