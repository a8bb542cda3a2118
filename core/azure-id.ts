/** Where a resource lies, in any case. */
export interface GroupRef {
  readonly subscription: string;
  readonly resourceGroup: string;
}

/** The id of something in Azure, taken apart. Kept as Azure or a person wrote it, compared in any case, as Azure does. */
export class AzureId {
  /** `Microsoft.Compute/virtualMachines`; of an extension that of the extension. As written: compare with `isA`. */
  readonly type: string;
  /** Empty of management groups and of what is on them. */
  readonly subscription: string;
  /** Empty of what is in no resource group. */
  readonly resourceGroup: string;

  /** `name` is the last one: of the machine, the assignment, the group, the subscription. */
  constructor(
    readonly text: string,
    readonly name: string,
    { type, subscription, resourceGroup }: GroupRef & { readonly type: string },
  ) {
    this.type = type;
    this.subscription = subscription;
    this.resourceGroup = resourceGroup;
  }

  /** The same for ids that Azure takes for the same: a key of maps, and what queries compare. */
  get key(): string {
    return this.text.toLowerCase();
  }

  /** What it is on: of an exemption the machine, of a machine its resource group, of a group its subscription. */
  get scope(): string {
    const at = this.key.lastIndexOf('/providers/');
    if (at >= 0) return this.text.slice(0, at);
    return this.resourceGroup === '' ? '' : subscriptionId(this.subscription);
  }

  isA(type: string): boolean {
    return this.type.toLowerCase() === type.toLowerCase();
  }

  equals(other: AzureId | string): boolean {
    return this.key === String(other).toLowerCase();
  }

  toString(): string {
    return this.text;
  }

  toJSON(): string {
    return this.text;
  }
}

/**
 * Undefined for what is no whole id. Of a `..` or a `?` in it Azure would judge one resource and change another: such a
 * text is none.
 */
export function parseAzureId(text: string): AzureId | undefined {
  const whole = text.replace(/\/$/, '');
  const [first, ...names] = whole.split('/');
  if (first !== '' || names.some((name) => name === '.' || name === '..' || !/^[^?#%\\]+$/.test(name)))
    return undefined;
  const place = placeAt(names);
  const rest = names.slice(place.length);
  const last = rest.length === 0 ? place : resourceAt(rest);
  if (!last || (rest.length === 0 && place.length === 0)) return undefined;
  return new AzureId(whole, names.at(-1) ?? '', { ...place, type: last.type });
}

/** @throws Error when the text is no id: for those that Azure or goldbot itself wrote. */
export function azureId(text: string): AzureId {
  const id = parseAzureId(text);
  if (!id) throw new Error(`${JSON.stringify(text)} is not the id of an Azure resource`);
  return id;
}

interface Start extends GroupRef {
  readonly type: string;
  /** How many parts of the id it takes. */
  readonly length: number;
}

function placeAt(names: readonly string[]): Start {
  const [subscriptions = '', subscription = '', groups = '', resourceGroup = ''] = names;
  if (!sameId(subscriptions, 'subscriptions') || subscription === '') {
    return { type: '', subscription: '', resourceGroup: '', length: 0 };
  }
  if (!sameId(groups, 'resourceGroups') || resourceGroup === '') {
    return { type: 'Microsoft.Resources/subscriptions', subscription, resourceGroup: '', length: 2 };
  }
  return { type: 'Microsoft.Resources/resourceGroups', subscription, resourceGroup, length: 4 };
}

/** `providers/Microsoft.Compute/galleries/g/images/i`, once or, of an extension, several times in a row. */
function resourceAt(names: readonly string[]): { readonly type: string } | undefined {
  const [providers = '', namespace = '', ...rest] = names;
  if (!sameId(providers, 'providers') || namespace === '') return undefined;
  const next = rest.findIndex((name, n) => n % 2 === 0 && sameId(name, 'providers'));
  const own = next < 0 ? rest : rest.slice(0, next);
  if (own.length === 0 || own.length % 2 === 1) return undefined;
  if (next >= 0) return resourceAt(rest.slice(next));
  return { type: [namespace, ...own.filter((_, n) => n % 2 === 0)].join('/') };
}

/** `resourceId(group, 'Microsoft.Compute/galleries/images', 'goldengallery', 'ubuntu-22')`: one name for each type. */
export function resourceId(group: GroupRef, type: string, ...names: readonly string[]): string {
  const [namespace, ...types] = type.split('/');
  const path = types.map((part, n) => `${part}/${names[n] ?? ''}`).join('/');
  return `${resourceGroupId(group)}/providers/${namespace}/${path}`;
}

/** Of an image definition in its gallery. */
export function definitionId(image: GroupRef & { readonly gallery: string; readonly definition: string }): string {
  return resourceId(image, 'Microsoft.Compute/galleries/images', image.gallery, image.definition);
}

export function resourceGroupId({ subscription, resourceGroup }: GroupRef): string {
  return `${subscriptionId(subscription)}/resourceGroups/${resourceGroup}`;
}

export function subscriptionId(subscription: string): string {
  return `/subscriptions/${subscription}`;
}

/** What people call it: the last name of an id. What is none is its own name. */
export function nameOfId(id: string): string {
  return id.startsWith('/') ? (id.split('/').filter(Boolean).at(-1) ?? id) : id;
}

/** Ids, and names of resources: Azure keeps their case and ignores it. */
export function sameId(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** Azure displays `West Europe` and writes `westeurope` in ids: the key of both. */
export function regionKey(name: string): string {
  return name.replace(/\s+/g, '').toLowerCase();
}
