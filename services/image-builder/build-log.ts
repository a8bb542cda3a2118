import type { AzureRead, BuildPlace } from '../../core/azure';
import { type PlainRequest, type PlainResponse, type ReadContext, scrub, unlessMissing } from '../azure';
import { getTemplate } from './templates';

const storageScope = 'https://storage.azure.com/.default';
const storageApi = '2023-01-01';
const blobHeaders = { 'x-ms-version': '2023-11-03' };
/** How much of a log is read, from its end, or a little more: a long build's log is larger, and the error is not at its beginning. */
const mostBytes = 4 * 1024 * 1024;
/** In one answer: what runs in a build writes the log, between two looks also more than a process can hold. */
const mostAtOnce = 2 * mostBytes;

interface Blob {
  readonly name: string;
  readonly modified: number;
  readonly bytes: number;
}

/** A template runs once, so its log stays where it is; that of another template is looked up anew. */
interface Address {
  readonly account: string;
  readonly name: string;
  /** As of the last time it was read: its end is read from there on. */
  readonly bytes: number;
}

/** More builds than one replica watches at once. */
const mostAddresses = 200;

export function buildLogRead(azure: ReadContext): Pick<AzureRead, 'buildLog'> {
  const known = new Map<string, Address>();
  return {
    /**
     * The newest customization log of a template, at most its last 4 MiB; undefined while there is none and after the
     * staging group was deleted with the template. Four requests at first; then, as its address is remembered, one.
     *
     * @throws UserError `AZ_FORBIDDEN` (Storage Blob Data Reader on the staging group is missing), `AZ_THROTTLED`,
     * `AZ_UNAVAILABLE`, `AZ_SILENT`.
     * @see GET …/imageTemplates/{name}, GET …/storageAccounts, List Blobs and Get Blob of the container packerlogs
     */
    buildLog: (place, template) =>
      azure.ask(`reading the log of “${template}”`, async () => {
        const key = `${place.subscription}/${place.resourceGroup}/${template}`;
        const before = known.get(key);
        known.delete(key);
        const address = before ?? (await addressOf(azure, place, template));
        if (!address) return undefined;
        const end = await readEnd(azure, address);
        if (end === undefined) return undefined;
        for (const oldest of known.keys()) if (known.size >= mostAddresses) known.delete(oldest);
        known.set(key, { ...address, bytes: end.from + Buffer.byteLength(end.text) });
        return scrub(end.text);
      }),
  };
}

async function addressOf(azure: ReadContext, place: BuildPlace, template: string): Promise<Address | undefined> {
  const staging = await stagingGroup(azure, place, template);
  const account = staging && (await blobEndpoint(azure, staging));
  const log = account && (await newestLog(azure, account));
  return log ? { account, name: log.name, bytes: log.bytes } : undefined;
}

async function stagingGroup(azure: ReadContext, place: BuildPlace, template: string): Promise<string | undefined> {
  const found = await getTemplate(azure, place, template);
  return found?.exactStagingResourceGroup;
}

/** `https://<account>.blob.core.windows.net`, or as its cloud calls it; the staging group holds one storage account once a build has begun. */
async function blobEndpoint(azure: ReadContext, group: string): Promise<string | undefined> {
  const { arm } = azure.cloud;
  const url = `${arm}${group}/providers/Microsoft.Storage/storageAccounts?api-version=${storageApi}`;
  const text = await textOf(azure, url, `${arm}/.default`);
  if (text === undefined) return undefined;
  const { value = [] } = JSON.parse(text) as { value?: { properties?: { primaryEndpoints?: { blob?: string } } }[] };
  const endpoint = value
    .map((account) => account.properties?.primaryEndpoints?.blob)
    .find((blob) => blob !== undefined);
  return endpoint?.replace(/\/+$/, '');
}

async function newestLog(azure: ReadContext, endpoint: string): Promise<Blob | undefined> {
  const blobs: Blob[] = [];
  let marker = '';
  do {
    const query = `restype=container&comp=list${marker && `&marker=${encodeURIComponent(marker)}`}`;
    const xml = await textOf(azure, `${endpoint}/packerlogs?${query}`, storageScope);
    if (xml === undefined) return undefined;
    blobs.push(...[...xml.matchAll(/<Blob>([\s\S]*?)<\/Blob>/g)].map(([, inner = '']) => blobOf(inner)));
    marker = element(xml, 'NextMarker');
  } while (marker);
  const logs = blobs.filter(({ name }) => name.endsWith('customization.log'));
  return logs.sort((a, b) => a.modified - b.modified).at(-1);
}

const firstByte = ({ bytes }: Address): number => Math.max(bytes - mostBytes, 0);

interface LogEnd {
  readonly text: string;
  /** Its first byte. */
  readonly from: number;
  /** Of the whole log. */
  readonly size: number;
}

/** What has grown by more than is read at once is read again from where its end is now. */
async function readEnd(azure: ReadContext, address: Address): Promise<LogEnd | undefined> {
  const read = await readBlob(azure, address);
  if (!read || read.size <= read.from + mostAtOnce) return read;
  return readBlob(azure, { ...address, bytes: read.size });
}

async function readBlob(azure: ReadContext, address: Address): Promise<LogEnd | undefined> {
  const path = address.name.split('/').map(encodeURIComponent).join('/');
  const from = firstByte(address);
  const range = { 'x-ms-range': `bytes=${from}-${from + mostAtOnce - 1}` };
  const url = `${address.account}/packerlogs/${path}`;
  const found = await answerOf(azure, { method: 'GET', url, scope: storageScope, headers: range });
  if (!found) return undefined;
  const size = /\/(\d+)$/.exec(found.headers.get('content-range') ?? '')?.[1];
  return { text: found.text, from, size: Number(size ?? 0) };
}

/** The text of an answer; undefined when there is no such thing. */
async function textOf(azure: ReadContext, url: string, scope: string): Promise<string | undefined> {
  return (await answerOf(azure, { method: 'GET', url, scope }))?.text;
}

async function answerOf(azure: ReadContext, { headers, ...request }: PlainRequest): Promise<PlainResponse | undefined> {
  const more = { ...(request.scope === storageScope && blobHeaders), ...headers };
  return unlessMissing(azure.request({ ...request, headers: more }).then(orThrow));
}

/** Nothing is written yet, or nothing since. */
const isEmptyRange = ({ status, text }: PlainResponse): boolean =>
  status === 416 && element(text, 'Code') === 'InvalidRange';

function orThrow(answer: PlainResponse): PlainResponse {
  const { status, text, headers } = answer;
  if (status >= 200 && status < 300) return answer;
  if (isEmptyRange(answer)) return { ...answer, text: '' };
  const code = element(text, 'Code') || (/"code"\s*:\s*"([^"]+)"/.exec(text)?.[1] ?? '');
  const message = element(text, 'Message') || (/"message"\s*:\s*"([^"]+)"/.exec(text)?.[1] ?? '');
  const error = { name: 'RestError', statusCode: status, code, response: { headers } };
  throw Object.assign(new Error(message), error);
}

function blobOf(xml: string): Blob {
  const modified = Date.parse(element(xml, 'Last-Modified'));
  const bytes = Number(element(xml, 'Content-Length'));
  return { name: element(xml, 'Name'), modified: Number.isNaN(modified) ? 0 : modified, bytes: bytes || 0 };
}

function element(xml: string, name: string): string {
  const text = new RegExp(`<${name}>([^<]*)</${name}>`).exec(xml)?.[1] ?? '';
  const entities: Readonly<Record<string, string>> = {
    '&lt;': '<',
    '&gt;': '>',
    '&quot;': '"',
    '&apos;': "'",
    '&amp;': '&',
  };
  return text.replace(/&(?:lt|gt|quot|apos|amp);/g, (entity) => entities[entity] ?? entity);
}
