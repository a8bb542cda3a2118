import type { Resource } from '../../sandbox/azure/compute/resource';
import { galleryResourceGroup, platformSubscription, teamSubscriptions } from '../../sandbox/azure/names';
import { open, start } from './resource-graph-world';

const day = 86_400_000;
const { rows, of } = open();
const vms = of('virtualMachines');
const fleet = `resources | where type =~ 'microsoft.compute/virtualmachines'`;
const created = (vm: Resource): number => Date.parse(String(vm.properties['timeCreated']));
const teamOf = (vm: Resource): string => vm.tags?.['team'] ?? '';
const iso = (ms: number): string => new Date(ms).toISOString();

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): [string, Item[]][] {
  const groups = new Map<string, Item[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return [...groups].sort(([a], [b]) => (a < b ? -1 : 1));
}

/** The one row of a query over a single resource. */
const scalar = async (expression: string) =>
  (await rows(`${fleet} | where name == 'vm-web-front-001' | project value = ${expression}`))[0]?.['value'];

describe('Aggregates in Resource Graph', () => {
  it('count by bins of time', async () => {
    const found = await rows(
      `${fleet} | summarize n = count() by bin(todatetime(properties.timeCreated), 7d) | order by properties_timeCreated asc`,
    );

    const week = (vm: Resource) => iso(Math.floor(created(vm) / (7 * day)) * 7 * day);
    expect(found).toEqual(groupBy(vms, week).map(([at, all]) => ({ properties_timeCreated: at, n: all.length })));
  });

  it('pick whole rows with arg_max and arg_min', async () => {
    const found = await rows(
      `${fleet} | extend t = todatetime(properties.timeCreated), team = tostring(tags.team)
        | summarize arg_max(t, name), oldest = arg_min(t, id) by team | order by team asc`,
    );

    const expected = groupBy(vms, teamOf).map(([team, all]) => {
      const inOrder = all.toSorted((a, b) => created(a) - created(b));
      const [oldest, newest] = [inOrder[0] as Resource, inOrder.at(-1) as Resource];
      return { team, t: iso(created(newest)), name: newest.name, oldest: iso(created(oldest)), id: oldest.id };
    });
    expect(found).toEqual(expected);
  });

  it('gather sets and lists, average and sum', async () => {
    const found = await rows(
      `${fleet} | summarize places = make_set(location), names = make_list(name), avg(strlen(name)), sum(strlen(name)), dcount(location), take_any(subscriptionId) by team = tostring(tags.team) | where team == 'web'`,
    );

    const web = vms.filter((vm) => teamOf(vm) === 'web');
    const length = web.reduce((sum, vm) => sum + vm.name.length, 0);
    expect(found).toEqual([
      {
        team: 'web',
        places: expect.arrayContaining([...new Set(web.map((vm) => vm.location))]),
        names: web.toSorted((a, b) => (a.id.toLowerCase() < b.id.toLowerCase() ? -1 : 1)).map((vm) => vm.name),
        avg_strlen_name: length / web.length,
        sum_strlen_name: length,
        dcount_location: new Set(web.map((vm) => vm.location)).size,
        subscriptionId: teamSubscriptions[1],
      },
    ]);
  });
});

describe('Several tables in Resource Graph', () => {
  it('join on the left with what there is on the right', async () => {
    const found = await rows(
      `${fleet} | where name endswith '-001' | project name, group = tolower(id)
        | join kind=leftouter (${fleet} | where location == 'eastus' | project group = tolower(id), where = location) on group
        | project name, where | order by name asc`,
    );

    const expected = vms
      .filter((vm) => vm.name.endsWith('-001'))
      .map((vm) => ({ name: vm.name, where: vm.location === 'eastus' ? 'eastus' : '' }));
    expect(found).toEqual(expected.sort((a, b) => (a.name < b.name ? -1 : 1)));
    expect(found.some((row) => row['where'] === '')).toBe(true);
  });

  it('join every pair with inner, and each left key once with innerunique', async () => {
    const teams = `${fleet} | extend team = tostring(tags.team) | where team in ('web', 'data')`;
    const count = async (kind: string) =>
      (
        await rows(
          `${teams} | project team, name | join ${kind} (${teams} | project team, other = name) on team | count`,
        )
      )[0]?.['Count'];

    const sizes = ['web', 'data'].map((team) => vms.filter((vm) => teamOf(vm) === team).length);
    expect(await count('kind=inner')).toBe(sizes.reduce((sum, n) => sum + n * n, 0));
    expect(await count('')).toBe(sizes.reduce((sum, n) => sum + n, 0));
    expect(await count('kind=innerunique')).toBe(await count(''));
  });

  it('join subscriptions by name, and keep both sides with fullouter', async () => {
    const found = await rows(
      `${fleet} | summarize machines = count() by subscriptionId
        | join kind=fullouter (resourcecontainers | where type == 'microsoft.resources/subscriptions' | project subscriptionId, name) on subscriptionId
        | project machines, name, known = isnotempty(subscriptionId), subscriptionId1 | order by name asc`,
    );

    const expected = [platformSubscription, ...teamSubscriptions].map((id) => {
      const machines = vms.filter((vm) => vm.id.includes(id)).length;
      return { machines: machines || null, name: `contoso-${id.slice(-4)}`, known: machines > 0, subscriptionId1: id };
    });
    expect(found).toEqual(expected);
  });

  it('follow each other in a union, with nothing in the columns that one of them lacks', async () => {
    const found = await rows(
      `resourcecontainers | where type endswith '/resourcegroups' and name == '${galleryResourceGroup}' | project name, type
        | union withsource=source (resources | where type =~ 'microsoft.compute/galleries' and name == 'gold' | project name, location)`,
    );

    expect(found).toEqual([
      {
        source: 'union_arg0',
        name: galleryResourceGroup,
        type: 'microsoft.resources/subscriptions/resourcegroups',
        location: null,
      },
      { source: 'union_arg1', name: 'gold', type: null, location: 'westeurope' },
    ]);
  });

  it('expand to 128 rows out of one at the most, unless the query allows more', async () => {
    const list = `${fleet} | summarize names = make_list(name)`;
    const count = async (limit: string) =>
      (
        await rows(`${list} | mv-expand name = names to typeof(string)${limit} | where name startswith 'vm-' | count`)
      )[0]?.['Count'];

    expect(await count('')).toBe(128);
    expect(await count(' limit 7')).toBe(7);
    expect(await count(' limit 2000')).toBe(200);
  });

  it('expand bags to their properties', async () => {
    const found = await rows(`${fleet} | where name == 'vm-web-front-001' | mv-expand tags | project tags`);

    const tags = Object.entries(vms.find((vm) => vm.name === 'vm-web-front-001')?.tags ?? {});
    expect(found).toEqual(tags.map(([name, value]) => ({ tags: { [name]: value } })));
  });
});

describe('Functions in Resource Graph', () => {
  it.each<[string, unknown]>([
    ["datetime_diff('day', now(), ago(36h))", 2],
    ["datetime_diff('day', now(+90d), now())", 90],
    ["datetime_diff('day', now(-2d), now())", -2],
    ['int(3.7)', 3],
    ['array_length(bag_keys(parse_json(\'{"a": 1, "b": 2}\')))', 2],
    ["datetime_diff('hour', datetime(2026-11-23 10:05), datetime(2026-11-23 09:55))", 1],
    ["datetime_diff('week', datetime(2026-11-22), datetime(2026-11-21))", 1],
    ["datetime_diff('month', datetime(2026-11-01), datetime(2025-12-31))", 11],
    ["datetime_diff('year', datetime(2026-01-01), datetime(2025-12-31))", 1],
    ["datetime_add('month', 1, datetime(2026-01-31))", '2026-02-28T00:00:00.000Z'],
    ["datetime_add('day', -1, datetime(2026-03-01))", '2026-02-28T00:00:00.000Z'],
    ['ago(1d)', iso(start - day)],
    ['startofday(now())', iso(Math.floor(start / day) * day)],
    ['bin(7, 5)', 5],
    ['bin(-7, 5)', -10],
    ['bin(datetime(2026-11-23 09:59), 1h)', '2026-11-23T09:00:00.000Z'],
    ['(now() - ago(90m)) / 1h', 1.5],
    ['now() - ago(26h)', '1.02:00:00'],
    ["extract('vm-([a-z]+)-([a-z]+)', 2, name)", 'front'],
    ["extract('x(y)', 1, name)", ''],
    ["case(name has 'api', 'a', name has 'front', 'f', 'other')", 'f'],
    ["iff(name has 'api', 'a', 'b')", 'b'],
    ["array_length(split(name, '-'))", 4],
    ["array_length(parse_json('[1, 2]'))", 2],
    ['tostring(parse_json(\'{"a": {"b": [7]}}\').a.b[0])', '7'],
    ["tostring(properties['storageProfile']['osDisk']['osType'])", 'Linux'],
    ["strcat('a', 1, true)", 'a1true'],
    ["substring('goldbot', 4)", 'bot'],
    ["substring('goldbot', 0, 4)", 'gold'],
    ["indexof('goldbot', 'bot')", 4],
    ["replace_string('a.b.c', '.', '')", 'abc'],
    ['max_of(3, 9, 4)', 9],
    ['min_of(3, 9, 4)', 3],
    ['7 / 2', 3],
    ['7.0 / 2', 3.5],
    ['-7 % 5', 3],
    ["set_has_element(dynamic(['a', 'b']), 'b')", undefined],
    ['set_has_element(dynamic(["a", "b"]), \'b\')', true],
    ["pack_array('a', 1)", ['a', 1]],
    ['2 between (1 .. 3)', true],
    ['2 !between (1 .. 3)', false],
    ["'one two' has_any ('two', 'three')", true],
    ["'one two' has_all ('two', 'three')", false],
    ["'vm-12' matches regex '^vm-[0-9]+$'", true],
    ["'a\\u0062\\x63\\144\\t'", 'abcd\t'],
    ["@'it''s c:\\new'", "it's c:\\new"],
    ["strlen('🧨x')", 2],
  ])('answer %s', async (expression, expected) => {
    if (expected === undefined) await expect(scalar(expression)).rejects.toMatchObject({ statusCode: 400 });
    else expect(await scalar(expression)).toEqual(expected);
  });
});
