import {
  type ApprovalFacts,
  type ApprovalView,
  approvalCard,
  approvalDecidedCard,
  type ContentsView,
  type DecidedStatus,
  type DecisionView,
  due,
  type EarlierView,
  moment,
  noticeCard,
  type Reply,
  statusButton,
} from '../../cards';
import { sourceName } from '../../core/build-source';
import { unpinnedDownloads } from '../../core/catalogue';
import { differenceText, shortFingerprint } from '../../core/images';
import { riskClause } from '../../core/requests';
import {
  type Approval,
  type ChangeRun,
  type Delegation,
  type FixedPlan,
  isPastCancel,
  lacksOutputs,
  type PublishRun,
  placesTaken,
  planChanges,
  type Rebuild,
  type Run,
  stageLabel,
  stepsOf,
  turnOf,
  type VoidReason,
  whoDecides,
} from '../../core/runs';
import type { AuditEntry } from '../../store/reads';
import { blockedWords, changeNumberOf, decidingSteps, shownStatus } from './asked';
import { deletedWords } from './channels';
import { historyOf } from './history';
import { overriddenWords } from './holds';
import { decidersOf, mentions } from './mentioned';
import { missingOutputs, plannedOutputs } from './outputs';
import { noteOf, requesterOf, sentence, servedRegions } from './run';
import { ownersOf, type Standing, viewerOf } from './standing';
import { baseNewsWarning, newerBaseSentence, retiringWarning, staysLatest } from './warnings';

/** What is known around an approval request when its card is drawn. */
export interface Around {
  /** World time. */
  readonly now: Date;
  /** The newest request of its run, when that is another one. */
  readonly newest?: Approval | undefined;
  /** Requests for the same that were rejected before, newest first, with the run of each. */
  readonly rejected?: readonly Rejected[];
  /** What the audit says of the requests of the run, newest first. */
  readonly history?: readonly AuditEntry[];
  /** Who decides in whose place now. */
  readonly delegations?: readonly Delegation[];
  /** How whoever looks stands to it; absent: the card is everybody's. */
  readonly standing?: Standing | undefined;
  /** How they stand to what its run waits for once it is decided. */
  readonly second?: Standing | undefined;
}

export interface Rejected {
  readonly approval: Approval;
  readonly run: Run;
}

/** An open approval request as a card with its buttons. Its facts come from the plan that it is bound to. */
function presentApproval(approval: Approval, run: PublishRun, around: Around): Reply {
  const { now, delegations = [] } = around;
  return mentions(approvalCard(approvalView(approval, run, around)), decidersOf(approval, run, { delegations, now }));
}

export function approvalView(approval: Approval, run: PublishRun, around: Around): ApprovalView {
  const deleted = deletedWords(approval);
  const warnings = [...(deleted === undefined ? [] : [deleted]), ...warningsOf(run)];
  const blocked = blockedWords(run, approval);
  return {
    ...approvalFacts(approval, run, around),
    until: approval.expiresAt,
    group: whoDecides(approval, around.now),
    quorum: turnOf(approval).quorum,
    ...(turnOf(approval).group === approval.rule.group &&
      approval.rule.because && { because: [...new Set(approval.rule.because.map((risk) => riskClause(risk, run)))] }),
    decisions: decisionViews(approval),
    ...delegatedWords(approval, run, around),
    ...(blocked.length > 0 && { blocked }),
    ...(warnings.length > 0 && { warnings }),
    ...viewerOf(around.standing),
    ...ownersOf(approval, run, around),
  };
}

/** Who may decide in whose place, and until when, where anybody may: a sentence each. */
export function delegatedWords(
  approval: Approval,
  run: PublishRun | ChangeRun,
  { delegations = [], now }: Around,
): { readonly delegated?: readonly string[] } {
  const words = placesTaken(delegations, approval, { run, now }).map(
    ({ from, to, until }) => `Until ${due(until)}, ${to.name} may decide on behalf of ${from.name}.`,
  );
  return words.length > 0 ? { delegated: words } : {};
}

export function decisionViews({ decisions, rule }: Approval): readonly DecisionView[] {
  const steps = stepsOf(rule);
  return decisions.map(({ name, verdict, at, reason, turn = 0, inPlaceOf }) => ({
    name,
    verdict,
    at,
    ...(reason !== null && { reason }),
    ...(inPlaceOf && { inPlaceOf: inPlaceOf.name }),
    ...(steps.length > 1 && { of: steps[turn]?.groupName ?? rule.groupName }),
  }));
}

/** @throws Error when the run has no plan: an approval without one is a bug. */
export function approvalFacts(approval: Approval, run: PublishRun, around: Around): ApprovalFacts {
  const { fixed } = run.plan;
  if (!fixed) throw new Error(`${approval.id} asks about ${run.id}, which has no plan`);
  const tests = run.data.tests ?? [];
  const elapsedMs = testTime(run);
  const latest = staysLatest(fixed);
  const earlier = earlierOf(run, fixed, around.rejected ?? []);
  return {
    id: approval.id,
    runId: run.id,
    hash: approval.planHash,
    image: fixed.image,
    version: fixed.version,
    askedBy: requesterOf(run),
    base: {
      name: sourceName(fixed.base),
      version: fixed.base.version,
      ...(fixed.previousBase !== null && { was: fixed.previousBase }),
    },
    changed: { ...contentsOf(run), recipe: recipeChange(fixed) },
    goesTo: fixed.regions,
    ...plannedOutputs(fixed),
    ...templateOf(fixed),
    tests: {
      passed: tests.filter((t) => t.passed).length,
      total: tests.length,
      ...(elapsedMs !== undefined && { elapsedMs }),
    },
    ...(fixed.previousVersion !== null && { replaces: { version: fixed.previousVersion, ...run.data.replaces } }),
    ...(latest !== undefined && { staysLatest: latest }),
    ...(fixed.endOfLife !== null && { endOfLife: fixed.endOfLife }),
    ...(run.data.selfUpgrading && latest === undefined && { selfUpgrading: run.data.selfUpgrading }),
    ...(approval.fingerprint && { fingerprint: shortFingerprint(approval.fingerprint) }),
    ...(run.data.guard && { guard: run.data.guard }),
    ...decidingSteps(approval),
    ...changeNumberOf(approval.rule, approval.changeNumber),
    ...noteOf(run),
    ...(earlier.length > 0 && { earlier }),
    ...historyOf(around.history, approval.id),
  };
}

/** Runs of earlier versions read no packages: nothing is said of them. */
function contentsOf({ data: { contents } }: PublishRun): { readonly contents?: ContentsView } {
  const { gap, since, sinceGap, changes, vulnerabilities } = contents ?? {};
  if (gap) return { contents: { gap } };
  if (sinceGap && since !== undefined) return { contents: { gap: sinceGap, of: since } };
  return changes ? { contents: { changes, ...(vulnerabilities && { vulnerabilities }) } } : {};
}

/** Of a recipe from an image template. Plans of earlier versions do not tell what of it was replaced. */
function templateOf({ template, recipe }: FixedPlan): Pick<ApprovalFacts, 'template'> {
  if (!template) return {};
  const unpinned = unpinnedDownloads([...recipe.customize, ...recipe.validate]);
  return { template: { file: template.file, changed: template.changed ?? [], unpinned } };
}

/**
 * What stopped it before: the attempts of this run, and rejections of earlier runs. Runs of before there were notes of
 * rebuilds show their rejections alone.
 */
function earlierOf(run: PublishRun, fixed: FixedPlan, rejected: readonly Rejected[]): readonly EarlierView[] {
  const { rebuilds = [] } = run.data;
  const told = ({ id }: Approval) => rebuilds.some(({ after }) => after.what.startsWith(id));
  const others = rejected.filter(({ approval }) => !told(approval)).map((one) => rejectionView(one, fixed));
  return [...others.reverse(), ...rebuilds.map(rebuildView)];
}

function rebuildView({ attempt, by, note, after, changes }: Rebuild): EarlierView {
  const label = stageLabel(after.stage) ?? after.stage;
  const stopped = after.stage === 'approve' ? '' : ` stopped in ${label}`;
  const said = note === undefined ? `${by} rebuilt it and did not say what was fixed.` : `${by} rebuilt it: “${note}”`;
  return {
    what: `Attempt ${attempt - 1}${stopped}: ${after.what}`,
    why: after.error,
    since: [said, ...(changes ? [differences(changes)] : [])],
  };
}

function rejectionView({ approval, run }: Rejected, fixed: FixedPlan): EarlierView {
  const before = run.kind === 'publish' ? run.plan.fixed : null;
  const decision = rejectionOf(approval);
  return {
    what: `${approval.id} of ${run.id} rejected by ${decision.name} ${decision.when}`,
    why: decision.reason,
    since: before ? [`That was ${before.image} ${before.version}. ${differences(planChanges(before, fixed))}`] : [],
  };
}

const differences = (changes: readonly string[]): string =>
  changes.length === 0
    ? 'Nothing in the plan but the number is different now.'
    : `Different now: ${changes.join(', ')}.`;

/** Who rejected a request, when, and why, as words. */
export function rejectionOf({ decisions }: Approval) {
  const decision = decisions.find(({ verdict }) => verdict === 'reject');
  return {
    name: decision?.name ?? 'an approver',
    when: decision ? `on ${moment(decision.at)}` : '',
    reason: decision?.reason ?? 'no reason given',
  };
}

/** In words, because "recipe unchanged" must never be said of something that was not compared. */
export function recipeChange(plan: FixedPlan): readonly string[] {
  if (plan.previousVersion === null) return ['the first of its image'];
  if (plan.previousRecipeHash === null) return [`not comparable: ${plan.previousVersion} has no tattoo`];
  return plan.previousRecipeHash === plan.recipeHash ? [] : [`changed since ${plan.previousVersion}`];
}

function warningsOf(run: PublishRun): readonly string[] {
  const { newerBase, baseNews } = run.data;
  const overridden = overriddenWords(run);
  const { fixed } = run.plan;
  const gone = fixed && baseNews ? baseNewsWarning(fixed, baseNews) : undefined;
  const retiring = fixed && gone === undefined ? retiringWarning(fixed) : undefined;
  return [
    ...(gone ? [gone] : []),
    ...(retiring ? [retiring] : []),
    ...(overridden === undefined ? [] : [overridden]),
    ...(newerBase ? [newerBaseSentence(run.plan.fixed, newerBase)] : []),
    ...(run.attempt > 1 ? [`This is attempt ${run.attempt}.`] : []),
  ];
}

function testTime(run: PublishRun): number | undefined {
  const time = (run.data.times ?? []).filter((t) => t.stage === 'test' && t.attempt === run.attempt).at(-1);
  return time?.to === undefined ? undefined : new Date(time.to).getTime() - new Date(time.from).getTime();
}

/** What became of an approval request: still open (more deciders are needed), or how it ended and what followed. */
export function presentPublishApproval(approval: Approval, run: PublishRun, around: Around): Reply {
  const status = shownStatus(approval, run, around.now);
  if (!isBound(approval, run)) return otherPlan(approval, run, status === 'pending' ? 'void' : status);
  if (status === 'pending') return presentApproval(approval, run, around);
  const by = closedBy(approval, status);
  return approvalDecidedCard({
    ...approvalFacts(approval, run, around),
    status,
    decisions: decisionViews(approval),
    followed: [...saidOf(approval, status), followed(run, status), ...asksAgain(approval, around)],
    changes: changesOf(approval),
    at: closedAt(approval, status) ?? around.now,
    ...(by !== undefined && { by }),
  });
}

/** Whether the run still has the plan that was asked about. */
export function isBound(approval: Approval, { plan, planHash }: PublishRun): boolean {
  return plan.fixed !== null && planHash === approval.planHash;
}

/** The person who ended it otherwise than by deciding. */
function closedBy({ closed }: Approval, status: DecidedStatus): string | undefined {
  return status === 'withdrawn' || status === 'cancelled' ? closed?.by : undefined;
}

const voidWords: Readonly<Record<VoidReason['why'], string>> = {
  changed: 'Somebody changed the version after it was tested: what was asked about is not there any more.',
  base: 'The base of the version was withdrawn, or ended, after this was asked, and nobody who decided knew.',
  outlived: 'It was approved longer ago than the request was open, so the approval does not count any more.',
  unbound: 'It was asked before requests were bound to the very version that was tested.',
};

/** Why a request does not stand any more. */
export function voidSentence({ voided }: Approval): string {
  return voided ? voidWords[voided.why] : 'Its run went on without it.';
}

/** What is not as it was when this was asked. */
function changesOf({ voided }: Approval): readonly string[] {
  return voided?.why === 'changed' ? voided.differences.map(differenceText) : [];
}

/** What whoever withdrew it said, or goldbot found; the words of a cancel are in what followed. */
export function saidOf(approval: Approval, status: DecidedStatus): readonly string[] {
  if (status === 'void') return [voidSentence(approval)];
  const { closed } = approval;
  return status === 'withdrawn' && closed?.why !== undefined ? [`${closed.by} withdrew it: “${closed.why}”`] : [];
}

/** What has become of the run, in a sentence: the card of a decided request follows its run to the end. */
export function followed(run: PublishRun, status: DecidedStatus): string {
  const { ending } = run.data;
  switch (run.outcome ?? ending?.outcome) {
    // What is unchanged has asked nobody.
    case 'unchanged':
    case 'published':
      return publishedWords(run);
    case 'cancelled':
      return `${ending?.by ?? 'Somebody'} cancelled the run: ${sentence(ending?.why ?? 'no reason given')}${unlessPublic(run)}`;
    case 'expired':
      return `Nobody decided in time.${unlessPublic(run)}`;
    case 'failed':
      return `The run failed: ${sentence(ending?.why ?? 'no reason is known')}`;
    case undefined:
      return status === 'approved' ? approvedWords(run) : returnedWords(run, status);
  }
}

/** Its version may be public although nobody approved it: by an earlier attempt, or before the database was restored. */
function unlessPublic({ data, plan }: PublishRun): string {
  if (!data.exposed) return ' Nothing was published.';
  // How the run ended says so itself.
  return data.ending ? '' : ` ${plan.fixed?.version} is public already and stays that way.`;
}

/** What exists now, and where it does not. */
function publishedWords(run: PublishRun): string {
  const { fixed } = run.plan;
  if (!fixed) return `${run.subject} is published.`;
  const [, unserved] = servedRegions(run, fixed);
  return [`${run.subject} ${fixed.version} is published`, ...unserved, ...missingOutputs(run)].map(sentence).join(' ');
}

/** Of an approved request whose run goes on. */
function approvedWords(run: PublishRun): string {
  const { stage, data } = run;
  if (stage === 'replicate' && !isPastCancel(run)) {
    return 'It is being copied to its regions, still hidden; then it is published.';
  }
  if (stage === 'approve' || stage === 'publish') return 'It is being published.';
  if (stage === 'replicate') return 'It is published, and its regions are being served.';
  if (stage === 'distribute') return 'It is published, and its outputs are being made.';
  if (lacksOutputs(run)) {
    return `It is published, and its outputs need repair: ${sentence(data.failure?.error ?? 'no error was kept')}`;
  }
  if (stage !== 'repair') return 'It is published, and the clean-up follows.';
  return `It could not be published, and the run needs repair: ${sentence(data.failure?.error ?? 'no error was kept')}`;
}

/** Of a request that ended otherwise, and whose run is open. */
function returnedWords(run: PublishRun, status: DecidedStatus): string {
  const { stage, attempt } = run;
  if (stage === 'replicate' || isPastCancel(run) || lacksOutputs(run))
    return 'The run goes on with an approval that was given again.';
  if (stage !== 'repair' && stage !== 'approve') {
    return `Nothing was published. The run was rebuilt: attempt ${attempt} is under way.`;
  }
  switch (status) {
    case 'rejected':
      return `The run is back in repair, with the reason given.${unlessPublic(run)}`;
    case 'withdrawn':
      return `The run waits for a rebuild or a cancel.${unlessPublic(run)}`;
    default:
      return unlessPublic(run).trim();
  }
}

export function asksAgain(approval: Approval, { newest }: Around): readonly string[] {
  if (newest === undefined || newest.id === approval.id) return [];
  return [
    newest.status === 'pending' ? `${newest.id} asks again.` : `${newest.id} asked again: it is ${newest.status}.`,
  ];
}

/** Its plan is gone: the run went on with another one, and only what was decided is still known. */
function otherPlan(approval: Approval, run: PublishRun, status: DecidedStatus): Reply {
  const decisions = approval.decisions.map(({ name, verdict, reason }) => {
    const said = verdict === 'approve' ? 'approved' : 'rejected';
    return reason ? `${name} ${said}: ${reason}` : `${name} ${said}`;
  });
  const now = (run.outcome ?? run.data.ending) ? followed(run, status) : `Attempt ${run.attempt} is under way.`;
  return noticeCard({
    message: `${approval.id} is ${status}: ${run.subject}`,
    details: [
      ...decisions,
      ...saidOf(approval, status),
      ...changesOf(approval),
      `The run ${run.id} went on with another plan. ${now}`,
    ],
    buttons: [statusButton(run.id, 'Show the run')],
  });
}

/** When it closed: by a decision, by its expiry, or when the run left the stage. */
function closedAt({ closed, decisions, expiresAt }: Approval, status: DecidedStatus): Date | undefined {
  if (status === 'expired') return expiresAt;
  return closed?.at ?? decisions.at(-1)?.at;
}
