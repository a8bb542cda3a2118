import { type Bot, type BotSettings, createBot } from '../bot';
import type { RequestId } from '../core/ids';
import type { Clock } from '../core/ports';
import { createConversation } from '../dialogs';
import { type AzureOptions, createAzure, withDeadline } from '../services';
import { auditAlone } from '../store/audit';
import { createDatabaseIfMissing, openDatabase } from '../store/database';
import { migrate } from '../store/migrations';
import { createReads } from '../store/reads';
import { createEngine, type Knobs } from '../workflows/engine';
import { publishWorkflow } from '../workflows/publish';
import { createRunControl } from '../workflows/start';
import type { CatalogueSource } from './catalogue-files';
import { sleep } from './clocks';
import type { Log } from './log';

export interface GoldbotOptions {
  readonly databaseUrl: string;
  readonly clock: Clock;
  readonly catalogue: CatalogueSource;
  /** The way to Azure; the catalogue says which subscription. */
  readonly azure: Pick<AzureOptions, 'credential' | 'httpClient'>;
  readonly bot: BotSettings;
  /** Names this replica in leases and logs. */
  readonly owner: string;
  readonly log: Log;
  readonly knobs?: Partial<Knobs>;
  /** Machine time between the two looks of `cleanup`: a lease and the longest request. */
  readonly secondLookMs?: number;
}

export interface Goldbot {
  readonly bot: Bot;
  /** Takes no more turns and runs, ends what has begun within ten seconds, lets the database go. */
  drain(): Promise<void>;
}

/** A person at a keyboard gets an answer within three seconds, whatever Azure does. */
const lookDeadlineMs = 2_500;

/** One replica of goldbot, put together; any number may share a database. */
export async function startGoldbot(options: GoldbotOptions): Promise<Goldbot> {
  const { clock, catalogue, log, owner } = options;
  await createDatabaseIfMissing(options.databaseUrl);
  const database = openDatabase({ url: options.databaseUrl, log: (message) => log.warn({ message }, 'database') });
  await migrate(database);

  const reads = createReads(database);
  const azure = createAzure({ ...options.azure, subscription: catalogue.get().azure.subscription, log, sleep });
  const workflows = [
    publishWorkflow(
      {
        catalogue: () => catalogue.get(),
        versionsTaken: (image) => reads.versionsTaken(image),
        medianBuildMs: (image) => reads.duration(image),
        outcomeOf: async (id) => (await reads.run(id as RequestId))?.outcome ?? undefined,
      },
      ...(options.secondLookMs === undefined ? [] : [{ secondLookMs: options.secondLookMs }]),
    ),
  ];
  const { looks, effects, directory } = azure;
  const engine = createEngine({
    ...{ database, clock, sleep, looks, effects, workflows, owner },
    log: (message, fields) => log.warn({ ...fields }, message),
    ...(options.knobs && { knobs: options.knobs }),
  });
  const conversation = createConversation({
    ...{ reads, clock, directory },
    catalogue: () => catalogue.get(),
    looks: withDeadline(looks, lookDeadlineMs),
    runs: createRunControl({ database, clock, directory, workflows }),
    tenants: options.bot.tenants,
    audit: (entry) => auditAlone(database, { ...entry, at: clock.now() }),
  });
  const bot = createBot(options.bot, { database, conversation, reads, clock, log, sleep });
  await bot.listen();
  engine.start();
  return {
    bot,
    async drain() {
      await Promise.all([bot.drain(), engine.drain()]);
      await database.close();
    },
  };
}
