import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { galleryId, restrictionName } from '../../core/compliance';
import { type ChangeData, type ChangePlan, changeSubject, type RestrictPlan, type Run } from '../../core/runs';
import { days, minutes, sleep } from '../../core/time';
import { webhookKinds } from '../../core/webhooks';
import { type ListeningSandbox, startSandbox } from '../../sandbox';
import { teamSubscriptions } from '../../sandbox/azure/names';
import { createAzure, sandboxClient, sandboxCredential } from '../../services';
import { type Database, openDatabase } from '../../store';
import { createReads } from '../../store/reads';
import { digestWorkflow } from '../../workflows/digest';
import { changesOver } from '../support/azure-world';
import { exampleCatalogue } from '../support/catalogue';
import { accessPlan, pinnedSets, rolloutPlan, sharePlan, versionPlan } from '../support/changes';
import type { HouseUrls } from './house-replica';
import { patient } from './patient';
import { people } from './publish';
import { seeded } from './random';
import type { Scenario, ScenarioWorld, Wanted } from './scenario';

/** A minute of the world in 40 ms: a day in a minute of the machine. */
const speed = 1_500;
/** For a whole goldbot, which takes a second to come up; in peace it takes the product's own. */
const leaseMs = 4_000;
/** Besides those of the story, so that a digest is due every few seconds. */
const moreTeams = 42;
/** Machine time without a card or webhook after which what is left will never be sent. */
const patienceMs = 90_000;

/** Changes of machines, policies, rights, versions and scale sets that can be asked for again and again. */
async function changesInTurn(machines: readonly string[]): Promise<readonly (readonly ChangePlan[])[]> {
  const about = { target: 'web', team: 'web', reason: 'for chaos' };
  const scope = `/subscriptions/${teamSubscriptions[0]}`;
  const restricted: Omit<RestrictPlan, 'effect'> = {
    ...{ verb: 'restrict', galleries: [galleryId(exampleCatalogue().azure)], dryRun: [], ...about },
    targets: [{ scope, name: restrictionName, notScopes: [], buildGroups: [] }],
  };
  const rule = { group: 'b0bb1e50-0000-4000-8000-000000000002', groupName: 'goldbot-approvers', quorum: 1 };
  const approval = { rule, ttlMs: 30 * 86_400_000, channel: 'Image Factory / approvals' };
  const until = (month: string) => `2028-${month}-01T00:00:00.000Z`;
  const classified = machines.map((machineId) =>
    (['pet', 'cattle'] as const).map((model): ChangePlan => ({ verb: 'classify', machineId, model, ...about })),
  );
  return [
    ...classified,
    [
      { ...restricted, effect: 'deny', pastEnd: true },
      { ...restricted, effect: 'off' },
    ],
    [accessPlan('grant'), accessPlan('ungrant')],
    [sharePlan('share'), sharePlan('unshare')],
    ['05', '06'].map((month) => versionPlan('eol', '1.5.0', { until: until(month), approval })),
    [versionPlan('revoke', '1.3.0', { approval }), versionPlan('restore', '1.3.0')],
    [rolloutPlan({ sets: [pinnedSets.workers] }), rolloutPlan({ version: '1.4.1', sets: [pinnedSets.workers] })],
  ];
}

/** The next of each that is not open. */
function inTurn(changes: readonly (readonly ChangePlan[])[]): ScenarioWorld['next'] {
  const asked = changes.map(() => 0);
  return (open) =>
    changes.flatMap((plans, n): Wanted[] => {
      if (plans.some((plan) => open.has(changeSubject(plan)))) return [];
      const plan = plans[(asked[n] ?? 0) % plans.length];
      asked[n] = (asked[n] ?? 0) + 1;
      return plan ? [{ kind: 'change', subject: changeSubject(plan), plan }] : [];
    });
}

/** The catalogue of the story with a receiver of every event, a channel for checkpoints, and teams that want a digest. */
function catalogueFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'goldbot-house-'));
  cpSync(join(__dirname, '../../catalog'), folder, { recursive: true });
  const add = (file: string, text: string) =>
    writeFileSync(join(folder, file), `${readFileSync(join(folder, file), 'utf8')}\n${text}\n`);
  add('azure.yaml', 'audit:\n  channel: Image Factory / General');
  add(
    'programs.yaml',
    `webhooks:\n  - name: chaos\n    url: https://chaos.example/hook\n    secret: GOLDBOT_WEBHOOK_CHAOS\n    events: [${webhookKinds.join(', ')}]`,
  );
  // Of one conversation a card is edited every three seconds.
  const channels = ['web / ops', 'data / ops', 'legacy / ops', 'payments / ops'];
  const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
  const team = (n: number) =>
    `t${n}:\n  scope: { tag: { name: team, value: t${n} } }\n  owners: { group: b0bb1e50-0000-4000-8000-000000000012, name: web-owners }\n  channel: ${channels[n % channels.length]}\n  digest: { day: ${days[n % 7]}, time: "${String((n * 4) % 24).padStart(2, '0')}:00", zone: Europe/Berlin }`;
  add('teams.yaml', Array.from({ length: moreTeams }, (_, n) => team(n)).join('\n'));
  return folder;
}

/** Another program, which remembers what it was told. */
class Receiver {
  /** The bodies by the id of their event. */
  readonly heard = new Map<string, Set<string>>();
  private server: Server | undefined;

  async listen(): Promise<string> {
    this.server = createServer((request, response) => {
      let body = '';
      request.on('data', (data: Buffer) => (body += data.toString()));
      request.on('end', () => {
        const id = String(request.headers['webhook-id']);
        this.heard.set(id, (this.heard.get(id) ?? new Set()).add(body));
        response.statusCode = 204;
        response.end();
      });
    });
    await new Promise<void>((done) => this.server?.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`;
  }

  async close(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((done) => this.server?.close(done));
  }
}

/** What Azure was asked to change and did, for as long as the world stands: the sandbox keeps the newest alone. */
function effectsOf({ exchanges }: ListeningSandbox['sandbox']): readonly string[] {
  const effects: string[] = [];
  const push = exchanges.push.bind(exchanges);
  exchanges.push = (...more) => {
    for (const { method, url, status } of more)
      if (method !== 'GET' && status >= 200 && status < 300) effects.push(`${method} ${url}`);
    return push(...more);
  };
  return effects;
}

/** How often a run of these may ask Azure for it, at most. */
const once: readonly { readonly what: string; readonly of: RegExp; readonly verbs: readonly string[] }[] = [
  { what: 'tags of a machine', of: /^PATCH .*\/tags\/default\?/, verbs: ['classify'] },
  { what: 'restrictions', of: /^PUT .*\/policyAssignments\/goldbot-golden-images/, verbs: ['restrict'] },
  { what: 'restrictions taken away', of: /^DELETE .*\/policyAssignments\//, verbs: ['restrict'] },
  { what: 'rights given', of: /^PUT .*\/roleAssignments\//, verbs: ['grant'] },
  { what: 'rights taken back', of: /^DELETE .*\/roleAssignments\//, verbs: ['ungrant'] },
  { what: 'shares', of: /^POST .*\/share\?/, verbs: ['share', 'unshare'] },
  { what: 'versions changed', of: /^PATCH .*\/images\/[^/]+\/versions\//, verbs: ['eol', 'revoke', 'restore'] },
  { what: 'models of scale sets', of: /^PATCH .*\/virtualMachineScaleSets\/[^/]+\?/, verbs: ['rollout'] },
];

export const scenario: Scenario = {
  name: 'house',
  leaseMs,
  async world(seed, databaseUrl) {
    const sandbox = await startSandbox({ speed });
    const effects = effectsOf(sandbox.sandbox);
    const receiver = new Receiver();
    const catalogue = catalogueFolder();
    const hook = await receiver.listen();
    const urls: HouseUrls = { azure: sandbox.azureUrl, teams: sandbox.teamsUrl, hook, catalogue };
    const database = patient(openDatabase({ url: databaseUrl, poolSize: 2 }));
    const { subscription } = exampleCatalogue().azure;
    const azure = createAzure({
      ...{ credential: sandboxCredential, httpClient: sandboxClient(sandbox.azureUrl), subscription },
    });
    const { clock } = sandbox.world;
    const began = clock.now();
    const reads = createReads(database);
    const parts = { database, reads, azure, catalogue: exampleCatalogue };
    const machines = (await azure.read.machineList({}, 300)).rows.filter(({ name }) => name.startsWith('vm-web-edge'));
    const ids = machines.slice(0, 4).map(({ id }) => id);
    return {
      url: JSON.stringify(urls),
      clock,
      directory: azure.directory,
      workflows: [changesOver(parts), digestWorkflow(parts)],
      next: inTurn(await changesInTurn(ids)),
      people: people(seeded(seed), () => clock.now()),
      judge: async (runs) => {
        const { cards, webhooks } = await neverSent(database);
        return {
          ...doneTwice(runs, effects),
          ...(await heardOf(database, receiver)),
          ...(await shownIn(database, sandbox)),
          ...(await closedDays(database, [began, clock.now()])),
          ...(await digestsOf(database)),
          'webhooks not sent': webhooks,
          'cards behind': cards,
          'changes that failed': failed(runs).length,
        };
      },
      close: async () => {
        await database.close();
        await sandbox.close();
        await receiver.close();
        rmSync(catalogue, { recursive: true, force: true });
      },
    };
  },
};

/**
 * How much of what was to be sent when all runs had ended still is, once all of it was sent or nothing has been for a
 * while. What came later is not judged: there is always another digest to be shown.
 */
async function neverSent(database: Database): Promise<{ readonly cards: number; readonly webhooks: number }> {
  let [cards, webhooks] = [await cardsBehind(database), await webhooksDue(database)];
  for (let sinceMs = Date.now(); cards.length + webhooks.length > 0 && Date.now() - sinceMs < patienceMs; ) {
    await sleep(500);
    const [behind, due] = [await cardsBehind(database), await webhooksDue(database)];
    const before = cards.length + webhooks.length;
    cards = cards.filter((card) => behind.some(({ id, shown }) => id === card.id && shown < card.wanted));
    webhooks = webhooks.filter(({ id }) => due.some((each) => each.id === id));
    if (cards.length + webhooks.length < before) sinceMs = Date.now();
  }
  return { cards: cards.length, webhooks: webhooks.length };
}

/** Each with the state that it shows, and the newest. */
const cardsBehind = (database: Database) =>
  database.query<{ id: string; wanted: number; shown: number }>(
    'select id::text, wanted, shown from card where wanted > shown and not unclear',
  );

const webhooksDue = (database: Database) =>
  database.query<{ id: string }>('select id from webhook where due_at is not null');

/** What Azure was asked for more often than there were runs to ask for it. */
function doneTwice(runs: readonly Run[], effects: readonly string[]): Record<string, number> {
  const counted = once.map(({ what, of, verbs }) => {
    const asked = runs.filter((run) => run.kind === 'change' && verbs.includes((run.plan as ChangePlan).verb)).length;
    return [`more ${what} than runs`, Math.max(effects.filter((effect) => of.test(effect)).length - asked, 0)];
  });
  return Object.fromEntries(counted);
}

/** Every event is told, at least once, in the same words under its id. */
async function heardOf(database: Database, receiver: Receiver): Promise<Record<string, number>> {
  // What is told meanwhile is not judged.
  const heard = new Map(receiver.heard);
  const rows = await database.query<{ id: string; sent: boolean }>(
    'select event_id as id, due_at is null as sent from webhook',
  );
  return {
    'events that nobody heard': rows.filter(({ id, sent }) => sent && !receiver.heard.has(id)).length,
    'events told in two ways': [...heard.values()].filter((bodies) => bodies.size > 1).length,
    'events of nothing': [...heard.keys()].filter((id) => !rows.some((row) => row.id === id)).length,
    'a world without events': rows.length === 0 ? 1 : 0,
  };
}

/** Every card stands in Teams, and no message that no card knows, but for those whose post is in the audit as unclear. */
async function shownIn(database: Database, { teamsUrl }: ListeningSandbox): Promise<Record<string, number>> {
  const get = async <T>(path: string) => (await (await fetch(teamsUrl + path)).json()) as T;
  const { conversations } = await get<{ conversations: { id: string }[] }>('/api/state');
  const messages = await Promise.all(
    conversations.map(({ id }) =>
      get<{ id: string; from: string; card?: object }[]>(`/api/conversations/${encodeURIComponent(id)}/messages`),
    ),
  );
  const cards = await database.query<{ id: string }>(
    'select activity_id as id from card where activity_id is not null',
  );
  const known = new Set(cards.map(({ id }) => id));
  const unclear = await database.query(`select 1 from audit where entry like '%card-unclear%'`);
  // The greeting of a channel is no card of the database.
  const strays = messages.flat().filter(({ id, from, card }) => from === 'goldbot' && card && !known.has(id)).length;
  return {
    'cards that show twice, unsaid': Math.max(strays - unclear.length - conversations.length, 0),
    'a world without cards': cards.length === 0 ? 1 : 0,
  };
}

/** A digest is due every few seconds: this is for a world in which none ever comes. */
const digestPatienceMs = minutes(10);

/** One for each team and week, and each was counted; those that began in peace may be under way, but for the first. */
async function digestsOf(database: Database): Promise<Record<string, number>> {
  const digests = () =>
    database.query<{ subject: string; outcome: string | null }>(
      `select subject, outcome from run where kind = 'digest'`,
    );
  const isThere = async () => (await digests()).some(({ outcome }) => outcome !== null);
  for (const untilMs = Date.now() + digestPatienceMs; Date.now() < untilMs && !(await isThere()); ) await sleep(500);
  const rows = await digests();
  return {
    'digests of one week': doubles(rows.map(({ subject }) => subject)),
    'digests that did not come': rows.filter(({ outcome }) => outcome !== null && outcome !== 'done').length,
    'a world without digests': rows.some(({ outcome }) => outcome === 'done') ? 0 : 1,
  };
}

/**
 * A day is closed by one checkpoint, which holds all entries of the days before that had none: a midnight may pass, in a
 * minute of the machine, while no replica lives long enough to close it. The last one before peace has done its work must
 * be closed.
 */
async function closedDays(database: Database, [began, now]: readonly [Date, Date]): Promise<Record<string, number>> {
  const dayOf = (at: Date) => Math.floor(at.getTime() / days(1));
  const today = dayOf(now);
  const closed = async () => {
    const rows = await database.query<{ at: Date }>('select at from audit_checkpoint order by at');
    return rows.map(({ at }) => dayOf(at));
  };
  const isClosed = (all: readonly number[]) => today === dayOf(began) || all.some((day) => day >= today);
  for (const untilMs = Date.now() + patienceMs; Date.now() < untilMs && !isClosed(await closed()); ) await sleep(500);
  const all = await closed();
  return { 'days closed twice': doubles(all), 'a last midnight that nobody closed': isClosed(all) ? 0 : 1 };
}

/**
 * Those that failed for another reason than that the world, which is a thousand times as quick as the machine, had waited
 * long enough, or than that another change of the same thing had: what was never revoked cannot be restored.
 */
function failed(runs: readonly Run[]): readonly Run[] {
  const [before, wrong] = [new Set<string>(), [] as Run[]];
  for (const run of [...runs].sort((a, b) => a.createdAt.getTime() - b.createdAt.getTime())) {
    if (run.outcome !== 'failed') continue;
    const { target } = run.plan as ChangePlan;
    if (/has waited/.test((run.data as ChangeData).ending?.why ?? '')) before.add(target);
    else if (!before.has(target)) wrong.push(run);
  }
  return wrong;
}

const doubles = (all: readonly unknown[]): number => all.length - new Set(all).size;
