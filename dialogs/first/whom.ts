import { list } from '../../cards';
import type { Catalogue } from '../../core/catalogue';

/**
 * Whom somebody without a role can ask. goldbot knows groups by what the catalogue calls them and their members by Entra;
 * who adds members to them, it does not know. `admins`: names of some of them, where they are known.
 */
export function whomToAsk({ roles, teams }: Catalogue, admins: readonly string[] = []): string {
  const viewing = namesOf(roles.filter(({ role }) => role === 'viewer'));
  const running = namesOf(roles.filter(({ role }) => role === 'admin'));
  const owners = [...teams.values()].map(({ owners: { name } }) => name);
  const first = viewing.length > 0 ? viewing : owners;
  const join = first.length === 0 ? '' : ` for membership of the Entra group ${list(first, 3)}`;
  const such = admins.length === 0 ? '' : `, such as ${list(admins, 2)},`;
  const ask = running.length === 0 ? 'Ask whoever runs goldbot here' : `Ask a member of ${list(running, 2)}${such}`;
  return `${ask}${join}.`;
}

function namesOf(groups: readonly { readonly name: string }[]): readonly string[] {
  return [...new Set(groups.map(({ name }) => name))];
}
