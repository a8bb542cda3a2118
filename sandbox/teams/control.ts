import { entra, type Person } from '../entra/people';
import type { Route, SandboxRequest, SandboxResponse } from '../kernel/types';
import { base, chatInstalled, teamInstalled } from './activities';
import type { TeamsFace } from './face';
import { type Activity, isObject } from './model';
import { Refusal } from './refusal';
import { addGroupChat, setOutside, teams } from './roster';
import { answered } from './script';
import { findPerson, findPlace, textField } from './script-input';

/** The Teams part of `/_sandbox/*`: where the bot is, and activities that no page would send. */
export function controlRoutes(face: TeamsFace): Route[] {
  const path = '/_sandbox/bot';
  return [
    { method: 'GET', path, handle: () => ({ status: 200, body: { urls: face.link.addresses } }) },
    { method: 'POST', path, handle: answered((request) => connect(face, request)) },
    { method: 'DELETE', path, handle: answered((request) => disconnect(face, request)) },
    { method: 'POST', path: '/_sandbox/chats', handle: answered((request) => addChat(face, request)) },
    { method: 'POST', path: '/_sandbox/members', handle: answered((request) => leave(face, request)) },
    { method: 'POST', path: '/_sandbox/install', handle: answered((request) => install(face, request)) },
    { method: 'POST', path: '/_sandbox/deliver', handle: answered((request) => deliver(face, request)) },
  ];
}

function botUrl({ body }: SandboxRequest): string {
  const url = textField(isObject(body) ? body : {}, 'url');
  if (URL.canParse(url) && /^https?:/.test(url)) return new URL(url).href;
  throw new Refusal(
    400,
    'BadInput',
    `\`url\` must be the bot's whole address, like http://127.0.0.1:3978/api/messages.`,
  );
}

async function connect(face: TeamsFace, request: SandboxRequest): Promise<SandboxResponse> {
  const delivered = await face.link.connect(botUrl(request));
  face.chat.tell({ kind: 'bot' });
  return { status: 200, body: { urls: face.link.addresses, delivered } };
}

async function disconnect(face: TeamsFace, request: SandboxRequest): Promise<SandboxResponse> {
  face.link.disconnect(botUrl(request));
  return { status: 200, body: { urls: face.link.addresses } };
}

/** Makes a chat of several people with goldbot in it. */
async function addChat(face: TeamsFace, { body }: SandboxRequest): Promise<SandboxResponse> {
  const input = isObject(body) ? body : {};
  const names = Array.isArray(input['members']) ? input['members'].map(String) : [];
  const members = names.map((name) => findPerson(face, name));
  const [first] = members;
  if (!first) throw new Refusal(400, 'BadInput', '`members` must name people: {"name": "…", "members": ["Ada"]}.');
  const meeting = input['meeting'] === true;
  const chat = addGroupChat(face.world, { name: textField(input, 'name'), members, meeting });
  for (const activity of chatInstalled(face.link.setting, first, { conversation: chat }, 'add'))
    await face.link.send(activity);
  return { status: 200, body: { id: chat.id, name: chat.name, kind: chat.kind } };
}

/** Everybody is in the team but the people whom it names. */
async function leave(face: TeamsFace, { body }: SandboxRequest): Promise<SandboxResponse> {
  const input = isObject(body) ? body : {};
  const name = textField(input, 'team');
  const team = teams.find((one) => one.name === name);
  const without = input['without'];
  if (!team || !Array.isArray(without)) {
    const names = teams.map((one) => one.name).join(', ');
    throw new Refusal(400, 'BadInput', `Expected {"team": "…", "without": ["Judy"]}; the teams are ${names}.`);
  }
  const people = without.map((one) => findPerson(face, String(one)));
  setOutside(face.world, team, people);
  return { status: 200, body: { team: name, without: people.map((person) => person.name) } };
}

/** Somebody adds goldbot to a team, a chat or their own: what Teams tells the bot then. */
async function install(face: TeamsFace, { body }: SandboxRequest): Promise<SandboxResponse> {
  const input = isObject(body) ? body : {};
  const person = findPerson(face, textField(input, 'as'));
  const { conversation } = findPlace(face, textField(input, 'in'), person);
  const { setting } = face.link;
  const team = teams.find(({ id }) => id === conversation.team?.id);
  const selected = { id: conversation.id, name: conversation.channel ?? conversation.name };
  const told = team
    ? teamInstalled(setting, person, team, { action: 'add', selected })
    : chatInstalled(setting, person, { conversation }, 'add');
  for (const activity of told) {
    const { status, problem } = await face.link.send(activity);
    if (status === 0) throw new Refusal(502, 'BotUnreachable', problem ?? '');
  }
  return { status: 200, body: { in: conversation.name, delivered: told.length } };
}

/**
 * Delivers any activity once, merged over what Teams would fill in, with any token: forged, repeated, from elsewhere.
 * Returns what the bot answered.
 */
async function deliver(face: TeamsFace, { body }: SandboxRequest): Promise<SandboxResponse> {
  const { activity, as, in: where, token, claims } = (isObject(body) ? body : {}) as Record<string, unknown>;
  if (!isObject(activity))
    throw new Refusal(400, 'BadInput', '`activity` must be an object: fields of the activity to deliver.');
  if (token !== undefined && token !== null && typeof token !== 'string') {
    throw new Refusal(400, 'BadInput', '`token` must be a text, or null for none.');
  }
  if (claims !== undefined && !isObject(claims)) throw new Refusal(400, 'BadInput', '`claims` must be an object.');
  const person = findPerson(face, typeof as === 'string' ? as : (entra(face.world).people[0]?.name ?? ''));
  const place = findPlace(face, typeof where === 'string' ? where : 'goldbot', person);
  const usual = { ...base(face.link.setting, person, place), type: 'message', id: face.chat.newId() };
  learnChat(face, person, activity['conversation']);
  const forged = { ...(token !== undefined && { token }), ...(claims && { claims }) };
  const turn = await face.link.send({ ...usual, ...activity } as Activity, forged);
  if (turn.status === 0) throw new Refusal(502, 'BotUnreachable', turn.problem ?? '');
  return { status: 200, body: { status: turn.status, body: turn.body ?? null } };
}

/** A chat of several people that an activity comes from exists, and can be answered. */
function learnChat(face: TeamsFace, person: Person, conversation: unknown): void {
  if (!isObject(conversation) || conversation['conversationType'] !== 'groupChat') return;
  const id = String(conversation['id']);
  addGroupChat(face.world, { id, name: id, members: [person] });
}
