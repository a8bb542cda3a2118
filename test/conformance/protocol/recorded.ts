import { type Recorded, tapes } from '../recordings/tape';
import type { Wire } from '../wire';

/** Real traffic, tape by tape, in the order in which it was recorded. Requests have no headers: the recorder took them. */
export function recordedTraffic(): { readonly tape: string; readonly exchanges: readonly Wire[] }[] {
  return tapes().map(({ name, exchanges }) => ({ tape: name, exchanges: exchanges.map(wire) }));
}

function wire({ request, response }: Recorded): Wire {
  const headers = Object.entries(response.headers).map(([name, value]) => [name.toLowerCase(), value]);
  return {
    method: request.method,
    url: request.url,
    requestHeaders: {},
    requestBody: request.body ?? null,
    status: response.status,
    responseHeaders: Object.fromEntries(headers),
    responseBody: response.body ?? null,
  };
}
