import { join } from 'node:path';
import { CatalogueSource } from '../../app/catalogue-files';
import { startGoldbot } from '../../app/goldbot';
import { createLog } from '../../app/run';
import { sandboxAppId } from '../../sandbox/teams/face';
import { sandboxClient, sandboxCredential } from '../../services';
import { testKey } from '../../test/support/signing';
import { worldStart } from '../../test/support/world-start';

/** Of `goldbot.ts` as a process of its own. */
export interface ProgramInput {
  readonly databaseUrl: string;
  readonly azureUrl: string;
  /** Where tokens are signed and replies go. */
  readonly teamsUrl: string;
  readonly tenants: readonly string[];
}

/** goldbot alone in a process, as in production but for whom it asks: so its CPU is nobody else's. */
async function main({ databaseUrl, azureUrl, teamsUrl, tenants }: ProgramInput): Promise<void> {
  const begun = Date.now();
  const goldbot = await startGoldbot({
    databaseUrl,
    localKey: testKey().signer,
    clock: { now: () => new Date(worldStart + Date.now() - begun) },
    catalogue: new CatalogueSource(join(__dirname, '../../catalog'), () => {}),
    azure: { credential: sandboxCredential, httpClient: sandboxClient(azureUrl) },
    bot: {
      ...{ appId: sandboxAppId, tenants, credentials: { kind: 'sandbox' }, port: 0, host: '127.0.0.1' },
      sandbox: { teamsUrl, azureUrl },
    },
    owner: 'bench',
    log: createLog('warn', { write: (line) => void process.stderr.write(line) }),
  });
  process.stdout.write(`the echo serves ${new URL(goldbot.bot.url).port}\n`);
}

void main(JSON.parse(process.argv[2] ?? '') as ProgramInput);
