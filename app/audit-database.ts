import { UserError } from '../core/errors';
import { type Database, type DatabaseAddress, databaseHealth, openDatabase } from '../store';
import { patientOf } from './examination';
import { localDatabase } from './local';
import { localSettings } from './settings';

/** The database that has the audit, for commands at a desk: that of DATABASE_URL, or of the world of `npm start`. */

export const sandboxAzure = 'http://127.0.0.1:7071';

interface Asked {
  readonly sandbox: boolean;
}

/** @throws UserError `SETTINGS_INVALID` (no setting says where it is), `DATABASE_SILENT`. */
export async function auditDatabase<T>(asked: Asked, work: (database: Database) => Promise<T>): Promise<T> {
  const { address, stop } = asked.sandbox ? await inSandbox() : { address: inPlace(), stop: async () => {} };
  try {
    return await opened(address, work);
  } finally {
    await stop();
  }
}

function inPlace(): DatabaseAddress {
  const { databaseUrl: url, databasePassword: password } = patientOf(process.env);
  if (url !== undefined) return { url, ...(password && { password }) };
  throw new UserError('SETTINGS_INVALID', 'No setting says where the database is.', {
    hint: 'Set DATABASE_URL, or add --sandbox for the world of `npm start`.',
  });
}

async function inSandbox() {
  const settings = localSettings({ LOG_LEVEL: 'error', ...process.env });
  const { url, stop } = await localDatabase(settings, settings.SANDBOX_AZURE_URL ?? sandboxAzure);
  return { address: { url }, stop };
}

async function opened<T>(address: DatabaseAddress, work: (database: Database) => Promise<T>): Promise<T> {
  const health = await databaseHealth(address);
  if (health.kind !== 'open' || health.migrations.made < health.migrations.known) {
    throw new UserError('DATABASE_SILENT', 'The audit stands in goldbot’s database, which cannot be read now.', {
      hint: 'Run the doctor: it says what is wrong with the database.',
    });
  }
  const database = openDatabase({ ...address, poolSize: 1 });
  try {
    return await work(database);
  } finally {
    await database.close();
  }
}
