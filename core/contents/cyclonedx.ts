import { hashOf } from '../hash';
import { type Contents, type ListName, listNames, type Package } from './contents';

/**
 * The document that is kept of a version: CycloneDX 1.6. What it has no field for (services, ports, users and the like)
 * stands in properties of the image, one for each, so that nothing else has to be kept and nothing is lost.
 */
export interface CycloneDx {
  readonly bomFormat: 'CycloneDX';
  readonly specVersion: '1.6';
  readonly serialNumber: string;
  readonly version: 1;
  readonly metadata: {
    readonly timestamp: string;
    readonly tools: { readonly components: readonly { readonly type: 'application'; readonly name: string }[] };
    readonly component: {
      readonly type: 'operating-system';
      readonly 'bom-ref': string;
      readonly name: string;
      readonly version: string;
      readonly properties: readonly Property[];
    };
  };
  /** Absent: not known. */
  readonly components?: readonly Component[];
}

interface Property {
  readonly name: string;
  readonly value: string;
}

interface Component {
  readonly type: 'application' | 'library';
  readonly 'bom-ref': string;
  readonly name: string;
  readonly version?: string;
  readonly purl: string;
  readonly properties: readonly Property[];
}

export interface Described {
  readonly image: string;
  readonly version: string;
  /** World time at which it was read. */
  readonly readAt: Date;
}

const own = (name: string): string => `goldbot:${name}`;

export function toCycloneDx(contents: Contents, { image, version, readAt }: Described): CycloneDx {
  const { os, packages } = contents;
  const properties = [
    ...Object.entries(os).map(([name, value]) => ({ name: own(`os:${name}`), value: value ?? '' })),
    ...listNames.flatMap((list) => propertiesOf(list, contents[list])),
  ];
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(hashOf({ image, version, readAt, contents }))}`,
    version: 1,
    metadata: {
      timestamp: readAt.toISOString(),
      tools: { components: [{ type: 'application', name: 'goldbot' }] },
      component: { type: 'operating-system', 'bom-ref': `${image}@${version}`, name: image, version, properties },
    },
    ...(packages && { components: packages.map((one) => componentOf(one, os)) }),
  };
}

/** The same document has the same number; version 8 is for those that are made in a way of one's own. */
function uuidOf(hash: string): string {
  const [, a, b, c, d, e] = /^(.{8})(.{4}).(.{3}).(.{3})(.{12})/.exec(hash) ?? [];
  return `${a}-${b}-8${c}-8${d}-${e}`;
}

/** That a list is known and empty is told too. */
function propertiesOf(list: ListName, values: readonly string[] | undefined): readonly Property[] {
  if (values === undefined) return [];
  return [{ name: own('known'), value: list }, ...values.map((value) => ({ name: own(list), value }))];
}

function componentOf(one: Package, os: Contents['os']): Component {
  const { type, name, version, architecture, source } = one;
  const purl = packageUrl(one, os);
  return {
    type: type === 'windows' ? 'application' : 'library',
    // Unique also where two programs differ in nothing that a purl tells.
    'bom-ref': `${purl}#${architecture}`,
    name,
    ...(version !== '' && { version }),
    purl,
    properties: [
      { name: own('type'), value: type },
      { name: own('architecture'), value: architecture },
      ...(source
        ? [
            { name: own('source'), value: source.name },
            { name: own('source:version'), value: source.version },
          ]
        : []),
    ],
  };
}

/** `pkg:deb/ubuntu/openssl@3.0.2-0ubuntu1.18?arch=amd64&distro=ubuntu-22.04`; Windows programs have no type of their own. */
export function packageUrl({ type, name, version, architecture }: Package, os: Contents['os']): string {
  const part = (text: string) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const [, epoch = '0', release = version] = type === 'rpm' ? (/^(\d+):(.*)$/.exec(version) ?? []) : [];
  const qualifiers = [
    ...(architecture === '' ? [] : [['arch', architecture]]),
    ...(type === 'windows' ? [] : [['distro', `${os.id}-${os.version}`]]),
    ...(epoch === '0' ? [] : [['epoch', epoch]]),
  ].map(([key, value = '']) => `${key}=${part(value)}`);
  const at = release === '' ? '' : `@${part(release)}`;
  const named = type === 'windows' ? `generic/${part(name)}` : `${type}/${part(os.id)}/${part(name)}`;
  return `pkg:${named}${at}${qualifiers.length > 0 ? `?${qualifiers.join('&')}` : ''}`;
}

/** What `toCycloneDx` was given. */
export function fromCycloneDx({ metadata, components }: CycloneDx): Contents {
  const { properties } = metadata.component;
  const all = (name: string) => properties.filter((p) => p.name === own(name)).map(({ value }) => value);
  const known = all('known');
  const lists = listNames.filter((list) => known.includes(list)).map((list) => ({ [list]: all(list) }));
  const contents = {
    os: osOf(properties),
    ...(components && { packages: components.map(packageOf) }),
  };
  return Object.assign(contents, ...lists) as Contents;
}

/** What the properties of a document tell of the system. */
export function osOf(properties: readonly Property[]): Contents['os'] {
  const value = (name: string) => properties.find((p) => p.name === own(`os:${name}`))?.value ?? '';
  const kernel = value('kernel');
  return { id: value('id'), name: value('name'), version: value('version'), ...(kernel !== '' && { kernel }) };
}

/** What a component was made of. */
export function packageOf({ name, version = '', properties }: Component): Package {
  const value = (key: string) => properties.find((p) => p.name === own(key))?.value ?? '';
  const source = { name: value('source'), version: value('source:version') };
  return {
    ...{ type: value('type') as Package['type'], name, version, architecture: value('architecture') },
    ...(source.name !== '' && { source }),
  };
}
