import { createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline';
import type { AzureRead, AzureWrite } from '../../../core/azure';
import { versionTags } from '../../../core/images';
import { readContext } from '../../../services/azure/clients';
import { runQuery } from '../../../services/resource-graph/pages';
import { fakeCredential } from '../../sandbox/client';
import { type FedAnswer, type FedRequest, fedServices } from '../fed';
import { type Names, namesIn, used } from '../used';
import { type Example, type ExampleResponse, operationOf, requestOf } from './specs';

/** What came of feeding one response of an example to goldbot's services. */
export interface Fed {
  readonly result: unknown;
  /** The response's body as goldbot heard it. */
  readonly answer: unknown;
  /** What goldbot asked, by operation. */
  readonly asked: readonly (FedRequest & { readonly operation: string })[];
}

const run = 'R-7F3KQ';
const nextPage = 'https://management.azure.com/next-page';
type Json = Readonly<Record<string, unknown>>;

/**
 * Goldbot uses the example's operation, and the example's response is what Azure answers. Requests of other operations
 * that come before or after get what `companion` has for them, or 404.
 */
export async function feed(example: Example, response: ExampleResponse, known: readonly Example[]): Promise<Fed> {
  const asked: (FedRequest & { operation: string })[] = [];
  const body = dressed(example.operation, response.body);
  const answer = (request: FedRequest): FedAnswer => {
    const next = request.url.href.startsWith(nextPage) || hasToken(request);
    const operation = next ? 'next page' : operationOf(known, request.method, decodeURIComponent(request.url.pathname));
    asked.push({ ...request, operation: operation ?? 'unknown' });
    if (next) return { status: 200, body: lastPage(example.operation) };
    if (operation === example.operation) return { ...response, body };
    return companion(example, operation, known);
  };
  const result = await use(example, answer);
  return { result, answer: body, asked };
}

async function use(example: Example, answer: (request: FedRequest) => FedAnswer): Promise<unknown> {
  const { operation, parameters } = example;
  const { url } = requestOf(example);
  if (operation === 'Resources') {
    // Its rows are those of another query: the reader of pages is fed, with a query that takes rows as they are.
    const { query } = parameters['query'] as { query: string };
    const context = readContext({ credential: fakeCredential, httpClient: graphClient(answer), sleep: async () => {} });
    return runQuery(context, { name: 'example', kql: query, read: (row) => row });
  }
  const ports = fedServices(answer);
  const names = namesIn(url);
  if (operation === 'VirtualMachines_Get') return bothReads(ports, names);
  const found = used.find((u) => u.operation === operation);
  if (!found) throw new Error(`goldbot does not use ${operation}`);
  return found.call(ports, operation === 'Disks_Get' ? { ...names, id: machineOf(names) } : names);
}

/** The transport of `fedServices`, for the reader of pages alone. */
function graphClient(answer: (request: FedRequest) => FedAnswer): HttpClient {
  return {
    sendRequest: async (request) => {
      const sent: unknown = JSON.parse(String(request.body));
      const { status, body } = answer({ method: request.method, url: new URL(request.url), body: sent });
      const headers = createHttpHeaders({ 'content-type': 'application/json; charset=utf-8' });
      return { request, status, headers, bodyAsText: JSON.stringify(body) };
    },
  };
}

/** A machine's example is read as a test machine and as a machine that somebody asks about. */
async function bothReads(ports: AzureRead & AzureWrite, names: Names): Promise<unknown> {
  return { test: await ports.testMachine(names.place, names.machine), facts: await ports.machines(names.id) };
}

const machineOf = ({ place: { subscription, resourceGroup } }: Names): string =>
  `/subscriptions/${subscription}/resourceGroups/${resourceGroup}/providers/Microsoft.Compute/virtualMachines/vm`;

/** The example with what makes it goldbot's: a run's tag on what lists tell, an address of Azure for the next page. */
function dressed(operation: string, body: unknown): unknown {
  const list = body as { readonly value?: readonly Json[]; readonly nextLink?: string } | undefined;
  if (!list?.value) return body;
  const tagged = list.value.map((item) => ({ ...item, tags: { ...(item['tags'] as object), [versionTags.run]: run } }));
  const value = operation.startsWith('GalleryImageVersions') ? list.value : tagged;
  return { ...list, value, ...(list.nextLink && { nextLink: nextPage }) };
}

/** Skip tokens and next pages of examples lead to an end. */
function lastPage(operation: string): Json {
  return operation === 'Resources' ? { totalRecords: 0, count: 0, resultTruncated: 'false', data: [] } : { value: [] };
}

function hasToken({ body }: FedRequest): boolean {
  return (body as { options?: { $skipToken?: string } } | undefined)?.options?.$skipToken !== undefined;
}

/** The answer to a request that is not the example's: the other operation's own example where goldbot needs one. */
function companion(example: Example, operation: string | undefined, known: readonly Example[]): FedAnswer {
  const other =
    known.find((k) => k.operation === operation && k.apiVersion === example.apiVersion) ??
    known.find((k) => k.operation === operation);
  const body = other?.responses.find(({ status }) => status === 200)?.body as Json | undefined;
  const absent = { status: 404, body: { error: { code: 'ResourceNotFound', message: `There is no ${operation}.` } } };
  if (example.operation === 'GalleryImageVersions_CreateOrUpdate' && operation === 'GalleryImageVersions_Update') {
    return { status: 405, body: { error: { code: 'MethodNotAllowed', message: 'The method is not allowed.' } } };
  }
  const needed = companions[example.operation]?.[operation ?? ''];
  return body && needed ? { status: 200, body: needed(body, namesIn(requestOf(example).url).id) } : absent;
}

type Dress = (body: Json, id: string) => Json;

/** Which other operations goldbot asks, and what of their examples has to fit. */
const companions: Readonly<Record<string, Readonly<Record<string, Dress>>>> = {
  GalleryImages_CreateOrUpdate: { GalleryImages_Get: (body) => body },
  GalleryImageVersions_Update: { GalleryImageVersions_Get: (body) => body },
  GalleryImageVersions_CreateOrUpdate: { GalleryImageVersions_Get: (body) => body },
  VirtualMachineImageTemplates_GetRunOutput: {
    VirtualMachineImageTemplates_Get: (body) => withProperties(body, { lastRunStatus: { runState: 'Succeeded' } }),
  },
  Disks_Get: {
    VirtualMachines_Get: (body, id) =>
      withProperties(body, { storageProfile: { osDisk: { createOption: 'FromImage', managedDisk: { id } } } }),
  },
};

function withProperties(body: Json, more: Json): Json {
  return { ...body, properties: { ...(body['properties'] as Json), ...more } };
}
