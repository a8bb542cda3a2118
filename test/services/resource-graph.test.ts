import { selfUpgradingSets } from '../../core/compliance';
import type { Route } from '../../sandbox/kernel/types';
import { kqlString } from '../../services/resource-graph/kql';
import { azureOf, failure, ubuntu } from './azure';

interface Asked {
  readonly query: string;
  readonly options: { readonly $skipToken?: string; readonly $top?: number; readonly resultFormat?: string };
}

function graphOf(pages: readonly object[]) {
  const asked: Asked[] = [];
  const route: Route = {
    method: 'POST',
    path: '/providers/Microsoft.ResourceGraph/resources',
    handle: ({ body }) => {
      asked.push(body as Asked);
      const { headers = {}, ...page } = (pages[asked.length - 1] ?? {}) as { headers?: Record<string, string> };
      return { status: 200, headers, body: { totalRecords: 1, count: 1, resultTruncated: 'false', data: [], ...page } };
    },
  };
  return { asked, ...azureOf([route]) };
}

const running = (source: string, of: readonly (readonly [version: string, machines: number])[]) => ({
  ...{ source, versions: of, versions1: null, machines1: null },
  machines: of.reduce((sum, [, n]) => sum + n, 0),
});

describe('Resource Graph', () => {
  it('is read to its last page', async () => {
    const byId = running('/…/galleries/gold/images/ubuntu-22', [['1.0.0', 3]]);
    const shared = running('/sharedgalleries/s-gold/images/ubuntu-22', [
      ['1.0.0', 1],
      ['1.1.0', 4],
    ]);
    const { read, asked } = graphOf([{ data: [byId], $skipToken: 'next' }, { data: [shared] }]);
    const versions = new Map([
      ['1.0.0', 4],
      ['1.1.0', 4],
    ]);
    await expect(read.machinesByVersion(ubuntu)).resolves.toEqual(new Map([['ubuntu-22', versions]]));
    expect(asked.map((a) => a.options.$skipToken)).toEqual([undefined, 'next']);
    expect(asked[0]?.options).toMatchObject({ resultFormat: 'objectArray', $top: 1000 });
  });

  it.each([
    ['truncated its answer', { resultTruncated: 'true' }],
    ['saw too many subscriptions', { headers: { 'x-ms-tenant-subscription-limit-hit': 'true' } }],
    ['cut off a list within a row', { data: [{ ...running('/i', [['1.0.0', 3]]), machines: 4 }] }],
  ])('never passes a part for the whole when it %s', async (_, page) => {
    const { read } = graphOf([page]);
    const error = await failure(read.machinesByVersion(ubuntu));
    expect(error).toMatchObject({
      code: 'AZ_UNAVAILABLE',
      message: expect.stringContaining('only part of the question'),
    });
  });

  it('tells the cause that Azure hides in the details of a refusal', async () => {
    const details = [
      { code: 'InvalidQuery', message: 'Query is invalid.' },
      { code: 'ParserFailure', message: 'token <EOF>' },
    ];
    const body = { error: { code: 'BadRequest', message: 'Please provide below info.', details } };
    const path = '/providers/Microsoft.ResourceGraph/resources';
    const { read } = azureOf([{ method: 'POST', path, handle: () => ({ status: 400, body }) }]);
    const error = await failure(read.machinesByVersion(ubuntu));
    expect(error).toMatchObject({ code: 'AZ_BAD_REQUEST', message: expect.stringContaining('token <EOF>') });
  });

  it('names no scale sets that upgrade themselves when it told of some only', async () => {
    const set = (name: string, upgrades: boolean | null) => ({
      ...{ id: name, name, upgrades, subscriptionId: 's', resourceGroup: 'g', location: 'westeurope' },
      ...{ tags: null, source: '/i', named: '', orchestration: 'Uniform', ephemeral: '' },
    });
    const named = (page: object) => selfUpgradingSets(graphOf([page]).read, { teams: new Map() }, ubuntu);
    const data = [set('a', true), set('b', false), set('c', null)];
    expect(await named({ data })).toEqual(['a']);
    expect(await named({ data, headers: { 'x-ms-tenant-subscription-limit-hit': 'true' } })).toBeUndefined();
  });
});

/** That no text changes a query is judged by Microsoft's parser: test/conformance/kusto.test.ts. */
describe('a text in a query', () => {
  it('is still the text', () => {
    expect(kqlString("o'neil\\x")).toBe("'o\\'neil\\\\x'");
  });
});
