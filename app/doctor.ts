import { parseArgs } from 'node:util';
import { clouds } from '../core/cloud';
import { isUserError, UserError } from '../core/errors';
import { sandboxClient, sandboxCredential } from '../services';
import { writeAnswers } from './answers';
import { CatalogueSource } from './catalogue-files';
import { patientAtDesk } from './desk';
import { type Examined, examined, type Patient, patientOf } from './examination';
import { localDatabase } from './local';
import { runCommand } from './run';
import { localSettings } from './settings';

const options = {
  sandbox: { type: 'boolean', default: false },
  as: { type: 'string' },
  identity: { type: 'string' },
  answers: { type: 'boolean', default: false },
} as const;

const misused = new UserError('BAD_COMMAND', 'From a desk the doctor looks as you: `npm run doctor -- --as me`.', {
  hint: 'Add `--identity` with the object id of goldbot’s identity to have its roles looked at; docs/doctor.md says more.',
});

/** One of them would be looked at, and the other would seem to have been. */
const twoHouses = new UserError(
  'BAD_COMMAND',
  'The doctor looks at the sandbox or, as you, at Azure: not at both at once.',
  { hint: 'Leave out `--sandbox` or `--as me`.' },
);

/**
 * `npm run doctor`: what of the house is not as it should be, before the first start or beside a running goldbot.
 * `--sandbox`: of the one that `npm start` runs; `--as me`: with the rights of whoever ran `az login`; `--answers
 * [file]`: writes what the last trials came to. Exit codes: 0 nothing to mend, 1 something is, 2 not all could be looked at.
 */
runCommand(
  'npm run doctor [-- --sandbox | --as me [--identity <id>] | --answers [<file>]]: what is not as it should be, by the settings of .env.sample. docs/doctor.md',
  async () => {
    const { values, positionals } = parseArgs({ options, allowPositionals: true });
    const { sandbox, as, identity } = values;
    if ((as ?? 'me') !== 'me' || (identity !== undefined && as === undefined)) throw misused;
    if (sandbox && as !== undefined) throw twoHouses;
    const look = lookOf(values, positionals);
    const { lines, exitCode } = sandbox
      ? await inSandbox(look)
      : as
        ? await atDesk(identity, look)
        : await inPlace(look);
    console.log(lines.join('\n'));
    process.exitCode = exitCode;
  },
);

type LookAtAll = (patient: Patient) => Promise<Examined>;

/** @throws UserError `BAD_COMMAND` for a word that nothing takes. */
function lookOf(
  { answers: wantsAnswers, sandbox }: { readonly answers: boolean; readonly sandbox: boolean },
  [file, ...more]: readonly string[],
): LookAtAll {
  const stray = wantsAnswers ? more[0] : file;
  if (stray === undefined) return wantsAnswers ? answers(file ?? 'goldbot-answers.json', sandbox) : examined;
  throw new UserError('BAD_COMMAND', `The doctor takes no “${stray}”.`, {
    hint: 'npm run doctor, npm run doctor -- --sandbox, npm run doctor -- --answers answers.md',
  });
}

const inPlace = (look: LookAtAll) => look(patientOf(process.env));

async function atDesk(identity: string | undefined, look: LookAtAll) {
  const patient = await patientAtDesk({ environment: process.env, identity }).catch(notLookedAt);
  return 'exitCode' in patient ? patient : look(patient);
}

function answers(file: string, sandbox: boolean): LookAtAll {
  return async ({ databaseUrl: url, databasePassword: password, settings }: Patient): Promise<Examined> => {
    const database = url === undefined ? undefined : { url, ...(password && { password }) };
    const lines = await writeAnswers({ database, cloud: sandbox ? 'sandbox' : settings.cloud.name, file });
    return { lines, exitCode: 0 };
  };
}

async function inSandbox(look: LookAtAll) {
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
      secret: (variable) => process.env[variable],
    };
    return await look(patient);
  } finally {
    await database.stop();
  }
}

/** Without a sandbox, or somebody signed in, there is nothing to look at: that is no bug, and no finding either. */
function notLookedAt(error: unknown) {
  if (!isUserError(error)) throw error;
  return { lines: [error.message, error.hint], exitCode: 2 as const };
}
