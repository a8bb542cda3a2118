import type { Person } from '../../core/access';
import { boundTo } from '../../core/audit';
import { call, exampleCall } from '../../core/command-call';
import { isUserError, UserError } from '../../core/errors';
import {
  type Approval,
  type ChangeNumberProblem,
  changeNumberProblem,
  groupsDeciding,
  type RequestId,
  type Run,
  tally,
  type VoidReason,
  whoDecides,
} from '../../core/runs';
import type { Clock } from '../../core/time';
import {
  closePending,
  findApproval,
  findRun,
  goldbot,
  insertSignal,
  type LeasedRun,
  lockApproval,
  lockRun,
  newestApproval,
  type Queryable,
  redrawRun,
  setChangeNumber,
  takeIntent,
  writeDecision,
} from '../../store';
import type { DecideRequest, DecideResult, WithdrawRequest } from './control';
import { type ControlDeps, checkTakes, runIdOf, settle, staleCard, unknownRequest } from './start';

/** Decisions about approval requests: who may, what they come to, and why one is refused. */

/**
 * Group membership is read before the transaction, for everyone whose decision would count. When somebody else decides
 * in between, the answer does not cover them and it starts over; deciders are people, so this ends.
 */
export async function decide(deps: ControlDeps, request: DecideRequest): Promise<DecideResult> {
  if (request.verdict === 'reject' && !request.reason?.trim()) throw reasonNeeded(request.request);
  for (;;) {
    const seen = await approvalOf(deps.database, request.request, { clock: deps.clock, lock: false });
    const before = check(seen, request);
    if (before) return before;
    const asked = new Set([request.person.oid, ...seen.approval.decisions.map((d) => d.oid)]);
    const members = await membersOf(deps, seen.approval, asked);
    if (!members.has(request.person.oid)) throw notApprover(seen.approval, request.person, deps.clock.now());
    const result = await deps.database.transaction((tx) => record(deps, tx, request, { asked, members }));
    if (result) return result;
  }
}

/** Fails closed: however Graph fails, nothing is decided. */
async function membersOf(
  deps: ControlDeps,
  approval: Approval,
  oids: ReadonlySet<string>,
): Promise<ReadonlySet<string>> {
  try {
    const groups = groupsDeciding(approval, deps.clock.now());
    const members = await Promise.all(groups.map(({ group }) => deps.directory.membersNow(group, oids)));
    return new Set(members.flatMap((some) => [...some]));
  } catch (cause) {
    throw directorySilent(approval, cause);
  }
}

const outcomeOf = { approve: 'approved', reject: 'rejected' } as const;

/** Refuses, or returns what the same person decided before; undefined: the decision is new and must be recorded. */
function check({ run, approval }: Asked, request: DecideRequest): DecideResult | undefined {
  const { person, verdict, hash, via, changeNumber } = request;
  if (via === 'button' && !hash) throw staleCard(run);
  if (hash !== undefined && hash !== approval.planHash) throw stale(approval, run, hash);
  const own = approval.decisions.find((d) => d.oid === person.oid);
  const open = approval.status === 'pending';
  if (own?.verdict === verdict && (open || approval.status === outcomeOf[verdict])) {
    return { approval, run, outcome: 'already', by: byOf(approval) };
  }
  if (!open)
    throw approval.status === 'void' && approval.planHash !== run.planHash
      ? stale(approval, run, approval.planHash)
      : closed(approval, run);
  if (approval.planHash !== run.planHash) throw stale(approval, run, approval.planHash);
  if (run.actors.some((actor) => actor.oid === person.oid)) throw ownRun(run, person);
  const problem = verdict === 'approve' ? changeNumberProblem(approval, changeNumber) : undefined;
  if (problem) throw wrongChangeNumber(approval, problem);
  return undefined;
}

interface Membership {
  readonly asked: ReadonlySet<string>;
  readonly members: ReadonlySet<string>;
}

/** Undefined: somebody decided whose groups had not been read. */
async function record(
  deps: ControlDeps,
  tx: Queryable,
  request: DecideRequest,
  { asked, members }: Membership,
): Promise<DecideResult | undefined> {
  const { person, verdict, via, intent } = request;
  const { run, approval } = await approvalOf(tx, request.request, { clock: deps.clock, lock: true });
  if (approval.decisions.some((d) => !asked.has(d.oid))) return undefined;
  const remembered = await takeIntent(tx, intent);
  if (remembered) return { approval, run, outcome: 'already', by: byOf(approval) };
  const before = check({ run, approval }, request);
  if (before) return before;

  const now = deps.clock.now();
  const reason = request.reason?.trim() || null;
  await writeDecision(tx, approval.id, { ...person, verdict, reason, via, at: now });
  const { changeNumber } = verdict === 'approve' ? request : {};
  if (changeNumber !== undefined) await setChangeNumber(tx, approval.id, changeNumber);
  const decided = await mustFind(tx, approval);
  const status = tally(decided.rule, decided.decisions, members);
  const base = { at: now, who: person, subject: run.subject, runId: run.id, request: approval.id };
  if (status !== 'pending') {
    await closePending(tx, run.id, { status, at: now, by: person.name });
    const body = { approval: approval.id, ...(reason && { reason }) };
    await insertSignal(tx, run.id, { kind: 'decided', by: person, body, at: now, trace: deps.telemetry?.here() });
  }
  await redrawRun(tx, run.id);
  const own = approval.decisions.find(({ oid }) => oid === person.oid);
  const replaced = own && { replaced: { verdict: own.verdict, reason: own.reason, via: own.via, at: own.at } };
  const detail = { ...boundTo(approval), reason, via, outcome: status };
  const entry =
    verdict === 'approve'
      ? { ...base, action: verdict, detail: { ...detail, changeNumber: decided.changeNumber } }
      : { ...base, action: verdict, detail: { ...detail, ...replaced } };
  const after = await settle(tx, request, run, [entry]);
  const final = await mustFind(tx, approval);
  return { approval: final, run: after, outcome: status === 'pending' ? 'recorded' : status, by: byOf(final) };
}

async function mustFind(tx: Queryable, { id }: Approval): Promise<Approval> {
  const approval = await findApproval(tx, id);
  if (!approval) throw new Error(`approval ${id} is not there`);
  return approval;
}

function byOf({ decisions }: Approval): DecideResult['by'] {
  return decisions.map(({ oid, name }) => ({ oid, name }));
}

export function withdraw(deps: ControlDeps, request: WithdrawRequest): Promise<{ approval: Approval; run: Run }> {
  const { person, reason, intent } = request;
  return deps.database.transaction(async (tx) => {
    const before = await takeIntent(tx, intent);
    const { run, approval } = await approvalOf(tx, request.request, { clock: deps.clock, lock: true });
    const now = deps.clock.now();
    if (before) return { approval, run };
    if (approval.status !== 'pending') throw closed(approval, run);
    if (!run.actors.some((actor) => actor.oid === person.oid)) throw notActor(approval, run);
    checkTakes(deps, run, 'withdraw');
    await closePending(tx, run.id, { status: 'withdrawn', at: now, by: person.name, why: reason });
    const body = { approval: approval.id, ...(reason && { reason }) };
    await insertSignal(tx, run.id, { kind: 'withdraw', by: person, body, at: now, trace: deps.telemetry?.here() });
    await redrawRun(tx, run.id);
    const about = { subject: run.subject, runId: run.id, request: approval.id };
    const detail = { reason, ...boundTo(approval) };
    const after = await settle(tx, request, run, [{ at: now, who: person, action: 'withdraw', ...about, detail }]);
    return { approval: await mustFind(tx, approval), run: after };
  });
}

interface Asked {
  readonly run: LeasedRun;
  /** A pending one that is overdue by world time counts as expired. */
  readonly approval: Approval;
}

/** The approval that a person means: by its own id, or the newest of the run they named. `lock`: run, then approval. */
async function approvalOf(
  db: Queryable,
  request: RequestId,
  { clock, lock }: { readonly clock: Clock; readonly lock: boolean },
): Promise<Asked> {
  const runId = await runIdOf(db, request);
  const run = await (lock ? lockRun(db, runId) : findRun(db, runId));
  if (!run) throw unknownRequest(request);
  const named = (await findApproval(db, request)) ?? (await newestApproval(db, runId));
  if (!named) throw notAsked(run);
  const approval = (lock ? await lockApproval(db, named.id) : named) ?? named;
  // Read under the lock: a request may expire while somebody waits for the lock.
  const now = clock.now();
  const late = approval.status === 'pending' && approval.expiresAt <= now;
  return { run, approval: late ? { ...approval, status: 'expired' } : approval };
}

function notAsked(run: Run): UserError {
  return new UserError('RUN_BUSY', `${run.id} is in the stage ${run.stage} and does not wait for approval.`, {
    hint: 'See where it stands.',
    next: [call('status', { request: run.id })],
  });
}

function reasonNeeded(request: RequestId): UserError {
  return new UserError('REASON_NEEDED', `Rejecting ${request} needs a reason.`, {
    hint: 'Say why.',
    next: [call('reject', { request }, 'reason')],
  });
}

function wrongChangeNumber({ id }: Approval, problem: ChangeNumberProblem): UserError {
  const under = (number: string) => exampleCall('approve', { request: id, change: number });
  switch (problem.why) {
    case 'missing':
      return new UserError('CHANGE_NUMBER', `Approving ${id} needs the number of a change; nothing was decided.`, {
        hint: 'Fill it in on the card, or type it.',
        next: [under('CHG0031234')],
      });
    case 'other pattern':
      return new UserError('CHANGE_NUMBER', `"${problem.given}" is no change number for ${id}; nothing was decided.`, {
        hint: `It has to match ${problem.pattern}, as the catalogue says.`,
        next: [under('CHG0031234')],
      });
    case 'another':
      return new UserError('CHANGE_NUMBER', `${id} has the change number ${problem.stands}; nothing was decided.`, {
        hint: 'Approve under that one; for another one, reject it with the reason.',
        next: [call('approve', { request: id }), call('reject', { request: id }, 'reason')],
      });
  }
}

function stale(approval: Approval, run: Run, carried: string): UserError {
  return new UserError('APPROVAL_STALE', `The plan of ${run.id} is not the one that this card shows.`, {
    hint: 'Look at the current plan and decide there.',
    next: [call('status', { request: run.id })],
    facts: {
      approval: approval.id,
      approvedPlan: carried.slice(0, 12),
      currentPlan: (run.planHash ?? '').slice(0, 12),
    },
  });
}

/** Tells the loser of a race the truth: what was decided, by whom and when. */
function closed(approval: Approval, run: Run): UserError {
  const last = approval.decisions.at(-1);
  const decided = approval.status === 'approved' || approval.status === 'rejected';
  const what = decided && last ? `was ${approval.status} by ${namesOf(approval)}` : undecided(approval, run);
  return new UserError('APPROVAL_CLOSED', `${approval.id} ${what}; nothing was changed.`, {
    hint: 'See the outcome.',
    next: [call('status', { request: run.id })],
    facts: {
      approval: approval.id,
      status: approval.status,
      ...(decided && last && { by: namesOf(approval), byOid: last.oid, at: last.at.toISOString() }),
      ...(approval.status === 'expired' && { at: approval.expiresAt.toISOString() }),
    },
  });
}

const voidWords: Readonly<Record<VoidReason['why'], string>> = {
  changed: 'is void: somebody changed the version after it was tested',
  base: 'is void: its base was withdrawn, or ended, after it was asked, and it is asked anew',
  outlived: 'is void: it was approved longer ago than it was open, and is asked anew',
  unbound: 'is void: it was asked before requests were bound to the very version that was tested',
};

function undecided({ status, closed, voided }: Approval, run: Run): string {
  if (voided) return voidWords[voided.why];
  switch (status) {
    case 'expired':
      return 'has expired';
    case 'withdrawn':
      return `was withdrawn by ${closed?.by ?? 'its requester'}`;
    case 'void':
      return closed && closed.by !== goldbot.name
        ? `was closed when ${closed.by} cancelled ${run.id}`
        : 'is void, because its run went on without it';
    default:
      return `is ${status}`;
  }
}

function namesOf({ status, decisions }: Approval): string {
  const verdict = status === 'approved' ? 'approve' : 'reject';
  return decisions
    .filter((decision) => decision.verdict === verdict)
    .map((decision) => decision.name)
    .join(' and ');
}

function ownRun(run: Run, person: Person): UserError {
  const did = run.actors.find((actor) => actor.oid === person.oid)?.did ?? 'requested';
  return new UserError('APPROVAL_OWN', `${person.name} ${did} ${run.id} and cannot decide about it.`, {
    hint: 'Ask another approver.',
    facts: { did },
  });
}

function notApprover(approval: Approval, person: Person, now: Date): UserError {
  const { group } = approval.rule;
  const groupName = whoDecides(approval, now);
  return new UserError(
    'APPROVAL_NOT_YOURS',
    `${person.name} is not in ${groupName}, who decide about ${approval.id}.`,
    {
      hint: `Ask a member of ${groupName}.`,
      facts: { group, groupName },
    },
  );
}

function notActor(approval: Approval, run: Run): UserError {
  const names = run.actors.map((actor) => actor.name).join(', ');
  return new UserError('WRONG_ROLE', `${approval.id} can be withdrawn by those who asked for it: ${names}.`, {
    hint: 'An approver can stop it by rejecting it.',
    next: [call('reject', { request: approval.id }, 'reason')],
  });
}

function directorySilent(approval: Approval, cause: unknown): UserError {
  const message = `Microsoft Graph did not say who is in ${approval.rule.groupName}; nothing was decided about ${approval.id}.`;
  const why = isUserError(cause) ? cause : undefined;
  return new UserError('DIRECTORY_SILENT', message, { hint: why?.hint ?? 'Decide again in a minute.', cause });
}
