/** The sandbox's two faces. Microsoft Graph and blob storage share the azure face, told apart by host. */
export type Face = 'azure' | 'teams';

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** How a fault makes a long-running operation end; providers pass it on to the operation they start. */
export type LroFault = 'failed' | 'canceled' | 'never' | 'gone';

export interface SandboxRequest {
  readonly face: Face;
  readonly method: string;
  /** Absolute, as the caller meant it: https://management.azure.com/… although it arrived on a loopback port. */
  readonly url: URL;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Parsed when it was JSON, text otherwise, undefined when empty. */
  readonly body: unknown;
  readonly lroFault?: LroFault;
}

export interface SandboxResponse {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** An object is sent as JSON, a string or Buffer as it is. */
  readonly body?: unknown;
  /** Server-sent events and the like: called with a writer once the head is sent; returns what to do when the client leaves. */
  readonly stream?: (write: (chunk: string) => void) => () => void;
}

/** One exchange as `GET /_sandbox/requests` returns it. */
export interface Exchange {
  readonly at: string;
  readonly face: Face;
  readonly method: string;
  readonly url: string;
  readonly requestHeaders: Readonly<Record<string, string>>;
  readonly requestBody: unknown;
  readonly status: number;
  readonly responseHeaders: Readonly<Record<string, string>>;
  readonly responseBody: unknown;
}

export type Params = Readonly<Record<string, string>>;

export interface Route {
  readonly method: string;
  /** Default management.azure.com on the azure face, any host on the teams face. `*` at the start matches a suffix. */
  readonly host?: string;
  /** `/subscriptions/{subscriptionId}/…`; literal segments match in any case, as ARM does; `{rest+}` takes the remainder. */
  readonly path: string;
  /** It changes nothing of the world. */
  readonly reads?: true;
  readonly handle: (request: SandboxRequest, params: Params) => SandboxResponse | Promise<SandboxResponse>;
}
