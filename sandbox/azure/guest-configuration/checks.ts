import { createHash } from 'node:crypto';
import type { World } from '../../kernel/world';
import { key } from '../arm';
import { object, type Resource } from '../compute/resource';
import { compute } from '../compute/section';
import { storied } from '../estate/fleet';
import { vmGuest } from '../estate/guests';
import { imageRef } from '../estate/images';
import { type Guest, guestIds } from '../guest/guest';
import { tattooTextOf } from '../guest/windows/tattoo';

/** The result of one setting of a configuration inside a machine. */
export interface Check {
  readonly setting: string;
  readonly reasons: readonly { readonly code: string; readonly phrase: string }[];
}

/** A configuration that machines are assigned: its package and what it looks at. */
export interface Configuration {
  readonly name: string;
  readonly version: string;
  readonly contentType: 'Builtin' | 'Custom';
  readonly checks: (world: World, guest: Guest) => readonly Check[];
}

const tattoo: Configuration = {
  name: 'GoldbotTattoo',
  version: '1.0.0.0',
  contentType: 'Custom',
  checks: (world, guest) => [{ setting: '[goldbot]TattooPresent', reasons: tattooReasons(world, guest) }],
};

const linuxBaseline: Configuration = {
  name: 'AzureLinuxBaseline',
  version: '1.1.0.0',
  contentType: 'Builtin',
  checks: (_, guest) => [
    { setting: '[LinuxBaseline]SshPermitRootLogin', reasons: sshReasons(guest, 'PermitRootLogin') },
    { setting: '[LinuxBaseline]SshPermitEmptyPasswords', reasons: sshReasons(guest, 'PermitEmptyPasswords') },
  ],
};

const windowsBaseline: Configuration = {
  name: 'AzureWindowsBaseline',
  version: '1.4.0.0',
  contentType: 'Builtin',
  checks: () => [{ setting: '[WindowsBaseline]PasswordPolicy', reasons: [] }],
};

export const configurationsFor = (osType: 'Linux' | 'Windows'): readonly Configuration[] => [
  osType === 'Linux' ? linuxBaseline : windowsBaseline,
  tattoo,
];

/** The tattoo inside must be the one in its version's tags; any version will do. */
function tattooReasons(world: World, guest: Guest): Check['reasons'] {
  const content = tattooTextOf(guest);
  if (content === undefined) return [{ code: 'TattooMissing', phrase: 'There is no tattoo inside this machine.' }];
  const line = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(content)?.[1] ?? '';
  const [image, version] = [line('image'), line('version')];
  const tags = compute(world).resources[key(`${imageRef(image)}/versions/${version}`)]?.tags;
  const written = tags?.['goldbot-tattoo-sha256'];
  if (written === undefined || written === createHash('sha256').update(content).digest('hex')) return [];
  const phrase = `The tattoo inside this machine says ${image} ${version}, but it is not the text that this version was published with.`;
  return [{ code: 'TattooChanged', phrase }];
}

/** Includes come first and the first value wins, as sshd reads them. */
function sshReasons(guest: Guest, setting: string): Check['reasons'] {
  const included = Object.keys(guest.files).filter((path) => /^\/etc\/ssh\/sshd_config\.d\/[^/]+\.conf$/.test(path));
  for (const path of [...included.sort(), '/etc/ssh/sshd_config']) {
    const value = new RegExp(`^\\s*${setting}\\s+(\\S+)`, 'im').exec(guest.files[path]?.content ?? '')?.[1];
    if (value === undefined) continue;
    if (value.toLowerCase() !== 'yes') return [];
    return [{ code: `${setting}:yes`, phrase: `${path} sets '${setting} yes'; the baseline wants 'no'.` }];
  }
  return [];
}

/** Looks into machines; unchanged ones are looked into once per image. */
export class Inspector {
  private readonly known = new Map<string, readonly Check[]>();
  private readonly own: ReadonlySet<string>;

  constructor(private readonly world: World) {
    this.own = new Set(guestIds(world));
  }

  checks(vm: Resource, configuration: Configuration): readonly Check[] {
    const reference = object(object(vm.properties['storageProfile'])['imageReference']);
    const special = this.own.has(key(vm.id)) || storied.has(vm.name);
    const name = special ? undefined : `${configuration.name} ${JSON.stringify(reference)}`;
    const found = name === undefined ? undefined : this.known.get(name);
    if (found) return found;
    const guest = vmGuest(this.world, vm);
    const checks = guest ? configuration.checks(this.world, guest) : [];
    if (name !== undefined) this.known.set(name, checks);
    return checks;
  }
}
