import type { Guest, GuestService } from '../model';
import { keys } from './base';
import { GuestRegistry } from './registry';

/** Why a machine has to be restarted; the keys are where everybody looks. */
export function needsRestart(guest: Guest): boolean {
  const registry = new GuestRegistry(guest);
  const renames = registry.value(keys.session, 'PendingFileRenameOperations');
  return (
    registry.find(keys.rebootPending) !== undefined ||
    registry.find(keys.rebootRequired) !== undefined ||
    renames !== undefined
  );
}

/** Something is true only after the next restart. */
export function markPending(guest: Guest, pending: NonNullable<Guest['pending']>, by: 'components' | 'updates'): void {
  const before = guest.pending ?? {};
  guest.pending = { ...before, ...pending, features: { ...before.features, ...pending.features } };
  new GuestRegistry(guest).create(by === 'updates' ? keys.rebootRequired : keys.rebootPending);
}

/** What a restart does: what was pending becomes true, and services are as they start. */
export function restart(guest: Guest): void {
  const registry = new GuestRegistry(guest);
  const { features = {}, kernel, hostname } = guest.pending ?? {};
  guest.features = { ...guest.features, ...features };
  if (kernel) setKernel(guest, kernel);
  if (hostname) setHostname(guest, hostname);
  delete guest.pending;
  for (const key of [keys.rebootPending, keys.rebootRequired])
    if (registry.find(key) !== undefined) registry.remove(key);
  registry.unset(keys.session, 'PendingFileRenameOperations');
  for (const [name, service] of Object.entries(guest.services))
    guest.services[name] = { ...service, active: startsBy(name, service) };
}

/** A manual service that something else starts; it does so again. */
const triggered = ['TermService', 'UmRdpService', 'W32Time', 'WinHttpAutoProxySvc'];

function startsBy(name: string, service: GuestService): boolean {
  return service.enabled || (service.manual === true && triggered.includes(name));
}

function setKernel(guest: Guest, kernel: string): void {
  guest.os.kernel = kernel;
  guest.packages['Windows Server'] = kernel;
  new GuestRegistry(guest).set(keys.version, 'UBR', { kind: 'DWord', data: Number(kernel.split('.')[3]) });
}

export function setHostname(guest: Guest, hostname: string): void {
  const registry = new GuestRegistry(guest);
  guest.hostname = hostname;
  for (const key of [keys.computerName, keys.activeName])
    registry.set(key, 'ComputerName', { kind: 'String', data: hostname.toUpperCase() });
}

/** The first start of a machine that was made of a generalized image: a name of its own, and nothing is pending. */
export function firstBoot(guest: Guest, hostname: string): void {
  restart(guest);
  setHostname(guest, hostname.slice(0, 15));
  for (const path of Object.keys(guest.files)) if (/^C:\\Windows\\Temp\\./i.test(path)) delete guest.files[path];
  new GuestRegistry(guest).set(keys.setup, 'ImageState', { kind: 'String', data: 'IMAGE_STATE_COMPLETE' });
}

/** Azure gives the built-in administrator of a Windows machine the name that was asked for. */
export function nameAdministrator(guest: Guest, name: string): void {
  const builtIn = Object.keys(guest.users).find((user) => guest.registry && guest.users[user]?.uid === 500);
  const user = builtIn === undefined ? undefined : guest.users[builtIn];
  if (builtIn === undefined || !user) return;
  delete guest.users[builtIn];
  guest.users[name] = { ...user, enabled: true, home: `C:\\Users\\${name}` };
}

/** What Sysprep leaves: an image without a name. */
export function generalize(guest: Guest): void {
  const registry = new GuestRegistry(guest);
  delete guest.hostname;
  registry.set(keys.setup, 'ImageState', { kind: 'String', data: 'IMAGE_STATE_GENERALIZE_RESEAL_TO_OOBE' });
}
