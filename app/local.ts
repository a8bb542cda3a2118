import { hostname } from 'node:os';
import { join } from 'node:path';
import { sandboxClient, sandboxCredential } from '../services';
import { type EmbeddedServer, startEmbedded } from '../store/embedded';
import { CatalogueSource } from './catalogue-files';
import { SandboxClock } from './clocks';
import { type Goldbot, startGoldbot } from './goldbot';
import { createLog } from './log';
import { choosePort } from './ports';
import type { LocalSettings } from './settings';

/** The sandbox's own constants: the app id that its tokens are for, and the tenant that its people belong to. */
const sandboxAppId = 'b07b07b0-7b07-4b07-8b07-b07b07b07b07';
const sandboxTenant = '8f6a3c52-1b0e-4d7f-9a1c-2e5b7d904c11';

const usualPort = 3978;
const catalogueLookMs = 2_000;
/** On one machine a lease need not cover a network; the clean-up is seen sooner. */
const localLease = { leaseMs: 10_000, renewMs: 3_000, pollMs: 60 };
const localSecondLookMs = 11_000;

export interface SandboxUrls {
  readonly azure: string;
  readonly teams: string;
}

export interface LocalGoldbot {
  readonly url: string;
  readonly drain: () => Promise<void>;
}

/** A bot on this machine that talks to a sandbox, which may be shared with other bots. */
export async function startLocalGoldbot(
  settings: LocalSettings,
  sandbox: SandboxUrls,
  { say, alone }: { readonly say: (line: string) => void; readonly alone: boolean },
): Promise<LocalGoldbot> {
  const log = createLog(settings.LOG_LEVEL);
  const port = await choosePort(settings.PORT, usualPort, 'PORT');
  const catalogue = new CatalogueSource(settings.GOLDBOT_CATALOG, (what) =>
    say(what === 'reloaded' ? 'The catalogue was read again.' : `${what.message}\n${what.hint}`),
  );
  const [clock, database] = await Promise.all([SandboxClock.follow(sandbox.azure), databaseFor(settings, say, alone)]);
  const replica = () =>
    startGoldbot({
      databaseUrl: databaseUrl(settings, database, clock.world),
      clock,
      catalogue,
      azure: { credential: sandboxCredential, httpClient: sandboxClient(sandbox.azure) },
      bot: {
        appId: sandboxAppId,
        tenants: [sandboxTenant],
        credentials: { kind: 'sandbox' },
        port,
        host: '127.0.0.1',
        sandbox: { teamsUrl: sandbox.teams },
      },
      owner: `${hostname()}-${process.pid}`,
      log,
      knobs: localLease,
      secondLookMs: localSecondLookMs,
    });
  const url = `http://127.0.0.1:${port}`;
  const messages = `${url}/api/messages`;
  let goldbot = replica();
  await goldbot;
  await introduce(sandbox.teams, messages);
  clock.onNewWorld = () => {
    goldbot = goldbot.then((old) => follow(old, replica, () => introduce(sandbox.teams, messages)));
    goldbot.catch((error: unknown) => log.fatal({ err: error }, 'the new world of the sandbox could not be followed'));
  };
  catalogue.watch(catalogueLookMs);
  return {
    url,
    drain: async () => {
      catalogue.close();
      await (await goldbot).drain();
      clock.close();
      await database.stop();
    },
  };
}

/** The sandbox was reset: what this goldbot remembers belongs to a world that is gone. */
async function follow(
  old: Goldbot,
  replica: () => Promise<Goldbot>,
  introduced: () => Promise<void>,
): Promise<Goldbot> {
  await old.drain();
  const next = await replica();
  await introduced();
  return next;
}

function databaseUrl(settings: LocalSettings, database: LocalDatabase, world: string): string {
  const name = `goldbot_${world}`;
  return settings.DATABASE_URL ? withName(settings.DATABASE_URL, name) : database.url(name);
}

/** Tells Teams where the bot listens, as the Azure Bot resource does in a tenant. */
async function introduce(teamsUrl: string, url: string): Promise<void> {
  const response = await fetch(`${teamsUrl}/_sandbox/bot`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ url }),
  });
  if (!response.ok) throw new Error(`The sandbox did not take the bot: ${response.status} ${await response.text()}`);
}

type LocalDatabase = Pick<EmbeddedServer, 'url' | 'stop'>;

/** `alone`: nobody else uses the folder, so a server that a killed start left behind is this start's to stop. */
async function databaseFor(
  settings: LocalSettings,
  say: (line: string) => void,
  alone: boolean,
): Promise<LocalDatabase> {
  if (settings.DATABASE_URL) return { url: () => '', stop: async () => {} };
  const server = await startEmbedded({ dataDir: join(settings.GOLDBOT_DATA, 'postgres'), log: say });
  return server.adopted && !alone ? { url: server.url, stop: async () => {} } : server;
}

/** The same server, another database: each world of the sandbox has its own. */
function withName(url: string, name: string): string {
  const named = new URL(url);
  named.pathname = `/${name}`;
  return named.href;
}
