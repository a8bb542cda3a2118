import { parse } from 'yaml';

/** Recorded traffic from the Azure CLI's tests, which is re-recorded now and then: the date says which one is meant. */
export interface Recording {
  readonly path: string;
  /** Releases that contained it, tried in order. */
  readonly refs: readonly string[];
  /** `date` headers of its first and its last answer. */
  readonly from: string;
  readonly to: string;
  readonly exchanges: number;
}

/** One request and what Azure answered, as test/conformance/recordings reads it. */
export interface Exchange {
  readonly request: { readonly method: string; readonly url: string; readonly body?: unknown };
  readonly response: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: unknown;
  };
}

interface Cassette {
  readonly interactions: readonly {
    readonly request: { readonly method: string; readonly uri: string; readonly body: string | null };
    readonly response: {
      readonly status: { readonly code: number };
      readonly headers: Readonly<Record<string, readonly string[]>>;
      readonly body: { readonly string: string };
    };
  }[];
}

/** Signatures of asynchronous operations: long, meaningless, and not to be published a second time. */
const signature = /([&?](t|c|s|h)=)[^&]+/g;

/** Undefined if the cassette (YAML of VCR.py) holds a different recording from the one that is meant. */
export function exchangesOf(cassette: string, meant: Recording): readonly Exchange[] | undefined {
  const { interactions } = parse(cassette) as Cassette;
  const all = interactions.map(exchangeOf).filter(({ request }) => request.url.includes('/providers/'));
  const first = all.findIndex(({ response }) => response.headers['date'] === meant.from);
  const found = first === -1 ? [] : all.slice(first, first + meant.exchanges);
  const isMeant = found.length === meant.exchanges && found.at(-1)?.response.headers['date'] === meant.to;
  return isMeant ? found : undefined;
}

function exchangeOf({ request, response }: Cassette['interactions'][number]): Exchange {
  const headers = Object.entries(response.headers).map(([name, values]) => [name, unsigned(values.join(','))]);
  const body = bodyOf(request.body);
  return {
    request: { method: request.method, url: unsigned(request.uri), ...(body !== null && { body }) },
    response: {
      status: response.status.code,
      headers: Object.fromEntries(headers),
      body: bodyOf(response.body.string),
    },
  };
}

function unsigned(text: string): string {
  return text.replace(signature, (_, start: string, name: string) => `${start}${name.toUpperCase()}`);
}

function bodyOf(text: string | null): unknown {
  if (text === null || text === '') return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
