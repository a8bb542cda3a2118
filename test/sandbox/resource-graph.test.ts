import { seedEstate } from '../../sandbox/azure/estate/seed';
import { teamSubscriptions } from '../../sandbox/azure/names';
import { ask } from './client';

import { fleetQuery, open, reference } from './resource-graph-world';

describe('Resource Graph', () => {
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
    ['a let', 'let x = 1; resources', { code: 'ParserFailure', token: 'x' }],
    [
      'an operator that it does not have',
      'resources | project-rename a = id',
      { code: 'ParserFailure', token: 'project-rename' },
    ],
    ['another case', 'resources | WHERE true', { code: 'ParserFailure', token: 'WHERE' }],
    ['half an escape', "resources | where name == '\\u00'", { code: 'ParserFailure', token: "'" }],
    [
      'a kind of join',
      'resources | join kind=leftanti (resources) on id',
      { code: 'UnsupportedJoinFlavor', message: 'The join kind "leftanti" is not supported or not allowed.' },
    ],
    [
      'a fourth join',
      `resources${' | join (resources) on id'.repeat(4)}`,
      { code: 'DisallowedMaxNumberOfRemoteTables' },
    ],
    [
      'a second join with other tables',
      'resources | join (policyresources) on id | join (guestconfigurationresources) on id',
      { code: 'DisallowedMaxNumberOfRemoteTables' },
    ],
    ['a fourth mv-expand', `resources${' | mv-expand zones'.repeat(4)}`, { code: 'DisallowedMaxNumberOfMvExpands' }],
    ['groups of dynamic values', 'resources | summarize count() by tags.team', { code: 'SemanticError' }],
    ['an order of dynamic values', 'resources | order by tags.team', { code: 'SemanticError' }],
    ['distinct dynamic values', 'resources | distinct tags', { code: 'SemanticError' }],
    ['a join on dynamic values', 'resources | join (resources) on tags', { code: 'SemanticError' }],
    ['a text compared with a number', 'resources | where name == 5', { code: 'SemanticError' }],
    ['a path into a text', 'resources | project name.first', { code: 'SemanticError' }],
    ['an even case', 'resources | extend x = case(true, 1, false, 2)', { code: 'SemanticError' }],
    ['an unfinished query', 'resources | where', { code: 'ParserFailure', token: '<EOF>' }],
    [
      'an unknown function',
      'resources | extend x = cout(name)',
      { code: 'UnknownFunction', message: "Unknown function: 'cout'." },
    ],
    ['an unknown column', 'resources | project nope', { code: 'SemanticError' }],
    [
      'an unknown table',
      'secrets',
      { code: 'DisallowedLogicalTableName', message: 'Table secrets is invalid, unsupported or disallowed.' },
    ],
    [
      'a table that Resource Graph has and this Azure has not',
      'HealthResources | take 1',
      {
        code: 'DisallowedLogicalTableName',
        message: 'Table HealthResources is not in this sandbox; Azure Resource Graph has it.',
      },
    ],
    ['an unknown table behind a join', 'resources | join (secrets) on id', { code: 'DisallowedLogicalTableName' }],
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
      `policyresources | where type =~ 'microsoft.policyinsights/policystates' | where properties.policyAssignmentName == 'only-golden-images' and properties.resourceType =~ 'microsoft.compute/virtualmachines' | summarize n = count() by state = tostring(properties.complianceState)`,
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
    // Two are excluded, three were made after the evaluation of the day.
    expect(count('Compliant')).toBe(200 - outside - 5);
    expect(exemptions).toHaveLength(4);
    // Two configurations for each machine that has the agent; nine have none.
    expect(guests).toHaveLength(2 * (205 - 9));
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

  it('counts facets over the result, and tells in a facet what is wrong with it', async () => {
    const { client, of } = open();
    const query = `resources | where type =~ 'microsoft.compute/virtualmachines' | project id, name, location, tags.team | limit 150`;
    const { data, facets } = await client.resources({
      query,
      facets: [
        { expression: 'location', options: { top: 2 } },
        { expression: 'tags.team', options: { sortBy: 'tags_team', sortOrder: 'asc', filter: "location == 'eastus'" } },
        { expression: 'nonExistingColumn' },
        { expression: 'location', options: { filter: 'location ==' } },
      ],
    });

    const kept = data as { location: string; tags_team: string }[];
    const count = (name: string) => kept.filter((row) => row.location === name).length;
    const places = [...new Set(kept.map((row) => row.location))].sort((a, b) => count(b) - count(a));
    const east = kept.filter((row) => row.location === 'eastus').length;
    expect(of('virtualMachines').length).toBeGreaterThan(kept.length);
    expect(facets).toEqual([
      {
        expression: 'location',
        resultType: 'FacetResult',
        totalRecords: places.length,
        count: 2,
        data: places.slice(0, 2).map((location) => ({ location, count: count(location) })),
      },
      {
        expression: 'tags.team',
        resultType: 'FacetResult',
        totalRecords: 1,
        count: 1,
        data: [{ tags_team: 'web', count: east }],
      },
      {
        expression: 'nonExistingColumn',
        resultType: 'FacetError',
        errors: [
          expect.objectContaining({ code: 'NoValidColumns' }),
          expect.objectContaining({ message: 'Invalid column names: [nonExistingColumn].' }),
        ],
      },
      {
        expression: 'location',
        resultType: 'FacetError',
        errors: [expect.objectContaining({ code: 'ParserFailure' })],
      },
    ]);
  });

  it('says when it saw only the first subscriptions of too many', async () => {
    const url = '/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01';
    const query = 'resourcecontainers | distinct subscriptionId';
    const limited = open({ resourceGraph: { mostSubscriptions: 2 } });
    const all = await ask(open().sandbox, 'POST', url, { query });
    const some = await ask(limited.sandbox, 'POST', url, { query });

    expect(all.headers).not.toHaveProperty('x-ms-tenant-subscription-limit-hit');
    expect(all.headers).toHaveProperty(
      'x-ms-resource-graph-request-duration',
      expect.stringMatching(/^0:00:00:\d\d\.\d{7}$/),
    );
    // Four subscriptions, and the management groups that are in none.
    expect(all.body).toMatchObject({ totalRecords: 5 });
    expect(some.headers).toMatchObject({ 'x-ms-tenant-subscription-limit-hit': 'true' });
    expect(some.body).toMatchObject({ totalRecords: 2 });
  });

  it('types a table as Kusto does, and knows no other format', async () => {
    const { sandbox } = open();
    const url = '/providers/Microsoft.ResourceGraph/resources?api-version=2024-04-01';
    const query =
      "resources | where name == 'vm-web-front-001' | project name, n = 1, r = 0.5, t = now(), tags, no = isempty(name)";
    const table = await ask(sandbox, 'POST', url, { query, options: { resultFormat: 'table' } });
    const other = await ask(sandbox, 'POST', url, { query, options: { resultFormat: 'csv' } });

    expect(table.body).toMatchObject({
      data: {
        columns: [
          { name: 'name', type: 'string' },
          { name: 'n', type: 'integer' },
          { name: 'r', type: 'number' },
          { name: 't', type: 'datetime' },
          { name: 'tags', type: 'object' },
          { name: 'no', type: 'boolean' },
        ],
        rows: [
          ['vm-web-front-001', 1, 0.5, '2026-11-23T09:00:00.000Z', expect.objectContaining({ team: 'web' }), false],
        ],
      },
    });
    expect(other.status).toBe(400);
  });
});
