import type { Deciders } from '../azure';
import { type Catalogue, channelsOf, decidingGroups, type ImageConfig } from '../catalogue';
import { grouped } from '../collections';
import { call, line } from '../command-call';
import { isUserError } from '../errors';
import { type Finding, inWords, itself, stops, warns } from '../preflight';
import { approvalRule, highestQuorum } from '../runs';
import { type ChannelSeen, type HouseRead, houseLook, so } from './house';

/** Whom goldbot listens to and where it speaks: Entra's groups by Microsoft Graph, and the channels of Teams. */

/** Microsoft's own id of the application permission GroupMember.Read.All, and of Microsoft Graph itself. */
const permission = { name: 'GroupMember.Read.All', id: '98830695-27a2-44f7-8c18-0c3ebc9698f6' };
const graphAppId = '00000003-0000-0000-c000-000000000000';

/** What goldbot's identity is to be given, for an administrator of Entra. */
const grantsBy = (graphUrl: string): readonly string[] => [
  `graph=$(az ad sp show --id ${graphAppId} --query id --output tsv)`,
  `goldbot="${itself}"`,
  `az rest --method POST --url ${graphUrl}/v1.0/servicePrincipals/$goldbot/appRoleAssignments --body "{\\"principalId\\":\\"$goldbot\\",\\"resourceId\\":\\"$graph\\",\\"appRoleId\\":\\"${permission.id}\\"}"`,
];

/** A group of the catalogue, with what names it. */
interface Named {
  readonly group: string;
  readonly name: string;
  /** `roles.yaml`, as people would look for it. */
  readonly file: string;
  /** What its members do, as in “nobody can …”. */
  readonly can: string;
  /** How many have to. */
  readonly needed: number;
}

/** Undefined members: nobody has consented that goldbot reads them. `graphUrl`: where its cloud has Microsoft Graph. */
interface Groups {
  readonly graphUrl: string;
  readonly members: ReadonlyMap<string, Deciders> | undefined;
}

const groupsAtOnce = 4;

export const groups = houseLook<Groups>({
  at: 'the groups of the catalogue in Microsoft Graph',
  read: async ({ house }, { catalogue }) => {
    const ids = [...new Set(namedIn(catalogue).map(({ group }) => group))];
    const [{ cloud }, members] = await Promise.all([house.settings(), membersOf(house, ids)]);
    return { graphUrl: cloud.graph, members };
  },
  judge: ({ graphUrl, members: seen }, { catalogue }) => {
    if (!seen) return [noConsent(graphUrl)];
    const deciding = new Set(decidingGroups(catalogue));
    return [...grouped(namedIn(catalogue), ({ group }) => group)].flatMap(([group, named]) => {
      const members = seen.get(group);
      return members ? groupFindings(named, members, deciding.has(group)) : [];
    });
  },
});

/** Application permissions each of which lets an identity read who is in a group; goldbot asks for the first. */
export const readsGroups: ReadonlySet<string> = new Set([
  permission.id,
  // GroupMember.ReadWrite.All and Directory.Read.All.
  'dbaae8cf-10b5-4b86-a4a1-f871c94c6695',
  '7ab1d382-f21e-4acd-a863-ba3e13f7da61',
]);

export function noConsent(graphUrl: string): Finding {
  return so(
    'goldbot does not know who may do what: it does nothing for anybody.',
    stops(
      `goldbot’s identity lacks the Microsoft Graph application permission ${permission.name}.`,
      'Have an Entra administrator grant it; it holds within minutes:',
      ...grantsBy(graphUrl),
    ),
  );
}

async function membersOf(house: HouseRead, ids: readonly string[]): Promise<Groups['members']> {
  const found = new Map<string, Deciders>();
  try {
    for (let n = 0; n < ids.length; n += groupsAtOnce) {
      const few = ids.slice(n, n + groupsAtOnce);
      const members = await Promise.all(few.map((id) => house.deciders(id)));
      for (const [i, id] of few.entries()) if (members[i]) found.set(id, members[i]);
    }
    return found;
  } catch (error) {
    const status = isUserError(error) ? error.facts['status'] : undefined;
    if (status === 401 || status === 403) return undefined;
    throw error;
  }
}

function namedIn({ roles, teams, images }: Catalogue): readonly Named[] {
  return [
    ...roles.map(({ group, name, role }) => ({
      ...{ group, name, file: 'roles.yaml', can: `act as ${role}`, needed: 1 },
    })),
    ...[...teams].map(([team, { owners }]) => ({
      ...{ group: owners.group, name: owners.name, file: 'teams.yaml', can: `speak for ${team}`, needed: 1 },
    })),
    ...images.flatMap(({ name: image, approval: { escalation } }) =>
      escalation
        ? {
            ...{ group: escalation.group, name: escalation.groupName, file: `images/${image}.yaml` },
            ...{ can: `approve versions of ${image} that wait for long`, needed: 1 },
          }
        : [],
    ),
    ...images.flatMap(({ name: image, approval: { first = [] } }) =>
      first.map(({ group, groupName: name, quorum: needed }) => ({
        ...{ group, name, file: `images/${image}.yaml`, can: `approve versions of ${image} in its turn`, needed },
      })),
    ),
    ...images.map(({ name: image, approval, schedule }) => ({
      ...{ group: approval.group, name: approval.groupName, file: `images/${image}.yaml` },
      ...{ can: `approve versions of ${image}`, needed: approversNeeded(approval, schedule !== undefined) },
    })),
  ];
}

/** Of the rule's own group. Nobody asks for what a schedule asks for, so two people decide about it. */
function approversNeeded(approval: ImageConfig['approval'], isScheduled: boolean): number {
  const most = highestQuorum(approval);
  return isScheduled ? Math.max(most, approvalRule({ approval }, 2).quorum) : most;
}

function groupFindings(named: readonly Named[], { size, count }: Deciders, decides: boolean): readonly Finding[] {
  const [first] = named;
  if (!first) return [];
  const { group, name } = first;
  const files = inWords([...new Set(named.map(({ file }) => file))]);
  const whoever = (of: readonly Named[]) => `Nobody can ${inWords(of.map(({ can }) => can))}.`;
  const look = `az ad group show --group ${group}`;
  if (size === 'missing') {
    const mend = `Correct its object id in ${files}; this lists the groups there are:`;
    const list = 'az ad group list --query "[].{name:displayName, id:id}" --output table';
    return [so(whoever(named), stops(`Entra has no group ${group}, which ${files} calls ${name}.`, mend, list))];
  }
  if (size === 'too large') {
    if (!decides) return [];
    const mend = `Name a group of at most 2,000 people in ${files}; this shows which one it is now:`;
    return [
      so(
        'Decisions of its members are not counted.',
        stops(`The group ${name} has too many members to decide.`, mend, look),
      ),
    ];
  }
  const short = named.filter(({ needed }) => count < needed);
  if (short.length === 0) return [];
  const add = `az ad group member add --group ${group} --member-id <object id of a person>`;
  const has = count === 0 ? 'Nobody is in' : `${count === 1 ? 'One person is' : `${count} people are`} in`;
  const needed = Math.max(...short.map((one) => one.needed));
  const takes = count === 0 ? '' : `; ${needed} have to decide`;
  return [
    so(whoever(short), warns(`${has} the group ${name}${takes}.`, 'Let whoever keeps the group add people:', add)),
  ];
}

export const channels = houseLook<{ readonly seen: readonly ChannelSeen[] | undefined }>({
  at: 'the channels of the catalogue',
  read: async ({ house }, { catalogue }) => ({ seen: await house.channels(channelsOf(catalogue)) }),
  judge: ({ seen }, { catalogue }) => {
    if (seen) return seen.flatMap((channel) => channelFinding(channel, catalogue));
    return [
      {
        severity: 'unseen',
        why: 'goldbot has never run with this database: it learns of its channels from Teams.',
        mend: 'Start goldbot, add it to its teams in Teams, and ask again.',
        commands: [],
      },
    ];
  },
});

function channelFinding(
  { name, conversationId, parkedWhy, others }: ChannelSeen,
  catalogue: Catalogue,
): readonly Finding[] {
  const here = `@goldbot ${line(call('channels', { name, here: true }))}`;
  const consequence = waiting(name, catalogue);
  if (parkedWhy !== null) {
    const mend = 'Add goldbot to that team again, or mention it there.';
    return [so(consequence, stops(`goldbot may not write in the channel “${name}” any more.`, mend))];
  }
  // One that is alone is bound as soon as something goes there.
  if (conversationId !== null || others === 1) return [];
  if (others > 1) {
    const why = `${others} channels are called “${name}”.`;
    return [so(consequence, stops(why, 'Let an admin say in the one that is meant:', here))];
  }
  const mend = 'Add goldbot to its team in Teams; if the channel has another name, let an admin say in it:';
  return [so(consequence, stops(`goldbot is in no channel called “${name}”.`, mend, here))];
}

/** What has no way to people. */
function waiting(channel: string, { images, teams }: Catalogue): string {
  const asks = images.filter(({ approval }) => approval.channel === channel).map(({ name }) => name);
  const digests = [...teams].filter(([, team]) => team.channel === channel).map(([team]) => team);
  return [
    ...(asks.length > 0 ? [`Nobody is asked to approve ${inWords(asks)}.`] : []),
    ...(digests.length > 0 ? [`${inWords(digests)} gets no digest.`] : []),
  ].join(' ');
}
