import { mkdir, readdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { UserError } from '../core/errors';
import { parseWhen } from '../core/time';
import { auditDatabase } from './audit-database';
import { type Format, formats, writeAudit } from './audit-files';
import { runCommand } from './run';

/**
 * `npm run audit:export`: the audit, or what of it belongs to a time, as files in a folder, with the hashes; and the
 * checkpoints beside them. Reads the database alone. `npm run audit:verify -- --files <folder>` needs no database.
 */
const usage =
  'npm run audit:export -- --out folder [--format csv|json --from 2026-01-01 --until 2026-07-01 --sandbox]: docs/verify.md#the-audit';

runCommand(usage, async () => {
  const { values } = parseArgs({
    options: {
      out: { type: 'string' },
      format: { type: 'string', default: 'csv' },
      from: { type: 'string' },
      until: { type: 'string' },
      sandbox: { type: 'boolean', default: false },
    },
  });
  const { out } = values;
  const [format, from, until] = [formatOf(values.format), timeOf(values.from), timeOf(values.until)];
  if (out === undefined) throw new UserError('BAD_COMMAND', 'Say into which folder.', { hint: usage });
  await emptyFolder(out);
  for (const line of await auditDatabase(values, (database) => writeAudit(database, { out, format, from, until }))) {
    console.log(line);
  }
});

function formatOf(text: string): Format {
  const found = formats.find((one) => one === text);
  if (found) return found;
  throw new UserError('BAD_COMMAND', `\`--format ${text}\` is none.`, { hint: `Write ${formats.join(' or ')}.` });
}

function timeOf(text: string | undefined): Date | undefined {
  const when = text === undefined ? undefined : parseWhen(text, new Date());
  if (text === undefined || when) return when;
  throw new UserError('BAD_COMMAND', `"${text}" is not a date.`, { hint: 'Write 2026-01-01, or 2026-01-01T12:00Z.' });
}

/** Parts of another export would stand among these. @throws UserError `BAD_COMMAND` */
async function emptyFolder(out: string): Promise<void> {
  await mkdir(out, { recursive: true });
  if ((await readdir(out)).length === 0) return;
  throw new UserError('BAD_COMMAND', `${out} is not empty.`, { hint: 'Name a folder that is, or that is not there.' });
}
