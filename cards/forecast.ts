import { type CommandCall, line } from '../core/command-call';
import type { Gap } from '../core/compliance';
import { days } from '../core/time';
import { lines, markView } from './parts/blocks';
import { count, day, dotted, type Instant, moment, number, oneLine, shortDay } from './parts/format';
import { gapTints } from './parts/gaps';
import { type PickRow, picksPart } from './parts/picks';
import { asOf, deprecationNote } from './parts/words';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/forecast.json';

export type ForecastKind =
  | 'end-of-life'
  | 'newer-base'
  | 'deprecation'
  | 'deprecated'
  | 'gone'
  | 'gone-from-gallery'
  | 'unusable'
  | 'exemption-ends'
  | 'approval-expires'
  | 'taken-back'
  | 'scheduled';

export interface ForecastEntry {
  readonly at: Instant;
  readonly kind: ForecastKind;
  /** `ubuntu-22 1.3.0`, `exemption of vm-pay-old-01`. */
  readonly what: string;
  /** `9 machines of 2 teams still run it`. */
  readonly detail?: string;
  /** A second line: `its publisher names the offer ubuntu-24_04-lts instead`. */
  readonly more?: string;
  /** What comes next. */
  readonly call: CommandCall;
}

/** What ends or changes soon, by week. */
export interface ForecastView {
  readonly days: number;
  /** In any order. */
  readonly entries: readonly ForecastEntry[];
  /** How many were found, which may be more than the entries passed. */
  readonly total: number;
  /** The one team that was asked about. */
  readonly team?: string;
  readonly gaps: readonly Gap[];
  /** When the marketplace was asked, the oldest of the answers; absent when it has said nothing. */
  readonly marketplaceAsOf?: Instant;
  readonly now: Instant;
}

const maxEntries = 20;
const maxCommands = 4;
const dayMs = days(1);

const kinds: Readonly<Record<ForecastKind, string>> = {
  'end-of-life': 'end of life',
  'newer-base': 'newer base',
  deprecation: 'will be deprecated',
  deprecated: 'deprecated already',
  gone: 'no longer in the marketplace',
  'gone-from-gallery': 'no longer in its gallery',
  unusable: 'nothing can be built from it now',
  'exemption-ends': 'exemption ends',
  'approval-expires': 'approval expires',
  'taken-back': 'goldbot takes it back',
  scheduled: 'scheduled',
};

const retired: ReadonlySet<ForecastKind> = new Set(['deprecation', 'deprecated', 'gone']);

/** A calendar of what ends or changes, by weeks starting on Monday (UTC). */
export function forecastCard(view: ForecastView): Reply {
  const sorted = [...view.entries].sort((a, b) => time(a.at) - time(b.at));
  const shown = sorted.slice(0, maxEntries);
  const picks = weeks(shown, view.now);
  const tints = gapTints(view.gaps, 3);
  const last = shown.at(-1);
  const hidden = view.total - shown.length;
  const cut = hidden > 0 && last !== undefined ? `${number(hidden)} more, from ${day(last.at)} on.` : '';
  const marketplace =
    view.marketplaceAsOf === undefined ? '' : `Marketplace as of ${asOf(view.marketplaceAsOf, view.now)}`;
  const note = dotted(cut, `Control plane as of ${moment(view.now)}`, marketplace);
  const meaning = shown.some(({ kind }) => retired.has(kind)) ? deprecationNote : '';
  const next = new Map(shown.map(({ call }) => [line(call), call]));
  return sheet(
    template,
    {
      title: headline(view),
      subtitles: [
        dotted(
          view.total > 0 && `${count(view.total, 'date')} in the next ${count(view.days, 'day')}`,
          view.team !== undefined && `of ${oneLine(view.team, 80)}`,
        ),
      ],
      buttons: [],
      next: [...next.values()].slice(0, maxCommands),
    },
    { picks, tints, notes: lines([meaning, note]) },
  );
}

/** Whether somebody has to act soon is what people ask for. */
function headline({ entries, days, now }: ForecastView): string {
  const soon = entries.filter((entry) => isSoon(entry, now)).length;
  if (entries.length === 0) return `Nothing ends or changes in the next ${count(days, 'day')}`;
  if (soon === 0) return 'Nothing needs you within a week';
  return `${soon === 1 ? '1 thing needs' : `${number(soon)} things need`} somebody within a week`;
}

/** A timeline: each day with what it brings, by weeks. */
function weeks(entries: readonly ForecastEntry[], now: Instant): readonly object[] {
  const byWeek = new Map<number, PickRow[]>();
  for (const entry of entries) {
    const monday = mondayOf(time(entry.at));
    byWeek.set(monday, [...(byWeek.get(monday) ?? []), entryRow(entry, now)]);
  }
  const thisWeek = mondayOf(time(now));
  return [...byWeek].flatMap(([monday, rows]) => picksPart({ heading: heading(monday, thisWeek), rows }));
}

function heading(monday: number, thisWeek: number): string {
  if (monday < thisWeek) return `Past: week of ${shortDay(new Date(monday))}`;
  if (monday === thisWeek) return 'This week';
  return `Week of Mon ${shortDay(new Date(monday))}`;
}

/** What is over or ends within seven days needs a person. */
function isSoon({ at, kind }: ForecastEntry, now: Instant): boolean {
  return time(at) - time(now) < 7 * dayMs && kind !== 'newer-base' && kind !== 'scheduled';
}

function entryRow(entry: ForecastEntry, now: Instant): PickRow {
  const { at, kind, what, detail, more, call } = entry;
  const left = Math.floor((time(at) - time(now)) / dayMs);
  return {
    label: oneLine(what, 120),
    when: day(at) === day(now) ? 'today' : shortDay(at).slice(0, -3),
    sign: markView(isSoon(entry, now) ? 'needs-person' : 'todo'),
    details: [
      dotted(kinds[kind], detail === undefined ? '' : oneLine(detail, 160), left > 0 && `in ${count(left, 'day')}`),
      more ?? '',
    ],
    ...{ call, title: what },
  };
}

function mondayOf(ms: number): number {
  const midnight = Math.floor(ms / dayMs) * dayMs;
  return midnight - ((new Date(midnight).getUTCDay() + 6) % 7) * dayMs;
}

function time(at: Instant): number {
  return new Date(at).getTime();
}
