import { readFileSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import type { Route, SandboxResponse } from '../kernel/types';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const page = join(__dirname, '..', 'page');

/**
 * Microsoft's own renderer, its host configs for Teams, and the Markdown that goes with it. The host configs are copies
 * of those in `adaptivecards-designer`, whose editor weighs a hundred times as much and is there for tests alone.
 */
const vendor: Readonly<Record<string, () => string>> = {
  'adaptivecards.js': () =>
    join(dirname(require.resolve('adaptivecards/package.json')), 'dist', 'adaptivecards.min.js'),
  'markdown-it.js': () => require.resolve('markdown-it/browser'),
  'teams-light.json': () => join(page, 'vendor', 'microsoft-teams-light.json'),
  'teams-dark.json': () => join(page, 'vendor', 'microsoft-teams-dark.json'),
};

/** The page that looks like Teams: files of `sandbox/page`, no build step. */
export function pageRoutes(): Route[] {
  return [
    { method: 'GET', path: '/', handle: () => file(() => join(page, 'index.html')) },
    { method: 'GET', path: '/page/{name}', handle: (_, { name = '' }) => file(() => join(page, plain(name)), name) },
    {
      method: 'GET',
      path: '/vendor/{name}',
      handle: (_, { name = '' }) => {
        const path = Object.hasOwn(vendor, name) ? vendor[name] : undefined;
        return path ? file(path, name) : missing(name);
      },
    },
    { method: 'GET', path: '/favicon.ico', handle: () => file(() => join(page, 'icon.svg')) },
  ];
}

/** A plain name, never a path out of the folder. */
const plain = (name: string) => name.replace(/[^\w.-]|^\.+/g, '');

const missing = (name: string): SandboxResponse => ({ status: 404, body: `No file ${name}` });

/** `find` may throw: a package that is not installed is a file that is not there. */
function file(find: () => string, name = ''): SandboxResponse {
  try {
    const path = find();
    const headers = {
      'content-type': types[extname(path)] ?? 'application/octet-stream',
      'cache-control': 'no-cache',
      'content-security-policy':
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'",
      'x-content-type-options': 'nosniff',
    };
    return { status: 200, headers, body: readFileSync(path) };
  } catch {
    return missing(name);
  }
}
