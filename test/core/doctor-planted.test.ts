import type { Catalogue, ImageConfig } from '../../core/catalogue';
import { type Examination, examine, type HouseRead } from '../../core/doctor';
import { createSandbox } from '../../sandbox';
import { buildResourceGroup, galleryResourceGroup, platformSubscription } from '../../sandbox/azure/names';
import { type AzureOptions, createAzure, sandboxCredential } from '../../services';
import { ask, sandboxHttpClient } from '../sandbox/client';
import { exampleCatalogue } from '../support/catalogue';
import { healthyHouse } from '../support/house';
import { worldStart } from '../support/world-start';

/** The doctor against the sandbox: what is planted there is found and named, and a healthy house has nothing. */

const example = exampleCatalogue();
const subscription = `/subscriptions/${platformSubscription}`;
const groupOf = (name: string) => `${subscription}/resourceGroups/${name}`;

const clone = (): Catalogue => ({ ...example, images: [...example.images], teams: new Map(example.teams) });
const image = (name: string, change: Partial<ImageConfig>): Catalogue => ({
  ...clone(),
  images: example.images.map((one) => (one.name === name ? { ...one, ...change } : one)),
});

interface Planted {
  readonly house?: Partial<HouseRead>;
  readonly catalogue?: Catalogue;
  readonly azure?: Partial<AzureOptions>;
  /** Requests to the sandbox: its documented control endpoints and Azure's own verbs. */
  readonly asked?: readonly (readonly [method: string, url: string, body?: object])[];
}

async function examined({ house, catalogue = example, azure, asked = [] }: Planted = {}): Promise<Examination> {
  const throttle = { throttle: false, resourceGraph: { queries: 1_000 } };
  const { sandbox, world } = createSandbox({ speed: 0, startMs: worldStart, azure: throttle });
  for (const [method, url, body] of asked) {
    const answer = await ask(sandbox, method, url, body);
    if (answer.status >= 300) throw new Error(`${method} ${url}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }
  const { read, directory } = createAzure({
    ...{ credential: sandboxCredential, httpClient: sandboxHttpClient(sandbox), sleep: async () => {} },
    ...{ subscription: example.azure.subscription, clock: world.clock, ...azure },
  });
  const asks = { azure: read, house: { ...healthyHouse, deciders: directory.deciders, ...house } };
  return examine(asks, { catalogue, busy: new Set() });
}

const conditions = (body: object) => ['POST', '/_sandbox/conditions', body] as const;
const graph = 'https://graph.microsoft.com/v1.0';

/** What is planted, and what must be told: severity, why and a command. Those of one house do not hide each other. */
type Row = readonly [what: string, severity: 'stops' | 'warns', why: string, command: string];
const houses: readonly (readonly [name: string, planted: Planted, rows: readonly Row[]])[] = [
  [
    'a subscription in which little is right',
    {
      catalogue: {
        ...image('ubuntu-22', {
          regions: [...(example.images[0]?.regions ?? []), { name: 'Atlantis', replicas: 1 }],
          approval: { ...(example.images[0] as ImageConfig).approval, quorum: 3 },
        }),
        azure: {
          ...example.azure,
          build: { ...example.azure.build, stagingResourceGroup: groupOf(galleryResourceGroup) },
          test: { ...example.azure.test, subnetId: example.azure.test.subnetId.replace(/tests$/, 'none') },
        },
        teams: new Map([
          ...example.teams,
          [
            'ghosts',
            {
              ...(example.teams.get('web') as never as object),
              scope: { tag: { name: 'team', value: 'ghosts' } },
            } as never,
          ],
        ]),
      },
      asked: [
        conditions({
          registration: [
            { subscription: platformSubscription, namespace: 'Microsoft.ContainerInstance', registered: false },
          ],
          quota: [{ location: 'westeurope', cores: 1 }],
          sizes: [{ location: 'westeurope', size: 'Standard_D2s_v5', offered: false }],
        }),
        [
          'PUT',
          `${groupOf(buildResourceGroup)}/providers/Microsoft.Authorization/locks/keep?api-version=2020-05-01`,
          { properties: { level: 'CanNotDelete' } },
        ],
        [
          'PUT',
          `${groupOf(galleryResourceGroup)}/providers/Microsoft.Authorization/locks/hold?api-version=2020-05-01`,
          { properties: { level: 'ReadOnly' } },
        ],
        [
          'DELETE',
          `${graph}/groups/b0bb1e50-0000-4000-8000-000000000012/members/a1d0c000-0000-4000-8000-000000000004/$ref`,
        ],
      ],
    },
    [
      [
        'a provider',
        'stops',
        'is not registered for Microsoft.ContainerInstance (NotRegistered)',
        'az provider register',
      ],
      ['cores', 'stops', 'The quota “cores” of westeurope leaves', 'az quota update --resource-name cores'],
      ['cores of a family', 'stops', 'The quota “standardDSv5Family” of westeurope leaves', 'value=4'],
      ['a size', 'stops', 'may not use the size Standard_D2s_v5 in westeurope', 'az vm list-skus'],
      ['a subnet', 'stops', 'has no subnet none', 'az network vnet subnet create'],
      ['a lock on deleting', 'warns', 'The lock keep on', 'az lock delete'],
      ['a lock on changing', 'stops', 'The lock hold on', 'az lock update'],
      ['a region', 'stops', 'names the region “Atlantis”', 'az account list-locations'],
      ['a staging group in use', 'stops', 'is not empty; Image Builder takes an empty one alone', 'az resource list'],
      ['a group with nobody in it', 'warns', 'Nobody is in the group web-owners', 'az ad group member add'],
      [
        'a quorum above the group',
        'warns',
        '2 people are in the group goldbot-approvers; 3 have to decide',
        'az ad group member add',
      ],
      ['a team without machines', 'warns', 'goldbot sees no machine of ghosts', 'az graph query'],
    ],
  ],
];

it('has nothing to say of a healthy house, the example in the sandbox', async () => {
  const { findings, waiting, fine } = await examined();
  expect({ findings, waiting }).toEqual({ findings: [], waiting: [] });
  expect(fine.length).toBeGreaterThan(25);
});

describe.each(houses)('%s', (_, planted, rows) => {
  let found: Examination;
  beforeAll(async () => {
    found = await examined(planted);
  });

  it.each(rows)('has %s: %s, %s', (_what, severity, why, command) => {
    const [finding, ...others] = found.findings.filter((one) => one.why.includes(why));
    expect([finding?.severity, others]).toEqual([severity, []]);
    expect(finding?.commands.join('\n')).toContain(command);
  });

  it('has nothing else', () => {
    const untold = found.findings.filter(({ why }) => !rows.some((row) => why.includes(row[2])));
    expect(untold).toEqual([]);
  });
});
