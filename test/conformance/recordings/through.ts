import { type FedAnswer, type FedRequest, fedServices } from '../fed';
import { namesIn, used } from '../used';
import type { Expected } from './expectation';
import { type Recorded, samePath, shapeOf, type Tape } from './tape';
import { watched } from './watched';

const nothing: FedAnswer = {
  status: 404,
  body: { error: { code: 'ResourceNotFound', message: 'It is not on the tape.' } },
};

const refusal: FedAnswer = {
  status: 405,
  body: { error: { code: 'MethodNotAllowed', message: 'The method is not allowed.' } },
};

/**
 * Sends one recorded answer through goldbot's services: goldbot is made to ask what was asked, and hears the recorded
 * answer to it; what it asks besides is answered by what the tape has from before, or is not there.
 *
 * Returns the paths that the answer has, goldbot does not say, and `expected` does not excuse.
 */
export async function through(tape: Tape, index: number, expected: Expected): Promise<string[]> {
  const recorded = tape.exchanges[index] as Recorded;
  let heard = 0;
  const ports = fedServices((request) => {
    if (shapeOf(request.method, request.url.href) === expected.refused) return refusal;
    if (isAnswer(recorded, request)) {
      heard += 1;
      expected.asks?.(request.body, recorded.request.body);
      return recorded.response;
    }
    return earlier(tape, index, request, expected) ?? nothing;
  });
  const names = namesIn(recorded.request.url);
  const result = await callOf(expected)(ports, names);
  if (heard === 0) throw new Error(`goldbot did not ask what ${expected.operation} answers.`);
  if (!expected.says) return [];
  const { body, unread } = watched(recorded.response.body);
  await expected.says(result as never, body as never, { ports, names });
  return unread();
}

function callOf({ operation }: Expected) {
  const found = used.find((one) => one.operation === operation);
  if (!found) throw new Error(`${operation} is expected, but not in the list of what goldbot uses.`);
  return found.call;
}

/** goldbot's names for outputs are its own: the address may end in another word. */
function isAnswer({ request }: Recorded, asked: FedRequest): boolean {
  if (asked.method !== request.method) return false;
  const ended = (url: string) => url.replace(/(\/runOutputs\/)[^/?]+/i, '$1*');
  return samePath(ended(request.url), ended(asked.url.href));
}

function earlier(tape: Tape, index: number, asked: FedRequest, { before }: Expected): FedAnswer | undefined {
  const found = tape.exchanges.slice(0, index).findLast((recorded) => isAnswer(recorded, asked));
  if (!found) return undefined;
  const added = before?.[shapeOf(asked.method, asked.url.href)];
  return added ? { ...found.response, body: merged(found.response.body, added) } : found.response;
}

function merged(base: unknown, added: object): object {
  const result: Record<string, unknown> = { ...(base as object) };
  for (const [name, value] of Object.entries(added)) {
    result[name] = typeof value === 'object' ? merged(result[name], value) : value;
  }
  return result;
}
