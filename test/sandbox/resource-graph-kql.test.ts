import type { Resource } from '../../sandbox/azure/compute/resource';

import { fleetQuery, open, reference, start } from './resource-graph-world';

describe('KQL in Resource Graph', () => {
  it('adds up the values of some rows', async () => {
    const { rows } = open();
    const machines = "resources | where type =~ 'microsoft.compute/virtualmachines' | extend n = 2";

    const [found] = await rows(`${machines} | summarize all = sum(n), some = sumif(n, tags.team == 'web')`);
    const web = await rows(`${machines} | where tags.team == 'web' | project id`);

    expect(web.length).toBeGreaterThan(0);
    expect(found).toEqual({ all: 400, some: 2 * web.length });
  });

  it('answers the fleet with image and version of every VM, as the VMs themselves say', async () => {
    const { rows, of } = open();

    const found = await rows(fleetQuery);

    const expected = of('virtualMachines').map((vm) => {
      const { id, exactVersion, publisher } = reference(vm);
      return [
        vm.name,
        id?.toLowerCase().replace(/\/versions\/.*/, '') ?? '',
        exactVersion,
        publisher ?? '',
        vm.tags?.['team'] ?? '',
      ];
    });
    expect(found).toHaveLength(200);
    expect(
      found.map((r) => [r['name'], r['imageDefinition'], r['imageVersion'], r['publisher'], r['team']]).sort(),
    ).toEqual(expected.sort());
    expect(found.map((r) => r['id'])).toEqual(found.map((r) => r['id']).sort());
    expect(new Set(found.map((r) => r['powerState']))).toEqual(
      new Set(['PowerState/running', 'PowerState/deallocated']),
    );
  });

  it.each([
    ['count', `where tags.team == 'payments' | count`, (vm: Resource) => vm.tags?.['team'] === 'payments'],
    ['=~', `where tags.team =~ 'PAYMENTS' | count`, (vm: Resource) => vm.tags?.['team'] === 'payments'],
    ['!=', `where tags.team != 'web' | count`, (vm: Resource) => vm.tags?.['team'] !== 'web'],
    ['!~', `where tags.team !~ 'WEB' | count`, (vm: Resource) => vm.tags?.['team'] !== 'web'],
    [
      'in',
      `where tags.team in ('web', 'data') | count`,
      (vm: Resource) => ['web', 'data'].includes(vm.tags?.['team'] ?? ''),
    ],
    ['in~', `where tags.team in~ ('WEB') | count`, (vm: Resource) => vm.tags?.['team'] === 'web'],
    ['!in~', `where tags.team !in~ ('WEB') | count`, (vm: Resource) => vm.tags?.['team'] !== 'web'],
    ['contains', `where name contains '-API-' | count`, (vm: Resource) => vm.name.includes('-api-')],
    ['has', `where name has 'api' | count`, (vm: Resource) => vm.name.split('-').includes('api')],
    ['startswith', `where name startswith 'VM-web' | count`, (vm: Resource) => vm.name.startsWith('vm-web')],
    ['endswith', `where name endswith '-001' | count`, (vm: Resource) => vm.name.endsWith('-001')],
    [
      'isempty and or',
      `where isempty(tags.team) or name endswith '2' | count`,
      (vm: Resource) => !vm.tags?.['team'] || vm.name.endsWith('2'),
    ],
    ['not', `where not(isnotempty(tags['service-model'])) | count`, (vm: Resource) => !vm.tags?.['service-model']],
    [
      'dates',
      `where todatetime(properties.timeCreated) < datetime(2026-09-01) | count`,
      (vm: Resource) => Date.parse(String(vm.properties['timeCreated'])) < Date.UTC(2026, 8, 1),
    ],
    [
      'ago',
      `where todatetime(properties.timeCreated) > ago(30d) | count`,
      (vm: Resource) => Date.parse(String(vm.properties['timeCreated'])) > start - 30 * 86_400_000,
    ],
  ])('counts with %s what a loop over the VMs counts', async (_, rest, wanted) => {
    const { rows, of } = open();
    const expected = of('virtualMachines').filter(wanted).length;

    const found = await rows(`resources | where type =~ 'microsoft.compute/virtualmachines' | ${rest}`);

    expect(expected).toBeGreaterThan(0);
    expect(expected).toBeLessThan(200);
    expect(found).toEqual([{ Count: expected }]);
  });

  it('finds with has whole terms only, where contains finds parts', async () => {
    const { rows } = open();
    const count = async (condition: string) =>
      Number((await rows(`resources | where ${condition} | count`))[0]?.['Count']);

    expect(await count(`name has 'paym'`)).toBe(0);
    expect(await count(`name contains 'paym'`)).toBeGreaterThan(0);
    expect(await count(`name !has 'payments'`)).toBe((await count('true')) - (await count(`name has 'PAYMENTS'`)));
  });

  it('summarizes by team and version', async () => {
    const { rows, of } = open();
    const query = `resources | where type =~ 'microsoft.compute/virtualmachines'
      | summarize total = count(), old = countif(properties.storageProfile.imageReference.exactVersion in ('1.3.0', '1.4.1')), versions = dcount(tostring(properties.storageProfile.imageReference.exactVersion)), newest = max(todatetime(properties.timeCreated)), some = make_list(name, 2) by team = tostring(tags.team)
      | order by team asc`;

    const found = await rows(query);

    const web = of('virtualMachines').filter((vm) => vm.tags?.['team'] === 'web');
    const newest = Math.max(...web.map((vm) => Date.parse(String(vm.properties['timeCreated']))));
    expect(found.map((r) => r['team'])).toEqual(['', 'data', 'legacy', 'payments', 'web']);
    expect(found.at(-1)).toEqual({
      team: 'web',
      total: web.length,
      old: web.filter((vm) => ['1.3.0', '1.4.1'].includes(reference(vm).exactVersion ?? '')).length,
      versions: new Set(web.map((vm) => reference(vm).exactVersion)).size,
      newest: new Date(newest).toISOString(),
      some: [expect.any(String), expect.any(String)],
    });
  });

  it('names columns as Kusto does and sorts, cuts and removes them', async () => {
    const { rows } = open();

    const named = await rows(
      `resources | where type =~ 'microsoft.compute/virtualmachines' | take 1 | project tags['team'], properties.storageProfile.osDisk.osType, strcat('a', 1)`,
    );
    const grouped = await rows(`resources | summarize count(), max(name) by type | top 1 by count_`);
    const away = await rows(
      `resources | where type =~ 'microsoft.compute/galleries' and location == 'westeurope' | project id, name, location | project-away id | extend upper = toupper(name), n = array_length(split(location, 'e'))`,
    );
    const distinct = await rows(
      `resources | where type has 'versions' and id contains '/gold/images/' | distinct location`,
    );
    const expanded = await rows(
      `resources | where type endswith '/versions' and id contains '/gold/images/' | mv-expand region = properties.publishingProfile.targetRegions | summarize replicas = sum(toint(region.regionalReplicaCount)) by name = tostring(region.name) | sort by name asc`,
    );

    expect(Object.keys(named[0] ?? {})).toEqual(['tags_team', 'properties_storageProfile_osDisk_osType', 'Column1']);
    expect(Object.keys(grouped[0] ?? {})).toEqual(['type', 'count_', 'max_name']);
    expect(away).toEqual([{ name: 'gold', location: 'westeurope', upper: 'GOLD', n: 4 }]);
    expect(distinct).toEqual([{ location: 'westeurope' }]);
    expect(expanded).toEqual([
      { name: 'East US', replicas: 10 },
      { name: 'North Europe', replicas: 10 },
      { name: 'West Europe', replicas: 15 },
    ]);
  });
});
