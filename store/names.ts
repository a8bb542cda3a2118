import type { AuditRecord } from '../core/audit';
import { isRecord } from '../core/collections';
import { type Queryable, storable } from './database';

/**
 * Names of those whom the audit tells of by their object ids. An entry is hashed and stays as it is; the name beside an
 * object id in it is empty, and is read from `person`, where it can be taken out.
 */

export const forgottenName = 'a forgotten person';

interface Named {
  readonly oid: string;
  readonly name: string;
}

/** What JSON has parts of: no Date. */
const hasParts = (value: unknown): value is Readonly<Record<string, unknown>> =>
  isRecord(value) && !(value instanceof Date);

const isNamed = (value: unknown): value is Named =>
  isRecord(value) && typeof value['oid'] === 'string' && typeof value['name'] === 'string';

/** The same without names, wherever in it a name stands beside an object id. */
export function withoutNames(value: unknown): unknown {
  return renamed(value, () => '');
}

function renamed(value: unknown, nameOf: (of: Named) => string): unknown {
  if (Array.isArray(value)) return value.map((one) => renamed(one, nameOf));
  if (!hasParts(value)) return value;
  const parts = Object.entries(value).map(([key, part]) => [key, renamed(part, nameOf)] as const);
  return { ...Object.fromEntries(parts), ...(isNamed(value) && { name: nameOf(value) }) };
}

function namedIn(value: unknown): readonly Named[] {
  if (Array.isArray(value)) return value.flatMap(namedIn);
  if (!hasParts(value)) return [];
  return [...(isNamed(value) ? [value] : []), ...Object.values(value).flatMap(namedIn)];
}

/** Keeps the names of those whom goldbot has not met; how Teams calls them is newer. Before the head of the chain is locked. */
export async function keepNames(tx: Queryable, records: readonly AuditRecord[]): Promise<void> {
  const named = new Map(
    records.flatMap(({ who, detail }) => namedIn([who, plain(detail)])).map(({ oid, name }) => [oid, name]),
  );
  const [at] = records.map((record) => record.at);
  const all = [...named].filter(([, name]) => name !== '').sort();
  if (all.length === 0 || !at) return;
  await tx.query(
    `insert into person (oid, name, at) select oid, name, $3 from unnest($1::text[], $2::text[]) of (oid, name)
     on conflict (oid) do nothing`,
    [all.map(([oid]) => storable(oid)), all.map(([, name]) => storable(name)), at],
  );
}

const plain = (detail: object): unknown => JSON.parse(JSON.stringify(detail));

/** Entries with the names that belong to their object ids now. What earlier versions wrote has its own. */
export async function withNames<Entry>(db: Queryable, entries: readonly Entry[]): Promise<Entry[]> {
  const oids = [...new Set(entries.flatMap((entry) => namedIn(entry)).map(({ oid }) => oid))];
  if (oids.length === 0) return [...entries];
  const rows = await db.query<{ oid: string; name: string | null; forgotten: boolean }>(
    `select of.oid, p.name, f.oid is not null as forgotten
     from unnest($1::text[]) of (oid) left join person p on p.oid = of.oid left join forgotten f on f.oid = of.oid`,
    [oids],
  );
  const known = new Map(rows.map((row) => [row.oid, row]));
  const nameOf = ({ oid, name }: Named): string => {
    const found = known.get(oid);
    const own = name === '' ? found?.name : found?.forgotten ? found.name : name;
    return own ?? forgottenName;
  };
  return entries.map((entry) => renamed(entry, nameOf) as Entry);
}

/** Object ids of those whose name has this in it, or whose object id it is. */
export async function oidsOf(db: Queryable, who: string): Promise<readonly string[]> {
  const rows = await db.query<{ oid: string }>(
    'select oid from person where oid = $1 or position(lower($1) in lower(name)) > 0 order by oid',
    [who],
  );
  const oids = rows.map(({ oid }) => oid);
  return oids.length > 0 || !isObjectId.test(who) ? oids : [who.toLowerCase()];
}

const isObjectId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Where else a name stands beside the object id that it belongs to. */
const places: readonly (readonly [table: string, oid: string, name: string])[] = [
  ['run_actor', 'oid', 'name'],
  ['decision', 'oid', 'name'],
  ['decision', 'for_oid', 'for_name'],
  ['signal', 'by_oid', 'by_name'],
  ['image_lock', 'by_oid', 'by_name'],
  ['follow', 'by_oid', 'by_name'],
  ['snooze', 'by_oid', 'by_name'],
  ['subscription', 'by_oid', 'by_name'],
  ['delegation', 'from_oid', 'from_name'],
  ['delegation', 'to_oid', 'to_name'],
];

/**
 * Takes the name of a person out of every column that has one beside their object id; how many rows had it. What is hashed
 * or was written in somebody's words stays. After the rows of runs and approvals, before the audit.
 */
export async function forgetNames(tx: Queryable, oid: string, at: Date): Promise<number> {
  await tx.query('insert into forgotten (oid, at) values ($1, $2) on conflict (oid) do nothing', [oid, at]);
  let rows = (await tx.query('delete from person where oid = $1 returning oid', [oid])).length;
  for (const [table, of, name] of places) {
    const statement = `update ${table} set ${name} = $2 where ${of} = $1 and ${name} <> $2 returning 1`;
    rows += (await tx.query(statement, [oid, forgottenName])).length;
  }
  return rows;
}

/** Of an entry of the audit, whose fields stand in the order of their names: who did it, as `audit_who` has it. */
export const auditedBy = `substring(entry from '"oid":"([^"]*)"[^{}]*}}$')`;

/** How many entries of earlier versions hold a name of this person: they are hashed, and stay. */
export async function entriesWithName(db: Queryable, oid: string): Promise<number> {
  const [row] = await db.query<{ entries: number }>(
    `select count(*)::int as entries from audit where ${auditedBy} = $1
       and entry::jsonb #>> '{who,name}' <> ''`,
    [oid],
  );
  return row?.entries ?? 0;
}
