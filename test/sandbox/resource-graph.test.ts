import { ResourceGraphClient } from '@azure/arm-resourcegraph';
import { type AzureOptions, addAzureFace } from '../../sandbox/azure';
import type { Resource } from '../../sandbox/azure/compute/resource';
import { compute } from '../../sandbox/azure/compute/section';
import { seedEstate } from '../../sandbox/azure/estate/seed';
import { teamSubscriptions } from '../../sandbox/azure/names';
import { Sandbox } from '../../sandbox/kernel/sandbox';
import { World } from '../../sandbox/kernel/world';
import { ask, fakeCredential, sandboxHttpClient } from './client';

const start = Date.UTC(2026, 10, 23, 9);

function open(options: AzureOptions = { resourceGraph: { queries: 1_000 } }) {
  const world = new World({ startMs: start, speed: 0 });
  const sandbox = new Sandbox(world);
  addAzureFace(sandbox, options);
  const client = new ResourceGraphClient(fakeCredential, { httpClient: sandboxHttpClient(sandbox) });
  const rows = async (query: string, subscriptions?: string[]) =>
    (await client.resources({ query, ...(subscriptions && { subscriptions }) })).data as Record<string, never>[];
  const of = (type: string) =>
    Object.values(compute(world).resources).filter((r) => r.type === `Microsoft.Compute/${type}`);
  return { world, sandbox, client, rows, of };
}

type Reference = { id?: string; exactVersion?: string; publisher?: string };
const reference = (vm: Resource) => (vm.properties['storageProfile'] as { imageReference: Reference }).imageReference;

const fleetQuery = `resources
| where type =~ 'microsoft.compute/virtualmachines'
| extend ref = properties.storageProfile.imageReference
| extend refId = tolower(coalesce(tostring(ref.id), tostring(ref.sharedGalleryImageId), tostring(ref.communityGalleryImageId)))
| extend imageVersion = iff(refId contains '/versions/', tostring(split(refId, '/versions/')[1]), tostring(ref.exactVersion))
| extend imageDefinition = tostring(split(refId, '/versions/')[0])
| project id, name, subscriptionId, resourceGroup, location, team = tostring(tags['team']), imageDefinition, imageVersion, publisher = tostring(ref.publisher), powerState = tostring(properties.extended.instanceView.powerState.code), timeCreated = todatetime(properties.timeCreated)
| order by id asc`;

describe('Resource Graph', () => {
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
      `resources | where type =~ 'microsoft.compute/galleries' | project id, name, location | project-away id | extend upper = toupper(name), n = array_length(split(location, 'e'))`,
    );
    const distinct = await rows(`resources | where type has 'versions' | distinct location`);
    const expanded = await rows(
      `resources | where type endswith '/versions' | mv-expand region = properties.publishingProfile.targetRegions | summarize replicas = sum(toint(region.regionalReplicaCount)) by name = tostring(region.name) | sort by name asc`,
    );

    expect(Object.keys(named[0] ?? {})).toEqual(['tags_team', 'properties_storageProfile_osDisk_osType', 'Column3']);
    expect(Object.keys(grouped[0] ?? {})).toEqual(['type', 'count_', 'max_name']);
    expect(away).toEqual([{ name: 'gold', location: 'westeurope', upper: 'GOLD', n: 4 }]);
    expect(distinct).toEqual([{ location: 'westeurope' }]);
    expect(expanded).toEqual([
      { name: 'East US', replicas: 10 },
      { name: 'North Europe', replicas: 10 },
      { name: 'West Europe', replicas: 15 },
    ]);
  });

  it('keeps to the subscriptions that are named, and refuses when none of them is known', async () => {
    const { rows, client } = open();

    const found = await rows(
      `resources | where type =~ 'microsoft.compute/virtualmachines' | distinct subscriptionId`,
      [teamSubscriptions[1]],
    );
    const refused = client.resources({ query: 'resources', subscriptions: ['00000000-0000-0000-0000-000000000000'] });

    expect(found).toEqual([{ subscriptionId: teamSubscriptions[1] }]);
    await expect(refused).rejects.toMatchObject({
      statusCode: 400,
      code: 'BadRequest',
      details: { error: { details: [{ code: 'NoValidSubscriptionsInQueryRequest' }] } },
    });
  });

  it.each([
    ['streams', fleetQuery],
    ['has to sort first', `${fleetQuery.replace('order by id asc', 'order by name desc')}`],
  ])('pages by skip token over a query that %s, without losing or repeating a row', async (_, query) => {
    const { client } = open();
    const seen: string[] = [];
    let skipToken: string | undefined;
    const totals = new Set<number>();
    do {
      const page = await client.resources({ query, options: { top: 37, ...(skipToken && { skipToken }) } });
      seen.push(...(page.data as { name: string }[]).map((r) => r.name));
      totals.add(page.totalRecords);
      skipToken = page.skipToken;
      expect(page.resultTruncated).toBe('false');
    } while (skipToken);

    expect(totals).toEqual(new Set([200]));
    expect(seen).toHaveLength(200);
    expect(new Set(seen).size).toBe(200);
  });

  it('gives no token and says truncated when the query has no id', async () => {
    const { client } = open();

    const page = await client.resources({ query: 'resources | project name', options: { top: 5, skip: 2 } });

    expect(page).toMatchObject({ count: 5, resultTruncated: 'true' });
    expect(page.skipToken).toBeUndefined();
  });

  it.each([
    [
      'an unknown operator',
      'resources | wher name == 1',
      { code: 'ParserFailure', line: 1, characterPositionInLine: 12, token: 'wher' },
    ],
    ['a name that every object has', 'resources | constructor', { code: 'ParserFailure', token: 'constructor' }],
    ['a join', 'resources | join kind=inner (resources) on id', { code: 'ParserFailure', token: 'join' }],
    ['an unfinished query', 'resources | where', { code: 'ParserFailure', token: '<EOF>' }],
    [
      'an unknown function',
      'resources | extend x = cout(name)',
      { code: 'UnknownFunction', message: "Unknown function: 'cout'." },
    ],
    ['an unknown column', 'resources | project nope', { code: 'SemanticError' }],
    ['an unknown table', 'secrets', { code: 'DisallowedLogicalTableName' }],
  ])('refuses %s in the shape of Resource Graph', async (_, query, cause) => {
    const { client, sandbox } = open();
    const url = '/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01';

    const answer = await ask(sandbox, 'POST', url, { query });

    const message = expect.stringMatching(
      /^Please provide below info when asking for support: timestamp = .*Z, correlationId = /,
    );
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { code: 'BadRequest', message, details: [{ code: 'InvalidQuery' }, cause] } },
    });
    await expect(client.resources({ query })).rejects.toMatchObject({ statusCode: 400, code: 'BadRequest' });
  });

  it('lets a caller ask 15 times in 5 seconds and says when to come back', async () => {
    let now = 1_000;
    const { sandbox } = open({ machine: () => now });
    const query = () =>
      ask(sandbox, 'POST', '/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01', {
        query: 'resources | count',
      });
    const first = await query();
    for (let n = 1; n < 15; n += 1) await query();

    const refused = await query();
    now += 5_000;
    const again = await query();

    expect(first.headers).toMatchObject({
      'x-ms-user-quota-remaining': '14',
      'x-ms-user-quota-resets-after': '00:00:05',
    });
    expect(refused).toMatchObject({
      status: 429,
      headers: { 'retry-after': '5', 'x-ms-user-quota-remaining': '0' },
      body: { error: { code: 'RateLimiting', details: [{ code: 'RateLimiting' }] } },
    });
    expect(again.status).toBe(200);
  });

  it('knows policy states and guest configuration of every machine', async () => {
    const { rows, of } = open();

    const states = await rows(
      `policyresources | where type =~ 'microsoft.policyinsights/policystates' | summarize n = count() by state = tostring(properties.complianceState)`,
    );
    const guests = await rows(
      `guestconfigurationresources | where type =~ 'microsoft.guestconfiguration/guestconfigurationassignments' | project id, vm = tolower(tostring(properties.targetResourceId)), status = tostring(properties.complianceStatus)`,
    );
    const exemptions = await rows(
      `policyresources | where type =~ 'microsoft.authorization/policyexemptions' | project name`,
    );

    const outside = of('virtualMachines').filter((vm) => !reference(vm).id).length;
    const count = (state: string) => Number(states.find((s) => s['state'] === state)?.['n'] ?? 0);
    expect(count('NonCompliant') + count('Exempt')).toBe(outside);
    expect(count('Compliant')).toBe(200 - outside);
    expect(exemptions).toHaveLength(3);
    expect(guests).toHaveLength(205);
    expect(new Set(guests.map((g) => g['status']))).toEqual(new Set(['Compliant', 'NonCompliant', 'Pending']));
  });

  it.each([0, 1_001, 1.5, -3])('refuses a page of %p rows', async (top) => {
    const { sandbox } = open();
    const url = '/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01';

    const answer = await ask(sandbox, 'POST', url, { query: 'resources', options: { $top: top } });

    expect(answer).toMatchObject({ status: 400, body: { error: { details: [{ code: 'InvalidPagingOptions' }] } } });
  });

  it('refuses a skip token of another query', async () => {
    const { client } = open();
    const { skipToken } = await client.resources({ query: 'resources | project id', options: { top: 1 } });

    const other = client.resources({ query: 'resources | project id, name', options: { skipToken: skipToken ?? '' } });

    expect(skipToken).toBeDefined();
    await expect(other).rejects.toMatchObject({ statusCode: 400 });
  });

  it('pages through a synthetic estate of 30,000 VMs, minus the one that was deleted', async () => {
    const { world, sandbox, client } = open({ resourceGraph: { queries: 1_000 }, throttle: false });
    seedEstate(world, { vms: 30_000, teams: 40, seed: 7 });
    const query = `resources | where type =~ 'microsoft.compute/virtualmachines' | project id, team = tostring(tags.team) | order by id asc`;
    const first = (await client.resources({ query, options: { top: 1 } })).data as { id: string }[];
    await ask(sandbox, 'DELETE', `${first[0]?.id}?api-version=2026-03-01`);
    world.clock.advance(2);
    const seen = new Set<string>();
    const teams = new Set<string>();
    let skipToken: string | undefined;
    do {
      const page = await client.resources({ query, options: skipToken ? { skipToken } : {} });
      for (const row of page.data as { id: string; team: string }[]) {
        seen.add(row.id);
        teams.add(row.team);
      }
      expect(page.totalRecords).toBe(29_999);
      skipToken = page.skipToken;
    } while (skipToken);

    expect(seen.size).toBe(29_999);
    expect(seen.has(first[0]?.id ?? '')).toBe(false);
    expect(teams.size).toBe(40);
  });
});
