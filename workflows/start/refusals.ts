import type { Person } from '../../core/access';
import { call } from '../../core/command-call';
import { UserError } from '../../core/errors';
import type { Approval, RequestId, Run } from '../../core/runs';

/** Why an act about an approval is refused, each with what to do next. */

export function notAsked(run: Run): UserError {
  return new UserError('RUN_BUSY', `${run.id} is in the stage ${run.stage} and does not wait for approval.`, {
    hint: 'See where it stands.',
    next: [call('status', { request: run.id })],
  });
}

export function reasonNeeded(request: RequestId): UserError {
  return new UserError('REASON_NEEDED', `Rejecting ${request} needs a reason.`, {
    hint: 'Say why.',
    next: [call('reject', { request }, 'reason')],
  });
}

export function stale(approval: Approval, run: Run, carried: string): UserError {
  return new UserError('APPROVAL_STALE', `The plan of ${run.id} is not the one that this card shows.`, {
    hint: 'Look at the present plan, and decide there.',
    next: [call('status', { request: run.id })],
    facts: {
      approval: approval.id,
      approvedPlan: carried.slice(0, 12),
      currentPlan: (run.planHash ?? '').slice(0, 12),
    },
  });
}

/** A click for another plan than the present one, or for none: nobody saw on the card what they would be doing. */
export function staleCard(run: Pick<Run, 'id'>): UserError {
  return new UserError('CARD_STALE', `That card is not of the present plan of ${run.id}; nothing was done.`, {
    hint: 'See the present state.',
    next: [call('status', { request: run.id })],
  });
}

/** Truthful to the loser of a race: what was decided, by whom and when. */
export function closed(approval: Approval, run: Run): UserError {
  const last = approval.decisions.at(-1);
  const decided = approval.status === 'approved' || approval.status === 'rejected';
  const what =
    decided && last
      ? `was ${approval.status} by ${namesOf(approval)}`
      : (how[approval.status] ?? `is ${approval.status}`);
  return new UserError('APPROVAL_CLOSED', `${approval.id} ${what}; nothing was changed.`, {
    hint: 'See what came of it.',
    next: [call('status', { request: run.id })],
    facts: {
      approval: approval.id,
      status: approval.status,
      ...(decided && last && { by: namesOf(approval), byOid: last.oid, at: last.at.toISOString() }),
      ...(approval.status === 'expired' && { at: approval.expiresAt.toISOString() }),
    },
  });
}

const how: Partial<Record<Approval['status'], string>> = {
  expired: 'has expired',
  withdrawn: 'was withdrawn',
  void: 'is void, because its run went on without it',
};

function namesOf({ status, decisions }: Approval): string {
  const verdict = status === 'approved' ? 'approve' : 'reject';
  return decisions
    .filter((decision) => decision.verdict === verdict)
    .map((decision) => decision.name)
    .join(' and ');
}

export function ownRun(run: Run, person: Person): UserError {
  const did = run.actors.find((actor) => actor.oid === person.oid)?.did ?? 'requested';
  return new UserError('APPROVAL_OWN', `${person.name} ${did} ${run.id} and cannot decide about it.`, {
    hint: 'Ask somebody else of the approvers.',
    facts: { did },
  });
}

export function notApprover(approval: Approval, person: Person): UserError {
  const { groupName, group } = approval.rule;
  return new UserError(
    'APPROVAL_NOT_YOURS',
    `${person.name} is not in ${groupName}, who decide about ${approval.id}.`,
    {
      hint: `Ask a member of ${groupName}.`,
      facts: { group, groupName },
    },
  );
}

export function notActor(approval: Approval, run: Run): UserError {
  const names = run.actors.map((actor) => actor.name).join(', ');
  return new UserError('WRONG_ROLE', `${approval.id} can be withdrawn by those who asked for it: ${names}.`, {
    hint: 'An approver can stop it by rejecting it.',
    next: [call('reject', { request: approval.id }, 'reason')],
  });
}

export function directorySilent(approval: Approval, cause: unknown): UserError {
  return new UserError(
    'DIRECTORY_SILENT',
    `Microsoft Graph did not say who is in ${approval.rule.groupName}; nothing was decided about ${approval.id}.`,
    { hint: 'Decide again in a minute.', cause },
  );
}
