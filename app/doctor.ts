import { parseArgs } from 'node:util';
import { clouds } from '../core/cloud';
import { isUserError, UserError } from '../core/errors';
import { sandboxClient, sandboxCredential } from '../services';
import { CatalogueSource } from './catalogue-files';
import { patientAtDesk } from './desk';
import { examined, type Patient, patientOf } from './examination';
import { localDatabase } from './local';
import { runCommand } from './run';
import { localSettings } from './settings';

const options = {
  sandbox: { type: 'boolean', default: false },
  as: { type: 'string' },
  identity: { type: 'string' },
} as const;

const misused = new UserError('BAD_COMMAND', 'From a desk the doctor looks as you: `npm run doctor -- --as me`.', {
  hint: 'Add `--identity` with the object id of goldbot’s identity to have its roles looked at; docs/doctor.md says more.',
});

/**
 * `npm run doctor`: what of the house is not as it should be, before the first start or beside a running goldbot.
 * `--sandbox`: of the one that `npm start` runs; `--as me`: with the rights of whoever ran `az login`. Exit codes: 0 nothing
 * to mend, 1 something is, 2 not all could be looked at.
 */
runCommand(
  'npm run doctor [-- --sandbox | --as me [--identity <id>]]: what is not as it should be, by the settings of .env.sample. docs/doctor.md',
  async () => {
    const { sandbox, as, identity } = parseArgs({ options }).values;
    if ((as ?? 'me') !== 'me' || (identity !== undefined && as === undefined)) throw misused;
    const { lines, exitCode } = sandbox ? await inSandbox() : as ? await atDesk(identity) : await inPlace();
    console.log(lines.join('\n'));
    process.exitCode = exitCode;
  },
);

const inPlace = () => examined(patientOf(process.env));

async function atDesk(identity: string | undefined) {
  const patient = await patientAtDesk({ environment: process.env, identity }).catch(notLookedAt);
  return 'exitCode' in patient ? patient : examined(patient);
}

async function inSandbox() {
  const settings = localSettings({ LOG_LEVEL: 'error', ...process.env });
  const azure = settings.SANDBOX_AZURE_URL ?? 'http://127.0.0.1:7071';
  const database = await localDatabase(settings, azure).catch(notLookedAt);
  if ('exitCode' in database) return database;
  try {
    const patient: Patient = {
      settings: { wrong: [], mistakes: [], isRunning: false, cloud: clouds.Public, localKey: true },
      databaseUrl: database.url,
      catalogue: new CatalogueSource(settings.GOLDBOT_CATALOG, () => {}),
      azure: { credential: sandboxCredential, httpClient: sandboxClient(azure) },
    };
    return await examined(patient);
  } finally {
    await database.stop();
  }
}

/** Without a sandbox, or somebody signed in, there is nothing to look at: that is no bug, and no finding either. */
function notLookedAt(error: unknown) {
  if (!isUserError(error)) throw error;
  return { lines: [error.message, error.hint], exitCode: 2 as const };
}
