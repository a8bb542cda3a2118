import { grouped } from '../core/collections';
import { type CommandCall, call } from '../core/command-call';
import { type Contents, type ListName, listNames, type Package } from '../core/contents';
import { cell, type Fold, facts, folds, lines, table } from './parts/blocks';
import { type Button, showButton } from './parts/buttons';
import { type FoundView, findingWords, listTitles, listWords } from './parts/contents';
import { count, dotted, type Instant, list, moment, number, oneLine } from './parts/format';
import type { Reply } from './reply';
import { sheet } from './sheet';
import template from './templates/contents.json';

export interface InsideView {
  readonly image: string;
  readonly version: string;
  readonly contents: Contents;
  /** World time at which the test machine told. */
  readonly readAt: Instant;
  /** SHA-256 of the document that is kept. */
  readonly digest: string;
  readonly runId: string;
  /** Absent: the catalogue has no list. */
  readonly vulnerabilities?: FoundView;
  /** Number of the first package to show, counted from 1. */
  readonly from: number;
}

/** Packages that a card has room for. */
export const insidePage = 20;

/** What a version has inside. */
export function contentsCard(view: InsideView): Reply {
  const { os, packages = [] } = view.contents;
  const shown = packages.slice(view.from - 1, view.from - 1 + insidePage);
  const last = view.from - 1 + shown.length;
  const usual = usualOf(packages);
  const rows = shown.map(({ name, version, architecture }) => ({
    cells: [
      cell(oneLine(name, 80)),
      cell(dotted(oneLine(version, 60), architecture !== usual && oneLine(architecture, 12))),
    ],
  }));
  const note = `Read from its test machine on ${moment(view.readAt)}, and kept as CycloneDX 1.6 by ${view.runId}.`;
  return sheet(
    template,
    {
      title: headline(view),
      subtitles: [dotted(oneLine(os.name, 80), os.kernel !== undefined && `kernel ${oneLine(os.kernel, 60)}`)],
      buttons: buttons(view, last < packages.length ? last + 1 : undefined),
      next: next(view),
    },
    {
      facts: facts(
        ['Vulnerabilities', view.vulnerabilities && findingWords(view.vulnerabilities)],
        ['Besides', besides(view.contents)],
      ),
      folds: folds(listsFold(view.contents), {
        title: 'Document',
        snippets: [{ label: 'SHA-256, CycloneDX', text: view.digest }],
      }),
      tables: table({
        heading: `Packages, ${number(view.from)} to ${number(last)} of ${number(packages.length)}${usual === undefined ? '' : `, for ${oneLine(usual, 12)}`}`,
        columns: [
          { title: 'Package', width: 2 },
          { title: 'Version', width: 3 },
        ],
        rows,
      }),
      notes: lines([note]),
    },
  );
}

function headline({ image, version, contents: { packages } }: InsideView): string {
  const what = `inside ${oneLine(image, 60)} ${oneLine(version, 40)}`;
  return packages === undefined ? `Packages ${what} are not known` : `${count(packages.length, 'package')} ${what}`;
}

/** The architecture that most packages are for: what is for another says so. */
function usualOf(packages: readonly Package[]): string | undefined {
  const counts = grouped(packages, ({ architecture }) => architecture);
  const [most] = [...counts].sort(([, a], [, b]) => b.length - a.length);
  return most?.[0];
}

/** Of a part that this system does not have, nothing is said. */
function hasList({ os }: Contents, name: ListName): boolean {
  const windowsOnly = name === 'updates' || name === 'features';
  return windowsOnly === (os.id === 'windows') || (!windowsOnly && name !== 'parameters');
}

/** `16 services · 2 listening ports · 28 kernel parameters`. */
function besides(contents: Contents): string {
  const own = listNames.filter((name) => hasList(contents, name));
  return dotted(
    ...own.map((name) => {
      const values = contents[name];
      return values === undefined
        ? `${listTitles[name].toLowerCase()} not known`
        : count(values.length, listWords[name]);
    }),
  );
}

function listsFold(contents: Contents): Fold {
  const own = listNames.filter((name) => hasList(contents, name));
  return { title: 'Services and settings', facts: facts(...own.flatMap((name) => listFact(contents, name))) };
}

function listFact(contents: Contents, name: ListName): readonly (readonly [string, string])[] {
  const values = contents[name];
  if (values === undefined) return [[listTitles[name], 'not known']];
  const shown = list(
    values.map((value) => oneLine(value, 60)),
    8,
  );
  return [[listTitles[name], values.length === 0 ? 'none' : dotted(number(values.length), shown)]];
}

function buttons({ image, version }: InsideView, from: number | undefined): readonly Button[] {
  const show = showButton(image, version);
  if (from === undefined) return [show];
  return [{ title: 'Next packages', call: call('show', { ref: `${image}@${version}`, sbom: true, from }) }, show];
}

function next({ image, version, contents: { packages = [] } }: InsideView): readonly CommandCall[] {
  return packages.length > insidePage ? [call('show', { ref: `${image}@${version}`, sbom: true, all: true })] : [];
}

/** The whole of it, a line each, for an answer in words. */
export function insideLines({ packages = [], ...contents }: Contents): readonly string[] {
  const named = ({ name, version, architecture }: Package) => `${name} ${version} ${architecture}`;
  return [
    `${count(packages.length, 'package')}:`,
    ...packages.map((one) => oneLine(named(one), 160)),
    ...listNames.flatMap((name) => {
      const values = contents[name];
      return values ? [`${listTitles[name]}:`, ...values.map((value) => oneLine(value, 160))] : [];
    }),
  ];
}
