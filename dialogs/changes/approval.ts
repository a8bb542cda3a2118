import type { Catalogue } from '../../core/catalogue';
import { UserError } from '../../core/errors';
import type { ApprovalRule, ChangeApproval } from '../../core/runs';

/** World time that people have to decide about a change. */
const ttlMs = 3 * 24 * 3_600_000;

/**
 * Admins decide, where the catalogue asks for approvals.
 *
 * @throws UserError `CATALOGUE_INVALID` when no group has the role or nothing is approved anywhere.
 */
export function byAdmins(catalogue: Catalogue): ChangeApproval {
  const admins = catalogue.roles.find(({ role }) => role === 'admin');
  const channel = catalogue.images[0]?.approval.channel;
  if (!admins || channel === undefined) {
    throw new UserError('CATALOGUE_INVALID', 'The catalogue does not say who approves this: no group is admin.', {
      hint: 'Add a group with the role admin to roles.yaml, and an image with an approval channel.',
    });
  }
  return { rule: ruleOf(admins.group, admins.name), ttlMs, channel };
}

/** The team's owners decide, in the team's own channel. Undefined for a team that is not in the catalogue. */
export function byOwners(catalogue: Catalogue, team: string | null): ChangeApproval | undefined {
  const config = team === null ? undefined : catalogue.teams.get(team);
  return config && { rule: ruleOf(config.owners.group, config.owners.name), ttlMs, channel: config.channel };
}

function ruleOf(group: string, groupName: string): ApprovalRule {
  return { group, groupName, quorum: 1 };
}
