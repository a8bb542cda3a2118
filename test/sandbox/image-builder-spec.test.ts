import { type Field, problem, type Shape, type Union } from '../../sandbox/azure/image-builder/schema';
import { templateShape, updateShape } from '../../sandbox/azure/image-builder/template-schema';
import { judged, sharedFiles, sharedJson } from '../conformance/shared';
import { get, imageBuilder, put, template } from './image-builder-world';

interface AzureType {
  readonly $type: string;
  readonly name?: string;
  readonly discriminator?: string;
  readonly properties?: Record<string, { type: { $ref: string } }>;
  readonly baseProperties?: Record<string, { type: { $ref: string } }>;
  readonly elements?: Record<string, { $ref: string }>;
  readonly itemType?: { $ref: string };
  readonly additionalProperties?: object;
}

/** Paths of all fields, as Azure's types have them and as the sandbox has them. */
function azureFields(types: readonly AzureType[], ref: string, path: string): string[] {
  const type = types[Number(ref.slice(2))];
  if (type?.$type === 'ArrayType' && type.itemType) return azureFields(types, type.itemType.$ref, path);
  if (type?.$type === 'DiscriminatedObjectType') {
    const base = Object.keys(type.baseProperties ?? {});
    return Object.entries(type.elements ?? {}).flatMap(([kind, element]) => [
      ...base.map((name) => `${path}<${kind}>.${name}`),
      ...azureFields(types, element.$ref, `${path}<${kind}>`),
    ]);
  }
  return Object.entries(type?.properties ?? {}).flatMap(([name, property]) => [
    `${path}.${name}`,
    ...azureFields(types, property.type.$ref, `${path}.${name}`),
  ]);
}

function ownFields(type: Field['type'], path: string, apiVersion: string): string[] {
  if (typeof type === 'string') return [];
  if (Array.isArray(type)) return ownFields((type as readonly [Shape | Union])[0], path, apiVersion);
  const known = type as Shape | Union;
  if ('kinds' in known) {
    return Object.entries(known.kinds).flatMap(([kind, shape]) => ownFields(shape, `${path}<${kind}>`, apiVersion));
  }
  const visible = Object.entries(known.fields).filter(([, field]) => !field.since || field.since <= apiVersion);
  return visible.flatMap(([name, field]) => [
    `${path}.${name}`,
    ...ownFields(field.type, `${path}.${name}`, apiVersion),
  ]);
}

judged('the image template of the sandbox', () => {
  it.each(['2024-02-01', '2025-10-01'])('has the fields that Azure has at %s', (apiVersion) => {
    const folder = ['azure-types', 'generated', 'imagebuilder', 'microsoft.virtualmachineimages', apiVersion];
    const types = sharedJson<AzureType[]>(...folder, 'types.json');
    const root = types.findIndex((t) => t.name === 'Microsoft.VirtualMachineImages/imageTemplates' && t.properties);
    const answered =
      /^\.(systemData|properties\.(lastRunStatus|provisioningError)|tags|identity\.userAssignedIdentities)\./;
    const azure = azureFields(types, `#/${root}`, '').filter((f) => !answered.test(f));
    const own = ownFields(templateShape, '', apiVersion).filter((f) => f !== '.dependsOn');
    expect([...new Set(own)].sort()).toEqual([...new Set(azure)].sort());
  });

  // The examples of operations that goldbot uses are asked of the whole sandbox, in `test/conformance/examples.ts`.
  const specification = 'azure-specs/specification/imagebuilder/resource-manager/Microsoft.VirtualMachineImages';
  const folder = [...specification.split('/'), 'stable', '2024-02-01', 'examples'];
  const updates = sharedFiles(...folder).filter((file) => file.startsWith('UpdateImageTemplate'));
  const subnet =
    '/subscriptions/{subscription-id}/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/v/subnets/s';
  it.each(updates.length > 0 ? updates : ['none'])('takes the body of Azure’s own example %s', (file) => {
    const { parameters } = sharedJson<{ parameters: { parameters: object } }>(...folder, file);
    const text = JSON.stringify(parameters.parameters).replaceAll('{updated_aci_subnet}', subnet);
    const body = JSON.parse(text.replaceAll('{subscription-id}', '00000000-0000-0000-0000-000000000000'));
    expect(problem(body, updateShape, 'ImageTemplate', '2024-02-01')).toBeUndefined();
  });
});

it('an api-version before 2024-02-01 does not see the fields that came with it', async () => {
  const azure = imageBuilder();
  const { status } = await put(azure, 'old', template(), 'api-version=2023-07-01');
  azure.world.clock.advance(5);
  const { properties } = (await get(azure, 'old')).body;

  expect(status).toBe(201);
  expect(properties).toMatchObject({ provisioningState: 'Succeeded' });
  expect(properties).not.toHaveProperty('autoRun');
  expect(properties).not.toHaveProperty('lastRunStatus');
});
