import { azureOf, failure } from './azure';

/** Lists that no client covers: the locks of a scope, and what is in a resource group. */
const group = '/subscriptions/s/resourceGroups/g';
const pages = (path: string, value: (page: number) => object[], last = Number.POSITIVE_INFINITY) => {
  let page = 0;
  const more = { nextLink: `https://management.azure.com${path}?api-version=2020-05-01&$skiptoken=x` };
  const handle = () => ({ status: 200, body: { value: value(++page), ...(page < last && more) } as never });
  return { method: 'GET' as const, path, handle };
};
const locks = `${group}/providers/Microsoft.Authorization/locks`;
const lock = (page: number) => ({ id: `${locks}/l${page}`, properties: { level: 'ReadOnly' } });

it('of several pages is read to its end', async () => {
  const { read } = azureOf([pages(locks, (page) => [lock(page)], 3)]);
  expect((await read.locksOver(group)).map(({ id }) => id.split('/').at(-1))).toEqual(['l1', 'l2', 'l3']);
});

it('that does not end is not taken for what of it was read', async () => {
  const { read, sent } = azureOf([pages(locks, (page) => [lock(page)])]);
  expect(await failure(read.locksOver(group))).toMatchObject({
    code: 'AZ_UNAVAILABLE',
    message: `A list of Azure does not end: 50 pages of ${locks}.`,
  });
  expect(sent('GET')).toHaveLength(50);
});

it('is left once it has said what was asked', async () => {
  const here = {
    method: 'GET' as const,
    path: group,
    handle: () => ({ status: 200, body: { location: 'westeurope' } }),
  };
  const { read, sent } = azureOf([here, pages(`${group}/resources`, (page) => (page < 3 ? [] : [{ id: 'r' }]))]);
  expect(await read.groupState(group)).toEqual({ location: 'westeurope', isEmpty: false });
  expect(sent('GET')).toHaveLength(4);
});
