import { type Approval, tally } from '../../core/runs';
import {
  bumpTopics,
  closePending,
  findApproval,
  insertSignal,
  type Queryable,
  takeIntent,
  writeDecision,
} from '../../store';
import { type Asked, approvalOf } from './approval-of';
import type { ControlDeps } from './deps';
import { closed, directorySilent, notApprover, ownRun, reasonNeeded, stale, staleCard } from './refusals';
import { settle } from './signal';
import type { DecideRequest, DecideResult } from './types';

/**
 * Groups are asked before the transaction, about everyone whose decision would count. When somebody else decides in
 * between, the answer does not cover them and all begins anew; a decider is a person, so this ends.
 */
export async function decide(deps: ControlDeps, request: DecideRequest): Promise<DecideResult> {
  if (request.verdict === 'reject' && !request.reason?.trim()) throw reasonNeeded(request.request);
  for (;;) {
    const seen = await approvalOf(deps.database, request.request, { clock: deps.clock, lock: false });
    const before = check(seen, request);
    if (before) return before;
    const asked = new Set([request.person.oid, ...seen.approval.decisions.map((d) => d.oid)]);
    const members = await membersOf(deps, seen.approval, asked);
    if (!members.has(request.person.oid)) throw notApprover(seen.approval, request.person);
    const result = await deps.database.transaction((tx) => record(deps, tx, request, { asked, members }));
    if (result) return result;
  }
}

/** Fails closed: whatever Graph's silence looks like, nothing is decided. */
async function membersOf(deps: ControlDeps, approval: Approval, oids: ReadonlySet<string>): Promise<Set<string>> {
  const { group } = approval.rule;
  try {
    const groups = await Promise.all([...oids].map((oid) => deps.directory.memberOf(oid, [group])));
    return new Set([...oids].filter((_, i) => groups[i]?.includes(group)));
  } catch (cause) {
    throw directorySilent(approval, cause);
  }
}

const outcomeOf = { approve: 'approved', reject: 'rejected' } as const;

/** Refuses, or gives what the same person had said before; undefined: the decision is to be recorded. */
function check({ run, approval }: Asked, { person, verdict, hash, via }: DecideRequest): DecideResult | undefined {
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
  return undefined;
}

interface Membership {
  readonly asked: ReadonlySet<string>;
  readonly members: ReadonlySet<string>;
}

/** Undefined: somebody decided whose groups were not asked. */
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
  const decided = await mustFind(tx, approval);
  const status = tally(decided.rule, decided.decisions, members);
  const base = { at: now, who: person, subject: run.subject, runId: run.id, request: approval.id };
  if (status !== 'pending') {
    await closePending(tx, run.id, { status, at: now, by: person.name });
    const body = { approval: approval.id, ...(reason && { reason }) };
    await insertSignal(tx, run.id, { kind: 'decided', by: person, body, at: now });
  }
  await bumpTopics(tx, [`run:${run.id}`, `approval:${approval.id}`]);
  const detail = { planHash: approval.planHash, reason, via, outcome: status };
  const after = await settle(tx, request, run, [{ ...base, action: verdict, detail }]);
  const final = { ...decided, status };
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
