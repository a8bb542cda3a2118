import { bareTemplate, bareValues, imageOf } from '../support/templates';

/** A deployment around the properties of an image template. */
function deployment(properties: object, around: object = {}): string {
  const resource = {
    type: 'Microsoft.VirtualMachineImages/imageTemplates',
    apiVersion: '2024-02-01',
    name: 'x',
    properties,
  };
  return JSON.stringify({ $schema: 'x', parameters: {}, variables: {}, resources: [resource], ...around }, null, 1);
}

const source = {
  type: 'PlatformImage',
  publisher: 'Canonical',
  offer: '0001-com-ubuntu-server-jammy',
  sku: '22_04-lts-gen2',
  version: 'latest',
};

/** The one line of the script of an image made from a deployment with this expression as the line. */
function evaluated(expression: string, around: object = {}, values: Record<string, unknown> = {}): unknown {
  const customize = [{ type: 'Shell', name: 'x', inline: [expression] }];
  const image = imageOf(deployment({ source, customize }, around), values);
  if (typeof image === 'string') return image.replace(/^images\/legacy.json:\d+: /, '');
  const [step] = image.customize;
  return step?.type === 'Shell' ? step.inline?.[0] : undefined;
}

describe('an image from an existing template', () => {
  it('has its source, steps, machine and time; the file of the image has the rest', () => {
    const image = imageOf(bareTemplate, bareValues);
    expect(image).toMatchObject({
      name: 'ubuntu-22',
      source: { publisher: 'Canonical', offer: '0001-com-ubuntu-server-jammy', sku: '22_04-lts-gen2' },
      customize: [
        { type: 'Shell', name: 'Shell 1', scriptUri: 'https://example.org/a.sh' },
        { type: 'Shell', name: 'upgrade', inline: ['sudo apt-get install -y unattended-upgrades'] },
      ],
      validate: [],
      buildTimeoutMinutes: 120,
      build: { vmSize: 'Standard_D2s_v3', osDiskSizeGiB: 30 },
    });
  });

  const image = '/subscriptions/s/resourceGroups/g/providers/Microsoft.Compute';
  it.each([
    [
      'a version of a gallery',
      { type: 'SharedImageVersion', imageVersionId: `${image}/galleries/<gallery>/images/base/versions/1.4.0` },
      { version: '1.4.0' },
    ],
    [
      'the latest of a gallery',
      { type: 'SharedImageVersion', imageVersionId: `${image}/galleries/<gallery>/images/base/versions/Latest` },
      {},
    ],
  ])('is built from %s, with the placeholders of the id filled', (_, from, more) => {
    expect(imageOf(deployment({ source: from }), { gallery: 'gold' })).toMatchObject({
      source: {
        kind: 'imageVersion',
        image: { subscription: 's', resourceGroup: 'g', gallery: 'gold', definition: 'base' },
        ...more,
      },
      template: { changes: expect.arrayContaining(['source: fixed to an exact version by each plan']) },
    });
  });

  it('is built from a managed image', () => {
    expect(imageOf(deployment({ source: { type: 'ManagedImage', imageId: `${image}/images/base` } }))).toMatchObject({
      source: { kind: 'managedImage', id: `${image}/images/base` },
    });
  });

  it.each([
    ['SharedImageVersion', 'imageVersionId', `${image}/galleries/gold/images/base/versions/newest`],
    ['SharedImageVersion', 'imageVersionId', `${image}/galleries/../images/base/versions/1.0.0`],
    ['ManagedImage', 'imageId', `${image}/galleries/gold`],
    ['ManagedImage', 'imageId', `${image}/images/base?api-version=1`],
  ])('is refused by name and line for a %s that Azure would not find: %s %s', (type, key, id) => {
    expect(imageOf(deployment({ source: { type, [key]: id } }))).toMatch(
      new RegExp(`^images/legacy.json:\\d+: .*properties.source.${key}: must be the id of a`),
    );
  });

  it('says what is changed, and what is not pinned', () => {
    const image = imageOf(bareTemplate, bareValues);
    expect(typeof image === 'string' ? image : image.template).toMatchObject({
      file: 'images/legacy.json',
      changes: [
        'distribute: 1 target (SharedImage) replaced by the gallery of the catalogue; its artifact tags are left out: team',
        'identity: replaced by that of the catalogue',
        'api-version: replaced by that of goldbot',
        'source: fixed to an exact version by each plan',
        '1 step without a name: called by kind and place',
        'added: the tattoo, as the last step',
        'not pinned by a checksum: Shell',
      ],
    });
  });

  it('has another hash when a value is another, and the same when it is written otherwise', () => {
    const hash = (text: string, values: object) => {
      const image = imageOf(text, { ...values });
      return typeof image === 'string' ? image : image.template?.hash;
    };
    const before = hash(bareTemplate, bareValues);
    expect(before).toMatch(/^[0-9a-f]{64}$/);
    expect(hash(bareTemplate.replace('2022-02-14', '2020-02-14').replaceAll('\n', '\n\n'), bareValues)).toBe(before);
    expect(hash(bareTemplate, { ...bareValues, script: 'b.sh' })).not.toBe(before);
  });

  it.each<[string, unknown, object?, Record<string, unknown>?]>([
    ['plain', 'plain'],
    ['[[literal]', '[literal]'],
    ["[concat('a', 1, 'it''s')]", "a1it's"],
    ["[format('{0}-{1}-{{0}}', 'a', 2)]", 'a-2-{0}'],
    ["[parameters('Name')]", 'given', { parameters: { name: { type: 'string' } } }, { name: 'given' }],
    ["[parameters('name')]", 'fallback', { parameters: { name: { type: 'string', defaultValue: 'fallback' } } }],
    ["[variables('a').B[1]]", 'y', { variables: { a: { b: ['x', "[variables('c')]"] }, c: 'y' } }],
    ['[resourceGroup().location]', 'westeurope'],
    ['[toUpper(subscription().subscriptionId)]', /^[0-9A-F-]{36}$/],
    [
      "[resourceId('rg', 'Microsoft.Compute/galleries/images', 'g', 'i')]",
      /\/resourceGroups\/rg\/providers\/Microsoft\.Compute\/galleries\/g\/images\/i$/,
    ],
    ["[if(equals(1, 1), 'yes', reference('not asked'))]", 'yes'],
    ["[reference('x').y]", 'cannot be read: `reference(…)`, in resources[0].properties.customize[0].inline[0]'],
    [
      "[variables('gone')]",
      "cannot be read: `variables('gone')`, which the file does not have, in resources[0].properties.customize[0].inline[0]",
    ],
    [
      "[variables('a')]",
      "cannot be read: `variables('a')`, which needs itself, in resources[0].properties.customize[0].inline[0]",
      { variables: { a: "[variables('b')]", b: "[variables('a')]" } },
    ],
    [
      '[ -f /x ]',
      'cannot be read: `[ -f /x ]`, which is not an expression of ARM templates, in resources[0].properties.customize[0].inline[0]',
    ],
    [
      "[parameters('p')]",
      "cannot be read: `parameters('p')`: it is secret, and a recipe is kept and shown; let the build fetch it with its identity, in resources[0].properties.customize[0].inline[0]",
      { parameters: { p: { type: 'secureString' } } },
      { p: 'x' },
    ],
  ])('reads %s', (expression, expected, ...given) => {
    const got = evaluated(expression, ...given);
    if (expected instanceof RegExp) expect(got).toMatch(expected);
    else expect(got).toBe(expected);
  });

  it.each([
    ['twenty', 20, true],
    ['twenty-one', 21, false],
  ])('may have forty tags with those of what it makes: twenty and %s', (_, others, fits) => {
    const tagsOf = (name: string, n: number) =>
      Object.fromEntries(Array.from({ length: n }, (_, i) => [`${name}${i}`, 'x']));
    const image = imageOf(
      JSON.stringify({
        ...JSON.parse(bareTemplate),
        tags: { ...tagsOf('a', others), B0: 'of the template' },
        properties: { ...JSON.parse(bareTemplate).properties, managedResourceTags: tagsOf('b', 20) },
      }),
      bareValues,
    );
    if (fits) expect(image).toMatchObject({ build: { tags: { B0: 'of the template', b19: 'x' } } });
    else {
      expect(image).toContain(
        'template: the tags of images/legacy.json and of this file together must have at most 40 tags',
      );
    }
  });

  it('tells of each place what cannot be read there, the second time as the first', () => {
    const customize = ['one', 'two'].map((name) => ({ type: 'Shell', name, inline: ["[variables('a')]"] }));
    const problems = imageOf(deployment({ source, customize }, { variables: { a: "[reference('x')]" } }));
    expect(problems).toContain('customize[0].inline[0]');
    expect(problems).toContain('customize[1].inline[0]');
    expect(problems).not.toContain('needs itself');
  });

  it('is read from what Bicep writes', () => {
    const resources = { it: JSON.parse(deployment({ source })).resources[0] };
    const image = imageOf(
      deployment({}, { languageVersion: '2.0', resources, metadata: { _generator: { name: 'bicep' } } }),
    );
    expect(image).toMatchObject({ source: { publisher: 'Canonical' } });
  });

  it.each([
    [
      'a placeholder without a value, by its line',
      bareTemplate,
      { ...bareValues, script: undefined },
      /^images\/legacy.json:17: the placeholder <script> has no value/,
    ],
    [
      'a value that nothing asks for',
      bareTemplate,
      { ...bareValues, more: 'x' },
      /^images\/ubuntu-22.yaml:2: templateValues.more: images\/legacy.json has no placeholder <more>/,
    ],
    [
      'a parameter without a value',
      deployment({ source }, { parameters: { size: { type: 'string' } } }),
      {},
      /the parameter size has no value: give it one under templateValues/,
    ],
    [
      'a value of another type',
      deployment({ source }, { parameters: { n: { type: 'int' } } }),
      { n: 'x' },
      /the parameter n must be of type int; templateValues has "x"/,
    ],
    [
      'a step that Azure does not know',
      bareTemplate.replace('"type": "Shell", "name": "upgrade"', '"type": "Bash", "name": "upgrade"'),
      bareValues,
      /^images\/legacy.json:18: properties.customize\[1\].type: Azure refuses it \(BadCustomizerType\)/,
    ],
    [
      'a step without a script',
      bareTemplate.replace('"inline": ["sudo apt-get install -y unattended-upgrades"]', '"validExitCodes": [0]'),
      bareValues,
      /customize\[1\]: Azure refuses it \(NoCustomizerScript\)/,
    ],
    [
      'a step of another system',
      bareTemplate.replace('"type": "Shell", "name": "upgrade"', '"type": "PowerShell", "name": "upgrade"'),
      bareValues,
      /^images\/legacy.json:18: “upgrade” is of type PowerShell, which does not run on Linux/,
    ],
    [
      'what no version of Image Builder had',
      bareTemplate.replace('2022-02-14', 'newest'),
      bareValues,
      /^images\/legacy.json:3: apiVersion: "newest" is not an api-version/,
    ],
    [
      'what is no JSON',
      bareTemplate.replace('"Canonical",', '"Canonical"'),
      bareValues,
      /^images\/legacy.json:1\d: is not valid JSON/,
    ],
    ['a file without a template', '{"resources": []}', {}, /^images\/legacy.json:1: resources: has no image template/],
    [
      'a source that Azure does not know',
      bareTemplate.replace('PlatformImage', 'ISO'),
      bareValues,
      /properties.source.type: Azure refuses it \(BadSourceType\)/,
    ],
    [
      'a build that ends before it begins',
      bareTemplate.replace('80', '5'),
      bareValues,
      /^images\/legacy.json:7: properties.buildTimeoutInMinutes: must be 0 or 6 to 960/,
    ],
    [
      'a setting that goldbot would have to leave out',
      bareTemplate.replace('"customize":', '"optimize": { "vmBoot": { "state": "Enabled" } },\n    "customize":'),
      bareValues,
      /^images\/legacy.json:16: properties.optimize: goldbot does not take this over; take it out, or correct its name$/,
    ],
    [
      'tags that cannot be read',
      deployment({ source }).replace('"name": "x"', '"name": "x", "tags": { "a": "[utcNow()]" }'),
      {},
      /^images\/legacy.json:\d+: cannot be read: `utcNow\(…\)`, in resources\[0\].tags.a$/,
    ],
    [
      'steps of a megabyte, at the longest of them',
      bareTemplate.replace('sudo apt-get install -y unattended-upgrades', `echo ${'x'.repeat(2 ** 20)}`),
      bareValues,
      /^images\/legacy.json:18: the steps have 1.0 MB, and Azure takes less than 1 MB; put the longest, “upgrade”, into/,
    ],
    [
      'every parameter and placeholder that is missing, at once',
      deployment({ source, vmProfile: { vmSize: '<size>' } }, { parameters: { a: {}, b: {} } }),
      {},
      /parameter a has no value.*\n.*parameter b has no value.*\n.*placeholder <size> has no value/,
    ],
  ])('refuses %s', (_, text, values, message) => {
    expect(imageOf(text, values)).toMatch(message);
  });
});
