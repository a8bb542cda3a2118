import { z } from 'zod';
import { type PlaceView, type WhoamiView, whoamiCard } from '../../cards';
import type { Person } from '../../core/access';
import type { Catalogue, Role } from '../../core/catalogue';
import type { Delegation } from '../../core/runs';
import { type CommandContext, defineCommand } from '../conversation';

/** `whoami`: who goldbot takes the person to be, and what follows from that. */
export const whoami = defineCommand({
  verb: 'whoami',
  summary: 'Shows who goldbot thinks you are, and what you may do.',
  group: 'Ask',
  role: 'all',
  effect: 'read',
  pace: 'look',
  args: z.object({}),
  examples: ['whoami'],

  async run(ctx, _args, deps) {
    const [told, allLocks, delegations] = await Promise.all([
      deps.reads.subscriptions({ person: ctx.person.oid }),
      deps.reads.locks(),
      deps.reads.delegations(ctx.now),
    ]);
    const locks = allLocks.filter(({ by }) => by.oid === ctx.person.oid);
    const passedOn = delegations.filter(({ from }) => from.oid === ctx.person.oid).map((one) => placeView(one, one.to));
    const inPlaceOf = delegations.filter(({ to }) => to.oid === ctx.person.oid).map((one) => placeView(one, one.from));
    return whoamiCard({
      name: ctx.person.name,
      objectId: ctx.person.oid,
      tenant: ctx.person.tenantId,
      roles: [...ctx.rights.roles],
      groups: ctx.rightsUnknown ? [] : groupsOf(ctx, deps.catalogue()),
      directorySilent: ctx.rightsUnknown,
      ...(locks.length > 0 && { locks: locks.map(({ image }) => image) }),
      ...(passedOn.length > 0 && { passedOn }),
      ...(inPlaceOf.length > 0 && { inPlaceOf }),
      ...(told.length > 0 && { subscriptions: told.map(({ image }) => image) }),
    });
  },
});

const placeView = ({ image, until }: Delegation, { name }: Person): PlaceView => ({
  name,
  until,
  ...(image !== null && { image }),
});

/** What each role is for; each includes looking. */
const allows: Readonly<Record<Role, string>> = {
  viewer: 'Look at images, versions, runs and machines',
  publisher: 'Publish, change and end versions of images',
  approver: 'Decide on what others asked for',
  owner: 'Look after the machines of a team',
  admin: 'Set things up, clean up, and do what owners do for every team',
  auditor: 'Read who did what',
};

function groupsOf(ctx: CommandContext, { roles, teams }: Catalogue): WhoamiView['groups'] {
  const mine = new Set(ctx.rights.groups);
  const grants = roles.map(({ group, name, role, images }) => ({
    name,
    gives: images ? `${role} of ${images.join(', ')}` : role,
    allows: allows[role],
    member: mine.has(group),
  }));
  const owning = [...teams].map(([team, { owners }]) => ({
    name: owners.name,
    gives: `owner of the team ${team}`,
    allows: `Look after the machines of ${team}`,
    member: mine.has(owners.group),
  }));
  return [...grants, ...owning.filter((g) => g.member)];
}
