import { type CommandCall, call } from '../core/command-call';
import type { DriftCause, DriftFinding, Gap } from '../core/compliance';
import { cell, facts, lines, type Mark, markSign, table } from './parts/blocks';
import { type Button, whyButton } from './parts/buttons';
import { age, clock, count, dotted, type Instant, list, moment, number, oneLine } from './parts/format';
import { gapTints } from './parts/gaps';
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
  const { rows, gaps, next } = view;
  const [first] = rows;
  const none = first ? [] : [nothing(view)];
  return sheet(
    template,
    {
      title: `Drift of ${whose(view)}`,
      subtitles: [dotted(count(goldenOf(view), 'golden VM'), view.cause && `only ${looks[view.cause].word}`)],
      buttons: [...(next ? [{ title: 'Next page', call: next }] : []), ...buttons(view)],
      links: dashboardLinks(view.dashboard),
      next: calls(view),
    },
    {
      facts: countFacts(view),
      paragraphs: lines(none),
      tints: gapTints(gaps, 3),
      tables: table({
        columns: [
          { title: 'Machine', width: 7 },
          { title: 'Made from', width: 5 },
          { title: 'Cause', width: 9 },
        ],
        rows: rows.map((row) => rowOf(row, view.now)),
        ...(cutWords(view) !== '' && { more: cutWords(view) }),
      }),
      notes: lines(notes(view)),
    },
  );
}

function whose({ teams }: DriftView): string {
  const [one] = teams;
  if (teams.length !== 1) return 'all teams';
  return one === null || one === undefined ? 'machines without a team' : oneLine(one, 80);
}

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
function countFacts({ counts, besides }: DriftView) {
  const some = (n: number) => n > 0 && number(n);
  return facts(
    ['Changed inside', some(counts.drift)],
    ['Not known', some(counts.unknown)],
    ['Looked at too long ago', some(counts.stale)],
    ['Upgraded in place', some(counts.upgraded)],
    ['As made', some(counts.asMade)],
    ['Not looked at', some(besides.unlooked)],
  );
}

function rowOf({ name, resourceGroup, team, image, version, finding }: DriftRow, now: Instant) {
  const { mark, word } = looks[finding.cause];
  const { text, under } = causeWords(finding, now);
  return {
    cells: [
      cell(oneLine(name, 60), {
        bold: true,
        under: oneLine(dotted(team === undefined ? '' : teamName(team), resourceGroup), 60),
      }),
      cell(oneLine(image, 60), { under: version }),
      cell(`${markSign(mark)} ${word}: ${text}`, { bold: finding.cause === 'drift', under }),
    ],
  };
}

interface Words {
  readonly text: string;
  readonly under: string;
}

function causeWords(finding: DriftFinding, now: Instant): Words {
  switch (finding.cause) {
    case 'drift':
      return 'reading' in finding ? readWords(finding.reading) : failedWords(finding.looks, now);
    case 'unknown':
      return unknownWords(finding);
    case 'stale':
      return {
        text: `nothing heard since ${moment(finding.look.checkedAt)}`,
        under: `${finding.look.name}, in order then, ${age(finding.look.checkedAt, now)} ago`,
      };
    case 'upgraded':
      return { text: runsWords(finding.reading), under: `tattoo read ${moment(finding.reading.at)}` };
  }
}

/** Which agent is missing, as far as somebody looked. */
function unknownWords({ why, lacks }: Extract<DriftFinding, { readonly cause: 'unknown' }>): Words {
  const missing = lacks?.[0];
  const text = why === 'no assignment' ? 'no guest configuration looks at it' : 'its agent has never reported';
  if (missing !== undefined) return { text, under: `it lacks ${partWords[missing]}` };
  if (why === 'no report') return { text, under: 'it is stopped, new, or without a running agent' };
  const under = lacks ? 'its extension is there: no assignment covers it' : 'its agent or the assignment is missing';
  return { text, under };
}

type Drifted = Extract<DriftFinding, { readonly cause: 'drift' }>;

function failedWords(failed: Extract<Drifted, { readonly looks: unknown }>['looks'], now: Instant): Words {
  const reasons = failed.flatMap(({ name, reasons: own }) => (own.length > 0 ? own : [`${name} does not pass`]));
  const when = failed.flatMap(({ name, checkedAt }) => (checkedAt ? [`${name}, ${asOf(checkedAt, now)}`] : [name]));
  return { text: list(reasons, 2), under: list(when, 2) };
}

function readWords({ verdict, at, runs }: Extract<Drifted, { readonly reading: unknown }>['reading']): Words {
  const under = `tattoo read ${moment(at)}`;
  switch (verdict) {
    case 'forged':
      return { text: 'its version in the gallery is not the one that goldbot built', under };
    case 'reimaged':
      return { text: 'its OS disk is of another image', under };
    default:
      return { text: runs ? `its tattoo says ${runs.image} ${runs.version}` : 'another system runs inside', under };
  }
}

function runsWords({ runs }: Extract<DriftFinding, { readonly cause: 'upgraded' }>['reading']): string {
  return runs ? `runs ${runs.image} ${runs.version} by now` : 'its system was upgraded in place';
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
    'An upgrade in place is known of machines whose tattoo somebody has had read (tattoo … --fresh).',
    `Machines as of ${clock(then)}.`,
    dashboardWords(dashboard),
  ];
}

function buttons({ rows }: DriftView): readonly Button[] {
  const [first] = rows;
  return first ? [whyButton(first.name, 'Why the first')] : [];
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
