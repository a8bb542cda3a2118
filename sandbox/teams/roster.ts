import { createHash } from 'node:crypto';
import { entra, type Person, tenantId } from '../entra/people';
import type { World } from '../kernel/world';
import type { Conversation } from './model';

export interface Team {
  /** Also the id of the team's General channel, as in Teams. */
  readonly id: string;
  readonly name: string;
  readonly aadGroupId: string;
  readonly channels: readonly Conversation[];
}

const digest = (text: string) => createHash('sha256').update(`goldbot sandbox ${text}`).digest();
const threadId = (name: string) => `19:${digest(name).toString('hex').slice(0, 32)}@thread.tacv2`;

function uuid(name: string): string {
  const hex = digest(name).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function team(name: string, ...channels: string[]): Team {
  const id = threadId(`${name}/General`);
  const channel = (c: string): Conversation => ({
    id: c === 'General' ? id : threadId(`${name}/${c}`),
    name: `${name} / ${c}`,
    kind: 'channel',
    team: { id, name },
    channel: c,
  });
  return { id, name, aadGroupId: uuid(name), channels: channels.map(channel) };
}

export const teams: readonly Team[] = [
  team('Image Factory', 'General', 'approvals'),
  team('payments', 'ops'),
  team('web', 'ops'),
  team('data', 'ops'),
  team('legacy', 'ops'),
];

/** The id by which the bot knows a person; it means nothing to any other bot. */
export function userId(person: Person): string {
  return `29:1${digest(person.id).toString('base64url')}`;
}

export function personalChat(person: Person): Conversation {
  const id = `a:1${digest(`chat ${person.id}`).toString('base64url')}`;
  return { id, name: `${person.name} and goldbot`, kind: 'personal', personId: person.id };
}

/** The group and meeting chats that goldbot was added to. */
function groupChats(world: World): Conversation[] {
  return world.section<{ list: Conversation[] }>('chats', () => ({ list: [] })).list;
}

export interface NewChat {
  readonly name: string;
  readonly members: readonly Person[];
  readonly meeting?: boolean;
  /** A new one when absent. */
  readonly id?: string;
}

/** Adds goldbot to a chat of several people. The chat of that id or name when there is one already. */
export function addGroupChat(world: World, { name, members, meeting = false, id }: NewChat): Conversation {
  const list = groupChats(world);
  const hex = digest(`group ${name}`).toString('hex').slice(0, 32);
  const chat: Conversation = {
    id: id ?? `19:${meeting ? `meeting_${Buffer.from(hex).toString('base64url')}` : hex}@thread.v2`,
    name,
    kind: 'groupChat',
    memberIds: members.map((person) => person.id),
  };
  const known = list.find((c) => c.id === chat.id);
  if (known) return known;
  list.push(chat);
  world.touch();
  return chat;
}

export function conversations(world: World): Conversation[] {
  return [...teams.flatMap((t) => t.channels), ...entra(world).people.map(personalChat), ...groupChats(world)];
}

/** Who is not in a team, by the team's id; everybody else is. */
const outside = (world: World) => world.section<Record<string, readonly string[]>>('outside-teams', () => ({}));

/** From now on all but these people are in the team. */
export function setOutside(world: World, { id }: Team, people: readonly Person[]): void {
  outside(world)[id] = people.map((person) => person.id);
  world.touch();
}

/** Everybody is in every team, but who was taken out; a chat has its own people. */
export function membersOf(world: World, { personId, memberIds, team: of }: Conversation): Person[] {
  const { people } = entra(world);
  const ids = personId === undefined ? memberIds : [personId];
  const out = (of && outside(world)[of.id]) ?? [];
  return people.filter(({ id }) => (ids ? ids.includes(id) : !out.includes(id)));
}

/** A member as Teams describes one. */
export function memberAccount(person: Person): Record<string, string> {
  return {
    id: userId(person),
    name: person.name,
    aadObjectId: person.id,
    objectId: person.id,
    givenName: person.name,
    surname: '',
    email: person.mail,
    userPrincipalName: person.mail,
    tenantId: person.tenantId,
    userRole: person.tenantId === tenantId ? 'user' : 'guest',
    role: 'user',
  };
}
