import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from '../../store';
import { migrations } from '../../store/migrations';

/** Schema of the version that wrote the fixture. */
const schema = 3;
/** Columns that number rows by themselves, and go on after the rows of the fixture. */
const numbered = { signal: 'id', approval: 'seq', decision: 'seq', card: 'id' } as const;

/** A change that the previous version had asked of Azure by the time it was stopped. */
export interface AskedOfAzure {
  /** World time. */
  readonly at: string;
  readonly method: 'PUT' | 'PATCH';
  /** With its query. */
  readonly path: string;
  readonly body: object;
}

interface Row {
  readonly table: string;
  readonly row: Record<string, unknown>;
}

interface Head {
  readonly _source: string;
  readonly worldNow: string;
  /** The message with the approval card in the channel of approvals. */
  readonly approvalCard: string;
  /** Stands for the address of Teams. */
  readonly serviceUrl: string;
}

export interface PreviousVersion extends Head {
  readonly azure: readonly AskedOfAzure[];
  readonly rows: readonly Row[];
}

/** What the version before migration 4 left behind: one JSON object a line. */
export function previousVersion(): PreviousVersion {
  const text = readFileSync(join(__dirname, '../fixtures/previous-version/database.jsonl'), 'utf8');
  const [head, ...lines] = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Head | { readonly azure: AskedOfAzure } | Row);
  return {
    ...(head as Head),
    azure: lines.flatMap((line) => ('azure' in line ? [line.azure] : [])),
    rows: lines.flatMap((line) => ('table' in line ? [line] : [])),
  };
}

/** Makes an empty database what the previous version left: its own migrations, then its rows. */
export async function loadPreviousVersion(database: Database, { rows, serviceUrl }: PreviousVersion, teamsUrl: string) {
  await database.transaction(async (tx) => {
    await tx.query('create table meta (key text primary key, value text not null)');
    for (const sql of migrations.slice(0, schema)) await tx.query(sql);
    await tx.query('delete from audit_head');
    await tx.query('delete from counting');
    for (const { table, row } of rows) {
      const text = JSON.stringify(row).replaceAll(serviceUrl, `${teamsUrl}/`);
      await tx.query(
        `insert into ${table} overriding system value select * from json_populate_record(null::${table}, $1)`,
        [text],
      );
    }
    for (const [table, column] of Object.entries(numbered)) {
      await tx.query(
        `select setval(pg_get_serial_sequence('${table}', '${column}'), coalesce(max(${column}), 0) + 1) from ${table}`,
      );
    }
  });
}
