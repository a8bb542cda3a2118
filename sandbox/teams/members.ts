import { entra, tenantId } from '../entra/people';
import type { Route, SandboxRequest, SandboxResponse } from '../kernel/types';
import { authorized, noConversation, placeOf, refuse } from './connector';
import type { TeamsFace } from './face';
import type { Conversation } from './model';
import { memberAccount, membersOf, teams } from './roster';

/** Who is where: members of conversations, teams and their channels. */
export function memberRoutes(face: TeamsFace): Route[] {
  const path = '/v3/conversations/{conversation}';
  const members = (id: string, answer: (accounts: Account[]) => SandboxResponse): SandboxResponse => {
    const conversation = conversationOf(face, id);
    if (!conversation) return noConversation();
    return face.limits.check('read', id) ?? answer(membersOf(face.world, conversation).map(memberAccount));
  };
  const all = authorized((_, p) => members(p['conversation'] ?? '', (body) => ({ status: 200, body })));
  return [
    { method: 'GET', path: `${path}/members`, handle: all },
    { method: 'GET', path: `${path}/activities/{activity}/members`, handle: all },
    {
      method: 'GET',
      path: `${path}/members/{member}`,
      handle: authorized((_, p) => members(p['conversation'] ?? '', (accounts) => one(accounts, p['member'] ?? ''))),
    },
    {
      method: 'GET',
      path: `${path}/pagedmembers`,
      handle: authorized((request, p) => members(p['conversation'] ?? '', (accounts) => page(accounts, request))),
    },
    { method: 'GET', path: '/v3/teams/{team}', handle: authorized((_, p) => details(face, p['team'] ?? '')) },
    { method: 'GET', path: '/v3/teams/{team}/conversations', handle: authorized((_, p) => channels(p['team'] ?? '')) },
  ];
}

type Account = Record<string, string>;

/** Members can also be requested by the team's own id, which is a conversation even if no General channel is shown. */
function conversationOf(face: TeamsFace, id: string): Conversation | undefined {
  const team = teams.find((t) => t.id === id);
  return placeOf(face, id)?.conversation ?? (team && { id, name: team.name, kind: 'channel' });
}

function one(accounts: Account[], member: string): SandboxResponse {
  const found = accounts.find((a) => [a['id'], a['aadObjectId'], a['userPrincipalName']].includes(member));
  if (!found) return refuse(404, 'MemberNotFoundInConversation', 'Member not found in conversation.');
  return { status: 200, body: found };
}

/** Teams' pages hold 50 to 500 members. */
function page(accounts: Account[], { url }: SandboxRequest): SandboxResponse {
  const size = Math.min(Math.max(Number(url.searchParams.get('pageSize') ?? 200) || 200, 50), 500);
  const from = Number(url.searchParams.get('continuationToken') ?? 0) || 0;
  const next = from + size < accounts.length ? { continuationToken: String(from + size) } : {};
  return { status: 200, body: { ...next, members: accounts.slice(from, from + size) } };
}

function details(face: TeamsFace, id: string): SandboxResponse {
  const team = teams.find((t) => t.id === id);
  if (!team) return noConversation();
  const { name, aadGroupId, channels: all } = team;
  const counts = { channelCount: all.length, memberCount: entra(face.world).people.length };
  return { status: 200, body: { id, name, aadGroupId, tenantId, type: 'standard', ...counts } };
}

/** The General channel has no name here, as in Teams: clients show it in their own language. */
function channels(id: string): SandboxResponse {
  const team = teams.find((t) => t.id === id);
  if (!team) return noConversation();
  const list = team.channels.map((c) => (c.id === id ? { id } : { id: c.id, name: c.channel }));
  return { status: 200, body: { conversations: list } };
}
