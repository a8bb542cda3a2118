import {
  type Blocks,
  type Fact,
  facts,
  type Group,
  lines,
  type Mark,
  markedRow,
  type Tint,
  type Tone,
  tint,
} from './parts/blocks';
import { type Button, diffButton, logsButton, statusButton } from './parts/buttons';
import { type ContentsView, contentsClauses, vulnerabilityClause } from './parts/contents';
import { drawersPart } from './parts/drawers';
import {
  count,
  day,
  dotted,
  due,
  duration,
  type Instant,
  list,
  moment,
  number,
  oneLine,
  outputFact,
  regionList,
} from './parts/format';
import { deciding, type Viewer } from './parts/viewer';
import { asWhom } from './parts/words';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/approval.json';
import decidedTemplate from './templates/approval-decided.json';

/** Under which change in the enterprise's own records it is approved; `needed`: nobody has named one yet. */
export type ChangeNumberView = { readonly number: string } | 'needed';

/** As a fact; undefined when nobody asks for one. */
export function changeNumberFact(view: ChangeNumberView | undefined): string | undefined {
  return view === 'needed' ? 'needed; who approves first names it' : view && oneLine(view.number, 60);
}

/** The facts that a decision rests on; the same on both approval cards. */
export interface ApprovalFacts {
  /** Id of the approval request: `R-9WXB4`. */
  readonly id: string;
  /** Id of the run it belongs to. */
  readonly runId: string;
  /** The plan's hash that this request is bound to. */
  readonly hash: string;
  readonly image: string;
  readonly version: string;
  /** Who asked for the run. */
  readonly askedBy: string;
  /** The latest version now; absent for the first of an image. */
  readonly replaces?: {
    readonly version: string;
    readonly publishedAt?: Instant;
    /** Absent: not counted. */
    readonly machines?: number;
    readonly teams?: number;
  };
  /** The version that stays the latest because its number is higher; absent when this one becomes it. */
  readonly staysLatest?: string;
  /** `Canonical jammy`, `22.04.202611120`; `was`: the exact version before. */
  readonly base: { readonly name: string; readonly version: string; readonly was?: string };
  readonly changed: {
    /** What is inside; absent: the first of its image, or asked before there were lists. */
    readonly contents?: ContentsView;
    /** What is different in the recipe; empty when it is unchanged. */
    readonly recipe: readonly string[];
  };
  readonly goesTo: readonly { readonly name: string; readonly replicas: number }[];
  /** What is made of it beside the gallery's version, once it is published: `VHD in goldimages/vhds`. Absent: nothing. */
  readonly outputs?: readonly string[];
  /** The image template that the recipe comes from, what of it goldbot changed, and downloads without a checksum. */
  readonly template?: {
    readonly file: string;
    readonly changed: readonly string[];
    readonly unpinned: readonly string[];
  };
  /** Absent: the version has no end of life. */
  readonly endOfLife?: Instant;
  readonly tests: { readonly passed: number; readonly total: number; readonly elapsedMs?: number };
  /** Scale sets that take the version by themselves once it is published. Absent: nobody looked. */
  readonly selfUpgrading?: readonly string[];
  /** Short form of the fingerprint of the version that was tested. Absent: asked before there were any. */
  readonly fingerprint?: string;
  /** What of tests, approval rule and roles is not as the version before had it: `quorum 2 → 1`. */
  readonly guard?: readonly string[];
  /** Of several groups that decide one after the other; absent: one decides. */
  readonly steps?: readonly DecidingStepView[];
  /** Absent: none is asked for. */
  readonly changeNumber?: ChangeNumberView;
  /** What the requester said about it. */
  readonly note?: string;
  /** What happened to it, and to the requests of its run before it: a line each, oldest first. */
  readonly history?: readonly string[];
  /** What stopped it before, oldest first, and what was done about it. */
  readonly earlier?: readonly EarlierView[];
}

/** Something that ended without approval, and what is different since. */
export interface EarlierView {
  /** `Attempt 1: R-3JJQ7 rejected by Grace`. */
  readonly what: string;
  /** The reason, in the words of whoever or whatever stopped it. */
  readonly why: string;
  /** A sentence each. */
  readonly since: readonly string[];
}

/** One of several groups that decide one after the other. */
export interface DecidingStepView {
  readonly group: string;
  readonly quorum: number;
  readonly approved: number;
  /** `undecided`: the request closed in its turn, and it had said nothing. */
  readonly state: 'done' | 'now' | 'later' | 'rejected' | 'undecided';
  /** Of the group that decides now, where each has a time of its own. */
  readonly until?: Instant;
  /** How long a group has that was not asked yet; `working`: of working hours. */
  readonly time?: { readonly ms: number; readonly working: boolean };
}

export interface DecisionView {
  readonly name: string;
  /** For which of several groups. */
  readonly of?: string;
  /** Whose place it takes. */
  readonly inPlaceOf?: string;
  readonly verdict: 'approve' | 'reject';
  readonly at: Instant;
  readonly reason?: string;
}

export interface ApprovalView extends ApprovalFacts {
  readonly until: Instant;
  /** Who may decide: the group's name. */
  readonly group: string;
  readonly quorum: number;
  /** Why it takes so many, a clause each; absent: the rule always does. */
  readonly because?: readonly string[];
  readonly decisions: readonly DecisionView[];
  /** Who may decide in whose place, and until when: a sentence each. */
  readonly delegated?: readonly string[];
  /** Why nobody can approve it as things are, and who can mend that: sentences. */
  readonly blocked?: readonly string[];
  /** What else a decider should know. */
  readonly warnings?: readonly string[];
  /** Whose card it is; absent: everybody's. */
  readonly viewer?: Viewer;
  /** Object ids of those who have a card of their own; absent: not known. */
  readonly owners?: readonly string[];
}

/** Asks a group to let a tested candidate be published. Only who may decide has the buttons that do. */
export function approvalCard(view: ApprovalView): Reply {
  const body = approvalBody(view, view.decisions);
  const shown = deciding(view);
  const notes = [
    `${oneLine(view.group, 60)} decides: ${needed(view)}. Anyone who requested, joined or rebuilt this run cannot decide.`,
    ...(view.delegated ?? []).slice(0, 3).map((one) => oneLine(one, 200)),
    ...(view.warnings ?? []).slice(0, 4),
  ];
  return sheet(
    template,
    {
      title: `Publish ${view.image} ${view.version}?`,
      subtitles: [
        dotted(
          view.id,
          `requested by ${oneLine(view.askedBy, 60)}`,
          `run ${view.runId}`,
          `until ${due(view.until)}`,
          asWhom,
        ),
      ],
      buttons: [...shown.buttons, ...readButtons(view)],
      ...shown.frame,
    },
    { ...body, paragraphs: lines([...blockedLines(view.blocked), ...shown.says], 300), notes: lines(notes) },
  );
}

/** First on a card, with a mark: whoever waits must know that nobody is coming. */
export function blockedLines([what, ...mend]: readonly string[] = []): readonly string[] {
  return what === undefined ? [] : [`! ${what}`, ...mend];
}

/** What a card that asks shows between headline and input. */
function approvalBody(view: ApprovalFacts, decisions: readonly DecisionView[]): Blocks {
  const entries = approvalFacts(view);
  const tints = [testTint(view), ...latestTints(view)];
  const groups = [...earlierGroup(view.earlier), ...stepsGroup(view.steps), ...decisionGroup(decisions)];
  return { ...{ facts: entries, tints, history: historyBlock(view.history) }, groups };
}

/** Who has decided, when and why; when stands under the name, since a phone has no room for both on a line. */
function decisionGroup(decisions: readonly DecisionView[], heading = 'Decided so far'): readonly Group[] {
  const rows = decisions.slice(0, 10).map((decision) => {
    const reason = decision.reason === undefined || decision.reason === '' ? '' : `“${oneLine(decision.reason, 260)}”`;
    const mark = decision.verdict === 'approve' ? 'done' : 'failed';
    return markedRow(mark, decisionLabel(decision), [reason, moment(decision.at)]);
  });
  return rows.length === 0 ? [] : [{ heading, rows }];
}

/** Folded away, and bounded by whoever says it. */
export function historyBlock(history: readonly string[] = []): Blocks['history'] & object {
  return lines(history, 160);
}

/** `Sam approves for security`. */
export function decisionLabel({ name, verdict, of, inPlaceOf }: DecisionView): string {
  const place = inPlaceOf === undefined ? '' : ` on behalf of ${oneLine(inPlaceOf, 60)}`;
  const forWhom = of === undefined ? '' : ` for ${oneLine(of, 60)}`;
  return `${oneLine(name, 60)} ${verdict === 'approve' ? 'approves' : 'rejects'}${place}${forWhom}`;
}

const stepWords = {
  done: ['done', 'approved'],
  now: ['now', 'decides now'],
  later: ['todo', 'not asked'],
  rejected: ['failed', 'rejected'],
  undecided: ['skipped', 'did not decide'],
} as const satisfies Readonly<Record<DecidingStepView['state'], readonly [Mark, string]>>;

/** Who decides after whom, and how far that is. */
export function stepsGroup(steps: readonly DecidingStepView[] = []): readonly Group[] {
  const rows = steps.map(({ group, quorum, approved, state, until, time }, n) => {
    const [mark, word] = stepWords[state];
    const turn = until === undefined ? word : `${word}, until ${due(until)}`;
    const has = time && `has ${duration(time.ms)}${time.working ? ' of working hours' : ''} once asked`;
    const counted = `${approved} of ${count(quorum, 'approval')}`;
    return markedRow(mark, `${n + 1}. ${oneLine(group, 60)}`, [dotted(`${turn}: ${counted}`, has)]);
  });
  return rows.length === 0 ? [] : [{ heading: 'One after the other', rows }];
}

/** What was refused or failed before, so that nobody decides about it as if it were new. */
export function earlierGroup(earlier: readonly EarlierView[] = []): readonly Group[] {
  const shown = earlier.slice(-3);
  const rows = shown.map(({ what, why, since }) => {
    const done = since.slice(0, 2).map((one) => oneLine(one, 160));
    return markedRow('failed', oneLine(what, 100), [`“${oneLine(why, 140)}”`, ...done]);
  });
  const cut = earlier.length > shown.length ? `, the last ${shown.length} of ${earlier.length}` : '';
  return rows.length === 0 ? [] : [{ heading: `Before this request${cut}`, rows }];
}

function readButtons(view: ApprovalFacts): readonly Button[] {
  const tests = logsButton(view.runId, 'Show tests');
  const before = view.replaces?.version;
  if (before === undefined) return [tests];
  return [tests, diffButton(view.image, before, view.version)];
}

function needed(view: ApprovalView): string {
  const now = view.steps?.find(({ state }) => state === 'now');
  const approved = now?.approved ?? view.decisions.filter((decision) => decision.verdict === 'approve').length;
  if (view.quorum === 1) return 'one approval is enough';
  const why = view.because === undefined ? '' : `, because ${list([...view.because], 4)}`;
  return `${approved} of ${view.quorum} approvals${why}`;
}

function approvalFacts(view: ApprovalFacts): readonly Fact[] {
  const base = `${view.base.name} ${view.base.version}`;
  const was = view.base.was;
  return facts(
    ['Replaces', replaces(view)],
    ['Base', was === undefined ? base : `${base} ${was === view.base.version ? '(as before)' : `(was ${was})`}`],
    ['Changed', changed(view)],
    ['Tests and approval', guardFact(view.guard, view.replaces?.version)],
    ['Vulnerabilities', vulnerabilities(view)],
    ['Template', templateFact(view)],
    ['Regions', regionList(view.goesTo)],
    ['Outputs', outputFact(view.outputs)],
    ['End of life', view.endOfLife === undefined ? 'none' : day(view.endOfLife)],
    ['Fingerprint', view.fingerprint],
    ['Change number', changeNumberFact(view.changeNumber)],
    ['Note', view.note && oneLine(view.note, 200)],
  );
}

function templateFact({ template }: ApprovalFacts): string | undefined {
  if (!template) return undefined;
  const { file, changed: names, unpinned } = template;
  return dotted(
    oneLine(file, 60),
    names.length > 0 && `goldbot replaced ${list(names.map(short), 6)}`,
    unpinned.length > 0 && `downloads without a checksum: ${list(unpinned.map(short), 4)}`,
  );
}

function replaces({ replaces: before, staysLatest }: ApprovalFacts): string {
  if (staysLatest !== undefined) return `nothing; ${staysLatest} remains the latest`;
  if (before === undefined) return 'nothing (first version)';
  const users = before.machines === undefined ? '' : `used by ${count(before.machines, 'machine')}`;
  const teams = users === '' || before.teams === undefined ? '' : ` of ${count(before.teams, 'team')}`;
  const published = before.publishedAt === undefined ? '' : `published ${day(before.publishedAt)}`;
  return [before.version, published, `${users}${teams}`].filter((part) => part !== '').join(', ');
}

/** Of the list that stands in the catalogue. */
function vulnerabilities({ changed: { contents } }: ApprovalFacts): string | undefined {
  const found = contents && 'changes' in contents ? contents.vulnerabilities : undefined;
  return found && vulnerabilityClause(found);
}

function changed({ changed: { contents, recipe } }: ApprovalFacts): string {
  const inside = contents === undefined ? [] : contentsClauses(contents);
  return dotted(inside.join(', '), recipe.length === 0 ? 'recipe unchanged' : `recipe: ${list(recipe.map(short), 4)}`);
}

function testTint({ tests }: ApprovalFacts): Tint {
  const all = tests.passed === tests.total && tests.total > 0;
  return tint(all ? 'good' : 'attention', `${all ? '✓' : '!'} ${testWords(tests)}`, testedWhere(tests));
}

const testFact = ({ tests }: ApprovalFacts): readonly Fact[] =>
  facts(['Tests', `${testWords(tests)}${testedWhere(tests)}`]);

const testWords = ({ passed, total }: ApprovalFacts['tests']): string =>
  `${number(passed)} of ${count(total, 'test')} passed`;

const testedWhere = ({ elapsedMs }: ApprovalFacts['tests']): string =>
  ` on a fresh VM${elapsedMs === undefined ? '' : ` in ${duration(elapsedMs)}`}`;

/** Whoever may change the catalogue may loosen what protects the image: a decider is to see it. */
export function guardFact(guard: readonly string[] = [], before?: string): string | undefined {
  if (guard.length === 0) return undefined;
  const since = before === undefined ? '' : ` since ${before}`;
  const what = list(
    guard.map((one) => oneLine(one, 100)),
    6,
  );
  return `! changed${since}: ${what}`;
}

/** Scale sets follow the latest: a version that does not become the latest moves none of them. */
function latestTints(view: ApprovalFacts): readonly Tint[] {
  if (view.staysLatest === undefined) return upgradeTints(view);
  const why = `: Azure takes the highest number, which is ${view.staysLatest}.`;
  return [tint('warning', `! ${view.version} will not be the latest`, why)];
}

function upgradeTints({ selfUpgrading }: ApprovalFacts): readonly Tint[] {
  if (selfUpgrading === undefined) return [];
  if (selfUpgrading.length === 0)
    return [tint('emphasis', 'No scale set will upgrade automatically', ' when this is published.')];
  const many =
    selfUpgrading.length === 1 ? 'scale set will upgrade automatically' : 'scale sets will upgrade automatically';
  const names = list(
    selfUpgrading.map((name) => oneLine(name, 80)),
    8,
  );
  return [tint('warning', `${number(selfUpgrading.length)} ${many}`, ` when this is published: ${names}`)];
}

function short(text: string): string {
  return oneLine(text, 60);
}

/** `cancelled`: open when somebody cancelled its run. `void`: it went on, or what was asked about is not so any more. */
export type DecidedStatus = 'approved' | 'rejected' | 'expired' | 'withdrawn' | 'cancelled' | 'void';

export interface ApprovalDecidedView extends ApprovalFacts {
  readonly status: DecidedStatus;
  readonly decisions: readonly DecisionView[];
  readonly at: Instant;
  /** Who withdrew it, or cancelled the run; not for the other states. */
  readonly by?: string;
  /** What it means, and what has become of the run since; a sentence each. */
  readonly followed: readonly string[];
  /** What changed and made it void: `source: a → b`. */
  readonly changes?: readonly string[];
}

const looks: Readonly<Record<DecidedStatus, { readonly title: string; readonly badge: string; readonly tone: Tone }>> =
  {
    approved: { title: 'Approved:', badge: '✓ Approved', tone: 'Good' },
    rejected: { title: 'Rejected:', badge: '✗ Rejected', tone: 'Attention' },
    expired: { title: 'Not decided in time:', badge: '– Expired', tone: 'Informative' },
    withdrawn: { title: 'Withdrawn:', badge: '– Withdrawn', tone: 'Informative' },
    cancelled: { title: 'Cancelled:', badge: '– Cancelled', tone: 'Informative' },
    void: { title: 'No longer valid:', badge: '! Void', tone: 'Attention' },
  };

/** What an approval card turns into: how it ended and who decided; what was asked is folded, and no button decides. */
export function approvalDecidedCard(view: ApprovalDecidedView): Reply {
  const look = looks[view.status];
  // Nothing will follow from what was not approved.
  const tints = view.status === 'approved' ? latestTints(view).filter(({ style }) => style === 'warning') : [];
  const changes = (view.changes ?? []).slice(0, 8).map((change) => `Not as tested: ${change}`);
  const by = view.by === undefined ? '' : `by ${oneLine(view.by, 60)}`;
  const news = lines([...view.followed.slice(0, 4), ...changes], 300);
  return sheet(
    decidedTemplate,
    {
      title: `${look.title} ${view.image} ${view.version}`,
      subtitles: [dotted(view.id, `run ${view.runId}`, by, moment(view.at), asWhom)],
      badge: { text: look.badge, tone: look.tone },
      buttons: [statusButton(view.runId, 'Show the run'), ...readButtons(view)],
    },
    {
      ...{ paragraphs: news, tints, history: historyBlock(view.history) },
      groups: [...decisionGroup(view.decisions, 'Decided'), ...stepsGroup(view.steps)],
      drawers: drawersPart([
        { heading: 'What it was about', facts: [...testFact(view), ...approvalFacts(view)] },
        ...earlierGroup(view.earlier),
      ]),
    },
  );
}
