import type { Directory } from '../core/azure';
import type { HouseRead, HouseSettings } from '../core/doctor';
import { UserError } from '../core/errors';
import { secretProblem } from '../core/webhooks';
import {
  agreedEnds,
  channelStates,
  type Database,
  type DatabaseAddress,
  databaseHealth,
  openDatabase,
  type Password,
  webhookStates,
} from '../store';

interface Surroundings {
  readonly databaseUrl: string;
  readonly databasePassword?: Password;
  readonly directory: Pick<Directory, 'deciders'>;
  readonly settings: () => HouseSettings;
  readonly botSignIn: HouseRead['botSignIn'];
  /** Nobody tells when absent. */
  readonly ownIdentity?: HouseRead['ownIdentity'];
  /** What an environment variable holds; nothing when absent. */
  readonly secret?: (variable: string) => string | undefined;
}

/** What the doctor asks of goldbot's surroundings; a goldbot need not be running, and the database need not be well. */
export function houseRead(of: Surroundings): HouseRead {
  const { databaseUrl: url, databasePassword, directory, settings, botSignIn, secret = () => undefined } = of;
  const database = { url, ...(databasePassword && { password: databasePassword }) };
  return {
    settings: async () => settings(),
    database: () => databaseHealth(database),
    channels: (names) => askDatabase(database, (open) => channelStates(open, names)),
    receivers: () => askDatabase(database, webhookStates),
    ends: () => askDatabase(database, agreedEnds),
    webhookSecret: async (variable) => secretProblem(secret(variable)),
    deciders: directory.deciders,
    ownIdentity: of.ownIdentity ?? (async () => undefined),
    botSignIn,
  };
}

/** Undefined: goldbot has never run with the database. @throws UserError `DATABASE_SILENT` */
async function askDatabase<T>(at: DatabaseAddress, ask: (database: Database) => Promise<T>): Promise<T | undefined> {
  const health = await databaseHealth(at);
  if (health.kind === 'missing') return undefined;
  if (health.kind !== 'open') {
    throw new UserError('DATABASE_SILENT', `The database server ${health.host} does not let goldbot in.`, {
      hint: 'Mend the database first, then ask again.',
    });
  }
  // Tables of an older goldbot may lack what is asked about; they are brought up to date when it starts.
  if (health.migrations.made < health.migrations.known) return undefined;
  const database = openDatabase({ ...at, poolSize: 1 });
  try {
    return await ask(database);
  } finally {
    await database.close();
  }
}
