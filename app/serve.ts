import { hostname } from 'node:os';
import { UserError } from '../core/errors';
import type { Signer } from '../core/provenance';
import { seconds } from '../core/time';
import { webhookSender } from '../services';
import { botSignIn, credentialsOf, tellSignIn } from './bot-sign-in';
import { CatalogueSource } from './catalogue-files';
import { type Goldbot, startGoldbot } from './goldbot';
import { checkCloud, outsideOf } from './outside';
import { createLog, type Log, onLeave, runCommand, withoutArguments } from './run';
import { type ProductionSettings, productionSettings } from './settings';
import { signerFrom } from './signing-key';
import { telemetryOf } from './telemetry';

const catalogueLookMs = seconds(10);

/** `npm run serve`: goldbot in a real tenant. Refuses to start while anything is missing, and never starts a database. */
runCommand('npm run serve: goldbot in a real tenant. Its settings stand in .env.sample.', async () => {
  withoutArguments();
  const { settings, catalogue, localKey, log: plain } = prepare(process.env);
  const { cloud, credential, databasePassword } = outsideOf(settings, process.env);
  const credentials = credentialsOf(settings);
  const owner = `${hostname()}-${process.pid}`;
  const { telemetry, log, close } = telemetryOf(settings, { log: plain, owner, credential });
  const goldbot = await startGoldbot({
    databaseUrl: settings.DATABASE_URL,
    ...(databasePassword && { databasePassword }),
    clock: { now: () => new Date() },
    catalogue,
    azure: { credential, cloud },
    bot: {
      appId: settings.MicrosoftAppId,
      tenants: settings.GOLDBOT_TENANTS,
      credentials,
      cloud: cloud.bot,
      port: settings.PORT,
      keepMs: settings.GOLDBOT_KEEP_DAYS,
    },
    ...{ owner, log, telemetry },
    restored: settings.GOLDBOT_RESTORED,
    ...(localKey && { localKey }),
    webhooks: webhooksBy(process.env, settings.HTTPS_PROXY !== undefined),
  });
  if (!localKey && !catalogue.get().azure.provenance) {
    log.warn({}, 'no key is set to sign certificates with: published versions stay unsigned');
  }
  for (const lack of cloud.lacks) log.info({ cloud: cloud.name, lack }, 'this cloud does not have everything');
  warnOf(goldbot.troubledAtStart, log);
  catalogue.watch(catalogueLookMs, () => void tellTroubledChannels(goldbot, log));
  onLeave(async () => {
    log.info({}, 'shutting down: finishing the steps in progress');
    catalogue.close();
    await goldbot.drain();
    await close();
  });
  log.info({ url: goldbot.bot.url, images: catalogue.get().images.length }, 'goldbot serves');
  await tellSignIn(botSignIn({ appId: settings.MicrosoftAppId, credentials, cloud: cloud.bot }), log);
});

/** A proxy resolves names itself, and has its own rule of what may be reached. */
function webhooksBy(environment: NodeJS.ProcessEnv, proxied: boolean) {
  return { secret: (name: string) => environment[name], deliver: webhookSender(proxied ? 'proxied' : 'public') };
}

async function tellTroubledChannels(goldbot: Goldbot, log: Log): Promise<void> {
  const troubled = await goldbot.troubledChannels().catch((err: unknown) => {
    log.warn({ err }, 'the channels of the catalogue could not be checked');
    return [];
  });
  warnOf(troubled, log);
}

function warnOf(troubled: readonly string[], log: Log): void {
  for (const trouble of troubled) log.warn({ trouble }, 'goldbot cannot write in a channel of the catalogue');
}

interface Prepared {
  readonly settings: ProductionSettings;
  readonly catalogue: CatalogueSource;
  readonly localKey: Signer | undefined;
  readonly log: Log;
}

/** @throws UserError naming every missing setting and every mistake in the catalogue at once. */
function prepare(environment: NodeJS.ProcessEnv): Prepared {
  const problems: UserError[] = [];
  const attempt = <T>(what: () => T): T | undefined => {
    try {
      return what();
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push(error);
      return undefined;
    }
  };
  const settings = attempt(() => productionSettings(environment));
  const log = createLog(settings?.LOG_LEVEL ?? 'info');
  const folder = environment['GOLDBOT_CATALOG'];
  const catalogue = folder ? attempt(() => new CatalogueSource(folder, (what) => reportReload(log, what))) : undefined;
  const file = environment['GOLDBOT_SIGNING_KEY_FILE'];
  const localKey = file ? attempt(() => signerFrom(file)) : undefined;
  const place = settings && catalogue && attempt(() => checkCloud(settings, catalogue.get().azure.location));
  if (settings && catalogue && place && problems.length === 0) return { settings, catalogue, localKey, log };
  throw new UserError('SETTINGS_INVALID', problems.map((p) => p.message).join('\n'), {
    hint: problems.map((p) => p.hint).join('\n'),
  });
}

function reportReload(log: Log, what: UserError | 'reloaded'): void {
  if (what === 'reloaded') log.info({}, 'the catalogue was reloaded');
  else log.error({ problems: what.message }, 'the catalogue has mistakes; the previous one stays in force');
}
