import { channelsOf } from '../core/catalogue';
import type { Clock } from '../core/time';
import { channelTrouble } from '../dialogs';
import { bindChannels, type Database } from '../store';
import type { Reads } from '../store/reads';
import type { CatalogueSource } from './catalogue-files';

interface ChannelDeps {
  readonly database: Database;
  readonly reads: Pick<Reads, 'channels'>;
  readonly clock: Clock;
  readonly catalogue: Pick<CatalogueSource, 'get'>;
}

/**
 * Binds the channels of the catalogue in force that Teams has told about, and says in sentences where goldbot cannot write
 * and what to do about it: a misspelt name is found before a request for a decision waits for it.
 *
 * @throws UserError `DATABASE_SILENT`.
 */
export async function troubledChannels({ database, reads, clock, catalogue }: ChannelDeps): Promise<readonly string[]> {
  const names = channelsOf(catalogue.get());
  await bindChannels(database, names, clock.now());
  return (await reads.channels(names)).flatMap((state) => channelTrouble(state) ?? []);
}
