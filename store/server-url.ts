import { readFileSync } from 'node:fs';
import type { ConnectionOptions } from 'node:tls';
import type { ClientConfig } from 'pg';

/** Asked for each new connection, so that it may change: a token that ends after an hour. */
export type Password = () => Promise<string>;

/** A database by its URL, and its password where the URL has none. */
export interface DatabaseAddress {
  readonly url: string;
  readonly password?: Password;
}

/** The code of an error of `Password` that passes by itself. */
export const noToken = 'ENOTOKEN';

/** What of a URL says how TLS is spoken; goldbot reads it, pg does not. */
const ofTls = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'ssl', 'uselibpqcompat'] as const;

/**
 * The server of a PostgreSQL URL. pg would read it itself, but means by `sslmode` other things than libpq does, and takes
 * no password from elsewhere beside a URL.
 */
export function serverOf(url: string, password?: Password): ClientConfig {
  const { hostname, port, username, password: own, pathname, searchParams } = new URL(url);
  const rest = Object.fromEntries([...searchParams].filter(([name]) => !ofTls.includes(name as never)));
  return {
    host: decodeURIComponent(hostname.replace(/^\[(.*)\]$/, '$1')),
    ...(port && { port: Number(port) }),
    ...(username && { user: decodeURIComponent(username) }),
    ...(own ? { password: decodeURIComponent(own) } : password && { password }),
    ...(pathname.length > 1 && { database: decodeURIComponent(pathname.slice(1)) }),
    ...rest,
    ...(modeOf(searchParams) !== undefined && { ssl: tlsOf(searchParams) }),
  };
}

/**
 * `require` and `verify-full` mean the same: the certificate and the name in it are checked, because a token or a
 * password follows. `verify-ca` leaves the name unchecked, and is for authorities of one's own.
 */
function tlsOf(parameters: URLSearchParams): ConnectionOptions | false {
  const mode = modeOf(parameters);
  if (mode === 'disable') return false;
  const file = (name: string) => readFileSync(parameters.get(name) as string, 'utf8');
  const root = parameters.get('sslrootcert');
  return {
    ...(root !== null && root !== 'system' && { ca: file('sslrootcert') }),
    ...(parameters.has('sslcert') && { cert: file('sslcert') }),
    ...(parameters.has('sslkey') && { key: file('sslkey') }),
    ...(mode === 'verify-ca' && { checkServerIdentity: () => undefined }),
  };
}

/** pg's own `ssl=true` is as good as `sslmode=require`. */
function modeOf(parameters: URLSearchParams): string | undefined {
  return parameters.get('sslmode') ?? (/^(true|1)$/.test(parameters.get('ssl') ?? '') ? 'require' : undefined);
}

const safe = ['require', 'verify-full', 'verify-ca'];

/** What is wrong with the URL of a database in production, in words; undefined when nothing is. */
export function problemOfUrl(text: string): string | undefined {
  if (!URL.canParse(text))
    return 'cannot be read: signs like @, / and # in user or password are written %40, %2F and %23';
  const { hostname, searchParams, username } = new URL(text);
  if (username === '') return 'names no user: postgresql://user@server:5432/goldbot';
  const mode = modeOf(searchParams) ?? 'disable';
  if (mode !== 'disable' && !safe.includes(mode)) {
    return `has sslmode=${mode}, which does not protect what is sent: write sslmode=verify-full`;
  }
  if (mode === 'verify-ca' && !searchParams.has('sslrootcert')) {
    return 'has sslmode=verify-ca without sslrootcert: any server with a bought certificate would do; write sslmode=verify-full';
  }
  // As `serverOf` reads it: the last one named, and that rather than the one in the address.
  if (mode === 'disable' && !isHere(searchParams.getAll('host').at(-1) ?? hostname)) {
    return 'asks for no TLS, which a server on another machine needs: add ?sslmode=verify-full';
  }
  return unreadableIn(text);
}

/** What of a URL can be parsed and not used. Nothing of it is repeated: there may be a password in it. */
function unreadableIn(url: string): string | undefined {
  try {
    serverOf(url);
    return undefined;
  } catch (error) {
    if (error instanceof URIError) return 'cannot be read: the sign % in user, password or database is written %25';
    return `names a file that cannot be read: ${(error as Error).message}`;
  }
}

/** A path is a socket of this machine. */
function isHere(host: string): boolean {
  return host.startsWith('/') || host === 'localhost' || host === '[::1]' || /^127(\.\d+){3}$/.test(host);
}

/** Whether the URL brings a password, so that no other is asked for. */
export function passwordIn(url: string): boolean {
  return new URL(url).password !== '';
}
