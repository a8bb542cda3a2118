import { type CommandCall, call } from '../core/command-call';
import type { Gap } from '../core/compliance';
import { cell, lines, table } from './parts/blocks';
import { type Button, showButton, whoUsesButton } from './parts/buttons';
import { clock, count, dotted, type Instant, list, number, oneLine } from './parts/format';
import { gapTints } from './parts/gaps';
import { teamName } from './parts/words';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/who-has.json';

/** A version of an image that has it. */
export interface HolderRow {
  readonly image: string;
  readonly version: string;
  /** What it has: `3.0.2-15`, `libssl3 3.0.2-15`; of a Windows update nothing more is known. */
  readonly has: readonly string[];
  /** Machines of the teams that the asker sees; absent: not counted. */
  readonly machines?: number;
  /** Vulnerabilities of the catalogue's list in what it has. */
  readonly vulnerabilities?: readonly string[];
}

export interface WhoHasView {
  readonly name: string;
  /** The version that was asked for, or below which. */
  readonly version?: string;
  readonly below?: string;
  readonly team?: string;
  /** Newest version first, by image. */
  readonly holders: readonly HolderRow[];
  /** Most machines first. */
  readonly teams: readonly { readonly team: string | null; readonly machines: number }[];
  /** What has it and is neither in the gallery any more nor on any machine. */
  readonly gone: number;
  /** Of which it is not known: versions, machines of golden images and machines of others. */
  readonly unknown: { readonly versions: readonly string[]; readonly machines: number; readonly others: number };
  readonly gaps: readonly Gap[];
  readonly asOf: Instant;
}

const mostHolders = 15;
const mostTeams = 12;

/** Which versions have a package, and on whose machines they run. */
export function whoHasCard(view: WhoHasView): Reply {
  const total = view.teams.reduce((sum, { machines }) => sum + machines, 0);
  const none = view.holders.length === 0 ? ['No version that goldbot knows the inside of has it.'] : [];
  const cut =
    view.holders.length > mostHolders ? `${number(view.holders.length - mostHolders)} more versions have it.` : '';
  const gone =
    view.gone > 0 ? `${count(view.gone, 'version')} that had it: not in the gallery any more, on no machine.` : '';
  const note = `Packages as of each version's test; machines as of ${clock(view.asOf)}. What was installed later is not known.`;
  return sheet(
    template,
    {
      title: `Who has ${oneLine(asked(view), 120)}`,
      subtitles: [
        dotted(
          count(view.holders.length, 'version'),
          count(total, 'machine'),
          view.team === undefined
            ? total > 0 && `of ${count(view.teams.length, 'team')}`
            : `only ${oneLine(view.team, 40)}`,
        ),
      ],
      buttons: buttons(view),
      next: next(view),
    },
    {
      paragraphs: lines(none),
      tables: [...holdersTable(view.holders.slice(0, mostHolders)), ...teamsTable(view.teams)],
      tints: gapTints(view.gaps),
      notes: lines([unknown(view), cut, gone, note]),
    },
  );
}

function asked({ name, version, below }: WhoHasView): string {
  if (below !== undefined) return `${name} below ${below}`;
  return version === undefined ? name : `${name} ${version}`;
}

function holdersTable(rows: readonly HolderRow[]) {
  return table({
    heading: 'Versions',
    columns: [
      { title: 'Version', width: 5 },
      { title: 'Has', width: 6 },
      { title: 'Machines', width: 3 },
    ],
    rows: rows.map(({ image, version, has, machines, vulnerabilities = [] }) => ({
      cells: [
        cell(`${image} ${version}`, { bold: true }),
        cell(oneLine(dotted(list(has, 3), vulnerabilities.length > 0 && `! ${list(vulnerabilities, 3)}`), 160)),
        cell(machines === undefined ? 'not counted' : number(machines)),
      ],
    })),
  });
}

function teamsTable(rows: WhoHasView['teams']) {
  const shown = rows.slice(0, mostTeams);
  const rest = rows.length > shown.length ? { more: `and ${count(rows.length - shown.length, 'more team')}` } : {};
  return table({
    heading: 'Teams',
    columns: [
      { title: 'Team', width: 6 },
      { title: 'Machines', width: 5 },
    ],
    rows: shown.map(({ team, machines }) => ({
      cells: [cell(teamName(team), { bold: true }), cell(number(machines))],
    })),
    ...rest,
  });
}

function unknown({ unknown: { versions, machines, others } }: WhoHasView): string {
  const parts = [
    ...(versions.length > 0 ? [`${list(versions, 4)} (${count(machines, 'machine')})`] : []),
    ...(others > 0 ? [`${count(others, 'machine')} of other images`] : []),
  ];
  return parts.length === 0 ? '' : `Not known: what is inside ${parts.join(', and ')}.`;
}

function buttons({ holders }: WhoHasView): readonly Button[] {
  const [first] = holders;
  if (first === undefined) return [];
  const ref = `${first.image}@${first.version}`;
  return [showButton(first.image, first.version), whoUsesButton(ref, 'Who uses it')];
}

function next({ holders }: WhoHasView): readonly CommandCall[] {
  const [first] = holders;
  return first === undefined ? [] : [call('show', { ref: `${first.image}@${first.version}`, sbom: true })];
}
