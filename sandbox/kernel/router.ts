import type { Params, Route, SandboxRequest } from './types';

interface Pattern {
  readonly pattern: RegExp;
  readonly names: readonly string[];
}

interface Compiled extends Pattern {
  readonly route: Route;
}

/** Finds a request's route; the first match wins. Longer paths need no special order: segments never match `/`. */
export class Router {
  private readonly compiled: Compiled[] = [];

  add(routes: readonly Route[]): void {
    for (const route of routes) this.compiled.push({ route, ...patternOf(route.path) });
  }

  find(request: SandboxRequest): { route: Route; params: Params } | undefined {
    const path = request.url.pathname.replace(/\/+$/, '') || '/';
    for (const { route, pattern, names } of this.compiled) {
      if (route.method !== request.method || !hostMatches(route, request)) continue;
      const found = pattern.exec(path);
      if (found) return { route, params: Object.fromEntries(names.map((n, i) => [n, decode(found[i + 1] ?? '')])) };
    }
    return undefined;
  }
}

function hostMatches(route: Route, request: SandboxRequest): boolean {
  if (request.face === 'teams') return true;
  const wanted = route.host ?? 'management.azure.com';
  return wanted.startsWith('*') ? request.url.hostname.endsWith(wanted.slice(1)) : request.url.hostname === wanted;
}

/** By path: a process that tests has thousands of sandboxes with the same routes. */
const patterns = new Map<string, Pattern>();

function patternOf(path: string): Pattern {
  const known = patterns.get(path) ?? compile(path);
  patterns.set(path, known);
  return known;
}

function compile(path: string): Pattern {
  const names: string[] = [];
  const source = path
    .split('/')
    .map((segment) => {
      const parameter = /^\{(\w+)(\+?)\}$/.exec(segment);
      if (!parameter) return segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
      names.push(parameter[1] as string);
      return parameter[2] ? '(.+)' : '([^/]+)';
    })
    .join('/');
  return { pattern: new RegExp(`^${source}$`, 'i'), names };
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
