import type { AzureRead } from '../../core/azure';
import { seconds } from '../../core/time';
import { type Asker, type Line, type Quotas, withDeadline } from '../../services';
import { lineOf } from '../../services/azure/quota';
import { anyLook, armError, azureOf, failure, held, place } from './azure';
import { wholeAzure } from './whole-azure';

const question = (read: AzureRead) => read.guestCounts([]);
const graph = { match: { url: 'ResourceGraph' }, status: 429, headers: { 'retry-after': '3' }, times: 1 };

interface Given {
  /** How long each that asks for a place waits, one after the other; 0 when there are no more. */
  readonly waits?: readonly number[];
  /** What `silentMs` and `take` say of a silence, one after the other. */
  readonly silences?: readonly (number | undefined)[];
  readonly mayAsk?: boolean;
}

/** Quotas that a test looks into. */
function quotasOf({ waits = [], silences = [], mayAsk = true }: Given = {}) {
  const taken: { readonly line: Line; readonly asker: Asker; readonly count: number; readonly mostMs: number }[] = [];
  const said: unknown[] = [];
  const [left, silent] = [[...waits], [...silences]];
  const quotas: Quotas = {
    take: async (line, asker, { count, mostMs }) => {
      taken.push({ line, asker, count, mostMs });
      return { waitsMs: Array.from({ length: count }, () => left.shift() ?? 0), silentMs: silent.shift() };
    },
    silentMs: async () => silent.shift(),
    mayAsk: async () => mayAsk,
    answered: async ({ key }) => void said.push(['answered', key]),
    silence: async ({ key }, ms, of) => void said.push(['silence', key, ms, of]),
    left: async ({ key }, share) => void said.push(['left', key, share]),
  };
  return { quotas, taken, said };
}

describe('a request to Azure', () => {
  it('waits for its place before it is sent, each try anew', async () => {
    const { quotas, taken } = quotasOf({ waits: [700, 300] });
    const slept: number[] = [];
    const { read, sandbox } = wholeAzure({ quotas, sleep: async (ms) => void slept.push(ms) });
    sandbox.faults.add(graph);

    await question(read);

    expect(slept).toEqual([700, 3_000, 300]);
    expect(taken.map(({ line }) => line.key)).toEqual(['resource graph', 'resource graph']);
  });

  it('silences the line for everybody when Azure has nothing left, and only then', async () => {
    const { quotas, said } = quotasOf();
    const { read, sandbox } = wholeAzure({ quotas });
    await question(read);
    expect(said).toEqual([]);

    sandbox.faults.add(graph);
    await question(read);
    expect(said).toEqual([['silence', 'resource graph', 3_000, 'line']]);
  });

  it('silences it too when the answer used the quota up', async () => {
    const { quotas, said } = quotasOf();
    const headers = { 'x-ms-user-quota-remaining': '0', 'x-ms-user-quota-resets-after': '00:00:05' };
    const body = { totalRecords: 0, count: 0, resultTruncated: 'false', data: [], facets: [] };
    const path = '/providers/Microsoft.ResourceGraph/resources';
    const route = { method: 'POST', path, handle: () => ({ status: 200, headers, body }) };
    await question(azureOf([route], { quotas }).read);
    expect(said).toEqual([['silence', 'resource graph', 5_000, 'line']]);
  });

  const templates = '/subscriptions/{s}/resourceGroups/{g}/providers/Microsoft.VirtualMachineImages/imageTemplates/{t}';
  const key = `arm reads ${place.subscription}`;
  const answering = (status: number, code: string, headers: Record<string, string> = {}) => ({
    method: 'GET',
    path: templates,
    handle: () => armError(status, code, 'No.', headers),
  });
  it.each([
    ['of the subscription', 429, 'SubscriptionRequestsThrottled', { 'retry-after': '30' }, 30_000, 'line'],
    ['of a provider', 429, 'OperationNotAllowed', { 'retry-after': '30' }, 30_000, 'provider'],
    [
      'with nothing left',
      429,
      'X',
      { 'retry-after': '30', 'x-ms-ratelimit-remaining-subscription-reads': '0' },
      30_000,
      'line',
    ],
    ['for thirty years', 429, 'OperationNotAllowed', { 'retry-after': '1000000000' }, 21_600_000, 'provider'],
    [
      'for longer than days have been counted',
      503,
      'X',
      { 'x-ms-retry-after-ms': '9'.repeat(400) },
      21_600_000,
      'provider',
    ],
    ['until a day that is far', 429, 'X', { 'retry-after': 'Fri, 01 Jan 9999 00:00:00 GMT' }, 21_600_000, 'provider'],
    ['without a time', 429, 'TooManyRequests', {}, 5_000, 'provider'],
    ['of a provider that is down', 503, 'ServerBusy', { 'retry-after': '30' }, 30_000, 'provider'],
  ])('that is refused %s silences what refused it', async (_, status, code, headers, ms, of) => {
    const { quotas, said } = quotasOf();
    await failure(anyLook(azureOf([answering(status, code, headers)], { quotas }).read));
    expect(said).toContainEqual(['silence', key, ms, of]);
  });

  it('tells the others what is left when that is little, once in a while', async () => {
    const { quotas, said } = quotasOf();
    const remaining = { 'x-ms-ratelimit-remaining-subscription-reads': '50' };
    const { read } = azureOf([answering(404, 'ResourceNotFound', remaining)], { quotas });
    await anyLook(read);
    await anyLook(read);
    expect(said).toEqual([['left', key, 0.2]]);

    const plenty = quotasOf();
    const much = { 'x-ms-ratelimit-remaining-subscription-reads': '240' };
    await anyLook(azureOf([answering(404, 'ResourceNotFound', much)], { quotas: plenty.quotas }).read);
    expect(plenty.said).toEqual([]);
  });

  it('is for runs and decisions unless it is for people', async () => {
    const { quotas, taken } = quotasOf();
    const { read, write } = azureOf([answering(404, 'ResourceNotFound')], { quotas });
    await anyLook(read);
    await anyLook(withDeadline(read, seconds(50)));
    await failure(write(held).runTemplate(place, 'x'));
    expect(taken.map(({ asker, line }) => [asker, line.key.split(' ')[1]])).toEqual([
      ['runs', 'reads'],
      ['people', 'reads'],
      ['runs', 'writes'],
    ]);
    expect(taken.map(({ mostMs }) => Math.round(mostMs / 1_000))).toEqual([45, 20, 5]);
  });

  it.each([
    [
      'its turn',
      { waits: [30_500] },
      'goldbot has asked Azure as often as it may: the next question can be sent in 31 seconds.',
    ],
    [
      'the end of a silence',
      { silences: [30_500] },
      'Azure asked goldbot to slow down: the next question can be sent in 31 seconds.',
    ],
  ])('that would wait too long for %s is not sent, and says when it can be', async (_, given, message) => {
    const { quotas } = quotasOf(given);
    const { read, sandbox } = azureOf([answering(404, 'ResourceNotFound')], { quotas });
    const error = await failure(anyLook(withDeadline(read, seconds(50))));
    expect(error).toMatchObject({
      code: 'AZ_THROTTLED',
      message,
      hint: 'Try again in 31 seconds.',
      retryAfterMs: 31_000,
    });
    expect(sandbox.exchanges).toEqual([]);
  });

  it('asks alone whether a silence is over, and says so when it is', async () => {
    const { quotas, said } = quotasOf({ silences: [0] });
    await anyLook(azureOf([answering(404, 'ResourceNotFound')], { quotas }).read);
    expect(said).toEqual([['answered', key]]);
  });

  it('listens while another one asks, and then takes its place', async () => {
    const { quotas, taken, said } = quotasOf({ silences: [0, 900, undefined], mayAsk: false });
    const slept: number[] = [];
    await anyLook(
      azureOf([answering(404, 'ResourceNotFound')], { quotas, sleep: async (ms) => void slept.push(ms) }).read,
    );
    expect([slept, taken.length, said]).toEqual([[200, 900], 3, []]);
  });

  it('needs a new place when Azure fell silent while it waited', async () => {
    const { quotas, taken } = quotasOf({ waits: [500], silences: [undefined, 2_000] });
    const slept: number[] = [];
    await anyLook(
      azureOf([answering(404, 'ResourceNotFound')], { quotas, sleep: async (ms) => void slept.push(ms) }).read,
    );
    expect([slept, taken.length]).toEqual([[500], 2]);
  });

  it('is sent all the same when the quotas cannot be read, and that is logged', async () => {
    const told: string[] = [];
    const log = { debug: () => {}, warn: (_: object, message: string) => void told.push(message) };
    const silent = () => Promise.reject(new Error('the database is silent'));
    const { read } = wholeAzure({ quotas: { ...quotasOf().quotas, take: silent }, log });
    await expect(question(read)).resolves.toMatchObject({ rows: expect.any(Array) });
    expect(told).toEqual(['the quotas of Azure could not be read']);
  });

  it('takes its place with all that came while others were given theirs', async () => {
    const { quotas, taken } = quotasOf();
    const { read } = azureOf([answering(404, 'ResourceNotFound')], { quotas });
    await Promise.all(Array.from({ length: 50 }, () => anyLook(read)));
    expect(taken.reduce((sum, { count }) => sum + count, 0)).toBe(50);
    expect(taken.length).toBeLessThan(25);
  });
});

describe('the line of a request', () => {
  const arm = 'https://management.azure.com';
  it.each([
    [
      'GET',
      `${arm}/subscriptions/S1/resourceGroups/g/providers/Microsoft.Compute/galleries/x`,
      'arm reads s1',
      'microsoft.compute',
    ],
    [
      'POST',
      `${arm}/subscriptions/s1/providers/Microsoft.PolicyInsights/policyStates/latest/queryResults`,
      'arm reads s1',
      'microsoft.policyinsights',
    ],
    ['PUT', `${arm}/subscriptions/s1/resourceGroups/g`, 'arm writes s1', 'none'],
    ['DELETE', `${arm}/subscriptions/s1/resourceGroups/g`, 'arm deletes s1', 'none'],
    ['GET', `${arm}/providers/Microsoft.Management/managementGroups/m`, 'arm reads tenant', 'microsoft.management'],
  ])('%s %s is %s', (method, url, key, provider) => {
    expect(lineOf({ method, url } as never)).toMatchObject({ key, silences: [key, `${key} ${provider}`] });
  });

  it.each([
    ['POST', `${arm}/providers/Microsoft.ResourceGraph/resources`, 'resource graph'],
    ['GET', 'https://graph.microsoft.com/v1.0/groups/g', 'graph'],
    ['GET', 'https://management.usgovcloudapi.net/subscriptions/s1/x', 'arm reads s1'],
    ['GET', 'https://logs.blob.core.windows.net/packerlogs', undefined],
    ['GET', 'https://prices.azure.com/api', undefined],
  ])('%s %s is %s', (method, url, key) => {
    expect(lineOf({ method, url } as never)?.key).toBe(key);
  });
});
