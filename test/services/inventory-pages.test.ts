import type { Route } from '../../sandbox/kernel/types';
import { azureOf, failure } from './azure';

interface Asked {
  readonly options: { readonly $skipToken?: string; readonly $skip?: number; readonly $top: number };
}

interface Manner {
  /** Azure's continuation; without it the rest is there for those who ask by place. */
  readonly tokens?: boolean;
  /** It gives no row beyond this one. */
  readonly most?: number;
  readonly headers?: Record<string, string>;
}

/** A Resource Graph of rows that are already there, which gives them in pages in its own manner. */
function graphOf(rows: readonly object[], { tokens = false, most = rows.length, headers = {} }: Manner = {}) {
  const asked: Asked[] = [];
  const handle: Route['handle'] = (request) => {
    const { options } = request.body as Asked;
    asked.push({ options });
    const from = Number(options.$skipToken ?? options.$skip ?? 0);
    const data = rows.slice(from, Math.min(most, from + options.$top));
    const more = from + data.length < rows.length;
    const body = {
      ...{ totalRecords: rows.length, count: data.length, data },
      resultTruncated: more && !tokens ? 'true' : 'false',
      ...(more && tokens && { $skipToken: String(from + data.length) }),
    };
    return { status: 200, headers, body };
  };
  const route = { method: 'POST', path: '/providers/Microsoft.ResourceGraph/resources', handle } as const;
  return { asked, ...azureOf([route]) };
}

const groups = (n: number) =>
  Array.from({ length: n }, (_, i) => {
    const counts = [[`rg-${i}`, '', 1, 0, 4, null, null]];
    return { subscription: 's', bucket: `rg-${i}`, counts, counted: 5, id: `s/rg-${i}` };
  });

describe('Figures of more resource groups than a page holds', () => {
  it.each([
    ['by continuation', true, [undefined, '1000', '2000'], [undefined, undefined, undefined]],
    ['by place where Azure gives no continuation', false, [undefined, undefined, undefined], [undefined, 1000, 2000]],
  ])('are read to the end, %s', async (_, tokens, byToken, byPlace) => {
    const { read, asked } = graphOf(groups(2_300), { tokens });
    const { rows, partial } = await read.guestCounts([]);
    expect(new Set(rows.map((row) => row.resourceGroup)).size).toBe(2_300);
    expect(partial).toBeUndefined();
    expect(asked.map(({ options }) => options.$skipToken)).toEqual(byToken);
    expect(asked.map(({ options }) => options.$skip)).toEqual(byPlace);
  });
});

describe('What Azure tells in part', () => {
  it('is said with the number of rows that are missing', async () => {
    const { read } = graphOf(groups(1_200), { most: 1_000 });
    const { rows, partial } = await read.guestCounts([]);
    expect(rows).toHaveLength(1_000);
    expect(partial).toEqual([{ reason: 'rows', read: 1000, total: 1200 }]);
  });

  it('is said when there are more subscriptions than Azure looks into', async () => {
    const { read } = graphOf(groups(3), { headers: { 'x-ms-tenant-subscription-limit-hit': 'true' } });
    const { rows, partial } = await read.guestCounts([]);
    expect(rows).toHaveLength(3);
    expect(partial).toEqual([{ reason: 'subscriptions' }]);
  });

  it('is never told of one machine, where a missing row is a missing failure', async () => {
    const headers = { 'x-ms-tenant-subscription-limit-hit': 'true' };
    const { read } = graphOf([], { headers });
    expect(await failure(read.machineCompliance('/subscriptions/s/x'))).toMatchObject({ code: 'AZ_UNAVAILABLE' });
  });
});

describe('A row for each place', () => {
  const place = { subscriptionId: 's', resourceGroup: 'g', tag0_: 'web', id: 's/g/web' };
  const cell = (machines: number) => ['vm', 'westeurope', '', false, machines];
  const rowOf = (
    machines: number | null,
    images: unknown,
    images1: unknown = null,
    machines1: number | null = null,
  ) => ({
    ...{ ...place, images, images1, machines, machines1 },
  });

  it('gives the machines of both tables', async () => {
    const instances = [['ubuntu', '1.0.0', [['instance', 'westeurope', 'cattle', true, 2]]]];
    const { read } = graphOf([rowOf(3, [['ubuntu', '1.0.0', [cell(1), cell(2)]]], instances, 2)]);
    const { rows } = await read.machineCounts(['team']);
    const alike = { subscription: 's', resourceGroup: 'g', tags: { team: 'web' }, source: 'ubuntu', version: '1.0.0' };
    const vm = { ...alike, type: 'vm', location: 'westeurope', behindModel: false };
    expect(rows).toEqual([
      { ...vm, machines: 1 },
      { ...vm, machines: 2 },
      { ...alike, type: 'instance', location: 'westeurope', model: 'cattle', behindModel: true, machines: 2 },
    ]);
  });

  it('says how many single machines are missing when Azure cut its lists of them', async () => {
    const counts = [['g', '/subscriptions/s/resourcegroups/g/providers/x/y/vm', 0, 1, 0, null, null]];
    const { read } = graphOf([{ subscription: 's', bucket: 'g', id: 's/g', counts, counted: 4 }]);
    const { rows, partial } = await read.guestCounts([{ subscription: 's', resourceGroup: 'g' }]);
    expect(rows).toMatchObject([{ machine: counts[0]?.[1], machines: { Compliant: 0, NonCompliant: 0, Pending: 1 } }]);
    expect(partial).toEqual([{ reason: 'lists', machines: 3 }]);
  });

  it('says how many machines are missing when Azure cut its lists', async () => {
    const { read } = graphOf([rowOf(7, [['ubuntu', '1.0.0', [cell(4)]]])]);
    const { partial } = await read.machineCounts(['team']);
    expect(partial).toEqual([{ reason: 'lists', machines: 3 }]);
  });
});

describe('A list of machines', () => {
  const machine = (id: string) => ({
    ...{ id, name: id, machineType: 'vm', subscriptionId: 's', resourceGroup: 'g', tags: null, model: '' },
    ...{ location: 'westeurope', written: '', version: '', behind: false, setId: '', createdAt: null },
  });

  it('reads no more than it was asked for and says how many there are', async () => {
    const { read, asked } = graphOf(['/a', '/b', '/c', '/d'].map(machine), { tokens: true });
    const { rows, total, partial } = await read.machineList({}, 3);
    expect(rows).toHaveLength(3);
    expect(total).toBe(4);
    expect(partial).toBeUndefined();
    expect(asked.map(({ options }) => options.$top)).toEqual([3]);
  });

  it('can be of none, for those who want to know how many there are: Azure refuses pages without rows', async () => {
    const { read, asked } = graphOf(['/a', '/b'].map(machine));
    expect(await read.machineList({}, 0)).toMatchObject({ rows: [], total: 2 });
    expect(asked.map(({ options }) => options.$top)).toEqual([1]);
  });
});
