import type { Guest, GuestFile } from './model';

/** The files of a guest as a tree. Paths are absolute and normal; directories exist where a file lies under them. */
export class GuestFiles {
  constructor(private readonly guest: Guest) {}

  kind(path: string): 'file' | 'directory' | undefined {
    const entry = this.guest.files[this.target(path)];
    if (entry) return entry.kind === 'directory' ? 'directory' : 'file';
    const inside = this.target(path) === '/' ? '/' : `${this.target(path)}/`;
    return Object.keys(this.guest.files).some((p) => p.startsWith(inside)) ? 'directory' : undefined;
  }

  /** The entry itself; a directory that exists only because of its files has the usual attributes. */
  entry(path: string): GuestFile | undefined {
    const found = this.guest.files[this.target(path)];
    if (found) return found;
    return this.kind(path) ? { content: '', mode: '0755', owner: 'root:root', kind: 'directory' } : undefined;
  }

  isLink(path: string): boolean {
    return this.guest.files[path]?.kind === 'link';
  }

  read(path: string): string | undefined {
    const entry = this.guest.files[this.target(path)];
    return entry && entry.kind !== 'directory' ? entry.content : undefined;
  }

  write(path: string, content: string, fresh: { mode?: string; owner?: string } = {}): void {
    const at = this.target(path);
    const before = this.guest.files[at];
    this.guest.files[at] = { mode: '0644', owner: 'root:root', ...before, ...fresh, content };
  }

  change(path: string, attributes: { mode?: string; owner?: string }): void {
    const entry = this.entry(path);
    if (entry) this.guest.files[this.target(path)] = { ...entry, ...attributes };
  }

  makeDirectory(path: string, owner: string): void {
    this.guest.files[path] = { content: '', mode: '0755', owner, kind: 'directory' };
  }

  link(path: string, target: string): void {
    this.guest.files[path] = { content: target, mode: '0777', owner: 'root:root', kind: 'link' };
  }

  /** Removes the entry and what lies under it; its directory stays. */
  remove(path: string): void {
    const parent = parentOf(path);
    for (const p of Object.keys(this.guest.files)) {
      if (p === path || p.startsWith(`${path}/`)) delete this.guest.files[p];
    }
    if (!this.kind(parent)) this.makeDirectory(parent, 'root:root');
  }

  /** Copies the entry and what lies under it. */
  copy(from: string, to: string): void {
    for (const [path, entry] of Object.entries(this.guest.files)) {
      if (path === from || path.startsWith(`${from}/`)) this.guest.files[to + path.slice(from.length)] = entry;
    }
  }

  /** Names directly inside a directory, sorted. */
  children(path: string): string[] {
    const inside = path === '/' ? '/' : `${this.target(path)}/`;
    const below = Object.keys(this.guest.files).filter((p) => p.startsWith(inside) && p !== inside);
    return [...new Set(below.map((p) => p.slice(inside.length).split('/')[0] as string))].sort();
  }

  /** Everything at and under a path, sorted. */
  under(path: string): string[] {
    const inside = path === '/' ? '/' : `${path}/`;
    const found = new Set(this.kind(path) ? [path] : []);
    for (const p of Object.keys(this.guest.files)) {
      if (!p.startsWith(inside)) continue;
      for (let at = p; at.length > path.length && at !== '/'; at = parentOf(at)) found.add(at);
    }
    return [...found].sort();
  }

  /** Absolute paths that match a pattern with `*`, `?` or `[…]`, sorted. */
  glob(pattern: string): string[] {
    const segments = pattern.split('/').slice(1);
    let found = [''];
    for (const segment of segments) {
      const test = globPattern(segment);
      found = found.flatMap((at) => {
        const names = this.children(at || '/').filter(
          (n) => test.test(n) && (segment.startsWith('.') || !n.startsWith('.')),
        );
        return names.map((name) => `${at}/${name}`);
      });
    }
    return found;
  }

  private target(path: string, depth = 0): string {
    const entry = this.guest.files[path];
    if (entry?.kind !== 'link' || depth > 8) return path;
    return this.target(absolute(parentOf(path), entry.content), depth + 1);
  }
}

export function globPattern(glob: string): RegExp {
  const source = glob.replace(/\[!?[^\]]+\]|\\.|[*?.+^${}()|[\]\\]/g, (found) => {
    if (found === '*') return '.*';
    if (found === '?') return '.';
    if (found.length > 1 && found.startsWith('[')) return found.replace('[!', '[^');
    return found.length > 1 ? found.replace(/\\([A-Za-z0-9/_-])/, '$1') : `\\${found}`;
  });
  return new RegExp(`^${source}$`, 's');
}

export function absolute(cwd: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith('/') ? path : `${cwd}/${path}`).split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return `/${parts.join('/')}`;
}

export function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0)) || '/';
}

export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
