import type { Guest, RegistryKey } from '../model';

/** Where a Windows machine of this estate carries its tattoo: one value for each line that a Linux file would have. */
export const tattooPath = 'HKLM\\SOFTWARE\\goldbot\\tattoo';

export function tattooKey(lines: string): RegistryKey {
  const values = lines.split('\n').flatMap((line) => {
    const cut = line.indexOf('=');
    return cut < 0 ? [] : [[line.slice(0, cut), { kind: 'String', data: line.slice(cut + 1) }] as const];
  });
  return Object.fromEntries(values);
}

/** The tattoo of a machine as lines, wherever its system keeps it. */
export function tattooTextOf(guest: Guest): string | undefined {
  if (!guest.registry) return guest.files['/etc/goldbot/tattoo']?.content;
  const path = Object.keys(guest.registry).find((name) => name.toLowerCase() === tattooPath.toLowerCase());
  const values = Object.entries((path && guest.registry[path]) || {});
  return path && values.map(([name, { data }]) => `${name}=${String(data)}\n`).join('');
}
