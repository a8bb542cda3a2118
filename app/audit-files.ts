import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRecord } from '../core/collections';
import { csvCell, csvRows } from '../core/csv';
import { UserError } from '../core/errors';
import { type AuditRow, auditPage, auditRange, checkpointsAfter, type Queryable } from '../store';

/**
 * The audit as files: parts of so many entries, each entry with the text that was hashed and its hashes, so that they
 * can be held together without the database; beside that text, columns for people, which are made of it.
 */

export const formats = ['csv', 'json'] as const;
export type Format = (typeof formats)[number];

/** Entries of one part: some tens of megabytes, which a spreadsheet still opens. */
const partSize = 50_000;

const columns = ['seq', 'at', 'who', 'oid', 'action', 'subject', 'request', 'run', 'detail', 'entry', 'prev', 'hash'];

/** `audit-000000000001-000000050000.csv`: in order of their names they follow each other. */
function partName(first: number, last: number, format: Format): string {
  const [from, to] = [first, last].map((seq) => String(seq).padStart(12, '0'));
  return `audit-${from}-${to}.${format}`;
}

export const isPart = (name: string): boolean => /^audit-\d{12}-\d{12}\.(csv|json)$/.test(name);

function partText(rows: readonly AuditRow[], format: Format): string {
  if (format === 'json') return `[\n${rows.map((row) => JSON.stringify(objectOf(row))).join(',\n')}\n]\n`;
  const lines = rows.map((row) => cellsOf(row).map(csvCell).join(','));
  return `${[columns.join(','), ...lines].join('\n')}\n`;
}

const objectOf = ({ seq, entry, prev, hash }: AuditRow) => ({ seq, ...fieldsOf(entry), entry, prev, hash });

interface Fields {
  readonly at: string;
  readonly who: { readonly oid: string | null; readonly name: string };
  readonly action: string;
  readonly subject: string | null;
  readonly request: string | null;
  readonly runId: string | null;
  readonly detail: unknown;
}

const fieldsOf = (entry: string) => JSON.parse(entry) as Fields;

function cellsOf({ seq, entry, prev, hash }: AuditRow): readonly string[] {
  const { at, who, action, subject, request, runId, detail } = fieldsOf(entry);
  const told = [at, who.name, who.oid, action, subject, request, runId].map((one) => one ?? '');
  return [String(seq), ...told, JSON.stringify(detail), entry, prev, hash];
}

/** A row of a file, or what is wrong with it. */
export type ReadRow = AuditRow | { readonly seq: number; readonly why: string };

/** @throws UserError `BAD_COMMAND`: the file is no part of an exported audit. */
export function rowsIn(text: string, name: string): readonly ReadRow[] {
  return name.endsWith('.csv') ? rowsOfCsv(text, name) : rowsOfJson(text, name);
}

function rowsOfCsv(text: string, name: string): readonly ReadRow[] {
  const [header, ...rows] = csvRows(text) ?? [];
  if (header?.join(',') !== columns.join(',')) throw noPart(name);
  return rows.map((cells) => {
    const [seq, entry = '', prev = '', hash = ''] = [Number(cells[0]), ...cells.slice(-3)];
    return judged({ seq, entry, prev, hash }, (row) => cellsOf(row).every((cell, n) => sameCell(cell, cells[n])));
  });
}

/** A cell that was written with an apostrophe is read with it. */
const sameCell = (cell: string, read: string | undefined): boolean => read === cell || read === `'${cell}`;

function rowsOfJson(text: string, name: string): readonly ReadRow[] {
  let all: unknown;
  try {
    all = JSON.parse(text);
  } catch {
    throw noPart(name);
  }
  if (!Array.isArray(all)) throw noPart(name);
  return all.map((one: unknown) => {
    const { seq, entry, prev, hash } = isRecord(one) ? one : {};
    const told = { seq: Number(seq), entry: String(entry), prev: String(prev), hash: String(hash) };
    return judged(told, (row) => JSON.stringify(objectOf(row)) === JSON.stringify(one));
  });
}

function judged(told: Omit<AuditRow, 'at'>, isAsMade: (row: AuditRow) => boolean): ReadRow {
  const at = timeOf(told.entry);
  if (!at) return { seq: told.seq, why: 'the entry was edited' };
  const row = { ...told, at };
  return isAsMade(row) ? row : { seq: told.seq, why: 'what stands beside the entry was edited' };
}

function timeOf(entry: string): Date | undefined {
  try {
    const at = new Date(fieldsOf(entry).at);
    return Number.isNaN(at.getTime()) ? undefined : at;
  } catch {
    return undefined;
  }
}

const noPart = (name: string) =>
  new UserError('BAD_COMMAND', `${name} is no part of an exported audit.`, {
    hint: 'Give the folder that `npm run audit:export` wrote, as it wrote it.',
  });

interface Wanted {
  readonly out: string;
  readonly format: Format;
  readonly from: Date | undefined;
  readonly until: Date | undefined;
  /** Entries of a part. */
  readonly size?: number;
}

/** Writes the parts and the checkpoints into an empty folder, and says what it wrote. */
export async function writeAudit(
  database: Queryable,
  { out, format, from, until, size = partSize }: Wanted,
): Promise<readonly string[]> {
  const range = await auditRange(database, { from, until });
  if (!range) return ['The audit has no entry of that time; nothing was written.'];
  const lines: string[] = [];
  for (let after = range.first - 1; after < range.last; after += size) {
    const rows = await auditRows(database, after, Math.min(after + size, range.last));
    const name = partName(after + 1, Math.min(after + size, range.last), format);
    await writeFile(join(out, name), partText(rows, format), { flag: 'wx' });
    lines.push(`${name}: ${rows.length} entries`);
  }
  const kept = await checkpointsOf(database, range.last);
  await writeFile(join(out, 'checkpoints.txt'), kept.map((one) => `${JSON.stringify(one)}\n`).join(''), { flag: 'wx' });
  return [...lines, `checkpoints.txt: ${kept.length} signed checkpoints`, howToVerify(out)];
}

const howToVerify = (out: string) => `npm run audit:verify -- --files ${out} --key <public key> holds them together.`;

/** Of a page each: a statement ends within ten seconds whatever the entries are. */
const page = 2_000;

async function auditRows(database: Queryable, after: number, last: number) {
  const rows = [];
  for (let from = after; from < last; from += page) {
    rows.push(...(await auditPage(database, { after: from, last: Math.min(from + page, last), limit: page })));
  }
  return rows;
}

async function checkpointsOf(database: Queryable, last: number) {
  const all = [];
  for (let from = 0; ; ) {
    const some = await checkpointsAfter(database, from, page);
    all.push(...some.filter(({ checkpoint }) => checkpoint.entries <= last).map(({ envelope }) => envelope));
    const newest = some.at(-1)?.checkpoint.entries;
    if (newest === undefined || newest > last) return all;
    from = newest;
  }
}
