import { parseArgs } from 'node:util';
import { UserError } from '../core/errors';
import { createAzure, createCredential, sandboxClient, sandboxCredential } from '../services';
import { type DatabaseAddress, databaseHealth, openDatabase } from '../store';
import { type CheckpointFile, checkpointsIn, judgedAudit } from './audit-judged';
import { patientOf } from './examination';
import { localDatabase } from './local';
import { runCommand } from './run';
import { localSettings } from './settings';
import { keysIn } from './verify-file';
import { readText } from './verify-text';

/**
 * `npm run audit:verify`: the whole audit, from its first entry on, against every checkpoint that the database has, those
 * that somebody saved, and those in the container outside. Changes nothing. Exit codes: 0 whole, 2 altered, 4 a checkpoint that was given
 * could not be used; 1 when something could not be read.
 */
const usage =
  'npm run audit:verify [-- --container https://… --as me --checkpoint saved.txt … --key goldbot.pub.pem … --sandbox]: docs/verify.md#the-audit';

runCommand(usage, async () => {
  const { values } = parseArgs({
    options: {
      checkpoint: { type: 'string', multiple: true, default: [] },
      key: { type: 'string', multiple: true, default: [] },
      container: { type: 'string' },
      as: { type: 'string' },
      sandbox: { type: 'boolean', default: false },
    },
  });
  const keys = await Promise.all(values.key.map(async (name) => keysIn(await readText(name), name)));
  const saved = await Promise.all(values.checkpoint.map(async (name) => ({ name, text: await readText(name) })));
  const outside = values.container === undefined ? [] : await checkpointsOutside(values.container, values);
  const files = [...saved, ...outside];
  const { address, stop } = values.sandbox ? await inSandbox() : { address: inPlace(), stop: async () => {} };
  try {
    const { lines, exitCode } = await judgedIn(address, files, keys.flat());
    console.log(lines.join('\n'));
    process.exitCode = exitCode;
  } finally {
    await stop();
  }
});

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

/** @throws UserError `SETTINGS_INVALID`: no setting says where the database is. */
function inPlace(): DatabaseAddress {
  const { databaseUrl: url, databasePassword: password } = patientOf(process.env);
  if (url !== undefined) return { url, ...(password && { password }) };
  throw new UserError('SETTINGS_INVALID', 'No setting says where the database is.', {
    hint: 'Set DATABASE_URL, or add --sandbox for the world of `npm start`.',
  });
}

const sandboxAzure = 'http://127.0.0.1:7071';

async function inSandbox() {
  const settings = localSettings({ LOG_LEVEL: 'error', ...process.env });
  const { url, stop } = await localDatabase(settings, settings.SANDBOX_AZURE_URL ?? sandboxAzure);
  return { address: { url }, stop };
}

async function judgedIn(
  address: DatabaseAddress,
  ...given: [Parameters<typeof judgedAudit>[1], Parameters<typeof judgedAudit>[2]]
) {
  const health = await databaseHealth(address);
  if (health.kind !== 'open' || health.migrations.made < health.migrations.known) {
    throw new UserError('DATABASE_SILENT', 'The audit stands in goldbot’s database, which cannot be read now.', {
      hint: 'Run the doctor: it says what is wrong with the database.',
    });
  }
  const database = openDatabase({ ...address, poolSize: 1 });
  try {
    return await judgedAudit(database, ...given);
  } finally {
    await database.close();
  }
}
