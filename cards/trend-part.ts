import { number } from './format';
import type { Shown } from './standing-part';

interface Week {
  /** ISO week: `2026-W47`. */
  readonly week: string;
  readonly machines: number;
  readonly compliant: number;
}

const heights = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;
const maxWeeks = 8;

/** The share that is evaluated and compliant over the last weeks; a line where Teams draws one. */
export function trendPart(weeks: readonly Week[]): Shown {
  const shown = weeks.filter((week) => week.machines > 0).slice(-maxWeeks);
  if (shown.length < 2) return { blocks: [], twin: [] };
  const points = shown.map((week) => {
    const percent = Math.floor((100 * week.compliant) / week.machines);
    const height = Math.min(heights.length - 1, Math.floor((percent / 100) * heights.length));
    return { label: `W${weekNumber(week.week)}`, value: percent, shown: `${number(percent)}%`, sign: heights[height] };
  });
  const heading = `Evaluated and compliant, ${points.length} weeks`;
  return {
    blocks: [{ heading, axis: 'Percent of the machines that policies judge', points }],
    twin: [`${heading}: ${points.map((point) => `${point.label} ${point.shown}`).join(', ')}`],
  };
}

/** `2026-W47` is week 47. */
export function weekNumber(week: string): number {
  return Number(/W(\d\d)$/.exec(week)?.[1] ?? Number.NaN);
}
