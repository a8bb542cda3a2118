/**
 * Four eyes are compared by Entra object id: an id in capitals would be a second person. A person who stands twice on a run
 * or decision under two spellings keeps the first entry.
 */
const tables = [
  { table: 'run_actor', column: 'oid', key: 'run_id' },
  { table: 'decision', column: 'oid', key: 'approval_id' },
];

export const lowerCaseIds = `
${tables
  .map(
    ({ table, column, key }) => `
delete from ${table} a using ${table} b
  where a.${key} = b.${key} and a.${column} <> b.${column} and lower(a.${column}) = lower(b.${column})
    and (a.at, a.${column}) > (b.at, b.${column});
update ${table} set ${column} = lower(${column}) where ${column} <> lower(${column});
alter table ${table} add constraint ${table}_${column}_lower check (${column} = lower(${column}));`,
  )
  .join('\n')}
update signal set by_oid = lower(by_oid) where by_oid <> lower(by_oid);
alter table signal add constraint signal_by_oid_lower check (by_oid = lower(by_oid));
`;
