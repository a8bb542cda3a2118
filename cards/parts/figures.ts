import type { AzureShare, ComplianceFigures, PolicyFigures } from '../../core/compliance';
import { lines } from './blocks';
import { type Button, listButton, type Rows, wire } from './buttons';
import { count, list, number, oneLine } from './format';
import { stateWords } from './words';

type Figure = 'compliant' | 'notCompliant' | 'notEvaluated' | 'exempt';

/** The four numbers of a team, and what they were a week ago. */
export interface FourNumbers {
  readonly now: Readonly<Record<Figure, number>>;
  readonly before?: Readonly<Record<Figure, number>>;
}

export function fourOf(policy: PolicyFigures): Readonly<Record<Figure, number>> {
  const { Compliant: compliant, NonCompliant: notCompliant, Exempt: exempt } = policy.machines;
  return { compliant, notCompliant, notEvaluated: policy.notEvaluated, exempt };
}

const looks: Readonly<Record<Figure, { readonly label: string; readonly state: NonNullable<Rows['state']> }>> = {
  compliant: { label: 'evaluated and compliant', state: 'compliant' },
  notCompliant: { label: 'non-compliant', state: 'not-compliant' },
  notEvaluated: { label: 'not evaluated', state: 'not-evaluated' },
  exempt: { label: 'exempt', state: 'exempt' },
};
const order = Object.keys(looks) as readonly Figure[];

/** The numbers as columns, each of which answers with its rows; below them, what they leave out. */
export function figuresPart(team: string | null, four: FourNumbers, remarks: readonly string[]): readonly object[] {
  const size = sizeFor(Math.max(...Object.values(four.now)));
  const shown = order.map((figure) => {
    const value = four.now[figure];
    const change = four.before === undefined ? '' : difference(value, four.before[figure]);
    return { figure, value, change };
  });
  const numbers = shown.map(({ figure, value, change }) => {
    const title = `List the ${looks[figure].label}`;
    return {
      ...{ value: number(value), size, label: looks[figure].label },
      ...{ under: lines([change]), title, ...wire(rowsOf(team, figure)) },
    };
  });
  return [{ numbers, remarks: lines(remarks) }];
}

export function rowsOf(team: string | null, figure: Figure): Button {
  return listButton(`List ${looks[figure].label}`, team, { state: looks[figure].state });
}

/** On a phone, columns hold four such figures side by side. */
function sizeFor(largest: number): string {
  if (largest < 10_000) return 'ExtraLarge';
  return largest < 100_000 ? 'Large' : 'Default';
}

function difference(now: number, before: number): string {
  if (now === before) return '= unchanged';
  return now > before ? `▲ ${number(now - before)} more` : `▼ ${number(before - now)} fewer`;
}

/** How a team stands, as one sentence; undefined where it has no machines. */
export function standingSentence({ team, machines, policy, lineage }: ComplianceFigures): string | undefined {
  if (machines === 0) return undefined;
  const all = `${count(machines, 'machine')} ${team === null ? 'without a team' : `of ${oneLine(team, 60)}`}`;
  const past = lineage.pastEnd === 0 ? '' : `, ${number(lineage.pastEnd)} past end of life`;
  if (policy === undefined) return `Azure Policy has not said how ${all} ${machines === 1 ? 'stands' : 'stand'}${past}`;
  const bad = policy.machines.NonCompliant;
  const open = policy.notEvaluated === 0 ? '' : `, ${number(policy.notEvaluated)} not evaluated`;
  if (bad === 0) return `None of ${all} is non-compliant${open}${past}`;
  return `${number(bad)} of ${all} ${bad === 1 ? 'is' : 'are'} non-compliant${past}`;
}

/** What the four numbers leave out, so that they add up to all machines and nothing silently passes for compliant. */
export function policyRemarks({ policy, types }: ComplianceFigures): readonly string[] {
  if (policy === undefined) return [];
  const open = (['Conflict', 'Unknown', 'Error'] as const).filter((state) => policy.machines[state] > 0);
  const machines = open.reduce((sum, state) => sum + policy.machines[state], 0);
  const states = open.map((state) => `${number(policy.machines[state])} ${stateWords[state]}`);
  const without =
    machines === 0
      ? ''
      : `${number(machines)} more ${machines === 1 ? 'machine' : 'machines'} without a verdict: ${list(states, 3)}.`;
  return [without, instancesRemark(types.instance), policy.azure === undefined ? '' : azureRemark(policy.azure)];
}

function instancesRemark(instances: number): string {
  if (instances === 0) return '';
  const [is, their] = instances === 1 ? ['is', 'its scale set'] : ['are', 'their scale sets'];
  return `${count(instances, 'scale set instance')} ${is} not among them: Azure Policy evaluates ${their}.`;
}

/** As its portal counts: distinct resources, with exempt and unknown among the good ones. */
function azureRemark({ good, all }: AzureShare): string {
  if (all === 0) return 'Azure shows no percentage: it has evaluated nothing here.';
  const of = `${number(good)} of ${count(all, 'resource')} (a scale set is one)`;
  return `Azure shows ${wholePercent(good, all)} %: ${of} ${good === 1 ? 'is' : 'are'} compliant, exempt or unknown.`;
}

/** Rounded, but 100 only when all of them are good. */
function wholePercent(good: number, all: number): number {
  return good === all ? 100 : Math.min(99, Math.round((good / all) * 100));
}

interface Bar {
  readonly label: string;
  readonly lineage: NonNullable<Rows['lineage']>;
  readonly value: number;
  readonly color: 'Good' | 'Warning' | 'Attention' | 'Accent';
}

/** Horizontal bars, each of which answers with its rows: Teams' charts cannot be clicked, and phones draw none. */
function barsPart(team: string | null, heading: string, bars: readonly Bar[]): readonly object[] {
  const most = Math.max(...bars.map((bar) => bar.value));
  if (!(most > 0)) return [];
  const rows = bars.map((bar) => ({
    ...listed(team, bar),
    label: bar.label,
    value: bar.value,
    most,
    shown: number(bar.value),
    color: bar.color,
    blocks: blocksOf(bar.value / most),
  }));
  return [{ heading, rows }];
}

function listed(team: string | null, { label, lineage }: Bar) {
  const button = listButton(`List ${label}`, team, { lineage });
  return { title: button.title, ...wire(button) };
}

const maxBlocks = 10;

/** A bar of signs where Teams draws none: `■■■□□□□□□□`. What is above zero shows. */
export function blocksOf(share: number): string {
  const filled = share <= 0 ? 0 : Math.max(1, Math.min(maxBlocks, Math.round(share * maxBlocks)));
  return '■'.repeat(filled) + '□'.repeat(maxBlocks - filled);
}

/** How a team's machines compare with golden images. */
export function imageBars(figures: ComplianceFigures): readonly object[] {
  const { lineage } = figures;
  return barsPart(figures.team, 'Images', [
    {
      label: figures.follows ? 'On latest or channel' : 'On latest',
      lineage: 'latest',
      value: lineage.latest,
      color: 'Good',
    },
    { label: '1 behind', lineage: 'one-behind', value: lineage.behind, color: 'Warning' },
    { label: '2+ behind', lineage: 'far-behind', value: lineage.farBehind, color: 'Attention' },
    { label: 'Past end of life', lineage: 'past-end', value: lineage.pastEnd, color: 'Attention' },
    {
      label: 'Not golden',
      lineage: 'not-golden',
      value: lineage.otherGallery + lineage.marketplace,
      color: 'Attention',
    },
    ...(lineage.unknown === 0
      ? []
      : [{ label: 'Origin unknown', lineage: 'unknown' as const, value: lineage.unknown, color: 'Accent' as const }]),
  ]);
}

interface Week {
  /** ISO week: `2026-W47`. */
  readonly week: string;
  readonly machines: number;
  readonly compliant: number;
}

const heights = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
const maxWeeks = 8;

/** The share that is evaluated and compliant over the last weeks; a line where Teams draws one. */
export function trendPart(weeks: readonly Week[]): readonly object[] {
  const shown = weeks.filter((week) => week.machines > 0).slice(-maxWeeks);
  if (shown.length < 2) return [];
  const points = shown.map((week) => {
    const percent = Math.floor((100 * week.compliant) / week.machines);
    const height = Math.min(heights.length - 1, Math.floor((percent / 100) * heights.length));
    return { label: `W${weekNumber(week.week)}`, value: percent, sign: heights[height] };
  });
  const heading = `Evaluated and compliant, ${points.length} weeks`;
  const curve = points.map(({ sign }) => sign).join('');
  const spelled = points.map(({ label, value }) => `${label} ${value}%`).join(' · ');
  return [{ heading, axis: 'Percent of the machines that policies judge', points, curve, spelled }];
}

/** `2026-W47` is week 47. */
export function weekNumber(week: string): number {
  return Number(/W(\d\d)$/.exec(week)?.[1] ?? Number.NaN);
}
