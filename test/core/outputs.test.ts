import type { ImageDefinition } from '../../core/azure';
import { type CatalogueFile, findImage, type ImageConfig, parseCatalogue } from '../../core/catalogue';
import { outputHome, outputName, planPublish } from '../../core/images';
import type { PlanningInput } from '../../core/images/planning';
import { planChanges, planHash } from '../../core/runs';
import { exampleCatalogue, exampleFiles } from '../support/catalogue';

/** What is made of a version beside the gallery's: what the catalogue may say, and what a plan makes of it. */
const { azure } = exampleCatalogue();
const ubuntu = findImage(exampleCatalogue(), 'ubuntu-22') as ImageConfig;
const both: ImageConfig = { ...ubuntu, outputs: ['gallery', 'managed-image', 'vhd'] };
const definition: ImageDefinition = {
  ...{ name: 'ubuntu-22', state: 'Generalized', os: 'Linux', generation: 'V2', architecture: 'x64' },
};
const group = `/subscriptions/${azure.subscription}/resourceGroups/rg-golden-images`;
const managed = {
  kind: 'managed-image' as const,
  place: `${group}/providers/Microsoft.Compute/images/ubuntu-22-1.0.0`,
};
const vhd = { kind: 'vhd' as const, place: 'https://goldenimagesb001.blob.core.windows.net/vhds/ubuntu-22-1.0.0.vhd' };

function plan(more: Partial<PlanningInput> = {}) {
  const bases = [{ version: '22.04.202611120' }];
  const now = new Date('2026-11-22T10:00:00Z');
  return planPublish({
    ...{ request: {}, image: both, azure, bases, definition, versions: [], taken: [], now },
    ...more,
  });
}

describe('a plan', () => {
  it.each([
    ['has both where the catalogue says both', {}, [managed, vhd]],
    ['has none where the command wants the gallery alone', { request: { output: 'gallery' } }, undefined],
    ['has the one that the command names', { request: { output: 'vhd' } }, [vhd]],
    ['has all where the command wants all', { request: { output: 'all' }, image: ubuntu }, [managed, vhd]],
    ['has none where nobody asks for any', { image: ubuntu }, undefined],
  ] as const)('%s', (_, more, outputs) => {
    expect(plan(more as Partial<PlanningInput>).outputs).toEqual(outputs);
  });

  it('has blobs where the cloud of its region has them', () => {
    const location = 'usgovvirginia';
    const image = { ...both, regions: ubuntu.regions.map((region) => ({ ...region, name: location })) };
    const elsewhere = { image, azure: { ...azure, location }, request: { output: 'vhd' } } as const;
    expect(plan(elsewhere).outputs).toEqual([
      { ...vhd, place: vhd.place.replace('.windows.net', '.usgovcloudapi.net') },
    ]);
  });

  it('is approved with its outputs: others are another plan, and deciders are told', () => {
    const [one, other] = [plan(), plan({ request: { output: 'vhd' } })];
    expect(planHash(one)).not.toBe(planHash(other));
    expect(planChanges(one, other)).toContain('the outputs have changed');
    const next = plan({ taken: ['1.0.0'] });
    expect(next.outputs?.map(outputName)).toEqual(['managed image ubuntu-22-1.1.0', 'VHD ubuntu-22-1.1.0.vhd']);
    expect(planChanges(one, next)).toEqual([]);
    const { outputs: _, ...none } = one;
    expect(planHash(plan({ image: ubuntu }))).toBe(planHash(none));
  });

  const places = ({ outputs: _, ...rest }: typeof azure, outputs?: (typeof azure)['outputs']) =>
    outputs ? { ...rest, outputs } : rest;
  it.each([
    ['vhd', undefined, 'azure.yaml does not say where VHDs go.', '`outputs.storageAccount` and `outputs.container`'],
    [
      'managed-image',
      { storageAccount: 'abc', container: 'vhds' },
      'azure.yaml does not say where managed images go.',
      '`outputs.resourceGroup`',
    ],
  ] as const)('with %s and no place for it is refused', (output, outputs, message, hint) => {
    const make = () => plan({ request: { output }, azure: places(azure, outputs) });
    expect(make).toThrow(
      expect.objectContaining({ code: 'BAD_COMMAND', message, hint: expect.stringContaining(hint) }),
    );
  });

  it.each<[string, Partial<ImageDefinition>, string | undefined, string]>([
    [
      'machines with Trusted Launch alone',
      { security: 'TrustedLaunch' },
      'takes protected machines alone (TrustedLaunch)',
      'vhd',
    ],
    ['machines that may have Trusted Launch', { security: 'TrustedLaunchSupported' }, undefined, 'all'],
    ['Arm64, as a managed image', { architecture: 'Arm64' }, 'Azure has no managed images for Arm64', 'managed-image'],
    ['Arm64, as a VHD', { architecture: 'Arm64' }, undefined, 'vhd'],
  ])('for %s', (_, traits, why, output) => {
    const make = () => plan({ definition: { ...definition, ...traits }, request: { output: output as 'vhd' } });
    if (why === undefined) expect(make().outputs).toBeDefined();
    else
      expect(make).toThrow(expect.objectContaining({ code: 'CANNOT_BE_BUILT', message: expect.stringContaining(why) }));
  });

  it('never names a managed image longer than Azure takes', () => {
    const named = (length: number) => ({ ...both, imageDefinition: 'd'.repeat(length) });
    expect(() => plan({ image: named(74) })).not.toThrow();
    expect(() => plan({ image: named(75) })).toThrow(/Azure takes 80 characters at most/);
  });
});

it('an output is named as people find it', () => {
  expect([managed, vhd].map((one) => `${outputName(one)} in ${outputHome(one)}`)).toEqual([
    'managed image ubuntu-22-1.0.0 in rg-golden-images',
    'VHD ubuntu-22-1.0.0.vhd in goldenimagesb001/vhds',
  ]);
});

describe('the catalogue', () => {
  const image = 'images/ubuntu-22.yaml';
  const filesWith = (outputs: string, places: string): CatalogueFile[] =>
    exampleFiles().map((file) => {
      if (file.path === image) return { ...file, text: `outputs: ${outputs}\n${file.text}` };
      return file.path === 'azure.yaml' ? { ...file, text: file.text.replace(/^outputs:\n(?: .*\n)+/m, places) } : file;
    });
  const problems = (...given: Parameters<typeof filesWith>) => {
    const parsed = parseCatalogue(filesWith(...given));
    return parsed.ok ? [] : parsed.problems.map((p) => `${p.file}:${p.line}: ${p.message}`);
  };
  const all = 'outputs: { resourceGroup: rg, storageAccount: abc, container: vhds }\n';

  it.each([
    ['[gallery, managed-image, vhd]', all, []],
    ['[vhd]', all, []],
    ['[gallery]', '', []],
    [
      '[vhd]',
      '',
      [
        `${image}:1: outputs.0: azure.yaml does not say where VHDs go: name outputs.storageAccount and outputs.container there`,
      ],
    ],
    [
      '[gallery, managed-image]',
      'outputs: { storageAccount: abc, container: vhds }\n',
      [`${image}:1: outputs.1: azure.yaml does not say where managed images go: name outputs.resourceGroup there`],
    ],
    ['[tape]', all, [`${image}:1: outputs.0: must be one of gallery, managed-image, vhd`]],
  ])('with %s and %s', (outputs, places, expected) => {
    expect(problems(outputs, places)).toEqual(expected);
  });

  it.each([
    ['{ storageAccount: abc }', 'storageAccount and container go together'],
    ['{ storageAccount: ab, container: vhds }', 'must be the name of a storage account'],
    ['{ storageAccount: abc, container: VHDs }', 'must be the name of a container'],
    ['{ storageAccount: abc, container: v--s }', 'must be the name of a container'],
  ])('takes no places such as %s', (places, message) => {
    expect(problems('[gallery]', `outputs: ${places}\n`).join()).toContain(message);
  });
});
