import type { Guest, RegistryValue } from '../model';

const hives: Readonly<Record<string, string>> = {
  hkey_local_machine: 'HKLM',
  hklm: 'HKLM',
  hkey_current_user: 'HKCU',
  hkcu: 'HKCU',
  hkey_users: 'HKU',
  hku: 'HKU',
  hkey_classes_root: 'HKCR',
  hkcr: 'HKCR',
};

const longHives: Readonly<Record<string, string>> = {
  HKLM: 'HKEY_LOCAL_MACHINE',
  HKCU: 'HKEY_CURRENT_USER',
  HKU: 'HKEY_USERS',
  HKCR: 'HKEY_CLASSES_ROOT',
};

/** `HKLM\…` of any way to write it; undefined for what is no path of a registry. */
export function registryPath(path: string): string | undefined {
  const [hive = '', ...rest] = path
    .replace(/:/, '')
    .split(/[\\/]+/)
    .filter((part) => part !== '');
  const short = hives[hive.toLowerCase()];
  return short && [short, ...rest].join('\\');
}

/** `HKEY_LOCAL_MACHINE\…` */
export function longPath(path: string): string {
  const [hive = '', ...rest] = path.split('\\');
  return [longHives[hive] ?? hive, ...rest].join('\\');
}

/** Keys with values, in any case; a key exists where one lies under it. */
export class GuestRegistry {
  constructor(private readonly guest: Guest) {}

  private get keys(): Record<string, Record<string, RegistryValue>> {
    this.guest.registry ??= {};
    return this.guest.registry;
  }

  /** A key's path as it is written, or undefined. */
  find(path: string): string | undefined {
    const wanted = path.toLowerCase();
    const names = Object.keys(this.keys);
    const exact = names.find((name) => name.toLowerCase() === wanted);
    const below = exact ?? names.find((name) => name.toLowerCase().startsWith(`${wanted}\\`))?.slice(0, path.length);
    return below ?? (Object.values(hives).some((hive) => hive.toLowerCase() === wanted) ? path : undefined);
  }

  create(path: string): string {
    const found = this.find(path);
    if (found !== undefined) return found;
    const cut = path.lastIndexOf('\\');
    const parent = cut < 0 ? undefined : this.find(path.slice(0, cut));
    const name = parent === undefined ? path : `${parent}${path.slice(cut)}`;
    this.keys[name] = {};
    return name;
  }

  /** The key, its values and all that lies under it; its parent stays. */
  remove(path: string): void {
    const at = path.toLowerCase();
    for (const name of Object.keys(this.keys)) {
      const key = name.toLowerCase();
      if (key === at || key.startsWith(`${at}\\`)) delete this.keys[name];
    }
    const cut = path.lastIndexOf('\\');
    if (cut > 0) this.create(path.slice(0, cut));
  }

  children(path: string): string[] {
    const at = `${path.toLowerCase()}\\`;
    const below = Object.keys(this.keys).filter((name) => name.toLowerCase().startsWith(at));
    const names = new Map(
      below.map((name) => name.slice(at.length).split('\\')[0] ?? '').map((n) => [n.toLowerCase(), n]),
    );
    return [...names.values()].sort((a, b) => a.localeCompare(b, 'en'));
  }

  /** The values of a key in the order in which they were made; undefined where there is no key. */
  values(path: string): (readonly [name: string, value: RegistryValue])[] | undefined {
    const key = this.find(path);
    return key === undefined ? undefined : Object.entries(this.keys[key] ?? {});
  }

  value(path: string, name: string): RegistryValue | undefined {
    return this.values(path)?.find(([n]) => n.toLowerCase() === name.toLowerCase())?.[1];
  }

  set(path: string, name: string, value: RegistryValue): void {
    const key = this.create(path);
    const values = { ...this.keys[key] };
    const known = Object.keys(values).find((n) => n.toLowerCase() === name.toLowerCase()) ?? name;
    this.keys[key] = { ...values, [known]: value };
  }

  unset(path: string, name: string): void {
    const key = this.find(path);
    if (key === undefined) return;
    const kept = Object.entries(this.keys[key] ?? {}).filter(([n]) => n.toLowerCase() !== name.toLowerCase());
    this.keys[key] = Object.fromEntries(kept);
  }
}
