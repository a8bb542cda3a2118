import { platformSubscription } from '../../../sandbox/azure/names';
import { ask } from '../../sandbox/client';
import { prepare } from './prepare';
import { codeOf } from './requests';
import { type Example, requestOf } from './specs';
import { inSandbox, openStage, type Stage } from './stage';

/** By title: what the sandbox's subset of KQL runs, and what it refuses with Resource Graph's own 400. */
const runs = [
  'Basic query',
  'Basic tenant query',
  'Basic management group query',
  'Filter resources',
  'Summarize resources by location',
  'Complex query',
  'Access a properties field',
  'Query with a facet request',
  'First page query',
  'Next page query',
  'Random page query',
];
const refused: readonly string[] = [];

/** Columns of an example's rows by other names than Resource Graph gives them. */
const columns: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // `summarize count() by …` names its column `count_`, as in the "Complex query".
  'Access a properties field': { count: 'count_' },
};

interface GraphBody {
  readonly query: string;
  readonly options?: { readonly $top?: number; readonly $skipToken?: string };
}

interface GraphAnswer {
  readonly count: number;
  readonly totalRecords: number;
  readonly resultTruncated: string;
  readonly $skipToken?: string;
  readonly facets: readonly { readonly expression: string; readonly resultType: string }[];
  readonly data: readonly Readonly<Record<string, unknown>>[];
}

/** Every Resource Graph example's query, asked of a sandbox that has enough to answer. */
export function graphSection(all: readonly Example[], count: (example: Example) => void): void {
  const queries = all.filter(({ operation }) => operation === 'Resources');
  const nameOf = ({ title }: Example) => title.replace(/^.*?: /, '');

  it('are known, each, as a query that runs or one that is refused', () => {
    expect(queries.map(nameOf).sort()).toEqual([...runs, ...refused].sort());
  });

  it.each(queries.filter((example) => runs.includes(nameOf(example))))('$title runs', async (example) => {
    const here = { ...inSandbox(example), path: example.path };
    const stage = openStage(['myResourceGroup']);
    await fill(stage);
    const { url, body } = requestOf(await withToken(stage, here));
    const { status, body: answered } = await ask(stage.sandbox, 'POST', url, body);
    count(example);
    const { count: rows, data, $skipToken } = answered as GraphAnswer;
    const names = columns[nameOf(example)] ?? {};
    const shown = example.responses[0]?.body as GraphAnswer;
    const [wanted = {}] = shown.data;
    const { options } = body as GraphBody;

    expect(status).toBe(200);
    expect(rows).toBe(data.length);
    expect(rows).toBeGreaterThan(0);
    expect(rows).toBeLessThanOrEqual(options?.$top ?? 1_000);
    for (const row of data) {
      expect(Object.keys(row)).toEqual(Object.keys(wanted).map((name) => names[name] ?? name));
    }
    const kinds = ({ facets: all }: GraphAnswer) => all.map(({ expression, resultType }) => [expression, resultType]);
    expect(kinds(answered as GraphAnswer)).toEqual(kinds(shown));
    if (nameOf(example) === 'First page query') expect($skipToken).toEqual(expect.any(String));
  });

  if (refused.length === 0) return;
  it.each(queries.filter((example) => refused.includes(nameOf(example))))('$title is refused', async (example) => {
    const { url, body } = requestOf({ ...inSandbox(example), path: example.path });
    const { status, body: answered } = await ask(openStage([]).sandbox, 'POST', url, body);
    count(example);

    expect([status, codeOf(answered)]).toEqual([400, 'BadRequest']);
    expect(answered).toMatchObject({ error: { details: [{ code: 'InvalidQuery' }, { code: expect.any(String) }] } });
  });
}

/** More machines with `test` in their name than fill the pages of the examples; a skip of ten has to leave some. */
async function fill(stage: Stage): Promise<void> {
  const group = `/subscriptions/${platformSubscription}/resourceGroups/myResourceGroup`;
  for (let n = 1; n <= 8; n += 1) {
    await prepare(stage, `${group}/providers/Microsoft.Compute/virtualMachines/test${n}`);
  }
}

/** A skip token serves the query that it was given for: the example's is another Azure's. */
async function withToken(stage: Stage, example: Example): Promise<Example> {
  const { query: body } = example.parameters as { readonly query: GraphBody };
  if (!body.options?.$skipToken) return example;
  const first = { ...example.parameters, query: { ...body, options: { $top: 3 } } };
  const asked = requestOf({ ...example, parameters: first });
  const { body: answered } = await ask(stage.sandbox, 'POST', asked.url, asked.body);
  const { $skipToken } = answered as GraphAnswer;
  return { ...example, parameters: { ...example.parameters, query: { ...body, options: { $skipToken } } } };
}
