import { sumOf } from '../core/collections';
import { call } from '../core/command-call';
import type { Gap } from '../core/compliance';
import type { Kin } from '../core/lifecycle';
import { type Group, lines, markedRow } from './parts/blocks';
import { showButton, whoUsesButton } from './parts/buttons';
import { clock, count, dotted, type Instant, list, number, oneLine } from './parts/format';
import { gapTints } from './parts/gaps';
import { type PickRow, picksPart } from './parts/picks';
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
  const own = kin.filter(({ isKept }) => isKept);
  const rest = own.slice(mostRows);
  const shared = sharedSource(own);
  const more = `… and ${count(rest.length, 'more version')} with ${count(machinesOf(rest), 'machine')}.`;
  return sheet(
    template,
    {
      title: headline(view),
      subtitles: [builtWords(kin), shared === undefined ? '' : `from ${oneLine(shared, 120)}`],
      buttons: first ? [showButton(image, version ?? first.version), whoUsesButton(ref, 'Who uses it')] : [],
      next: first ? [call('who uses', { ref })] : [call('versions', { image })],
    },
    {
      paragraphs: lines(first ? [] : [`The gallery has no published version of ${image}.`]),
      tints: gapTints(gaps, 3),
      donuts: donutPart(kin),
      picks: picksPart({
        rows: own.slice(0, mostRows).map((one) => pickOf(one, shared)),
        ...(rest.length > 0 && { more }),
      }),
      groups: strangersGroup(kin.filter(({ isKept }) => !isKept)),
      notes: lines([
        `As of ${clock(asOf)}. What was built outside of goldbot is found by Azure’s own record of its source alone.`,
      ]),
    },
  );
}

/** Who stands on a version that has a successor. */
function headline({ image, version, kin }: FamilyView): string {
  const name = oneLine(version === undefined ? image : `${image} ${version}`, 100);
  const whole = kin.some(({ depth }) => depth > 0) ? `${name} and what is made of it` : name;
  const machines = machinesOf(kin);
  if (machines === 0) return `No machine runs ${whole}`;
  const late = sumOf(kin, ({ behind }) => sumOf(behind, (one) => one.machines));
  if (late === 0) return `${count(machines, 'machine')} ${machines === 1 ? 'runs' : 'run'} ${whole}, none behind`;
  return `${number(late)} of ${count(machines, 'machine')} of ${whole} ${late === 1 ? 'is' : 'are'} behind`;
}

function builtWords(kin: readonly Kin[]): string {
  const below = kin.filter(({ depth }) => depth > 0);
  const built = below.filter(({ copyOf }) => copyOf === undefined);
  const copies = below.length - built.length;
  return dotted(
    built.length === 0 ? 'nothing was built from it' : `${count(built.length, 'version')} built from it`,
    copies > 0 && (copies === 1 ? '1 copy of it' : `${number(copies)} copies of it`),
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

/** `Canonical:…:22_04-lts-gen2` where all that was built from a marketplace image was built from this one. */
function sharedSource(kin: readonly Kin[]): string | undefined {
  const sources = kin.flatMap(({ base, copyOf }) => (base?.includes(':') && copyOf === undefined ? [base] : []));
  const names = new Set(sources.map((base) => base.slice(0, base.lastIndexOf(':'))));
  return sources.length > 1 && names.size === 1 ? [...names][0] : undefined;
}

/** `built from 22.04.202610150`: what all are built from stands above the list. */
function sourceWords({ base, copyOf }: Kin, shared: string | undefined): string {
  if (copyOf !== undefined) return `a copy of ${copyOf}`;
  if (base === undefined) return 'its tags do not say what it was built from';
  const isShared = shared !== undefined && base.startsWith(`${shared}:`);
  return `built from ${oneLine(isShared ? base.slice(shared.length + 1) : base, 120)}`;
}

const outdatedWords = ({ outdatedBy }: Kin): string =>
  outdatedBy === undefined ? '' : `! ${outdatedBy} has come since: build it again`;

const branch = ({ depth, image, version }: Kin): string => `${'└ '.repeat(Math.min(depth, 3))}${image} ${version}`;

function pickOf(kin: Kin, shared: string | undefined): PickRow {
  const { image, version, machines, behind } = kin;
  const late = sumOf(behind, (one) => one.machines);
  const whose = list(
    behind.map(({ team, machines: own }) => `${teamName(team)} ${number(own)}`),
    3,
  );
  const { call: users, title } = whoUsesButton(`${image}@${version}`, `Who uses ${image} ${version}`);
  return {
    label: oneLine(branch(kin), 100),
    details: [sourceWords(kin, shared), late === 0 ? '' : `! ${number(late)} behind: ${whose}`, outdatedWords(kin)],
    ...{ figure: number(machines), call: users, title },
  };
}

/** goldbot knows nothing of them but what they were built from: there is nothing to press. */
function strangersGroup(kin: readonly Kin[]): readonly Group[] {
  const rows = kin
    .slice(0, mostRows)
    .map((one) =>
      markedRow(
        'skipped',
        `${one.image} ${one.version}`,
        [sourceWords(one, undefined), outdatedWords(one)],
        'not counted',
      ),
    );
  return rows.length === 0 ? [] : [{ heading: 'Built from it outside of goldbot', rows }];
}
