import type { TokenCredential } from '@azure/core-auth';
import {
  createHttpHeaders,
  type HttpClient,
  type PipelineRequest,
  type PipelineResponse,
  RestError,
} from '@azure/core-rest-pipeline';
import { Dropped, type Sandbox } from '../../sandbox/kernel/sandbox';
import type { SandboxRequest, SandboxResponse } from '../../sandbox/kernel/types';

/** A token for any scope; the sandbox accepts every bearer token. */
export const fakeCredential: TokenCredential = {
  getToken: async () => ({ token: 'sandbox-token', expiresOnTimestamp: Date.now() + 3_600_000 }),
};

/**
 * The sandbox's azure face as the transport of a real Azure client, without a port: what goes in and out has been JSON
 * text on the way, as on the wire. `host` replaces the host of every request, for clients that do not know Azure's.
 */
export function sandboxHttpClient(sandbox: Sandbox, host?: string): HttpClient {
  return {
    async sendRequest(request: PipelineRequest): Promise<PipelineResponse> {
      if (request.abortSignal?.aborted) throw aborted();
      const answer = await within(request, sandbox.handle(incoming(request, host)));
      return outgoing(request, answer);
    },
  };
}

/** One plain request, for what no Azure client covers. */
export function ask(
  sandbox: Sandbox,
  method: string,
  url: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<SandboxResponse> {
  const absolute = new URL(url, 'https://management.azure.com');
  return sandbox.handle({ face: 'azure', method, url: absolute, headers, body: copy(body) });
}

function incoming(request: PipelineRequest, host?: string): SandboxRequest {
  const url = new URL(request.url);
  if (host) url.host = host;
  const headers = Object.fromEntries([...request.headers].map(([name, value]) => [name.toLowerCase(), value]));
  const text = typeof request.body === 'string' ? request.body : undefined;
  return { face: 'azure', method: request.method, url, headers, body: parse(text) };
}

function outgoing(request: PipelineRequest, { status, headers, body }: SandboxResponse): PipelineResponse {
  const raw = typeof body === 'string' || Buffer.isBuffer(body);
  const type = raw ? 'text/plain; charset=utf-8' : 'application/json; charset=utf-8';
  const bodyAsText = body === undefined ? '' : raw ? String(body) : JSON.stringify(body);
  return { request, status, headers: createHttpHeaders({ 'content-type': type, ...headers }), bodyAsText };
}

/** Machine time, as the real transport: the caller's timeout and abort signal end the waiting, not the effect. */
async function within(request: PipelineRequest, answer: Promise<SandboxResponse>): Promise<SandboxResponse> {
  let stop = () => {};
  const ended = new Promise<never>((_, fail) => {
    const abort = () => fail(aborted());
    const timer = request.timeout > 0 ? setTimeout(abort, request.timeout) : undefined;
    request.abortSignal?.addEventListener('abort', abort);
    stop = () => {
      clearTimeout(timer);
      request.abortSignal?.removeEventListener('abort', abort);
    };
  });
  try {
    return await Promise.race([answer, ended]);
  } catch (error) {
    if (error instanceof Dropped) throw new RestError(error.message, { code: error.code, request });
    throw error;
  } finally {
    stop();
  }
}

function aborted(): Error {
  return Object.assign(new Error('The operation was aborted.'), { name: 'AbortError' });
}

function parse(text: string | undefined): unknown {
  if (text === undefined || text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function copy(body: unknown): unknown {
  return body === undefined || typeof body === 'string' ? body : JSON.parse(JSON.stringify(body));
}
