import { copyOf } from '../../kernel/copy';
import type { World } from '../../kernel/world';
import { key } from '../arm';
import { baseGuestNamed, kernelOf } from './base';
import type { Guest } from './model';
import { firstBoot } from './windows/boot';
import { withKeys } from './windows/migrate';

export type { Guest } from './model';

const maps = ['files', 'packages', 'services', 'users', 'registry', 'features', 'updates'] as const;

/** A guest as it is kept: what differs from its marketplace image, null for what is gone. Hundreds of them stay small. */
type StoredGuest = Record<string, unknown>;

interface GuestsSection {
  guests: Record<string, StoredGuest>;
}

function section(world: World): Record<string, StoredGuest> {
  return world.section<GuestsSection>('guests', () => ({ guests: {} })).guests;
}

/** The guest of a gallery version or VM, as a copy: `setGuest` keeps what was changed in it. */
export function guestOf(world: World, id: string): Guest | undefined {
  const stored = section(world)[key(id)];
  return stored ? unpack(stored) : undefined;
}

export function setGuest(world: World, id: string, guest: Guest): void {
  section(world)[key(id)] = pack(guest);
}

const made = new Map<string, StoredGuest>();

/** The same for one that every world begins with: `name` says all that it is made of. Made once a process. */
export function setKnownGuest(world: World, id: string, name: string, make: () => Guest | undefined): void {
  const guest = made.has(name) ? undefined : make();
  if (guest) made.set(name, pack(guest));
  const known = made.get(name);
  if (known) section(world)[key(id)] = copyOf(known);
}

export function removeGuest(world: World, id: string): void {
  delete section(world)[key(id)];
}

/** Ids, in lower case, of everything that has a guest. */
export function guestIds(world: World): string[] {
  return Object.keys(section(world));
}

export function cloneGuest(guest: Guest): Guest {
  return copyOf(guest);
}

/** What the first boot of a VM does to the guest it was deployed with. */
export function bootGuest(guest: Guest, hostname: string): Guest {
  const booted = cloneGuest(guest);
  if (guest.registry) {
    firstBoot(booted, hostname);
    return booted;
  }
  const file = { mode: '0644', owner: 'root:root' };
  for (const path of Object.keys(booted.files)) if (/^\/(tmp|proc|run)\/./.test(path)) delete booted.files[path];
  booted.files['/etc/hostname'] = { ...file, content: `${hostname}\n` };
  booted.files['/etc/machine-id'] = { ...file, mode: '0444', content: `${machineId(hostname)}\n` };
  booted.files['/etc/ssh/ssh_host_ed25519_key'] ??= { ...file, mode: '0600', content: '(private key)\n' };
  booted.files['/var/lib/cloud/instance/boot-finished'] = { ...file, content: `${hostname}\n` };
  booted.os.kernel = kernelOf(booted.packages) ?? booted.os.kernel;
  for (const [name, service] of Object.entries(booted.services)) {
    const runsOnce = name === 'cloud-config' || name === 'cloud-final' || name === 'ufw';
    booted.services[name] = { ...service, active: runsOnce ? service.active : service.enabled };
  }
  return booted;
}

function machineId(hostname: string): string {
  return Buffer.from(hostname.padEnd(16, '#')).toString('hex').slice(0, 32);
}

function pack(guest: Guest): StoredGuest {
  const base = guest.base ? baseGuestNamed(guest.base) : undefined;
  const copy: StoredGuest = copyOf({ ...guest });
  if (!base) return copy;
  for (const name of maps) {
    if (guest[name]) copy[name] = difference(guest[name], base[name] ?? {});
  }
  return copy;
}

function unpack(stored: StoredGuest): Guest {
  const copy = copyOf(stored);
  const base = typeof copy['base'] === 'string' ? baseGuestNamed(copy['base']) : undefined;
  if (copy['registry']) copy['registry'] = withKeys(copy['registry'] as Record<string, unknown>);
  for (const name of base ? maps : []) {
    const changes = copy[name] as Record<string, unknown> | undefined;
    if (!changes) continue;
    const whole: Record<string, unknown> = { ...base?.[name], ...changes };
    copy[name] = Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== null));
  }
  return copy as unknown as Guest;
}

function difference(now: Record<string, unknown>, before: Record<string, unknown>): Record<string, unknown> {
  const changed = Object.entries(now).filter(([k, v]) => JSON.stringify(v) !== JSON.stringify(before[k]));
  const gone = Object.keys(before).filter((k) => !(k in now));
  return { ...Object.fromEntries(changed), ...Object.fromEntries(gone.map((k) => [k, null])) };
}
