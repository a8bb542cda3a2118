import { type ApprovalFacts, type DecidedStatus, historyBlock } from './approval';
import { type Group, lines, type MarkedRow, markedRow } from './parts/blocks';
import { type Button, decideButtons, statusButton, togetherButton } from './parts/buttons';
import { contentsClauses } from './parts/contents';
import { count, dotted, due, type Instant, list, number, oneLine } from './parts/format';
import { ownCard, type Viewer, viewerWords } from './parts/viewer';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/requests.json';

/** One of the requests on a card that they share. */
export interface RequestView extends ApprovalFacts {
  readonly until: Instant;
  readonly quorum: number;
  /** Names of those who have approved it so far. */
  readonly approvedBy: readonly string[];
  /** Why it is decided by itself, a sentence each; empty: it is unremarkable. */
  readonly remarks: readonly string[];
  /** Why nobody can approve it as things are. */
  readonly blocked?: string;
  /** What became of it; absent while it is open. */
  readonly decided?: { readonly status: DecidedStatus; readonly words: readonly string[] };
}

export interface RequestsView {
  /** `December 2026`. */
  readonly period: string;
  /** Who may decide: the group's name. */
  readonly group: string;
  /** In the order in which they were asked; of each run the newest. */
  readonly requests: readonly RequestView[];
  /** What the open unremarkable ones that the card shows are bound to, all in one. */
  readonly seal: string;
  /** Images whose requests ended without a version and that are built again: they ask anew. */
  readonly rebuilt?: readonly string[];
  /** Sentences about those that were rebuilt and are not under way. */
  readonly others?: readonly string[];
  /** Sentences for whoever decides: that the message was deleted, … */
  readonly warnings?: readonly string[];
  /** What happened to them, a line each, oldest first. */
  readonly history?: readonly string[];
  /** Whose card it is, with regard to those that one press approves; absent: everybody's. */
  readonly viewer?: Viewer;
  /** Object ids of those who have a card of their own; absent: not known. */
  readonly owners?: readonly string[];
}

/** So many are decided with one press at most. */
export const mostTogether = 8;
/** So many of the others are listed, so that the card fits. */
const mostOthers = 4;

/** The open ones that one press approves: unremarkable, and on the card. */
export function together<R extends Pick<RequestView, 'remarks' | 'decided'>>(requests: readonly R[]): readonly R[] {
  return requests.filter(({ remarks, decided }) => !decided && remarks.length === 0).slice(0, mostTogether);
}

/** The requests of one schedule: the unremarkable ones are approved with one press, each of the others is opened. */
export function requestsCard(view: RequestsView): Reply {
  const { requests, period, rebuilt = [], others = [] } = view;
  const open = requests.filter(({ decided }) => !decided);
  const unremarkable = open.filter(({ remarks }) => remarks.length === 0);
  const remarkable = open.filter(({ remarks }) => remarks.length > 0);
  const closed = requests.filter((one) => one.decided);
  const once = together(requests);
  const alone = remarkable.slice(0, mostOthers);
  const over = closed.slice(open.length > 0 ? -mostOthers : -mostTogether);
  const left = open.length - once.length - alone.length;
  const row = (one: RequestView) => openRow(one, haveOneEnd(open));
  const groups: readonly Group[] = [
    { heading: `Unremarkable (${shownOf(once, unremarkable)})`, rows: once.map(row) },
    { heading: `To be reviewed one by one (${shownOf(alone, remarkable)})`, rows: alone.map(row) },
    { heading: closedWord(closed), rows: over.map(decidedRow) },
  ].filter(({ rows }) => rows.length > 0);
  const nothing = rebuilt.length > 0 || closed.length === 0 ? 'Nothing to decide now' : closedWord(closed);
  return sheet(
    template,
    {
      title: open.length > 0 ? `Publish ${count(open.length, 'image')} for ${period}?` : `${nothing}: ${period}`,
      subtitles: [
        open.length > 0 ? whoWords(view, open) : count(requests.length + rebuilt.length + others.length, 'request'),
      ],
      buttons: open.length > 0 ? buttonsOf(view, once, alone) : [],
      ...(once.length > 0 && { own: ownCard({ request: once[0]?.id ?? '' }, view.viewer, view.owners) }),
      ...(once.length > 0 && !view.viewer && { next: [approveOnce(view, once).call] }),
    },
    {
      paragraphs: lines([
        ...(view.warnings ?? []).map((warning) => `! ${warning}`),
        ...(view.viewer ? viewerWords(view.viewer, view.group) : []),
      ]),
      groups,
      history: historyBlock(view.history),
      notes: lines([
        ...notesOf(once, alone),
        rebuilt.length > 0 ? `Being rebuilt, and asked about again once tested: ${list(rebuilt, 4)}.` : '',
        ...others.slice(0, mostOthers),
        left > 0 ? `Waiting too, and in the list of approvals: ${number(left)} more.` : '',
        closed.length > over.length ? `Closed as well: ${number(closed.length - over.length)} more.` : '',
      ]),
    },
  );
}

/** `2`, and `8 of 11` where not all of them fit. */
function shownOf({ length }: readonly RequestView[], all: readonly RequestView[]): string {
  return length === all.length ? number(length) : `${number(length)} of ${number(all.length)}`;
}

/** Nobody has decided what expired, was withdrawn or cancelled, or does not stand any more. */
function closedWord(closed: readonly RequestView[]): string {
  const isDecision = ({ decided }: RequestView) => decided?.status === 'approved' || decided?.status === 'rejected';
  return closed.every(isDecision) ? 'Decided' : 'Closed';
}

const haveOneEnd = (open: readonly RequestView[]): boolean =>
  new Set(open.map(({ until }) => new Date(until).getTime())).size <= 1;

/** What expires at different times says so in its own row. */
function whoWords({ group }: RequestsView, open: readonly RequestView[]): string {
  const first = open.map(({ until }) => new Date(until)).sort((a, b) => a.getTime() - b.getTime())[0];
  const until = haveOneEnd(open) ? 'until' : 'the first until';
  return dotted(`${oneLine(group, 60)} decides`, first && `${until} ${due(first)}`);
}

/** One that stands alone among the unremarkable is approved by its own button. */
function approveOnce({ seal }: RequestsView, once: readonly RequestView[]): Button {
  const [single, ...more] = once;
  const [approve] = single && more.length === 0 ? decideButtons(single.id, single.hash) : [];
  if (!single || !approve)
    return togetherButton(
      once.map(({ id }) => id),
      seal,
    );
  return { ...approve, title: `Approve ${single.image}` };
}

function buttonsOf(view: RequestsView, once: readonly RequestView[], alone: readonly RequestView[]): readonly Button[] {
  const approves = once.length > 0 && view.viewer?.as === 'decider' ? [approveOnce(view, once)] : [];
  const opens = [...alone, ...once].map(({ id, image }) => statusButton(id, `Open ${image.length > 20 ? id : image}`));
  return [...approves, ...opens].slice(0, view.viewer || once.length === 0 ? 6 : 5);
}

function notesOf(once: readonly RequestView[], alone: readonly RequestView[]): readonly string[] {
  const all = once.length > 1 ? `“Approve all ${once.length}” approves exactly those listed as unremarkable` : '';
  return [
    all && `${all}, each for itself; what is added later is not among them.`,
    once.length + alone.length > 0
      ? 'Open one to see all of it, to approve it by itself, or to reject it with a reason.'
      : '',
  ];
}

function openRow(view: RequestView, isOneEnd: boolean): MarkedRow {
  const { id, image, version, remarks, blocked, until } = view;
  const details = [
    ...(blocked === undefined ? [] : [blocked]),
    ...remarks.slice(0, 2),
    ...(remarks.length > 2 ? [`${count(remarks.length - 2, 'more remark')}: open it`] : []),
    changedWords(view),
    dotted(testWords(view), replacedWords(view), upgradeWords(view)),
    dotted(id, approvedWords(view), !isOneEnd && `until ${due(until)}`),
  ];
  // The mark of the row stands for all of its lines, which are one line in words.
  const isForPerson = remarks.length > 0 || blocked !== undefined;
  return markedRow(isForPerson ? 'needs-person' : 'todo', `${image} ${version}`, details);
}

/** What could not be compared, or is changed in the recipe, is said by the remarks. */
function changedWords({ base, changed: { contents, recipe } }: RequestView): string {
  const moved = base.was === base.version ? 'same base' : `base ${base.version}`;
  const isCompared = contents && 'changes' in contents;
  const said = isCompared && !contents.changes.packages ? 1 : 0;
  const inside = isCompared ? contentsClauses(contents).slice(said, said + 4) : [];
  return dotted(moved, inside.join(', '), recipe.length === 0 && 'recipe unchanged');
}

function testWords({ tests: { passed, total } }: RequestView): string {
  const words = `${number(passed)} of ${count(total, 'test')} passed`;
  return passed === total && total > 0 ? `✓ ${words}` : words;
}

function replacedWords({ replaces: before }: RequestView): string {
  if (before === undefined) return '';
  const users = before.machines === undefined ? '' : ` (${count(before.machines, 'machine')})`;
  return `replaces ${before.version}${users}`;
}

function upgradeWords({ selfUpgrading = [], staysLatest }: RequestView): string {
  if (staysLatest !== undefined || selfUpgrading.length === 0) return '';
  return `${count(selfUpgrading.length, 'scale set')} will upgrade automatically`;
}

function approvedWords({ approvedBy, quorum }: RequestView): string {
  const names = approvedBy.map((name) => oneLine(name, 40));
  const who = names.length === 0 ? '' : `: ${list(names, 3)}`;
  return `${number(approvedBy.length)} of ${number(quorum)} approvals${who}`;
}

const marks = {
  approved: 'done',
  rejected: 'failed',
  expired: 'stopped',
  withdrawn: 'stopped',
  cancelled: 'stopped',
  void: 'stopped',
} as const satisfies Readonly<Record<DecidedStatus, string>>;

function decidedRow({ id, image, version, decided }: RequestView): MarkedRow {
  const { status, words } = decided ?? { status: 'void' as const, words: [] };
  return markedRow(marks[status], `${image} ${version} ${status}`, [...words.slice(0, 3), id]);
}
