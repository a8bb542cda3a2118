import { type Button, type Reply, type WelcomeView, welcomeCard } from '../../cards';
import type { Rights } from '../../core/access';
import { type Catalogue, channelsOf, type Role } from '../../core/catalogue';
import { call } from '../../core/command-call';
import { isUserError } from '../../core/errors';
import { seconds, within } from '../../core/time';
import { askRights, type Deps, type Turn } from '../conversation';
import { whomToAsk } from './whom';

/** Where goldbot was added, and by whom: the person of the turn. */
export interface Arrival {
  readonly turn: Turn;
  /** The team of a channel, as Teams calls it. */
  readonly team?: string;
}

/** What is done first by whoever has the role, most pressing first; the first two that fit, and help. */
const firsts: readonly (readonly [role: Role, button: Button])[] = [
  ['approver', { title: 'What waits for me', call: call('approvals', { mine: true }) }],
  ['publisher', { title: 'Publish an image', call: call('publish') }],
  ['owner', { title: 'How my machines stand', call: call('compliance') }],
  ['auditor', { title: 'What was done', call: call('audit') }],
  ['viewer', { title: 'Show images', call: call('images') }],
  ['viewer', { title: 'What is running', call: call('status') }],
];
const help: Button = { title: 'What can I ask?', call: call('help') };
/** What everybody can press where several read along: each is shown their own answer, by their own rights. */
const forAll: readonly Button[] = [
  { title: 'Show images', call: call('images') },
  { title: 'What is running', call: call('status') },
  help,
];

/**
 * What goldbot says where it was added: what it is for, by whom it may be used, and what to do first. To one person it
 * says what they may do.
 */
export async function greeting({ turn, team }: Arrival, deps: Deps): Promise<Reply> {
  const catalogue = deps.catalogue();
  const { person, conversation } = turn;
  const by = person.name;
  if (conversation.kind !== 'personal') {
    const writes = team === undefined ? {} : { team, writesIn: channelsIn(team, catalogue) };
    return welcomeCard({
      place: placeOf(conversation.kind),
      by,
      users: usersOf(catalogue),
      buttons: forAll,
      ...writes,
    });
  }
  const { rights, unknown } = await askRights(deps.directory, catalogue, person.oid);
  if (unknown) return welcomeCard({ place: 'own', by, roles: 'unknown', users: usersOf(catalogue), buttons: [help] });
  const whom = rights.roles.size === 0 ? { whom: whomToAsk(catalogue, await adminsKnown(deps)) } : {};
  return welcomeCard({ place: 'own', by, roles: [...rights.roles], users: [], buttons: firstButtons(rights), ...whom });
}

function placeOf(kind: Turn['conversation']['kind']): WelcomeView['place'] {
  return kind === 'channel' ? 'team' : 'chat';
}

function firstButtons(rights: Rights): readonly Button[] {
  const who: Button = { title: 'Who am I here?', call: call('whoami') };
  if (rights.roles.size === 0) return [who, help];
  return [...firsts.flatMap(([role, button]) => (rights.has(role) ? button : [])).slice(0, 2), help];
}

/** The channels of a team in which goldbot writes by itself, without the team's name. */
function channelsIn(team: string, catalogue: Catalogue): readonly string[] {
  const begin = `${team} / `;
  return channelsOf(catalogue).flatMap((name) => (name.startsWith(begin) ? name.slice(begin.length) : []));
}

/** Which groups may do what, as the catalogue has it. */
function usersOf({ roles, teams }: Catalogue): WelcomeView['users'] {
  const groups = (role: Role) => [...new Set(roles.flatMap((one) => (one.role === role ? one.name : [])))];
  const owners = [...teams].map(
    ([
      team,
      {
        owners: { name },
      },
    ]) => `${name} (${team})`,
  );
  return [
    { may: 'Publish', groups: groups('publisher') },
    { may: 'Approve', groups: groups('approver') },
    { may: 'Administer', groups: groups('admin') },
    { may: 'Audit', groups: groups('auditor') },
    { may: 'View', groups: groups('viewer') },
    { may: 'Speak for a team', groups: owners },
  ].filter((one) => one.groups.length > 0);
}

/** A greeting does not wait longer than this for Microsoft Graph. */
const graphMs = seconds(1);

/** Names of admins whom goldbot has met; none when it cannot know in time. */
async function adminsKnown({ catalogue, deciders, reads }: Deps): Promise<readonly string[]> {
  const groups = catalogue().roles.flatMap(({ role, group }) => (role === 'admin' ? group : []));
  try {
    const asked = Promise.all(groups.map((group) => deciders(group)));
    const members = await within(graphMs, asked, () => []);
    const names = await reads.namesOf([...new Set(members.flatMap(({ ids }) => ids))]);
    return [...names.values()];
  } catch (error) {
    if (!isUserError(error)) throw error;
    return [];
  }
}
