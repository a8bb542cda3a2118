import { type ChangeNumberView, type DecidedStatus, type DecidingStepView, list } from '../../cards';
import {
  type Approval,
  type ApprovalRule,
  approversFor,
  type Blocked,
  barredFrom,
  blockedBy,
  type ChangeRun,
  ownTimes,
  type PublishRun,
  type Run,
  stepsOf,
  type Turn,
  turnOf,
} from '../../core/runs';

/**
 * Why nobody can approve an open request as things are, and who can mend it how. Empty when somebody can, or when
 * nobody knows who is in the group.
 */
export function blockedWords(run: PublishRun | ChangeRun, approval: Approval): readonly string[] {
  const turn = turnOf(approval);
  const blocked = blockedBy(turn, barredFrom(turn, approval, run.actors), run.data.deciders);
  return blocked ? [whatOf(blocked, run, turn), mendOf(blocked, run, turn)] : [];
}

function whatOf(blocked: Blocked, { actors }: PublishRun | ChangeRun, { groupName, quorum, at }: Turn): string {
  switch (blocked.why) {
    case 'no such group':
      return `Nobody can approve this: Entra has no group ${groupName} with the id that the catalogue names.`;
    case 'group too large':
      return `Nobody can approve this: ${groupName} has more members than goldbot takes for a group that decides.`;
    case 'empty group':
      return `Nobody can approve this: ${groupName} has no members.`;
    case 'too few': {
      const able = `it takes ${quorum === 1 ? '1 approval' : `${quorum} approvals`}, and ${blocked.able} of ${membersOf(blocked.members)} of ${groupName} can decide`;
      // Nobody asked for it: a schedule did.
      const before = at === 0 ? '' : '; who decided for a group before does not count again';
      if (actors.length === 0 || at > 0) return `This cannot be approved: ${able}${before}.`;
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
function mendOf(blocked: Blocked, run: PublishRun | ChangeRun, { groupName }: Turn): string {
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

/** The groups that decide one after the other, and how far they are; nothing of one group alone. */
export function decidingSteps({ rule, decisions, status, expiresAt }: Approval): {
  readonly steps?: readonly DecidingStepView[];
} {
  const steps = stepsOf(rule);
  const turn = turnOf({ rule, decisions });
  if (steps.length === 1) return {};
  const times = ownTimes(rule);
  return {
    steps: steps.map(({ groupName: group, quorum }, at) => {
      const approved = approversFor(decisions, at).size;
      const rejected = decisions.some((one) => one.verdict === 'reject' && (one.turn ?? 0) === at);
      const current = status === 'pending' ? 'now' : 'undecided';
      const open = at === turn.at && !decisions.some(({ verdict }) => verdict === 'reject') ? current : 'later';
      const state = rejected ? 'rejected' : approved >= quorum ? 'done' : open;
      const ms = times?.[at];
      const time = ms === undefined ? {} : { time: { ms, working: rule.workingHours !== undefined } };
      const ends = ms !== undefined && state === 'now' ? { until: expiresAt } : {};
      return { group, quorum, approved, state, ...(state === 'later' && status === 'pending' && time), ...ends };
    }),
  };
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
