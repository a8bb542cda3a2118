/** A JSON body that remembers which of its leaves were read. */
interface Watched<T> {
  readonly body: T;
  /** Paths of the leaves that nobody read, items of a list as one: `properties.targetRegions[].name`. Sorted. */
  readonly unread: () => string[];
}

export function watched<T>(json: unknown): Watched<T> {
  const read = new Set<string>();
  const view = (value: unknown, path: string): unknown => {
    if (typeof value !== 'object' || value === null) {
      read.add(path);
      return value;
    }
    return new Proxy(value, {
      get: (target, name) => {
        const member = Reflect.get(target, name);
        if (typeof name === 'symbol' || !Object.hasOwn(target, name)) return member;
        return name === 'length' && Array.isArray(target) ? member : view(member, pathOf(path, target, name));
      },
    });
  };
  return {
    body: view(json, '') as T,
    unread: () => [...new Set(leaves(json, ''))].filter((path) => !read.has(path)).sort(),
  };
}

function leaves(value: unknown, path: string): string[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([name, member]) => leaves(member, pathOf(path, value, name)));
}

function pathOf(path: string, parent: object, name: string): string {
  if (Array.isArray(parent)) return `${path}[]`;
  return path === '' ? name : `${path}.${name}`;
}
