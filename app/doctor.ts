import { parseArgs } from 'node:util';
import { clouds } from '../core/cloud';
import { isUserError } from '../core/errors';
import { sandboxClient, sandboxCredential } from '../services';
import { CatalogueSource } from './catalogue-files';
import { examined, type Patient, patientOf } from './examination';
import { localDatabase } from './local';
import { runCommand } from './run';
import { localSettings } from './settings';

/**
 * `npm run doctor`: what of the house is not as it should be, before the first start or beside a running goldbot.
 * `--sandbox`: of the one that `npm start` runs. Exit codes: 0 nothing to mend, 1 something is, 2 not all could be looked at.
 */
runCommand(
  'npm run doctor [-- --sandbox]: what is not as it should be, by the settings of .env.sample. docs/doctor.md',
  async () => {
    const { values } = parseArgs({ options: { sandbox: { type: 'boolean', default: false } } });
    const { lines, exitCode } = values.sandbox ? await inSandbox() : await examined(patientOf(process.env));
    console.log(lines.join('\n'));
    process.exitCode = exitCode;
  },
);

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

/** Without a sandbox there is nothing to look at: that is no bug, and no finding either. */
function notLookedAt(error: unknown) {
  if (!isUserError(error)) throw error;
  return { lines: [error.message, error.hint], exitCode: 2 };
}
