import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HttpClient, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline';
import { CatalogueSource } from '../../app/catalogue-files';
import { startGoldbot } from '../../app/goldbot';
import { SandboxClock } from '../../app/local';
import { createLog } from '../../app/run';
import type { Run } from '../../core/runs';
import { seconds, sleep } from '../../core/time';
import { type ListeningSandbox, startSandbox } from '../../sandbox';
import { tenantId } from '../../sandbox/entra/people';
import { sandboxAppId } from '../../sandbox/teams/face';
import { createAzure, sandboxClient, sandboxCredential } from '../../services';
import { openDatabase } from '../../store';
import { createReads } from '../../store/reads';
import { createRunControl } from '../../workflows/start';
import { people as known } from '../support/azure-world';
import { exampleCatalogue } from '../support/catalogue';
import { noAdmins } from '../support/unheld';
import { copies, judge, makeDefinitions, workflowOver } from './publish';
import { stillness } from './stillness';

/** A minute of the world in 200 ms: what Azure builds in an hour takes longer than a storm. */
const speed = 300;
/** Every service refuses for so long out of so much; machine time. */
const [stormMs, everyMs] = [seconds(4), seconds(20)];
/** From then on it counts how often is asked in vain. */
const warmMs = seconds(60);
/** What had its place when another one was refused is on its way: it could not wait. */
const onItsWayMs = seconds(1);

export interface StormReport {
  readonly publishes: number;
  /** By service, after the first minute: requests, and how many of those were refused. */
  readonly services: Readonly<Record<string, { readonly asked: number; readonly refused: number }>>;
  readonly perSuccess: number;
  /** Each to be zero. */
  readonly mistakes: Readonly<Record<string, number>>;
}

/** Each service refuses at its own times, every other storm without saying until when; what came of that. */
class Weather {
  readonly services = new Map<string, { asked: number; refused: number }>();
  /** Requests of a service that had named a time, before that time, each in a line. */
  readonly early: string[] = [];
  private readonly beganMs = Date.now();
  private readonly silent = new Map<string, { readonly fromMs: number; readonly untilMs: number }>();

  /** The seconds of Retry-After, or that there are none; undefined when the service answers. */
  refusal(service: string): { readonly seconds: number | undefined } | undefined {
    const nowMs = Date.now();
    const { fromMs, untilMs } = this.silent.get(service) ?? { fromMs: nowMs, untilMs: 0 };
    if (nowMs > fromMs + onItsWayMs && nowMs < untilMs)
      this.early.push(`${service}: ${nowMs - fromMs} ms after a refusal, ${untilMs - nowMs} ms before its Retry-After`);
    const sinceMs = nowMs - this.beganMs + (service.length * everyMs) / 7;
    const leftMs = stormMs - (sinceMs % everyMs);
    const count = this.services.get(service) ?? { asked: 0, refused: 0 };
    this.services.set(service, count);
    const counts = nowMs - this.beganMs > warmMs;
    if (counts) count.asked += 1;
    if (leftMs <= 0) return undefined;
    if (counts) count.refused += 1;
    if (Math.floor(sinceMs / everyMs) % 2 === 1) return { seconds: undefined };
    const wait = Math.ceil(leftMs / 1_000);
    if (nowMs >= untilMs) this.silent.set(service, { fromMs: nowMs, untilMs: nowMs + wait * 1_000 });
    return { seconds: wait };
  }
}

/** What has a quota of its own. */
function serviceOf({ url, method }: Pick<PipelineRequest, 'url' | 'method'>): string {
  const { host, pathname } = new URL(url);
  if (host.startsWith('graph.')) return 'Graph';
  if (/Microsoft\.ResourceGraph/i.test(pathname)) return 'Resource Graph';
  if (!host.startsWith('management.')) return host;
  const [, subscription = 'tenant'] = /^\/subscriptions\/([^/]+)/.exec(pathname) ?? [];
  const kind = method === 'GET' || method === 'HEAD' ? 'reads' : 'writes';
  return `${kind} of ${subscription}`;
}

/** In Azure's words for a quota that is spent. */
function stormy(client: HttpClient, weather: Weather): HttpClient {
  return {
    async sendRequest(request): Promise<PipelineResponse> {
      const refusal = weather.refusal(serviceOf(request));
      if (!refusal) return client.sendRequest(request);
      const { createHttpHeaders } = await import('@azure/core-rest-pipeline');
      const said = refusal.seconds === undefined ? {} : { 'retry-after': String(refusal.seconds) };
      const error = { code: 'SubscriptionRequestsThrottled', message: 'Number of requests exceeded the limit.' };
      const headers = createHttpHeaders({ 'content-type': 'application/json', ...said });
      return { request, status: 429, headers, bodyAsText: JSON.stringify({ error }) };
    },
  };
}

/** Teams refuses each conversation by itself. */
function stormyTeams({ sandbox: { faults } }: ListeningSandbox, weather: Weather): void {
  const strike = faults.strike.bind(faults);
  faults.strike = (request) => {
    if (request.face !== 'teams' || !/\/v3\/conversations\/.*activities/.test(request.url.pathname))
      return strike(request);
    const thread = /conversations\/([^/]+)/.exec(request.url.pathname)?.[1] ?? '';
    const refusal = weather.refusal(`Teams ${thread}`);
    if (!refusal) return strike(request);
    const headers = refusal.seconds === undefined ? {} : { 'retry-after': String(refusal.seconds) };
    return { match: {}, status: 429, headers };
  };
}

/** The catalogue of the story with the images of the kills. */
function catalogueFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'goldbot-storm-'));
  cpSync(join(__dirname, '../../catalog'), folder, { recursive: true });
  for (const name of copies) {
    const of = name.startsWith('windows') ? 'windows-2022' : 'ubuntu-22';
    const text = readFileSync(join(folder, 'images', `${of}.yaml`), 'utf8');
    const own = text
      .replace(/^name: .*$/m, `name: ${name}`)
      .replace(/^aliases: .*$/m, 'aliases: []')
      .replace(/^imageDefinition: .*$/m, `imageDefinition: ${name}`);
    writeFileSync(join(folder, 'images', `${name}.yaml`), own);
  }
  return folder;
}

/** Whole publishes by a whole goldbot, while Azure, Resource Graph, Graph and Teams refuse a fifth of the time. */
export async function runStorm(options: {
  /** Of each of four images. */
  readonly rounds: number;
  readonly databaseUrl: string;
  readonly log?: (line: string) => void;
}): Promise<StormReport> {
  const { databaseUrl, rounds, log = () => {} } = options;
  const [sandbox, folder] = [await startSandbox({ speed }), catalogueFolder()];
  await makeDefinitions(sandbox.azureUrl);
  const weather = new Weather();
  const clock = await SandboxClock.follow(sandbox.azureUrl, 100);
  const database = openDatabase({ url: databaseUrl, poolSize: 4 });
  const reads = createReads(database);
  const { subscription } = exampleCatalogue().azure;
  const calm = createAzure({
    ...{ credential: sandboxCredential, httpClient: sandboxClient(sandbox.azureUrl), subscription },
  });
  const goldbot = await startGoldbot({
    ...{ databaseUrl, clock, owner: 'storm', log: createLog('silent') },
    catalogue: new CatalogueSource(folder, () => {}),
    azure: { credential: sandboxCredential, httpClient: stormy(sandboxClient(sandbox.azureUrl), weather) },
    bot: {
      ...{ appId: sandboxAppId, tenants: [tenantId], credentials: { kind: 'sandbox' }, port: 0, host: '127.0.0.1' },
      sandbox: { teamsUrl: sandbox.teamsUrl, azureUrl: sandbox.azureUrl },
    },
    ...{ secondLookMs: 1_000, schedulePollMs: 200 },
  });
  try {
    stormyTeams(sandbox, weather);
    await fetch(`${sandbox.teamsUrl}/_sandbox/bot`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ url: `${goldbot.bot.url}/api/messages` }),
    });
    const control = createRunControl({
      ...{ database, clock, directory: calm.directory, catalogue: noAdmins },
      workflows: [workflowOver(reads)],
    });
    const [begun, isStill] = [new Map<string, number>(), stillness(database)];
    for (;;) {
      const open = new Set((await reads.openRuns()).map(({ subject }) => subject));
      const next = copies.filter((subject) => !open.has(subject) && (begun.get(subject) ?? 0) < rounds);
      for (const subject of next) {
        const round = (begun.get(subject) ?? 0) + 1;
        begun.set(subject, round);
        const plan = { request: {}, approvalChannel: 'Image Factory / approvals', fixed: null };
        await control.startOrJoin({ kind: 'publish', subject, plan, person: known.ada, intent: `${subject}-${round}` });
        log(`${subject}: ${round} of ${rounds}`);
      }
      if ((open.size === 0 && next.length === 0) || (await isStill())) break;
      for (const { id, planHash } of await reads.approvalsPending(clock.now()))
        await control
          .decide({ request: id, hash: planHash, person: known.grace, verdict: 'approve', via: 'button', intent: id })
          .catch(() => {});
      await sleep(250);
    }
    await shown(database);
    const runs = await reads.runs({ limit: 1_000 });
    const late = await database.query('select 1 from card where wanted > shown and not unclear');
    const { read } = calm;
    for (const line of weather.early) log(line);
    return reportOf(weather, runs, {
      ...(await judge(runs, read, sandbox.sandbox.exchanges)),
      'publishes without a version': runs.filter(({ outcome }) => outcome !== 'published').length,
      'requests before their Retry-After': weather.early.length,
      'cards behind': late.length,
    });
  } finally {
    await goldbot.drain();
    clock.close();
    await database.close();
    await sandbox.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const patienceMs = seconds(90);

/** Until every card shows its newest state, or none has come any nearer for a while. */
async function shown(database: ReturnType<typeof openDatabase>): Promise<void> {
  let [before, sinceMs] = [-1, Date.now()];
  while (Date.now() - sinceMs < patienceMs) {
    const [row] = await database.query<{ behind: number; shown: number }>(
      `select (count(*) filter (where wanted > shown and not unclear))::int as behind, coalesce(sum(shown), 0)::int as shown from card`,
    );
    if (!row || row.behind === 0) return;
    if (row.shown !== before) [before, sinceMs] = [row.shown, Date.now()];
    await sleep(500);
  }
}

/** How often may be asked for each answer. */
const mostPerSuccess = 1.2;

function reportOf(weather: Weather, runs: readonly Run[], mistakes: StormReport['mistakes']): StormReport {
  const services = Object.fromEntries(weather.services);
  const sum = (of: 'asked' | 'refused') => Object.values(services).reduce((total, each) => total + each[of], 0);
  const perSuccess = sum('asked') / (sum('asked') - sum('refused'));
  const vain = { 'asked too often in vain': perSuccess <= mostPerSuccess ? 0 : 1 };
  return { publishes: runs.length, services, perSuccess, mistakes: { ...mistakes, ...vain } };
}
