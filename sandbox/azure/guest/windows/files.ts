import type { Guest, GuestFile } from '../model';

/** Directories that every Windows has, whatever lies in them. */
const always = [
  'C:',
  'C:\\Windows',
  'C:\\Windows\\System32',
  'C:\\Windows\\Temp',
  'C:\\Windows\\Panther',
  'C:\\Program Files',
  'C:\\Program Files (x86)',
  'C:\\ProgramData',
  'C:\\Users',
  'C:\\Users\\Public',
  'C:\\WindowsAzure',
  'C:\\WindowsAzure\\Logs',
  'C:\\Packages',
];

/** An absolute path in one way to write it: backslashes, an upper-case drive, no `.` and `..`. */
export function windowsPath(path: string, cwd = 'C:\\'): string {
  const whole = /^[A-Za-z]:/.test(path) ? path : /^[\\/]/.test(path) ? `C:${path}` : `${cwd}\\${path}`;
  const parts: string[] = [];
  for (const part of whole.split(/[\\/]+/)) {
    if (part === '..' && parts.length > 1) parts.pop();
    else if (part !== '' && part !== '.' && part !== '..') parts.push(part);
  }
  const [drive = 'C:', ...rest] = parts;
  return [drive.toUpperCase(), ...rest].join('\\');
}

export const parentOf = (path: string): string => path.slice(0, Math.max(path.lastIndexOf('\\'), 2));
export const nameOf = (path: string): string => path.slice(path.lastIndexOf('\\') + 1);

/** The files of a Windows guest, in any case. Paths are absolute and normal. */
export class WindowsFiles {
  constructor(private readonly guest: Guest) {}

  private key(path: string): string | undefined {
    const wanted = path.toLowerCase();
    if (this.guest.files[path]) return path;
    return Object.keys(this.guest.files).find((p) => windowsPath(p).toLowerCase() === wanted);
  }

  kind(path: string): 'file' | 'directory' | undefined {
    const key = this.key(path);
    if (key !== undefined) return this.guest.files[key]?.kind === 'directory' ? 'directory' : 'file';
    const wanted = path.toLowerCase();
    if (always.some((p) => p.toLowerCase() === wanted)) return 'directory';
    return Object.keys(this.guest.files).some((p) => windowsPath(p).toLowerCase().startsWith(`${wanted}\\`))
      ? 'directory'
      : undefined;
  }

  entry(path: string): GuestFile | undefined {
    const key = this.key(path);
    return key === undefined ? undefined : this.guest.files[key];
  }

  read(path: string): string | undefined {
    const entry = this.entry(path);
    return entry && entry.kind !== 'directory' ? entry.content : undefined;
  }

  write(path: string, content: string): void {
    this.guest.files[this.key(path) ?? path] = { mode: '0644', owner: 'Administrators', content };
  }

  makeDirectory(path: string): void {
    if (this.kind(path)) return;
    this.guest.files[path] = { content: '', mode: '0755', owner: 'Administrators', kind: 'directory' };
  }

  remove(path: string): void {
    const wanted = path.toLowerCase();
    for (const p of Object.keys(this.guest.files)) {
      const at = windowsPath(p).toLowerCase();
      if (at === wanted || at.startsWith(`${wanted}\\`)) delete this.guest.files[p];
    }
  }

  copy(from: string, to: string): void {
    const wanted = from.toLowerCase();
    for (const [p, entry] of Object.entries(this.guest.files)) {
      const at = windowsPath(p);
      if (at.toLowerCase() === wanted || at.toLowerCase().startsWith(`${wanted}\\`)) {
        this.guest.files[to + at.slice(from.length)] = entry;
      }
    }
  }

  /** Names directly inside a directory, sorted. */
  children(path: string): string[] {
    const inside = `${path.toLowerCase()}\\`;
    const all = [...always, ...Object.keys(this.guest.files).map((p) => windowsPath(p))];
    const below = all
      .filter((p) => p.toLowerCase().startsWith(inside))
      .map((p) => p.slice(inside.length).split('\\')[0] ?? '');
    return [...new Map(below.map((name) => [name.toLowerCase(), name])).values()].sort((a, b) =>
      a.localeCompare(b, 'en'),
    );
  }
}
