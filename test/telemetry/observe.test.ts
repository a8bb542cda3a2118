import { attributeRows, metricRows, spanRows } from '../../core/telemetry';
import alerts from '../../deploy/observe/alerts.json';
import workbook from '../../deploy/observe/workbook.json';
import { committed, parameterSets } from '../../tools/bicep/project';
import { analysedIn, type Schema } from '../conformance/kusto/parser';

/** As Application Insights keeps them in its workspace. */
const common = {
  TimeGenerated: 'DateTime',
  Name: 'String',
  Properties: 'Dynamic',
  OperationId: 'String',
  _ResourceId: 'String',
} as const;
const span = { ...common, DurationMs: 'Real', Success: 'Bool', ResultCode: 'String' } as const;
const tables: Schema = {
  AppMetrics: { ...common, Sum: 'Real', Min: 'Real', Max: 'Real', ItemCount: 'Long' },
  AppRequests: span,
  AppDependencies: { ...span, Target: 'String' },
};

/** Azure Monitor keeps the attributes of HTTP in columns of their own, for spans. */
const inColumns = ['http.request.method', 'http.response.status_code', 'server.address'];

const ofAlerts = alerts.alerts.map(({ name, query }) => ({ name: `the alert ${name}`, query }));
const ofWorkbook = workbook.items.flatMap(({ name, content: { query } }) => (query ? [{ name, query }] : []));

const quoted = (query: string, pattern: RegExp): string[] => [...query.matchAll(pattern)].map(([, name = '']) => name);

/** What of a query goldbot never tells. */
function foreign(query: string): string[] {
  const [metric] = quoted(query, /Name == '([^']+)'/g);
  const row = Object.entries(metricRows).find(([name]) => name === metric)?.[1];
  const attributes = quoted(query, /Properties\['([^']+)'\]/g);
  const told: readonly string[] = query.startsWith('AppMetrics')
    ? (row?.by ?? [])
    : Object.keys(attributeRows).filter((name) => !inColumns.includes(name));
  const spans = quoted(query, /Name startswith '(\w+) '/g).filter((name) => !Object.hasOwn(spanRows, name));
  const lost = query.startsWith('AppMetrics') && !row ? [`the metric ${metric}`] : [];
  return [...lost, ...spans, ...attributes.filter((name) => !told.includes(name))];
}

describe('what operators look at', () => {
  it.each([...ofAlerts, ...ofWorkbook])('$name is a query on what goldbot tells', ({ query }) => {
    expect(analysedIn(tables, query).diagnostics).toEqual([]);
    expect(foreign(query)).toEqual([]);
  });

  it('has a value in each alert, for each of what it is told by, and names that Azure takes', () => {
    for (const { name, query, by, description, operator } of alerts.alerts) {
      const columns = analysedIn(tables, query).columns.map((column) => column.name);
      expect([...columns].sort()).toEqual([...by, 'value'].sort());
      expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
      expect(description.length).toBeGreaterThan(60);
      expect(['GreaterThan', 'LessThan']).toContain(operator);
    }
    expect(new Set(alerts.alerts.map(({ name }) => name)).size).toBe(alerts.alerts.length);
  });

  it('shows every metric', () => {
    const shown = [...ofAlerts, ...ofWorkbook].flatMap(({ query }) => quoted(query, /Name == '([^']+)'/g));
    expect(Object.keys(metricRows).filter((name) => !shown.includes(name))).toEqual([]);
  });

  it.each([
    ["AppMetrics | where Name == 'goldbot.queue.aeg'", ['the metric goldbot.queue.aeg']],
    ["AppMetrics | where Name == 'goldbot.queue.age' | extend x = Properties['goldbot.code']", ['goldbot.code']],
    ["AppRequests | where Name startswith 'stride '", ['stride']],
    ["AppRequests | extend x = Properties['goldbot.person']", ['goldbot.person']],
  ])('%s asks for what nobody tells', (query, lost) => {
    expect(foreign(query)).toEqual(lost);
  });

  it('is judged by the columns that Application Insights has', () => {
    expect(analysedIn(tables, 'AppMetrics | where Nmae == 1').diagnostics).toHaveLength(1);
  });
});

interface Rule {
  readonly description: string;
  readonly scopes: readonly string[];
  readonly actions: { readonly actionGroups: readonly string[] };
  readonly criteria: { readonly allOf: readonly [Criterion] };
}

interface Criterion {
  readonly query: string;
  readonly operator: string;
  readonly threshold: number;
  readonly dimensions: readonly { readonly name: string }[];
}

/** What the templates make of a type, with one of the parameter files of deploy/app. */
const madeWith = (parameters: string, type: string): readonly unknown[] =>
  parameterSets()
    .filter(({ layer, name }) => layer === 'app' && name === parameters)
    .flatMap((set) => committed(set).predictedResources)
    .filter((resource) => resource.type === `Microsoft.Insights/${type}`)
    .map((resource) => resource['properties']);
const rulesOf = (parameters: string) => madeWith(parameters, 'scheduledQueryRules') as readonly Rule[];
const shownBy = (parameters: string) =>
  (madeWith(parameters, 'workbooks') as readonly { readonly serializedData: string }[]).flatMap(
    ({ serializedData }) => (JSON.parse(serializedData) as typeof workbook).items,
  );

/** Without what keeps other goldbots out. */
const mine = / \| where _ResourceId =~ '[^']+\/components\/appi-goldbot-contoso'/g;

describe.each(['main', 'private'])('what deploy/app makes of it with %s.bicepparam', (parameters) => {
  it('is each alert, by its own query, limit and columns', () => {
    const made = rulesOf(parameters).map(({ description, criteria: { allOf } }) => {
      const [{ query, operator, threshold, dimensions }] = allOf;
      const text = description.replace(/ What to do: docs\/runbook\.md#[a-z-]+$/, '');
      return {
        description: text,
        query: query.replaceAll(mine, ''),
        operator,
        threshold,
        by: dimensions.map((d) => d.name),
      };
    });
    expect(made).toEqual(alerts.alerts.map(({ name: _, severity: _s, unit: _u, ...rest }) => rest));
  });

  it('asks the workspace, and tells the operators', () => {
    for (const { scopes, actions } of rulesOf(parameters)) {
      expect(scopes).toEqual([expect.stringMatching(/\/workspaces\/log-goldbot-contoso$/)]);
      expect(actions.actionGroups).toEqual([expect.stringMatching(/\/actionGroups\/goldbot-contoso-operators$/)]);
    }
  });

  it('is the workbook', () => {
    const made = JSON.parse(JSON.stringify(shownBy(parameters)).replaceAll(mine, ''));
    expect(made).toEqual(workbook.items);
  });

  it('asks for the values of this goldbot alone: a workspace may have several', () => {
    const asked = [
      ...rulesOf(parameters).map(({ criteria }) => criteria.allOf[0].query),
      ...shownBy(parameters).flatMap(({ content: { query } }) => query ?? []),
    ];
    expect(asked).toHaveLength(ofAlerts.length + ofWorkbook.length);
    for (const query of asked) {
      expect(analysedIn(tables, query).diagnostics).toEqual([]);
      expect(query.match(mine)).toHaveLength(quoted(query, /\b(App[A-Z]\w+)\b/g).length);
    }
  });
});

it('nothing looks for what nobody tells: without Application Insights there are no alerts on it', () => {
  expect([...rulesOf('bring-your-own'), ...shownBy('bring-your-own')]).toEqual([]);
});
