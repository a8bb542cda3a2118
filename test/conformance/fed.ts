import { createHttpHeaders, type HttpClient, type PipelineRequest } from '@azure/core-rest-pipeline';
import type { AzureRead, AzureWrite } from '../../core/azure';
import { createAzure } from '../../services';
import { fakeCredential } from '../sandbox/client';

export interface FedRequest {
  readonly method: string;
  readonly url: URL;
  readonly body: unknown;
}

export interface FedAnswer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

/** goldbot's services, real clients and pipeline, with `answer` in the place of Azure. */
export function fedServices(answer: (request: FedRequest) => FedAnswer | Promise<FedAnswer>): AzureRead & AzureWrite {
  const httpClient: HttpClient = {
    async sendRequest(request: PipelineRequest) {
      const body = typeof request.body === 'string' && request.body !== '' ? JSON.parse(request.body) : undefined;
      const {
        status,
        headers,
        body: answered,
      } = await answer({
        method: request.method,
        url: new URL(request.url),
        body,
      });
      const bodyAsText = answered === undefined || answered === null ? '' : JSON.stringify(answered);
      const type = bodyAsText === '' ? {} : { 'content-type': 'application/json; charset=utf-8' };
      return { request, status, headers: createHttpHeaders({ ...type, ...headers }), bodyAsText };
    },
  };
  const azure = createAzure({
    credential: fakeCredential,
    httpClient,
    subscription: '00000000-0000-0000-0000-000000000000',
    // A recorded 429 is said at once, not after its Retry-After.
    sleep: async () => {},
  });
  return { ...azure.read, ...azure.write({ leftMs: () => 60_000 }) };
}
