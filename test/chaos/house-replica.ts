import type { HttpClient } from '@azure/core-rest-pipeline';
import { Client } from 'pg';
import { CatalogueSource } from '../../app/catalogue-files';
import { startGoldbot } from '../../app/goldbot';
import { SandboxClock } from '../../app/local';
import { createLog } from '../../app/run';
import { signingKeyIn } from '../../app/signing-key';
import { localSigner } from '../../core/provenance';
import { tenantId } from '../../sandbox/entra/people';
import { sandboxAppId } from '../../sandbox/teams/face';
import { sandboxClient, sandboxCredential, webhookSender } from '../../services';
import { openDatabase } from '../../store';
import { type Reach, reaper } from './replica';
import type { ReplicaConfig } from './scenario';

/** Where everything is that a replica of the house works with; the `worldUrl` of its configuration, as JSON. */
export interface HouseUrls {
  readonly azure: string;
  readonly teams: string;
  /** Of the receiver of webhooks: the catalogue takes none on this machine. */
  readonly hook: string;
  /** The folder of the catalogue; all replicas sign with a key beside it. */
  readonly catalogue: string;
}

/** What the receiver of webhooks checks signatures with. */
export const hookSecret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

const writing = /^\s*(insert into|update|delete from)\s+"?(\w+)/i;

/**
 * Every statement that writes becomes two points, in whichever part of goldbot it is; so does every commit, which is known
 * by the tables that it is about.
 */
function probeDatabase(reach: Reach): void {
  const plain = Client.prototype.query as unknown as (...args: unknown[]) => unknown;
  const written = new WeakMap<object, Set<string>>();
  const pointOf = (client: object, text: string): string | undefined => {
    if (text === 'begin') written.set(client, new Set());
    const [, verb, table = ''] = writing.exec(text) ?? [];
    if (verb) written.get(client)?.add(table);
    if (text === 'commit') return `commit of ${[...(written.get(client) ?? [])].sort().join(', ')}`;
    return verb && `${verb.toLowerCase()} ${table}`;
  };
  const probed = function (this: object, ...args: unknown[]): unknown {
    const [said] = args;
    const text = typeof said === 'string' ? said : String((said as { text?: string } | undefined)?.text);
    const point = pointOf(this, text);
    if (point === undefined || point === 'commit of ') return plain.apply(this, args);
    const last = args.at(-1);
    if (typeof last !== 'function') {
      return reach(`${point}: before`)
        .then(() => plain.apply(this, args))
        .then(async (result) => {
          await reach(`${point}: after`);
          return result;
        });
    }
    const answered = (...answer: unknown[]) => void reach(`${point}: after`).then(() => last(...answer));
    void reach(`${point}: before`).then(() => plain.apply(this, [...args.slice(0, -1), answered]));
    return undefined;
  };
  Client.prototype.query = probed as unknown as typeof Client.prototype.query;
}

/** `PUT policyExemptions`: the method and the type of what it is about. */
function pointOfRequest(method: string, url: string): string {
  const { pathname } = new URL(url);
  const path = pathname.split('/providers/').at(-1)?.split('/') ?? [];
  const types = path.filter((_, i) => i % 2 === 1);
  return `${method} ${types.at(-1) || path.at(-1)}`.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, 'ID');
}

/** Every request to Azure and Graph becomes two points. */
function probedHttp(client: HttpClient, reach: Reach): HttpClient {
  return {
    async sendRequest(request) {
      const point = pointOfRequest(request.method, request.url);
      await reach(`${point}: before`);
      const answer = await client.sendRequest(request);
      await reach(`${point}: after`);
      return answer;
    },
  };
}

/** goldbot as a whole, which kills or freezes itself at points that its seed chooses. */
async function main(config: ReplicaConfig): Promise<void> {
  const urls = JSON.parse(config.worldUrl) as HouseUrls;
  const dying = reaper(config);
  let isUp = false;
  // Of a start nobody has anything yet.
  const reach: Reach = async (point) => (isUp ? dying(point) : undefined);
  const isNew = await knowsFew(config.databaseUrl);
  probeDatabase(reach);
  const send = webhookSender('anywhere');
  const { leaseMs, killing } = config;
  const goldbot = await startGoldbot({
    databaseUrl: config.databaseUrl,
    clock: await SandboxClock.follow(urls.azure, 100),
    catalogue: new CatalogueSource(urls.catalogue, () => {}),
    azure: { credential: sandboxCredential, httpClient: probedHttp(sandboxClient(urls.azure), reach) },
    bot: {
      ...{ appId: sandboxAppId, tenants: [tenantId], credentials: { kind: 'sandbox' }, port: 0, host: '127.0.0.1' },
      sandbox: { teamsUrl: urls.teams, azureUrl: urls.azure },
    },
    owner: config.owner,
    log: createLog(killing ? 'silent' : 'error'),
    localKey: localSigner(await signingKeyIn(urls.catalogue)),
    webhooks: {
      secret: () => hookSecret,
      deliver: async (delivery) => {
        await reach('webhook: before');
        const answer = await send({ ...delivery, url: urls.hook });
        await reach('webhook: after');
        return answer;
      },
    },
    engine: { ...(killing && { leaseMs, renewMs: leaseMs / 3 }), pollMs: 50, backOffMs: 50 },
    ...{ secondLookMs: leaseMs + 500, schedulePollMs: 200 },
  });
  process.on('SIGTERM', () => {
    void goldbot.drain().then(() => process.exit(0));
  });
  isUp = true;
  if (isNew) await introduce(urls.teams, goldbot.bot.url);
}

/** Channels and chats of the story: whoever was to be told of them may have died in between. */
const conversations = 10;

/** Nobody has told it about all channels yet. */
async function knowsFew(url: string): Promise<boolean> {
  const database = openDatabase({ url, poolSize: 1 });
  const rows = await database.query('select 1 from conversation where parked_why is null');
  await database.close();
  return rows.length < conversations;
}

/** As the Azure Bot resource does: from then on Teams tells this replica what happens. */
async function introduce(teamsUrl: string, botUrl: string): Promise<void> {
  await fetch(`${teamsUrl}/_sandbox/bot`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ url: `${botUrl}/api/messages` }),
  });
}

void main(JSON.parse(process.argv[2] ?? '') as ReplicaConfig);
