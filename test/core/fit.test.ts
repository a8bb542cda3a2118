import type { ImageDefinition, ImageTraits } from '../../core/azure';
import type { AzureConfig, ImageConfig } from '../../core/catalogue';
import { call } from '../../core/command-call';
import { definitionCommand, imageRef, machineSecurity, misfitsOf, missingDefinition } from '../../core/images';
import { refuseMisfits } from '../../core/images/fit';
import { exampleCatalogue } from '../support/catalogue';

const { azure, images } = exampleCatalogue();
const ubuntu = images.find((i) => i.name === 'ubuntu-22') as ImageConfig;
const definition: ImageDefinition = {
  name: 'ubuntu-22',
  state: 'Generalized',
  os: 'Linux',
  generation: 'V2',
  architecture: 'x64',
};
const source: ImageTraits = {
  os: 'Linux',
  generation: 'V2',
  architecture: 'x64',
  security: 'TrustedLaunchSupported',
};
const sold = { name: 'cis-l1', product: 'cis-ubuntu', publisher: 'cis' };
const from = 'The source Canonical 0001-com-ubuntu-server-jammy 22_04-lts-gen2';

interface Change {
  readonly image?: Partial<ImageConfig>;
  readonly azure?: Partial<AzureConfig>;
  readonly source?: Partial<ImageTraits>;
  readonly definition?: Partial<ImageDefinition>;
}

function found(change: Change = {}) {
  return misfitsOf({
    image: { ...ubuntu, ...change.image },
    azure: { ...azure, ...change.azure },
    source: { ...source, ...change.source },
    definition: { ...definition, ...change.definition },
  });
}

const withPlan = (plan: typeof sold) => ({ source: { ...ubuntu.source, plan } });

describe('source, definition and machines of an image', () => {
  it('fit as the example has them', () => {
    expect(found()).toEqual([]);
    expect(found({ definition: { security: 'TrustedLaunch' } })).toEqual([]);
    expect(found({ definition: { security: 'TrustedLaunchSupported' } })).toEqual([]);
    expect(
      found({ image: withPlan(sold), source: { plan: sold }, definition: { plan: { ...sold, name: 'CIS-L1' } } }),
    ).toEqual([]);
  });

  const misfits: [what: string, change: Change, why: string, mend: RegExp][] = [
    [
      'generations',
      { source: { generation: 'V1' } },
      `${from} is of generation V1; the image definition ubuntu-22 takes V2 alone.`,
      /^Name a SKU of V2 as `source\.sku`, or a definition of V1 as `imageDefinition`, in images\/ubuntu-22\.yaml\.$/,
    ],
    [
      'generations, the other way',
      { definition: { generation: 'V1' } },
      `${from} is of generation V2; the image definition ubuntu-22 takes V1 alone.`,
      /SKU of V1/,
    ],
    [
      'architectures',
      { source: { architecture: 'Arm64' } },
      `${from} is made for Arm64; the image definition ubuntu-22 takes x64 alone.`,
      /SKU of x64/,
    ],
    [
      'the system of the definition',
      { definition: { os: 'Windows' } },
      'The image definition ubuntu-22 takes Windows images; ubuntu-22 is a Linux image.',
      /^Correct `os` or `imageDefinition` in images\/ubuntu-22\.yaml\.$/,
    ],
    [
      'the system of the source',
      { source: { os: 'Windows' } },
      `${from} is a Windows image; ubuntu-22 is a Linux image.`,
      /^Correct `os` or `source`/,
    ],
    [
      'a specialized definition',
      { definition: { state: 'Specialized' } },
      'The image definition ubuntu-22 takes specialized images; Image Builder makes generalized ones.',
      /definition of generalized images/,
    ],
    [
      'Trusted Launch',
      { definition: { security: 'TrustedLaunch' }, source: { security: 'ConfidentialVmSupported' } },
      'The image definition ubuntu-22 takes machines with Trusted Launch alone; the source Canonical 0001-com-ubuntu-server-jammy 22_04-lts-gen2 cannot start with it.',
      /SKU that supports Trusted Launch/,
    ],
    [
      'a plan that nobody named',
      { source: { plan: sold }, definition: { plan: sold } },
      `${from} is sold with the purchase plan cis:cis-ubuntu:cis-l1.`,
      /^Write `plan: \{ name: cis-l1, product: cis-ubuntu, publisher: cis \}` under `source` in images\/ubuntu-22\.yaml, and accept its terms once: `az vm image terms accept /,
    ],
    [
      'a plan that nobody sells',
      { image: withPlan(sold) },
      `${from} is sold without a purchase plan.`,
      /^Remove `source\.plan` from images\/ubuntu-22\.yaml\.$/,
    ],
    [
      'another plan',
      { image: withPlan({ ...sold, name: 'l2' }), source: { plan: sold }, definition: { plan: sold } },
      `${from} is sold with the purchase plan cis:cis-ubuntu:cis-l1, not with cis:cis-ubuntu:l2.`,
      /^Write/,
    ],
    [
      'a definition without the plan',
      { image: withPlan(sold), source: { plan: sold } },
      `The image definition ubuntu-22 has no purchase plan; the source Canonical 0001-com-ubuntu-server-jammy 22_04-lts-gen2 is sold with cis:cis-ubuntu:cis-l1.`,
      /definition with the plan of the source/,
    ],
  ];
  it.each(misfits)('do not fit by %s', (_, change, why, mend) => {
    expect(found(change)).toEqual([{ why, mend: expect.stringMatching(mend) }]);
  });

  it('do not fit when test machines of the size are not confidential and the definition takes no others', () => {
    const confidential = {
      definition: { security: 'ConfidentialVM' },
      source: { security: 'ConfidentialVmSupported' },
    };
    expect(found(confidential).map((m) => m.why)).toEqual([
      'The image definition ubuntu-22 takes confidential machines alone; test machines of size Standard_D2s_v5 are none.',
    ]);
    expect(found({ ...confidential, image: { test: { vmSize: 'Standard_DC2as_v5' } } })).toEqual([]);
  });

  it('are told by a refusal, the first as what happened and all ways to mend them', () => {
    const [first, second] = found({ source: { generation: 'V1', architecture: 'Arm64' } });
    if (!first || !second) throw new Error('expected two misfits');
    expect(() => refuseMisfits(ubuntu, [])).not.toThrow();
    let told: unknown;
    try {
      refuseMisfits(ubuntu, [first, second]);
    } catch (error) {
      told = error;
    }
    expect(told).toMatchObject({
      code: 'CANNOT_BE_BUILT',
      message: `ubuntu-22 cannot be built. ${first.why}`,
      hint: `${first.mend} ${second.why} ${second.mend}`,
      next: [call('publish', { image: 'ubuntu-22', plan: true })],
    });
  });

  it('are all told together, and nothing is compared with what Azure does not say', () => {
    expect(found({ source: { generation: 'V1', architecture: 'Arm64' } })).toHaveLength(2);
    expect(misfitsOf({ image: ubuntu, azure, definition: { ...definition, generation: 'V1' } })).toEqual([]);
  });
});

describe('a test machine', () => {
  it.each([
    [undefined, 'x64', undefined],
    ['TrustedLaunch', 'x64', 'TrustedLaunch'],
    ['TrustedLaunch', 'Arm64', 'TrustedLaunch'],
    ['TrustedLaunchSupported', 'x64', 'TrustedLaunch'],
    ['TrustedLaunchSupported', 'Arm64', undefined],
    ['TrustedLaunchAndConfidentialVmSupported', 'x64', 'TrustedLaunch'],
    ['ConfidentialVM', 'x64', 'ConfidentialVM'],
    ['ConfidentialVm', 'x64', 'ConfidentialVM'],
    ['ConfidentialVMSupported', 'x64', undefined],
  ] as const)('of a definition with %s and %s is made with %s', (security, architecture, expected) => {
    expect(machineSecurity({ ...definition, architecture, ...(security && { security }) })).toBe(expected);
  });
});

describe('a definition that does not exist', () => {
  const ref = imageRef(azure, ubuntu);

  it('is told with the command that makes it as its source needs it, and the right file', () => {
    const command = definitionCommand(ubuntu, ref, { ...source, generation: 'V2', architecture: 'Arm64', plan: sold });
    expect(command).toBe(
      'az sig image-definition create --subscription 5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1001 --resource-group rg-golden-images --gallery-name gold --gallery-image-definition ubuntu-22 --publisher gold --offer golden --sku ubuntu-22 --os-type Linux --os-state Generalized --hyper-v-generation V2 --architecture Arm64 --features SecurityType=TrustedLaunchSupported --plan-name cis-l1 --plan-product cis-ubuntu --plan-publisher cis',
    );
    const { code, message, hint } = missingDefinition(ubuntu, ref, source);
    expect([code, message]).toEqual(['CANNOT_BE_BUILT', 'The gallery gold has no image definition ubuntu-22.']);
    expect(hint).toContain(
      'Correct `imageDefinition` in images/ubuntu-22.yaml, or have an Azure administrator run `az sig',
    );
  });

  it('is not made with Trusted Launch for a source of the first generation', () => {
    expect(definitionCommand(ubuntu, ref, { ...source, generation: 'V1' })).toMatch(/V1 --architecture x64$/);
  });
});
