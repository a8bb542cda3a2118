import { evaluate } from '../../sandbox/azure/policy/evaluate';
import { ruleOf } from '../../sandbox/azure/policy/rule';
import type { Json } from '../../sandbox/kernel/types';
import { committed, parameterSets, sample } from '../../tools/bicep/project';

/** Policies of policy/strict.bicepparam, with the values that their assignments give, by the sandbox's own evaluation. */
const strict = parameterSets()
  .filter(({ layer, name }) => layer === 'policy' && name === 'strict')
  .flatMap((set) => committed(set).predictedResources)
  // Some ids are known only once it runs; they begin with the subscription, too.
  .filter(({ id }) => /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(id)?.[0] === sample.subscriptionId);

interface Definition {
  readonly policyRule: Json;
  readonly parameters: Readonly<Record<string, { readonly defaultValue?: Json }>>;
}
interface Assignment {
  readonly parameters: Readonly<Record<string, { readonly value: Json }>>;
}

const propertiesOf = <Properties>(type: string, name: string): Properties => {
  const found = strict.find((one) => one.type === `Microsoft.Authorization/${type}` && one.name === name);
  if (!found) throw new Error(`no ${type} ${name}`);
  return found['properties'] as Properties;
};

/** The effect of a policy on a resource; none when it is not about it. */
function effectOf(name: string, resource: { type: string; id: string; body: Json }): string | undefined {
  const { policyRule, parameters } = propertiesOf<Definition>('policyDefinitions', name);
  const given = propertiesOf<Assignment>('policyAssignments', name).parameters;
  const values = Object.entries(parameters).map(([one, { defaultValue }]) => [one, given[one]?.value ?? defaultValue]);
  const { holds, effect, failed } = evaluate(ruleOf(policyRule), resource, Object.fromEntries(values));
  expect(failed).toBeUndefined();
  return holds ? effect : undefined;
}

const galleryId = `/subscriptions/${sample.subscriptionId}/resourceGroups/rg-golden-images/providers/Microsoft.Compute/galleries/gold`;
const golden = { id: `${galleryId}/images/ubuntu-22` };
const tagged = { team: 'payments', 'service-model': 'pet' };

interface Sketch {
  readonly tags?: Json;
  readonly image?: Json;
  readonly attached?: true;
  readonly group?: string;
  readonly kind?: 'virtualMachineScaleSets' | 'disks';
}

function made({ tags = tagged, image = golden, attached, group = 'rg-payments', kind }: Sketch) {
  const type = `Microsoft.Compute/${kind ?? 'virtualMachines'}`;
  const osDisk = { createOption: attached ? 'Attach' : 'FromImage' };
  const storageProfile = attached ? { osDisk } : { osDisk, imageReference: image };
  const properties =
    kind === 'virtualMachineScaleSets' ? { virtualMachineProfile: { storageProfile } } : { storageProfile };
  const id = `/subscriptions/${sample.subscriptionId}/resourceGroups/${group}/providers/${type}/one`;
  return { type, id, body: { tags, properties } as Json };
}

const marketplace = { publisher: 'Canonical', offer: 'ubuntu', sku: '22_04', version: 'latest' };

describe.each([
  ['a golden machine with its tags', {}, []],
  ['one whose tags are spelled otherwise', { tags: { TEAM: 'Payments', 'Service-Model': 'PET' } }, []],
  [
    'a version of the gallery, spelled otherwise',
    { image: { id: `${galleryId.toUpperCase()}/images/ubuntu-22/versions/1.5.0` } },
    [],
  ],
  ['a machine from the marketplace', { image: marketplace }, ['golden-images']],
  ['a gallery that begins alike', { image: { id: `${galleryId}2/images/ubuntu-22` } }, ['golden-images']],
  [
    'an image of a community gallery',
    { image: { communityGalleryImageId: '/CommunityGalleries/x/Images/y' } },
    ['golden-images'],
  ],
  ['a restored disk', { attached: true }, []],
  ['no tags', { tags: {} }, ['team-tag', 'service-model-tag']],
  ['a team that is not in the catalogue', { tags: { ...tagged, team: 'paymnets' } }, ['team-tag']],
  ['an empty team', { tags: { ...tagged, team: '' } }, ['team-tag']],
  ['a service model of its own', { tags: { ...tagged, 'service-model': 'zebra' } }, ['service-model-tag']],
  ['a scale set, which is cattle without saying so', { kind: 'virtualMachineScaleSets', tags: { team: 'web' } }, []],
  ['a scale set from the marketplace', { kind: 'virtualMachineScaleSets', image: marketplace }, ['golden-images']],
  ['a build of Image Builder', { group: 'IT_rg-image-builds_ubuntu-22_a1', image: marketplace, tags: {} }, []],
  ['a group that is named nearly so', { group: 'IT_rg-image-build_x', image: marketplace }, ['golden-images']],
  ['something else', { kind: 'disks', tags: {} }, []],
] as const)('%s', (_what, sketch: Sketch, refusedBy: readonly string[]) => {
  it(refusedBy.length === 0 ? 'is let through' : `is refused by ${refusedBy.join(' and ')}`, () => {
    const names = ['golden-images', 'team-tag', 'service-model-tag'];
    const effects = names.map((name) => [name, effectOf(`goldbot-${name}`, made(sketch))] as const);
    expect(effects.filter(([, effect]) => effect !== undefined)).toEqual(refusedBy.map((name) => [name, 'deny']));
  });
});

it('a team of any name will do where the catalogue names none', () => {
  const { policyRule } = propertiesOf<Definition>('policyDefinitions', 'goldbot-team-tag');
  const values = { effect: 'audit', tagName: 'team', values: [], buildGroups: [] };
  expect(evaluate(ruleOf(policyRule), made({ tags: { team: 'anybody' } }), values).holds).toBe(false);
  expect(evaluate(ruleOf(policyRule), made({ tags: {} }), values).holds).toBe(true);
});

it('guest configuration is Microsoft’s own initiative, with an identity that may change machines', () => {
  const assignment = strict.find(({ name }) => name === 'goldbot-guest-config');
  expect(assignment).toMatchObject({
    identity: { type: 'SystemAssigned' },
    location: 'westeurope',
    properties: {
      policyDefinitionId:
        '/providers/Microsoft.Authorization/policySetDefinitions/12794019-7a00-42cf-95c2-882eed337cc8',
    },
  });
  const grants = strict.filter(({ type }) => type === 'Microsoft.Authorization/roleAssignments');
  expect(grants.map((one) => JSON.stringify(one['properties']))).toEqual([
    expect.stringMatching(/9980e02c-c2be-4d73-94e8-173b1dc7cf3c.*goldbot-guest-config.*identity\.principalId/),
  ]);
});
