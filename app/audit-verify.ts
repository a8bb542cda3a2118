import { readFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { UserError } from '../core/errors';
import { createAzure, createCredential, sandboxClient, sandboxCredential } from '../services';
import { auditDatabase, sandboxAzure } from './audit-database';
import { isPart } from './audit-files';
import { type AuditPart, type CheckpointFile, checkpointsIn, judgedAudit, judgedFiles } from './audit-judged';
import { patientOf } from './examination';
import { runCommand } from './run';
import { localSettings } from './settings';
import { keysIn } from './verify-file';
import { readText } from './verify-text';

/**
 * `npm run audit:verify`: the whole audit, from its first entry on, against every checkpoint that the database has, those
 * that somebody saved, and those in the container outside; or, with `--files`, what `npm run audit:export` wrote, without
 * a database. Changes nothing. Exit codes: 0 whole, 2 altered, also where somebody has answered for it unless
 * `--accounted` says that this is good enough, 4 a checkpoint that was given
 * could not be used; 1 when something could not be read.
 */
const usage =
  'npm run audit:verify [-- --files folder --container https://… --as me --checkpoint saved.txt … --key goldbot.pub.pem … --accounted --sandbox]: docs/verify.md#the-audit';

runCommand(usage, async () => {
  const { values } = parseArgs({
    options: {
      checkpoint: { type: 'string', multiple: true, default: [] },
      key: { type: 'string', multiple: true, default: [] },
      files: { type: 'string' },
      container: { type: 'string' },
      as: { type: 'string' },
      accounted: { type: 'boolean', default: false },
      sandbox: { type: 'boolean', default: false },
    },
  });
  const keys = await Promise.all(values.key.map(async (name) => keysIn(await readText(name), name)));
  const saved = await Promise.all(values.checkpoint.map(async (name) => ({ name, text: await readText(name) })));
  const outside = values.container === undefined ? [] : await checkpointsOutside(values.container, values);
  const files = [...saved, ...outside];
  const { lines, exitCode } = values.files
    ? judgedFiles(await partsIn(values.files), [...files, ...(await checkpointsBeside(values.files))], keys.flat())
    : await auditDatabase(values, (database) => judgedAudit(database, files, keys.flat(), values));
  console.log(lines.join('\n'));
  process.exitCode = exitCode;
});

/** In the order of their names, one after the other: a part may be large. */
async function partsIn(folder: string): Promise<readonly AuditPart[]> {
  const names = (await namesIn(folder)).filter(isPart).sort();
  return names.map((name) => ({ name, text: () => readFileSync(join(folder, name), 'utf8') }));
}

async function checkpointsBeside(folder: string): Promise<readonly CheckpointFile[]> {
  if (!(await namesIn(folder)).includes('checkpoints.txt')) return [];
  const name = join(folder, 'checkpoints.txt');
  const text = await readText(name);
  // The export of a time before the first checkpoint has none.
  return text.trim() === '' ? [] : [{ name, text }];
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (cause) {
    throw new UserError('BAD_COMMAND', `${folder} is no folder that can be read.`, {
      hint: 'Correct its name.',
      cause,
    });
  }
}

interface Reader {
  readonly as?: string | undefined;
  readonly sandbox: boolean;
}

/** @throws UserError `BAD_COMMAND`, and as Azure refuses. */
async function checkpointsOutside(container: string, { as, sandbox }: Reader): Promise<readonly CheckpointFile[]> {
  if (as !== undefined && as !== 'me') {
    throw new UserError('BAD_COMMAND', `\`--as ${as}\` is nobody.`, {
      hint: 'Write `--as me` to read the container with your own rights, or leave it out for those of goldbot’s identity.',
    });
  }
  const address = container.replace(/\/+$/, '');
  const found = await checkpointsIn(createAzure(readerOf({ as, sandbox })).outside(address), address);
  if (found.length === 0) console.log(`${address} holds no checkpoint.`);
  return found;
}

function readerOf({ as, sandbox }: Reader): Parameters<typeof createAzure>[0] {
  if (sandbox) {
    const { SANDBOX_AZURE_URL: url = sandboxAzure } = localSettings({ LOG_LEVEL: 'error', ...process.env });
    return { credential: sandboxCredential, httpClient: sandboxClient(url), subscription: '' };
  }
  if (as === 'me') return { credential: createCredential({ kind: 'azure-cli' }), subscription: '' };
  const { credential, cloud } = patientOf(process.env).azure;
  return { credential, ...(cloud && { cloud }), subscription: '' };
}
