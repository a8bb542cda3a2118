import { call } from '../core/command-call';
import { cell, lines, table } from './parts/blocks';
import { versionsButton } from './parts/buttons';
import { age, clock, count, type Instant, oneLine } from './parts/format';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/images.json';

export interface ImageRow {
  readonly image: string;
  /** `Ubuntu Server 22.04 LTS`. */
  readonly os: string;
  /** Absent: nothing is published yet. */
  readonly latest?: { readonly version: string; readonly publishedAt?: Instant };
  /** True: Azure did not say which versions there are. */
  readonly unknown?: boolean;
  /** Why it cannot be built as the catalogue has it: `no such definition in the gallery`, and what mends that. */
  readonly problem?: { readonly short: string; readonly mend: string };
  /** Exact version of a base that is newer than the latest's. */
  readonly newerBase?: string;
  /** Why nobody knows whether there is a newer one: `Azure is silent`. */
  readonly baseUnknown?: string;
  /** Id of the open run. */
  readonly openRun?: string;
  /** Who has locked it, why and since when: a sentence. */
  readonly lock?: string;
  /** What the open run does: `waits for approval`; publishing when absent. */
  readonly openRunIs?: string;
}

export interface ImagesView {
  readonly gallery: string;
  readonly images: readonly ImageRow[];
  readonly asOf: Instant;
}

/** The golden images: the latest version of each, its age, what is new or going on. */
export function imagesCard(view: ImagesView): Reply {
  const shown = view.images.slice(0, 15);
  const tables = table({
    columns: [
      { title: 'Image', width: 8 },
      { title: 'Latest', width: 5 },
      { title: 'Now', width: 9 },
    ],
    rows: shown.map((row) => ({
      cells: [cell(row.image, { bold: true, under: row.os }), latest(row, view.asOf), now(row)],
    })),
  });
  const cut = view.images.length > shown.length ? `Showing ${shown.length} of ${view.images.length} images.` : '';
  const nothing = shown.length === 0 ? ['The catalogue has no image yet.'] : [];
  const notes = [cut, `As of ${clock(view.asOf)}`];
  const first = shown[0];
  const mends = shown.flatMap(({ image, problem, lock }) => [
    ...(lock === undefined ? [] : [`${image}: ${lock}`]),
    ...(problem ? [`${image}: ${problem.mend}`] : []),
  ]);
  return sheet(
    template,
    {
      title: 'Golden images',
      subtitles: [`gallery ${oneLine(view.gallery, 60)} · ${count(view.images.length, 'image')}`],
      buttons: first === undefined ? [] : [versionsButton(first.image)],
      next: shown.slice(1, 4).map((row) => call('versions', { image: row.image })),
    },
    { tables, paragraphs: lines([...nothing, ...mends]), notes: lines(notes) },
  );
}

function latest(row: ImageRow, asOf: Instant): ReturnType<typeof cell> {
  if (row.unknown) return cell('?');
  if (row.latest === undefined) return cell('none yet');
  const { version, publishedAt } = row.latest;
  if (publishedAt === undefined) return cell(version);
  const old = age(publishedAt, asOf);
  return cell(version, { under: old === 'today' ? old : `${old} old` });
}

function baseOf({ newerBase, baseUnknown }: ImageRow): string {
  if (baseUnknown !== undefined) return `? base unknown: ${baseUnknown}`;
  return newerBase === undefined ? '' : `▲ newer base ${newerBase}`;
}

function runOf({ openRun, openRunIs = 'is publishing' }: ImageRow): string | undefined {
  return openRun === undefined ? undefined : `● ${openRun} ${openRunIs}`;
}

function lockOf({ lock }: ImageRow): string {
  return lock === undefined ? '' : '■ locked';
}

function now(row: ImageRow): ReturnType<typeof cell> {
  const base = baseOf(row);
  if (row.problem) return cell(`✗ ${row.problem.short}`, { under: runOf(row) ?? base });
  const run = runOf(row);
  if (row.unknown) return cell('? Azure is silent', { under: run ?? lockOf(row) });
  if (row.lock !== undefined) return cell(lockOf(row), { under: run ?? base });
  if (run !== undefined) return cell(run, { under: base });
  // Without a version there is nothing whose base could be up to date.
  if (base === '' && row.latest === undefined) return cell('–');
  return cell(base === '' ? '✓ base is up to date' : base);
}
