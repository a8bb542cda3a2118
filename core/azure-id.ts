/** Where a resource is. Letter case does not matter. */
export interface GroupRef {
  readonly subscription: string;
  readonly resourceGroup: string;
}

/** The id of something in Azure, parsed. Kept as Azure or a person wrote it; compared ignoring case, as Azure does. */
export class AzureId {
  /** `Microsoft.Compute/virtualMachines`; the extension's own type for an extension. As written: compare with `isA`. */
  readonly type: string;
  /** Empty for management groups and what is assigned to them. */
  readonly subscription: string;
  /** Empty for what is in no resource group. */
  readonly resourceGroup: string;

  /** `name` is the last name: of the machine, the assignment, the group or the subscription. */
  constructor(
    readonly text: string,
    readonly name: string,
    { type, subscription, resourceGroup }: GroupRef & { readonly type: string },
  ) {
    this.type = type;
    this.subscription = subscription;
    this.resourceGroup = resourceGroup;
  }

  /** Equal for ids that Azure considers equal; for map keys and queries. */
  get key(): string {
    return this.text.toLowerCase();
  }

  /** What it belongs to: an exemption to its machine, a machine to its resource group, a group to its subscription. */
  get scope(): string {
    const at = this.key.lastIndexOf('/providers/');
    if (at >= 0) return this.text.slice(0, at);
    return this.resourceGroup === '' ? '' : subscriptionId(this.subscription);
  }

  /** The resource that a child resource is part of: for an instance, its scale set. Otherwise undefined. */
  get parent(): string | undefined {
    return this.type.split('/').length > 2 ? this.text.split('/').slice(0, -2).join('/') : undefined;
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
 * Undefined when the text is not a complete id. A text with `..` or `?` in it is refused: Azure would judge one
 * resource and change another.
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

/** For ids that Azure or goldbot itself wrote. @throws Error when the text is not an id. */
export function azureId(text: string): AzureId {
  const id = parseAzureId(text);
  if (!id) throw new Error(`${JSON.stringify(text)} is not the id of an Azure resource`);
  return id;
}

interface Start extends GroupRef {
  readonly type: string;
  /** How many parts of the id it takes up. */
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

/** `providers/Microsoft.Compute/galleries/g/images/i`, once, or several times in a row for an extension. */
function resourceAt(names: readonly string[]): { readonly type: string } | undefined {
  const [providers = '', namespace = '', ...rest] = names;
  if (!sameId(providers, 'providers') || namespace === '') return undefined;
  const next = rest.findIndex((name, n) => n % 2 === 0 && sameId(name, 'providers'));
  const own = next < 0 ? rest : rest.slice(0, next);
  if (own.length === 0 || own.length % 2 === 1) return undefined;
  if (next >= 0) return resourceAt(rest.slice(next));
  return { type: [namespace, ...own.filter((_, n) => n % 2 === 0)].join('/') };
}

/** `resourceId(group, 'Microsoft.Compute/galleries/images', 'goldengallery', 'ubuntu-22')`: one name per type. */
export function resourceId(group: GroupRef, type: string, ...names: readonly string[]): string {
  const [namespace, ...types] = type.split('/');
  const path = types.map((part, n) => `${part}/${names[n] ?? ''}`).join('/');
  return `${resourceGroupId(group)}/providers/${namespace}/${path}`;
}

/** The id of an image definition in its gallery. */
export function definitionId(image: GroupRef & { readonly gallery: string; readonly definition: string }): string {
  return resourceId(image, 'Microsoft.Compute/galleries/images', image.gallery, image.definition);
}

/** The id of a version of an image definition. */
export function galleryVersionId(image: Parameters<typeof definitionId>[0], version: string): string {
  return `${definitionId(image)}/versions/${version}`;
}

export function resourceGroupId({ subscription, resourceGroup }: GroupRef): string {
  return `${subscriptionId(subscription)}/resourceGroups/${resourceGroup}`;
}

export function subscriptionId(subscription: string): string {
  return `/subscriptions/${subscription}`;
}

/** What people call it: the last name of an id; the text itself when it is not an id. */
export function nameOfId(id: string): string {
  return id.startsWith('/') ? (id.split('/').filter(Boolean).at(-1) ?? id) : id;
}

/** For ids and names of resources: Azure preserves their case but ignores it. */
export function sameId(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}

/** Azure displays `West Europe` and writes `westeurope` in ids; this is the key of both. */
export function regionKey(name: string): string {
  return name.replace(/\s+/g, '').toLowerCase();
}
