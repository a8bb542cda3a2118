import { copyOf } from '../../kernel/copy';
import { isRelease, preinstalled, type UbuntuRelease } from './archive';
import { baseFiles } from './base-files';
import type { Guest, GuestService } from './model';
import { windowsBase } from './windows/base';

const codenames: Readonly<Record<UbuntuRelease, string>> = {
  '18.04': 'bionic',
  '20.04': 'focal',
  '22.04': 'jammy',
  '24.04': 'noble',
};

const alwaysThere: Readonly<Record<string, GuestService>> = {
  'cloud-config': { enabled: true, active: false },
  'cloud-final': { enabled: true, active: false },
  'systemd-journald': { enabled: true, active: true },
  'systemd-networkd': { enabled: true, active: true },
  'systemd-resolved': { enabled: true, active: true },
  'systemd-timesyncd': { enabled: false, active: false },
};

const remembered = new Map<string, Guest>();

/** The guest of a marketplace image, by `publisher:offer:sku:version`; undefined for products the sandbox does not have. */
export function baseGuestNamed(urn: string): Guest | undefined {
  const name = urn.toLowerCase();
  const found = remembered.get(name) ?? build(name);
  if (found) remembered.set(name, found);
  return found && copyOf(found);
}

/** @see baseGuestNamed; `version` is exact, never `latest`. */
export function baseGuest(image: {
  publisher: string;
  offer: string;
  sku: string;
  version: string;
}): Guest | undefined {
  return baseGuestNamed([image.publisher, image.offer, image.sku, image.version].join(':'));
}

function build(urn: string): Guest | undefined {
  const [publisher, , sku, version = ''] = urn.split(':');
  // What the hardened image adds to Ubuntu is not modelled.
  if (publisher === 'canonical' || sku?.startsWith('cis-ubuntu')) return ubuntu(urn, version);
  return publisher === 'microsoftwindowsserver' ? windowsBase(urn, sku ?? '', version) : undefined;
}

function ubuntu(urn: string, version: string): Guest | undefined {
  const [, release = '', year, month, day] = /^(\d\d\.\d\d)\.(\d{4})(\d\d)(\d\d)\d?$/.exec(version) ?? [];
  if (!isRelease(release)) return undefined;
  const packages = preinstalled(release, Date.UTC(Number(year), Number(month) - 1, Number(day)));
  const installed = Object.fromEntries(packages.map((p) => [p.name, p.version]));
  const services = packages.flatMap((p) => p.services).map((name) => [name, { enabled: true, active: true }] as const);
  const serial = `${year}${month}${day}`;
  return {
    base: urn,
    os: { name: 'Ubuntu', version: release, kernel: kernelOf(installed) ?? '5.4.0-1109-azure' },
    files: baseFiles(release, codenames[release], serial),
    packages: installed,
    services: { ...alwaysThere, ...Object.fromEntries(services), ufw: { enabled: true, active: false } },
    users: { root: { uid: 0, shell: '/bin/bash', home: '/root' } },
  };
}

/** What `uname -r` says once a VM has booted with these packages. */
export function kernelOf(packages: Readonly<Record<string, string>>): string | undefined {
  return packages['linux-image-azure']?.replace(/\.\d+(~.*)?$/, '-azure');
}
