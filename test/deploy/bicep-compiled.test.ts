import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { BicepCompiler, bicepCompiler } from '../../tools/bicep/compiler';
import { snapshotsPage } from '../../tools/bicep/list';
import {
  committed,
  complaints,
  deployFolder,
  digestFile,
  type Layer,
  layers,
  parameterSets,
  sample,
  snapshotsPageFile,
  sourcesDigest,
  takeSnapshot,
} from '../../tools/bicep/project';
import { isFull } from '../support/size';
import { judgedByBicep } from './bicep-compiler';

/** What would be told of a template, by the code of what tells it. */
const mistakes = [
  ['no-unused-params', "param unused string = 'a'"],
  ['outputs-should-not-contain-secrets', '@secure()\nparam word string\noutput told string = word'],
  ['no-hardcoded-location', gallery("location: 'westeurope'")],
  ['BCP037', gallery('location: resourceGroup().location\nlocatoin: 1')],
  ['BCP081', "resource a 'Microsoft.Compute/galeries@2024-03-03' = {name: 'a'}"],
] as const;

function gallery(properties: string): string {
  return `resource a 'Microsoft.Compute/galleries@2024-03-03' = {\nname: 'a'\n${properties}\n}`;
}

const id = (type: string, name: string) =>
  `/subscriptions/${sample.subscriptionId}/resourceGroups/rg/providers/${type}/${name}`;

/** Parameters that do not fit together, and what is said before anything is made. */
const misfits: readonly (readonly [Layer, readonly string[], string])[] = [
  [
    'app',
    ["image = 'crcontoso.azurecr.io/goldbot:latest'"],
    'names no digest (…@sha256:…): a tag may be another image',
  ],
  ['app', ['replicas = { least: 3, most: 2 }'], 'there cannot be at least 3 and at most 2'],
  ['app', ['zoneRedundant = true'], 'only an environment in a network has zones'],
  ['app', ["publicHostName = 'https://goldbot.contoso.example'"], 'is more than a name; leave https:// and paths out'],
  ['app', ["tenants = ['contoso.onmicrosoft.com']"], 'tenants: they are ids, which are GUIDs'],
  ['app', ["databaseId = 'psql'"], 'databaseId: “psql” is not the id of a PostgreSQL flexible server'],
  ['app', ["registryId = 'cr'"], 'registryId: “cr” is not the id of a registry'],
  ['app', ["insightsId = 'appi'"], 'insightsId: “appi” is not the id of Application Insights'],
  ['app', ["identityId = 'id-goldbot'"], 'identityId: “id-goldbot” is not the id of a user-assigned identity'],
  [
    'app',
    ["webhooks = [{ variable: 'TICKETS', from: 'https://v.vault.azure.net/secrets/tickets' }]"],
    'webhooks: variables are called GOLDBOT_WEBHOOK_…, as in programs.yaml',
  ],
  [
    'app',
    ["webhooks = [{ variable: 'GOLDBOT_WEBHOOK_T', from: 'whsec_AAAA' }]"],
    'webhooks: say the address of a secret in Key Vault (https://…/secrets/…), never the secret itself',
  ],
  ['app', ["proxy = 'http://goldbot:word@proxy:3128'"], 'proxy: a password in it could be read by everybody'],
  [
    'app',
    ["certificateAuthority = 'authority.pem'"],
    'certificateAuthority: no certificate in PEM is in it; say the file',
  ],
  [
    'app',
    ["certificateAuthority = '-----BEGIN CERTIFICATE----- -----BEGIN PRIVATE KEY-----'"],
    'certificateAuthority: a private key is in it; certificates alone belong there',
  ],
  [
    'platform',
    ["webhooksSignedWith = ['https://v.vault.azure.net/secrets/tickets']"],
    'webhooksSignedWith: say ids of secrets (/subscriptions/…/providers/Microsoft.KeyVault/vaults/…/secrets/…)',
  ],
  [
    'platform',
    [
      'manageRoles = false',
      "webhooksSignedWith = ['/subscriptions/s/resourceGroups/g/providers/Microsoft.KeyVault/vaults/v/secrets/t']",
    ],
    'webhooksSignedWith: without manageRoles no role is assigned here',
  ],
  ['platform', ['zoneRedundant = true'], 'a Burstable database has no standby'],
  ['platform', ['privateNetwork = true', "appNetworkPrefix = ''"], 'say appNetworkPrefix, or both existingAppSubnets'],
  ['platform', ["buildNetworkPrefix = ''"], 'the subnet of test machines must be one that is there'],
  [
    'platform',
    ["existingSubnets = { tests: '/a', builds: '/b', containers: '' }"],
    'needs both builds and containers, or neither',
  ],
  [
    'platform',
    [`existingGalleryId = '${id('Microsoft.Compute/galleries', 'gold')}'`, 'lockGallery = true'],
    'lockGallery: the gallery that existingGalleryId names is not locked from here',
  ],
  [
    'platform',
    [
      `existingGalleryId = '${id('Microsoft.Compute/galleries', 'gold')}'`,
      "imageDefinitions = [{ name: 'a', title: 'a', os: 'Linux', publisher: 'a', offer: 'a', sku: 'a', generation: 'V2', architecture: 'x64', securityType: 'None' }]",
    ],
    'imageDefinitions: nothing is changed in the gallery that existingGalleryId names',
  ],
  ['platform', ["existingGalleryId = 'gold'"], 'existingGalleryId: “gold” is not the id of a gallery'],
  ['platform', ["secondGalleryId = 'gold_dr'"], 'secondGalleryId: “gold_dr” is not the id of a gallery'],
  ['platform', ["existingRegistryId = 'cr'"], 'existingRegistryId: “cr” is not the id of a registry'],
  [
    'policy',
    ["galleries = ['gold']"],
    'galleries: “gold”: not the id of a gallery, so that no machine would be golden',
  ],
];

/** What each layer cannot do without. */
const needed: Readonly<Record<Layer, Readonly<Record<string, unknown>>>> = {
  platform: { environmentName: 'contoso', location: 'westeurope' },
  app: {
    environmentName: 'contoso',
    location: 'westeurope',
    goldbotGroupName: 'rg-goldbot',
    identityId: id('Microsoft.ManagedIdentity/userAssignedIdentities', 'id-goldbot'),
    databaseId: id('Microsoft.DBforPostgreSQL/flexibleServers', 'psql'),
    registryId: id('Microsoft.ContainerRegistry/registries', 'cr'),
    workspaceId: id('Microsoft.OperationalInsights/workspaces', 'log'),
    galleryId: id('Microsoft.Compute/galleries', 'gold'),
    image: `cr.azurecr.io/goldbot@sha256:${'0'.repeat(64)}`,
  },
  'management-group': {
    platformSubscription: sample.subscriptionId,
    principalId: '0b1ec700-601d-4b07-8000-00000000b070',
  },
  policy: {
    location: 'westeurope',
    buildGroupName: 'rg-image-builds',
    galleries: [id('Microsoft.Compute/galleries', 'gold')],
  },
};

/** What a layer would make with what it needs, but for some parameters. */
async function madeWith(compiler: BicepCompiler, layer: Layer, wrong: readonly string[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'goldbot-bicep-test-'));
  const file = join(folder, 'wrong.bicepparam');
  const template = relative(folder, join(deployFolder, layer, 'main.bicep')).replaceAll('\\', '/');
  const wrongNames = wrong.map((one) => one.split(' ')[0]);
  const right = Object.entries(needed[layer]).filter(([name]) => !wrongNames.includes(name));
  const lines = [...right.map(([name, value]) => `${name} = ${JSON.stringify(value).replaceAll('"', "'")}`), ...wrong];
  writeFileSync(file, [`using '${template}'`, ...lines.map((line) => `param ${line}`)].join('\n'));
  try {
    return await takeSnapshot(compiler, { layer, name: 'wrong', file, snapshot: '' });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

// The compiler takes seconds for all of them: each layer and parameter file is compiled at full size.
const sets = parameterSets().filter(({ layer, name }) => isFull || (layer === 'policy' && name === 'main'));

judgedByBicep('the templates of deploy/, compiled', (compiler) => {
  // A parameter file is compiled with its template and all modules of that.
  it.each(sets.map((set) => [`${set.layer}.${set.name}`, set] as const))(
    '%s has no error and no warning, of the compiler or of its linter, and would make what its snapshot says',
    async (_name, set) => {
      expect(await complaints(compiler(), [set.file])).toEqual([]);
      // `npm run bicep` writes it anew.
      expect(await takeSnapshot(compiler(), set)).toBe(readFileSync(set.snapshot, 'utf8'));
    },
  );

  it.each(isFull ? mistakes : mistakes.slice(0, 1))('%s would be told', async (code, text) => {
    const folder = mkdtempSync(join(tmpdir(), 'goldbot-bicep-test-'));
    const file = join(folder, 'main.bicep');
    copyFileSync(join(deployFolder, 'bicepconfig.json'), join(folder, 'bicepconfig.json'));
    writeFileSync(file, text);
    const told = await complaints(compiler(), [file]);
    rmSync(folder, { recursive: true });
    expect(told.join('\n')).toContain(` ${code}: `);
  });

  if (isFull) {
    it('a variable that azd would have set is named where it is missing', async () => {
      const bare = new BicepCompiler(bicepCompiler() ?? '');
      const files = parameterSets().flatMap(({ layer, name, file }) =>
        layer === 'app' && name === 'main' ? [file] : [],
      );
      const told = await complaints(bare, files);
      bare.close();
      for (const name of ['AZURE_ENV_NAME', 'GOLDBOT_IDENTITY_ID', 'GOLDBOT_IMAGE']) {
        expect(told.join('\n')).toContain(`Environment variable "${name}" does not exist`);
      }
    });
  }

  it.each(isFull ? layers : layers.slice(2, 3))('%s needs no other parameter', async (layer) => {
    expect(await madeWith(compiler(), layer, [])).toContain('predictedResources');
  });

  it.each(isFull ? misfits : misfits.slice(-1))(
    '%s with %j is refused before anything is made: %s',
    async (layer, wrong, said) => {
      await expect(madeWith(compiler(), layer, wrong)).rejects.toThrow(said);
    },
  );
});

it.each(layers)('every sentence of %s about parameters that do not fit has a row above', (layer) => {
  const text = readFileSync(join(deployFolder, layer, 'main.bicep'), 'utf8');
  const told = text.split('\n').flatMap((line) => {
    const [sentence = ''] = /(?<=')[a-zA-Z]+: (?:[^'\\]|\\')*(?=')/.exec(line) ?? [];
    const words = sentence.split(/\$\{[^}]*\}|“|”|\\'/).filter((one) => one.length > 8);
    return /^\s*(?:\?|:|.*[?:] ')/.test(line) && words.length > 0 ? [words] : [];
  });
  const rows = misfits
    .filter(([of]) => of === layer)
    .map(([, , said]) => said.split(/[“”]/).filter((one) => one.length > 8));
  const unseen = told.filter(
    (words) => !rows.some((row) => row.some((part) => words.some((one) => one.includes(part) || part.includes(one)))),
  );
  expect(unseen).toEqual([]);
  expect(told.length).toBe({ platform: 11, app: 14, policy: 1, 'management-group': 0 }[layer]);
});

it('the snapshots are of these sources, and the page of these snapshots (else: npm run bicep)', () => {
  expect(readFileSync(digestFile, 'utf8').trim()).toBe(sourcesDigest());
  const all = parameterSets().map((set) => [set, committed(set)] as const);
  expect(readFileSync(snapshotsPageFile, 'utf8')).toBe(snapshotsPage(all));
});
