/**
 * A container of blobs in which what is written stays as it is: where checkpoints of the audit are kept outside of the
 * database. That nothing in it can be changed or deleted is its immutability policy, which somebody sets in Azure; goldbot
 * asks for no more than to add and to read. A room of one file, which is its own index.
 */
import { UserError } from '../../core/errors';
import { canonical } from '../../core/hash';
import { type OutsidePlace, parseEnvelope } from '../../core/provenance';
import { type PlainResponse, type ReadContext, unlessMissing } from '../azure';

const scope = 'https://storage.azure.com/.default';
const version = { 'x-ms-version': '2023-11-03' };

/**
 * Each call takes a second, `names` one for each 5,000 blobs.
 *
 * @throws UserError `AZ_FORBIDDEN` (role or network), `AZ_NOT_FOUND` (no such container), `AZ_THROTTLED`, `AZ_UNAVAILABLE`, `AZ_SILENT`.
 * @see Put Blob with `If-None-Match: *`, Get Blob, List Blobs
 */
export function blobPlace(azure: ReadContext, container: string): OutsidePlace {
  const of = (name: string) => `${container}/${encodeURIComponent(name)}`;
  const get = (url: string) => asked(azure, { method: 'GET', url });
  return {
    /** Safe to repeat, so that a lost answer is no reason not to ask again: whatever stands there is left as it is. */
    keep: (name, envelope) =>
      azure.ask(`keeping a checkpoint of the audit in ${container}`, async () => {
        const headers = { 'x-ms-blob-type': 'BlockBlob', 'if-none-match': '*' };
        const answer = await azure.request({
          ...{ method: 'PUT', url: of(name), scope, headers: { ...version, ...headers }, body: envelope },
        });
        if (!isThere(answer)) return orThrow(answer) && 'kept';
        const there = parseEnvelope((await get(of(name))).text);
        return there && canonical(there) === canonical(envelope) ? 'kept' : 'another';
      }),

    names: () =>
      azure.ask(`asking what ${container} holds`, async () => {
        const names: string[] = [];
        let marker = '';
        do {
          const query = `restype=container&comp=list${marker && `&marker=${encodeURIComponent(marker)}`}`;
          const { text } = await get(`${container}?${query}`);
          names.push(...[...text.matchAll(/<Name>([^<]*)<\/Name>/g)].map(([, name = '']) => name));
          marker = /<NextMarker>([^<]*)<\/NextMarker>/.exec(text)?.[1] ?? '';
        } while (marker);
        return names.sort();
      }),

    read: (name) =>
      azure.ask(`reading ${name} in ${container}`, async () => (await unlessMissing(get(of(name))))?.text),
  };
}

/** Azure says the one or the other, depending on whether a policy holds the container. */
const isThere = ({ status, headers }: PlainResponse): boolean =>
  status === 409 && ['BlobAlreadyExists', 'BlobImmutableDueToPolicy'].includes(headers.get('x-ms-error-code') ?? '');

async function asked(azure: ReadContext, request: { readonly method: 'GET'; readonly url: string }) {
  return orThrow(await azure.request({ ...request, scope, headers: version }));
}

function orThrow(answer: PlainResponse): PlainResponse {
  const { status: statusCode, headers, request, text } = answer;
  if (statusCode < 400) return answer;
  const code = headers.get('x-ms-error-code') ?? '';
  if (statusCode === 403) throw refused(new URL(request.url), code);
  const message = /<Message>([^<\n]*)/.exec(text)?.[1] ?? code;
  throw Object.assign(new Error(message), { name: 'RestError', statusCode, code, request, response: { headers } });
}

/** Azure's own word says whether it is the role or the network. */
function refused({ origin, pathname }: URL, code: string): UserError {
  const container = `${origin}/${pathname.split('/')[1] ?? ''}`;
  return new UserError('AZ_FORBIDDEN', `The container ${container} does not let goldbot in (${code}).`, {
    hint: 'Give goldbot’s identity goldbot-recorder and goldbot-log-reader on the container (docs/roles.md), and let its account be reached from where goldbot runs.',
  });
}
