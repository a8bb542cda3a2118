import { join } from 'node:path';
import type { TokenCredential } from '@azure/core-auth';
import { CatalogueSource } from '../../app/catalogue-files';
import { type Goldbot, startGoldbot } from '../../app/goldbot';
import { createLog } from '../../app/run';
import { silentTelemetry, type Telemetry } from '../../core/telemetry';
import { days } from '../../core/time';
import { type ListeningSandbox, startSandbox } from '../../sandbox';
import { tenantId } from '../../sandbox/entra/people';
import { sandboxClient, sandboxCredential } from '../../services';
import { testDatabase } from '../store/database';
import { mustBeAllowed } from './accesses';
import { testKey } from './signing';
import { worldStart } from './world-start';

/** The app id that the sandbox's tokens are for. */
const sandboxAppId = 'b07b07b0-7b07-4b07-8b07-b07b07b07b07';
const quick = { leaseMs: 10_000, renewMs: 3_000, pollMs: 50, backOffMs: 100 };

/** A whole goldbot beside a sandbox, reached through nothing but the sandbox's documented endpoints. */
export interface LocalWorld {
  /** The Teams face, without a slash at the end. */
  readonly teamsUrl: string;
  readonly azureUrl: string;
  /** goldbot itself, where programs ask it. */
  readonly botUrl: string;
  /** What goldbot logged, one JSON object a line. */
  readonly log: readonly string[];
  /** What comes by itself, as `npm start` tells it to the sandbox. */
  readonly moments: Goldbot['moments'];
  stop(): Promise<void>;
}

/** `speed`: how many times faster than the machine's time the world runs. `catalogue`: its folder; the example when absent. */
export async function startWorld({
  speed = 1_200,
  catalogue = join(__dirname, '../../catalog'),
  telemetry = silentTelemetry,
  prepare,
}: {
  speed?: number;
  catalogue?: string;
  telemetry?: Telemetry;
  /** Called before goldbot starts: another tenant than the story's, and as whom goldbot asks Azure there. */
  prepare?: (
    sandbox: ListeningSandbox,
  ) => Promise<{ readonly catalogue: string; readonly credential: TokenCredential }>;
} = {}): Promise<LocalWorld> {
  // A transcript says in a second what people say in minutes: Resource Graph's quota is not what it is about.
  const azure = { resourceGraph: { queries: 150 } };
  const [sandbox, store] = await Promise.all([startSandbox({ speed, startMs: worldStart, azure }), testDatabase()]);
  const lines: string[] = [];
  const prepared = await prepare?.(sandbox);
  const beside = { databaseUrl: store.url, catalogue, lines, telemetry, ...prepared };
  const goldbot = await goldbotBeside(sandbox, beside);
  return {
    teamsUrl: sandbox.teamsUrl,
    azureUrl: sandbox.azureUrl,
    botUrl: goldbot.bot.url,
    log: lines,
    moments: goldbot.moments,
    stop: async () => {
      await goldbot.drain();
      await sandbox.close();
      await store.close();
      mustBeAllowed(sandbox.sandbox.exchanges, new CatalogueSource(beside.catalogue, () => {}).get());
    },
  };
}

/** One goldbot beside a sandbox that is there already. `restored`: see `GOLDBOT_RESTORED`. */
export async function goldbotBeside(
  sandbox: ListeningSandbox,
  {
    databaseUrl,
    catalogue = join(__dirname, '../../catalog'),
    lines = [],
    restored,
    telemetry = silentTelemetry,
    credential = sandboxCredential,
    httpClient = sandboxClient(sandbox.azureUrl),
  }: {
    databaseUrl: string;
    catalogue?: string;
    lines?: string[];
    restored?: Date;
    telemetry?: Telemetry;
    credential?: TokenCredential;
    /** The way to Azure. */
    httpClient?: ReturnType<typeof sandboxClient>;
  },
): Promise<Goldbot> {
  const goldbot = await startGoldbot({
    localKey: testKey().signer,
    databaseUrl,
    clock: sandbox.world.clock,
    catalogue: new CatalogueSource(catalogue, () => {}),
    restored,
    azure: { credential, httpClient },
    bot: {
      appId: sandboxAppId,
      tenants: [tenantId],
      credentials: { kind: 'sandbox' },
      port: 0,
      host: '127.0.0.1',
      sandbox: { teamsUrl: sandbox.teamsUrl, azureUrl: sandbox.azureUrl },
    },
    owner: 'transcripts',
    telemetry,
    log: createLog('warn', { write: (line) => void lines.push(line) }),
    engine: quick,
    secondLookMs: 50,
    schedulePollMs: 250,
    // Two hours of the world are six seconds.
    basesAgainMs: days(1),
  });
  await post(`${sandbox.teamsUrl}/_sandbox/bot`, { url: `${goldbot.bot.url}/api/messages` });
  return goldbot;
}

async function post(url: string, body: unknown): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${url}: ${response.status} ${await response.text()}`);
}
