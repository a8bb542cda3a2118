import {
  type ChangeStatus,
  type ChangeView,
  capital,
  changeCard,
  count,
  type DecidedStatus,
  day,
  due,
  type EarlierView,
  list,
  type Mark,
  noticeCard,
  type Reply,
  stateWords,
  statusButton,
  undeferButton,
} from '../../cards';
import { nameOfId } from '../../core/azure-id';
import { type CommandCall, call } from '../../core/command-call';
import { baselineRole, baselines, roleCommand } from '../../core/compliance';
import { shareeWords } from '../../core/image-access';
import { copiesWord, reimagedWords, type SetProgress } from '../../core/lifecycle';
import {
  type AccessPlan,
  type Approval,
  type AssignPlan,
  type ChangeEnding,
  type ChangePlan,
  type ChangeRun,
  type EndingPlan,
  isAccessPlan,
  isSharePlan,
  isVersionPlan,
  needsALookAfter,
  type RestrictPlan,
  type RolloutPlan,
  type SharePlan,
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
import { deletedWords, unaskedWords } from './channels';
import { historyOf } from './history';
import { heldWords, holdNews, overriddenWords, overrideNews } from './holds';
import { presentReading } from './machine-tattoo';
import { askersOf, decidersOf, leadingToRun, mentions } from './mentioned';
import { askerOf, failingRemark, requesterOf, type Shown, sentence } from './run';
import { overrideOf, secondOf, secondView } from './seconds';
import { lookCalls, machineActs, presentAppointments, singlesFacts } from './singles';
import { ownersOf, type Standing, viewerOf } from './standing';
import { answersOf, presentMention, tryFacts } from './trials';

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

/** A message beside the card, because nobody is notified of an edit. `standing`: of whoever looks, to what it asks for. */
export function presentChangeNews(run: ChangeRun, word = 'outcome', standing?: Standing): Reply {
  if (word === 'mention') return presentMention(run);
  if (word === 'hold') return holdNews(run);
  if (word.startsWith('override-')) return overrideNews(run, standing);
  if (word.startsWith('review-')) return reviewAsked(run, standing);
  if (word === 'reviewed') return reviewed(run);
  if (word.startsWith('appointed-')) return presentAppointments(run, Number(word.slice('appointed-'.length)));
  if (word.startsWith('team-')) {
    const team = word.slice('team-'.length);
    const whom = { to: 'machines of yours are affected', groups: [{ ownersOf: team }], waits: false };
    return mentions(leadingToRun(toldTeam(run, team), run), whom);
  }
  const { verb, target } = run.plan;
  const status = changeStatus(run);
  const reply = noticeCard({
    message: `${verb} ${target}: ${status === 'done' ? 'done' : status.replaceAll('-', ' ')}`,
    details: [`${askerOf(run)} asked for it in ${run.id}.`, outcomeOf(run) ?? ''].filter((text) => text !== ''),
    buttons: [statusButton(run.id)],
  });
  return mentions(leadingToRun(reply, run), askersOf(run));
}

/** Asks again and again until it is done; once it is, it says so. */
function reviewAsked(run: ChangeRun, standing: Standing | undefined): Reply {
  if (secondOf(run) !== 'review') return reviewed(run);
  const { verb, target, reason } = run.plan;
  const reply = noticeCard({
    message: `Glass was broken for ${verb} ${target}: nobody has reviewed it`,
    details: [
      `${askerOf(run)} asked for it in ${run.id}${reason === undefined ? '' : `: “${reason}”`}.`,
      `${outcomeOf(run) ?? ''} It was agreed to${although(run)}.`.trim(),
      'Somebody who neither asked for it nor decided about it says what is to be learnt; it is asked for every day until then.',
    ],
    ...secondView(run, standing),
    buttons: [statusButton(run.id)],
  });
  return leadingToRun(reply, run);
}

function reviewed(run: ChangeRun): Reply {
  const { verb, target } = run.plan;
  const { by, said = '' } = run.data.review ?? {};
  return noticeCard({
    message: `${verb} ${target} is reviewed`,
    details: [`${by?.name ?? 'Nobody'} reviewed the broken glass of ${run.id}: “${said}”.`],
    buttons: [statusButton(run.id)],
  });
}

/** What broken glass adds to who agreed. */
const although = ({ plan }: ChangeRun): string => {
  const broken = isVersionPlan(plan) && plan.breakGlass ? (plan.radius?.breaks ?? []) : [];
  return broken.length === 0 ? '' : `, although ${broken.length} would break: ${namesOf(broken)}`;
};

const namesOf = (ids: readonly string[]): string => list(ids.map(nameOfId), 4);

/** All that a card has room for between why it was done and who asked for it. */
const mostToTeam = 5;

/** In the team's own channel: what was done, why, and what it means for what is theirs. */
function toldTeam(run: ChangeRun, team: string): Reply {
  const { reason } = run.plan;
  const lines = run.data.affected?.[team]?.lines ?? [];
  const rest = lines.length - mostToTeam;
  return noticeCard({
    message: doneWords(run.plan),
    details: [
      ...(reason === undefined ? [] : [`Why: “${reason}”.`]),
      ...lines.slice(0, mostToTeam).map(capital),
      ...(rest > 0 ? [`And ${rest} more of yours.`] : []),
      `${askerOf(run)} asked for it in ${run.id}; ${run.plan.approval?.rule.groupName ?? 'nobody'} agreed${although(run)}.`,
    ],
    ...(isVersionPlan(run.plan) && {
      next: [
        call('who uses', { ref: `${run.plan.image}@${run.plan.versions[0]}`, team }),
        call('versions', { image: run.plan.image }),
      ],
    }),
  });
}

/** What was done, as a sentence without its full stop. */
function doneWords(plan: ChangePlan): string {
  const { target } = plan;
  if (plan.verb === 'rollback') return `${plan.image} was rolled back to ${plan.to}`;
  if (plan.verb === 'copy') return `${target} was copied ${secondWords(plan)}`;
  if (plan.verb === 'replicate') return `${target} has other copies: ${copiesWords(plan)}`;
  return `${target} was ${plan.verb === 'retire' ? 'retired' : 'revoked'}`;
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
const agreed = (status: ChangeStatus): ChangeStatus => (status === 'waiting-for-approval' ? 'running' : status);

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

function askedFor(plan: ChangePlan): string {
  const why = plan.reason === undefined ? '' : `, because “${plan.reason}”`;
  return `${plan.verb} ${plan.target} ${whatOf(plan)}${why}`;
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
  const passed = overriddenWords(run);
  const told = (run.outcome ?? run.data.ending) ? [] : (run.data.warnings ?? []);
  const warnings = [...heldWords(run), ...(passed === undefined ? [] : [passed]), ...told];
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

/** A clause that follows the verb. */
export function whatOf(plan: ChangePlan): string {
  if (isVersionPlan(plan)) return whatOfVersions(plan);
  switch (plan.verb) {
    case 'classify':
      return `as ${plan.model}`;
    case 'exempt':
      return `from ${plan.policy} until ${day(plan.until)}`;
    case 'remediate':
      return `by ${plan.policy}`;
    case 'assign':
      return `to ${nameOfId(plan.scope)}, for the VMs that lack it`;
    case 'rescan':
      return `in ${plan.scopes.length === 1 ? '1 scope' : `${plan.scopes.length} scopes`}`;
    case 'restrict':
      return plan.effect === 'off'
        ? 'no longer'
        : `to golden images${plan.pastEnd ? ' before their end of life' : ''} (${plan.effect})`;
    case 'leftovers':
      return plan.things.length === 1 ? '1 thing' : `${plan.things.length} things`;
    case 'try':
      return 'what no document settles, on a copy of a version';
    case 'tattoo':
      return 'afresh';
    case 'rollout':
      return `to ${rolledTo(plan)}`;
    case 'defer':
      return `until ${due(plan.until)}`;
    case 'grant':
      return `for ${plan.group.name}${plan.until === undefined ? '' : ` until ${day(plan.until)}`}`;
    case 'ungrant':
      return `from ${plan.group.name}`;
    case 'share':
    case 'unshare':
      return withWhom(plan);
  }
}

function whatOfVersions(plan: VersionPlan): string {
  switch (plan.verb) {
    case 'eol':
      return plan.until ? `on ${day(plan.until)}` : 'none';
    case 'age':
      return `replaced by ${plan.replacedBy}`;
    case 'revoke':
      return 'out of latest in every region';
    case 'retire':
      return plan.keeps ? 'out of latest, then deleted; kept for a week' : 'out of latest, then deleted for good';
    case 'restore':
      return 'to be offered again';
    case 'promote':
      return `to be latest in ${plan.regions?.join(', ') ?? 'every region that it is in'}`;
    case 'replicate':
      return copiesWords(plan);
    case 'copy':
      return secondWords(plan);
    case 'channel':
      return `to be the ${plan.channel} version`;
    case 'rollback':
      return `with ${plan.versions.join(', ')} out of latest in every region${plan.forward === undefined ? '' : `; it comes back as ${plan.forward}, a copy`}`;
  }
}

/** What an end takes back: `the right of payments-owners to view ubuntu-22`, `the gallery gold, shared with tenant …`. */
export function givenWords(plan: EndingPlan): string {
  if (isAccessPlan(plan)) return `the right of ${plan.group.name} to ${plan.right} ${plan.image}`;
  const { to, target } = plan;
  return to.kind === 'everybody' ? target : `${target}, shared with ${shareeWords(to)}`;
}

/** `into gold_dr: 3 copies in East US, 2 copies in West Europe; out of latest, as the version itself`. */
function secondWords({ gallery, second }: VersionPlan): string {
  const { regions = [], hidden, hiddenIn = [] } = second ?? {};
  const where = regions.map(({ name, replicas }) => `${copiesWord(replicas)} in ${name}`).join(', ');
  const out = hidden
    ? '; out of latest, as the version itself'
    : hiddenIn.length > 0
      ? `; out of latest in ${hiddenIn.join(', ')}`
      : '';
  return `into ${gallery.gallery}: ${where}${out}`;
}

/** `3 copies in East US; none in UK South`. */
function copiesWords({ copies }: VersionPlan): string {
  const { set = [], again = [], remove = [] } = copies ?? {};
  return [
    ...set.map(({ name, replicas }) => `${copiesWord(replicas)} in ${name}`),
    ...again.map(({ name }) => `once more in ${name}`),
    ...(remove.length === 0 ? [] : [`none in ${remove.join(', ')}`]),
  ].join('; ');
}

function withWhom({ to, until }: SharePlan): string {
  if (to.kind === 'everybody') return `with everybody (${to.losing.length}), for good`;
  return `with ${shareeWords(to)}${until === undefined ? '' : ` until ${day(until)}`}`;
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

function factsOf({ plan, data }: ChangeRun): ChangeView['facts'] {
  return [
    ...(plan.team === null ? [] : [{ title: 'Team', value: plan.team }]),
    ...(plan.verb === 'restrict' ? restrictFacts(plan) : []),
    ...(plan.verb === 'assign' ? assignFacts(plan) : []),
    ...(plan.verb === 'remediate' ? laterFacts(plan) : []),
    ...(isVersionPlan(plan) ? versionFacts(plan, data) : []),
    ...(isAccessPlan(plan) ? accessFacts(plan) : []),
    ...(isSharePlan(plan) ? shareFacts(plan) : []),
    ...(plan.verb === 'leftovers' ? [{ title: 'Things', value: plan.things.map(({ name }) => name).join(', ') }] : []),
    ...(plan.verb === 'try' ? tryFacts(plan) : []),
    ...(plan.verb === 'rollout' && plan.window ? [{ title: 'When', value: windowWords(plan.window) }] : []),
    ...(plan.verb === 'rollout' ? singlesFacts(plan, data.tracked) : []),
    ...(data.before === undefined ? [] : [{ title: 'Before', value: beforeWords(data.before) }]),
  ];
}

/** A policy state in words; anything else is words already. */
const beforeWords = (before: string): string => stateWords[before as keyof typeof stateWords] ?? before;

function outcomeOf(run: ChangeRun): string | undefined {
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

const laterFacts = ({ at }: { readonly at?: string }): ChangeView['facts'] =>
  at === undefined ? [] : [{ title: 'When', value: `${due(at)}, not before` }];

/** What it leaves half way goes on by the same command, and is found among what runs left. */
function onwards({ image, to, forward, reason }: VersionPlan, { ending, begunAt }: ChangeRun['data']) {
  if (forward === undefined || ending?.how !== 'failed' || begunAt === undefined) return [];
  const said = { ...(to !== undefined && { to }), ...(reason !== undefined && { reason }) };
  return [call('rollback', { image, ...said, forward: true }), call('leftovers')];
}

function versionFacts(plan: VersionPlan, data: ChangeRun['data']): ChangeView['facts'] {
  const { radius } = plan;
  return [
    ...(radius ? [{ title: 'Machines', value: `${radius.machines} run it` }] : []),
    ...laterFacts(plan),
    ...glassFacts(plan, data),
  ];
}

function breaksOf({ plan, data }: ChangeRun): Pick<ChangeView, 'breaks'> {
  if (!isVersionPlan(plan) || !plan.breakGlass || !plan.radius || data.ending) return {};
  const { breaks } = plan.radius;
  return { breaks: `${breaks.length} would break: ${namesOf(breaks)}.` };
}

/** Nobody reviews what was refused or never begun: nothing broke. */
function glassFacts({ breakGlass, radius }: VersionPlan, { ending, begunAt, review }: ChangeRun['data']) {
  if (!breakGlass || !radius) return [];
  const broken = radius.breaks.length;
  const glass = (value: string) => ({ title: 'Break glass', value });
  if (!ending) return [{ title: 'Review', value: 'by somebody who took no part, a day after it is done' }];
  if (begunAt === undefined) return [glass(`${broken} would have broken`)];
  const value = review?.by
    ? `${review.by.name}: “${review.said ?? ''}”`
    : 'open: somebody who took no part says what is to be learnt';
  return [
    glass(
      `${broken} would break, and it was ${ending.how === 'done' ? 'done' : 'begun'} all the same: ${namesOf(radius.breaks)}`,
    ),
    { title: 'Review', value },
  ];
}

const setNames = ({ sets }: RolloutPlan): string =>
  list(
    sets.map(({ name }) => name),
    4,
  );

const rolledTo = (plan: RolloutPlan): string =>
  [
    ...(plan.sets.length > 0 ? [setNames(plan)] : []),
    ...(plan.singles?.length ? [`${count(plan.singles.length, 'machine')} that stand alone, by their owners`] : []),
  ].join(', and ');

const windowWords = ({ from, until }: { readonly from: string; readonly until: string }): string =>
  `from ${due(from)}; nothing is begun after ${due(until)}`;

const partMarks: Readonly<Record<SetProgress['state'], Mark>> = {
  now: 'now',
  done: 'done',
  left: 'skipped',
  failed: 'failed',
};

/** Each scale set in the order in which it is taken. */
function partsOf(
  { sets, version }: RolloutPlan,
  { data, outcome }: Pick<ChangeRun, 'data' | 'outcome'>,
): NonNullable<ChangeView['parts']> {
  return sets.map(({ id, name, reimages }) => {
    const progress = data.rollout?.[id];
    if (!progress && outcome) return { name, said: 'not begun', mark: 'skipped' };
    if (!progress)
      return { name, said: reimages ? 'to come; what keeps its disk is reimaged' : 'to come', mark: 'todo' };
    const { on, of, note, state } = progress;
    const said = [`${on} of ${of} on ${version}`, reimagedWords(progress), note]
      .filter((part) => part !== undefined)
      .join('; ');
    return { name, said, mark: state === 'now' && outcome ? 'stopped' : partMarks[state] };
  });
}

function accessFacts({ role, image, verb, until }: AccessPlan): ChangeView['facts'] {
  return [
    { title: 'Role', value: `${role.name} on the image ${image}` },
    ...(verb === 'grant' ? [endFact(until)] : []),
  ];
}

function shareFacts({ verb, until, to }: SharePlan): ChangeView['facts'] {
  return [
    ...(to.kind === 'everybody' ? [{ title: 'Lose it', value: to.losing.map(shareeWords).join(', ') }] : []),
    ...(verb === 'share' ? [endFact(until)] : []),
  ];
}

const endFact = (until: string | undefined) => ({
  title: 'Ends',
  value: until === undefined ? 'never by itself' : `${day(until)}, ${until.slice(11, 16)} UTC`,
});

/** Which machines it is about, by what, and as whom Azure acts then. */
function assignFacts({ baseline, location, reach }: AssignPlan): ChangeView['facts'] {
  const { title } = baselines[baseline];
  return [
    { title: 'Policy of Azure', value: title },
    { title: 'Identity', value: `system-assigned, in ${location}; it needs ${baselineRole.name}` },
    ...(reach ? [{ title: 'Machines', value: reachWords(reach) }] : []),
  ];
}

function reachWords({ machines, lacking, pets }: NonNullable<AssignPlan['reach']>): string {
  const names = lacking.length === 0 ? '' : `: ${list([...lacking], 4)}`;
  const tame = pets.length === 0 ? '' : `; ${count(pets.length, 'pet')} among them`;
  return `${lacking.length} of ${count(machines, 'VM')} lack it${names}${tame}`;
}

/** What an owner types for goldbot, which may not. */
function commandsOf({ plan, data }: ChangeRun): Pick<ChangeView, 'commands'> {
  if (plan.verb !== 'assign' || data.ending?.how !== 'done') return {};
  const identities = Object.values(data.identities ?? {});
  return { commands: identities.map((identity) => roleCommand(plan.scope, identity)) };
}

/** Nobody reads an id of Azure: a subscription, whose name goldbot does not read, is told apart by its beginning. */
function scopeWords(scope: string): string {
  const name = nameOfId(scope);
  if (/^\/subscriptions\/[^/]+$/i.test(scope)) return `subscription ${name.slice(0, 8)}…`;
  return /^\/providers\/microsoft\.management\//i.test(scope) ? `management group ${name}` : `resource group ${name}`;
}

function restrictFacts({ targets, galleries, byItself }: RestrictPlan): ChangeView['facts'] {
  const names = (ids: readonly string[]) => ids.map(nameOfId).join(', ');
  const left = targets.flatMap(({ notScopes, buildGroups }) => [...notScopes, ...buildGroups.map((g) => `${g}…`)]);
  return [
    {
      title: targets.length === 1 ? 'Scope' : 'Scopes',
      value: targets.map(({ scope }) => scopeWords(scope)).join(', '),
    },
    { title: 'Allowed', value: names(galleries) },
    ...(left.length === 0 ? [] : [{ title: 'Left out', value: names(left) }]),
    ...(byItself ? [{ title: 'Decided in', value: byItself.decided }] : []),
  ];
}
