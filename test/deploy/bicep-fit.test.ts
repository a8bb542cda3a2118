import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { productionSettings, settingsHelp } from '../../app/settings';
import {
  buildExclusions,
  restrictionAssignment,
  restrictionDefinition,
  restrictionDefinitionId,
  restrictionName,
} from '../../core/compliance';
import { isUserError } from '../../core/errors';
import {
  azdLayers,
  committed,
  goldenImagesFile,
  goldenImagesText,
  type PredictedResource,
  parameterSets,
  sample,
} from '../../tools/bicep/project';
import { exampleCatalogue } from '../support/catalogue';
import { filled } from './bicep-fill';

/** The templates and the product agree on what both name. */
const resourcesOf = (name: string): readonly PredictedResource[] => {
  const set = parameterSets().find(({ snapshot }) => snapshot.endsWith(`/${name}.json`));
  if (!set) throw new Error(`no set ${name}`);
  return committed(set).predictedResources;
};
const ofType = (name: string, type: string) => resourcesOf(name).filter((resource) => resource.type === type);
const idsOf = (name: string) => resourcesOf(name).map(({ id }) => id);

const connectionString =
  'InstrumentationKey=00000000-0000-4000-8000-000000000001;IngestionEndpoint=https://westeurope.example.com/';

/** Azure's answers: a GUID of its own for whatever ends in Id, a name under example.com for the rest. */
function answer(id: string, path: string): string {
  if (path === 'ConnectionString') return connectionString;
  const hash = createHash('sha256').update(`${id} ${path}`).digest('hex');
  if (!path.endsWith('Id')) return `${hash.slice(0, 12)}.example.com`;
  return `${hash.slice(0, 8)}-0000-4000-8000-${hash.slice(8, 20)}`;
}

interface App {
  readonly configuration: {
    readonly secrets: readonly {
      readonly name: string;
      readonly value?: string;
      readonly keyVaultUrl?: string;
      readonly identity?: string;
    }[];
  };
  readonly template: {
    readonly containers: readonly [
      {
        readonly env: readonly { readonly name: string; readonly value?: string; readonly secretRef?: string }[];
        readonly volumeMounts: readonly { readonly volumeName: string; readonly mountPath: string }[];
      },
    ];
    readonly volumes: readonly {
      readonly name: string;
      readonly secrets: readonly { readonly secretRef: string; readonly path: string }[];
    }[];
  };
}

/** Files that goldbot finds in its container, by path: secrets of the app, mounted. */
function filesIn({ configuration: { secrets }, template: { containers, volumes } }: App): ReadonlyMap<string, string> {
  const values = new Map(secrets.map(({ name, value }) => [name, value]));
  const mounted = containers[0].volumeMounts.flatMap(({ volumeName, mountPath }) => {
    const volume = volumes.find(({ name }) => name === volumeName);
    return (volume?.secrets ?? []).map(
      ({ secretRef, path }) => [`${mountPath}/${path}`, values.get(secretRef) ?? ''] as const,
    );
  });
  return new Map(mounted);
}

describe('the settings of goldbot in Container Apps', () => {
  const folder = mkdtempSync(join(tmpdir(), 'goldbot-fit-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const needed = (() => {
    try {
      productionSettings({});
      return [];
    } catch (error) {
      if (!isUserError(error)) throw error;
      return [...error.message.matchAll(/^ {2}(\w+) is missing/gm)].map(([, name]) => name);
    }
  })();

  it('hand on what signs webhooks by its address in Key Vault alone, read by goldbot’s identity', () => {
    const [app] = ofType('app.private', 'Microsoft.App/containerApps').map((one) => one['properties'] as App);
    const [{ env }] = app?.template.containers ?? [{ env: [] }];
    const referring = env.filter(({ secretRef }) => secretRef !== undefined);
    expect(referring.map(({ name }) => name)).toEqual(['GOLDBOT_WEBHOOK_TICKETS']);
    const found = app?.configuration.secrets.find(({ name }) => name === referring[0]?.secretRef);
    expect(found).toEqual({
      name: expect.stringMatching(/^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/),
      keyVaultUrl: expect.stringContaining('/secrets/webhook-tickets'),
      identity: expect.stringContaining('/userAssignedIdentities/id-goldbot-contoso'),
    });
  });

  it.each(['app.main', 'app.private', 'app.bring-your-own'])('are those of app/settings.ts in %s', (name) => {
    const [app] = ofType(name, 'Microsoft.App/containerApps').map((one) => one['properties'] as App);
    if (!app) throw new Error('no app');
    const environment: Record<string, string> = Object.fromEntries(
      app.template.containers[0].env.flatMap(({ name, value }) =>
        value === undefined ? [] : [[name, filled(value, answer)]],
      ),
    );
    const files = filesIn(app);
    const { NODE_EXTRA_CA_CERTS: authority } = environment;
    expect([...files.keys()]).toEqual(authority === undefined ? [] : [authority]);
    if (authority !== undefined) {
      // goldbot reads it at its start, and does not start where it holds no certificate.
      environment['NODE_EXTRA_CA_CERTS'] = join(folder, 'authority.pem');
      writeFileSync(environment['NODE_EXTRA_CA_CERTS'], files.get(authority) ?? '');
    }
    expect(Object.keys(environment).filter((setting) => !(setting in settingsHelp))).toEqual([]);
    expect(needed.length).toBeGreaterThan(3);
    expect(Object.keys(environment)).toEqual(expect.arrayContaining(needed));
    const settings = productionSettings(environment);
    expect(settings).toMatchObject({
      MicrosoftAppType: 'UserAssignedMSI',
      PORT: 3978,
      GOLDBOT_CATALOG: '/app/catalog',
    });
    expect(settings.MicrosoftAppPassword).toBeUndefined();
    expect(settings).toMatchObject({ GOLDBOT_CLOUD: 'Public' });
    expect(settings.HTTPS_PROXY).toBe(name === 'app.private' ? 'http://proxy.contoso.example:3128' : undefined);
    expect(settings.NODE_EXTRA_CA_CERTS !== undefined).toBe(name === 'app.private');
    // Nothing is told where nobody has said where to.
    const told = name === 'app.bring-your-own' ? undefined : connectionString;
    expect(settings.APPLICATIONINSIGHTS_CONNECTION_STRING).toBe(told);
    const url = new URL(settings.DATABASE_URL);
    expect(url).toMatchObject({ username: 'id-goldbot-contoso', password: '', search: '?sslmode=verify-full' });
  });
});

describe('the example catalogue', () => {
  const { azure, images } = exampleCatalogue();

  it('names what the platform makes', () => {
    const { gallery, buildResourceGroup, identity, test } = azure;
    const group = (name: string) => `/subscriptions/${sample.subscriptionId}/resourceGroups/${name}`;
    const made = idsOf('platform.main');
    expect(made).toContain(group(buildResourceGroup));
    expect(made).toContain(identity);
    expect(made).toContain(`${group(gallery.resourceGroup)}/providers/Microsoft.Compute/galleries/${gallery.name}`);
    expect(test.subnetId).toBe(committedOutput('GOLDBOT_TEST_SUBNET_ID'));
    const definitions = ofType('platform.main', 'Microsoft.Compute/galleries/images').map((one) => ({
      name: one.name.split('/')[1],
      os: (one['properties'] as { osType: string }).osType,
    }));
    expect(definitions).toEqual(images.map(({ imageDefinition, os }) => ({ name: imageDefinition, os })));
  });
});

const [platform] = parameterSets()
  .filter(({ layer, name }) => layer === 'platform' && name === 'main')
  .map(committed);

function committedOutput(name: string): unknown {
  return platform?.outputs?.[name];
}

describe('the policy of golden images', () => {
  it('is kept as goldbot writes it (else: npm run bicep)', () => {
    expect(readFileSync(goldenImagesFile, 'utf8')).toBe(goldenImagesText());
  });

  it('is defined and assigned exactly as `restrict … deny` does', () => {
    const { azure, images } = exampleCatalogue();
    const scope = `/subscriptions/${sample.subscriptionId}`;
    const made = resourcesOf('policy.strict').filter(
      ({ name, id }) => name === restrictionName && id.startsWith(`${scope}/`),
    );
    const [definition, assignment] = made;
    expect(definition?.id).toBe(restrictionDefinitionId(scope));
    expect(definition?.['properties']).toEqual(restrictionDefinition());
    const galleries = [String(committedOutput('GOLDBOT_GALLERY_ID'))];
    const stagingResourceGroup = `${scope}/resourceGroups/rg-image-staging-ubuntu-22`;
    const builds = { azure, images: images.map((image) => ({ ...image, build: { stagingResourceGroup } })) };
    const target = { scope, name: restrictionName, ...buildExclusions(scope, builds) };
    expect(assignment?.['properties']).toEqual(restrictionAssignment(target, { effect: 'deny', galleries }));
  });

  it('leaves builds alone in the subscription that builds, and has no exception elsewhere', () => {
    const assignments = ofType('policy.strict', 'Microsoft.Authorization/policyAssignments');
    const scopes = assignments.map(({ id, properties }) => [
      id.split('/')[2],
      (properties as { notScopes: readonly string[] }).notScopes.length,
    ]);
    expect(new Set(scopes.map(String))).toEqual(
      new Set([`${sample.subscriptionId},2`, '5b1f0c2e-3a41-4f7e-9c55-0d2a7e6b1002,0']),
    );
  });
});

describe('azure.yaml', () => {
  const root = join(__dirname, '../..');
  const project = parse(readFileSync(join(root, 'azure.yaml'), 'utf8')) as {
    readonly name: string;
    readonly infra: { readonly provider: string; readonly layers: readonly { name: string; path: string }[] };
  };

  it('deploys the layers in order, each with the parameter file that azd takes', () => {
    expect(project).toMatchObject({ name: 'goldbot', infra: { provider: 'bicep' } });
    expect(project.infra.layers.map(({ name, path }) => `${name} ${path}`)).toEqual(
      azdLayers.map((layer) => `${layer} ./deploy/${layer}`),
    );
    const azds = parameterSets().filter(({ name }) => name === 'main');
    expect(azds.map(({ layer }) => layer)).toEqual([...azdLayers, 'management-group']);
  });

  it('gives each layer what it reads: of azd, of a person whom the guide tells, or of the platform', () => {
    const guide = readFileSync(join(root, 'deploy/README.md'), 'utf8');
    const outputs = Object.keys(platform?.outputs ?? {});
    const ofAzd = ['AZURE_ENV_NAME', 'AZURE_LOCATION', 'AZURE_SUBSCRIPTION_ID'];
    for (const { file, name, layer } of parameterSets()) {
      const read = [...readFileSync(file, 'utf8').matchAll(/readEnvironmentVariable\(\s*'(\w+)'/g)].map(
        ([, one = '']) => one,
      );
      if (name !== 'main') expect(read).toEqual([]);
      const before = layer === 'platform' ? [] : outputs;
      const told = (one: string) =>
        guide.includes(`azd env set ${one}`) || readFileSync(file, 'utf8').includes(`azd env set ${one}`);
      expect(read.filter((one) => ![...ofAzd, ...before].includes(one) && !told(one))).toEqual([]);
    }
  });
});

it('private zones have the names that the services are found by', () => {
  const zones = ofType('platform.private', 'Microsoft.Network/privateDnsZones').map(({ name }) => filled(name, answer));
  expect(zones).toEqual([
    'privatelink.postgres.database.azure.com',
    'privatelink.vaultcore.azure.net',
    'privatelink.azurecr.io',
    ...['privatelink.blob.core.windows.net', 'privatelink.blob.core.windows.net'],
  ]);
});
