import type { Directory } from '../core/azure';
import type { HouseRead, HouseSettings } from '../core/doctor';
import { UserError } from '../core/errors';
import { channelStates, databaseHealth, openDatabase } from '../store';

interface Surroundings {
  readonly databaseUrl: string;
  readonly directory: Pick<Directory, 'deciders'>;
  readonly settings: () => HouseSettings;
}

/** What the doctor asks of goldbot's surroundings; a goldbot need not be running, and the database need not be well. */
export function houseRead({ databaseUrl, directory, settings }: Surroundings): HouseRead {
  return {
    settings: async () => settings(),
    database: () => databaseHealth(databaseUrl),
    channels: (names) => channelsIn(databaseUrl, names),
    deciders: directory.deciders,
  };
}

async function channelsIn(url: string, names: readonly string[]): ReturnType<HouseRead['channels']> {
  const health = await databaseHealth(url);
  if (health.kind === 'missing') return undefined;
  if (health.kind !== 'open') {
    throw new UserError('DATABASE_SILENT', `The database server ${health.host} does not let goldbot in.`, {
      hint: 'Mend the database first, then ask again.',
    });
  }
  // Tables of an older goldbot may lack what is asked about; they are brought up to date when it starts.
  if (health.migrations.made < health.migrations.known) return undefined;
  const database = openDatabase({ url, poolSize: 1 });
  try {
    return await channelStates(database, names);
  } finally {
    await database.close();
  }
}
