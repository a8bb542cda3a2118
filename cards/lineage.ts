import { sumOf } from '../core/collections';
import { call } from '../core/command-call';
import type { Gap } from '../core/compliance';
import type { Kin } from '../core/lifecycle';
import { cell, lines, table } from './parts/blocks';
import { showButton, whoUsesButton } from './parts/buttons';
import { clock, count, dotted, type Instant, list, number, oneLine } from './parts/format';
import { gapTints } from './parts/gaps';
import { teamName } from './parts/words';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/lineage.json';

/** What versions were built from, what was built from them, and who stands on one that has a successor. */
export interface FamilyView {
  readonly image: string;
  /** The one that was asked about; all of the image when absent. */
  readonly version?: string;
  /** Each followed by what was built from it. */
  readonly kin: readonly Kin[];
  readonly gaps: readonly Gap[];
  readonly asOf: Instant;
}

const mostRows = 14;

export function lineageCard(view: FamilyView): Reply {
  const { image, version, kin, gaps, asOf } = view;
  const [first] = kin;
  const ref = `${image}@${version ?? first?.version ?? ''}`;
  const rest = kin.slice(mostRows);
  const below = kin.filter(({ depth }) => depth > 0);
  const built = below.filter(({ copyOf }) => copyOf === undefined);
  const copies = below.length - built.length;
  return sheet(
    template,
    {
      title: `Lineage of ${oneLine(version === undefined ? image : `${image} ${version}`, 100)}`,
      subtitles: [
        dotted(
          count(machinesOf(kin), 'machine'),
          built.length === 0 ? 'nothing was built from it' : `${count(built.length, 'version')} built from it`,
          copies > 0 && (copies === 1 ? '1 copy of it' : `${number(copies)} copies of it`),
        ),
      ],
      buttons: first ? [showButton(image, version ?? first.version), whoUsesButton(ref, 'Who uses it')] : [],
      next: first ? [call('who uses', { ref })] : [call('versions', { image })],
    },
    {
      paragraphs: lines(first ? [] : [`The gallery has no published version of ${image}.`]),
      tints: gapTints(gaps, 3),
      donuts: donutPart(kin),
      tables: table({
        columns: [
          { title: 'Version', width: 7 },
          { title: 'Machines', width: 3 },
          { title: 'Built from', width: 8 },
        ],
        rows: kin.slice(0, mostRows).map(rowOf),
        ...(rest.length > 0 && {
          more: `… and ${count(rest.length, 'more version')} with ${count(machinesOf(rest), 'machine')}.`,
        }),
      }),
      notes: lines([
        `As of ${clock(asOf)}. What was built outside of goldbot is found by Azure’s own record of its source alone.`,
      ]),
    },
  );
}

const hues = ['categoricalBlue', 'categoricalTeal', 'categoricalMarigold', 'good', 'warning'] as const;
/** Fewer parts are told at a glance by their numbers. */
const fewestParts = 4;

/** Where the machines stand, most first; for who looks, since the numbers are in the table. */
function donutPart(kin: readonly Kin[]): readonly object[] {
  const most = [...kin].filter(({ machines }) => machines > 0).sort((a, b) => b.machines - a.machines);
  if (most.length < fewestParts) return [];
  const rest = machinesOf(most.slice(hues.length));
  const parts = most.slice(0, hues.length).map(({ image, version, machines }, i) => ({
    ...{ legend: oneLine(`${image} ${version}`, 40), amount: machines, color: hues[i] },
  }));
  const others = rest === 0 ? [] : [{ legend: 'Others', amount: rest, color: 'neutral' }];
  return [{ title: 'Machines by version', value: number(machinesOf(kin)), parts: [...parts, ...others] }];
}

const machinesOf = (kin: readonly Kin[]): number => sumOf(kin, ({ machines }) => machines);

function rowOf({ image, version, depth, isKept, base, copyOf, machines, behind, outdatedBy }: Kin) {
  const late = sumOf(behind, (one) => one.machines);
  const whose = list(
    behind.map(({ team, machines: own }) => `${teamName(team)} ${number(own)}`),
    3,
  );
  return {
    cells: [
      cell(`${'└ '.repeat(Math.min(depth, 3))}${image} ${version}`, {
        bold: depth === 0,
        under: isKept ? '' : 'not an image of goldbot',
      }),
      cell(isKept ? number(machines) : 'not counted', {
        under: late === 0 ? '' : `! ${number(late)} behind: ${whose}`,
      }),
      cell(copyOf === undefined ? (base ?? 'its tags do not say') : `a copy of ${copyOf}`, {
        under: outdatedBy === undefined ? '' : `! ${outdatedBy} has come since: build it anew`,
      }),
    ],
  };
}
