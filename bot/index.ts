import type { IncomingMessage } from 'node:http';
import { type Activity, ActivityTypes, TeamsInfo, type TurnContext } from 'botbuilder';
import type { Reply } from '../cards';
import type { Clock, Sleep } from '../core/time';
import { type ConversationHandlers, renderTopic, type Topic } from '../dialogs';
import type { Database } from '../store';
import type { Reads } from '../store/reads';
import type { TeamsActivity } from './activity';
import { type BotCredentials, TeamsAdapter } from './adapter';
import { readJson } from './body';
import { ChannelKeys } from './channel-keys';
import { Clicks } from './clicks';
import { Delivery } from './delivery';
import { FrontDoor } from './front-door';
import type { Log } from './log';
import { Pace } from './pace';
import { Places, type TeamLooks } from './places';
import { isRefused } from './refused';
import { BotServer, type HttpAnswer, type ReadinessCheck } from './server';
import { serviceUrlRule } from './service-urls';
import { Speaker } from './speaker';
import { Strangers } from './strangers';
import { sweep } from './sweep';
import { Teams } from './teams';
import { Turns } from './turns';

export interface BotSettings {
  /** Never empty. */
  readonly appId: string;
  /** Entra tenants that are served; never empty. */
  readonly tenants: readonly string[];
  readonly credentials: BotCredentials;
  /** Undefined: 3978 or the next free one. */
  readonly port?: number;
  /** Where to listen; every interface when absent. */
  readonly host?: string;
  /** The sandbox's Teams face instead of Microsoft's: its keys, and the one more service URL that is allowed. */
  readonly sandbox?: { readonly teamsUrl: string };
}

export interface BotDeps {
  readonly database: Database;
  readonly conversation: ConversationHandlers;
  readonly reads: Reads;
  readonly clock: Clock;
  readonly log: Log;
  /** What `/readyz` asks beside the database: the catalogue. */
  readonly ready?: Readonly<Record<string, ReadinessCheck>>;
  readonly sleep?: Sleep;
  /** The present state of a live card's topic; from `reads` when absent. */
  readonly render?: (topic: string) => Promise<Reply>;
}

export interface Bot {
  /** Where it listens, without a slash at the end. */
  readonly url: string;
  /**
   * Takes activities and, unless told otherwise, delivers cards from now on.
   *
   * @throws UserError `PORT_TAKEN`.
   */
  listen(options?: { readonly delivers: boolean }): Promise<void>;
  /** Takes nothing more, ends what it has begun, and lets the port go: within about nine seconds of machine time. */
  drain(): Promise<void>;
}

const microsoftKeys = 'https://login.botframework.com/v1/.well-known/openidconfiguration';
const drainMs = 8_000;
const sweepMs = 3_600_000;

/** goldbot's Teams edge, put together. Throws when the app id or the tenant allow-list is empty. */
export function createBot(settings: BotSettings, deps: BotDeps): Bot {
  const { database, clock, log, sleep = machineSleep } = deps;
  const mayCall = serviceUrlRule(settings.sandbox?.teamsUrl);
  const metadataUrl = settings.sandbox ? `${base(settings.sandbox.teamsUrl)}/openidconfiguration` : microsoftKeys;
  const door = new FrontDoor(settings, new ChannelKeys({ metadataUrl }), mayCall);
  const adapter = new TeamsAdapter({ appId: settings.appId, credentials: settings.credentials, metadataUrl, mayCall });
  const teams = new Teams(adapter, settings.appId);
  const places = new Places(database, log);
  const pace = new Pace(database, sleep);
  const render = deps.render ?? ((topic: string) => renderTopic(topic as Topic, deps.reads, clock.now()));
  const delivery = new Delivery({ database, teams, pace, places, render, clock, sleep, log });
  const speaker = new Speaker({ database, teams, pace, places, delivery, sleep, log });
  const clicks = new Clicks({ ...deps, speaker });
  const turns = new Turns({ ...deps, clicks, places, speaker });
  const strangers = new Strangers(database, clock, log);
  const receive = (request: IncomingMessage) =>
    receiveActivity(request, { door, adapter, turns }).catch(async (error: unknown) => {
      if (isRefused(error) && error.stranger) await strangers.note(error.stranger);
      throw error;
    });
  const ready = { database: () => databaseAnswers(database), ...deps.ready };
  let sweeping: NodeJS.Timeout | undefined;
  const server = new BotServer(settings, { receive, ready, log });
  return {
    get url() {
      return server.url;
    },
    async listen({ delivers } = { delivers: true }) {
      await server.listen();
      if (delivers) delivery.start();
      sweeping = setInterval(() => void sweep(database, log), sweepMs);
      sweeping.unref();
    },
    async drain() {
      clearInterval(sweeping);
      const over = new AbortController();
      const patience = sleep(drainMs, over.signal);
      // A turn may wait for its card: the delivery ends last.
      await Promise.race([Promise.all([server.close(drainMs), turns.settled()]), patience]);
      await Promise.race([delivery.stop(), sleep(1_000, over.signal)]);
      over.abort();
    },
  };
}

interface Inbound {
  readonly door: FrontDoor;
  readonly adapter: TeamsAdapter;
  readonly turns: Turns;
}

/** The token is checked before the body is read, the body before the SDK sees it. */
async function receiveActivity(request: IncomingMessage, { door, adapter, turns }: Inbound): Promise<HttpAnswer> {
  const authorization = request.headers.authorization ?? '';
  const credentials = await door.authenticate(authorization);
  const activity = door.admit(credentials, await readJson(request));
  const answer = await adapter.receive(authorization, activity as unknown as Activity, async (context) => {
    const body = await turns.take(activity as unknown as TeamsActivity, looksOf(context));
    if (body) await context.sendActivity({ type: ActivityTypes.InvokeResponse, value: { status: 200, body } });
  });
  return { status: answer?.status ?? 200, ...(answer?.body !== undefined && { body: answer.body }) };
}

function looksOf(context: TurnContext): TeamLooks {
  return {
    name: async (teamId) => (await TeamsInfo.getTeamDetails(context, teamId)).name ?? teamId,
    channels: async (teamId) => {
      const found = await TeamsInfo.getTeamChannels(context, teamId);
      return found.flatMap(({ id, name }) => (id ? [{ id, ...(name && { name }) }] : []));
    },
  };
}

async function databaseAnswers(database: Database): Promise<undefined> {
  await database.query('select 1');
}

function base(url: string): string {
  return url.replace(/\/+$/, '');
}

const machineSleep: Sleep = (ms, signal) =>
  new Promise((done) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      done();
    };
    const timer = setTimeout(end, ms);
    if (signal?.aborted) end();
    else signal?.addEventListener('abort', end);
  });

export type { BotCredentials } from './adapter';
