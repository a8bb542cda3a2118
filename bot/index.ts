/**
 * The Teams edge: server and front door let activities in, turns answer them, delivery brings cards up to date. The only
 * room with restify and, in `botbuilder.ts` alone, botbuilder; app/ puts it together with the rest.
 */
import type { Reply } from '../cards';
import type { Programs } from '../core/catalogue';
import { type BotCloud, chatLink, clouds, messageLink } from '../core/cloud';
import type { Telemetry } from '../core/telemetry';
import { type Clock, hours, sleep as machineSleep, type Sleep, seconds } from '../core/time';
import { type ConversationHandlers, topicRenderer } from '../dialogs';
import {
  type Database,
  type LeaseSettings,
  ownChats,
  pingDatabase,
  shownAt,
  sweepOld,
  sweepOver,
  type Work,
} from '../store';
import type { Reads } from '../store/reads';
import { Botbuilder } from './botbuilder';
import { Delivery, type DeliveryDeps } from './delivery';
import { Allowance } from './fair';
import type { BotCredentials, Framework, FrameworkSettings } from './framework';
import { ChannelKeys, FrontDoor, type Reach, Strangers, serviceUrlRule } from './front-door';
import type { Log } from './log';
import { Mentioner, type MentionerDeps } from './mentioner';
import { type MemberAddress, People } from './people';
import { Places } from './places';
import { ProgramDoor, Programs as ProgramQuestions } from './programs';
import { BotServer, type Patience, type ReadinessCheck } from './server';
import { Pace, Speaker } from './speaker';
import { Teams } from './teams';
import { Turns } from './turns';
import { Views } from './views';

export interface BotSettings {
  /** Never empty. */
  readonly appId: string;
  /** Entra tenants that are served; never empty. */
  readonly tenants: readonly string[];
  readonly credentials: BotCredentials;
  /** Whose Teams; the public one's when absent. */
  readonly cloud?: BotCloud;
  /** 0: any free one. */
  readonly port: number;
  /** The interface to listen on; all when absent. */
  readonly host?: string;
  /** With slow callers; as in production when absent. */
  readonly patience?: Patience;
  /** For how long what people may still ask for is kept once it is over; for ever when absent. */
  readonly keepMs?: number | undefined;
  /** The sandbox's Teams face instead of Microsoft's: its signing keys, and one more allowed service URL. Its Azure face plays Entra. */
  readonly sandbox?: { readonly teamsUrl: string; readonly azureUrl?: string };
}

export interface BotDeps {
  readonly database: Database;
  readonly conversation: ConversationHandlers;
  readonly reads: Reads;
  readonly clock: Clock;
  readonly log: Log;
  /** The channels that the catalogue in force names; none when absent. */
  readonly channels?: () => readonly string[];
  /** By which clock people in a channel live, as the catalogue in force says; by none when absent. */
  readonly zoneOf?: DeliveryDeps['zoneOf'];
  /** What the catalogue in force says of programs; none is let in when absent. */
  readonly programs?: () => Programs | undefined;
  readonly telemetry?: Telemetry;
  /** What `/readyz` checks besides the database and the keys of the Bot Framework. */
  readonly ready?: Readonly<Record<string, ReadinessCheck>>;
  readonly sleep?: Sleep;
  /** Names this replica in the leases of its turns; for people only. */
  readonly owner?: string;
  /** Of its messages and clicks; machine time. */
  readonly leases?: LeaseSettings;
  /** For the kill tests. */
  readonly at?: DeliveryDeps['at'];
  /** Of whom messages mention; nobody is mentioned when absent. */
  readonly mentions?: Pick<MentionerDeps, 'catalogue' | 'deciders'>;
  /** Who speaks to Teams; botbuilder when absent. */
  readonly framework?: ((settings: FrameworkSettings) => Framework) | undefined;
  /** Renders the current state of a live card's topic; from `reads` when absent. */
  readonly render?: (topic: string) => Promise<Reply>;
}

export interface Bot {
  /** Where it listens, without a trailing slash. */
  readonly url: string;
  /** Live cards to deliver, and messages whose replica died; served by the worker in workflows/engine. */
  readonly work: readonly Work[];
  /**
   * Starts taking activities.
   *
   * @throws UserError `PORT_TAKEN`.
   */
  listen(): Promise<void>;
  /** Accepts nothing more, finishes what it has begun and closes the port, all in some eight seconds of machine time. */
  drain(): Promise<void>;
}

const drainMs = seconds(8);
const sweepMs = hours(1);

/** Assembles goldbot's Teams edge. Throws when the app id or the tenant allow-list is empty. */
export function createBot(settings: BotSettings, deps: BotDeps): Bot {
  const { database, clock, log, telemetry, sleep = machineSleep } = deps;
  const cloud = settings.cloud ?? clouds.Public.bot;
  const mayCall = serviceUrlRule(settings.sandbox?.teamsUrl, cloud);
  const metadataUrl = settings.sandbox ? `${base(settings.sandbox.teamsUrl)}/openidconfiguration` : cloud.keys;
  const keys = new ChannelKeys({ metadataUrl });
  const door = new FrontDoor(settings, keys, mayCall);
  const framework = (deps.framework ?? botbuilder)({ ...settings, cloud, metadataUrl, mayCall });
  const teams = new Teams(framework, settings.appId, telemetry);
  const queriesAt = (serviceUrl: string) => teams.queriesAt(serviceUrl);
  const places = new Places({ database, clock, log, queriesAt, channels: deps.channels ?? (() => []) });
  const people = new People({ database, clock, log, memberAt: (address) => teams.member(address) });
  const pace = new Pace(database, sleep);
  const linkTo = async (topic: string) => {
    const there = await shownAt(database, topic);
    return there && messageLink(cloud, there);
  };
  const shows = { teams, pace, places, linkTo, ...showing(deps, teams) };
  const views = new Views({ membersAt: (address) => teams.members(address), clock, log });
  const delivery = new Delivery({ ...shows, views, database, clock, sleep, log, telemetry, at: deps.at });
  const speaker = new Speaker({ database, teams, pace, places, delivery, sleep, log });
  const own = (sentence: string) => chatLink(cloud, settings.appId, sentence);
  const allowance = new Allowance(database, log);
  const turns = new Turns({ ...deps, allowance, places, people, speaker, views, linkTo, chatLink: own });
  const strangers = new Strangers(database, clock, log);
  const programs = new ProgramQuestions(programDoor(settings, deps, cloud), { ...deps, allowance });
  const ready = { database: () => pingDatabase(database), 'Bot Framework': () => keys.problem(), ...deps.ready };
  const notes = { audit: () => alteredWords(deps.reads) };
  let sweeping: NodeJS.Timeout | undefined;
  const server = new BotServer(settings, { door, framework, turns, strangers, programs, ready, notes, log, telemetry });
  return {
    get url() {
      return server.url;
    },
    work: [delivery, turns.orphans],
    async listen() {
      await server.listen();
      sweeping = setInterval(() => void sweep(settings, deps), sweepMs);
      sweeping.unref();
    },
    async drain() {
      clearInterval(sweeping);
      const over = new AbortController();
      const patience = sleep(drainMs, over.signal);
      await Promise.race([Promise.all([server.close(drainMs), turns.settled()]), patience]);
      over.abort();
    },
  };
}

const botbuilder = (settings: FrameworkSettings): Framework => new Botbuilder(settings);

/** What cards show, and whom they call. */
function showing({ database, render, reads, clock, log, mentions, zoneOf }: BotDeps, teams: Teams) {
  const memberAt = (address: MemberAddress) => teams.member(address);
  return {
    render: render ?? topicRenderer(reads, clock),
    zoneOf,
    mentioner:
      mentions && new Mentioner({ ...mentions, memberAt, chatsOf: (oids) => ownChats(database, oids), clock, log }),
  };
}

function programDoor(settings: BotSettings, { programs }: BotDeps, { login }: BotCloud): ProgramDoor {
  const tenants = settings.tenants.map((id) => id.toLowerCase());
  return new ProgramDoor({ tenants, login, ...entraOf(settings.sandbox?.azureUrl) }, programs ?? (() => undefined));
}

/** After a failure the next sweep deletes it. */
async function sweep({ keepMs }: BotSettings, { database, clock, log }: BotDeps): Promise<void> {
  try {
    await sweepOld(database);
    if (keepMs !== undefined) await sweepOver(database, { keepMs, now: clock.now() });
  } catch (err) {
    log.warn({ err }, 'old rows could not be deleted; the next sweep tries again');
  }
}

/** The sandbox plays Entra beside Azure, and tells them apart by a header. */
function entraOf(azureUrl: string | undefined): { readonly reach?: Reach } {
  if (azureUrl === undefined) return {};
  return {
    reach: (text) => {
      const { pathname, search, hostname } = new URL(text);
      return { url: `${base(azureUrl)}${pathname}${search}`, headers: { 'x-sandbox-host': hostname } };
    },
  };
}

function base(url: string): string {
  return url.replace(/\/+$/, '');
}

export type { BotCredentials } from './framework';

/** Whether the audit is as it was written, for operators: people are served either way. */
async function alteredWords({ alteration }: Pick<Reads, 'alteration'>): Promise<string | undefined> {
  const found = await alteration();
  return found && `entry ${found.firstBroken} is the first that is wrong or missing: ${found.why}`;
}
