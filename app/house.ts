import type { Directory } from '../core/azure';
import type { HouseRead, HouseSettings } from '../core/doctor';
import { UserError } from '../core/errors';
import { channelStates, type DatabaseAddress, databaseHealth, openDatabase, type Password } from '../store';

interface Surroundings {
  readonly databaseUrl: string;
  readonly databasePassword?: Password;
  readonly directory: Pick<Directory, 'deciders'>;
  readonly settings: () => HouseSettings;
  readonly botSignIn: HouseRead['botSignIn'];
}

/** What the doctor asks of goldbot's surroundings; a goldbot need not be running, and the database need not be well. */
export function houseRead(of: Surroundings): HouseRead {
  const { databaseUrl: url, databasePassword, directory, settings, botSignIn } = of;
  const database = { url, ...(databasePassword && { password: databasePassword }) };
  return {
    settings: async () => settings(),
    database: () => databaseHealth(database),
    channels: (names) => channelsIn(database, names),
    deciders: directory.deciders,
    botSignIn,
  };
}

async function channelsIn(at: DatabaseAddress, names: readonly string[]): ReturnType<HouseRead['channels']> {
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
    return await channelStates(database, names);
  } finally {
    await database.close();
  }
}
