import { type Bot, type BotSettings, createBot } from '../bot';
import { type AzureRead, type Directory, eachCall } from '../core/azure';
import { channelsOf, zoneOfChannel } from '../core/catalogue';
import { clouds } from '../core/cloud';
import type { HouseRead, HouseSettings } from '../core/doctor';
import { isUserError, UserError } from '../core/errors';
import type { LogFields } from '../core/log';
import type { Signer } from '../core/provenance';
import type { RequestId } from '../core/runs';
import { silentTelemetry, type Telemetry } from '../core/telemetry';
import { type Clock, seconds, sleep, within } from '../core/time';
import { shared } from '../core/together';
import { channelTrouble, createConversation, machineVerified, promotable } from '../dialogs';
import { type Azure, type AzureOptions, createAzure, remembered, withDeadline } from '../services';
import {
  auditAlone,
  bindChannels,
  changesBeside,
  createDatabaseIfMissing,
  type Database,
  leaveTurn,
  migrate,
  noteLooked,
  noteRestored,
  openDatabase,
  type Password,
  takeTurn,
  wakeOpenRun,
} from '../store';
import { createReads, type Reads } from '../store/reads';
import { baseLooks, basesOnceKnown } from '../workflows/bases';
import { accessEndSchedules, accessEnds, askLooks, changeWorkflow, endingLooks } from '../workflows/change';
import { checkpoints, outsideCopies } from '../workflows/checkpoints';
import { digestSchedules, digestWorkflow, passOverDigests } from '../workflows/digest';
import { createEngine, createSchedules, type EngineSettings, quietSchedules } from '../workflows/engine';
import { certificateOfCandidate, publishWorkflow, reaper, signatures } from '../workflows/publish';
import { publishSchedules } from '../workflows/schedule';
import {
  createChannelControl,
  createDelegationControl,
  createDigestControl,
  createFollowControl,
  createLockControl,
  createRunControl,
  createScheduleControl,
  createSubscriptionControl,
  createWebhookControl,
  mayStart,
} from '../workflows/start';
import { notices } from '../workflows/subscriptions';
import { type WebhookDeps, webhooks } from '../workflows/webhooks';
import { botSignIn } from './bot-sign-in';
import { type CatalogueSource, mistakesIn, type TooLarge } from './catalogue-files';
import { houseRead } from './house';
import { knownAnswers } from './known';
import { type Moment, momentsOf } from './moments';
import { quotasOf } from './quotas';
import type { Log } from './run';
import { readQueues } from './telemetry';

export interface GoldbotOptions {
  readonly databaseUrl: string;
  /** Of the database, where the URL has none. */
  readonly databasePassword?: Password;
  readonly clock: Clock;
  readonly catalogue: CatalogueSource;
  /** How to reach Azure; the catalogue says which subscription. */
  readonly azure: Pick<AzureOptions, 'credential' | 'httpClient' | 'cloud'>;
  readonly bot: BotSettings;
  /** Names this replica in leases and logs. */
  readonly owner: string;
  readonly log: Log;
  /** Nobody listens when absent. */
  readonly telemetry?: Telemetry;
  /** Signs certificates where the catalogue names no key vault; versions stay unsigned when absent. */
  readonly localKey?: Signer;
  /** How events reach other programs; nobody is told when absent. */
  readonly webhooks?: Pick<WebhookDeps, 'secret' | 'deliver'>;
  /** When the copy was made that the database was restored from, if somebody says that it was. */
  readonly restored?: Date | undefined;
  /** The worker's settings, for tests and for the laptop. */
  readonly engine?: Partial<EngineSettings>;
  /** Machine time between the two looks of `cleanup`: a lease and the longest request. */
  readonly secondLookMs?: number;
  /** Machine time between two looks for schedules that are due, where the world is faster than people; a second when absent. */
  readonly schedulePollMs?: number;
  /** World time between two looks at a base image, where the world is faster than people; two hours when absent. */
  readonly basesAgainMs?: number;
  /** What this replica does besides listening to Teams; everything when absent. */
  readonly duties?: readonly Duty[];
}

/** Bringing cards up to date, working on runs, firing schedules. */
export type Duty = 'cards' | 'runs' | 'schedules';

const allDuties: readonly Duty[] = ['cards', 'runs', 'schedules'];

export interface Goldbot {
  readonly bot: Bot;
  /** What `troubledChannels` found before goldbot listened. */
  readonly troubledAtStart: readonly string[];
  /** Where goldbot cannot write although the catalogue names it, and what to do, a sentence or two each. */
  troubledChannels(): Promise<readonly string[]>;
  /** What comes by itself, and when. */
  moments(): Promise<readonly Moment[]>;
  /** Accepts no more turns or runs, finishes what has begun within ten seconds, and disconnects from the database. */
  drain(): Promise<void>;
}

/** As long as a message is completed; what a person waits for at first is the router's budget. */
const lookDeadlineMs = seconds(50);

/** The window of Resource Graph's quota: people who ask at the same time share the answers about all machines. */
const rememberedMs = seconds(5);

/** How long a start waits for a database that is still starting, and a drain for connections to close. Machine time. */
const databasePatienceMs = seconds(20);
const closeMs = seconds(1);

/** @throws UserError `DATABASE_SILENT` when the server does not answer for 20 s, `DATABASE_REFUSED` at once. */
async function readyDatabase({ databaseUrl: url, databasePassword, log }: GoldbotOptions): Promise<Database> {
  const password = databasePassword && { password: databasePassword };
  const deadline = Date.now() + databasePatienceMs;
  for (let warned = false; ; warned = true) {
    try {
      await createDatabaseIfMissing(url, databasePassword);
      const database = openDatabase({
        ...{ url, ...password },
        onConnectionLost: (err) => log.warn({ err }, 'an idle database connection was lost'),
      });
      await migrate(database);
      return database;
    } catch (error) {
      if (!isUserError(error) || error.code !== 'DATABASE_SILENT') throw error;
      if (Date.now() > deadline) throw absent(url, error);
      if (!warned) log.warn({ server: new URL(url).host, why: reasonOf(error) }, 'waiting for the database');
      await sleep(seconds(1));
    }
  }
}

function reasonOf(silence: UserError): string {
  return (silence.cause as Error | undefined)?.message || 'no answer';
}

function absent(url: string, cause: UserError): UserError {
  return new UserError(
    'DATABASE_SILENT',
    `The database server ${new URL(url).host} does not answer: ${reasonOf(cause)}`,
    {
      hint: 'Start it or correct DATABASE_URL, then start goldbot again; open runs resume where they were.',
      cause,
    },
  );
}

/** Assembles and starts one replica of goldbot; any number may share a database. */
export async function startGoldbot(options: GoldbotOptions): Promise<Goldbot> {
  const { clock, catalogue, log, owner, telemetry = silentTelemetry, duties = allDuties } = options;
  const database = await readyDatabase(options);
  await noteCopy(options, database);
  const reads = createReads(database);
  const { subscription } = catalogue.get().azure;
  const outside = { ...options.azure, subscription, clock, log, telemetry, sleep, quotas: quotasOf(database) };
  const { read, write, directory, signer, outside: kept, ownIdentity } = createAzure(outside);
  const workflows = workflowsOf(options, database, reads, { directory, read });
  await catalogue.checkGroups(tooLargeIn(directory, log));
  const schedules = schedulesOf(options, database, workflows);
  const answers = remembered(withDeadline(read, lookDeadlineMs), rememberedMs);
  const conversation = createConversation({
    ...{ reads: shared(reads), clock, directory, deciders: directory.deciders, groups: directory.groups, telemetry },
    house: houseOf(options, { directory, ownIdentity }),
    ...{ catalogue: catalogue.get, read: { ...answers.read, ...basesOnceKnown(reads, sleep) } },
    ...controlsOf({ database, clock, directory, telemetry, workflows, catalogue: catalogue.get }),
    tenants: options.bot.tenants,
    ...recordsOf(database, clock),
  });
  const inside = { database, conversation, reads, clock, log, telemetry, sleep, owner };
  const bot = createBot(options.bot, { ...inside, ...namedIn(catalogue, directory) });
  const known = knownAnswers(answers, catalogue.get, log);
  const changes = thatForgets(write, () => {
    answers.forgetVersions();
    known.renew();
  });
  const parts = { database, read, write: changes, workflows, signer, outside: kept, directory };
  const engine = engineOf(options, { ...parts, cards: bot.work, known: answers.read });
  const troubled = () => troubledChannels({ database, reads, clock, catalogue });
  // Before the first event of Teams: a channel that is renamed next is bound already.
  const troubledAtStart = await troubled();
  await bot.listen();
  watch(options, database);
  // In the background: none of it runs before the caller has gone on, who says first that goldbot serves.
  engine.start();
  known.start();
  if (duties.includes('schedules')) schedules.start();
  return {
    ...{ bot, troubledAtStart, troubledChannels: troubled, moments: () => momentsOf(database, clock) },
    async drain() {
      known.drain();
      const turns = bot.drain();
      await Promise.all([turns, engine.drain(turns), schedules.drain()]);
      // A hanging connection must not hold up the exit; the server rolls back whatever it held.
      await Promise.race([database.close(), sleep(closeMs)]);
    },
  };
}

/** What conversations have written into the audit. */
function recordsOf(
  database: Database,
  clock: Clock,
): Pick<Parameters<typeof createConversation>[0], 'audit' | 'looked'> {
  return {
    audit: (entry) => auditAlone(database, { ...entry, at: clock.now() }),
    looked: (look) => noteLooked(database, { ...look, at: clock.now() }),
  };
}

/** Whom the catalogue in force knows outside of Azure. */
function namedIn({ get }: Pick<CatalogueSource, 'get'>, { deciders }: Azure['directory']) {
  return {
    channels: () => channelsOf(get()),
    programs: () => get().programs,
    mentions: { catalogue: get, deciders },
    zoneOf: (called: readonly (string | null)[]) => zoneOfChannel(get(), called),
  };
}

/** What the doctor compares Azure and the catalogue with. */
function houseOf(options: GoldbotOptions, of: Pick<Azure, 'directory' | 'ownIdentity'>): HouseRead {
  const { bot, azure } = options;
  const asks = { settings: () => settingsOf(options), botSignIn: botSignIn(bot, azure.httpClient) };
  return houseRead({ ...options, ...asks, ...options.webhooks, ...of });
}

function settingsOf({ catalogue: { mistakes }, bot: { credentials }, azure, localKey }: GoldbotOptions): HouseSettings {
  return {
    cloud: azure.cloud ?? clouds.Public,
    wrong: [],
    mistakes: mistakes ? mistakesIn(mistakes) : [],
    isRunning: true,
    ...('tenantId' in credentials && { tenant: credentials.tenantId }),
    localKey: localKey !== undefined,
  };
}

/** What waits in the database, for operators. */
function watch({ telemetry, clock }: GoldbotOptions, database: Database): void {
  telemetry?.watch(() => readQueues(database, clock));
}

/** Before anything is worked on or sent: a restored database may be older than Azure and Teams. */
async function noteCopy({ restored: copyOf, clock, log }: GoldbotOptions, database: Database): Promise<void> {
  if (!copyOf) return;
  const now = clock.now();
  const passOver = (tx: Parameters<typeof passOverDigests>[0]) => passOverDigests(tx, copyOf, now);
  const done = await noteRestored(database, { copyOf, now, passOver });
  if (done) log.warn({ ...done }, 'the database was restored from a copy');
}

/** Through what people change anything. */
function controlsOf(deps: Parameters<typeof createRunControl>[0]) {
  return {
    runs: createRunControl(deps),
    digests: createDigestControl(deps),
    schedules: createScheduleControl(deps),
    channels: createChannelControl(deps),
    locks: createLockControl(deps),
    follows: createFollowControl(deps),
    subscriptions: createSubscriptionControl(deps),
    delegations: createDelegationControl(deps),
    webhooks: createWebhookControl(deps),
  };
}

function schedulesOf(
  { clock, catalogue, schedulePollMs, log, telemetry = silentTelemetry }: GoldbotOptions,
  database: Database,
  workflows: ReturnType<typeof workflowsOf>,
) {
  const parts = { database, clock, catalogue: catalogue.get, telemetry };
  const [workflow] = workflows;
  return createSchedules({
    ...{ database, clock, sleep, telemetry },
    kinds: [
      digestSchedules(parts),
      publishSchedules({ ...parts, workflow, mayStart: mayStart(catalogue.get) }),
      accessEndSchedules(parts),
      quietSchedules(),
    ],
    ...(schedulePollMs !== undefined && { pollMs: schedulePollMs }),
    log: (message, { error, ...fields }) => log.warn({ ...fields, err: error }, message),
  });
}

/** Writes after which nobody is shown the versions of before. */
function thatForgets(write: Azure['write'], forget: () => void): Azure['write'] {
  const forgetting = async (change: () => Promise<unknown>, name: string) => {
    try {
      return await change();
    } finally {
      if (name === 'updateVersion' || name === 'deleteVersion') forget();
    }
  };
  return (fence) => eachCall(write(fence), forgetting);
}

type EngineParts = Pick<Parameters<typeof createEngine>[0], 'database' | 'read' | 'write' | 'workflows'> & {
  /** Whose versions are remembered. */
  readonly known: AzureRead;
  readonly cards: Bot['work'];
  readonly signer: Azure['signer'];
  readonly outside: Azure['outside'];
  readonly directory: Directory;
};

/** One worker for everything that this replica is there for. */
function engineOf(options: GoldbotOptions, { cards, known, workflows, signer, ...parts }: EngineParts) {
  const { clock, owner, log, telemetry = silentTelemetry, engine, duties = allDuties } = options;
  const tell = (message: string, fields: LogFields) => log.warn(fields, message);
  const audited = { ...parts, clock, catalogue: options.catalogue.get, log: tell };
  const [tells, runs] = [duties.includes('cards'), duties.includes('runs')];
  return createEngine({
    ...{ ...parts, clock, sleep, owner, telemetry },
    workflows: runs ? workflows : [],
    work: [
      ...(tells ? cards : []),
      ...(runs
        ? [
            reaper({ ...parts, clock }),
            signatures({ ...parts, clock, signer: () => signerOf(options, signer) }),
            checkpoints({ ...audited, signer: () => signerOf(options, signer) }),
            outsideCopies(audited),
            notices({ ...parts, clock, catalogue: options.catalogue.get }),
            endingLooks({ ...options, ...parts, catalogue: options.catalogue.get, read: known }),
            askLooks({ ...options, ...parts, catalogue: options.catalogue.get, read: known }),
            ...(options.webhooks
              ? [
                  webhooks({
                    ...options.webhooks,
                    machineMs: Date.now,
                    ...parts,
                    clock,
                    catalogue: options.catalogue.get,
                  }),
                ]
              : []),
            baseLooks({ ...options, ...parts, catalogue: options.catalogue.get, read: known }),
          ]
        : []),
    ],
    log: (message, { error, ...fields }) => log.warn({ ...fields, err: error }, message),
    ...(engine && { settings: engine }),
  });
}

/** By the catalogue in force: the key in the vault that it names, or else the local one, if there is one. */
function signerOf({ catalogue, localKey }: GoldbotOptions, inVault: Azure['signer']): Signer | undefined {
  const { provenance } = catalogue.get().azure;
  return provenance ? inVault(provenance.keyVaultKey) : localKey;
}

/** How long the start, or a reload, waits for Graph. Each decision looks again. */
const groupSizesMs = seconds(10);

function tooLargeIn(directory: Directory, log: Log): TooLarge {
  return async (groups) => {
    const large = new Set<string>();
    const look = async (group: string) => {
      const size = await directory.sizeOf(group);
      if (size === 'too large') large.add(group);
      if (size === 'missing') log.warn({ group }, 'Entra has no such group: nobody can decide for it');
    };
    const all = Promise.all(groups.map(look)).catch((err) => log.warn({ err }, 'not all groups could be read'));
    await within(groupSizesMs, all, () => log.warn({}, 'not all groups could be read in time'));
    return large;
  };
}

function workflowsOf(
  { catalogue, secondLookMs }: GoldbotOptions,
  database: Database,
  reads: Reads,
  { directory: { deciders }, read }: Pick<Azure, 'directory' | 'read'>,
) {
  const recorded = async (image: string, version: string) =>
    (await reads.recordedVersions(image)).get(version)?.fingerprint;
  return [
    publishWorkflow(
      {
        catalogue: catalogue.get,
        lockOf: reads.lockOf,
        versionsTaken: reads.versionsTaken,
        medianBuildMs: reads.duration,
        waitedBefore: reads.waited,
        publishedBefore: reads.schedules.published,
        recorded,
        outcomeOf: async (id) => (await reads.run(id as RequestId))?.outcome ?? undefined,
        deciders,
        contents: reads.contents,
      },
      ...(secondLookMs === undefined ? [] : [{ secondLookMs }]),
    ),
    changeWorkflow({
      catalogue: catalogue.get,
      deciders,
      lockOf: reads.lockOf,
      takeTurn: (image, run) => takeTurn(database, image, run),
      leaveTurn: (image, run) => leaveTurn(database, image, run),
      ends: accessEnds(database),
      outcomeOf: async (id) => (await reads.run(id as RequestId))?.outcome ?? undefined,
      asks: reads.asks,
      beside: (run) => changesBeside(database, run),
      wake: (run, now) => wakeOpenRun(database, run, now),
      deferral: reads.deferral,
      readings: reads.readings,
      isShown: reads.isShown,
      recorded,
      promotable: (image, version) => promotable({ image, version }, { reads, read }),
      certified: (of) => certificateOfCandidate(of, reads),
      verified: (machine) => machineVerified({ ...machine, gaps: [] }, { reads, read }),
    }),
    digestWorkflow({ database, catalogue: catalogue.get }),
  ] as const;
}

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
