import { type ChangeNumberView, type DecidedStatus, list } from '../../cards';
import {
  type Approval,
  type ApprovalRule,
  type Blocked,
  blockedBy,
  type ChangeRun,
  type PublishRun,
  type Run,
} from '../../core/runs';

/**
 * Why nobody can approve an open request as things are, and who can mend it how. Empty when somebody can, or when
 * nobody knows who is in the group.
 */
export function blockedWords(run: PublishRun | ChangeRun, approval: Approval): readonly string[] {
  const blocked = blockedBy(approval.rule, run.actors, run.data.deciders);
  return blocked ? [whatOf(blocked, run, approval), mendOf(blocked, run, approval)] : [];
}

function whatOf(blocked: Blocked, { actors }: PublishRun | ChangeRun, { rule }: Approval): string {
  const { groupName, quorum } = rule;
  switch (blocked.why) {
    case 'no such group':
      return `Nobody can approve this: Entra has no group ${groupName} with the id that the catalogue names.`;
    case 'group too large':
      return `Nobody can approve this: ${groupName} has more members than goldbot takes for a group that decides.`;
    case 'empty group':
      return `Nobody can approve this: ${groupName} has no members.`;
    case 'too few': {
      const able = `it takes ${quorum} approvals, and ${blocked.able} of ${membersOf(blocked.members)} of ${groupName} can decide`;
      // Nobody asked for it: a schedule did.
      if (actors.length === 0) return `This cannot be approved: ${able}.`;
      const part = `${list(
        actors.map(({ name }) => name),
        4,
      )} ${actors.length === 1 ? 'is' : 'are'} part of it and may not decide`;
      return quorum === 1
        ? `Nobody can approve this: ${part}, and nobody else is in ${groupName}.`
        : `This cannot be approved: ${able}; ${part}.`;
    }
  }
}

const membersOf = (count: number): string => (count === 1 ? 'the 1 member' : `the ${count} members`);

/** Members count at once; what the catalogue says is fixed in the plan, and counts for the next request. */
function mendOf(blocked: Blocked, run: PublishRun | ChangeRun, { rule: { groupName } }: Approval): string {
  const anew = run.kind === 'publish' ? 'then withdraw this request and rebuild' : 'then cancel this and ask again';
  switch (blocked.why) {
    case 'no such group':
    case 'group too large':
      return `An admin of goldbot can name another group in the catalogue; ${anew}.`;
    case 'empty group':
    case 'too few':
      return `An owner of ${groupName} in Entra can add somebody, which counts at once; this card follows within 15 minutes.`;
  }
}

/** Under which change it is approved; nothing where none is asked for and none was given. */
export function changeNumberOf(
  { changeNumber: pattern }: ApprovalRule,
  number: string | undefined,
): { readonly changeNumber?: ChangeNumberView } {
  if (number !== undefined) return { changeNumber: { number } };
  return pattern === undefined ? {} : { changeNumber: 'needed' };
}

/** A request may have expired by world time before the run wakes up and closes it. */
function statusAt(approval: Approval, now: Date): Approval['status'] {
  return approval.status === 'pending' && approval.expiresAt <= now ? 'expired' : approval.status;
}

/** A request that was open when somebody cancelled its run is void, and is told as what it is: cancelled. */
export function shownStatus(approval: Approval, run: Run, now: Date): 'pending' | DecidedStatus {
  const status = statusAt(approval, now);
  if (status !== 'void' || run.kind === 'digest') return status;
  const { ending } = run.data;
  const how = ending && ('how' in ending ? ending.how : ending.outcome);
  const { by, why } = approval.closed ?? {};
  // Versions before 0.2 closed every such request in goldbot's name and without a reason.
  const byCancel = approval.voided === undefined && (by === ending?.by || why === undefined);
  return how === 'cancelled' && byCancel ? 'cancelled' : status;
}
