import { appendAudit, type Database, entriesWithName, forgetNames, goldbot } from '../store';

/** Takes the name of a person out, in one transaction with the entry that says so, and tells what stays. Safe to repeat. */
export async function forgetPerson(database: Database, person: string, at: Date): Promise<readonly string[]> {
  const kept = await entriesWithName(database, person);
  const rows = await database.transaction(async (tx) => {
    const found = await forgetNames(tx, person, at);
    await appendAudit(tx, [{ at, who: goldbot, action: 'forget', detail: { person, rows: found, kept } }]);
    return found;
  });
  return [
    `forgotten: the name of ${person} was taken out of ${rows} rows, and the audit says so without it.`,
    ...(kept > 0
      ? [`${kept} entries of earlier versions hold the name: they are hashed, and stay; nobody is shown it any more.`]
      : []),
    'What people wrote in their own words, plans of runs, messages in Teams, exported files and copies of the database are not touched.',
  ];
}
