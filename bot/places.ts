import { type Clock, minutes, within } from '../core/time';
import { bindChannels, type Database, nameOfConversation, parkConversation, saveConversation } from '../store';
import { conversationOf, type TeamsActivity, tenantOf } from './activity';
import type { Log } from './log';

/** How often a conversation that goldbot hears from is saved again. */
const freshMs = minutes(1);
const rememberedPlaces = 5_000;
/** An answer waits this long for the names of a team's channels. */
const patienceMs = 1_500;

/** What Teams can be asked about a team that goldbot is installed in, at any time. */
export interface TeamQueries {
  team(teamId: string): Promise<{ readonly name: string; readonly groupId?: string }>;
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
  /** Of the Teams that an activity came from. */
  readonly queriesAt: (serviceUrl: string) => TeamQueries;
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
  /** Teams that were asked about: what Teams does not tell of one is not asked for again at each message. */
  private readonly asked = new Set<string>();

  constructor(private readonly deps: PlacesDeps) {}

  /** Called for every message and click; returns what the catalogue calls the conversation, or else Teams, if known. */
  async heardFrom(activity: TeamsActivity): Promise<string | undefined> {
    const { id } = conversationOf(activity);
    const known = this.known.get(id);
    if (known && this.now() - known.at < freshMs) return known.name ?? undefined;
    const groupId = await this.save(activity, id, null);
    const name = await this.nameOf(id);
    this.remember(id, name);
    const team = activity.channelData?.team?.id ?? activity.channelData?.teamsTeamId;
    if (!team || (name !== null && (groupId !== null || this.asked.has(team)))) return name ?? undefined;
    // Briefly, since only people and the catalogue need names.
    const learned = this.learnTeam(activity, team).catch((err) => this.unlearned(team, err));
    await within(patienceMs, learned, () => undefined);
    return this.known.get(id)?.name ?? undefined;
  }

  /** `conversationUpdate` and `installationUpdate`: installed, removed, channel created, renamed or deleted. */
  async changed(activity: TeamsActivity): Promise<void> {
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
    await this.learnTeam(activity, team.id).catch(async (error) => {
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

  private learnTeam(activity: TeamsActivity, teamId: string): Promise<void> {
    const running = this.learning.get(teamId);
    if (running) return running;
    const started = this.askTeam(activity, teamId).finally(() => this.learning.delete(teamId));
    this.learning.set(teamId, started);
    return started;
  }

  private async askTeam(activity: TeamsActivity, teamId: string): Promise<void> {
    const queries = this.deps.queriesAt(activity.serviceUrl);
    this.asked.add(teamId);
    const { name, aadGroupId } = activity.channelData?.team ?? {};
    const team = name && aadGroupId ? { name, groupId: aadGroupId } : await queries.team(teamId);
    for (const channel of await queries.channels(teamId))
      await this.learn(activity, channel.id, `${team.name} / ${channel.name ?? 'General'}`, team.groupId);
  }

  private async learn(activity: TeamsActivity, id: string, name: string, groupId?: string): Promise<void> {
    const { database, clock, channels, log } = this.deps;
    await this.save(activity, id, name, groupId);
    const wanted = channels();
    if (wanted.includes(name)) await bindChannels(database, [name], clock.now());
    const own = await this.nameOf(id);
    if (own === null)
      log.warn({ name, conversation: id }, 'another channel is bound to this name; nothing is posted here');
    this.remember(id, own);
  }

  private save(activity: TeamsActivity, id: string, name: string | null, group?: string): Promise<string | null> {
    const { kind } = conversationOf(activity);
    const teamId = activity.channelData?.team?.id ?? activity.channelData?.teamsTeamId;
    const person = kind === 'personal' ? activity.from.aadObjectId?.toLowerCase() : undefined;
    const reference = { kind, ...(teamId && { teamId }), ...(person && { person }) };
    const { serviceUrl } = activity;
    const groupId = group ?? activity.channelData?.team?.aadGroupId ?? null;
    const tenantId = tenantOf(activity);
    return saveConversation(this.deps.database, { id, tenantId, serviceUrl, reference, name, groupId });
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
