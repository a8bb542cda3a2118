import { createHash, createHmac } from 'node:crypto';
import type { SandboxRequest } from '../kernel/types';

/** The two keys of an account: whoever has one may do everything with its blobs. */
export function keysOf(account: string): readonly { keyName: string; value: string; permissions: 'FULL' }[] {
  return ['key1', 'key2'].map((keyName) => ({
    keyName,
    value: createHash('sha512').update(`${keyName} of ${account}`).digest('base64'),
    permissions: 'FULL',
  }));
}

const sign = (key: string, text: string): string =>
  createHmac('sha256', Buffer.from(key, 'base64')).update(text, 'utf8').digest('base64');

/** Whether a request brings a signature by a key of the account, in its header or its address; no token. */
export const isSigned = ({ headers, url }: SandboxRequest): boolean =>
  /^sharedkey /i.test(headers['authorization'] ?? '') || url.searchParams.has('sig');

/** Letters of what a signed request may do: `rl`; undefined when the signature does not hold at this moment. */
export function signedFor(account: string, request: SandboxRequest, nowMs: number): string | undefined {
  const [, given] = /^sharedkey [^:]+:(.+)$/i.exec(request.headers['authorization'] ?? '') ?? [];
  if (given !== undefined) return isOf(account, sharedKeyText(account, request), given) ? 'racwdl' : undefined;
  const query = request.url.searchParams;
  const [starts, ends] = ['st', 'se'].map((name) => Date.parse(query.get(name) ?? ''));
  const isTimely = !(Number(starts) > nowMs) && Number(ends) > nowMs;
  const isTheirs = isOf(account, sharedAccessText(account, request.url), query.get('sig') ?? '');
  return isTimely && isTheirs ? (query.get('sp') ?? '') : undefined;
}

const isOf = (account: string, text: string, signature: string): boolean =>
  keysOf(account).some(({ value }) => sign(value, text) === signature);

/** What a service SAS signs since 2020-12-06, for one blob (`sr=b`) or for a container. */
function sharedAccessText(account: string, { pathname, searchParams: query }: URL): string {
  const [, container, ...blob] = decodeURIComponent(pathname).split('/');
  const path = query.get('sr') === 'b' ? [container, ...blob] : [container];
  const fields = ['si', 'sip', 'spr', 'sv', 'sr', 'snapshot', 'ses', 'rscc', 'rscd', 'rsce', 'rscl', 'rsct'];
  return [
    ...['sp', 'st', 'se'].map((name) => query.get(name) ?? ''),
    `/blob/${[account, ...path].join('/')}`,
    ...fields.map((name) => query.get(name) ?? ''),
  ].join('\n');
}

/** Headers that Shared Key signs by their places. */
const placed = [
  ...['content-encoding', 'content-language', 'content-length', 'content-md5', 'content-type', 'date'],
  ...['if-modified-since', 'if-match', 'if-none-match', 'if-unmodified-since', 'range'],
];

function sharedKeyText(account: string, { method, headers, url }: SandboxRequest): string {
  const own = Object.keys(headers).filter((name) => name.startsWith('x-ms-'));
  const query = [...url.searchParams].map(([name, value]) => `\n${name.toLowerCase()}:${value}`);
  return [
    method,
    ...placed.map((name) => headers[name] ?? '').map((value) => (value === '0' ? '' : value)),
    ...own.sort().map((name) => `${name}:${headers[name]}`),
    `/${account}${url.pathname}${query.sort().join('')}`,
  ].join('\n');
}
