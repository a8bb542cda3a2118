import { compute } from '../../sandbox/azure/compute/section';
import { teamGroup } from '../../sandbox/azure/estate/shape';
import { everything, insightsWorld } from './policy-insights-world';

const legacy = teamGroup('legacy');
const tally = (all: readonly { complianceState: string }[]) =>
  Object.fromEntries(
    [...new Set(all.map((one) => one.complianceState))].map((state) => [
      state,
      all.filter((one) => one.complianceState === state).length,
    ]),
  );

describe('policy states', () => {
  it('hold all six words of Azure, and leave out machines that nobody evaluated', async () => {
    const { states, world } = insightsWorld();
    const all = await states(everything);
    expect(Object.keys(tally(all)).sort()).toEqual([
      'Compliant',
      'Conflict',
      'Error',
      'Exempt',
      'NonCompliant',
      'Unknown',
    ]);
    const known = new Set(all.map(({ resourceId }) => resourceId));
    const unknown = Object.values(compute(world).resources)
      .filter(({ type, id }) => type === 'Microsoft.Compute/virtualMachines' && !known.has(id.toLowerCase()))
      .map(({ name }) => name);
    expect(unknown).toEqual([
      'vm-payments-api-024',
      'vm-web-front-025',
      'vm-web-front-026',
      'vm-legacy-core-005',
      'vm-legacy-core-006',
    ]);
  });

  it('are the same in Resource Graph, counted', async () => {
    const { states, rows } = insightsWorld();
    const counted = await rows(
      `policyresources | where type =~ 'microsoft.policyinsights/policystates' | summarize n = count() by state = tostring(properties.complianceState)`,
    );
    expect(Object.fromEntries(counted.map(({ state, n }) => [state, n]))).toEqual(tally(await states(everything)));
  });

  it('come page by page, and only by POST', async () => {
    const { states, query, send } = insightsWorld();
    const all = await states(everything);
    const page = (await query(everything)).body as { '@odata.count': number; '@odata.nextLink': string };
    expect(all.length).toBeGreaterThan(1_000);
    expect(page['@odata.count']).toBe(1_000);
    expect(
      new Set(all.map((one) => `${one.resourceId} ${one['policyAssignmentId']} ${one.policyDefinitionReferenceId}`))
        .size,
    ).toBe(all.length);
    expect(await send('GET', page['@odata.nextLink'])).toMatchObject({ status: 405 });
  });

  it.each<[string, string]>([
    ["complianceState eq 'NonCompliant'", 'NonCompliant'],
    [
      "ComplianceState ne 'Compliant' and not (complianceState eq 'Exempt' or complianceState eq 'Unknown' or complianceState eq 'NonCompliant')",
      '',
    ],
    ["isCompliant eq false and startswith(policyAssignmentName, 'only')", 'NonCompliant'],
  ])('are filtered by %s as counting does', async (filter) => {
    const { states } = insightsWorld();
    const all = await states(legacy);
    const wanted = {
      "complianceState eq 'NonCompliant'": (s: string) => s === 'NonCompliant',
    }[filter];
    const found = await states(legacy, { $filter: filter });
    const expected = all.filter((one) => {
      if (wanted) return wanted(one.complianceState);
      if (filter.startsWith('isCompliant')) {
        return one.complianceState === 'NonCompliant' && one.policyAssignmentName.startsWith('only');
      }
      return ['Conflict', 'Error'].includes(one.complianceState);
    });
    expect(found).toEqual(expected);
  });

  it('are grouped, counted, sorted and cut as asked', async () => {
    const { states } = insightsWorld();
    const all = await states(legacy);
    const found = await states(legacy, {
      $apply:
        "filter(complianceState ne 'Compliant')/groupby((policyAssignmentName, complianceState), aggregate($count as n))",
      $orderby: 'n desc, policyAssignmentName asc',
      $select: 'policyAssignmentName, complianceState, n',
      $top: '2',
    });
    const counts = new Map<string, number>();
    for (const one of all.filter((s) => s.complianceState !== 'Compliant')) {
      const name = `${one.policyAssignmentName} ${one.complianceState}`;
      counts.set(name, (counts.get(name) ?? 0) + 1);
    }
    const expected = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1)).slice(0, 2);
    expect(found.map((one) => [`${one.policyAssignmentName} ${one.complianceState}`, one['n']])).toEqual(expected);
  });

  it.each([
    ['a field that is not there', { $filter: "colour eq 'red'" }],
    ['an operator that is not there', { $filter: "resourceId like 'a'" }],
    ['a transformation that is not there', { $apply: 'expand(resourceId)' }],
    ['a number of records that is none', { $top: '-1' }],
    ['a time that is none', { $from: 'yesterday' }],
    ['a token of nobody', { $skiptoken: 'abc' }],
  ])('refuse %s', async (_, options) => {
    const { query } = insightsWorld();
    expect(await query(legacy, options)).toMatchObject({
      status: 400,
      body: { error: { code: 'InvalidQueryParameters' } },
    });
  });

  it('are summed up by summarize as counting records does', async () => {
    const { states, query } = insightsWorld();
    const all = await states(legacy);
    const failing = all.filter(({ complianceState }) => complianceState === 'NonCompliant');
    const answer = await query(legacy, {}, 'policyStates/latest/summarize');
    const [summary] = (
      answer.body as {
        value: [
          {
            results: object;
            policyAssignments: { policyAssignmentId: string; results: { nonCompliantResources: number } }[];
          },
        ];
      }
    ).value;
    expect(summary.results).toMatchObject({
      nonCompliantResources: new Set(failing.map(({ resourceId }) => resourceId)).size,
      nonCompliantPolicies: new Set(failing.map((o) => `${o['policyAssignmentId']}${o.policyDefinitionReferenceId}`))
        .size,
    });
    expect(
      summary.policyAssignments.map((one) => [one.policyAssignmentId, one.results.nonCompliantResources]).sort(),
    ).toEqual(
      [...new Set(all.map((one) => one['policyAssignmentId']))]
        .map((id) => [id, new Set(failing.filter((o) => o['policyAssignmentId'] === id).map((o) => o.resourceId)).size])
        .sort(),
    );
  });
});
