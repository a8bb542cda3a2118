import type { AzureRead, ImageTraits } from '../../core/azure';
import { UserError } from '../../core/errors';
import { fixed } from './support/plan';
import { aRun, dialogWorld } from './support/world';

const version = '22.04.202611120';
const traits: ImageTraits = { os: 'Linux', generation: 'V2', architecture: 'x64' };
const missing = () =>
  Promise.reject(new UserError('AZ_NOT_FOUND', 'x', { hint: 'x', facts: { missing: 'image definition' } }));

function world(source: Partial<ImageTraits> = {}, read: Partial<AzureRead> = {}) {
  return dialogWorld({
    read: {
      // ubuntu-24 is in the catalogue of these tests; its definition is not in the gallery.
      versions: async ({ definition }) => (definition === 'ubuntu-24' ? missing() : []),
      marketplaceVersions: async () => [{ version }],
      marketplaceVersion: async () => ({ version, traits: { ...traits, ...source } }),
      scaleSets: async () => ({ rows: [], asOf: new Date(0) }),
      machinesByVersion: async () => new Map(),
      ...read,
    },
  });
}

const says = async (text: string, w = world()) => (await w.say('ada', text)).text;

describe('an image without a definition', () => {
  const command =
    /az sig image-definition create --subscription \S+ --resource-group rg-golden-images --gallery-name gold --gallery-image-definition ubuntu-24 .*--hyper-v-generation V2/;

  it('is told so in its own row of images, with the command and the file; the other rows are as ever', async () => {
    const text = await says('images');
    expect(text).toContain('✗ ubuntu-24 · ubuntu-24 of the tests · no such definition in the gallery');
    expect(text).toMatch(command);
    expect(text).toContain(
      'ubuntu-24: The gallery gold has no image definition ubuntu-24. Correct `imageDefinition` in images/ubuntu-24.yaml',
    );
    expect(text).toMatch(/○ ubuntu-22 · ubuntu-22 of the tests · none yet · versions ubuntu-22$/m);
    expect(text).not.toContain('Azure is silent');
  });

  it.each(['versions ubuntu-24', 'show ubuntu-24', 'diff ubuntu-24 1.0.0 2.0.0', 'publish ubuntu-24 --plan'])(
    'is why nothing else can be said to "%s"',
    async (line) => {
      const text = await says(line);
      expect(text).toContain('The gallery gold has no image definition ubuntu-24.');
      expect(text).toContain('images/ubuntu-24.yaml');
      expect(text).toMatch(command);
      expect(text).not.toContain('azure.yaml');
    },
  );

  it('is not one whose gallery Azure does not show: that is no mistake of an image', async () => {
    const silent = () => Promise.reject(new UserError('AZ_SILENT', 'x', { hint: 'x' }));
    const text = await says('images', world({}, { definitions: silent, versions: async () => [] }));
    expect(text).not.toContain('no such definition');
  });
});

describe('an image whose source does not fit its definition', () => {
  const why = 'is of generation V1; the image definition ubuntu-22 takes V2 alone.';

  it('is told so by images, in its row and with what mends it', async () => {
    const text = await says('images', world({ generation: 'V1' }));
    expect(text).toMatch(/✗ ubuntu-22 · ubuntu-22 of the tests · cannot be built/);
    expect(text).toContain(`ubuntu-22: The source Canonical some-offer 22_04-lts-gen2 ${why} Name a SKU of V2`);
  });

  it('is not planned, and the plan says all that does not fit', async () => {
    const text = await says('publish ubuntu-22 --plan', world({ generation: 'V1', architecture: 'Arm64' }));
    expect(text).toContain('CANNOT_BE_BUILT');
    expect(text).toContain('ubuntu-22 cannot be built. The source');
    expect(text).toContain(why);
    expect(text).toContain('is made for Arm64; the image definition ubuntu-22 takes x64 alone.');
    expect(text).toContain('images/ubuntu-22.yaml');
  });

  it('is planned once it fits', async () => {
    const text = await says('publish ubuntu-22 --plan');
    expect(text).toContain('Plan: ubuntu-22 1.0.0');
    expect(text).toMatch(/^Built on: Standard_\w+$/m);
    expect(text).toMatch(/^Tested on: Standard_\w+$/m);
  });

  it('shows what is set for its machines and what its definition asks of them', async () => {
    const { buildVmSize, testVmSize } = fixed;
    const subnetId = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/builds';
    const buildSettings = {
      osDiskSizeGiB: 64,
      network: { subnetId },
      stagingResourceGroup: '/subscriptions/s/resourceGroups/rg-staging',
    };
    const w = world();
    const plan = {
      request: {},
      approvalChannel: 'x',
      fixed: { ...fixed, buildSettings, testSecurity: 'TrustedLaunch' as const },
    };
    w.runs.set('R-22222', aRun('R-22222', { plan, stage: 'customise' }));
    const text = await says('publish ubuntu-22 --plan', w);
    expect(text).toContain(`Built on: ${buildVmSize} · disk of 64 GiB · subnet builds · staging group rg-staging`);
    expect(text).toContain(`Tested on: ${testVmSize} · Trusted Launch`);
  });
});
