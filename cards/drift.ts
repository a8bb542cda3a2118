import { grouped } from '../core/collections';
import { type CommandCall, call } from '../core/command-call';
import type { DriftCause, DriftFinding, Gap } from '../core/compliance';
import { lines, type Mark, markSign } from './parts/blocks';
import { whyButton } from './parts/buttons';
import { age, capital, clock, count, dotted, type Instant, list, moment, number, oneLine } from './parts/format';
import { gapTints } from './parts/gaps';
import { type PickRow, picksPart } from './parts/picks';
import { asOf, type Dashboard, dashboardLinks, dashboardWords, partWords, teamName } from './parts/words';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/drift.json';

/** A golden machine that is not known to be what its version says. */
export interface DriftRow {
  readonly name: string;
  readonly resourceGroup: string;
  /** Null: no team has it. Absent: the card is about one team. */
  readonly team?: string | null;
  /** Name in the catalogue. */
  readonly image: string;
  readonly version: string;
  readonly finding: DriftFinding;
}

export interface DriftView {
  /** Whose machines; null: those of no team. */
  readonly teams: readonly (string | null)[];
  /** The only cause that is listed. */
  readonly cause?: DriftCause;
  /** Golden VMs by what is known of them. */
  readonly counts: Readonly<Record<DriftCause | 'asMade', number>>;
  /** Machines that the counts leave out: scale set instances, what is not golden, golden VMs that were not looked at. */
  readonly besides: {
    readonly instances: number;
    /** Instances that are not as the model of their set has them: whatever was changed there, they have not taken it. */
    readonly instancesBehind: number;
    readonly others: number;
    readonly unlooked: number;
  };
  /** In the order to show. */
  readonly rows: readonly DriftRow[];
  readonly total: number;
  /** How many come before the first one shown. */
  readonly skipped: number;
  readonly next?: CommandCall;
  readonly gaps: readonly Gap[];
  readonly dashboard?: Dashboard;
  readonly asOf: Instant;
  readonly now: Instant;
}

const looks: Readonly<Record<DriftCause, { readonly mark: Mark; readonly word: string }>> = {
  drift: { mark: 'failed', word: 'changed' },
  unknown: { mark: 'skipped', word: 'not known' },
  stale: { mark: 'needs-person', word: 'stale' },
  upgraded: { mark: 'done', word: 'upgraded' },
};

/** The golden machines that are not, or not for certain, what their versions say, and why. */
export function driftCard(view: DriftView): Reply {
  const { rows, gaps, next, dashboard } = view;
  return sheet(
    template,
    {
      title: headline(view),
      subtitles: [countWords(view)],
      buttons: next ? [{ title: 'Next page', call: next }] : [],
      links: dashboardLinks(dashboard),
      next: calls(view),
    },
    {
      tints: gapTints(gaps, 3),
      paragraphs: lines(rows.length === 0 ? [nothing(view)] : []),
      picks: causeLists(view),
      notes: lines(notes(view)),
    },
  );
}

/** `golden VM of payments`, `golden VM without a team`; `n`: of how many. */
function vmsWords(n: number, { teams }: DriftView): string {
  const [one] = teams;
  const vms = n === 1 ? 'golden VM' : 'golden VMs';
  if (teams.length !== 1) return `${vms} of all teams`;
  return one === null || one === undefined ? `${vms} without a team` : `${vms} of ${oneLine(one, 80)}`;
}

function headline(view: DriftView): string {
  const { cause, counts, besides, total } = view;
  const golden = goldenOf(view);
  const of = `${number(golden)} ${vmsWords(golden, view)}`;
  if (golden === 0) return `There is no ${vmsWords(1, view)}`;
  if (cause !== undefined) return `${number(total)} of ${of} ${isWords[cause](total)}`;
  if (counts.drift > 0) return `${number(counts.drift)} of ${of} ${isWords.drift(counts.drift)}`;
  if (besides.unlooked === golden) return `Nobody knows whether ${of} ${golden === 1 ? 'has' : 'have'} changed`;
  const open = counts.unknown + counts.stale + besides.unlooked;
  if (open > 0) return `None of ${of} is known to have changed`;
  return `None of ${of} has changed inside`;
}

const isWords: Readonly<Record<DriftCause, (n: number) => string>> = {
  drift: (n) => (n === 1 ? 'has changed inside' : 'have changed inside'),
  unknown: (n) => (n === 1 ? 'is not known' : 'are not known'),
  stale: (n) => (n === 1 ? 'was checked too long ago' : 'were checked too long ago'),
  upgraded: (n) => (n === 1 ? 'was upgraded in place' : 'were upgraded in place'),
};

function goldenOf({ counts, besides }: DriftView): number {
  return Object.values(counts).reduce((sum, n) => sum + n, besides.unlooked);
}

function nothing({ cause, counts, besides }: DriftView): string {
  if (cause !== undefined) return `No machine is ${looks[cause].word}.`;
  if (besides.unlooked > 0) return 'What is inside these machines is not known.';
  if (counts.asMade === 0) return 'There is no golden VM to look at.';
  return 'Each of them is what its version says, as far as guest configuration looks.';
}

/** They add up to all golden VMs. */
function countWords({ counts, besides }: DriftView): string {
  const some = (n: number, words: string) => n > 0 && `${number(n)} ${words}`;
  return dotted(
    some(counts.drift, 'changed inside'),
    some(counts.unknown, 'not known'),
    some(counts.stale, 'checked too long ago'),
    some(counts.upgraded, 'upgraded in place'),
    some(counts.asMade, 'as made'),
    some(besides.unlooked, 'not checked'),
  );
}

/** A list for each cause; what is so of several machines is said once, above them. */
function causeLists(view: DriftView): readonly object[] {
  const said = view.rows.map((row) => ({ row, ...causeWords(row.finding, view.now) }));
  const lists = [...grouped(said, ({ row }) => row.finding.cause)].flatMap(([cause, rows]) => {
    const alike = [...grouped(rows, ({ text }) => text).values()];
    const shared = alike.filter((some) => some.length > 1);
    const single = alike.filter((some) => some.length === 1).flat();
    return [...shared.map((some) => listOf(cause, some, some[0]?.text)), listOf(cause, single)];
  });
  const shown = lists.filter(({ rows }) => rows.length > 0);
  const more = cutWords(view);
  return shown.flatMap((one, i) => picksPart({ ...one, ...(i === shown.length - 1 && more !== '' && { more }) }));
}

type Said = Words & { readonly row: DriftRow };

/** `shared`: what is so of all of them. */
function listOf(cause: DriftCause, said: readonly Said[], shared?: string) {
  const { mark, word } = looks[cause];
  return {
    heading: `${markSign(mark)} ${capital(word)}, ${count(said.length, 'machine')}`,
    ...(shared !== undefined && { remark: `${capital(shared)}.` }),
    rows: said.map(({ row, text, own }) => pickOf(row, shared === undefined ? text : '', own)),
  };
}

function pickOf({ name, resourceGroup, team, image, version }: DriftRow, text: string, own: string): PickRow {
  const button = whyButton(name, 'Why');
  const whose = team === undefined ? '' : teamName(team);
  const place = dotted(`${oneLine(image, 60)} ${version}`, oneLine(whose, 60), oneLine(resourceGroup, 60));
  return { label: oneLine(name, 60), details: [text, own, place], call: button.call, title: button.title };
}

interface Words {
  /** What is so of every machine with this cause. */
  readonly text: string;
  /** What is so of this one. */
  readonly own: string;
}

function causeWords(finding: DriftFinding, now: Instant): Words {
  switch (finding.cause) {
    case 'drift':
      return 'reading' in finding ? readWords(finding.reading) : failedWords(finding.looks, now);
    case 'unknown':
      return { text: unknownWords(finding), own: '' };
    case 'stale': {
      const { name, checkedAt } = finding.look;
      const since = `nothing heard since ${moment(checkedAt)}, ${age(checkedAt, now)} ago`;
      return { text: 'it was in order when last heard of', own: dotted(since, name) };
    }
    case 'upgraded':
      return { text: runsWords(finding.reading), own: `tattoo read ${moment(finding.reading.at)}` };
  }
}

/** Which agent is missing, as far as somebody looked. */
function unknownWords({ why, lacks }: Extract<DriftFinding, { readonly cause: 'unknown' }>): string {
  const missing = lacks?.[0];
  const text = why === 'no assignment' ? 'no guest configuration checks it' : 'its agent has never reported';
  if (missing !== undefined) return `${text}: it lacks ${partWords[missing]}`;
  if (why === 'no report') return `${text}: it is stopped, new, or without a running agent`;
  return `${text}: ${lacks ? 'its extension is there, but no assignment covers it' : 'its agent or the assignment is missing'}`;
}

type Drifted = Extract<DriftFinding, { readonly cause: 'drift' }>;

function failedWords(failed: Extract<Drifted, { readonly looks: unknown }>['looks'], now: Instant): Words {
  const reasons = failed.flatMap(({ name, reasons: own }) => (own.length > 0 ? own : [`${name} does not pass`]));
  const when = failed.flatMap(({ name, checkedAt }) => (checkedAt ? [`${name}, ${asOf(checkedAt, now)}`] : [name]));
  return { text: list(reasons, 2).replace(/\.$/, ''), own: list(when, 2) };
}

function readWords({ verdict, at, runs }: Extract<Drifted, { readonly reading: unknown }>['reading']): Words {
  const own = `tattoo read ${moment(at)}`;
  switch (verdict) {
    case 'forged':
      return { text: 'its version in the gallery is not the one that goldbot built', own };
    case 'reimaged':
      return { text: 'its OS disk is of another image', own };
    default:
      return { text: runs ? `its tattoo says ${runs.image} ${runs.version}` : 'another system runs inside', own };
  }
}

function runsWords({ runs }: Extract<DriftFinding, { readonly cause: 'upgraded' }>['reading']): string {
  return runs ? `it runs ${runs.image} ${runs.version} by now` : 'its system was upgraded in place';
}

function cutWords({ rows, skipped, total }: DriftView): string {
  return total > rows.length && rows.length > 0
    ? `${number(skipped + 1)} to ${number(skipped + rows.length)} of ${number(total)}`
    : '';
}

function notes({ besides, asOf: then, dashboard }: DriftView): readonly string[] {
  const { instances, instancesBehind: behind, others } = besides;
  const left = [
    ...(instances > 0
      ? [
          `${count(instances, 'scale set instance')}, into which guest configuration does not look${behind > 0 ? ` (${number(behind)} behind the model of their set)` : ''}`,
        ]
      : []),
    ...(others > 0 ? [`${count(others, 'machine')} that no image of the catalogue made`] : []),
  ];
  return [
    left.length === 0 ? '' : `Not among them: ${left.join('; ')}.`,
    [
      'An upgrade in place is known of machines whose tattoo somebody has had read (tattoo … --fresh).',
      `Machines as of ${clock(then)}.`,
      dashboardWords(dashboard),
    ].join(' '),
  ];
}

function calls({ rows, teams, counts, cause, besides }: DriftView): readonly CommandCall[] {
  const [first] = rows;
  const [one] = teams;
  const team = teams.length === 1 ? (one ?? 'orphans') : 'all';
  const others = (['unknown', 'stale', 'upgraded'] as const).filter((other) => other !== cause && counts[other] > 0);
  return [
    ...(first ? [call('tattoo', { machine: first.name, fresh: true })] : []),
    ...(rows.length > 0 ? others.map((other) => call('drift', { team, cause: other })) : []),
    ...(besides.instancesBehind > 0 ? [call('compliance', { team, list: true, type: 'instance' })] : []),
    call('compliance', { team }),
  ];
}
