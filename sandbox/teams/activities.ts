import { randomUUID } from 'node:crypto';
import type { Person } from '../entra/people';
import { type Activity, type Card, type Place, placeId } from './model';
import { type Team, userId } from './roster';

/** What every activity needs to know of its surroundings. */
export interface Setting {
  readonly appId: string;
  readonly serviceUrl: string;
  readonly now: Date;
}

const zone = 'Europe/Amsterdam';
export const botName = 'goldbot';
export const botId = (appId: string) => `28:${appId}`;

/** A message of a person as Teams sends it: the mention in the text and as an entity, the HTML as an attachment. */
export function messageActivity(setting: Setting, person: Person, place: Place, said: Said): Activity {
  const html = said.text.replace(
    /<at>(.*?)<\/at>/g,
    '<span itemscope itemtype="http://schema.skype.com/Mention">$1</span>',
  );
  return {
    ...base(setting, person, place),
    type: 'message',
    id: said.id,
    text: said.text,
    textFormat: 'plain',
    attachments: [
      { contentType: 'text/html', content: `<p>${html}</p>` as never },
      ...(said.card ? [{ contentType: 'application/vnd.microsoft.card.adaptive', content: said.card }] : []),
    ],
    entities: [...said.mentions, clientInfo],
    ...(said.targeted && { recipient: { id: botId(setting.appId), name: botName, isTargeted: true } }),
  };
}

export interface Said {
  readonly id: string;
  readonly text: string;
  readonly mentions: readonly Mention[];
  /** To the bot alone, after a `/`. */
  readonly targeted?: boolean;
  /** What was put into the message beside the words. */
  readonly card?: Card;
}

export interface Mention {
  readonly type: 'mention';
  readonly mentioned: { readonly id: string; readonly name: string };
  readonly text: string;
}

/** Turns every `@name` of the bot or a person into Teams' form of a mention. */
export function withMentions(text: string, appId: string, people: readonly Person[]): Omit<Said, 'id'> {
  const accounts = new Map<string, { id: string; name: string }>([
    [botName, { id: botId(appId), name: botName }],
    ...people.map((p) => [p.name.toLowerCase(), { id: userId(p), name: p.name }] as const),
  ]);
  const found = new Map<string, Mention>();
  const replaced = text.replace(/(?<![\w@])@(\w[\w-]*)/g, (typed: string, name: string) => {
    const mentioned = accounts.get(name.toLowerCase());
    if (!mentioned) return typed;
    const at = `<at>${mentioned.name}</at>`;
    found.set(mentioned.id, { type: 'mention', mentioned, text: at });
    return at;
  });
  return { text: replaced, mentions: [...found.values()] };
}

export interface Click {
  readonly cardId: string;
  readonly action: { readonly verb?: unknown; readonly id?: unknown; readonly title?: unknown };
  readonly data: object;
  readonly trigger: 'manual' | 'automatic';
}

/** An Action.Execute of an Adaptive Card. */
export function clickActivity(setting: Setting, person: Person, place: Place, click: Click): Activity {
  const { verb, id, title } = click.action;
  const usual = base(setting, person, place);
  const named = {
    ...(verb !== undefined && { verb }),
    ...(id !== undefined && { id }),
    ...(title !== undefined && { title }),
  };
  return {
    ...usual,
    type: 'invoke',
    id: `f:${randomUUID()}`,
    name: 'adaptiveCard/action',
    replyToId: click.cardId,
    channelData: {
      ...(usual['channelData'] as object),
      source: { name: 'message' },
      legacy: { replyToId: `1:${click.cardId}` },
    },
    value: { action: { type: 'Action.Execute', ...named, data: click.data }, trigger: click.trigger },
    entities: [clientInfo],
  };
}

/** `add-upgrade`: it was there before, in an earlier version. */
export type Installing = 'add' | 'add-upgrade';

interface TeamInstall {
  readonly action: Installing;
  /** The channel that the installer chose; General when absent. */
  readonly selected?: { readonly id: string; readonly name: string };
}

/** What Teams tells a bot that is installed in a team; the channels other than General follow one by one. */
export function teamInstalled(setting: Setting, installer: Person, team: Team, how: TeamInstall): Activity[] {
  const { action, selected = { id: team.id, name: 'General' } } = how;
  const about = { id: team.id, name: team.name, aadGroupId: team.aadGroupId };
  const usual = base(setting, installer, {
    conversation: { id: team.id, name: team.name, kind: 'channel', team: { id: team.id, name: team.name } },
  });
  const tenant = { id: installer.tenantId };
  const bot = { id: botId(setting.appId), name: botName };
  const added = {
    ...usual,
    type: 'conversationUpdate',
    id: `f:${randomUUID()}`,
    membersAdded: [bot],
    channelData: { team: about, eventType: 'teamMemberAdded', tenant, settings: { selectedChannel: selected } },
  };
  return [
    ...(action === 'add' ? [added] : []),
    {
      ...usual,
      type: 'installationUpdate',
      id: `f:${randomUUID()}`,
      action,
      channelData: { settings: { selectedChannel: selected }, team: about, tenant, source: { name: 'message' } },
    },
    ...team.channels
      .filter((c) => c.id !== team.id)
      .map((c) => ({
        ...usual,
        type: 'conversationUpdate',
        id: `f:${randomUUID()}`,
        channelData: { channel: { id: c.id, name: c.channel }, team: about, eventType: 'channelCreated', tenant },
      })),
  ];
}

/** What Teams tells a bot that was added to a chat: by a person for themselves, or by one of several. */
export function chatInstalled(setting: Setting, person: Person, place: Place, action: Installing): Activity[] {
  const usual = base(setting, person, place);
  const membersAdded = [{ id: botId(setting.appId), name: botName }];
  const added = { ...usual, type: 'conversationUpdate', id: `f:${randomUUID()}`, membersAdded };
  const installed = { ...usual, type: 'installationUpdate', id: `f:${randomUUID()}`, action };
  return action === 'add' ? [added, installed] : [installed];
}

export const clientInfo = { type: 'clientInfo', locale: 'en-GB', country: 'NL', platform: 'Web', timezone: zone };

/** The parts that all activities share. `timestamp` is world time. */
export function base({ appId, serviceUrl, now }: Setting, person: Person, place: Place): Omit<Activity, 'type'> {
  const { conversation } = place;
  const several = conversation.kind !== 'personal';
  const tenant = { id: person.tenantId };
  const { team } = conversation;
  return {
    channelId: 'msteams',
    serviceUrl,
    timestamp: now.toISOString(),
    localTimestamp: localTime(now),
    localTimezone: zone,
    locale: 'en-GB',
    from: { id: userId(person), name: person.name, aadObjectId: person.id },
    recipient: { id: botId(appId), name: botName },
    conversation: {
      ...(several && { isGroup: true }),
      conversationType: conversation.kind,
      tenantId: person.tenantId,
      id: placeId(place),
    },
    channelData: {
      ...(team && {
        teamsChannelId: conversation.id,
        teamsTeamId: team.id,
        channel: { id: conversation.id },
        team: { id: team.id },
      }),
      tenant,
    },
  };
}

/** Made once: making one takes longer than all else about an activity. */
const inZone = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeZoneName: 'longOffset' });

function localTime(now: Date): string {
  const parts = inZone.formatToParts(now);
  const offset = parts.find((p) => p.type === 'timeZoneName')?.value.slice(3) || '+00:00';
  const minutes = Number(offset.slice(1, 3)) * 60 + Number(offset.slice(4, 6));
  const shifted = new Date(now.getTime() + (offset.startsWith('-') ? -minutes : minutes) * 60_000);
  return shifted.toISOString().replace('Z', offset);
}
