import { type Clock, minutes, within } from '../core/time';
import { bindChannels, type Database, nameOfConversation, parkConversation, saveConversation } from '../store';
import type { Log } from './log';
import type { Address } from './teams';

/** The fields that goldbot reads from an activity that the front door has admitted. */
export interface TeamsActivity {
  readonly type: string;
  readonly id?: string;
  readonly name?: string;
  readonly text?: string;
  readonly replyToId?: string;
  readonly serviceUrl: string;
  readonly locale?: string;
  readonly localTimezone?: string;
  readonly from: { readonly id: string; readonly name?: string; readonly aadObjectId?: string };
  readonly recipient: { readonly id: string };
  readonly conversation: { readonly id: string; readonly conversationType?: string; readonly tenantId?: string };
  readonly channelData?: {
    readonly tenant?: { readonly id: string };
    readonly team?: { readonly id: string; readonly name?: string };
    readonly teamsTeamId?: string;
    readonly channel?: { readonly id: string; readonly name?: string };
    readonly eventType?: string;
  };
  readonly value?: unknown;
  readonly action?: string;
  readonly membersAdded?: readonly { readonly id: string }[];
  readonly membersRemoved?: readonly { readonly id: string }[];
}

/** Teams appends the thread to the conversation's id. */
export function conversationOf({ conversation }: TeamsActivity): Pick<Address, 'kind' | 'threadId'> & { id: string } {
  const [id = '', threadId] = conversation.id.split(';messageid=');
  const kind = conversation.conversationType === 'personal' ? 'personal' : 'channel';
  return { id, kind, ...(threadId !== undefined && { threadId }) };
}

export function tenantOf(activity: TeamsActivity): string {
  return (activity.conversation.tenantId ?? activity.channelData?.tenant?.id ?? '').toLowerCase();
}

export function addressOfActivity(activity: TeamsActivity): Address {
  const { id, ...rest } = conversationOf(activity);
  return { ...rest, conversationId: id, tenantId: tenantOf(activity), serviceUrl: activity.serviceUrl };
}

/** How often a conversation that goldbot hears from is saved again. */
const freshMs = minutes(1);
const rememberedPlaces = 5_000;
/** A turn waits this long for the names of a team's channels. */
const patienceMs = 1_500;

/** What Teams can be asked about a team that goldbot is installed in. */
export interface TeamQueries {
  name(teamId: string): Promise<string>;
  /** The General channel has no name: clients call it in their own language. */
  channels(teamId: string): Promise<readonly { readonly id: string; readonly name?: string }[]>;
}

interface Known {
  readonly at: number;
  readonly name: string | null;
}

export interface PlacesDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly log: Log;
  /** The channels that the catalogue names, at this moment. */
  readonly channels: () => readonly string[];
  /** Machine time. */
  readonly now?: () => number;
}

/**
 * The conversations goldbot is in, learned from what Teams sends, so that it can post there unprompted. A channel of the
 * catalogue is bound to its conversation as soon as it is learned, before anybody can rename it.
 */
export class Places {
  private readonly known = new Map<string, Known>();
  private readonly learning = new Map<string, Promise<void>>();

  constructor(private readonly deps: PlacesDeps) {}

  /** Called for every message and click; returns what the catalogue calls the conversation, or else Teams, if known. */
  async heardFrom(activity: TeamsActivity, queries: TeamQueries): Promise<string | undefined> {
    const { id } = conversationOf(activity);
    const known = this.known.get(id);
    if (known && this.now() - known.at < freshMs) return known.name ?? undefined;
    await this.save(activity, id, null);
    const name = await this.nameOf(id);
    this.remember(id, name);
    const team = activity.channelData?.team?.id ?? activity.channelData?.teamsTeamId;
    if (name !== null || !team) return name ?? undefined;
    // Within the turn, since botbuilder's client is gone afterwards; briefly, since only people and the catalogue need names.
    const learned = this.learnTeam(activity, team, queries).catch((err) => this.unlearned(team, err));
    await within(patienceMs, learned, () => undefined);
    return this.known.get(id)?.name ?? undefined;
  }

  /** `conversationUpdate` and `installationUpdate`: installed, removed, channel created, renamed or deleted. */
  async changed(activity: TeamsActivity, queries: TeamQueries): Promise<void> {
    const { channelData: data } = activity;
    const { id } = conversationOf(activity);
    if (isRemoval(activity)) return this.park(id, 'goldbot was removed from here');
    if (data?.eventType === 'channelDeleted' && data.channel)
      return this.park(data.channel.id, 'the channel was deleted');
    const team = data?.team;
    if (!team) {
      await this.save(activity, id, null);
      return this.remember(id, null);
    }
    const { channel } = data;
    if (channel?.name && team.name) return this.learn(activity, channel.id, `${team.name} / ${channel.name}`);
    await this.learnTeam(activity, team.id, queries).catch(async (error) => {
      this.unlearned(team.id, error);
      if (team.name) await this.learn(activity, team.id, `${team.name} / General`);
    });
  }

  async park(id: string, why: string): Promise<void> {
    this.known.delete(id);
    await parkConversation(this.deps.database, id, why);
  }

  private now(): number {
    return (this.deps.now ?? Date.now)();
  }

  private nameOf(id: string): Promise<string | null> {
    return nameOfConversation(this.deps.database, id, this.deps.channels());
  }

  private learnTeam(activity: TeamsActivity, teamId: string, queries: TeamQueries): Promise<void> {
    const running = this.learning.get(teamId);
    if (running) return running;
    const started = this.askTeam(activity, teamId, queries).finally(() => this.learning.delete(teamId));
    this.learning.set(teamId, started);
    return started;
  }

  private async askTeam(activity: TeamsActivity, teamId: string, queries: TeamQueries): Promise<void> {
    const team = activity.channelData?.team?.name ?? (await queries.name(teamId));
    for (const channel of await queries.channels(teamId))
      await this.learn(activity, channel.id, `${team} / ${channel.name ?? 'General'}`);
  }

  private async learn(activity: TeamsActivity, id: string, name: string): Promise<void> {
    const { database, clock, channels, log } = this.deps;
    await this.save(activity, id, name);
    const wanted = channels();
    if (wanted.includes(name)) await bindChannels(database, [name], clock.now());
    const own = await this.nameOf(id);
    if (own === null)
      log.warn({ name, conversation: id }, 'another channel is bound to this name; nothing is posted here');
    this.remember(id, own);
  }

  private async save(activity: TeamsActivity, id: string, name: string | null): Promise<void> {
    const { kind } = conversationOf(activity);
    const teamId = activity.channelData?.team?.id ?? activity.channelData?.teamsTeamId;
    const reference = { kind, ...(teamId && { teamId }) };
    const { serviceUrl } = activity;
    await saveConversation(this.deps.database, { id, tenantId: tenantOf(activity), serviceUrl, reference, name });
  }

  private remember(id: string, name: string | null): void {
    if (this.known.size >= rememberedPlaces) this.known.clear();
    this.known.set(id, { at: this.now(), name });
  }

  private unlearned(team: string, err: unknown): void {
    this.deps.log.warn({ team, err }, 'the channels of a team could not be learned');
  }
}

function isRemoval({ type, action, membersRemoved, recipient }: TeamsActivity): boolean {
  if (type === 'installationUpdate') return action?.startsWith('remove') ?? false;
  return membersRemoved?.some((member) => member.id === recipient.id) ?? false;
}
