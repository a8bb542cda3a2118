import type { World } from '../../kernel/world';
import type { Guest, GuestFile, GuestService } from './model';
import { GuestRegistry, registryPath } from './windows/registry';

/** What is to be different in a guest; null removes something. */
export interface GuestChange {
  readonly files?: Readonly<Record<string, string | Partial<GuestFile> | null>>;
  readonly packages?: Readonly<Record<string, string | null>>;
  readonly services?: Readonly<Record<string, Partial<GuestService> | null>>;
  /** Windows: values by key, a number as a DWord; null takes a value or a whole key away. */
  readonly registry?: Readonly<Record<string, Readonly<Record<string, string | number | null>> | null>>;
}

interface OverridesSection {
  overrides: Record<string, GuestChange>;
}

/** Changes that every later build of an image gets, by image definition id or by the image's short name. */
export function overrides(world: World): Record<string, GuestChange> {
  return world.section<OverridesSection>('guestOverrides', () => ({ overrides: {} })).overrides;
}

/** Whether an id of a definition or a version belongs to an image given by id or by short name. */
export function isOfImage(id: string, image: string): boolean {
  const wanted = image.toLowerCase();
  const [definition = ''] = id.toLowerCase().split('/versions/');
  return wanted.includes('/') ? definition === wanted : definition.endsWith(`/images/${wanted}`);
}

/** Applies what `POST /_sandbox/guest` said about an image to the guest of a build that has just ended. */
export function breakAsTold(world: World, galleryImageId: string, guest: Guest): void {
  for (const [image, change] of Object.entries(overrides(world))) {
    if (isOfImage(galleryImageId, image)) changeGuest(guest, change);
  }
}

export function changeGuest(guest: Guest, change: GuestChange): void {
  const { files = {}, packages = {}, services = {}, registry = {} } = change;
  for (const [path, file] of Object.entries(files)) {
    if (file === null) delete guest.files[path];
    else {
      const given = typeof file === 'string' ? { content: file } : file;
      guest.files[path] = { content: '', mode: '0644', owner: 'root:root', ...guest.files[path], ...given };
    }
  }
  for (const [name, version] of Object.entries(packages)) {
    if (version === null) delete guest.packages[name];
    else guest.packages[name] = version;
  }
  for (const [name, service] of Object.entries(services)) {
    if (service === null) delete guest.services[name];
    else guest.services[name] = changedService(guest.services[name], service);
  }
  if (guest.registry) for (const [path, values] of Object.entries(registry)) changeRegistry(guest, path, values);
}

function changeRegistry(
  guest: Guest,
  path: string,
  values: Readonly<Record<string, string | number | null>> | null,
): void {
  const registry = new GuestRegistry(guest);
  const key = registryPath(path) ?? path;
  if (values === null) registry.remove(key);
  for (const [name, data] of Object.entries(values ?? {})) {
    if (data === null) registry.unset(key, name);
    else registry.set(key, name, typeof data === 'number' ? { kind: 'DWord', data } : { kind: 'String', data });
  }
}

/** A service that is set to be down stays down after a boot, unless it is set to enabled. */
function changedService(before: GuestService | undefined, change: Partial<GuestService>): GuestService {
  const enabled = change.enabled ?? (change.active === false ? false : (before?.enabled ?? true));
  return { ...before, enabled, active: change.active ?? enabled };
}
