import type { Person } from '../../core/access';
import { approverGroups } from '../../core/access';
import { type AuditRecord, boundTo } from '../../core/audit';
import { call, exampleCall } from '../../core/command-call';
import { isUserError, UserError } from '../../core/errors';
import {
  type Approval,
  approvedImage,
  type ChangeNumberProblem,
  changeNumberProblem,
  channelOfTurn,
  type Decision,
  type Delegation,
  expiryOfTurn,
  isEscalated,
  isInForce,
  type NoPlace,
  noPlaceOf,
  type RequestId,
  type Run,
  stepsOf,
  tally,
  turnOf,
  type VoidReason,
  versionOf,
  whoDecides,
} from '../../core/runs';
import type { Clock } from '../../core/time';
import {
  appendAudit,
  closePending,
  delegationsAt,
  dropDecision,
  findApproval,
  findRun,
  goldbot,
  insertSignal,
  joinCard,
  type LeasedRun,
  lockApproval,
  lockRun,
  newestApproval,
  type Queryable,
  redrawRun,
  setAskingChannel,
  setChangeNumber,
  setExpiry,
  takeIntent,
  wakeRun,
  wantCard,
  writeDecision,
} from '../../store';
import type { DecideRequest, DecideResult, WithdrawRequest } from './control';
import { type ControlDeps, checkTakes, runIdOf, settle, staleCard, unknown } from './start';

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
    const membership = await membersOf(deps, seen, request.person);
    const result = await deps.database.transaction((tx) => record(deps, tx, request, membership));
    if (result instanceof Error) throw result;
    if (result) return result;
  }
}

/** Who of some people was in which group of the rule when Graph was asked. */
interface Membership {
  readonly asked: ReadonlySet<string>;
  /** By the id of the group. Others are not asked about before the request is put to them too. */
  readonly members: ReadonlyMap<string, ReadonlySet<string>>;
  /** In whose place the person may decide, by the rules of today. */
  readonly delegations: readonly Delegation[];
  /** World time of the answer. */
  readonly now: Date;
}

/** Whose membership a decision rests on. */
const placeOf = ({ oid, inPlaceOf }: Pick<Decision, 'oid' | 'inPlaceOf'>): string => inPlaceOf?.oid ?? oid;

/** Of all groups of the rule: whose turn it is may change before the decision is written. Fails closed: however Graph fails, nothing is decided. */
async function membersOf(deps: ControlDeps, { approval, run }: Asked, { oid }: Person): Promise<Membership> {
  const now = deps.clock.now();
  const image = approvedImage(run);
  const passedOn =
    image === undefined
      ? []
      : (await delegationsAt(deps.database, now)).filter((one) => one.to.oid === oid && isInForce(one, image, now));
  const asked = new Set([
    oid,
    ...approval.decisions.flatMap((one) => [one.oid, placeOf(one)]),
    ...passedOn.map(({ from }) => from.oid),
  ]);
  try {
    const { rule } = approval;
    // Whoever is no approver any more takes nobody's place.
    const may = image !== undefined && passedOn.length > 0 && (await isApprover(deps, image, oid));
    const isLate = isEscalated(approval, now) || turnOf(approval).at > 0;
    const groups = [...stepsOf(rule), ...(rule.escalation && isLate ? [rule.escalation] : [])];
    const members = groups.map(async ({ group }) => [group, await deps.directory.membersNow(group, asked)] as const);
    return { asked, members: new Map(await Promise.all(members)), delegations: may ? passedOn : [], now };
  } catch (cause) {
    throw directorySilent(approval, cause, now);
  }
}

async function isApprover({ directory, catalogue }: ControlDeps, image: string, oid: string): Promise<boolean> {
  const groups = approverGroups(catalogue().roles, image);
  const found = await Promise.all(groups.map((group) => directory.membersNow(group, [oid])));
  return found.some((members) => members.has(oid));
}

/**
 * Whether somebody may decide for a group of the rule, from 0, by being in it or among those who were asked late: of a group
 * whose turn is over, that they were stands.
 */
function isDecider(approval: Approval, { members, now }: Membership, oid: string, turn: number): boolean {
  const { rule } = approval;
  const late = turn < turnOf(approval).at || isEscalated(approval, now);
  const groups = [stepsOf(rule)[turn]?.group, late ? rule.escalation?.group : undefined];
  return groups.some((group) => group !== undefined && members.get(group)?.has(oid));
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

/**
 * Undefined: somebody decided whose groups had not been read. An error: the person may not decide; what was found out
 * about the decisions of others stands.
 */
async function record(
  deps: ControlDeps,
  tx: Queryable,
  request: DecideRequest,
  membership: Membership,
): Promise<DecideResult | UserError | undefined> {
  const { person, intent } = request;
  const found = await approvalOf(tx, request.request, { clock: deps.clock, lock: true });
  const { run } = found;
  if (found.approval.decisions.some((d) => ![d.oid, placeOf(d)].every((oid) => membership.asked.has(oid)))) {
    return undefined;
  }
  const now = deps.clock.now();
  const { approval, dropped } = await withoutLeft(tx, found, membership, now);
  const own = approval.decisions.find(({ oid }) => oid === person.oid);
  const remembered = await takeIntent(tx, intent);
  // The same button again is a new act of somebody whose decision was dropped meanwhile.
  if (remembered && (own || approval.status !== 'pending')) {
    return { approval, run, outcome: 'already', by: byOf(approval) };
  }
  const before = check({ run, approval }, request);
  if (before) return before;
  const place = placeFor({ run, approval }, request, { now, own, membership });
  if (place instanceof Error) {
    await appendAudit(tx, [...dropped, ...(await askNext(tx, run, { before: found.approval, after: approval, now }))]);
    return place;
  }
  const { entry, outcome } = await write(deps, tx, { run, approval }, { request, own, now, ...place });
  const decided = await mustFind(tx, approval);
  const next = outcome === 'recorded' ? await askNext(tx, run, { before: found.approval, after: decided, now }) : [];
  const after = await settle(tx, request, run, [...dropped, entry, ...next]);
  return { approval: decided, run: after, outcome, by: byOf(decided) };
}

interface Place {
  /** For which group of the rule the decision counts, from 0. */
  readonly turn: number;
  /** Undefined: the person's own. */
  readonly inPlaceOf: Person | undefined;
}

/** In whose place the person decides, their own first; an error where it is in nobody's. Two people never count for one place. */
function placeFor(
  { run, approval }: Asked,
  { person, verdict }: DecideRequest,
  { own, membership, now }: Known & Pick<Saying, 'own'>,
): Place | UserError {
  // Whoever approved for a group whose turn is over may still say no.
  if (own) return { turn: own.turn ?? 0, inPlaceOf: own.inPlaceOf };
  const { at: turn } = turnOf(approval);
  if (isDecider(approval, membership, person.oid, turn)) {
    const taken = approval.decisions.find(({ inPlaceOf }) => inPlaceOf?.oid === person.oid);
    if (taken && verdict === 'approve') return placeTaken(approval, taken);
    return { turn, inPlaceOf: undefined };
  }
  const passedOn = membership.delegations.filter(({ from }) => isDecider(approval, membership, from.oid, turn));
  const free = passedOn.find(({ from }) => noPlaceOf(from.oid, approval, run.actors) === undefined);
  if (free) return { turn, inPlaceOf: free.from };
  const [first] = passedOn;
  const why = first && noPlaceOf(first.from.oid, approval, run.actors);
  return first && why ? noPlace(approval, first, { run, why }) : notApprover(approval, person, { membership, now });
}

/** A decision counts for as long as its person is in the group that it was made for. Those of others are dropped. */
async function withoutLeft(
  tx: Queryable,
  { run, approval }: Asked,
  membership: Membership,
  now: Date,
): Promise<{ readonly approval: Approval; readonly dropped: readonly AuditRecord[] }> {
  if (approval.status !== 'pending') return { approval, dropped: [] };
  const left = approval.decisions.filter((one) => !isDecider(approval, membership, placeOf(one), one.turn ?? 0));
  for (const { oid } of left) await dropDecision(tx, approval.id, oid);
  if (left.length > 0) await redrawRun(tx, run.id);
  const base = { at: now, who: goldbot, subject: run.subject, runId: run.id, request: approval.id };
  const dropped = left.map(({ name, verdict, reason, via, at }): AuditRecord => {
    const detail = {
      why: 'left the group',
      person: name,
      decision: { verdict, reason, via, at },
      ...boundTo(approval),
    };
    return { ...base, action: 'drop-decision', detail };
  });
  return { approval: { ...approval, decisions: approval.decisions.filter((one) => !left.includes(one)) }, dropped };
}

interface Saying extends Place {
  readonly request: DecideRequest;
  /** What the same person said before. */
  readonly own: Decision | undefined;
  readonly now: Date;
}

/** Writes the decision, and closes the request when it was the last one that was missing. */
async function write(
  deps: ControlDeps,
  tx: Queryable,
  { run, approval }: Asked,
  { request, own, turn, inPlaceOf, now }: Saying,
): Promise<{ readonly entry: AuditRecord; readonly outcome: DecideResult['outcome'] }> {
  const { person, verdict, via } = request;
  const reason = request.reason?.trim() || null;
  await writeDecision(tx, approval.id, { ...person, verdict, reason, via, at: now, turn, inPlaceOf });
  const { changeNumber } = verdict === 'approve' ? request : {};
  if (changeNumber !== undefined) await setChangeNumber(tx, approval.id, changeNumber);
  const decided = await mustFind(tx, approval);
  // Those who left have been dropped: whoever has decided counts.
  const status = tally(decided.rule, decided.decisions, new Set(decided.decisions.map(({ oid }) => oid)));
  if (status !== 'pending') {
    await closePending(tx, run.id, { status, at: now, by: person.name });
    const body = { approval: approval.id, ...(reason && { reason }) };
    await insertSignal(tx, run.id, { kind: 'decided', by: person, body, at: now, trace: deps.telemetry?.here() });
  }
  await redrawRun(tx, run.id);
  const base = { at: now, who: person, subject: run.subject, runId: run.id, request: approval.id };
  const replaced = own && { replaced: { verdict: own.verdict, reason: own.reason, via: own.via, at: own.at } };
  const group = approval.rule.first && { group: stepsOf(approval.rule)[turn]?.groupName };
  const version = run.kind === 'publish' ? versionOf(run) : undefined;
  const detail = {
    ...boundTo(approval),
    version,
    reason,
    via,
    outcome: status,
    ...group,
    ...(inPlaceOf && { inPlaceOf }),
  };
  const entry: AuditRecord =
    verdict === 'approve'
      ? { ...base, action: verdict, detail: { ...detail, changeNumber: decided.changeNumber } }
      : { ...base, action: verdict, detail: { ...detail, ...replaced } };
  return { entry, outcome: status === 'pending' ? 'recorded' : status };
}

/**
 * Asks the group whose turn it has become: on a card in its own channel, or beside the card where that stands already.
 * The run looks at once who could decide now.
 */
async function askNext(
  tx: Queryable,
  run: Run,
  { before, after, now }: { readonly before: Approval; readonly after: Approval; readonly now: Date },
): Promise<readonly AuditRecord[]> {
  const turn = turnOf(after);
  const channel = channelOfTurn(after.rule, turn.at);
  if (turn.at === turnOf(before).at || channel === undefined) return [];
  await setAskingChannel(tx, after.id, channel);
  const expiresAt = expiryOfTurn(after.rule, turn.at, now);
  if (expiresAt) await setExpiry(tx, after.id, expiresAt);
  const home = `approval:${after.id}` as const;
  const told = after.decisions.length;
  await joinCard(tx, home, { topic: `news:${run.id}:turn-${after.id}-${turn.at}-${told}`, kind: 'news', channel });
  await wantCard(tx, { topic: home, channel, kind: 'approval' });
  await wakeRun(tx, run.id, now);
  const { group, groupName, quorum } = turn;
  const detail = { ...boundTo(after), group: { group, groupName, quorum }, channel, ...(expiresAt && { expiresAt }) };
  const about = { subject: run.subject, runId: run.id, request: after.id };
  return [{ at: now, who: goldbot, action: 'ask-next', ...about, detail }];
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
  if (!run) throw await unknown(db, request);
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
      return new UserError(
        'CHANGE_NUMBER',
        `"${problem.given}" is not a change number for ${id}; nothing was decided.`,
        {
          hint: `It has to match ${problem.pattern}, as the catalogue says.`,
          next: [under('CHG0031234')],
        },
      );
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
  base: 'is void: its base was withdrawn, or ended, after it was asked, and it is asked again',
  outlived: 'is void: it was approved longer ago than it was open, and is asked again',
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

interface Known {
  readonly now: Date;
  readonly membership: Membership;
}

function notApprover(approval: Approval, person: Person, { now, membership }: Known): UserError {
  const { group, at } = turnOf(approval);
  const groupName = whoDecides(approval, now);
  const steps = stepsOf(approval.rule);
  const own = steps.findIndex((_, turn) => isDecider(approval, membership, person.oid, turn));
  const later = `${steps[own]?.groupName} decides later: first ${groupName} decides about ${approval.id}.`;
  const over = `${steps[own]?.groupName} has approved ${approval.id} already: now ${groupName} decides.`;
  return new UserError(
    'APPROVAL_NOT_YOURS',
    own < 0 ? `${person.name} is not in ${groupName}, who decide about ${approval.id}.` : own > at ? later : over,
    {
      hint: `Ask a member of ${groupName}.`,
      facts: { group, groupName },
    },
  );
}

function placeTaken({ id }: Approval, { name }: Pick<Decision, 'name'>): UserError {
  return new UserError('APPROVAL_NOT_YOURS', `${name} has approved ${id} on your behalf; both of you count for one.`, {
    hint: 'Reject it if you see it otherwise.',
    next: [call('reject', { request: id }, 'reason')],
  });
}

function noPlace({ id }: Approval, { from }: Delegation, { run, why }: { readonly run: Run; readonly why: NoPlace }) {
  const because =
    why.why === 'took part'
      ? `${from.name} ${why.did} ${run.id}, and so has no decision to pass on`
      : `${why.by} has decided already`;
  return new UserError('APPROVAL_NOT_YOURS', `You cannot decide about ${id} on behalf of ${from.name}: ${because}.`, {
    hint: 'See what waits for you.',
    next: [call('approvals', { mine: true })],
  });
}

function notActor(approval: Approval, run: Run): UserError {
  const names = run.actors.map((actor) => actor.name).join(', ');
  return new UserError('WRONG_ROLE', `${approval.id} can be withdrawn by those who asked for it: ${names}.`, {
    hint: 'An approver can stop it by rejecting it.',
    next: [call('reject', { request: approval.id }, 'reason')],
  });
}

function directorySilent(approval: Approval, cause: unknown, now: Date): UserError {
  const message = `Microsoft Graph did not say who is in ${whoDecides(approval, now)}; nothing was decided about ${approval.id}.`;
  const why = isUserError(cause) ? cause : undefined;
  return new UserError('DIRECTORY_SILENT', message, { hint: why?.hint ?? 'Decide again in a minute.', cause });
}
