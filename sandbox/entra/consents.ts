import { callerOf, goldbotIdentity } from '../azure/authorization/names';
import type { SandboxRequest } from '../kernel/types';
import type { World } from '../kernel/world';

/** Microsoft Graph's application permissions, by the id of their app role. */
export const appRoles: Readonly<Record<string, string>> = {
  '98830695-27a2-44f7-8c18-0c3ebc9698f6': 'GroupMember.Read.All',
  'dbaae8cf-10b5-4b86-a4a1-f871c94c6695': 'GroupMember.ReadWrite.All',
  '97235f07-e226-4f63-ace3-39588e11d3a1': 'User.ReadBasic.All',
  'df021288-bdef-4463-88db-98f22de89214': 'User.Read.All',
  '7ab1d382-f21e-4acd-a863-ba3e13f7da61': 'Directory.Read.All',
};

/** What an administrator has granted to goldbot's identity. */
export interface Grant {
  /** Id of the assignment. */
  readonly id: string;
  readonly appRoleId: string;
}

/** The live grants; at first the one that deploy/README.md names. */
export function grants(world: World): { list: Grant[] } {
  return world.section('graph-grants', () => ({
    list: [{ id: 'sJ0Cx2fQ5Ee8', appRoleId: '98830695-27a2-44f7-8c18-0c3ebc9698f6' }],
  }));
}

/** Alternatives, each a set of permissions of which all are needed. */
type Needed = readonly (readonly string[])[];

const groups: Needed = [['GroupMember.Read.All'], ['GroupMember.ReadWrite.All'], ['Directory.Read.All']];
const users: Needed = [['User.ReadBasic.All'], ['User.Read.All'], ['Directory.Read.All']];
const groupsOfUsers: Needed = [
  ['GroupMember.Read.All', 'User.ReadBasic.All'],
  ['GroupMember.Read.All', 'User.Read.All'],
  ['Directory.Read.All'],
];

function needed({ method, url }: SandboxRequest): Needed | undefined {
  const [, , collection, , action] = url.pathname.split('/');
  if (collection === 'users') return action === undefined ? users : groupsOfUsers;
  if (collection === 'groups') return method === 'GET' ? groups : [['GroupMember.ReadWrite.All']];
  return undefined;
}

/** Whether Graph lets the sender do this. Only goldbot's identity is an application; other tokens are administrators. */
export function mayAsk(world: World, request: SandboxRequest): boolean {
  if (callerOf(request.headers) !== goldbotIdentity) return true;
  const held = new Set(grants(world).list.map(({ appRoleId }) => appRoles[appRoleId]));
  return needed(request)?.some((all) => all.every((permission) => held.has(permission))) ?? false;
}
