import type { RegistryKey } from '../model';
import { tattooKey } from './tattoo';

/** Before registries had keys with values, a world kept one text by a path: a value's, or the lines of a tattoo. */
export function withKeys(stored: Readonly<Record<string, unknown>>): Record<string, RegistryKey | null> {
  const found: Record<string, RegistryKey | null> = {};
  for (const [path, kept] of Object.entries(stored)) {
    if (typeof kept !== 'string') {
      found[path] = kept as RegistryKey | null;
      continue;
    }
    if (/\\goldbot\\tattoo$/i.test(path)) {
      found[path] = tattooKey(kept);
      continue;
    }
    const cut = path.lastIndexOf('\\');
    const key = path.slice(0, cut);
    found[key] = { ...found[key], [path.slice(cut + 1)]: { kind: 'String', data: kept } };
  }
  return found;
}
