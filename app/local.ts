import { type ChildProcess, spawn } from 'node:child_process';
import { type AddressInfo, createServer } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { BotSettings } from '../bot';
import { UserError } from '../core/errors';
import { localSigner } from '../core/provenance';
import { type Clock, seconds, sleep } from '../core/time';
import { sandboxClient, sandboxCredential, webhookSender } from '../services';
import { type EmbeddedServer, keepEmbedded, startEmbedded } from '../store/embedded';
import { CatalogueSource } from './catalogue-files';
import { type Goldbot, startGoldbot } from './goldbot';
import { tellMoments } from './moments';
import { createLog } from './run';
import type { LocalSettings } from './settings';
import { signingKeyIn } from './signing-key';
import { telemetryOf } from './telemetry';

/** The sandbox's own constants: the app id that its tokens are for, and the tenant that its people belong to. */
const sandboxAppId = 'b07b07b0-7b07-4b07-8b07-b07b07b07b07';
const sandboxTenant = '8f6a3c52-1b0e-4d7f-9a1c-2e5b7d904c11';

const usualPort = 3978;
const catalogueLookMs = seconds(2);
/** On one machine a lease need not cover network delays, so clean-up shows sooner. */
const localLease = { leaseMs: seconds(10), renewMs: seconds(3), pollMs: 60 };
const localSecondLookMs = seconds(11);
/** Half a minute of the world. */
const localSchedulePollMs = 250;

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
  const owner = `${hostname()}-${process.pid}`;
  const { telemetry, log, close } = telemetryOf(settings, { log: createLog(settings.LOG_LEVEL), owner });
  const port = await choosePort(settings.PORT, usualPort, 'PORT');
  const catalogue = new CatalogueSource(settings.GOLDBOT_CATALOG, (what) =>
    say(what === 'reloaded' ? 'The catalogue was reloaded.' : `${what.message}\n${what.hint}`),
  );
  const [clock, database] = await Promise.all([SandboxClock.follow(sandbox.azure), databaseFor(settings, say, alone)]);
  const localKey = localSigner(await signingKeyIn(settings.GOLDBOT_DATA));
  const replica = () =>
    startGoldbot({
      databaseUrl: databaseUrl(settings, database, clock.world),
      ...{ clock, catalogue },
      azure: { credential: sandboxCredential, httpClient: sandboxClient(sandbox.azure) },
      bot: { ...botOf(port, sandbox), keepMs: settings.GOLDBOT_KEEP_DAYS },
      webhooks: { secret: (name) => process.env[name], deliver: webhookSender('public') },
      ...{ owner, log, telemetry, localKey, restored: settings.GOLDBOT_RESTORED },
      ...{ engine: localLease, secondLookMs: localSecondLookMs, schedulePollMs: localSchedulePollMs },
    });
  const url = `http://127.0.0.1:${port}`;
  let goldbot = replica();
  await goldbot;
  await introduce(sandbox.teams, url);
  const tellChannels = async () => tellTroubledChannels(await goldbot, say);
  await tellChannels();
  clock.onNewWorld = () => {
    goldbot = goldbot.then((old) => follow(old, replica, () => introduce(sandbox.teams, url)));
    goldbot.catch((error: unknown) => log.fatal({ err: error }, 'the new world of the sandbox could not be followed'));
  };
  const untold = (err: unknown) => log.warn({ err }, 'the channels of the catalogue could not be checked');
  catalogue.watch(catalogueLookMs, () => void tellChannels().catch(untold));
  const moments = async () => (await goldbot).moments();
  const stopTelling = tellMoments(sandbox.teams, { moments, world: () => clock.world, log });
  return {
    url,
    drain: async () => {
      stopTelling();
      catalogue.close();
      await (await goldbot).drain();
      await close();
      clock.close();
      await database.stop();
    },
  };
}

async function tellTroubledChannels({ troubledChannels }: Goldbot, say: (line: string) => void): Promise<void> {
  // What Teams has just told about its channels may still be on its way into the database.
  if ((await troubledChannels()).length > 0) await sleep(seconds(2));
  for (const trouble of await troubledChannels()) say(trouble);
}

function botOf(port: number, { teams, azure }: SandboxUrls): BotSettings {
  const credentials = { kind: 'sandbox' } as const;
  return {
    appId: sandboxAppId,
    tenants: [sandboxTenant],
    credentials,
    port,
    host: '127.0.0.1',
    sandbox: { teamsUrl: teams, azureUrl: azure },
  };
}

/** The sandbox was reset: everything this goldbot remembers belongs to a world that is gone. */
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
async function introduce(teamsUrl: string, botUrl: string): Promise<void> {
  const response = await fetch(`${teamsUrl}/_sandbox/bot`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ url: `${botUrl}/api/messages` }),
  });
  if (!response.ok) throw new Error(`The sandbox did not accept the bot: ${response.status} ${await response.text()}`);
}

/**
 * The database of the world that a sandbox plays, for a command beside a running goldbot.
 *
 * @throws UserError `AZ_UNAVAILABLE` when the sandbox does not answer.
 */
export async function localDatabase(settings: LocalSettings, azureUrl: string) {
  const clock = await SandboxClock.follow(azureUrl);
  clock.close();
  const server = await databaseFor(settings, () => {}, false);
  return { url: databaseUrl(settings, server, clock.world), stop: server.stop };
}

type LocalDatabase = Pick<EmbeddedServer, 'url' | 'stop'>;

/** `alone`: nobody else uses the folder, so a server left behind by a killed start may be stopped. */
async function databaseFor(
  settings: LocalSettings,
  say: (line: string) => void,
  alone: boolean,
): Promise<LocalDatabase> {
  if (settings.DATABASE_URL) return { url: () => '', stop: async () => {} };
  const options = { dataDir: join(settings.GOLDBOT_DATA, 'postgres'), log: say };
  const server = await startEmbedded(options);
  if (server.adopted && !alone) return { url: server.url, stop: async () => {} };
  const leave = keepEmbedded(server, options);
  const stop = async () => {
    await leave();
    await server.stop();
  };
  return { url: server.url, stop };
}

/** The same server, another database: each sandbox world has its own. */
function withName(url: string, name: string): string {
  const named = new URL(url);
  named.pathname = `/${name}`;
  return named.href;
}

/** World time of a sandbox, read over HTTP and extrapolated in between. It never goes back. */
export class SandboxClock implements Clock {
  private anchor = { world: 0, machine: 0, speed: 1 };
  private last = 0;
  private stopped = false;
  /** The id of the world this clock belongs to; each world has its own database. */
  world = '';
  /** Called when the sandbox was reset and there is a new world. */
  onNewWorld: () => void = () => {};

  private constructor(private readonly url: string) {}

  /** @throws UserError `AZ_UNAVAILABLE` when the sandbox does not answer. */
  static async follow(url: string, everyMs = 500): Promise<SandboxClock> {
    const clock = new SandboxClock(url);
    await clock.read().catch((cause: unknown) => {
      throw new UserError('AZ_UNAVAILABLE', `No sandbox answers at ${url}.`, {
        hint: 'Start one with `npm start`. If its ports are others, say where it is: SANDBOX_AZURE_URL.',
        cause,
      });
    });
    clock.keepReading(everyMs);
    return clock;
  }

  now(): Date {
    const ms = this.anchor.world + (performance.now() - this.anchor.machine) * this.anchor.speed;
    this.last = Math.max(this.last, ms);
    return new Date(this.last);
  }

  close(): void {
    this.stopped = true;
  }

  private keepReading(everyMs: number): void {
    const timer = setTimeout(async () => {
      // While a sandbox restarts, the clock extrapolates until it answers again.
      await this.read().catch(() => undefined);
      if (!this.stopped) this.keepReading(everyMs);
    }, everyMs);
    timer.unref();
  }

  private async read(): Promise<void> {
    const response = await fetch(`${this.url}/_sandbox/clock`, { signal: AbortSignal.timeout(seconds(5)) });
    const { world, now, speed } = (await response.json()) as { world: string; now: string; speed: number };
    const reset = this.world !== '' && this.world !== world;
    this.world = world;
    this.anchor = { world: new Date(now).getTime(), machine: performance.now(), speed };
    if (reset) this.onNewWorld();
  }
}

const portsTried = 50;

/** `wanted` if set (0: any free port), else the first free one from `usual` on. @throws UserError `PORT_TAKEN` */
export async function choosePort(wanted: number | undefined, usual: number, variable: string): Promise<number> {
  if (wanted !== undefined) {
    const port = await listenOnce(wanted);
    if (port !== undefined) return port;
    throw new UserError('PORT_TAKEN', `Port ${wanted} of ${variable} is used by another program.`, {
      hint: `Stop that program, or set ${variable} to a free port.`,
    });
  }
  for (let port = usual; port < usual + portsTried; port++) if ((await listenOnce(port)) !== undefined) return port;
  throw new UserError('PORT_TAKEN', `All ports from ${usual} to ${usual + portsTried - 1} are used.`, {
    hint: `Set ${variable} to a free port.`,
  });
}

/** The port if it is free (0: one that is); undefined if it is taken. */
function listenOnce(port: number): Promise<number | undefined> {
  return new Promise((done) => {
    const probe = createServer();
    probe.once('error', () => done(undefined));
    probe.listen(port, '127.0.0.1', () => {
      const { port: found } = probe.address() as AddressInfo;
      probe.close(() => done(found));
    });
  });
}

export interface SandboxProcess {
  readonly azure: string;
  readonly teams: string;
  readonly stop: () => Promise<void>;
}

const readyLine = /^sandbox ready (\{.*\})$/;

/**
 * Starts the sandbox as a separate process, as Azure and Teams would be, and in its own process group, so that on Ctrl-C
 * the bot can finish first. It exits by itself when this process is gone.
 *
 * @throws Error with the sandbox's last words when it does not start.
 */
export function startSandboxProcess(environment: NodeJS.ProcessEnv): Promise<SandboxProcess> {
  const main = join(__dirname, '..', 'sandbox', 'main.ts');
  const child = spawn(process.execPath, ['--import', 'tsx', main], {
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  return new Promise((done, fail) => {
    let words = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      words = (words + chunk.toString()).slice(-2_000);
    });
    child.once('error', fail);
    child.once('exit', (code) => fail(lastWords(words.trim() || `the sandbox ended with exit code ${code}`)));
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      const found = readyLine.exec(line);
      if (!found?.[1]) return;
      const { azure, teams } = JSON.parse(found[1]) as { azure: string; teams: string };
      done({ azure, teams, stop: () => stopProcess(child) });
    });
  });
}

/** One line is a sentence for people, such as of a port that is taken; more are the stack of a fault. */
function lastWords(words: string): Error {
  const hint = 'Correct its settings (docs/sandbox.md), then run `npm start` again.';
  return words.includes('\n')
    ? new Error(words)
    : new UserError('SETTINGS_INVALID', `The sandbox does not start. ${words}`, { hint });
}

function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return Promise.resolve();
  return new Promise((done) => {
    const impatient = setTimeout(() => child.kill('SIGKILL'), seconds(5));
    child.once('exit', () => {
      clearTimeout(impatient);
      done();
    });
    child.kill('SIGTERM');
  });
}
