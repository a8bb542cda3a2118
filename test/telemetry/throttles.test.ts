import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline';
import { Botbuilder } from '../../bot/botbuilder';
import { Teams } from '../../bot/teams';
import { imageRef } from '../../core/images';
import { createSandbox } from '../../sandbox';
import { type Azure, createAzure, sandboxCredential } from '../../services';
import { sandboxHttpClient } from '../sandbox/client';
import { exampleCatalogue } from '../support/catalogue';
import { memoryTelemetry, type SentPoint } from '../support/memory-telemetry';
import { worldStart } from '../support/world-start';

/** Whoever is asked to slow down counts it, once each time and by whose limit it is. */

const catalogue = exampleCatalogue();
const [image] = catalogue.images;
if (!image) throw new Error('no image');

/** Refuses the first `times` requests to a host and path, as a service does that has had enough of them. */
function impatient(to: HttpClient, { times, at, status = 429, after }: Impatience): HttpClient {
  let left = times;
  return {
    async sendRequest(request) {
      if (left === 0 || !at.test(request.url)) return to.sendRequest(request);
      left -= 1;
      const headers = createHttpHeaders(after === undefined ? {} : { 'retry-after': after });
      return { request, status, headers, bodyAsText: '{"error":{"code":"TooManyRequests","message":"slow down"}}' };
    },
  };
}

interface Impatience {
  readonly times: number;
  readonly at: RegExp;
  readonly status?: number;
  readonly after?: string;
}

async function countedBy(impatience: Impatience, ask: (azure: Azure) => Promise<unknown>) {
  const { sandbox } = createSandbox({ speed: 0, startMs: worldStart, azure: { throttle: false } });
  const { telemetry, points, spans } = memoryTelemetry();
  const azure = createAzure({
    ...{ credential: sandboxCredential, telemetry, sleep: async () => {} },
    httpClient: impatient(sandboxHttpClient(sandbox), impatience),
    subscription: catalogue.azure.subscription,
  });
  await ask(azure).catch(() => undefined);
  const throttled = spans().filter(({ attributes }) => attributes['azure.throttled'] === true);
  return { counted: of(await points(), 'goldbot.azure.throttles'), spans: throttled.length };
}

const of = (points: readonly SentPoint[], name: string) =>
  points.filter((point) => point.name === name).map(({ by, value }) => ({ ...by, value }));

const arm = /^https:\/\/management\.azure\.com\/subscriptions\//;
const queries = /Microsoft\.ResourceGraph/;
const graph = /^https:\/\/graph\.microsoft\.com\//;

describe('what Azure asks to slow down for', () => {
  it.each([
    [
      'Resource Manager',
      { at: arm, times: 1, after: '0' },
      (azure: Azure) => azure.read.versions(imageRef(catalogue.azure, image)),
      'resource-manager',
      'GET Microsoft.Compute/galleries/images/versions',
    ],
    [
      'Resource Graph',
      { at: queries, times: 1, after: '0' },
      (azure: Azure) => azure.read.managementGroups(),
      'resource-graph',
      'POST Microsoft.ResourceGraph/resources',
    ],
    [
      'Microsoft Graph',
      { at: graph, times: 1, after: '0' },
      (azure: Azure) => azure.directory.sizeOf(image.approval.group),
      'graph',
      'GET graph/groups/transitiveMembers',
    ],
  ] as const)('%s: is counted as its own', async (_, impatience, ask, service, operation) => {
    expect(await countedBy(impatience, ask)).toEqual({
      counted: [{ 'azure.service': service, 'azure.operation': operation, value: 1 }],
      spans: 1,
    });
  });

  it('counts each time, however often the same read is tried', async () => {
    const { counted } = await countedBy({ at: queries, times: 3, after: '0' }, ({ read }) => read.managementGroups());
    expect(counted).toEqual([expect.objectContaining({ 'azure.service': 'resource-graph', value: 3 })]);
  });

  it.each([
    ['a 503 that says when to come back', 'is counted', { status: 503, after: '0' }, 1],
    ['a 503 that does not', 'is not', { status: 503 }, 0],
    ['a 500', 'is not', { status: 500, after: '0' }, 0],
  ])('%s: %s', async (_what, _is, answer, times) => {
    const { counted } = await countedBy({ at: queries, times: 1, ...answer }, ({ read }) => read.managementGroups());
    expect(counted.map(({ value }) => value)).toEqual(times === 0 ? [] : [times]);
  });

  it('counts nothing where nobody was asked to', async () => {
    expect(await countedBy({ at: arm, times: 0 }, ({ read }) => read.managementGroups())).toEqual({
      counted: [],
      spans: 0,
    });
  });
});

describe('what Teams asks to slow down for', () => {
  const answers: number[] = [];
  let asked = 0;
  const server = createServer((request, response) => {
    request.resume();
    asked += 1;
    const status = answers.shift() ?? 201;
    response.statusCode = status;
    response.setHeader('content-type', 'application/json');
    if (status === 429) response.setHeader('retry-after', '0');
    response.end(status === 429 ? '{"error":{"code":"TooManyRequests"}}' : '{"id":"1"}');
  });
  beforeAll(() => new Promise<void>((done) => server.listen(0, '127.0.0.1', done)));
  afterAll(() => new Promise((done) => server.close(done)));

  it('is one request and one count, by its trouble: nobody repeats it unseen', async () => {
    const { telemetry, points } = memoryTelemetry();
    const serviceUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const credentials = { kind: 'sandbox' } as const;
    const framework = new Botbuilder({ appId: 'app', credentials, metadataUrl: serviceUrl, mayCall: () => true });
    const teams = new Teams(framework, 'app', telemetry);
    const chat = { conversationId: 'a:1', kind: 'personal', tenantId: 'tenant', serviceUrl } as const;
    answers.push(429, 412);
    await expect(teams.post(chat, { text: 'one' })).rejects.toMatchObject({ trouble: 'throttled' });
    await expect(teams.post(chat, { text: 'two' })).rejects.toMatchObject({ trouble: 'throttled' });
    await teams.post(chat, { text: 'three' });
    expect(asked).toBe(3);
    expect(of(await points(), 'goldbot.teams.requests')).toEqual([
      { 'http.request.method': 'POST', 'teams.trouble': 'throttled', value: 2 },
      { 'http.request.method': 'POST', value: 1 },
    ]);
  });
});
