import type { Json } from '../../kernel/types';
import { PolicyRuleError, propertyOf, type Value } from './expressions';

/** What policies look at: a resource as ARM has it, or as a request would make it. */
export interface PolicyResource {
  readonly id: string;
  /** `Microsoft.Compute/virtualMachines/runCommands`. */
  readonly type: string;
  readonly body: Json;
}

const image = 'storageProfile.imageReference';
const vm = 'Microsoft.Compute/virtualMachines';
const scaleSet = 'Microsoft.Compute/virtualMachineScaleSets';

/** Which property of which type an alias means; those that Azure's own definitions and samples use. */
const aliases: Readonly<Record<string, Readonly<Record<string, string>>>> = Object.fromEntries(
  Object.entries({
    'Microsoft.Compute/imageId': ofBoth(`${image}.id`),
    'Microsoft.Compute/imagePublisher': ofBoth(`${image}.publisher`),
    'Microsoft.Compute/imageOffer': ofBoth(`${image}.offer`),
    'Microsoft.Compute/imageSku': ofBoth(`${image}.sku`),
    'Microsoft.Compute/imageVersion': ofBoth(`${image}.version`),
    ...ofType(vm, `properties.${image}`, ['id', 'publisher', 'offer', 'sku', 'version'], image),
    ...ofType(
      vm,
      'properties.storageProfile.osDisk',
      ['createOption', 'osType', 'managedDisk.id'],
      'storageProfile.osDisk',
    ),
    [`${vm}/sku.name`]: { [vm]: 'properties.hardwareProfile.vmSize' },
    ...ofType(
      scaleSet,
      `properties.virtualMachineProfile.${image}`,
      ['id', 'publisher', 'offer', 'sku', 'version'],
      `virtualMachineProfile.${image}`,
    ),
    ...Object.fromEntries(
      ['publisher', 'type', 'provisioningState'].map((name) => [
        `${vm}/extensions/${name}`,
        { [`${vm}/extensions`]: `properties.${name}` },
      ]),
    ),
    [`${scaleSet}/sku.name`]: { [scaleSet]: 'sku.name' },
  }).map(([alias, paths]) => [alias.toLowerCase(), lowerKeys(paths)]),
);

function ofBoth(path: string): Record<string, string> {
  return { [vm]: `properties.${path}`, [scaleSet]: `properties.virtualMachineProfile.${path}` };
}

function ofType(type: string, path: string, names: readonly string[], alias: string) {
  return Object.fromEntries(names.map((name) => [`${type}/${alias}.${name}`, { [type]: `${path}.${name}` }]));
}

function lowerKeys(paths: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(paths).map(([type, path]) => [type.toLowerCase(), path]));
}

const plain = ['name', 'fullname', 'type', 'location', 'kind', 'id', 'tags', 'identity.type'];
const tagPattern = /^tags(?:\.([\w-]+)|\[\s*'?([^\]']+)'?\s*\])$/i;

/** @throws PolicyRuleError for a field that policies cannot look at, or whose alias is not known here. */
export function checkField(field: string): void {
  if (plain.includes(field.toLowerCase()) || tagPattern.test(field) || aliases[field.toLowerCase()]) return;
  throw new PolicyRuleError(
    `The 'field' property '${field}' of the policy rule doesn't exist as an alias. The aliases of this sandbox are '${Object.keys(aliases).join(', ')}'.`,
  );
}

/** The property that a field means on this resource: `properties.hardwareProfile.vmSize`. */
export function pathOf(field: string, type: string): string | undefined {
  const alias = aliases[field.toLowerCase()];
  return alias ? alias[type.toLowerCase()] : field;
}

/** What a field is on this resource; undefined when the resource has no such property. */
export function fieldOf({ id, type, body }: PolicyResource, field: string): Value {
  const path = pathOf(field, type);
  if (path === undefined) return undefined;
  const tag = tagPattern.exec(path);
  if (tag) return propertyOf(propertyOf(body, 'tags'), tag[1] ?? tag[2] ?? '');
  switch (path.toLowerCase()) {
    case 'type':
      return type;
    case 'name':
      return id.split('/').at(-1) ?? '';
    case 'fullname':
      return fullName(id);
    case 'id':
      return id;
    default:
      return path.split('.').reduce<Value>((value, name) => propertyOf(value, name), body);
  }
}

/** The names of a resource and its parents: `vm/command`. */
function fullName(id: string): string {
  const rest = id.slice(id.toLowerCase().lastIndexOf('/providers/') + '/providers/'.length).split('/');
  return rest.filter((_, i) => i > 0 && i % 2 === 0).join('/');
}
