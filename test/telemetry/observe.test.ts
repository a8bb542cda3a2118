import { attributeRows, metricRows, spanRows } from '../../core/telemetry';
import alerts from '../../deploy/observe/alerts.json';
import workbook from '../../deploy/observe/workbook.json';
import { analysedIn, type Schema } from '../conformance/kusto/parser';

/** As Application Insights keeps them in its workspace. */
const common = { TimeGenerated: 'DateTime', Name: 'String', Properties: 'Dynamic', OperationId: 'String' } as const;
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
