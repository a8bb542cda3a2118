import { type AuditRecord, boundTo } from '../../core/audit';
import { tattooDigest } from '../../core/images';
import {
  channelOfTurn,
  expiryOf,
  isEscalated,
  needsALookAfter,
  reminderNumber,
  turnOf,
  versionOf,
} from '../../core/runs';
import type { Clock } from '../../core/time';
import type { Told } from '../../core/webhooks';
import {
  appendAudit,
  type CardAddress,
  type Closing,
  closePending,
  consumeSignals,
  type Database,
  findRun,
  goldbot,
  insertApproval,
  joinCard,
  keepCertificate,
  keepContents,
  keepLeftovers,
  keepNotices,
  keepWebhooks,
  type LeasedRun,
  lockLeased,
  type NewLeftover,
  openSignals,
  type Queryable,
  redrawRun,
  restartStep,
  type StepResult,
  takeRequestId,
  voidNewest,
  wantBeside,
  wantCard,
  writeStep,
} from '../../store';
import { type Patch, type Step, takenBy, type Workflow } from './stage';
import type { ClaimedRun } from './step';

type AnyStep = Step<unknown, unknown>;
export type Committed = 'committed' | 'restarted' | 'lost';

export interface CommitContext {
  readonly database: Database;
  readonly clock: Clock;
  readonly workflow: Workflow<unknown, unknown>;
}

/** What a step changes besides the run's row; the audit goes last. */
interface Changes {
  readonly records: AuditRecord[];
  /** Cards that are to exist from now on. */
  readonly cards: CardAddress[];
  /** Requests that are added to a card which may be in Teams already. */
  readonly joins: { readonly home: string; readonly topic: string; readonly channel?: string | undefined }[];
}

/**
 * Writes a stage's answer in one transaction: stage, data, approvals, signals, cards, audit and the next look. `lost`:
 * another replica has the run. `restarted`: a signal came that the next stage would not take, so this one looks again
 * with the signal in its inbox.
 */
export function commitStep(context: CommitContext, claimed: ClaimedRun, step: AnyStep): Promise<Committed> {
  return context.database.transaction(async (tx) => {
    const run = await lockLeased(tx, claimed.run);
    if (!run) return 'lost';
    const now = context.clock.now();
    const moved = run.signalSeq !== claimed.run.signalSeq;
    if (moved && (await wouldLoseSignal(tx, context.workflow, claimed, step))) {
      await restartStep(tx, run.id, now);
      return 'restarted';
    }
    const changes: Changes = { records: [], cards: [], joins: [] };
    const pendingUntil = await writeApprovals(tx, run, { step, now, claimed }, changes);
    const result = resultOf(run, step, { now, moved, pendingUntil });
    await writeStep(tx, run.id, result);
    await consumeSignals(
      tx,
      claimed.inbox.map((signal) => signal.id),
      run.version + 1,
    );
    if (step.contents) await keepContents(tx, step.contents);
    if (step.certificate) await keepCertificate(tx, step.certificate);
    changes.records.push(...recordsOf(run, step, now), ...(await handOver(tx, step.leftovers ?? [], now)));
    await redrawRun(tx, ...runsSeen(run, step, claimed));
    for (const card of [...changes.cards, ...(step.cards ?? [])]) await wantCard(tx, card);
    for (const { home, ...one } of changes.joins) await joinCard(tx, home, { ...one, kind: 'news' });
    await keepTold(tx, context.workflow.tells?.(run, step, now));
    if (step.kind === 'to') await tellNews(tx, context.workflow, run, step.stage);
    await appendAudit(tx, changes.records);
    return 'committed';
  });
}

/** For people who have subscribed, and for programs. */
export async function keepTold(tx: Queryable, told: Told | undefined): Promise<void> {
  if (!told) return;
  await keepNotices(tx, told.happened, told.at);
  await keepWebhooks(tx, told.webhooks);
}

/** Signals are accepted by the stage the run was in; leaving it must not drop one. */
async function wouldLoseSignal(
  tx: Queryable,
  workflow: Workflow<unknown, unknown>,
  claimed: ClaimedRun,
  step: AnyStep,
): Promise<boolean> {
  if (step.kind === 'again' || (step.kind === 'ask' && !step.voids)) return false;
  const seen = new Set(claimed.inbox.map((signal) => signal.id));
  const unread = (await openSignals(tx, claimed.run.id)).filter((signal) => !seen.has(signal.id));
  // A rejection that comes while the request is found wanting still counts.
  if (step.kind === 'ask') return unread.some((signal) => signal.kind === 'decided');
  const next = step.kind === 'to' ? workflow.stages.find((stage) => stage.name === step.stage) : undefined;
  const taken = next ? takenBy(next, claimed.run) : [];
  return unread.some((signal) => !taken.includes(signal.kind));
}

interface Moment {
  readonly step: AnyStep;
  readonly now: Date;
  readonly claimed: ClaimedRun;
}

/**
 * A pending approval does not outlive the stage that asked, nor the plan it was asked about. Returns when it expires.
 */
async function writeApprovals(
  tx: Queryable,
  run: LeasedRun,
  { step, now, claimed }: Moment,
  changes: Changes,
): Promise<Date | undefined> {
  if (step.kind === 'again') {
    remind(run, { step, now, claimed }, changes);
    return claimed.approval?.status === 'pending' ? claimed.approval.expiresAt : undefined;
  }
  const base = { at: now, who: goldbot, subject: run.subject, runId: run.id };
  const { voids: reason } = 'voids' in step ? step : {};
  const found = reason && (await voidNewest(tx, run.id, { reason, at: now, by: goldbot.name }));
  if (found) {
    const detail = { by: goldbot.name, ...reason, ...boundTo(found) };
    changes.records.push({ ...base, action: 'void', request: found.id, detail });
  }
  const { by, why, ...closing } = closingOf(now, claimed);
  for (const closed of await closePending(tx, run.id, { by, why, ...closing })) {
    changes.records.push({ ...base, action: 'void', request: closed.id, detail: { by, why, ...boundTo(closed) } });
  }
  if (step.kind !== 'ask') return undefined;
  if (run.planHash === null) throw new Error(`stage ${run.stage} asks for approval before there is a plan`);
  const expiresAt = expiryOf(step.rule, step.ttlMs, now);
  const id = await takeRequestId(tx, 'approval');
  const { rule, fingerprint, sharedCard } = step;
  const channel = channelOfTurn(rule, 0) ?? step.channel;
  const { planHash } = run;
  const changeNumber = claimed.approval?.changeNumber ?? step.changeNumber;
  const bound = { rule, channel, fingerprint, sharedCard, changeNumber };
  await insertApproval(tx, { id, runId: run.id, planHash, askedAt: now, expiresAt, ...bound });
  changes.cards.push(
    sharedCard
      ? { topic: sharedCard, channel, kind: 'requests' }
      : { topic: `approval:${id}`, channel, kind: 'approval' },
  );
  if (sharedCard) changes.joins.push({ home: sharedCard, topic: `news:${run.id}:asked-${id}` });
  const tattoo = fingerprint && tattooDigest(fingerprint);
  const version = run.kind === 'publish' ? versionOf(run) : undefined;
  const about = { version, tattoo, rule, channel, expiresAt, changeNumber };
  const detail = { ...boundTo({ planHash, ...(fingerprint && { fingerprint }) }), ...about };
  changes.records.push({ ...base, action: 'ask', request: id, detail });
  return expiresAt;
}

/** Beside the card that asks; with the last reminder, others are asked too. Edits of that card notify nobody. */
function remind(run: LeasedRun, { step, now, claimed: { approval } }: Moment, changes: Changes): void {
  if (step.kind !== 'again' || !step.remind || !approval) return;
  const { id, rule, sharedCard } = approval;
  const home = sharedCard ?? (`approval:${id}` as const);
  const channel = channelOfTurn(rule, turnOf(approval).at);
  const topic = `news:${run.id}:remind-${id}-${reminderNumber(step.remind)}`;
  changes.joins.push({ home, topic, channel });
  const { escalation } = rule;
  const base = { at: now, who: goldbot, subject: run.subject, runId: run.id, request: id };
  changes.records.push({ ...base, action: 'remind', detail: { ...boundTo(approval), times: step.remind.times } });
  if (!escalation || !isEscalated(approval, now)) return;
  changes.cards.push({ topic: home, channel: escalation.channel, kind: sharedCard ? 'requests' : 'approval' });
  // Where each group has a time of its own, the card may be there already: then it is told beside it.
  changes.joins.push({ home, topic, channel: escalation.channel });
  changes.records.push({ ...base, action: 'escalate', detail: { ...boundTo(approval), escalation } });
}

/** Who closes a request that nobody has decided: the person who cancelled the run, or the run's own step. */
function closingOf(at: Date, { inbox }: ClaimedRun): Closing {
  const cancel = inbox.find((signal) => signal.kind === 'cancel');
  if (cancel) return { status: 'void', at, by: cancel.by.name, why: cancel.body.reason };
  return { status: 'void', at, by: goldbot.name };
}

/** A separate message in the threads where the run's card shows. */
async function tellNews(
  tx: Queryable,
  workflow: Workflow<unknown, unknown>,
  run: LeasedRun,
  stage: string,
): Promise<void> {
  const word = workflow.news?.(run, stage);
  if (word !== undefined) await wantBeside(tx, `run:${run.id}`, { topic: `news:${run.id}:${word}`, kind: 'news' });
}

/** What an audit entry says about something that a run left: the image too, by which auditors look for it. */
export async function aboutLeftover(
  tx: Queryable,
  { runId, kind, name, answer }: Pick<NewLeftover, 'runId' | 'kind' | 'name' | 'answer'>,
) {
  const run = await findRun(tx, runId);
  if (!run) throw new Error(`${runId}, which left ${name}, is not there`);
  return { subject: run.subject, request: runId, runId, detail: { kind, name, answer } };
}

async function handOver(tx: Queryable, left: readonly NewLeftover[], at: Date): Promise<AuditRecord[]> {
  await keepLeftovers(tx, left);
  const records: AuditRecord[] = [];
  for (const one of left) records.push({ ...(await aboutLeftover(tx, one)), at, who: goldbot, action: 'leftover' });
  return records;
}

/** Whose cards change: a run of which something is left shows it, also an earlier one. */
function runsSeen(run: LeasedRun, step: AnyStep, claimed: ClaimedRun): ReadonlySet<string> {
  const left = (step.leftovers ?? []).map(({ runId }) => runId);
  return new Set([...left, ...(isSeen(run, step, claimed) ? [run.id] : [])]);
}

interface Timing {
  readonly now: Date;
  readonly moved: boolean;
  readonly pendingUntil: Date | undefined;
}

function resultOf(run: LeasedRun, step: AnyStep, { now, moved, pendingUntil }: Timing): StepResult {
  const attempt = (step.kind === 'to' ? step.attempt : undefined) ?? run.attempt;
  if (attempt < run.attempt) throw new Error(`stage ${run.stage} sets attempt ${attempt} after ${run.attempt}`);
  const plan = step.kind === 'to' ? step.plan : undefined;
  const later = new Date(now.getTime() + (step.kind === 'again' ? Math.max(step.ms, 0) : 0));
  const waiting = step.kind === 'ask' && pendingUntil ? lookAgain(step.lookMs, now, pendingUntil) : later;
  const dueAt = pendingUntil && pendingUntil < waiting ? pendingUntil : waiting;
  return {
    plan: plan ? plan.value : run.plan,
    planHash: plan ? plan.hash : run.planHash,
    stage: step.kind === 'to' ? step.stage : run.stage,
    attempt,
    data: patched(run.data, step.data),
    dueAt: moved ? now : dueAt,
    pauseMs: step.kind === 'again' && !moved ? (step.machineMs ?? 0) : 0,
    endedAt: step.kind === 'end' ? now : null,
    outcome: step.kind === 'end' ? step.outcome : null,
  };
}

const lookAgain = (lookMs: number | undefined, now: Date, expires: Date): Date =>
  lookMs === undefined ? expires : new Date(now.getTime() + lookMs);

function patched(data: unknown, patch: Patch<unknown> | undefined): unknown {
  const merged = { ...(data as Record<string, unknown>), ...(patch as Record<string, unknown> | undefined) };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined));
}

function recordsOf(run: LeasedRun, step: AnyStep, now: Date): readonly AuditRecord[] {
  const base = { at: now, who: goldbot, subject: run.subject, request: run.id, runId: run.id };
  if (step.kind === 'to') {
    const { stage, attempt, plan, why } = step;
    const detail = { from: run.stage, to: stage, attempt: attempt ?? run.attempt, planHash: plan?.hash, why };
    return [{ ...base, action: 'stage', detail }];
  }
  if (step.kind !== 'end') return [];
  return [{ ...base, action: 'end', detail: { outcome: step.outcome, ...step.audit } }];
}

/** A look that found nothing new changes no card: most steps wait. */
function isSeen(run: LeasedRun, step: AnyStep, { inbox }: ClaimedRun): boolean {
  return step.kind !== 'again' || step.data !== undefined || inbox.length > 0 || run.tries >= needsALookAfter;
}
