import {
  type ChangeStatus,
  type ChangeView,
  changeCard,
  type DecidedStatus,
  type EarlierView,
  type Reply,
  undeferButton,
} from '../../cards';
import { type CommandCall, call } from '../../core/command-call';
import { roleCommand } from '../../core/compliance';
import {
  type Approval,
  type ChangeEnding,
  type ChangeRun,
  needsALookAfter,
  turnOf,
  type VersionPlan,
} from '../../core/runs';
import {
  type Around,
  asksAgain,
  decisionViews,
  delegatedWords,
  type Rejected,
  rejectionOf,
  voidSentence,
} from './approval';
import { blockedWords, changeNumberOf, decidingSteps, shownStatus } from './asked';
import { breaksOf, factsOf, partsOf } from './change-facts';
import { askedFor, whatOf } from './change-words';
import { deletedWords, unaskedWords } from './channels';
import { historyOf } from './history';
import { heldWords, overriddenWords } from './holds';
import { presentReading } from './machine-tattoo';
import { decidersOf, mentions } from './mentioned';
import { clearedWords, failingRemark, requesterOf, type Shown, sentence } from './run';
import { overrideOf, secondView } from './seconds';
import { lookCalls, machineActs } from './singles';
import { ownersOf, viewerOf } from './standing';
import { answersOf } from './trials';

/** The live card of a change, from its row alone. It mentions the approval request; that has a card of its own, on which people decide. */
export function presentChange(run: ChangeRun, shown: Shown): Reply {
  if (run.plan.verb === 'tattoo') return presentReading(run, run.plan, shown);
  const { approval, ...view } = changeView(run, shown);
  if (!approval) return changeCard(view);
  const asked = `${approval.group} in ${run.plan.approval?.channel ?? 'their channel'}`;
  const unasked = shown.approval && unaskedWords(shown.approval);
  return changeCard({
    ...view,
    facts: [...view.facts, { title: 'Asked', value: `${approval.id}: ${asked}` }],
    ...(unasked !== undefined && { warnings: [unasked, ...(view.warnings ?? [])] }),
  });
}

/** The card of the approval request: with buttons while it is open, and with what came of it afterwards. */
export function presentChangeApproval(approval: Approval, run: ChangeRun, around: Around): Reply {
  const status = shownStatus(approval, run, around.now);
  const earlier = (around.rejected ?? []).map((one) => refusalView(one, run)).reverse();
  const deleted = status === 'pending' ? deletedWords(approval) : undefined;
  const { delegated = [] } = status === 'pending' ? delegatedWords(approval, run, around) : {};
  const said = [...(deleted === undefined ? [] : [deleted]), ...delegated];
  // Owners have one card on which they act: that of the run.
  const { machines: _, ...own } = changeView(run, { now: around.now, approval, standing: around.second });
  const view = {
    ...own,
    approval: {
      ...requestOf(approval),
      ...historyOf(around.history, approval.id),
      ...viewerOf(around.standing),
      ...ownersOf(approval, run, around),
    },
    ...(said.length > 0 && { warnings: [...said, ...(own.warnings ?? [])] }),
    ...(earlier.length > 0 && { earlier }),
    ...(status === 'void' && { outcome: [voidSentence(approval), ...asksAgain(approval, around)].join(' ') }),
  };
  if (status === 'pending') {
    const asking = changeCard({ ...view, status: 'waiting-for-approval' });
    const { now, delegations = [] } = around;
    return mentions(asking, decidersOf(approval, run, { delegations, now }));
  }
  const shown = status === 'approved' ? agreed(view.status) : askedStatus[status];
  return changeCard({ ...view, status: shown, canCancel: false });
}

/** Agreed to, and the run has not taken its next step yet: nobody is waited for. */
export const agreed = (status: ChangeStatus): ChangeStatus => (status === 'waiting-for-approval' ? 'running' : status);

const askedStatus: Readonly<Record<Exclude<DecidedStatus, 'approved'>, ChangeStatus>> = {
  rejected: 'refused',
  expired: 'expired',
  withdrawn: 'withdrawn',
  cancelled: 'cancelled',
  void: 'void',
};

/** An earlier request for the same, and what is asked for now in its place. */
function refusalView({ approval, run: before }: Rejected, run: ChangeRun): EarlierView {
  const { name, when, reason } = rejectionOf(approval);
  const [then, now] = [before.kind === 'change' ? askedFor(before.plan) : '', askedFor(run.plan)];
  const since = then === now ? 'The same is asked again.' : `Asked then: ${then}.`;
  return { what: `${approval.id} refused by ${name} ${when}`, why: reason, since: [since] };
}

export function changeView(run: ChangeRun, { approval, now, standing }: Shown): ChangeView {
  const { plan, data } = run;
  if (plan.verb === 'tattoo') throw new Error(`${run.id} changes nothing: it has a card of its own`);
  const outcome = outcomeOf(run);
  const pending = approval?.status === 'pending' && run.stage === 'approve' ? approval : undefined;
  return {
    id: run.id,
    verb: plan.verb,
    subject: plan.target,
    what: whatOf(plan),
    status: changeStatus(run),
    askedBy: requesterOf(run),
    ...(plan.reason !== undefined && { reason: plan.reason }),
    facts: factsOf(run),
    ...(pending && { approval: requestOf(pending) }),
    ...(pending && blockedWords(run, pending).length > 0 && { blocked: blockedWords(run, pending) }),
    ...(outcome !== undefined && { outcome }),
    ...(plan.verb === 'try' && { answers: answersOf(plan, data.trials) }),
    ...breaksOf(run),
    ...(plan.verb === 'rollout' && { parts: partsOf(plan, run), machines: machineActs(plan, run) }),
    ...progressOf(run),
    ...commandsOf(run),
    ...warningsOf(run),
    ...(overrideOf(run) === 'ask' && { canOverride: true }),
    ...secondView(run, standing),
    ...(run.planHash !== null && { hash: run.planHash }),
    next: nextOf(run),
    at: run.endedAt ?? now,
    hasEnded: run.endedAt !== null,
    canCancel: canCancelChange(run),
    ...(plan.verb === 'defer' && { undo: undeferButton(plan) }),
  };
}

/** What holds it comes first: only four fit. */
function warningsOf(run: ChangeRun): Pick<ChangeView, 'warnings'> {
  const told = (run.outcome ?? run.data.ending) ? [] : (run.data.warnings ?? []);
  const once = [overriddenWords(run), clearedWords(run)].filter((words) => words !== undefined);
  const warnings = [...heldWords(run), ...once, ...told];
  return warnings.length > 0 ? { warnings } : {};
}

export function changeStatus(run: ChangeRun): ChangeStatus {
  if (run.outcome ?? run.data.ending) return run.data.ending?.how ?? 'failed';
  if (run.stage === 'hold') return 'held';
  return run.stage === 'approve' ? 'waiting-for-approval' : 'running';
}

export function canCancelChange({ outcome, stage, plan, data }: ChangeRun): boolean {
  if (outcome || data.stopping) return false;
  return ['plan', 'approve', 'wait', 'hold', ...(plan.verb === 'rollout' ? ['apply', 'verify', 'track'] : [])].includes(
    stage,
  );
}

/** The run as a cancel leaves it. What has begun ends once nothing is half done, which is not known here. */
export function cancelledChange(run: ChangeRun, { why, by, at }: { why: string; by: string; at: Date }): ChangeRun {
  if (run.outcome) return run;
  if (run.data.begunAt !== undefined) return { ...run, data: { ...run.data, stopping: { by, why } } };
  const ending = { how: 'cancelled', why, by } as const;
  return { ...run, outcome: 'cancelled', endedAt: at, data: { ...run.data, ending } };
}

function progressOf({ outcome, stage, data: { stopping, progress, moved } }: ChangeRun): Pick<ChangeView, 'progress'> {
  if (outcome) return {};
  const then = stage === 'track' ? 'in a moment' : 'once no batch is half done';
  const stop = stopping && `${stopping.by} cancelled it: it ends ${then}.`;
  const words = [stop, progress ?? moved].filter((part) => part !== undefined).join(' ');
  return words === '' ? {} : { progress: words };
}

function requestOf(approval: Approval): NonNullable<ChangeView['approval']> {
  return {
    id: approval.id,
    hash: approval.planHash,
    group: turnOf(approval).groupName,
    until: approval.expiresAt,
    quorum: turnOf(approval).quorum,
    decisions: decisionViews(approval),
    ...decidingSteps(approval),
    ...changeNumberOf(approval.rule, approval.changeNumber),
  };
}

export function outcomeOf(run: ChangeRun): string | undefined {
  if (!run.outcome && !run.data.ending) {
    if (run.tries < needsALookAfter) return undefined;
    return failingRemark(run);
  }
  const { ending } = run.data;
  if (!ending) return undefined;
  const { how, why, by } = ending;
  if (how === 'done') return why;
  const who = by === undefined ? '' : ` by ${by}`;
  const isUntouched = how !== 'failed' && run.data.begunAt === undefined;
  return `${endings[how]}${who}: ${sentence(why)}${isUntouched ? ' Nothing was changed.' : ''}`;
}

const endings: Readonly<Record<Exclude<ChangeEnding, 'done'>, string>> = {
  failed: 'It failed',
  refused: 'It was refused',
  withdrawn: 'The request was withdrawn',
  expired: 'It expired',
  cancelled: 'It was cancelled',
  superseded: 'It was superseded',
};

function nextOf({ plan, data, id, outcome }: ChangeRun): readonly CommandCall[] {
  if (data.ending?.supersededBy) return [call('status', { request: data.ending.supersededBy })];
  const looks = plan.verb === 'rollout' ? lookCalls(plan, data.tracked) : [];
  if (!outcome) return [call('status', { request: id }), ...looks];
  switch (plan.verb) {
    case 'leftovers':
      return [call('leftovers')];
    case 'age':
    case 'eol':
    case 'restore':
    case 'retire':
    case 'revoke':
    case 'channel':
    case 'promote':
      return [call('versions', { image: plan.image })];
    case 'rollback':
      return [...onwards(plan, data), call('versions', { image: plan.image })];
    case 'copy':
      return [call('parity', { image: plan.image })];
    case 'replicate':
      return [call('show', { ref: `${plan.image}@${plan.versions[0]}` })];
    case 'rollout':
      return [call('rollout', { image: plan.image, version: plan.version, team: plan.team ?? 'orphans' }), ...looks];
    case 'defer':
      return [call('rollout', { image: plan.image, team: plan.team })];
    case 'try':
      return [call('doctor'), call('leftovers')];
    case 'grant':
    case 'ungrant':
    case 'share':
    case 'unshare':
      return [call('access', { image: plan.image })];
    case 'assign':
      return [call('rescan', { team: plan.team ?? 'orphans' }), call('compliance', { team: plan.team ?? 'orphans' })];
    case 'rescan':
    case 'restrict':
      return [call('compliance', { team: plan.team ?? 'all' })];
    default:
      return [call('tattoo', { machine: plan.target })];
  }
}

/** What it leaves half way goes on by the same command, and is found among what runs left. */
function onwards({ image, to, forward, reason }: VersionPlan, { ending, begunAt }: ChangeRun['data']) {
  if (forward === undefined || ending?.how !== 'failed' || begunAt === undefined) return [];
  const said = { ...(to !== undefined && { to }), ...(reason !== undefined && { reason }) };
  return [call('rollback', { image, ...said, forward: true }), call('leftovers')];
}

/** What an owner types for goldbot, which may not. */
function commandsOf({ plan, data }: ChangeRun): Pick<ChangeView, 'commands'> {
  if (plan.verb !== 'assign' || data.ending?.how !== 'done') return {};
  const identities = Object.values(data.identities ?? {});
  return { commands: identities.map((identity) => roleCommand(plan.scope, identity)) };
}
