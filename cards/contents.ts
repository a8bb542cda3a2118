import { type CommandCall, call } from '../core/command-call';
import { type Contents, type ListName, listNames, type Package } from '../core/contents';
import { cell, facts, lines, table } from './parts/blocks';
import { type Button, showButton } from './parts/buttons';
import { type FoundView, findingWords, listTitles } from './parts/contents';
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
  const rows = shown.map(({ name, version, architecture }) => ({
    cells: [cell(oneLine(name, 80)), cell(oneLine(version, 60)), cell(oneLine(architecture, 12))],
  }));
  const note = `Read from its test machine on ${moment(view.readAt)}, and kept as CycloneDX 1.6 by ${view.runId}.`;
  return sheet(
    template,
    {
      title: `Inside ${view.image} ${view.version}`,
      subtitles: [dotted(oneLine(os.name, 80), os.kernel !== undefined && `kernel ${oneLine(os.kernel, 60)}`)],
      buttons: buttons(view, last < packages.length ? last + 1 : undefined),
      next: next(view),
    },
    {
      facts: facts(
        ['Vulnerabilities', view.vulnerabilities && findingWords(view.vulnerabilities)],
        ['Packages', view.contents.packages === undefined ? 'not known' : number(packages.length)],
        ...listNames.flatMap((name) => listFact(view.contents, name)),
        ['Document', `SHA-256 ${view.digest}`],
      ),
      tables: table({
        heading: `Packages, ${number(view.from)} to ${number(last)} of ${number(packages.length)}`,
        columns: [
          { title: 'Package', width: 5 },
          { title: 'Version', width: 5 },
          { title: 'For', width: 2 },
        ],
        rows,
      }),
      notes: lines([note]),
    },
  );
}

/** Of a part that this system does not have, nothing is said. */
function listFact({ os, ...contents }: Contents, name: ListName): readonly (readonly [string, string])[] {
  const windowsOnly = name === 'updates' || name === 'features';
  if (windowsOnly !== (os.id === 'windows') && (windowsOnly || name === 'parameters')) return [];
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
