import type { RegistryValue } from '../model';
import { longPath } from '../windows/registry';
import type { Runtime } from './runtime';
import { Bag, itemsOf, PsObject, toNumber, toText, type Value } from './values';

const kinds: Readonly<Record<string, RegistryValue['kind']>> = {
  string: 'String',
  expandstring: 'ExpandString',
  dword: 'DWord',
  qword: 'QWord',
  multistring: 'MultiString',
  binary: 'Binary',
};

/** The kind by its name; undefined for one that there is not. */
export const registryKind = (name: string): RegistryValue['kind'] | undefined => kinds[name.toLowerCase()];

/** A value as the registry keeps it; undefined where it does not fit its kind. */
export function registryValue(value: Value, kind?: RegistryValue['kind']): RegistryValue | undefined {
  const wanted = kind ?? (typeof value === 'number' ? 'DWord' : Array.isArray(value) ? 'MultiString' : 'String');
  if (wanted === 'MultiString') return { kind: wanted, data: itemsOf(value).map(toText) };
  if (wanted === 'Binary') return { kind: wanted, data: itemsOf(value).map((v) => toNumber(v) ?? 0) };
  if (wanted === 'String' || wanted === 'ExpandString') return { kind: wanted, data: toText(value) };
  const number = toNumber(value);
  const limit = wanted === 'DWord' ? 0xff_ff_ff_ff : Number.MAX_SAFE_INTEGER;
  if (number === undefined || !Number.isInteger(number) || Math.abs(number) > limit) return undefined;
  return { kind: wanted, data: number };
}

/** What a script reads: a DWord is a signed number. */
export function readValue({ kind, data }: RegistryValue, runtime: Runtime): Value {
  if (kind === 'DWord' && typeof data === 'number' && data > 0x7f_ff_ff_ff) return data - 2 ** 32;
  if (kind === 'ExpandString') return expanded(String(data), runtime);
  return typeof data === 'string' || typeof data === 'number' ? data : [...data];
}

export function expanded(text: string, runtime: Runtime): string {
  return text.replace(/%([^%]+)%/g, (found, name: string) => {
    const value = runtime.environment.get(name);
    return value === undefined ? found : toText(value);
  });
}

/** A key as `Get-Item` and `OpenSubKey` give it. */
export function registryKey(runtime: Runtime, path: string): PsObject {
  const { registry } = runtime;
  const values = registry.values(path) ?? [];
  const long = longPath(path);
  const bag = Bag.of({
    Name: long,
    Property: values.map(([name]) => name || '(default)'),
    PSPath: `Microsoft.PowerShell.Core\\Registry::${long}`,
    PSChildName: path.split('\\').at(-1) ?? '',
    PSParentPath: `Microsoft.PowerShell.Core\\Registry::${longPath(path.slice(0, Math.max(0, path.lastIndexOf('\\'))))}`,
    PSDrive: path.split('\\')[0] ?? '',
    PSProvider: 'Microsoft.PowerShell.Core\\Registry',
    PSIsContainer: true,
    SubKeyCount: registry.children(path).length,
    ValueCount: values.length,
  });
  return new PsObject('Microsoft.Win32.RegistryKey', bag, long, {
    opensubkey: ([name = '']) => {
      const found = registry.find(`${path}\\${toText(name)}`);
      return found === undefined ? null : registryKey(runtime, found);
    },
    createsubkey: ([name = '']) => registryKey(runtime, registry.create(`${path}\\${toText(name)}`)),
    deletesubkeytree: ([name = '']) => {
      registry.remove(`${path}\\${toText(name)}`);
      return null;
    },
    getvalue: ([name = '', fallback = null]) => {
      const found = registry.value(path, toText(name));
      return found ? readValue(found, runtime) : fallback;
    },
    getvaluekind: ([name = '']) => registry.value(path, toText(name))?.kind ?? null,
    getvaluenames: () => (registry.values(path) ?? []).map(([name]) => name),
    getsubkeynames: () => registry.children(path),
    setvalue: ([name = '', value = null, kind]) => {
      const kept = registryValue(value, kind === undefined ? undefined : registryKind(toText(kind)));
      if (kept) registry.set(path, toText(name), kept);
      return null;
    },
    deletevalue: ([name = '']) => {
      registry.unset(path, toText(name));
      return null;
    },
    close: () => null,
    dispose: () => null,
    flush: () => null,
  }).showing('Name', 'Property');
}

/** `OpenBaseKey`: the 32-bit view of SOFTWARE lies elsewhere. */
export function baseKey(runtime: Runtime, hive: string, view: string): PsObject {
  const short =
    { localmachine: 'HKLM', currentuser: 'HKCU', users: 'HKU', classesroot: 'HKCR' }[hive.toLowerCase()] ?? 'HKLM';
  const key = registryKey(runtime, short);
  if (view.toLowerCase() !== 'registry32') return key;
  const open = key.methods['opensubkey'];
  return new PsObject(key.type, key.bag, key.text, {
    ...key.methods,
    opensubkey: ([name = '']) =>
      open?.([toText(name).replace(/^SOFTWARE(?=\\)(?!\\WOW6432Node)/i, 'SOFTWARE\\WOW6432Node')]) ?? null,
  });
}
