import fc from 'fast-check';
import { fleetQuery, open } from '../sandbox/resource-graph-world';
import { sized } from '../support/size';
import { fragments } from './kusto/fragments';
import { analysed } from './kusto/parser';

const { client } = open({ resourceGraph: { queries: 1_000_000 }, throttle: false });

/** Names and types of a query's columns as the sandbox tells them; undefined when it refuses the query. */
async function columnsOf(query: string): Promise<{ name: string; type: string }[] | undefined> {
  try {
    const { data } = await client.resources({ query, options: { resultFormat: 'table', top: 1 } });
    return (data as unknown as { columns: { name: string; type: string }[] }).columns;
  } catch (error) {
    if ((error as { statusCode?: number }).statusCode === 400) return undefined;
    throw error;
  }
}

/** What Resource Graph's tables call Kusto's types (ColumnDataType of its specification). */
const tableTypes: Readonly<Record<string, string>> = {
  string: 'string',
  bool: 'boolean',
  int: 'integer',
  long: 'integer',
  real: 'number',
  datetime: 'datetime',
  timespan: 'string',
  dynamic: 'object',
};

function judge(query: string) {
  const { diagnostics, columns } = analysed(query);
  return { query, diagnostics, columns: columns.map(({ name, type }) => ({ name, type: tableTypes[type] ?? type })) };
}

const runs = sized(8, 600);

describe('A query that the sandbox accepts', () => {
  it.each([fleetQuery, ...fragments.map((fragment) => `resources ${fragment}`)])('is right: %s', async (query) => {
    const columns = await columnsOf(query);

    expect(judge(query)).toEqual({ query, diagnostics: [], columns });
  });

  it("is right before Microsoft's parser, which finds the same columns, whatever follows what", async () => {
    let accepted = 0;
    const pipeline = fc.array(fc.constantFrom(...fragments), { minLength: 2, maxLength: 3 });
    const property = fc.asyncProperty(pipeline, async (parts) => {
      const query = `resources ${parts.join(' ')}`;
      const columns = await columnsOf(query);
      if (!columns) return;
      accepted += 1;
      expect(judge(query)).toEqual({ query, diagnostics: [], columns });
    });

    await fc.assert(property, { numRuns: runs, seed: 20_261_123 });
    expect(accepted).toBeGreaterThan(runs / 2);
  });
});
